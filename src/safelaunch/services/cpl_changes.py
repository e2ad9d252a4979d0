"""Changing the Central Products List by two people (`domain/cpl.py`).

Applying a change is one transaction: the entries, their history, the Devices it suspends or restores, their alerts and
the record.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from safelaunch.domain import cpl
from safelaunch.domain.cpl import PROPOSAL, Consequences, DeviceEffect, ProposalEvent, ProposalState
from safelaunch.domain.people import Act, Actor, require, require_second_person
from safelaunch.domain.refusals import Conflict, Forbidden, Invalid, NotFound
from safelaunch.domain.suspension import SuspensionCause
from safelaunch.services.cpl import Change, Compared, Preview, change_kept, compare, consequences_of, weigh
from safelaunch.services.cpl import preview as cpl_preview
from safelaunch.services.jobs import Job
from safelaunch.services.wake_ups import TELLING
from safelaunch.store import jobs, transactions
from safelaunch.store.reads import cpl as reads
from safelaunch.store.reads import inventory
from safelaunch.store.reads.cpl import ProposalLine, ProposalSuspension, ProposalView
from safelaunch.store.reads.suspensions import TouchedGroup
from safelaunch.store.writes import cpl as writes
from safelaunch.store.writes import inventory as inventory_writes
from safelaunch.store.writes import record, suspensions
from safelaunch.store.writes.cpl import EntryHappening
from safelaunch.store.writes.suspensions import Act as SuspensionAct
from safelaunch.wire.cpl_file import CplRow

REASON_LIMIT = 2_000
"""Characters of a reason."""

_LOCK_WAIT_MILLISECONDS = 10_000


class NoSuchProposal(NotFound):
    """There is no proposal of this number."""


class AlreadyDecided(Conflict):
    """Somebody has decided the proposal before."""


class NoReason(Invalid):
    """A change is proposed without saying why."""


class NothingToChange(Conflict):
    """The CPL says all that already."""


class NeedsTwoPeople(Forbidden):
    """There are Devices that a change could touch, so it takes two people."""


@dataclass(frozen=True, slots=True)
class CplImported:
    """How many entries of a file are new, changed and unchanged."""

    new: int
    changed: int
    unchanged: int


@dataclass(frozen=True, slots=True)
class ProposalStory:
    """A proposal, what its proposer saw, and how far it has come.

    Attributes:
        consequences: what the proposer saw.
        applied_since: since when somebody is applying it; None when nobody is.
        suspensions: what it has suspended, by entry, with the alerts that tell of it.
    """

    proposal: ProposalView
    consequences: Consequences
    applied_since: datetime | None
    suspensions: tuple[ProposalSuspension, ...]


def list_proposals(
    *,
    viewer_party_id: int | None = None,
    state: ProposalState | None = None,
    before: int | None = None,
    limit: int = 100,
) -> list[ProposalLine]:
    """This function will list proposals, newest first, from before a number on.

    Raises:
        NoSuchProposal: the viewer is of a Party; a proposal counts the Devices of every Supplier.
    """
    _require_dcc(viewer_party_id)
    return reads.list_cpl_proposals(state=state, before=before, limit=limit)


def show_proposal(*, cpl_proposal_id: int, viewer_party_id: int | None) -> ProposalStory:
    """This function will give a proposal with what it would do, or how far what it did has been told.

    Raises:
        NoSuchProposal: there is none, or the viewer is of a Party.
    """
    _require_dcc(viewer_party_id)
    proposal = _get(cpl_proposal_id)
    is_applied = proposal.state is ProposalState.APPLIED
    is_open = proposal.state is PROPOSAL.initial
    return ProposalStory(
        proposal=proposal,
        consequences=Consequences.from_json(proposal.consequences),
        applied_since=reads.proposal_applied_since(cpl_proposal_id=cpl_proposal_id) if is_open else None,
        suspensions=tuple(reads.list_proposal_suspensions(cpl_proposal_id=cpl_proposal_id))
        if is_applied
        else (),
    )


def recount(*, cpl_proposal_id: int, viewer_party_id: int | None) -> Consequences:
    """This function will count what a proposal would do now; it is applied only if that is what its proposer saw.

    Raises:
        NoSuchProposal, AlreadyDecided: there is none that the viewer may see, or it is decided.
    """
    _require_dcc(viewer_party_id)
    proposal = _open_proposal(cpl_proposal_id)
    return weigh(compare(change_kept(proposal.rows, source=proposal.source).rows))


def preview(change: Change, /, *, actor: Actor) -> Preview:
    """This function will say to somebody who may propose a change what it would do, and do nothing.

    Raises:
        Forbidden: the person may not propose, and so may not count every Supplier's Devices.
    """
    require(actor, Act.PROPOSE)
    return cpl_preview(change)


def propose(change: Change, /, *, because: str, actor: Actor, at: datetime) -> ProposalView:
    """This function will propose a change with what it would do now; a second person applies it.

    Raises:
        Forbidden: the person may not propose.
        NoReason: it is not said why.
        NothingToChange: the CPL says all that already.
    """
    require(actor, Act.PROPOSE)
    if actor.person_id is None:
        raise Forbidden("A change of the CPL is proposed by a person, who can be asked about it.")
    because = because.strip()
    if not 0 < len(because) <= REASON_LIMIT or "\0" in because:
        raise NoReason(
            f"Say in 1 to {REASON_LIMIT:,} characters why; the second person and the record need it."
        )
    consequences = weigh(compare(change.rows))
    if not consequences.changes:
        raise NothingToChange(f"The CPL says already what {change.source} says; there is nothing to propose.")
    with transactions.transaction():
        number = writes.add_proposal(
            source=change.source,
            because=because,
            rows=change.rows,
            consequences=consequences,
            proposed_by_id=actor.person_id,
            at=at,
        )
        record.append(
            act="PROPOSE_CPL",
            actor=actor.name,
            at=at,
            cause=because,
            detail={"proposal": number, "source": change.source, **_sizes(consequences)},
        )
    return _get(number)


def approve(*, cpl_proposal_id: int, actor: Actor, at: datetime) -> ProposalView:
    """This function will apply a proposed change, if it still does what its proposer saw.

    Steps, in one transaction: 1 hold the fleet, so that nothing moves meanwhile; 2 move the proposal, if nobody has; 3 write
    entries and history; 4 suspend and restore, counting; 5 take everything back if the counts are not those that were
    proposed; 6 the record. Counting by doing saves one pass over every Device of the inventory.

    Raises:
        NoSuchProposal, AlreadyDecided: there is none, or it is decided.
        Forbidden: the person may not approve, or proposed it.
        ConsequencesMoved: it would do something else by now; nothing was applied.
        InventoryBusy: somebody else is writing to the inventory.
    """
    proposal = _deciding(cpl_proposal_id, actor)
    require_second_person(proposer_id=proposal.proposed_by_id, approver=actor)
    rows = change_kept(proposal.rows, source=proposal.source).rows
    with inventory_writes.meeting_limits(), transactions.transaction():
        _hold_fleet(cpl_proposal_id)
        compared = compare(rows)
        _decide(cpl_proposal_id, ProposalEvent.APPROVE, actor, at)
        groups = _apply(
            compared, rows, foreseen=_foreseen(proposal), actor=actor, at=at, number=cpl_proposal_id
        )
        jobs.defer_once(Job.TELL_USERS, key="tell-users-cpl", lock=TELLING)
        done = consequences_of(compared, groups=groups)
        cpl.require_unmoved(proposed_digest=proposal.consequences_digest, now=done)
        record.append(
            act="APPROVE_CPL",
            actor=actor.name,
            at=at,
            cause=proposal.because,
            detail={
                "proposal": cpl_proposal_id,
                "source": proposal.source,
                "proposed_by": proposal.proposed_by,
                **_sizes(done),
            },
        )
    return _get(cpl_proposal_id)


def decline(*, cpl_proposal_id: int, actor: Actor, at: datetime) -> ProposalView:
    """This function will put a proposal aside; whoever may propose may, the proposer too.

    Raises:
        NoSuchProposal, AlreadyDecided: there is none, or it is decided.
        Forbidden: the person may not.
    """
    require(actor, Act.PROPOSE)
    proposal = _open_proposal(cpl_proposal_id)
    with transactions.transaction():
        _decide(cpl_proposal_id, ProposalEvent.DECLINE, actor, at)
        record.append(
            act="DECLINE_CPL",
            actor=actor.name,
            at=at,
            cause=proposal.because,
            detail={"proposal": cpl_proposal_id, "source": proposal.source},
        )
    return _get(cpl_proposal_id)


def import_at_once(change: Change, /, *, actor: Actor, at: datetime) -> CplImported:
    """This function will apply a change by one person, while the inventory holds no Device that it could touch.

    Raises:
        NeedsTwoPeople: there are Devices.
    """
    with inventory_writes.meeting_limits(), transactions.transaction():
        _hold_fleet()
        if not inventory.is_fleet_empty():
            raise NeedsTwoPeople(
                f"{change.source} was not applied: the inventory holds Devices, so a change of the CPL takes two "
                "people. See what it does with safelaunch cpl preview, then propose it with safelaunch cpl propose."
            )
        compared = compare(change.rows)
        new = sum(1 for one in compared.happenings if one.status_before is None)
        imported = CplImported(
            new=new,
            changed=len(compared.happenings) - new,
            unchanged=len(change.rows) - len(compared.happenings),
        )
        _enter(compared, change.rows, actor=actor, number=None, at=at)
        record.append(act="IMPORT_CPL", actor=actor.name, at=at, cause=change.source, detail=asdict(imported))
    return imported


def _hold_fleet(cpl_proposal_id: int | None = None) -> None:
    inventory_writes.widen_smi_memory()
    inventory_writes.limit_smi_lock_wait(milliseconds=_LOCK_WAIT_MILLISECONDS)
    if cpl_proposal_id is not None:
        writes.hold_proposal(cpl_proposal_id=cpl_proposal_id)
    inventory_writes.lock_fleet()


def _enter(
    compared: Compared, rows: Sequence[CplRow], *, actor: Actor, number: int | None, at: datetime
) -> None:
    """Write the entries and what happened to them."""
    writes.put(rows=rows, at=at)
    matches = reads.match_cpl_models(identities=[one.row.identity for one in compared.happenings])
    writes.append_changes(
        happenings=[
            EntryHappening(match.device_model_id or 0, one.act, one.status_before, one.row)
            for one, match in zip(compared.happenings, matches, strict=True)
        ],
        actor=actor.name,
        cpl_proposal_id=number,
        at=at,
    )


def _apply(
    compared: Compared,
    rows: Sequence[CplRow],
    *,
    foreseen: Mapping[str, int],
    actor: Actor,
    number: int,
    at: datetime,
) -> list[TouchedGroup]:
    """Write the entries and turn the Devices; give how many were turned, by those responsible."""
    _enter(compared, rows, actor=actor, number=number, at=at)
    groups: list[TouchedGroup] = []
    for device_type, effects in compared.effects.items():
        leaving = [
            SuspensionAct(device_model_id=model_id, device_count=foreseen.get(compared.words[model_id], 0))
            for model_id, effect in effects.items()
            if effect is DeviceEffect.SUSPEND
        ]
        if leaving:
            acts = suspensions.begin(acts=leaving, cause=SuspensionCause.CPL_REMOVED, actor=actor.name, at=at)
            groups += suspensions.suspend(device_type=device_type, acts=acts, at=at)
        returning = [model_id for model_id, effect in effects.items() if effect is DeviceEffect.RESTORE]
        if returning:
            groups += suspensions.restore(device_type=device_type, device_model_ids=returning, at=at)
    return groups


def _foreseen(proposal: ProposalView) -> dict[str, int]:
    """Count the Devices of each entry that the proposer saw."""
    counts: Counter[str] = Counter()
    for touched in proposal.consequences["touched"]:
        counts[touched["entry"]] += touched["device_count"]
    return counts


def _sizes(consequences: Consequences) -> dict[str, int]:
    return {
        "entries": len(consequences.changes),
        "suspended": consequences.suspended,
        "restored": consequences.restored,
    }


def _get(cpl_proposal_id: int) -> ProposalView:
    proposal = reads.find_proposal(cpl_proposal_id=cpl_proposal_id)
    if proposal is None:
        raise NoSuchProposal(
            f"There is no proposal {cpl_proposal_id}; the list of proposals names those there are."
        )
    return proposal


def _require_dcc(viewer_party_id: int | None) -> None:
    if viewer_party_id is not None:
        raise NoSuchProposal(
            "Proposed changes of the CPL count the Devices of every Supplier, so the DCC alone sees them; "
            "what comes of them stands in the history of each entry."
        )


def _open_proposal(cpl_proposal_id: int) -> ProposalView:
    proposal = _get(cpl_proposal_id)
    if not proposal.decided_by:
        return proposal
    raise AlreadyDecided(
        f"Proposal {cpl_proposal_id} was {proposal.state.value.lower()} by {proposal.decided_by}; propose it again if it "
        "is still wanted."
    )


def _deciding(cpl_proposal_id: int, actor: Actor) -> ProposalView:
    require(actor, Act.APPROVE)
    return _open_proposal(cpl_proposal_id)


def _decide(cpl_proposal_id: int, event: ProposalEvent, actor: Actor, at: datetime) -> None:
    if actor.person_id is None or not writes.decide(
        cpl_proposal_id=cpl_proposal_id, event=event, decided_by_id=actor.person_id, at=at
    ):
        raise AlreadyDecided(f"Proposal {cpl_proposal_id} was decided by somebody else just now; look again.")
