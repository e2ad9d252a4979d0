"""Writing the Central Products List."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, time

from safelaunch.domain.calendar import moment
from safelaunch.domain.cpl import PROPOSAL, Consequences, EntryAct, ProposalEvent
from safelaunch.store import sql
from safelaunch.store.models import CplEntryChange, CplProposal
from safelaunch.store.reads.cpl import APPLYING
from safelaunch.store.transactions import transaction_required
from safelaunch.wire.cpl_file import CplRow


@dataclass(frozen=True, slots=True)
class _Put:
    is_new: bool


@transaction_required
def put(*, rows: Sequence[CplRow], at: datetime) -> tuple[int, int]:
    """This function will enter Device Models on the CPL, and give how many entries are new and how many changed."""
    add_cpl_models(rows=rows)
    written = put_cpl_entries(rows=rows, at=at)
    new = sum(written)
    return new, len(written) - new


def add_cpl_models(*, rows: Sequence[CplRow]) -> int:
    """This function will add the Device Models that are not known yet, and give their number."""
    return sql.execute("add_cpl_models", **_identities(rows))


def put_cpl_entries(*, rows: Sequence[CplRow], at: datetime) -> list[bool]:
    """This function will write the entries that differ, and say of each whether it is new."""
    written = sql.fetch_all(
        "put_cpl_entries",
        _Put,
        **_identities(rows),
        smets_chts_versions=[row.smets_chts_version for row in rows],
        gbcs_versions=[row.gbcs_version for row in rows],
        image_hashes=[row.image_hash for row in rows],
        predecessors=[" ".join(row.predecessors) for row in rows],
        statuses=[row.status.value for row in rows],
        added_at=[moment(row.added_on, time()) for row in rows],
        at=at,
    )
    return [one.is_new for one in written]


def _identities(rows: Sequence[CplRow]) -> dict[str, list[str]]:
    return {
        "device_types": [row.device_type.value for row in rows],
        "manufacturers": [row.manufacturer for row in rows],
        "models": [row.model for row in rows],
        "hardware_versions": [row.hardware_version for row in rows],
        "firmware_versions": [row.firmware_version for row in rows],
    }


@dataclass(frozen=True, slots=True)
class EntryHappening:
    """What happens to one entry, and what it says from now on."""

    device_model_id: int
    act: EntryAct
    status_before: str | None
    row: CplRow


@transaction_required
def append_changes(
    *, happenings: Iterable[EntryHappening], actor: str, cpl_proposal_id: int | None, at: datetime
) -> None:
    """This function will keep what happens to entries, for good."""
    CplEntryChange.objects.bulk_create(
        CplEntryChange(
            device_model_id=one.device_model_id,
            cpl_proposal_id=cpl_proposal_id,
            happened_at=at,
            actor=actor,
            act=one.act,
            status_before=one.status_before,
            status_after=one.row.status,
            detail=one.row.as_json(),
        )
        for one in happenings
    )


@transaction_required
def add_proposal(
    *,
    source: str,
    because: str,
    rows: Sequence[CplRow],
    consequences: Consequences,
    proposed_by_id: int,
    at: datetime,
) -> int:
    """This function will keep a proposed change and give its number."""
    proposal = CplProposal.objects.create(
        source=source,
        because=because,
        rows=[row.as_json() for row in rows],
        consequences=asdict(consequences),
        consequences_digest=consequences.digest(),
        proposed_by_id=proposed_by_id,
        proposed_at=at,
    )
    return proposal.cpl_proposal_id


@transaction_required
def decide(*, cpl_proposal_id: int, event: ProposalEvent, decided_by_id: int, at: datetime) -> bool:
    """This function will move a proposal that nobody has decided yet, and say whether it was so."""
    open_proposal = CplProposal.objects.filter(
        cpl_proposal_id=cpl_proposal_id, state__in=PROPOSAL.sources(event)
    )
    return bool(
        open_proposal.update(state=PROPOSAL.target(event), decided_by_id=decided_by_id, decided_at=at)
    )


@transaction_required
def hold_proposal(*, cpl_proposal_id: int) -> None:
    """This function will show that a proposal is being applied until the transaction ends, and wait for who applies it."""
    sql.fetch_value("hold_proposal", space=APPLYING, cpl_proposal_id=cpl_proposal_id)
