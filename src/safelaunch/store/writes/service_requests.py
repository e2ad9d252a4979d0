"""Recording Service Requests: what came, what was answered, and the counters that make a repeat impossible."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError

from safelaunch.domain import srv as catalogue
from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.service_requests import MACHINE, RequestEvent
from safelaunch.store import sql
from safelaunch.store.arrays import Bigints, Texts
from safelaunch.store.models import ServiceMessage, ServiceRequest
from safelaunch.store.transactions import savepoint, transaction_required
from safelaunch.wire import copy_binary
from safelaunch.wire.duis.envelope import Request
from safelaunch.wire.duis.opening import Opened


@dataclass(frozen=True, slots=True)
class _Completed:
    service_request_id: int


@transaction_required
def add_service_message(*, digest: bytes, octets: bytes) -> None:
    """This function will keep the signed octets of a request, once."""
    if not ServiceMessage.objects.filter(pk=digest).exists():
        copy_service_message([digest, octets])


def copy_service_message(fields: Sequence[bytes]) -> None:
    """This function will take in a message and its digest; COPY sends it in blocks, without a copy of the whole."""
    sql.copy_octets("copy_service_message", copy_binary.framed(copy_binary.row(fields)))


@transaction_required
def raise_counter(*, originator: Eui64, is_top_up: bool, counter: int) -> bool:
    """This function will raise an originator's counter and say whether it rose; if not, somebody else was first."""
    return bool(sql.execute("raise_counter", originator=originator, is_top_up=is_top_up, counter=counter))


@transaction_required
def add(*, opened: Opened[Request], message_digest: bytes, at: datetime) -> int | None:
    """This function will record an authentic request, ACCEPTED, and give its number; None when it is there already."""
    request, certificate = opened.envelope, opened.certificate
    row = ServiceRequest(
        originator=request.request_id.originator,
        target=request.request_id.target,
        counter=request.request_id.counter,
        is_signed_pre_command=request.command_variant in catalogue.SIGNED_VARIANTS,
        command_variant=request.command_variant,
        service_reference=request.service_reference,
        service_reference_variant=request.service_reference_variant,
        body_name=request.body_name,
        schema_version=request.schema_version,
        certificate_issuer=certificate.issuer if certificate else "",
        certificate_serial=str(certificate.serial) if certificate else "",
        was_reformatted=opened.was_reformatted,
        message_digest=message_digest,
        state=MACHINE.initial,
        received_at=at,
    )
    try:
        with savepoint():
            row.save(force_insert=True)
    except IntegrityError:
        return None
    return int(row.pk)


@transaction_required
def answer(*, service_request_id: int, event: RequestEvent, code: str, response: bytes, at: datetime) -> None:
    """This function will record the synchronous answer of a request that is locked, and move it."""
    ServiceRequest.objects.filter(pk=service_request_id, state__in=MACHINE.sources(event)).update(
        state=MACHINE.target(event), response_code=code, response=response, answered_at=at
    )


@transaction_required
def complete_all_requests(*, codes: Mapping[int, str], at: datetime) -> set[int]:
    """This function will note the asynchronous outcomes of acknowledged requests, and say which were the first ones.

    Args:
        codes: of the outcomes, by the number of the request.
        at: when.
    """
    rows = sql.fetch_all(
        "complete_all_requests",
        _Completed,
        service_request_ids=Bigints(codes),
        codes=Texts(codes.values()),
        from_states=MACHINE.sources(RequestEvent.COMPLETE),
        to_state=MACHINE.target(RequestEvent.COMPLETE),
        at=at,
    )
    return {row.service_request_id for row in rows}


@transaction_required
def note_handed_over(*, service_request_id: int, at: datetime) -> bool:
    """This function will note that the answer went out or was queued, and say whether that is new."""
    waiting = ServiceRequest.objects.filter(pk=service_request_id, handed_over_at__isnull=True)
    return waiting.update(handed_over_at=at) == 1
