"""Changing the inventory by what Users told; every change goes into the history with whoever told it."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError

from safelaunch.domain.hub_upgrades import HUB_UPGRADE, HubEvent
from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.inventory_requests import ChangeKind
from safelaunch.domain.lots import lot_of
from safelaunch.domain.smi import DeviceType, SmiStatus
from safelaunch.store import sql
from safelaunch.store.models import Device, DeviceModel, InventoryChange, PrenotifiedDevice
from safelaunch.store.reads.inventory_requests import Announced, ModelFacts
from safelaunch.store.transactions import savepoint, transaction_required
from safelaunch.store.writes import counts
from safelaunch.store.writes.counts import CountShift


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change for the history: what it was, what it is, and what else was said."""

    device_id: Eui64
    kind: ChangeKind
    party_id: int
    service_request_id: int
    at: datetime
    before: str | None = None
    after: str | None = None
    detail: dict[str, Any] = field(default_factory=dict)


@transaction_required
def append_change(*, change: Change) -> None:
    """This function will add a change to the history."""
    InventoryChange.objects.create(
        device_id=change.device_id,
        kind=change.kind,
        party_id=change.party_id,
        service_request_id=change.service_request_id,
        happened_at=change.at,
        before=change.before,
        after=change.after,
        detail=change.detail,
    )


@transaction_required
def change_hub(
    *,
    device_id: Eui64,
    smi_status: SmiStatus | None = None,
    device_model_id: int | None = None,
    commissioned_on: date | None = None,
) -> None:
    """This function will change a hub, CHF and GPF together, and keep the portfolio roll-up; None leaves as it is.

    A status that is told ends whatever suspension there was; with it goes what that would have restored.
    """
    sql.execute(
        "change_hub",
        device_id=device_id,
        smi_status=None if smi_status is None else smi_status.value,
        device_model_id=device_model_id,
        commissioned_on=commissioned_on,
    )


@dataclass(frozen=True, slots=True)
class NewHome:
    """A home that nobody was in before: its region, and the Parties that are responsible for it."""

    region_id: int
    import_party_id: int | None = None
    gas_party_id: int | None = None


@transaction_required
def admit_hub(
    *,
    announced: Announced,
    device_model_id: int,
    home: Eui64 | NewHome,
    commissioned_on: date,
    suspension_id: int | None = None,
) -> None:
    """This function will add an announced hub to the fleet and the portfolio roll-up.

    Args:
        announced: the hub; with its GPF.
        device_model_id: of its Device Model.
        home: the hub whose region and Responsible Suppliers it shares, or a home that nobody was in before.
        commissioned_on: the day.
        suspension_id: what suspends it as it enters, if anything does.
    """
    is_suspended = suspension_id is not None
    sql.execute(
        "admit_hub",
        device_id=announced.device_id,
        gpf_device_id=announced.gpf_device_id,
        lot=lot_of(announced.device_id),
        device_model_id=device_model_id,
        commissioned_on=commissioned_on,
        smi_status=(SmiStatus.SUSPENDED if is_suspended else SmiStatus.COMMISSIONED).value,
        status_before=SmiStatus.COMMISSIONED.value if is_suspended else None,
        suspension_id=suspension_id,
        home_device_id=None if isinstance(home, NewHome) else home,
        region_id=home.region_id if isinstance(home, NewHome) else None,
        import_party_id=home.import_party_id if isinstance(home, NewHome) else None,
        gas_party_id=home.gas_party_id if isinstance(home, NewHome) else None,
    )


@transaction_required
def move_home(*, from_device_id: Eui64, to_device_id: Eui64) -> None:
    """This function will put what is behind one hub, and what is planned for or waits to be sent to it, behind another."""
    sql.execute("move_home", from_device_id=from_device_id, to_device_id=to_device_id)


@transaction_required
def lock_home(*, hub_device_id: Eui64) -> None:
    """This function will keep the Devices behind a hub where they are until the transaction ends."""
    sql.fetch_value("lock_home", hub_device_id=hub_device_id)


@dataclass(frozen=True, slots=True)
class _Withdrawn:
    campaign_id: int
    tranche_id: int
    region_id: int
    import_party_id: int
    gas_party_id: int
    state: str


@transaction_required
def withdraw_leaving(*, device_id: Eui64, at: datetime) -> list[str]:
    """This function will have a hub that leaves service be a target no more (Q15), keep both roll-ups, and give how its upgrades stood.

    Upgrades are locked here, so this goes before anything is done to the hub itself, as in the reports of networks.
    """
    to_state = HUB_UPGRADE.target(HubEvent.LEAVE_SERVICE).value
    rows = sql.fetch_all(
        "withdraw_leaving",
        _Withdrawn,
        device_id=device_id,
        from_states=HUB_UPGRADE.sources(HubEvent.LEAVE_SERVICE),
        to_state=to_state,
        at=at,
    )
    for row in sorted(rows, key=lambda row: row.campaign_id):
        cell = (row.tranche_id, row.region_id, row.import_party_id, row.gas_party_id)
        shifts = [CountShift(*cell, row.state, -1), CountShift(*cell, to_state, 1)]
        counts.shift(campaign_id=row.campaign_id, shifts=shifts)
    return [row.state for row in rows]


@transaction_required
def delete_hub(*, device_id: Eui64) -> None:
    """This function will take a hub out of the inventory and the portfolio roll-up."""
    sql.execute("delete_hub", device_id=device_id)


@transaction_required
def change_device(
    *,
    device_id: Eui64,
    smi_status: SmiStatus | None = None,
    device_model_id: int | None = None,
    mpxn: str | None = None,
) -> None:
    """This function will change a Device behind a hub; None leaves as it is, and a status ends a suspension likewise."""
    told = {"smi_status": smi_status, "device_model_id": device_model_id, "mpxn": mpxn}
    changes: dict[str, object] = {name: value for name, value in told.items() if value is not None}
    if smi_status is not None:
        changes |= {"status_before": None, "suspension_id": None}
    Device.objects.filter(device_id=device_id).update(**changes)


@transaction_required
def delete_device(*, device_id: Eui64) -> None:
    """This function will take a Device behind a hub out of the inventory."""
    Device.objects.filter(device_id=device_id).delete()


@transaction_required
def announce(*, announced: Announced) -> bool:
    """This function will keep a pre-notified Device, and say whether it is new; somebody else may have been first."""
    row = PrenotifiedDevice(
        device_id=announced.device_id,
        device_type=announced.device_type,
        smi_status=announced.smi_status,
        manufacturer=announced.manufacturer,
        model=announced.model,
        firmware_version=announced.firmware_version,
        smets_chts_version=announced.smets_chts_version,
        esme_variant=announced.esme_variant,
        gpf_device_id=announced.gpf_device_id,
        mpxn=announced.mpxn,
        party_id=announced.party_id,
        prenotified_at=announced.prenotified_at,
    )
    try:
        with savepoint():
            row.save(force_insert=True)
    except IntegrityError:
        return False
    return True


@transaction_required
def change_announced(*, device_id: Eui64, **changes: str | None) -> None:
    """This function will change a pre-notified Device; `changes` are fields of `Announced`."""
    PrenotifiedDevice.objects.filter(pk=device_id).update(**changes)


@transaction_required
def delete_announced(*, device_id: Eui64) -> None:
    """This function will take a pre-notified Device out of the inventory."""
    PrenotifiedDevice.objects.filter(pk=device_id).delete()


@transaction_required
def add_model(*, model: ModelFacts) -> int:
    """This function will give the number of a Device Model that no list has to know (Type 2), adding it if need be."""
    row, _ = DeviceModel.objects.get_or_create(
        device_type=DeviceType(model.device_type),
        manufacturer=model.manufacturer,
        model=model.model,
        hardware_version=model.hardware_version,
        firmware_version=model.firmware_version,
    )
    return int(row.pk)
