"""Taking in what the CSPs report: log, moves, inventory, alerts; each step is one statement for a whole batch."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from safelaunch.domain.alerts import AlertCode
from safelaunch.domain.events import Effect
from safelaunch.domain.hub_upgrades import HubState, Report
from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.smi import Network
from safelaunch.store import sql
from safelaunch.store.arrays import Bigints, Eui64s, Integers, Moments, Texts
from safelaunch.store.transactions import transaction_required

_NEVER = datetime.min.replace(tzinfo=UTC)
_ESCAPED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
"""What would end a field or a row in COPY's text form, and how it is written there."""


@dataclass(slots=True)
class Standing:
    """How a hub stands in a campaign; its row is locked. A report that moves it sets `state` and `since`."""

    device_id: Eui64
    state: str
    attempt: int
    tranche_id: int
    region_id: int
    import_party_id: int
    gas_party_id: int
    since: datetime = _NEVER


@dataclass(frozen=True, slots=True)
class _Number:
    number: int


@dataclass(frozen=True, slots=True)
class _DeviceId:
    device_id: Eui64


@dataclass(frozen=True, slots=True)
class _Responsible:
    device_id: Eui64
    role: str
    party_id: int


@transaction_required
def add_batch(
    *, network: Network, batch: int, event_count: int, body_digest: bytes, received_at: datetime
) -> bool:
    """This function will note a signed batch and say whether it is new."""
    added = sql.execute(
        "add_batch",
        network=network,
        batch=batch,
        event_count=event_count,
        body_digest=body_digest,
        received_at=received_at,
    )
    return added == 1


@transaction_required
def list_known_numbers(*, network: Network, numbers: list[int]) -> set[int]:
    """This function will say which event numbers have been taken in before."""
    rows = sql.fetch_all("list_known_numbers", _Number, network=network, numbers=Bigints(numbers))
    return {row.number for row in rows}


@transaction_required
def lock_standing(*, campaign_id: int, device_ids: Collection[Eui64]) -> dict[Eui64, Standing]:
    """This function will lock the hubs' rows in a campaign and say how they stand, in the order of Device IDs."""
    rows = sql.fetch_all("lock_standing", Standing, campaign_id=campaign_id, device_ids=Eui64s(device_ids))
    return {row.device_id: row for row in rows}


@transaction_required
def list_known_hubs(*, device_ids: Collection[Eui64]) -> set[Eui64]:
    """This function will say which Device IDs are hubs of the inventory."""
    rows = sql.fetch_all("list_known_hubs", _DeviceId, device_ids=Eui64s(device_ids))
    return {row.device_id for row in rows}


@transaction_required
def append_events(
    *, network: Network, received_at: datetime, judged: Iterable[tuple[Report, Effect, HubState | None]]
) -> None:
    """This function will keep reports for good, with what each did and the state it led to."""
    ends: dict[tuple[object, ...], str] = {}
    lines, sender = [], network.value
    for report, effect, state in judged:
        applied = state if effect is Effect.APPLIED else None
        told = (
            report.campaign_id,
            report.attempt,
            report.kind,
            effect,
            applied,
            report.firmware_version,
            report.reason,
        )
        # Reports differ in who and when; what they tell is mostly the same, and written once.
        end = ends.get(told)
        if end is None:
            end = ends[told] = "\t".join(_field(value) for value in (received_at.isoformat(), *told))
        lines.append(
            f"{sender}\t{report.number}\t{report.device_id}\t{report.happened_at.isoformat()}\t{end}\n"
        )
    sql.copy_octets("append_events", ["".join(lines).encode()])


def _field(value: object) -> str:
    return "\\N" if value is None else str(value).translate(_ESCAPED)


@transaction_required
def move_hubs(*, campaign_id: int, moved: Collection[Standing]) -> None:
    """This function will move locked hubs to the states that the reports have led them to."""
    if moved:
        sql.execute(
            "move_hubs",
            campaign_id=campaign_id,
            device_ids=Eui64s(hub.device_id for hub in moved),
            states=Texts(hub.state for hub in moved),
            times=Moments(hub.since for hub in moved),
        )


@transaction_required
def activate_hubs(*, campaign_id: int, device_ids: Collection[Eui64]) -> None:
    """This function will give hubs their new Device Model in the inventory, CHF and GPF together (R-0024-30)."""
    sql.execute("activate_hubs", campaign_id=campaign_id, device_ids=Eui64s(device_ids))


@transaction_required
def list_responsible_then(*, activated: Sequence[Standing]) -> dict[tuple[Eui64, str], int]:
    """This function will say who was responsible when hubs activated, by hub and User Role; 0 is nobody.

    Only where a registration began since, or had begun and is not carried out, may that differ from what stands (Q4).
    """
    rows = sql.fetch_all(
        "list_responsible_then",
        _Responsible,
        device_ids=Eui64s(hub.device_id for hub in activated),
        times=Moments(hub.since for hub in activated),
        latest=max(hub.since for hub in activated),
    )
    return {(row.device_id, row.role): row.party_id for row in rows}


@transaction_required
def raise_activation_alerts(
    *, campaign_id: int, firmware_version: str, activated: Sequence[Standing], raised_at: datetime
) -> bool:
    """This function will raise N64 to each Responsible Supplier of hubs that have activated (R-0024-26).

    Whose a hub was when it activated counts, not when it tells (Q4). It says whether any of them is owed the message itself,
    at its address.
    """
    then = list_responsible_then(activated=activated)
    is_anybody_owed: bool = sql.fetch_value(
        "raise_activation_alerts",
        code=AlertCode.N64,
        campaign_id=campaign_id,
        firmware_version=firmware_version,
        raised_at=raised_at,
        device_ids=Eui64s(hub.device_id for hub in activated),
        region_ids=Integers(hub.region_id for hub in activated),
        import_party_ids=Integers(then.get((hub.device_id, "IS"), hub.import_party_id) for hub in activated),
        gas_party_ids=Integers(then.get((hub.device_id, "GS"), hub.gas_party_id) for hub in activated),
    )
    return is_anybody_owed
