"""`safelaunch duis`: sign, verify, send, receive and explain DUIS messages, for the developers of Users' systems.

No database is touched, and the clock is the wall's: these messages are other systems' too.
"""

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from safelaunch.domain.refusals import Conflict, Unreadable
from safelaunch.interfaces.cli.duis_files import (
    read_key,
    read_message,
    read_organisation,
    write_message,
)
from safelaunch.interfaces.cli.duis_judging import (
    Belief,
    Judgement,
    at_option,
    believing,
    is_request,
    judge,
    open_document,
)
from safelaunch.interfaces.cli.duis_receiving import (
    LOOPBACK,
    Inbox,
    how_signed,
    make_server,
    open_response_as,
)
from safelaunch.interfaces.cli.duis_sending import address_for, post
from safelaunch.interfaces.cli.terminal import as_json, print_json, say
from safelaunch.wire.duis import explaining, signature
from safelaunch.wire.duis.envelope import Request, Response, read_request, read_response
from safelaunch.wire.duis.renumbering import with_counter
from safelaunch.wire.duis.xml import parse
from safelaunch.wire.smki import DSP_XML_SIGNING, OrganisationCertificate

_PATH = click.Path(path_type=Path)
_MILLISECONDS = 1000

REFUSED = 1
"""The exit code when the DCC's answer is an error."""

message_argument = click.argument("file", type=_PATH)


@click.group()
def duis() -> None:
    """Sign, verify, send, receive and explain DUIS messages. FILE may be - for standard input."""


@duis.command()
@message_argument
@click.option("--key", "key_file", required=True, type=_PATH, help="The XML-signing private key, PEM or DER.")
@click.option(
    "--certificate",
    "certificate_file",
    required=True,
    type=_PATH,
    help="The certificate of that key, role 87 or 89, PEM or DER.",
)
@click.option("--output", type=_PATH, help="Where to write the signed message; standard output otherwise.")
@click.option(
    "--new-counter", is_flag=True, help="Put the time in milliseconds for the counter, as DCC Boxed does."
)
@click.option("--forgive-dates", is_flag=True, help="Sign even with a certificate that is out of date.")
@click.option(
    "--accept-decimal-role",
    is_flag=True,
    help="Read an OU of 137 as role 89, as one old test certificate has it.",
)
@as_json
def sign(
    *,
    file: Path,
    key_file: Path,
    certificate_file: Path,
    output: Path | None,
    new_counter: bool,
    forgive_dates: bool,
    accept_decimal_role: bool,
    as_json: bool,
) -> None:
    """Sign a Request or Response; a signature that it has already is replaced."""
    at = datetime.now(UTC)
    document = read_message(file)
    key = read_key(key_file)
    certificate = read_organisation(certificate_file, accepts_decimal_role=accept_decimal_role)
    if not forgive_dates:
        _require_in_date(certificate, at=at)
    if new_counter:
        document = with_counter(document, counter=int(at.timestamp() * _MILLISECONDS))
    envelope = _envelope(document)
    _require_own(envelope, certificate=certificate)
    signed = signature.sign(document, key=key, certificate=certificate)
    if not as_json or output is not None:
        write_message(signed, to=output)
    if as_json:
        facts = {"output": output, "signed_by": _facts_of(certificate), **_ids_of(envelope)}
        print_json(facts if output is not None else {**facts, "document": signed.decode()})
    say(f"Signed as {certificate.eui}, role {certificate.role:02X}, certificate {certificate.serial}.")


@duis.command()
@message_argument
@believing(needs_certificates=True)
@at_option
@as_json
def verify(*, file: Path, belief: Belief, at: datetime | None, as_json: bool) -> None:
    """Check form, signature and sender of a Request or Response; exit code 4 when its signature does not hold."""
    opened = open_document(read_message(file), belief=belief, at=at or datetime.now(UTC))
    certificate = opened.certificate
    if certificate is None:
        raise signature.Unsigned("The message is not signed, so nobody vouches for it.")
    if as_json:
        print_json(
            {
                "verified": True,
                "document": type(opened.envelope).__name__,
                "signed_by": _facts_of(certificate),
                "was_reformatted": opened.was_reformatted,
                "was_checked_by_schema": belief.trust.schema is not None,
                **_ids_of(opened.envelope),
            }
        )
    say(
        f"Verified: signed by {certificate.eui}, role {certificate.role:02X}, with certificate {certificate.serial} "
        f"of {certificate.issuer}."
    )
    if opened.was_reformatted:
        say("White space was added after signing; it was forgiven, as --forgive layout allows.")
    if belief.trust.schema is None:
        say("The official schema was not applied; --schemas names its folder.")


@duis.command()
@click.option("--host", default=LOOPBACK, show_default=True, help="The address to listen on.")
@click.option(
    "--port",
    default=1880,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="The port to listen on; 0 takes any that is free.",
)
@click.option(
    "--dir",
    "directory",
    default="received",
    show_default=True,
    type=_PATH,
    help="Where messages are kept, a file each.",
)
@click.option(
    "--fail",
    "refusals",
    default=0,
    type=click.IntRange(min=0),
    metavar="N",
    help="Refuse the first N messages with 503, to see the sender come back.",
)
@believing(needs_certificates=False)
def listen(*, host: str, port: int, directory: Path, refusals: int, belief: Belief) -> None:
    """Receive responses and alerts as a User's system does, until Ctrl-C: a line for each on standard output.

    Signatures are checked when --trust says whose; messages without one are taken, and said to have none.
    """
    inbox = Inbox(directory, belief, tell=click.echo, refusals_left=refusals)
    with make_server(inbox, host=host, port=port) as server:
        say(
            f"Listening on http://{host}:{server.server_port}/smartdcc/duis; messages are kept in {directory}."
        )
        with suppress(KeyboardInterrupt):
            server.serve_forever()
    say("Stopped.")


@duis.command()
@message_argument
@believing(needs_certificates=False)
@at_option
@as_json
def explain(*, file: Path, belief: Belief, at: datetime | None, as_json: bool) -> None:
    """Say in plain words what a DUIS file says, and whether it would be accepted, and why not."""
    octets = read_message(file)
    judgement = judge(octets, belief=belief, at=at or datetime.now(UTC))
    lines = _lines(octets)
    if as_json:
        signer = judgement.certificate
        print_json(
            {
                "lines": lines,
                "accepted": judgement.is_accepted,
                "reasons": list(judgement.reasons),
                "doubts": list(judgement.doubts),
                "signed_by": signer and _facts_of(signer),
                "was_reformatted": judgement.was_reformatted,
            }
        )
        return
    for line in (*lines, *_verdict(judgement, belief=belief)):
        click.echo(line)


@duis.command()
@message_argument
@click.option(
    "--url", required=True, help="The base address of the DCC's web services, such as http://127.0.0.1:8000."
)
@click.option(
    "--timeout",
    default=10.0,
    show_default=True,
    type=click.FloatRange(0.1, 600),
    help="Seconds to wait for the answer; DCC Boxed's clients wait 3.",
)
@click.option("--output", type=_PATH, help="Where to keep the Response as it came.")
@believing(needs_certificates=False)
@as_json
def send(
    *, file: Path, url: str, timeout: float, output: Path | None, belief: Belief, as_json: bool
) -> int | None:
    """Send a signed request to the web service that takes it, and explain the answer; exit code 1 when it is an error.

    The answer's signature is checked when --trust says whose.
    """
    octets = read_message(file)
    request = _envelope(octets)
    if not isinstance(request, Request):
        raise Conflict("The message is a Response, and Users send Requests; duis listen receives Responses.")
    reply = post(octets, address=address_for(request, url=url), timeout=timeout)
    if output is not None:
        write_message(reply.octets, to=output)
    answer = open_response_as(belief, reply.octets, at=datetime.now(UTC))
    response, lines = answer.envelope, _lines(reply.octets)
    is_error = response.response_code.startswith("E")
    if as_json:
        print_json(
            {
                "response_code": response.response_code,
                "reason": reply.reason,
                "seconds": round(reply.seconds, 3),
                "lines": lines,
                "signed_by": answer.certificate and _facts_of(answer.certificate),
                "document": reply.octets.decode("utf-8", "replace"),
                **_ids_of(response),
            }
        )
    else:
        click.echo(
            f"{response.response_code} after {reply.seconds:.2f} s, {how_signed(answer, belief=belief)}."
        )
        for line in lines:
            click.echo(line)
    if reply.reason:
        say(reply.reason)
    return REFUSED if is_error else None


def _lines(octets: bytes) -> list[str]:
    try:
        return explaining.explain(octets)
    except Unreadable:
        # Why it cannot be read is among the reasons.
        return []


def _verdict(judgement: Judgement, *, belief: Belief) -> Iterator[str]:
    if judgement.reasons:
        yield "It would not be accepted:"
        yield from (f"  {reason}" for reason in judgement.reasons)
    elif judgement.doubts:
        yield "Nothing speaks against it so far, but not everything could be judged:"
        yield from (f"  {doubt}" for doubt in judgement.doubts)
    else:
        yield "It would be accepted as it stands; User, Device and counter the receiver judges."
    if judgement.certificate is not None:
        yield f"Signed by {judgement.certificate.eui}, role {judgement.certificate.role:02X}."
    if judgement.was_reformatted:
        yield "It was laid out anew after it was signed, which --forgive layout forgives."
    if belief.trust.schema is None:
        yield "The official schema was not applied; --schemas names its folder."


def _require_in_date(certificate: OrganisationCertificate, *, at: datetime) -> None:
    if not certificate.valid_from <= at <= certificate.valid_until:
        raise Conflict(
            f"The certificate {certificate.serial} of {certificate.eui} is valid from "
            f"{certificate.valid_from:%d %B %Y} to {certificate.valid_until:%d %B %Y}, so a signature made today would be "
            "refused. Use a renewed one, or --forgive-dates for a receiver that forgives."
        )


def _envelope(document: bytes) -> Request | Response:
    root = parse(document)
    return read_request(root) if is_request(root) else read_response(root)


def _require_own(envelope: Request | Response, *, certificate: OrganisationCertificate) -> None:
    if isinstance(envelope, Request) and envelope.request_id.originator != certificate.eui:
        raise Conflict(
            f"The request {envelope.request_id} comes from {envelope.request_id.originator}, and the certificate is that "
            f"of {certificate.eui}. Only its originator can sign a request."
        )
    if isinstance(envelope, Response) and certificate.role != DSP_XML_SIGNING:
        raise Conflict(
            f"The certificate of {certificate.eui} has role {certificate.role:02X}; responses and alerts are signed by "
            "the DSP, in role 89."
        )


def _facts_of(certificate: OrganisationCertificate) -> dict[str, Any]:
    return {
        "eui": str(certificate.eui),
        "role": f"{certificate.role:02X}",
        "serial": str(certificate.serial),
        "issuer": certificate.issuer,
        "valid_from": certificate.valid_from,
        "valid_until": certificate.valid_until,
    }


def _ids_of(envelope: Request | Response) -> dict[str, Any]:
    request_id = envelope.request_id and str(envelope.request_id)
    if isinstance(envelope, Request):
        return {"request_id": request_id}
    return {"request_id": request_id, "response_id": envelope.response_id and str(envelope.response_id)}
