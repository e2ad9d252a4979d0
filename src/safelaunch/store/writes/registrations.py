"""Registrations: staged and kept, and carried out when their instant has come; each step is one statement for a set."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from safelaunch.domain.campaigns import OPEN
from safelaunch.domain.hub_upgrades import HUB_UPGRADE, HubEvent
from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.registrations import SINCE_EVER, Known, Pair, Stated
from safelaunch.store import sql
from safelaunch.store.arrays import Bigints, Eui64s, Integers, Moments, Texts
from safelaunch.store.transactions import transaction_required


@transaction_required
def stage(*, stated: Iterable[Stated]) -> None:
    """This function will wait for its turn and stage registrations that make sense by themselves."""
    lock_registrations()
    create_registration_stage()
    copy_registration_stage(stated=stated)
    analyze_registration_stage()


def lock_registrations() -> None:
    """This function will keep others from stating registrations or carrying them out until the transaction ends."""
    sql.fetch_value("lock_registrations")


def create_registration_stage() -> None:
    """This function will make the staging table, gone when the transaction ends."""
    sql.execute("create_registration_stage")


def copy_registration_stage(*, stated: Iterable[Stated]) -> None:
    """This function will stage registrations."""
    rows = ((one.line, one.mpxn, one.role.value, one.party_id, one.starts_at) for one in stated)
    sql.copy_rows("copy_registration_stage", rows)


def analyze_registration_stage() -> None:
    """This function will let the planner know how many registrations were staged."""
    sql.execute("analyze_registration_stage")


@transaction_required
def list_known_registrations() -> dict[int, Known]:
    """This function will say what is known of the supply point of each staged registration, by line."""
    return {known.line: known for known in sql.fetch_all("list_known_registrations", Known)}


@dataclass(frozen=True, slots=True)
class Touched:
    """What registrations touch as things stand."""

    hubs: int
    hubs_under_way: int
    open_commands: int


@transaction_required
def count_consequences(*, lines: Collection[int], under_way: Sequence[str]) -> Touched:
    """This function will count what staged registrations of some lines touch; `under_way` is states of hubs."""
    touched = sql.fetch_one("count_consequences", Touched, lines=Integers(lines), under_way=list(under_way))
    return touched or Touched(0, 0, 0)


@transaction_required
def keep_registrations(*, lines: Collection[int], at: datetime) -> int:
    """This function will keep staged registrations of some lines, and give their number.

    What took effect is not touched. A supply point that had no registration has its meter's Supplier kept as its first.
    """
    return sql.execute("keep_registrations", lines=Integers(lines), since_ever=SINCE_EVER, at=at)


@transaction_required
def note_smi_registrations(*, at: datetime) -> int:
    """This function will have known meters change hands now that the staged inventory gives to others, and count them."""
    lock_registrations()
    return sql.execute("note_smi_registrations", since_ever=SINCE_EVER, at=at)


@dataclass(frozen=True, slots=True)
class Due:
    """A registration that takes effect; None stands for nobody."""

    mpxn: str
    role: str
    starts_at: datetime
    gaining: int | None
    losing: int | None


@transaction_required
def take_due_registrations(*, at: datetime, limit: int) -> list[Due]:
    """This function will have registrations take effect whose instant has come, one of each supply point and role.

    Its caller holds the lock of registrations.
    """
    return sql.fetch_all("take_due_registrations", Due, at=at, limit=limit)


@dataclass(frozen=True, slots=True)
class HandedMeter:
    """A meter that changed hands, by its hub and User Role."""

    hub_device_id: Eui64
    role: str
    losing: int | None
    gaining: int | None


@transaction_required
def hand_over_devices(*, due: Sequence[Due]) -> list[HandedMeter]:
    """This function will give meters, and what goes with them, to the Suppliers that are responsible for them now."""
    return sql.fetch_all(
        "hand_over_devices",
        HandedMeter,
        mpxns=Texts(one.mpxn for one in due),
        roles=Texts(one.role for one in due),
        losing=Integers(one.losing or 0 for one in due),
        gaining=Integers(one.gaining or 0 for one in due),
    )


@dataclass(frozen=True, slots=True)
class _PairRow:
    device_id: Eui64
    import_party_id: int | None
    gas_party_id: int | None


@transaction_required
def list_hub_pairs(*, hub_device_ids: Collection[Eui64]) -> dict[Eui64, Pair]:
    """This function will say who is responsible for hubs by the meters behind them."""
    rows = sql.fetch_all("list_hub_pairs", _PairRow, hub_device_ids=Eui64s(hub_device_ids))
    return {row.device_id: Pair(row.import_party_id, row.gas_party_id) for row in rows}


@dataclass(frozen=True, slots=True)
class OpenCampaign:
    """A campaign that is published and not ended."""

    campaign_id: int
    reference: str
    deploy_by: date


@transaction_required
def lock_open_campaigns() -> list[OpenCampaign]:
    """This function will keep open campaigns from planning until the transaction ends, and list them."""
    return sql.fetch_all("lock_open_campaigns", OpenCampaign, phases=[phase.value for phase in OPEN])


@transaction_required
def hand_over(*, pairs: dict[Eui64, Pair]) -> None:
    """This function will give hubs and their upgrades to their Responsible Suppliers, with both roll-ups.

    Upgrades go first, as in the reports of networks, so that the two never wait for each other in a circle.
    """
    lock_hub_upgrades(hub_device_ids=pairs)
    hand_over_upgrades(pairs=pairs)
    hand_over_hubs(pairs=pairs)


@transaction_required
def keep_former_suppliers(*, due: Sequence[Due]) -> None:
    """This function will keep who was responsible until now for hubs whose upgrades are under way (Q4)."""
    sql.execute(
        "keep_former_suppliers",
        mpxns=Texts(one.mpxn for one in due),
        roles=Texts(one.role for one in due),
        untils=Moments(one.starts_at for one in due),
        losing=Integers(one.losing or 0 for one in due),
        under_way=HUB_UPGRADE.sources(HubEvent.ACTIVATE),
    )


def lock_hub_upgrades(*, hub_device_ids: Collection[Eui64]) -> None:
    """This function will keep others from moving the upgrades of hubs."""
    sql.fetch_value("lock_hub_upgrades", hub_device_ids=Eui64s(hub_device_ids))


def hand_over_upgrades(*, pairs: dict[Eui64, Pair]) -> None:
    """This function will have upgrades follow their hubs."""
    sql.execute(
        "hand_over_upgrades",
        hub_device_ids=Eui64s(pairs),
        import_party_ids=Integers(pair.import_party_id or 0 for pair in pairs.values()),
        gas_party_ids=Integers(pair.gas_party_id or 0 for pair in pairs.values()),
    )


def hand_over_hubs(*, pairs: dict[Eui64, Pair]) -> None:
    """This function will give hubs to their Responsible Suppliers."""
    sql.execute(
        "hand_over_hubs",
        hub_device_ids=Eui64s(pairs),
        import_party_ids=Integers(pair.import_party_id or 0 for pair in pairs.values()),
        gas_party_ids=Integers(pair.gas_party_id or 0 for pair in pairs.values()),
    )


Shift = tuple[Eui64, int, int]
"""A hub, a Party, and 1 where it came to the hub or -1 where it left it."""


@dataclass(frozen=True, slots=True)
class Noticed:
    """A Party that came to hubs of a campaign, and their number."""

    campaign_id: int
    party: str
    hub_count: int


@transaction_required
def shift_supplier_notices(
    *, shifts: Sequence[Shift], campaign_ids: Collection[int], at: datetime
) -> list[Noticed]:
    """This function will give notice of campaigns to Parties that came to their hubs, and say to whom (Q4)."""
    if not shifts or not campaign_ids:
        return []
    return sql.fetch_all(
        "shift_supplier_notices",
        Noticed,
        hub_device_ids=Eui64s(hub for hub, _, _ in shifts),
        party_ids=Integers(party for _, party, _ in shifts),
        changes=Integers(change for _, _, change in shifts),
        campaign_ids=Integers(campaign_ids),
        at=at,
    )


Lost = tuple[Eui64, int, str]
"""A hub, the Party that has lost it, and the User Role in which it had it."""


@transaction_required
def lapse_nominations(*, lost: Sequence[Lost], at: datetime) -> int:
    """This function will have nominations lapse whose Supplier has lost the hub, and give their number (Q4)."""
    if not lost:
        return 0
    return sql.execute(
        "lapse_nominations",
        hub_device_ids=Eui64s(hub for hub, _, _ in lost),
        party_ids=Integers(party for _, party, _ in lost),
        roles=Texts(role for _, _, role in lost),
        at=at,
    )


@dataclass(frozen=True, slots=True)
class OpenMatter:
    """A command or a plan that is still to be done, in one User Role of the User that asked for it."""

    number: int
    service_request_id: int
    hub_device_id: Eui64
    device_type: str | None
    party_id: int
    role: str
    state: str


@transaction_required
def lock_open_commands(*, hub_device_ids: Collection[Eui64], party_ids: Collection[int]) -> list[OpenMatter]:
    """This function will lock commands to Devices of homes that Users of some Parties asked for and are not done."""
    return sql.fetch_all(
        "lock_open_commands",
        OpenMatter,
        hub_device_ids=Eui64s(hub_device_ids),
        party_ids=Integers(party_ids),
    )


@transaction_required
def list_open_plans(
    *, hub_device_ids: Collection[Eui64], party_ids: Collection[int], at: datetime
) -> list[OpenMatter]:
    """This function will list what Users of some Parties plan for homes and have not taken back."""
    return sql.fetch_all(
        "list_open_plans",
        OpenMatter,
        hub_device_ids=Eui64s(hub_device_ids),
        party_ids=Integers(party_ids),
        at=at,
    )


@transaction_required
def lapse_plans(*, planned_event_ids: Collection[int], at: datetime) -> int:
    """This function will plan some things no more, and give their number."""
    if not planned_event_ids:
        return 0
    return sql.execute("lapse_plans", planned_event_ids=Bigints(planned_event_ids), at=at)
