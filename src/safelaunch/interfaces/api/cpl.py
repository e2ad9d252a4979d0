"""The Central Products List and its proposed changes, as JSON."""

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Field, File, Form, Query, Router, Schema, Status
from ninja.files import UploadedFile

from safelaunch.domain.cpl import DeviceEffect, EntryAct, ProposalState
from safelaunch.domain.smi import CplStatus, DeviceType
from safelaunch.interfaces.api.campaigns import viewer_of
from safelaunch.services import cpl as entries
from safelaunch.services import cpl_changes as changes
from safelaunch.services.cpl import Change
from safelaunch.store.reads import clock
from safelaunch.store.reads.cpl import ProposalLine, Wanted

router = Router(tags=["cpl"])

_Limit = Annotated[int, Field(ge=1, le=500)]
_Number = Annotated[int, Field(ge=1, le=2**31 - 1)]


class Entry(Schema):
    """An entry of the CPL; `image_hash` is hexadecimal, or empty."""

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


class Asked(Schema):
    """Which entries are asked for; what is left out narrows nothing."""

    device_type: DeviceType | None = None
    status: CplStatus | None = None
    search: str | None = None


class Extent(Schema):
    """How much of an entry is asked for: with `devices`, also who runs it, which passes over the inventory."""

    devices: bool = False


class Entries(Schema):
    """A page of entries; `next` is what to ask the next page after, nothing on the last one."""

    entries: list[Entry]
    next: int | None


class Happening(Schema):
    """One thing that happened to an entry, and what it said from then on; a Supplier is not told who at the DCC did it."""

    happened_at: datetime
    act: str
    status_before: str | None
    status_after: str
    actor: str
    cpl_proposal_id: int | None
    smets_chts_version: str
    gbcs_version: str
    image_hash: str
    predecessors: list[str]


class SupplierDevices(Schema):
    """Devices of one Supplier; a Device of two Suppliers counts for both."""

    supplier: str
    in_service: int
    suspended: int


class Running(Schema):
    """Devices that run the firmware, as far as the caller may count them: in service or on the way to it, and Suspended."""

    in_service: int
    suspended: int
    suppliers: list[SupplierDevices]


class EntryStory(Schema):
    """An entry, what happened to it (newest first) and, when asked for, the Devices that run it."""

    entry: Entry
    history: list[Happening]
    devices: Running | None


class SupplierTotal(Schema):
    """What a change does to one Supplier's Devices; a Device of two Suppliers counts for both."""

    supplier: str
    suspended: int
    restored: int


class EntryChange(Schema):
    """One entry that a change touches, in words; `status_before` is empty for a new one."""

    entry: str
    act: EntryAct
    status_before: str
    status_after: str


class Touched(Schema):
    """Devices of one entry that share an effect and the Suppliers responsible for them."""

    entry: str
    effect: DeviceEffect
    suppliers: list[str]
    device_count: int


class Consequences(Schema):
    """What a change does to entries and Devices; two people agree on `digest`."""

    sentence: str
    suspended: int
    restored: int
    digest: str
    suppliers: list[SupplierTotal]
    changes: list[EntryChange]
    touched: list[Touched]


class Proposed(Schema):
    """A proposed change: who says what, why, and what became of it."""

    cpl_proposal_id: int
    source: str
    because: str
    state: str
    proposed_by: str
    proposed_at: datetime
    decided_by: str | None
    decided_at: datetime | None


class Line(Proposed):
    """A proposed change on one line."""

    entry_count: int
    suspended: int
    restored: int


class Lines(Schema):
    """A page of proposals, newest first; `next` is what to ask the next page before."""

    proposals: list[Line]
    next: int | None


class Told(Schema):
    """What an applied proposal suspended of one Device Model, and how many alerts of it are owed and written."""

    device_type: str
    manufacturer: str
    model: str
    hardware_version: str
    firmware_version: str
    device_count: int
    owed_count: int
    told_count: int


class Proposal(Proposed):
    """A proposed change with what its proposer saw; `applied_since` while somebody is applying it."""

    applied_since: datetime | None
    consequences: Consequences
    suspensions: list[Told]


class Preview(Schema):
    """What a change would do; nothing was proposed."""

    source: str
    unchanged: int
    consequences: Consequences


class Wish(Schema):
    """What an entry is to say; what is left out stays. `{"status": "Withdrawn"}` removes it."""

    status: str | None = None
    smets_chts_version: str | None = None
    gbcs_version: str | None = None
    image_hash: str | None = None
    predecessors: list[str] | None = None
    because: str = ""


@router.get("/cpl", response=Entries, summary="The Central Products List")
def list_entries(
    request: HttpRequest,
    asked: Query[Asked],
    after: _Number | None = None,
    limit: _Limit = 100,
) -> dict[str, Any]:
    """List entries by name and version; `search` stands in a manufacturer, a model or a version."""
    del request
    wanted = Wanted(device_type=asked.device_type, status=asked.status, search=asked.search or None)
    found = entries.list_entries(wanted=wanted, after=after, limit=limit)
    return {"entries": found, "next": found[-1].device_model_id if len(found) == limit else None}


@router.get("/cpl/proposals", response=Lines, summary="Proposed changes of the CPL")
def list_proposals(
    request: HttpRequest,
    state: ProposalState | None = None,
    before: _Number | None = None,
    limit: _Limit = 100,
) -> dict[str, list[ProposalLine] | int | None]:
    """List proposals, newest first; they count the Devices of every Supplier, so the DCC alone sees them."""
    found = changes.list_proposals(
        viewer_party_id=viewer_of(request).party_id, state=state, before=before, limit=limit
    )
    return {"proposals": found, "next": found[-1].cpl_proposal_id if len(found) == limit else None}


@router.post("/cpl/previews", response=Preview, summary="See what a file of entries would do")
def preview_file(request: HttpRequest, file: File[UploadedFile]) -> dict[str, Any]:
    """Say what a CSV or XLSX file of entries would do, and do nothing."""
    return _preview(request, _change_of_file(file))


@router.post("/cpl/proposals", response={201: Proposal}, summary="Propose a file of entries")
def propose_file(
    request: HttpRequest, file: File[UploadedFile], because: Form[str]
) -> Status[dict[str, Any]]:
    """Propose what a CSV or XLSX file of entries says, answering with what it would do; a second person applies it."""
    return _propose(request, _change_of_file(file), because=because)


@router.get("/cpl/proposals/{int:number}", response=Proposal, summary="One proposal")
def show_proposal(request: HttpRequest, number: int) -> dict[str, Any]:
    """Give a proposal with what its proposer saw and, once applied, how far it has been told."""
    return _story(request, number)


@router.post("/cpl/proposals/{int:number}/approve", response=Proposal, summary="Apply a proposal")
def approve(request: HttpRequest, number: int) -> dict[str, Any]:
    """Apply another person's proposal, if it still does what its proposer saw; when this answers, all of it is done."""
    changes.approve(cpl_proposal_id=number, actor=viewer_of(request).actor, at=clock.now())
    return _story(request, number)


@router.post("/cpl/proposals/{int:number}/reject", response=Proposal, summary="Put a proposal aside")
def reject(request: HttpRequest, number: int) -> dict[str, Any]:
    """Put a proposal aside; nothing changes."""
    changes.decline(cpl_proposal_id=number, actor=viewer_of(request).actor, at=clock.now())
    return _story(request, number)


@router.get("/cpl/{int:device_model_id}", response=EntryStory, summary="One entry with its history")
def show_entry(request: HttpRequest, device_model_id: int, extent: Query[Extent]) -> dict[str, Any]:
    """Give an entry and what happened to it, and count who runs it when that is asked for."""
    party_id = viewer_of(request).party_id
    found = entries.show_entry(device_model_id=device_model_id, viewer_party_id=party_id)
    running = entries.count_devices(entry=found.entry, viewer_party_id=party_id) if extent.devices else None
    return {"entry": found.entry, "history": found.history, "devices": running}


@router.post(
    "/cpl/{int:device_model_id}/previews", response=Preview, summary="See what changing an entry would do"
)
def preview_entry(request: HttpRequest, device_model_id: int, wish: Wish) -> dict[str, Any]:
    """Say what a change of one entry would do, and do nothing."""
    return _preview(request, _change_of_entry(device_model_id, wish))


@router.post(
    "/cpl/{int:device_model_id}/proposals", response={201: Proposal}, summary="Propose to change an entry"
)
def propose_entry(request: HttpRequest, device_model_id: int, wish: Wish) -> Status[dict[str, Any]]:
    """Propose to change or remove one entry, answering with what it would do; a second person applies it."""
    return _propose(request, _change_of_entry(device_model_id, wish), because=wish.because)


def _change_of_file(file: UploadedFile) -> Change:
    return entries.read_upload(name=file.name or "", octets=file.read())


def _change_of_entry(device_model_id: int, wish: Wish) -> Change:
    said = {
        name: " ".join(value) if isinstance(value, list) else value
        for name, value in wish.dict(exclude={"because"}).items()
        if value is not None
    }
    return entries.change_of(device_model_id=device_model_id, said=said)


def _preview(request: HttpRequest, change: Change) -> dict[str, Any]:
    seen = changes.preview(change, actor=viewer_of(request).actor)
    return {
        "source": seen.source,
        "unchanged": seen.unchanged,
        "consequences": seen.consequences.as_json(),
    }


def _propose(request: HttpRequest, change: Change, *, because: str) -> Status[dict[str, Any]]:
    proposal = changes.propose(change, because=because, actor=viewer_of(request).actor, at=clock.now())
    return Status(201, _story(request, proposal.cpl_proposal_id))


def _story(request: HttpRequest, number: int) -> dict[str, Any]:
    story = changes.show_proposal(cpl_proposal_id=number, viewer_party_id=viewer_of(request).party_id)
    proposal = story.proposal
    return {
        "cpl_proposal_id": proposal.cpl_proposal_id,
        "source": proposal.source,
        "because": proposal.because,
        "state": proposal.state.value,
        "proposed_by": proposal.proposed_by,
        "proposed_at": proposal.proposed_at,
        "decided_by": proposal.decided_by,
        "decided_at": proposal.decided_at,
        "applied_since": story.applied_since,
        "consequences": story.consequences.as_json(),
        "suspensions": story.suspensions,
    }
