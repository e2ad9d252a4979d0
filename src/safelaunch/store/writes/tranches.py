"""Planning nights: tranches, chunks and hub rows, by one statement each."""

from dataclasses import dataclass
from datetime import date, datetime

from safelaunch.domain.campaigns import Phase
from safelaunch.domain.hub_upgrades import HUB_UPGRADE, MAX_ATTEMPTS, HubEvent, HubState
from safelaunch.domain.identifiers import Eui64
from safelaunch.store import sql
from safelaunch.store.transactions import transaction_required
from safelaunch.store.writes import counts
from safelaunch.store.writes.counts import CountShift

CHUNK_SIZE = 1_000
"""Hubs handed over together."""


@dataclass(frozen=True, slots=True)
class Night:
    """The tranche being planned; `has_own_turns` where some hubs of the campaign do not go with the others."""

    campaign_id: int
    region_id: int
    tranche_id: int
    planned_at: datetime
    has_own_turns: bool = False


@dataclass(frozen=True, slots=True)
class Selected:
    """What a selection took: how many hubs, and the last lot among them."""

    hub_count: int
    last_lot: int | None


@dataclass(frozen=True, slots=True)
class PairCount:
    """Hubs of a pair of Suppliers that were given their turn, and the last lot among them."""

    import_party_id: int
    gas_party_id: int
    hub_count: int
    last_lot: int


@dataclass(frozen=True, slots=True)
class _DeviceId:
    device_id: Eui64


@dataclass(frozen=True, slots=True)
class MovedCount:
    """Hubs of a tranche and pair of Suppliers that left a state."""

    tranche_id: int
    region_id: int
    import_party_id: int
    gas_party_id: int
    from_state: str
    hub_count: int


@transaction_required
def open_tranche(
    *, campaign_id: int, region_id: int, night: date, phase: Phase, planned_at: datetime
) -> Night:
    """This function will open the tranche of a region and night; a second one is refused by its key."""
    tranche_id: int = sql.fetch_value(
        "open_tranche",
        campaign_id=campaign_id,
        region_id=region_id,
        night=night,
        phase=phase,
        planned_at=planned_at,
    )
    return Night(campaign_id=campaign_id, region_id=region_id, tranche_id=tranche_id, planned_at=planned_at)


@transaction_required
def select_hubs_by_lot(
    *, night: Night, from_model_ids: list[int], lots: range, hub_count: int, is_second_pass: bool
) -> Selected:
    """This function will give the next eligible hubs in `lots` their turn, at most `hub_count`.

    Hubs may share a lot and go on different nights, so a stretch begins at the last lot of the one before.
    """
    taken = list_taken_at_lot(night=night, lot=lots.start)
    rows = sql.fetch_all(
        "select_hubs_by_lot",
        PairCount,
        campaign_id=night.campaign_id,
        region_id=night.region_id,
        tranche_id=night.tranche_id,
        planned_at=night.planned_at,
        from_model_ids=from_model_ids,
        from_lot=lots.start,
        until_lot=lots.stop,
        hub_count=hub_count,
        is_second_pass=is_second_pass,
        taken=taken,
        has_own_turns=night.has_own_turns,
        chunk_size=CHUNK_SIZE,
    )
    return count_new(night=night, rows=rows)


def list_taken_at_lot(*, night: Night, lot: int) -> list[Eui64]:
    """This function will list the hubs of one lot that have had their turn."""
    rows = sql.fetch_all(
        "list_taken_at_lot",
        _DeviceId,
        campaign_id=night.campaign_id,
        region_id=night.region_id,
        lot=lot,
    )
    return [row.device_id for row in rows]


@transaction_required
def renew_statistics() -> None:
    """This function will let the planner know how far campaigns have come, when they have outgrown what it knows.

    A statement that was prepared while a campaign was small reads every row of it for each hub ever after; the
    autovacuum daemon comes round minutes later.
    """
    if sql.fetch_value("has_outgrown_statistics"):
        sql.execute("renew_statistics")


@transaction_required
def lock_nights() -> None:
    """This function will keep other campaigns from planning until the transaction ends."""
    sql.fetch_value("lock_nights")


@transaction_required
def select_pilot_hubs(*, night: Night, from_model_ids: list[int], hub_count: int) -> Selected:
    """This function will give the next hubs of the Default Pilot List their turn."""
    rows = sql.fetch_all(
        "select_pilot_hubs",
        PairCount,
        campaign_id=night.campaign_id,
        region_id=night.region_id,
        tranche_id=night.tranche_id,
        planned_at=night.planned_at,
        from_model_ids=from_model_ids,
        hub_count=hub_count,
        has_own_turns=night.has_own_turns,
        chunk_size=CHUNK_SIZE,
    )
    return count_new(night=night, rows=rows)


def count_new(*, night: Night, rows: list[PairCount]) -> Selected:
    """This function will carry hubs that were given their turn over into the roll-ups, and give their number."""
    counts.shift(
        campaign_id=night.campaign_id,
        shifts=[
            CountShift(
                tranche_id=night.tranche_id,
                region_id=night.region_id,
                import_party_id=row.import_party_id,
                gas_party_id=row.gas_party_id,
                state=HubState.PLANNED,
                change=row.hub_count,
            )
            for row in rows
        ],
    )
    return Selected(
        hub_count=sum(row.hub_count for row in rows),
        last_lot=max((row.last_lot for row in rows), default=None),
    )


@transaction_required
def plan_retries(*, night: Night, before: datetime, hub_count: int) -> int:
    """This function will plan another attempt for hubs that have waited since `before`, and give their number (Q16)."""
    rows = sql.fetch_all(
        "plan_retries",
        MovedCount,
        campaign_id=night.campaign_id,
        region_id=night.region_id,
        tranche_id=night.tranche_id,
        planned_at=night.planned_at,
        before=before,
        retry_states=HUB_UPGRADE.sources(HubEvent.RETRY),
        to_state=HUB_UPGRADE.target(HubEvent.RETRY),
        max_attempts=MAX_ATTEMPTS,
        has_own_turns=night.has_own_turns,
        hub_count=hub_count,
        chunk_size=CHUNK_SIZE,
    )
    return shift_moved(campaign_id=night.campaign_id, to_state=HUB_UPGRADE.target(HubEvent.RETRY), rows=rows)


def shift_moved(*, campaign_id: int, to_state: HubState, rows: list[MovedCount]) -> int:
    """This function will carry moved hubs over in the roll-ups and give their number."""
    counts.shift(
        campaign_id=campaign_id,
        shifts=[
            CountShift(
                tranche_id=row.tranche_id,
                region_id=row.region_id,
                import_party_id=row.import_party_id,
                gas_party_id=row.gas_party_id,
                state=state,
                change=change,
            )
            for row in rows
            for state, change in ((row.from_state, -row.hub_count), (to_state.value, row.hub_count))
        ],
    )
    return sum(row.hub_count for row in rows)


@transaction_required
def advance_region(*, campaign_id: int, region_id: int, place: int, is_exhausted: bool) -> None:
    """This function will remember how far a region has come in the order of turns."""
    sql.execute(
        "advance_region",
        campaign_id=campaign_id,
        region_id=region_id,
        place=place,
        is_exhausted=is_exhausted,
    )


@transaction_required
def reopen_regions(*, campaign_id: int) -> None:
    """This function will give every region another pass, for hubs that became eligible after their turn."""
    sql.execute("reopen_regions", campaign_id=campaign_id)
