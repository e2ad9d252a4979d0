"""The Central Products List as values."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from safelaunch.domain.cpl import ProposalState
from safelaunch.domain.smi import CplStatus, DeviceType
from safelaunch.store import sql
from safelaunch.store.models import CplProposal


@dataclass(frozen=True, slots=True)
class CplFacts:
    """An entry of the CPL and the Device Model it is about; `image_hash` is hexadecimal, or empty."""

    device_model_id: int
    device_type: str
    manufacturer: str
    model: str
    hardware_version: str
    firmware_version: str
    smets_chts_version: str
    gbcs_version: str
    image_hash: str
    predecessors: list[str]
    status: str
    added_at: datetime
    removed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries are asked for; what is None narrows nothing.

    Attributes:
        search: a text that stands in the manufacturer, the model or a version, in either case.
        device_model_id: one entry alone.
    """

    device_type: DeviceType | None = None
    status: CplStatus | None = None
    search: str | None = None
    device_model_id: int | None = None


EVERYTHING = Wanted()


def list_cpl_entries(
    *, wanted: Wanted = EVERYTHING, after: int | None = None, limit: int | None = None
) -> list[CplFacts]:
    """This function will list entries by name and version, from after an entry's Device Model on."""
    return sql.fetch_all(
        "list_cpl_entries",
        CplFacts,
        device_type=wanted.device_type.value if wanted.device_type is not None else None,
        status=wanted.status.value if wanted.status is not None else None,
        search=wanted.search,
        device_model_id=wanted.device_model_id,
        after=after,
        limit=limit,
    )


@dataclass(frozen=True, slots=True)
class UpgradePath:
    """A version that the CPL lists as Active and lets a Device Model become."""

    device_model_id: int
    firmware_version: str
    gbcs_version: str


def list_upgrade_paths(*, device_model_id: int) -> list[UpgradePath]:
    """This function will list what the CPL lets a Device Model become (MP231), the latest entry first."""
    return sql.fetch_all("list_upgrade_paths", UpgradePath, device_model_id=device_model_id)


@dataclass(frozen=True, slots=True)
class CplMatch:
    """What is known of the Device Model of one row, by the row's place from 1; empty where nothing is."""

    place: int
    device_model_id: int | None
    smets_chts_version: str | None
    gbcs_version: str | None
    image_hash: str
    predecessors: list[str] | None
    status: str | None
    added_at: datetime | None


@dataclass(frozen=True, slots=True)
class CplHappening:
    """One thing that happened to one entry, and what the entry said from then on."""

    happened_at: datetime
    actor: str
    act: str
    device_type: str
    manufacturer: str
    model: str
    hardware_version: str
    firmware_version: str
    status_before: str | None
    status_after: str
    cpl_proposal_id: int | None
    smets_chts_version: str
    gbcs_version: str
    image_hash: str
    predecessors: list[str]


@dataclass(frozen=True, slots=True)
class ProposalView:
    """A proposed change of the CPL; `rows` are the entries as they are to be, `consequences` what the proposer saw."""

    cpl_proposal_id: int
    source: str
    because: str
    rows: list[dict[str, Any]]
    consequences: dict[str, Any]
    consequences_digest: str
    state: ProposalState
    proposed_by_id: int
    proposed_by: str
    proposed_at: datetime
    decided_by: str | None
    decided_at: datetime | None


def match_cpl_models(*, identities: Sequence[tuple[str, ...]]) -> list[CplMatch]:
    """This function will find the Device Models that rows are about, and their entries, in the order of the rows.

    Args:
        identities: type, manufacturer, model, hardware version and firmware version of each row.
    """
    columns: list[list[str]] = [list(column) for column in zip(*identities, strict=True)]
    device_types, manufacturers, models, hardware_versions, firmware_versions = columns or [[]] * 5
    return sql.fetch_all(
        "match_cpl_models",
        CplMatch,
        device_types=device_types,
        manufacturers=manufacturers,
        models=models,
        hardware_versions=hardware_versions,
        firmware_versions=firmware_versions,
    )


def list_cpl_history(
    *, device_type: DeviceType | None = None, device_model_id: int | None = None, limit: int = 100
) -> list[CplHappening]:
    """This function will list what happened to entries, newest first."""
    return sql.fetch_all(
        "list_cpl_history",
        CplHappening,
        device_type=device_type.value if device_type is not None else None,
        device_model_id=device_model_id,
        limit=limit,
    )


@dataclass(frozen=True, slots=True)
class ProposalLine:
    """A proposed change on one line: how many entries, and how many Devices its proposer saw."""

    cpl_proposal_id: int
    source: str
    because: str
    state: str
    proposed_by_id: int
    proposed_by: str
    proposed_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    entry_count: int
    suspended: int
    restored: int


def list_cpl_proposals(
    *, state: ProposalState | None = None, before: int | None = None, limit: int = 100
) -> list[ProposalLine]:
    """This function will list proposed changes, newest first, from before a number on."""
    return sql.fetch_all(
        "list_cpl_proposals",
        ProposalLine,
        state=state.value if state is not None else None,
        before=before,
        limit=limit,
    )


@dataclass(frozen=True, slots=True)
class ProposalSuspension:
    """What a proposal did to one Device Model: Devices suspended, and alerts owed to and written for addresses."""

    device_type: str
    manufacturer: str
    model: str
    hardware_version: str
    firmware_version: str
    device_count: int
    owed_count: int
    told_count: int


def list_proposal_suspensions(*, cpl_proposal_id: int) -> list[ProposalSuspension]:
    """This function will list what an applied proposal suspended, and how far its alerts have come."""
    return sql.fetch_all("list_proposal_suspensions", ProposalSuspension, cpl_proposal_id=cpl_proposal_id)


APPLYING = 0x43504C
"""The first key of the locks that show a proposal being applied: `CPL` in ASCII."""


def proposal_applied_since(*, cpl_proposal_id: int) -> datetime | None:
    """This function will say since when a proposal is being applied, or None when nobody applies it."""
    since: datetime | None = sql.fetch_value(
        "proposal_applied_since", space=APPLYING, cpl_proposal_id=cpl_proposal_id
    )
    return since


def find_proposal(*, cpl_proposal_id: int) -> ProposalView | None:
    """This function will find a proposed change by its number."""
    found = CplProposal.objects.select_related("proposed_by", "decided_by").filter(pk=cpl_proposal_id).first()
    return _view(found) if found is not None else None


def _view(proposal: CplProposal) -> ProposalView:
    return ProposalView(
        cpl_proposal_id=proposal.cpl_proposal_id,
        source=proposal.source,
        because=proposal.because,
        rows=proposal.rows,
        consequences=proposal.consequences,
        consequences_digest=proposal.consequences_digest,
        state=ProposalState(proposal.state),
        proposed_by_id=proposal.proposed_by.person_id,
        proposed_by=proposal.proposed_by.name,
        proposed_at=proposal.proposed_at,
        decided_by=proposal.decided_by.name if proposal.decided_by else None,
        decided_at=proposal.decided_at,
    )
