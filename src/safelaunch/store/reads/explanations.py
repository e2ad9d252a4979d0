"""What is known of one hub: its facts, its Devices, its history and its place in a campaign.

Every read takes `party_id`, and names no other Supplier to that Party. Whether the Party may see the hub at all, and since
when, its caller asks `domain/responsibility.py`.
"""

import json
from dataclasses import dataclass
from datetime import date, datetime

from safelaunch.domain.campaigns import CampaignRules
from safelaunch.domain.identifiers import Eui64
from safelaunch.store import sql
from safelaunch.store.reads.campaigns import read_rules
from safelaunch.store.reads.suspensions import BUCKETS_OF_ARRIVALS


@dataclass(frozen=True, slots=True)
class HubView:
    """A hub as the inventory knows it; `lot` is its place in the order of turns, 0..2**31-1."""

    device_id: Eui64
    gpf_device_id: Eui64
    lot: int
    manufacturer: str
    model: str
    hardware_version: str
    firmware_version: str
    gbcs_version: str | None
    region: str
    network: str
    smi_status: str
    is_in_use: bool
    commissioned_on: date | None
    import_supplier: str | None
    gas_supplier: str | None


@dataclass(frozen=True, slots=True)
class DeviceView:
    """A Device behind a hub; `mpxn` only for the Party that is responsible for it."""

    device_id: Eui64
    device_type: str
    manufacturer: str
    model: str
    firmware_version: str
    smi_status: str
    mpxn: str | None
    supplier: str | None


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened to a hub: what (a code), where it came from, and what it said."""

    happened_at: datetime
    source: str
    what: str
    detail: str | None
    campaign: str | None


@dataclass(frozen=True, slots=True)
class DeviceFacts:
    """A Device by itself; `mpxn` and `supplier` as in `DeviceView`, `party_id` for the rules alone.

    One that was only announced has no hub, no region and, unless some Device runs it, no Device Model.
    """

    device_id: Eui64
    device_type: str
    hub_device_id: Eui64 | None
    device_model_id: int | None
    manufacturer: str
    model: str
    hardware_version: str
    firmware_version: str
    smets_chts_version: str | None
    gbcs_version: str | None
    cpl_status: str | None
    smi_status: str
    status_before: str | None
    commissioned_on: date | None
    region: str | None
    party_id: int | None
    mpxn: str | None
    supplier: str | None
    network_operator: str | None


@dataclass(frozen=True, slots=True)
class HubStanding:
    """A hub in the campaign that concerns it most; the fields of `domain/explanations.py`, flat."""

    reference: str
    firmware_version: str
    phase: str
    rules: str
    is_held: bool
    held_because: str | None
    pilot_starts_at: datetime | None
    lot_offset: int
    pilot_size: int
    is_target_model: bool
    target_cpl_status: str | None
    region_place: int
    region_is_exhausted: bool
    pilot_place: int | None
    state: str | None
    state_since: datetime | None
    attempt: int | None
    read_count: int | None
    activated_at: datetime | None
    night: date | None

    @property
    def campaign_rules(self) -> CampaignRules:
        """This function will read the stored rules, which raw SQL hands over as JSON text."""
        return read_rules(json.loads(self.rules))


def get_hub(*, device_id: Eui64, party_id: int | None) -> HubView | None:
    """This function will find a hub, whoever may see it."""
    return sql.fetch_one("get_hub", HubView, device_id=device_id, party_id=party_id)


def get_device(*, device_id: Eui64, party_id: int | None) -> DeviceFacts | None:
    """This function will find a Device, CHF and GPF too, whoever may see it."""
    return sql.fetch_one("get_device", DeviceFacts, device_id=device_id, party_id=party_id)


def list_device_happenings(*, device_id: Eui64, party_id: int | None, limit: int = 100) -> list[Happening]:
    """This function will list the latest things that happened to a Device behind a hub, newest first."""
    return sql.fetch_all(
        "list_device_happenings",
        Happening,
        device_id=device_id,
        party_id=party_id,
        buckets=BUCKETS_OF_ARRIVALS,
        limit=limit,
    )


def list_hub_devices(*, device_id: Eui64, party_id: int | None) -> list[DeviceView]:
    """This function will list the Devices behind a hub; the caller has seen that the hub may be seen."""
    return sql.fetch_all("list_hub_devices", DeviceView, device_id=device_id, party_id=party_id)


def list_hub_happenings(*, device_id: Eui64, party_id: int | None, limit: int = 100) -> list[Happening]:
    """This function will list the latest things that happened to a hub, newest first."""
    return sql.fetch_all(
        "list_hub_happenings", Happening, device_id=device_id, party_id=party_id, limit=limit
    )


def get_hub_standing(*, device_id: Eui64, party_id: int | None) -> HubStanding | None:
    """This function will find where a hub stands in the campaign that concerns it most, or None when none does."""
    return sql.fetch_one("get_hub_standing", HubStanding, device_id=device_id, party_id=party_id)
