"""The calendar of conflicts: what is planned for homes, on which nights their hubs go, and which were moved (R-0024-16, Q12).

Requests feed it as they are seen (`services/requests/plans.py`); a Supplier tells the rest in files.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from safelaunch.domain import calendar, people
from safelaunch.domain.own_turns import WORDS_OF
from safelaunch.domain.people import Act, Actor
from safelaunch.domain.planned_events import PlannedKind
from safelaunch.services import wishes
from safelaunch.store import transactions
from safelaunch.store.reads import deferrals, progress
from safelaunch.store.reads import planned_events as reads
from safelaunch.store.reads.planned_events import HubNight, PlannedDay, TurnNight
from safelaunch.store.writes import planned_events as writes
from safelaunch.store.writes import record
from safelaunch.store.writes.planned_events import ToldPlan
from safelaunch.wire import icalendar, plans_file
from safelaunch.wire.icalendar import Entry
from safelaunch.wire.smi_rows import Reject
from safelaunch.wire.table_file import Upload

DAYS_AHEAD = 28


@dataclass(frozen=True, slots=True)
class Told:
    """What a file of plans did: plans taken, those that gave way to them, and every bad row."""

    taken: int
    gave_way: int
    rejects: tuple[Reject, ...]


@dataclass(frozen=True, slots=True)
class Calendar:
    """What one may see of the coming weeks."""

    from_day: date
    until_day: date
    nights: list[HubNight]
    turns: list[TurnNight]
    planned: list[PlannedDay]


def tell(source: Path | Upload, /, *, replaces: bool, actor: Actor, at: datetime) -> Told:
    """This function will take what a Supplier plans for its homes from a file: good rows are kept, bad ones explained.

    Args:
        source: CSV or XLSX (`wire/plans_file.py`).
        replaces: whether what the Supplier told before and is not over gives way.
        actor: who tells.
        at: the present moment.

    Raises:
        Forbidden; NotFound, Invalid, Unreadable: the file is missing or is not such a file.
    """
    people.require(actor, Act.CHOOSE)
    party_id = wishes.party_of(actor)
    rows, rejects = plans_file.read(source)
    with transactions.transaction():
        homes = reads.find_homes(device_ids={row.device_id for row in rows}, party_id=party_id)
        gave_way = writes.take_back_told_events(party_id=party_id, at=at) if replaces else 0
        kept = [row for row in rows if row.device_id in homes]
        plans = (
            ToldPlan(
                device_id=row.device_id,
                hub_device_id=homes[row.device_id],
                kind=row.kind,
                planned_from=row.planned_from,
                planned_until=row.planned_until,
                note=row.note,
            )
            for row in kept
        )
        writes.copy_planned_events(party_id=party_id, plans=plans)
        rejects += [
            Reject(
                line=row.line,
                column="device_id",
                value=str(row.device_id),
                reason="This is no Device of a home that you are responsible for.",
            )
            for row in rows
            if row.device_id not in homes
        ]
        record.append(
            act="TELL_PLANS",
            actor=actor.name,
            at=at,
            cause=source.name,
            detail={"taken": len(kept), "gave_way": gave_way, "rejected": len(rejects)},
        )
    return Told(len(kept), gave_way, tuple(sorted(rejects, key=lambda one: one.line)))


def look_ahead(*, party_id: int | None, at: datetime, days: int = DAYS_AHEAD) -> Calendar:
    """This function will give the coming weeks as a Party may see them; None sees all."""
    today = calendar.london_date(at)
    until = today + timedelta(days=days)
    return Calendar(
        from_day=today,
        until_day=until,
        nights=reads.list_hub_nights(
            party_id=party_id, from_night=today - timedelta(days=1), until_night=until
        ),
        turns=reads.list_turn_nights(party_id=party_id, at=at),
        planned=reads.list_planned_days(
            party_id=party_id,
            begins=calendar.end_of_day(today - timedelta(days=1)),
            ends=calendar.end_of_day(until),
        ),
    )


def feed(*, party_id: int | None, name: str, at: datetime) -> str:
    """This function will write the coming weeks, the windows of campaigns and the ends of deferrals as iCalendar."""
    return icalendar.write(_entries(party_id, at=at), name=name, at=at)


def _entries(party_id: int | None, *, at: datetime) -> Iterator[Entry]:
    seen = look_ahead(party_id=party_id, at=at)
    for night in seen.nights:
        yield Entry(
            uid=f"night-{night.reference}-{night.region}-{night.night}".replace(" ", "-"),
            title=f"{night.hub_count:,} hubs upgraded, {night.reference}, {night.region}",
            begins=calendar.moment(night.night, calendar.EVENING),
            ends=calendar.end_of_night(night.night),
            words=night.title,
        )
    for planned in seen.planned:
        yield Entry(
            uid=f"planned-{planned.kind}-{planned.day}",
            title=f"{WORDS_OF[PlannedKind(planned.kind)]} in {planned.hub_count:,} homes",
            begins=planned.day,
            ends=planned.day + timedelta(days=1),
        )
    for campaign in progress.list_campaign_views(party_id=party_id):
        if campaign.list_closes_at is not None:
            yield _moment(campaign.reference, "list", "Preferred Pilot List closes", campaign.list_closes_at)
        if campaign.pilot_starts_at is not None:
            yield _moment(campaign.reference, "pilot", "Pilot starts", campaign.pilot_starts_at)
    for one in deferrals.list_deferrals(party_id=party_id):
        yield Entry(
            uid=f"deferral-{one.number}",
            title=f"Deferral {one.name} ends, {one.reference}",
            begins=one.held_until,
            ends=one.held_until + timedelta(days=1),
            words=f"{one.hub_count:,} hubs; {one.state.lower()}",
        )


def _moment(reference: str, what: str, words: str, at: datetime) -> Entry:
    return Entry(f"{what}-{reference}", f"{words}, {reference}", at, at + timedelta(minutes=15))
