"""The Central Products List as values."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from safelaunch.domain.cpl import ProposalState
from safelaunch.domain.smi import DeviceType
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


def list_cpl_entries(*, device_type: DeviceType | None = None) -> list[CplFacts]:
    """This function will list the CPL, or its entries of one type of Device, by name and version."""
    return sql.fetch_all(
        "list_cpl_entries", CplFacts, device_type=device_type.value if device_type is not None else None
    )


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
    """One thing that happened to one entry."""

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


def list_cpl_history(*, device_type: DeviceType | None = None, limit: int = 100) -> list[CplHappening]:
    """This function will list what happened to entries, newest first."""
    return sql.fetch_all(
        "list_cpl_history",
        CplHappening,
        device_type=device_type.value if device_type is not None else None,
        limit=limit,
    )


def list_proposals(*, limit: int = 100) -> list[ProposalView]:
    """This function will list proposed changes, newest first."""
    found = CplProposal.objects.select_related("proposed_by", "decided_by").order_by("-cpl_proposal_id")
    return [_view(proposal) for proposal in found[:limit]]


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
