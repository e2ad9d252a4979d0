"""Turns that hubs have of their own: from wishes, deferrals and what else is planned for their homes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from safelaunch.domain import lots
from safelaunch.domain.hub_upgrades import HUB_UPGRADE, HubEvent, HubState
from safelaunch.domain.own_turns import BLOCKING, CLASH_MARGIN, TurnCause
from safelaunch.store import sql
from safelaunch.store.arrays import Eui64s, Moments
from safelaunch.store.reads.own_turns import OwnTurnRow
from safelaunch.store.transactions import transaction_required
from safelaunch.store.writes import counts, tranches
from safelaunch.store.writes.counts import CountShift
from safelaunch.store.writes.tranches import CHUNK_SIZE, Night

_KINDS = [kind.value for kind in BLOCKING]


@dataclass(frozen=True, slots=True)
class _TakenBack:
    tranche_id: int
    region_id: int
    import_party_id: int
    gas_party_id: int
    to_state: str | None
    hub_count: int


@transaction_required
def release_conflicts(*, campaign_id: int, lot_offset: int, at: datetime) -> None:
    """This function will forget the conflicts of a campaign, for they are looked at anew each night."""
    sql.execute("release_conflicts", campaign_id=campaign_id, lot_offset=lot_offset, lots=lots.LOTS, at=at)


@transaction_required
def note_conflicts(*, campaign_id: int, at: datetime, until: datetime) -> int:
    """This function will keep back the hubs whose homes are busy between two moments, and give their number (Q12)."""
    return sql.execute(
        "note_conflicts",
        campaign_id=campaign_id,
        busy_from=at - CLASH_MARGIN,
        busy_until=until + CLASH_MARGIN,
        margin=CLASH_MARGIN,
        kinds=_KINDS,
    )


@transaction_required
def note_conflicts_of_chunks(*, campaign_id: int, chunk_ids: list[int], at: datetime, until: datetime) -> int:
    """This function will keep back the hubs of chunks whose homes have become busy, and give their number."""
    return sql.execute(
        "note_conflicts_of_chunks",
        campaign_id=campaign_id,
        chunk_ids=chunk_ids,
        busy_from=at - CLASH_MARGIN,
        busy_until=until + CLASH_MARGIN,
        margin=CLASH_MARGIN,
        kinds=_KINDS,
    )


@transaction_required
def take_own_turns(*, night: Night, turns: Sequence[OwnTurnRow]) -> int:
    """This function will give hubs with turns of their own their turn tonight, and give their number.

    Those that may go at once go together; the others with those of the same time.
    """
    if not turns:
        return 0
    rows = sql.fetch_all(
        "take_own_turns",
        tranches.PairCount,
        campaign_id=night.campaign_id,
        region_id=night.region_id,
        tranche_id=night.tranche_id,
        planned_at=night.planned_at,
        device_ids=Eui64s(one.device_id for one in turns),
        not_befores=Moments(one.starts_at(night.planned_at) for one in turns),
        chunk_size=CHUNK_SIZE,
    )
    return tranches.count_new(night=night, rows=rows).hub_count


@transaction_required
def take_back_kept_hubs(*, campaign_id: int, chunk_ids: list[int] | None, at: datetime) -> int:
    """This function will take hubs that may not go yet out of chunks (of all when None), and give their number."""
    rows = sql.fetch_all(
        "take_back_kept_hubs",
        _TakenBack,
        campaign_id=campaign_id,
        chunk_ids=chunk_ids,
        to_state=HUB_UPGRADE.target(HubEvent.TAKE_BACK),
        at=at,
    )
    shifts = [
        CountShift(
            tranche_id=row.tranche_id,
            region_id=row.region_id,
            import_party_id=row.import_party_id,
            gas_party_id=row.gas_party_id,
            state=state,
            change=change,
        )
        for row in rows
        for state, change in ((HubState.PLANNED.value, -row.hub_count), (row.to_state, row.hub_count))
        if state is not None
    ]
    counts.shift(campaign_id=campaign_id, shifts=shifts)
    return sum(row.hub_count for row in rows)


@transaction_required
def put_turns_of_wish(
    *, campaign_wish_id: int, campaign_id: int, party_id: int, cause: TurnCause, not_before: datetime | None
) -> None:
    """This function will give the hubs that were taken down of a wish a time of their own.

    Args:
        campaign_wish_id: the wish.
        campaign_id: of which campaign.
        party_id: whose wish it is.
        cause: a wish or a deferral.
        not_before: from when the hubs without a slot may go; None gives those no time of their own.
    """
    sql.execute(
        "put_turns_of_wish",
        campaign_wish_id=campaign_wish_id,
        campaign_id=campaign_id,
        party_id=party_id,
        cause=cause,
        not_before=not_before,
    )


@transaction_required
def drop_wished_turns(*, campaign_id: int, party_id: int, campaign_wish_id: int | None) -> None:
    """This function will take back times that a Supplier nominated: of the hubs of a withdrawal, or of its whole list."""
    sql.execute(
        "drop_wished_turns", campaign_id=campaign_id, party_id=party_id, campaign_wish_id=campaign_wish_id
    )


@transaction_required
def move_turns_of_wish(*, campaign_wish_id: int, not_before: datetime) -> None:
    """This function will have the hubs of a deferral wait until another time, which may have passed."""
    sql.execute("move_turns_of_wish", campaign_wish_id=campaign_wish_id, not_before=not_before)
