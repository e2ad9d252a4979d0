"""Deferrals as JSON: asked for, seen, decided, appealed, withdrawn."""

import base64
import binascii
from datetime import date, datetime
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema, Status
from pydantic import Field

from safelaunch.domain import deferrals as rules
from safelaunch.domain.deferrals import Decision, DeferralState, Proposed
from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.refusals import Invalid
from safelaunch.interfaces.api.campaigns import viewer_of
from safelaunch.interfaces.api.wishes import DeviceIdTexts, Outcomes, outcomes_of, read_hubs
from safelaunch.services import deferrals
from safelaunch.services.deferrals import Asked
from safelaunch.store.reads import clock
from safelaunch.store.reads import deferrals as reads
from safelaunch.store.reads.deferrals import DeferralView

router = Router(tags=["deferrals"])
_Number = Annotated[int, Query(ge=0, lt=2**63)]
_Limit = Annotated[int, Query(ge=1, le=1_000)]


class EvidenceGiven(Schema):
    """A file that speaks for a deferral, its content in base64."""

    name: Annotated[str, Field(min_length=1, max_length=120)]
    media_type: Annotated[str, Field(max_length=120)] = "application/octet-stream"
    content: str


class DeferralAsked(Schema):
    """What a Supplier gives with a deferral."""

    device_ids: DeviceIdTexts
    grounds: Annotated[str, Field(max_length=rules.LONGEST_REASON)]
    duty: str | None = None
    until: date | None = None
    evidence: Annotated[list[EvidenceGiven], Field(default_factory=list, max_length=rules.MOST_FILES)]


class DeferralMade(Schema):
    """A deferral that was taken down; `number` is None when no hub could be."""

    number: int | None
    held_until: date | None
    outcomes: Outcomes


class File(Schema):
    """A file that speaks for a deferral."""

    number: int
    name: str
    media_type: str
    sha256: str
    octets: int


class Deferral(Schema):
    """A deferral, the clock of its decision, and what came of it."""

    number: int
    campaign: str
    supplier: str
    state: str
    clock: str
    hub_count: int
    grounds: str | None
    duty: str | None
    asked_at: datetime
    held_until: date
    decision_due_at: datetime
    proposed_decision: str | None
    proposed_reason: str | None
    proposed_by: str | None
    direction: str | None
    decided_by: str | None
    decided_at: datetime | None
    reason: str | None
    appeal: str | None
    ended_at: datetime | None


class DeferralWithFiles(Deferral):
    """A deferral with what speaks for it."""

    files: list[File]


class Deferrals(Schema):
    """A page of deferrals, newest first; `next` goes as `before`."""

    deferrals: list[Deferral]
    next: int | None


class DeferredHub(Schema):
    """A hub of a deferral."""

    device_id: str
    outcome: str
    state: str | None


class ProposalGiven(Schema):
    """What one person proposes to decide; an appeal needs the Panel's direction."""

    decision: Decision
    reason: str
    direction: str | None = None


class AppealGiven(Schema):
    """What the Panel is to consider."""

    why: str


@router.post("/campaigns/{reference}/deferrals", response={201: DeferralMade}, summary="Defer hubs")
def request_deferral(request: HttpRequest, reference: str, asked: DeferralAsked) -> Status[DeferralMade]:
    """Ask that hubs are not upgraded for now; those taken down are held when this answers."""
    given = Asked(
        grounds=asked.grounds,
        duty=asked.duty,
        until=asked.until,
        files=[(file.name, file.media_type, _content(file)) for file in asked.evidence],
    )
    made = deferrals.request(
        reference=reference,
        device_ids=read_hubs(asked.device_ids),
        asked=given,
        actor=viewer_of(request).actor,
        at=clock.now(),
    )
    is_made = made.taken.taken > 0
    answer = DeferralMade(
        number=made.number if is_made else None,
        held_until=made.held_until if is_made else None,
        outcomes=outcomes_of(made.taken),
    )
    return Status(201, answer)


@router.get("/deferrals", response=Deferrals, summary="Deferrals and their clocks")
def list_deferrals(
    request: HttpRequest,
    state: DeferralState | None = None,
    before: _Number | None = None,
    limit: _Limit = 100,
) -> dict[str, Any]:
    """List the caller's deferrals, or for the DCC and governance all, newest first."""
    found = reads.list_deferrals(
        party_id=viewer_of(request).party_id,
        states=[state.value] if state else None,
        before=before,
        limit=limit,
    )
    at = clock.now()
    return {
        "deferrals": [_shown(one, at=at) for one in found],
        "next": found[-1].number if len(found) == limit else None,
    }


@router.get("/deferrals/{int:number}", response=DeferralWithFiles, summary="One deferral")
def show_deferral(request: HttpRequest, number: int) -> dict[str, Any]:
    """Give a deferral with what speaks for it."""
    one = reads.get(number=number, party_id=viewer_of(request).party_id)
    files = [
        {
            "number": file.deferral_file_id,
            "name": file.name,
            "media_type": file.media_type,
            "sha256": file.sha256,
            "octets": file.octets,
        }
        for file in reads.list_deferral_files(number=number)
    ]
    return {**_shown(one, at=clock.now()), "files": files}


@router.get("/deferrals/{int:number}/hubs", response=list[DeferredHub], summary="The hubs of a deferral")
def list_hubs(
    request: HttpRequest, number: int, after: str | None = None, limit: _Limit = 100
) -> list[dict[str, str | None]]:
    """List the hubs that were named, in the order of their Device IDs, from after one on."""
    reads.get(number=number, party_id=viewer_of(request).party_id)
    found = reads.list_deferred_hubs(number=number, after=Eui64.parse(after) if after else None, limit=limit)
    return [{"device_id": str(one.device_id), "outcome": one.outcome, "state": one.state} for one in found]


@router.get("/deferrals/{int:number}/files/{int:file}", summary="A file that speaks for a deferral")
def get_file(request: HttpRequest, number: int, file: int) -> HttpResponse:
    """Give the octets of a file, to be saved and never shown."""
    reads.get(number=number, party_id=viewer_of(request).party_id)
    content = reads.get_file_content(number=number, deferral_file_id=file)
    if content is None:
        raise reads.NoSuchDeferral(f"Deferral D{number} has no such file.")
    response = HttpResponse(content, content_type="application/octet-stream")
    response.headers["Content-Disposition"] = f'attachment; filename="D{number}-{file}"'
    return response


@router.post("/deferrals/{int:number}/propose", response=Deferral, summary="Propose a decision")
def propose(request: HttpRequest, number: int, given: ProposalGiven) -> dict[str, Any]:
    """Propose to accept or refuse a deferral; a second person has to agree."""
    proposed = Proposed(given.decision, given.reason.strip(), given.direction)
    at = clock.now()
    return _shown(
        deferrals.propose(number=number, proposed=proposed, actor=viewer_of(request).actor, at=at), at=at
    )


@router.post("/deferrals/{int:number}/agree", response=Deferral, summary="Decide as was proposed")
def agree(request: HttpRequest, number: int) -> dict[str, Any]:
    """Decide a deferral as another person proposed; a refusal lets the hubs go at once."""
    at = clock.now()
    return _shown(deferrals.agree(number=number, actor=viewer_of(request).actor, at=at), at=at)


@router.post("/deferrals/{int:number}/appeal", response=Deferral, summary="Appeal a refusal")
def appeal(request: HttpRequest, number: int, given: AppealGiven) -> dict[str, Any]:
    """Appeal a refusal to the Panel; the hubs are held again."""
    at = clock.now()
    return _shown(
        deferrals.appeal(number=number, why=given.why, actor=viewer_of(request).actor, at=at), at=at
    )


@router.post("/deferrals/{int:number}/withdraw", response=Deferral, summary="Withdraw a deferral")
def withdraw(request: HttpRequest, number: int) -> dict[str, Any]:
    """Withdraw a deferral; its hubs may go again."""
    at = clock.now()
    return _shown(deferrals.withdraw(number=number, actor=viewer_of(request).actor, at=at), at=at)


def _content(file: EvidenceGiven) -> bytes:
    try:
        return base64.b64decode(file.content, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Invalid(f"The content of {file.name} is not base64.") from error


def _shown(one: DeferralView, *, at: datetime) -> dict[str, Any]:
    shown = {name: getattr(one, name) for name in one.__dataclass_fields__}
    return {**shown, "campaign": one.reference, "clock": one.clock(at).value}
