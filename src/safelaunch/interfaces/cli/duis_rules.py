"""What a message's own content says against it, without knowing who asks or which Devices there are.

A request names one thing in several ways (SRV, Service Reference, Command Variant, body), and they have to agree; its
body has to be readable, and so has the firmware image in it. Everything else about a request is the inventory's to say.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TypeAlias

from safelaunch.domain import srv as catalogue
from safelaunch.domain.admission import CANCELLATION, FURTHEST_AHEAD
from safelaunch.domain.refusals import Problem
from safelaunch.wire import ota_image
from safelaunch.wire.duis import extension
from safelaunch.wire.duis.dialects import Dialect
from safelaunch.wire.duis.envelope import Request, Response
from safelaunch.wire.duis.requests import RequestBody, read_body
from safelaunch.wire.duis.requests.firmware import UpdateFirmware, UpdatePpmidFirmware
from safelaunch.wire.duis.responses import read_response
from safelaunch.wire.duis.xml import parse

Envelope: TypeAlias = Request | Response


def objections(envelope: Envelope, *, at: datetime) -> Iterator[str]:
    """This function will give what speaks against a message's content, a sentence each.

    Args:
        envelope: the message.
        at: when it would come, for execution times.
    """
    if isinstance(envelope, Response):
        yield from _of_response(envelope)
    elif envelope.dialect is Dialect.CAMPAIGNS:
        element, variant = parse(envelope.body_xml), envelope.service_reference_variant
        yield from _said(lambda: extension.read_body(element, variant=variant))
    else:
        yield from _of_request(envelope, at=at)


def _of_response(response: Response) -> Iterator[str]:
    if response.dialect is Dialect.CAMPAIGNS:
        yield from _said(lambda: extension.read_reply(response))
    else:
        yield from _said(lambda: read_response(response))


def _of_request(request: Request, *, at: datetime) -> Iterator[str]:
    try:
        srv = catalogue.find(request.service_reference_variant)
    except Problem as problem:
        yield str(problem)
        return
    if request.service_reference != srv.service_reference:
        yield (
            f"The Service Reference is {request.service_reference}; that of {srv.code} ({srv.name}) is "
            f"{srv.service_reference}."
        )
    try:
        expected = catalogue.expected_body(srv.code, command_variant=request.command_variant)
    except Problem as problem:
        yield str(problem)
        expected = srv.body
    if request.body_name != expected:
        yield (
            f"The body is {request.body_name}; {srv.code} ({srv.name}) in Command Variant {request.command_variant} has "
            f"{expected}."
        )
        return
    try:
        body = read_body(parse(request.body_xml), srv=srv)
    except Problem as problem:
        yield str(problem)
        return
    yield from _of_image(body)
    yield from _of_execution(getattr(body, "execution_at", None), srv=srv, at=at)


def _of_image(body: RequestBody) -> Iterator[str]:
    if isinstance(body, UpdateFirmware):
        kind = ota_image.ImageKind.SIGNED
        if isinstance(body, UpdatePpmidFirmware):
            kind = ota_image.ImageKind.UNSIGNED
        yield from _said(lambda: ota_image.read(body.image, kind=kind))


def _of_execution(execution_at: datetime | None, *, srv: catalogue.Srv, at: datetime) -> Iterator[str]:
    if execution_at is None or execution_at == CANCELLATION:
        return
    if not srv.is_future_dated:
        yield f"{srv.code} ({srv.name}) cannot be future dated, and an execution time is given."
    elif not at < execution_at <= at + FURTHEST_AHEAD:
        yield (
            f"The execution time {execution_at:%d %B %Y %H:%M} does not lie ahead by at most {FURTHEST_AHEAD.days} days."
        )


def _said(read: Callable[[], object]) -> Iterator[str]:
    try:
        read()
    except Problem as problem:
        yield str(problem)
