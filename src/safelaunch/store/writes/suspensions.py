"""Suspending and restoring Devices (MP105): by the whole Device Model in one go, or one by one as answers tell.

Whoever calls the first kind holds the fleet (`writes.inventory.lock_fleet`), the second kind enters it
(`enter_fleet`): so no answer is judged by a CPL that is being changed.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from safelaunch.domain.alerts import AlertCode
from safelaunch.domain.cpl import DeviceEffect
from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.smi import DeviceType, SmiStatus, UserRole
from safelaunch.domain.suspension import (
    EPISODE,
    RECEIVERS,
    SUSPENDABLE,
    EndCause,
    EpisodeEvent,
    EpisodeState,
    SuspensionCause,
)
from safelaunch.store import sql
from safelaunch.store.arrays import Eui64s, Integers, Texts
from safelaunch.store.models import Suspension, SuspensionEpisode
from safelaunch.store.reads.suspensions import BUCKETS_OF_ARRIVALS, TouchedGroup
from safelaunch.store.transactions import transaction_required

DEVICES_PER_BUCKET = 20_000
"""Devices of one suspension whose alerts are kept together; each addressee has a chunk of its own in it."""

_SUSPENDABLE = [status.value for status in SUSPENDABLE]


@dataclass(frozen=True, slots=True)
class Act:
    """One suspension of a Device Model; `device_count`, as foreseen, counts a hub once."""

    device_model_id: int
    device_count: int
    suspension_id: int = 0

    @property
    def bucket_count(self) -> int:
        """This function will say over how many parts the Devices are spread."""
        return 1 + self.device_count // DEVICES_PER_BUCKET


@dataclass(frozen=True, slots=True)
class Answering:
    """A Device that answered (`target_id`, itself or its GPF), and what the inventory knows of it; its row is locked."""

    device_id: Eui64
    target_id: Eui64
    device_type: str
    smi_status: str
    status_before: str | None
    suspension_id: int | None
    suspended_at: datetime | None
    commissioned_on: date | None
    device_model_id: int
    firmware_version: str
    party_id: int | None
    network_party_id: int | None
    import_party_id: int | None
    gas_party_id: int | None
    is_behind_gpf: bool


@dataclass(frozen=True, slots=True)
class AnsweredModel:
    """What a Device of `from_model_id` is by the version of its answer, and whether the CPL lists that as Active."""

    from_model_id: int
    firmware_version: str
    device_model_id: int
    is_active: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """What becomes of a Device by its answer."""

    device_id: Eui64
    device_model_id: int
    smi_status: SmiStatus
    status_before: SmiStatus | None
    suspension_id: int | None


@dataclass(frozen=True, slots=True)
class Closed:
    """An episode that is over."""

    device_id: Eui64
    suspension_id: int | None
    suspended_at: datetime | None
    status_before: SmiStatus


@dataclass(frozen=True, slots=True)
class Told:
    """An alert about one Device to a Party in one User Role; versions are empty where the alert has none."""

    code: AlertCode
    device_id: Eui64
    party_id: int
    role: UserRole
    firmware_version: str = ""
    smi_firmware_version: str = ""


@dataclass(frozen=True, slots=True)
class RestoredCell:
    """Hubs that were restored to one status, by what the roll-up keeps apart; 0 stands for no Supplier."""

    device_model_id: int
    region_id: int
    import_party_id: int
    gas_party_id: int
    smi_status: str
    hub_count: int


@transaction_required
def begin(*, acts: Sequence[Act], cause: SuspensionCause, actor: str, at: datetime) -> list[Act]:
    """This function will note acts of suspension and give them with their numbers."""
    rows = Suspension.objects.bulk_create(
        Suspension(
            device_model_id=act.device_model_id,
            cause=cause,
            actor=actor,
            suspended_at=at,
            device_count=act.device_count,
            bucket_count=act.bucket_count,
        )
        for act in acts
    )
    return [
        Act(
            device_model_id=act.device_model_id,
            device_count=act.device_count,
            suspension_id=row.suspension_id,
        )
        for act, row in zip(acts, rows, strict=True)
    ]


@transaction_required
def suspend(*, device_type: DeviceType, acts: Sequence[Act], at: datetime) -> list[TouchedGroup]:
    """This function will suspend every Device of Device Models of one type, with N28, and count by those responsible."""
    if device_type is DeviceType.CHF:
        suspended = suspend_hubs(acts=acts, at=at)
        suspend_portfolio(device_model_ids=[act.device_model_id for act in acts])
        return suspended
    if device_type is DeviceType.PPMID:
        return suspend_displays(acts=acts, at=at)
    return suspend_meters(acts=acts, at=at)


def suspend_meters(*, acts: Sequence[Act], at: datetime) -> list[TouchedGroup]:
    """This function will suspend meters and switches."""
    return sql.fetch_all("suspend_meters", TouchedGroup, **_of(acts, at), **_receivers())


def suspend_displays(*, acts: Sequence[Act], at: datetime) -> list[TouchedGroup]:
    """This function will suspend displays."""
    return sql.fetch_all("suspend_displays", TouchedGroup, **_of(acts, at))


def suspend_hubs(*, acts: Sequence[Act], at: datetime) -> list[TouchedGroup]:
    """This function will suspend hubs; `suspend_portfolio` has to follow."""
    return sql.fetch_all("suspend_hubs", TouchedGroup, **_of(acts, at))


def suspend_portfolio(*, device_model_ids: Collection[int]) -> None:
    """This function will let the roll-up of hubs follow a suspension of all that can be suspended."""
    sql.execute("suspend_portfolio", device_model_ids=list(device_model_ids), suspendable=_SUSPENDABLE)


def _of(acts: Sequence[Act], at: datetime) -> dict[str, Any]:
    return {
        "device_model_ids": [act.device_model_id for act in acts],
        "suspension_ids": [act.suspension_id for act in acts],
        "bucket_counts": [act.bucket_count for act in acts],
        "suspendable": _SUSPENDABLE,
        "effect": DeviceEffect.SUSPEND,
        "code": AlertCode.N28,
        "at": at,
    }


def _receivers() -> dict[str, list[str]]:
    pairs = [(kind.value, role.value) for kind, roles in RECEIVERS.items() for role in roles]
    return {"receiver_types": [kind for kind, _ in pairs], "receiver_roles": [role for _, role in pairs]}


@transaction_required
def restore(
    *, device_type: DeviceType, device_model_ids: Collection[int], at: datetime
) -> list[TouchedGroup]:
    """This function will restore every Suspended Device of Device Models of one type, with N29, and count likewise."""
    if device_type is DeviceType.CHF:
        cells = restore_hubs(device_model_ids=device_model_ids, at=at)
        restore_portfolio(cells=cells)
        return [
            TouchedGroup(
                device_model_id=cell.device_model_id,
                effect=DeviceEffect.RESTORE,
                party_id=cell.import_party_id or None,
                other_party_id=cell.gas_party_id or None,
                device_count=cell.hub_count,
            )
            for cell in cells
        ]
    if device_type is DeviceType.PPMID:
        return restore_displays(device_model_ids=device_model_ids, at=at)
    return restore_meters(device_model_ids=device_model_ids, at=at)


def restore_meters(*, device_model_ids: Collection[int], at: datetime) -> list[TouchedGroup]:
    """This function will restore meters and switches."""
    back = _back(device_model_ids, at)
    return sql.fetch_all("restore_meters", TouchedGroup, **back, **_receivers(), effect=DeviceEffect.RESTORE)


def restore_displays(*, device_model_ids: Collection[int], at: datetime) -> list[TouchedGroup]:
    """This function will restore displays."""
    back = _back(device_model_ids, at)
    return sql.fetch_all("restore_displays", TouchedGroup, **back, effect=DeviceEffect.RESTORE)


def restore_hubs(*, device_model_ids: Collection[int], at: datetime) -> list[RestoredCell]:
    """This function will restore hubs; `restore_portfolio` has to follow."""
    return sql.fetch_all("restore_hubs", RestoredCell, **_back(device_model_ids, at))


def _back(device_model_ids: Collection[int], at: datetime) -> dict[str, Any]:
    return {
        "device_model_ids": list(device_model_ids),
        "at": at,
        "ended_because": EndCause.CPL_REINSTATED,
        "code": AlertCode.N29,
        "buckets": BUCKETS_OF_ARRIVALS,
    }


@transaction_required
def restore_activated(*, device_ids: Collection[Eui64], at: datetime) -> int:
    """This function will restore those hubs among some that came to run firmware of the CPL, and give their number."""
    cells = restore_single_hubs(device_ids=device_ids, at=at)
    restore_portfolio(cells=cells)
    return sum(cell.hub_count for cell in cells)


def restore_single_hubs(*, device_ids: Collection[Eui64], at: datetime) -> list[RestoredCell]:
    """This function will restore hubs whose firmware the CPL lists as Active; `restore_portfolio` has to follow."""
    return sql.fetch_all(
        "restore_single_hubs",
        RestoredCell,
        device_ids=Eui64s(device_ids),
        at=at,
        ended_because=EndCause.NEW_FIRMWARE,
        code=AlertCode.N29,
    )


def restore_portfolio(*, cells: Sequence[RestoredCell]) -> None:
    """This function will let the roll-up follow hubs that were restored."""
    if cells:
        sql.execute(
            "restore_portfolio",
            device_model_ids=Integers(cell.device_model_id for cell in cells),
            region_ids=Integers(cell.region_id for cell in cells),
            import_party_ids=Integers(cell.import_party_id for cell in cells),
            gas_party_ids=Integers(cell.gas_party_id for cell in cells),
            statuses=Texts(cell.smi_status for cell in cells),
            hub_counts=Integers(cell.hub_count for cell in cells),
        )


@transaction_required
def enter_fleet() -> None:
    """This function will wait until a change of the CPL is done, and let none begin before this transaction ends."""
    sql.execute("enter_fleet")


@transaction_required
def lock_answering(*, target_ids: Collection[Eui64]) -> list[Answering]:
    """This function will lock the Devices that answered, or whose GPF did, and say what is known of them."""
    return sql.fetch_all("lock_answering", Answering, target_ids=Eui64s(target_ids))


@transaction_required
def add_answered_models(*, pairs: Collection[tuple[int, str]]) -> None:
    """This function will make Device Models known that answers have shown: those of a model, with another version."""
    sql.execute("add_answered_models", **_pairs(pairs))


@transaction_required
def list_answered_models(*, pairs: Collection[tuple[int, str]]) -> list[AnsweredModel]:
    """This function will find the Device Models that answers have shown; unknown ones are left out."""
    return sql.fetch_all("list_answered_models", AnsweredModel, **_pairs(pairs))


def _pairs(pairs: Collection[tuple[int, str]]) -> dict[str, Integers | Texts]:
    return {
        "device_model_ids": Integers(model_id for model_id, _ in pairs),
        "firmware_versions": Texts(version for _, version in pairs),
    }


@transaction_required
def settle_devices(*, shown: Sequence[Shown]) -> None:
    """This function will bring locked Devices to what their answers have shown."""
    if shown:
        sql.execute(
            "settle_devices",
            device_ids=Eui64s(one.device_id for one in shown),
            device_model_ids=Integers(one.device_model_id for one in shown),
            statuses=Texts(one.smi_status.value for one in shown),
            statuses_before=Texts(one.status_before.value if one.status_before else "" for one in shown),
            suspension_ids=Integers(one.suspension_id or 0 for one in shown),
        )


@transaction_required
def append_episodes(*, closed: Iterable[Closed], because: EndCause, at: datetime) -> None:
    """This function will keep episodes that are over because the Device is back."""
    SuspensionEpisode.objects.bulk_create(
        SuspensionEpisode(
            device_id=one.device_id,
            suspension_id=one.suspension_id,
            suspended_at=one.suspended_at,
            ended_at=at,
            status_before=one.status_before,
            state=EpisodeState.RESTORED,
            ended_because=because,
        )
        for one in closed
    )


@transaction_required
def end_by_leaving_service(*, device_id: Eui64, at: datetime) -> bool:
    """This function will end the suspension of a Device that leaves service, and say whether there was one."""
    ended = sql.execute(
        "end_by_leaving_service",
        device_id=device_id,
        at=at,
        state=EPISODE.target(EpisodeEvent.LEAVE_SERVICE).value,
        because=EndCause.LEFT_SERVICE.value,
    )
    return bool(ended)


@transaction_required
def raise_device_alerts(*, told: Sequence[Told], at: datetime) -> None:
    """This function will raise alerts about single Devices, once at each User ID."""
    if told:
        sql.execute(
            "raise_device_alerts",
            at=at,
            codes=Texts(one.code.value for one in told),
            device_ids=Eui64s(one.device_id for one in told),
            party_ids=Integers(one.party_id for one in told),
            roles=Texts(one.role.value for one in told),
            firmware_versions=Texts(one.firmware_version for one in told),
            smi_firmware_versions=Texts(one.smi_firmware_version for one in told),
        )
