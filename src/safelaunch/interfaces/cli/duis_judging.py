"""What a person tells the `duis` commands to believe, and what they then make of a message."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial, wraps
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

import click

from safelaunch.domain.refusals import Unreadable
from safelaunch.interfaces.cli.duis_files import gather_certificates
from safelaunch.interfaces.cli.duis_rules import objections
from safelaunch.interfaces.cli.terminal import say
from safelaunch.wire.duis import schema
from safelaunch.wire.duis.dialects import DOCUMENTS
from safelaunch.wire.duis.envelope import Request, Response, read_request, read_response
from safelaunch.wire.duis.opening import Opened, Trust, open_request, open_response
from safelaunch.wire.duis.schema import SchemaViolation
from safelaunch.wire.duis.signature import UnknownCertificate, UntrustedSignature
from safelaunch.wire.duis.xml import Element, local_name, parse
from safelaunch.wire.smki import CertificateSet, OrganisationCertificate

Document: TypeAlias = Opened[Request] | Opened[Response]

DATES, LAYOUT = "dates", "layout"
"""What may be forgiven, in the words of `SAFELAUNCH_DUIS_FORGIVES`."""

R = TypeVar("R")
_PATH = click.Path(path_type=Path)


class NotDuis(Unreadable):
    """The document is XML, and neither a Request nor a Response of DUIS."""


@dataclass(frozen=True, slots=True)
class Belief:
    """What a command believes: `trust`, and whether any certificate was given to believe at all."""

    trust: Trust
    knows_certificates: bool


@dataclass(frozen=True, slots=True)
class Judgement:
    """What became of a message.

    Attributes:
        envelope: the message; None where its form does not allow to read it.
        certificate: whose signature holds; None where none does, or there is none.
        was_reformatted: whether white space had to be dropped before the signature held.
        reasons: what speaks against the message.
        doubts: what could not be judged here.
    """

    envelope: Request | Response | None
    certificate: OrganisationCertificate | None
    was_reformatted: bool
    reasons: tuple[str, ...]
    doubts: tuple[str, ...]

    @property
    def is_accepted(self) -> bool | None:
        """This function will say whether the message would be accepted; None where that cannot be said."""
        if self.reasons:
            return False
        return None if self.doubts else True


at_option = click.option(
    "--at",
    type=click.DateTime(["%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d"]),
    callback=lambda _context, _parameter, value: value and value.replace(tzinfo=UTC),
    help="Judge certificates as at this time, in UTC; now otherwise.",
)


def believing(*, needs_certificates: bool) -> Callable[[Callable[..., R]], Callable[..., R]]:
    """This function will give a command its options of trust, and hand their meaning to it as `belief`."""

    def decorate(command: Callable[..., R]) -> Callable[..., R]:
        @click.option(
            "--trust",
            "trusted",
            multiple=True,
            required=needs_certificates,
            type=_PATH,
            help="Certificate, or directory of certificates (PEM, DER), to believe; may be given again.",
        )
        @click.option(
            "--schemas",
            envvar="SAFELAUNCH_DUIS_SCHEMAS",
            type=_PATH,
            help="Folder of the official XSDs; SAFELAUNCH_DUIS_SCHEMAS otherwise.",
        )
        @click.option(
            "--forgive",
            multiple=True,
            type=click.Choice([DATES, LAYOUT]),
            help="Forgive certificates out of date, or white space added after signing; may be given again.",
        )
        @click.option(
            "--accept-decimal-role",
            is_flag=True,
            help="Read an OU of 137 as role 89, as one old test certificate has it.",
        )
        @wraps(command)
        def wrapped(
            *,
            trusted: tuple[Path, ...],
            schemas: Path | None,
            forgive: tuple[str, ...],
            accept_decimal_role: bool,
            **others: Any,
        ) -> R:
            belief = _believe(
                trusted, schemas=schemas, forgives=forgive, accepts_decimal_role=accept_decimal_role
            )
            return command(belief=belief, **others)

        return wrapped

    return decorate


def _believe(
    trusted: tuple[Path, ...], *, schemas: Path | None, forgives: tuple[str, ...], accepts_decimal_role: bool
) -> Belief:
    certificates = CertificateSet.of(())
    if trusted:
        gathered = gather_certificates(trusted, accepts_decimal_role=accepts_decimal_role)
        certificates = gathered.certificates
        for sentence in gathered.passed_over:
            say(sentence)
    return Belief(
        Trust(
            find_certificate=certificates.find,
            schema=schema.load(schemas),
            enforces_validity=DATES not in forgives,
            tolerates_reformatting=LAYOUT in forgives,
        ),
        knows_certificates=bool(trusted),
    )


def open_document(octets: bytes, *, belief: Belief, at: datetime, accepts_unsigned: bool = False) -> Document:
    """This function will open a Request or a Response, whichever it is, with everything checked.

    Raises:
        NotDuis: the document is neither.
        Unreadable: one of its kinds for each step (`wire.duis.opening`).
    """
    opening: Callable[..., Document] = open_request
    if not is_request(parse(octets)):
        opening = partial(open_response, accepts_unsigned=accepts_unsigned)
    try:
        return opening(octets, trust=belief.trust, at=at)
    except UntrustedSignature as error:
        forgiving = replace(belief.trust, tolerates_reformatting=True)
        if belief.trust.tolerates_reformatting or not _does_open(octets, opening, trust=forgiving, at=at):
            raise
        raise UntrustedSignature(
            f"{error} Without the white space between its elements it would hold: the message was laid out anew after "
            "it was signed, and --forgive layout accepts that."
        ) from error


def _does_open(octets: bytes, opening: Callable[..., Document], *, trust: Trust, at: datetime) -> bool:
    try:
        opening(octets, trust=trust, at=at)
    except Unreadable:
        return False
    return True


def judge(octets: bytes, *, belief: Belief, at: datetime) -> Judgement:
    """This function will say what speaks against a message: everything that does, where opening stops at the first.

    Raises:
        NotDuis: the document is neither a Request nor a Response.
        Unreadable: it is not XML that may be read.
    """
    root = parse(octets)
    asks = is_request(root)
    envelope: Request | Response | None = None
    reasons: list[str] = []
    try:
        envelope = read_request(root) if asks else read_response(root)
    except Unreadable as error:
        reasons.append(str(error))
    del root
    signer, doubts = _signer(octets, belief=belief, at=at, reasons=reasons)
    if envelope is not None:
        reasons += objections(envelope, at=at)
    return Judgement(
        envelope=envelope,
        certificate=signer.certificate if signer else None,
        was_reformatted=signer is not None and signer.was_reformatted,
        reasons=tuple(dict.fromkeys(reasons)),
        doubts=doubts,
    )


def _signer(
    octets: bytes, *, belief: Belief, at: datetime, reasons: list[str]
) -> tuple[Document | None, tuple[str, ...]]:
    """Open the message; what speaks against it is added to the reasons, what cannot be known is given back."""
    try:
        return open_document(octets, belief=belief, at=at, accepts_unsigned=True), ()
    except UnknownCertificate as error:
        if not belief.knows_certificates:
            return None, (f"{error} Name it with --trust.",)
        reasons.append(str(error))
    except SchemaViolation as error:
        reasons.append(str(error))
        if belief.trust.schema is not None:
            # The signature may be told of as well, once the schema has spoken.
            formless = replace(belief, trust=replace(belief.trust, schema=None))
            return _signer(octets, belief=formless, at=at, reasons=reasons)
    except Unreadable as error:
        reasons.append(str(error))
    return None, ()


def is_request(root: Element, /) -> bool:
    """This function will say whether a document is a Request; if not, it is a Response.

    Raises:
        NotDuis: it is neither.
    """
    if root.tag not in DOCUMENTS:
        raise NotDuis(f"The document is {root.tag!r}; a Request or Response of DUIS is expected.")
    return local_name(root) == "Request"
