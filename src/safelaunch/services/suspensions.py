"""What Devices answer to 11.2 and 11.3, and what it does to the inventory (MP105, `domain/suspension.py`).

One transaction for a set of answers, with a constant number of statements: the Devices are locked, each answer is judged
by the table of `domain.md` 9.2, and versions, statuses, episodes and alerts follow together. Answers about one Device are
judged in the order they are given, each by what the one before has left.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from safelaunch.domain.alerts import AlertCode
from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.people import RULE
from safelaunch.domain.smi import DeviceType, SmiStatus, UserRole
from safelaunch.domain.suspension import (
    RECEIVERS,
    Answer,
    EndCause,
    Kind,
    Known,
    StatusEffect,
    SuspensionCause,
    Verdict,
    judge,
    status_to_restore,
)
from safelaunch.store import transactions
from safelaunch.store.writes import suspensions as writes
from safelaunch.store.writes.suspensions import Act, AnsweredModel, Answering, Closed, Shown, Told


@dataclass(frozen=True, slots=True)
class Heard:
    """An answer, or its absence, from the Device that was asked (a GPF answers for its GSME)."""

    target_id: Eui64
    kind: Kind
    version: str | None = None
    is_success: bool = True


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one answer; `verdict` is None when the inventory knows no such Device."""

    heard: Heard
    device_id: Eui64 | None
    verdict: Verdict | None


@dataclass(slots=True)
class _Standing:
    """How a Device stands while its answers are judged one after another."""

    row: Answering
    model_id: int
    version: str
    status: SmiStatus
    before: SmiStatus | None
    suspension_id: int | None
    suspended_at: datetime | None
    is_changed: bool = False
    is_newly_suspended: bool = False


@dataclass(frozen=True, slots=True)
class _Asked:
    """Whose answer it is: the Device's own, or its GPF's about it."""

    standing: _Standing
    is_by_gpf: bool


@dataclass(slots=True)
class _Effects:
    """What is to be written besides the Devices themselves."""

    closed: list[Closed] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)


def take_answers(*, heard: Sequence[Heard], at: datetime) -> list[Outcome]:
    """This function will take in what Devices answered, and say of each answer what it did, in the same order."""
    with transactions.transaction():
        return settle_answers(heard=heard, at=at)


@transactions.transaction_required
def settle_answers(*, heard: Sequence[Heard], at: datetime) -> list[Outcome]:
    """This function will do the same with whatever brought the answers."""
    # From here on no change of the CPL begins before these answers are written.
    writes.enter_fleet()
    rows = writes.lock_answering(target_ids={one.target_id for one in heard})
    standings: dict[Eui64, _Standing] = {}
    asked = {
        row.target_id: _Asked(
            standing=standings.setdefault(row.device_id, _standing(row)), is_by_gpf=row.is_behind_gpf
        )
        for row in rows
    }
    models = _models_of(heard, asked)
    effects = _Effects()
    outcomes = [_take(one, asked.get(one.target_id), models, effects, at) for one in heard]
    _write(list(standings.values()), effects, at)
    return outcomes


def _standing(row: Answering) -> _Standing:
    return _Standing(
        row=row,
        model_id=row.device_model_id,
        version=row.firmware_version,
        status=SmiStatus(row.smi_status),
        before=SmiStatus(row.status_before) if row.status_before else None,
        suspension_id=row.suspension_id,
        suspended_at=row.suspended_at,
    )


_Models = Mapping[tuple[int, str], AnsweredModel]


def _models_of(heard: Sequence[Heard], asked: Mapping[Eui64, _Asked]) -> _Models:
    """Find the Device Models that Devices have shown, by the one they had at first and the version; add new ones.

    A GPF shows nothing that is taken.
    """
    pairs = sorted(
        {
            (asked[one.target_id].standing.row.device_model_id, one.version)
            for one in heard
            if one.version is not None and one.target_id in asked and not asked[one.target_id].is_by_gpf
        }
    )
    if not pairs:
        return {}
    found = writes.list_answered_models(pairs=pairs)
    if len(found) < len(pairs):
        writes.add_answered_models(pairs=pairs)
        found = writes.list_answered_models(pairs=pairs)
    return {(model.from_model_id, model.firmware_version): model for model in found}


def _take(heard: Heard, asked: _Asked | None, models: _Models, effects: _Effects, at: datetime) -> Outcome:
    if asked is None:
        return Outcome(heard=heard, device_id=None, verdict=None)
    standing, row = asked.standing, asked.standing.row
    model = models.get((row.device_model_id, heard.version)) if heard.version is not None else None
    target = DeviceType.GPF if asked.is_by_gpf else DeviceType(row.device_type)
    verdict = judge(
        Answer(kind=heard.kind, target=target, version=heard.version, is_success=heard.is_success),
        known=Known(
            status=standing.status,
            version=standing.version,
            is_active=model is not None and model.is_active,
        ),
    )
    was = standing.version
    if verdict.takes_version and model is not None:
        standing.is_changed |= standing.model_id != model.device_model_id
        standing.model_id, standing.version = model.device_model_id, model.firmware_version
    _turn(standing, verdict.status, effects, at)
    if verdict.alert is not None:
        effects.told += _told(row, verdict.alert, version=heard.version or "", was=was)
    return Outcome(heard=heard, device_id=row.device_id, verdict=verdict)


def _turn(standing: _Standing, effect: StatusEffect, effects: _Effects, at: datetime) -> None:
    if effect is StatusEffect.SUSPEND:
        standing.before, standing.status = standing.status, SmiStatus.SUSPENDED
        standing.suspension_id, standing.suspended_at = None, at
        standing.is_changed = standing.is_newly_suspended = True
    elif effect is StatusEffect.RESTORE:
        back = status_to_restore(standing.before, commissioned_on=standing.row.commissioned_on)
        effects.closed.append(
            Closed(
                device_id=standing.row.device_id,
                suspension_id=standing.suspension_id,
                suspended_at=standing.suspended_at,
                status_before=back,
            )
        )
        standing.status, standing.before = back, None
        standing.suspension_id = standing.suspended_at = None
        standing.is_changed, standing.is_newly_suspended = True, False


def _told(row: Answering, code: AlertCode, *, version: str, was: str) -> list[Told]:
    """Address an alert to those responsible for the Device (`domain.md` 2.3); N52 names both versions."""
    device_type = DeviceType(row.device_type)
    shared = device_type is DeviceType.PPMID
    parties = {
        UserRole.IS: row.import_party_id if shared else row.party_id,
        UserRole.GS: row.gas_party_id if shared else row.party_id,
        UserRole.ED: row.network_party_id,
        UserRole.GT: row.network_party_id,
    }
    is_mismatch = code is AlertCode.N52
    return [
        Told(
            code=code,
            device_id=row.device_id,
            party_id=party_id,
            role=role,
            firmware_version=version if is_mismatch else "",
            smi_firmware_version=was if is_mismatch else "",
        )
        for role in RECEIVERS[device_type]
        if (party_id := parties[role]) is not None
    ]


def _write(standings: Sequence[_Standing], effects: _Effects, at: datetime) -> None:
    changed = [standing for standing in standings if standing.is_changed]
    _begin_suspensions([standing for standing in changed if standing.is_newly_suspended], at)
    writes.settle_devices(
        shown=[
            Shown(
                device_id=standing.row.device_id,
                device_model_id=standing.model_id,
                smi_status=standing.status,
                status_before=standing.before,
                suspension_id=standing.suspension_id,
            )
            for standing in changed
        ]
    )
    writes.append_episodes(closed=effects.closed, because=EndCause.NEW_FIRMWARE, at=at)
    writes.raise_device_alerts(told=effects.told, at=at)


def _begin_suspensions(suspended: Sequence[_Standing], at: datetime) -> None:
    """Note one act for each Device Model whose Devices have shown firmware that the CPL does not list as Active."""
    by_model: dict[int, list[_Standing]] = defaultdict(list)
    for standing in suspended:
        by_model[standing.model_id].append(standing)
    acts = writes.begin(
        acts=[
            Act(device_model_id=model_id, device_count=len(standings))
            for model_id, standings in by_model.items()
        ],
        cause=SuspensionCause.UNLISTED_FIRMWARE,
        actor=RULE.name,
        at=at,
    )
    for act in acts:
        for standing in by_model[act.device_model_id]:
            standing.suspension_id = act.suspension_id
