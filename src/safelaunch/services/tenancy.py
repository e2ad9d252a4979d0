"""Changes of Tenancy: epochs that Devices' answers begin, and the displays that hold what was another's (`domain/tenancy.py`).

An epoch begins in the transaction that takes the Device's answer in, and costs a constant number of statements, none
when no answer tells of a change. Every six hours the homes in which a display has not cleared are looked at, a run at a
time: whether the firmware that it takes has come by then, by whatever way.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from safelaunch.domain import tenancy as rules
from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.smi import DeviceType
from safelaunch.domain.tenancy import LOOK_EVERY, Cause, DisplayFacts, Listed, Part, Verdict
from safelaunch.services.jobs import Job
from safelaunch.services.supplier_changes import HandedOver
from safelaunch.store import jobs, transactions
from safelaunch.store.reads import device_commands, parties
from safelaunch.store.reads import service_requests as requests
from safelaunch.store.reads import tenancy as reads
from safelaunch.store.reads.tenancy import START, DisplayRow, GroupRow, ModelRow, Place
from safelaunch.store.transactions import transaction_required
from safelaunch.store.writes import tenancy as writes
from safelaunch.store.writes.tenancy import Restricted
from safelaunch.wire.gbcs.catalogue import open_envelope
from safelaunch.wire.gbcs.message import parse
from safelaunch.wire.gbcs.tenancy import Ecs12Command, Gcs09Command

RUN = 2_000
"""Homes looked at by one job before it makes way for others."""

PAGE = 500
"""Displays read at a time by whoever walks through all of them."""


@dataclass(frozen=True, slots=True)
class CarriedOut:
    """A Device's word of a moment `told_at` that it carried out an SR 3.2, which is in a command of ours."""

    device_id: Eui64
    device_command_id: int
    told_at: datetime


@transaction_required
def begin(*, carried_out: Sequence[CarriedOut], handed_over: Sequence[HandedOver], at: datetime) -> None:
    """This function will begin the tenancy epochs that Devices' answers tell of (rules 1 and 2).

    Args:
        carried_out: answers to SR 3.2; repeated and late ones begin nothing new.
        handed_over: Devices that obey another Supplier.
        at: when they are taken in; no Device tells of a later time.
    """
    if not carried_out and not handed_over:
        return
    keep([*_restrictions(carried_out, at=at), *_successions(handed_over, at=at)], at=at)


@transaction_required
def keep(told: Sequence[Restricted], /, *, at: datetime) -> None:
    """This function will keep moments that Devices told of, and begin the epochs that follow.

    Args:
        told: what they said; of Devices that are neither ESME nor GPF nothing is kept.
        at: when it is taken in.
    """
    moved: set[Eui64] = set()
    for turn in _turns(told):
        moved.update(writes.keep_moments(restricted=turn, at=at))
    if moved:
        homes = sorted(moved)
        writes.drop_replaced_sources(hub_device_ids=homes)
        writes.begin_epochs(hub_device_ids=homes, at=at, look_at=at + LOOK_EVERY)
        writes.mark_displays(hub_device_ids=homes)
        writes.note_abilities(hub_device_ids=homes, able=_able(), at=at)


def _turns(told: Iterable[Restricted]) -> list[list[Restricted]]:
    """Deal out what Devices said so that each has one word in a turn; repeated words are dropped, and one turn is the rule."""
    once = {(one.device_id, one.number, one.cause): one for one in reversed(list(told))}
    turns: list[list[Restricted]] = []
    said: Counter[Eui64] = Counter()
    for one in sorted(once.values(), key=lambda word: word.number):
        if said[one.device_id] == len(turns):
            turns.append([])
        turns[said[one.device_id]].append(one)
        said[one.device_id] += 1
    return turns


def _restrictions(carried_out: Sequence[CarriedOut], *, at: datetime) -> Iterator[Restricted]:
    gbcs = device_commands.list_gbcs(device_command_ids={one.device_command_id for one in carried_out})
    for one in carried_out:
        command = open_envelope(parse(gbcs[one.device_command_id])).payload
        moment = None
        if isinstance(command, Ecs12Command):
            moment = command.restricted_at.moment
        elif isinstance(command, Gcs09Command):
            moment = command.restricted_at
        if moment is not None:
            yield Restricted(
                one.device_id, moment, one.device_command_id, Cause.RESTRICTION, min(one.told_at, at)
            )


def _successions(handed_over: Sequence[HandedOver], *, at: datetime) -> Iterator[Restricted]:
    asked = requests.list_by_number(service_request_ids={one.service_request_id for one in handed_over})
    for one in handed_over:
        gaining = asked[one.service_request_id].request_id.originator
        if not _is_of_one_party(gaining, one.losing):
            changed_at = min(one.changed_at, at)
            yield Restricted(
                one.device_id, changed_at, one.device_command_id, Cause.CHANGE_OF_SUPPLIER, changed_at
            )


def _is_of_one_party(gaining: Eui64, losing: Eui64 | None) -> bool:
    """Say whether a Device went from one User ID of a Party to another; of whom nobody knows, it did not."""
    if losing is None:
        return False
    if gaining == losing:
        return True
    new, old = parties.find_user(user_id=gaining), parties.find_user(user_id=losing)
    return new is not None and old is not None and new.party_id == old.party_id


def _able() -> list[tuple[DeviceType, str]]:
    return rules.list_able(reads.list_listed_gbcs())


def look(*, at: datetime) -> int:
    """This function will look at the firmware of homes whose turn it is, a run of them, and give their number."""
    with transactions.transaction():
        homes = writes.take_due_looks(at=at, limit=RUN)
        if homes:
            writes.note_abilities(hub_device_ids=homes, able=_able(), at=at)
            writes.set_next_looks(hub_device_ids=homes, next_at=at + LOOK_EVERY, at=at)
        if len(homes) == RUN:
            jobs.defer_once(Job.LOOK_AT_DISPLAYS, key="displays")
    return len(homes)


@dataclass(frozen=True, slots=True)
class DisplayTenancy:
    """A display and one fuel, with what is to be thought of it; moments as the rules have them.

    Attributes:
        epoch: of the premises, which began with what was recorded before `began_at` being another's.
        place: where it stands in the order, from which the next page goes on.
    """

    place: Place
    hub_device_id: Eui64
    epoch: int
    began_at: datetime
    display_id: Eui64
    display_type: str
    display_model: str
    fuel: str
    restricted_at: datetime
    cause: str
    verdict: Verdict


_FUEL: Mapping[DeviceType, str] = {DeviceType.ESME: "electricity", DeviceType.GPF: "gas"}


def list_displays(
    *, viewer_party_id: int | None, after: Place = START, limit: int, at: datetime
) -> list[DisplayTenancy]:
    """This function will list displays that may hold an earlier occupier's data, by hub, each fuel on its own.

    Args:
        viewer_party_id: whose homes; None sees all.
        after: the place of the last one that was read.
        limit: how many at most.
        at: when.
    """
    rows = reads.list_tenancy_displays(
        party_id=viewer_party_id, hub_device_id=None, after=after, limit=limit, at=at
    )
    return _judged(rows, at=at)


def walk_displays(*, viewer_party_id: int | None, at: datetime) -> Iterator[DisplayTenancy]:
    """This function will give every display that `list_displays` lists, a page at a time."""
    after = START
    while page := list_displays(viewer_party_id=viewer_party_id, after=after, limit=PAGE, at=at):
        yield from page
        after = page[-1].place


def explain_home(*, hub_device_id: Eui64, viewer_party_id: int | None, at: datetime) -> list[DisplayTenancy]:
    """This function will give the displays of a home that had a change, those that should have cleared among them.

    It is empty where there was no change, where no display was there, and for whoever may not see the home.
    """
    rows = reads.list_tenancy_displays(
        party_id=viewer_party_id, hub_device_id=hub_device_id, after=START, limit=PAGE, at=at
    )
    return _judged(rows, at=at)


@dataclass(frozen=True, slots=True)
class Remedy:
    """An upgrade, or whatever else would mend it, and how many displays by fuel wait for it.

    Attributes:
        reason: a code of `domain/tenancy.py`.
        device_type, model, firmware_version: of the Devices that it is about; empty when it is about time alone.
        versions: to be upgraded to in turn; empty where no firmware of the CPL does it.
        waiting: displays by fuel that wait for it.
        waiting_alone: those that wait for nothing else.
    """

    reason: str
    device_type: str
    model: str
    firmware_version: str
    versions: tuple[str, ...]
    waiting: int
    waiting_alone: int


def summarise(*, viewer_party_id: int | None, at: datetime) -> list[Remedy]:
    """This function will say what would mend most, with two statements whatever the number of displays.

    Args:
        viewer_party_id: whose homes; None sees all.
        at: when.
    """
    groups = reads.count_tenancy_displays(party_id=viewer_party_id, at=at)
    models = _models_of(groups)
    waiting: Counter[_RemedyKey] = Counter()
    alone: Counter[_RemedyKey] = Counter()
    for group in groups:
        verdict = rules.judge(_facts(group, models, restricted_at=at, told_at=at), at=at)
        keys = {
            (verdict.reason.value, one.device_type.value, one.model, one.firmware_version, one.versions)
            for one in verdict.mends
        } or {(verdict.reason.value, "", "", "", ())}
        waiting.update(dict.fromkeys(keys, group.line_count))
        if len(keys) == 1:
            alone.update(dict.fromkeys(keys, group.line_count))
    remedies = [Remedy(*key, waiting=count, waiting_alone=alone[key]) for key, count in waiting.items()]
    return sorted(
        remedies, key=lambda one: (-one.waiting, one.reason, one.device_type, one.model, one.versions)
    )


_RemedyKey = tuple[str, str, str, str, tuple[str, ...]]
_NOBODY = Eui64(0)


def _models_of(rows: Sequence[DisplayRow | GroupRow]) -> dict[int, list[ModelRow]]:
    """Read the Device Models that have a part in some displays, each with what the CPL lists beside it."""
    wanted = {
        number
        for row in rows
        for number in (row.hub_model_id, row.device_model_id, row.source_model_id)
        if number is not None
    }
    found: dict[int, list[ModelRow]] = {}
    for row in reads.list_tenancy_models(device_model_ids=wanted) if wanted else ():
        found.setdefault(row.device_model_id, []).append(row)
    return found


def _facts(
    row: DisplayRow | GroupRow,
    models: Mapping[int, list[ModelRow]],
    *,
    restricted_at: datetime,
    told_at: datetime,
) -> DisplayFacts:
    one = row if isinstance(row, DisplayRow) else None
    hub_id, display_id, source_id = (
        (one.hub_device_id, one.device_id, one.source_device_id) if one else (_NOBODY, _NOBODY, _NOBODY)
    )
    source = None if row.source_model_id is None else _part(source_id, models[row.source_model_id])
    return DisplayFacts(
        source_id=source_id,
        source_type=DeviceType(row.source_type),
        hub=_part(hub_id, models[row.hub_model_id]),
        display=_part(display_id, models[row.device_model_id]),
        source=source,
        restricted_at=restricted_at,
        told_at=told_at,
        able_since=one.able_since if one else None,
    )


def _judged(rows: Sequence[DisplayRow], *, at: datetime) -> list[DisplayTenancy]:
    models = _models_of(rows)
    return [_view(row, models, at=at) for row in rows]


def _view(row: DisplayRow, models: Mapping[int, list[ModelRow]], *, at: datetime) -> DisplayTenancy:
    facts = _facts(row, models, restricted_at=row.restricted_at, told_at=row.told_at)
    return DisplayTenancy(
        place=row.place,
        hub_device_id=row.hub_device_id,
        epoch=row.epoch,
        began_at=row.began_at,
        display_id=row.device_id,
        display_type=row.device_type,
        display_model=facts.display.model,
        fuel=_FUEL[facts.source_type],
        restricted_at=row.restricted_at,
        cause=row.cause,
        verdict=rules.judge(facts, at=at),
    )


def _part(device_id: Eui64, rows: Sequence[ModelRow]) -> Part:
    one = rows[0]
    return Part(
        device_id=device_id,
        device_type=DeviceType(one.device_type),
        model=f"{one.manufacturer}/{one.model}",
        firmware_version=one.firmware_version,
        gbcs_version=one.gbcs_version,
        listed=tuple(
            Listed(row.listed_version, row.listed_gbcs, tuple(row.predecessors or ()))
            for row in rows
            if row.listed_version is not None and row.listed_gbcs is not None
        ),
    )
