"""Opening a message in the order of `domain.md` 4.9: bounds, XML, schema, signature, sender, envelope.

- What is read is what was digested: the signed octets are parsed again, and the tree that came is let go.
- A Request is signed by the originator of its Request ID: a User (role 87), or the DSP (role 89) for its own.
- Messages for hub campaigns are held against the package's own schema always, those of DUIS where one is configured.
- A Response is signed by the DSP (role 89), or not at all where the caller accepts that; then it says so by having no
  certificate, and whoever acts on it knows that nobody vouches for it.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Generic, TypeVar

from safelaunch.wire.duis.dialects import Dialect, dialect_of
from safelaunch.wire.duis.envelope import Request, Response, read_request_apart, read_response
from safelaunch.wire.duis.extension.own_schema import campaign_schema
from safelaunch.wire.duis.schema import Schema
from safelaunch.wire.duis.signature import Unsigned, UntrustedSignature, Verified, verify
from safelaunch.wire.duis.xml import Element, exclusive, parse
from safelaunch.wire.smki import DSP_XML_SIGNING, FindCertificate, OrganisationCertificate

EnvelopeT = TypeVar("EnvelopeT", Request, Response)
BodyT = TypeVar("BodyT")


@dataclass(frozen=True, slots=True)
class Trust:
    """What the receiver believes, and how strictly.

    Attributes:
        find_certificate: gives a certificate that is trusted already.
        schema: the official schema; None where none is configured, and then form is judged by the envelope alone.
        enforces_validity: whether a certificate outside its period is refused (`domain.md` 13.5: not for test PKI).
        tolerates_reformatting: whether white space added between elements after signing is forgiven.
    """

    find_certificate: FindCertificate
    schema: Schema | None = None
    enforces_validity: bool = True
    tolerates_reformatting: bool = False


@dataclass(frozen=True, slots=True)
class Opened(Generic[EnvelopeT]):
    """An envelope with who signed it; `certificate` is None for an unsigned Response only."""

    envelope: EnvelopeT
    certificate: OrganisationCertificate | None
    was_reformatted: bool


class ForeignSender(UntrustedSignature):
    """The message is signed well, by somebody whose message this cannot be."""


def open_request(body: bytes, *, trust: Trust, at: datetime) -> Opened[Request]:
    """This function will open a signed request.

    Args:
        body: the octets as they came.
        trust: the certificates, schema and tolerances of the receiver.
        at: when the message came.

    Raises:
        Unreadable: one of its kinds for each step; the first step that fails speaks.
        ForeignSender: the signer is not the originator of the Request ID.
    """
    opened, octets = open_and_read_request(
        body, trust=trust, at=at, read=lambda _, content: exclusive(content)
    )
    return replace(opened, envelope=replace(opened.envelope, body_xml=octets))


def open_and_read_request(
    body: bytes, *, trust: Trust, at: datetime, read: Callable[[Request, Element], BodyT]
) -> tuple[Opened[Request], BodyT]:
    """This function will open a signed request and have its body read, without octets of the body in between.

    Args:
        body: the octets as they came.
        trust: the certificates, schema and tolerances of the receiver.
        at: when the message came.
        read: reads the body element of the request that it is given; the element is not to be kept.

    Raises:
        Unreadable: one of its kinds for each step, and whatever `read` raises; the first step that fails speaks.
        ForeignSender: the signer is not the originator of the Request ID.
    """
    verified = _verified(_checked(body, trust=trust), trust=trust, at=at)
    certificate, was_reformatted, root = (
        verified.certificate,
        verified.was_reformatted,
        parse(verified.octets),
    )
    # The largest messages are 15 MB, so what has been read is let go before the next copy is made.
    del verified
    request, content = read_request_apart(root)
    if certificate.eui != request.request_id.originator:
        raise ForeignSender(
            f"The request {request.request_id} is signed by {certificate.eui}; its originator has to sign it."
        )
    return Opened(request, certificate, was_reformatted), read(request, content)


def open_response(
    body: bytes, *, trust: Trust, at: datetime, accepts_unsigned: bool = False
) -> Opened[Response]:
    """This function will open a response or alert.

    Args:
        body: the octets as they came.
        trust: the certificates, schema and tolerances of the receiver.
        at: when the message came.
        accepts_unsigned: whether one without a signature is read, as synchronous refusals are sent.

    Raises:
        Unreadable: one of its kinds for each step; the first step that fails speaks.
        ForeignSender: the signer is not the DSP.
    """
    root = _checked(body, trust=trust)
    try:
        verified = _verified(root, trust=trust, at=at)
    except Unsigned:
        if not accepts_unsigned:
            raise
        return Opened(read_response(root), None, was_reformatted=False)
    response = read_response(parse(verified.octets))
    if verified.certificate.role != DSP_XML_SIGNING:
        raise ForeignSender(
            f"The response is signed by {verified.certificate.eui} in role {verified.certificate.role:02X}; the DSP "
            "signs responses, in role 89."
        )
    return Opened(response, verified.certificate, verified.was_reformatted)


def _checked(body: bytes, *, trust: Trust) -> Element:
    root = parse(body)
    if dialect_of(root) is Dialect.CAMPAIGNS:
        campaign_schema().check(root)
    elif trust.schema is not None:
        trust.schema.check(root)
    return root


def _verified(root: Element, *, trust: Trust, at: datetime) -> Verified:
    return verify(
        root,
        find_certificate=trust.find_certificate,
        at=at if trust.enforces_validity else None,
        tolerates_reformatting=trust.tolerates_reformatting,
    )
