"""Signatures of DUIS messages: the one profile there is, and what it was that was signed (`domain.md` 14).

The rules:
- One enveloped signature, the last child of the document element. The only others a message may hold are those of
  SMETS1 service providers, inside `SMETS1SignedResponse` and `S1SPAlert`; to this signature they are content.
- One Reference to the whole document (`URI=""`), one transform, one set of algorithms; anything else is refused, and
  so is every element or attribute of a Signature that the profile does not name: no keys and no certificates in it.
- The document is digested in inclusive canonical form, SignedInfo is signed in exclusive canonical form.
- The value is r and s, 32 octets each; DER is refused, and so is base64 with spare bits set: one value, one text.
- Issuer and serial number are a hint to a certificate that is trusted already, of an XML-signing role.
- What was digested is given back as octets, and only that may be read on ("see what is signed").

The reference tool drops the white space between elements before it verifies, so a message that was indented after it
was signed passes there. A second attempt on the stripped tree does the same, if the caller tolerates it; the result
says so. What is emitted here is compact and passes both ways.
"""

import base64
import binascii
import hashlib
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from xml.sax.saxutils import escape

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from safelaunch.domain.refusals import Invalid, Unreadable
from safelaunch.wire.duis.dialects import DOCUMENTS, SIGNATURE
from safelaunch.wire.duis.xml import (
    GATEWAY,
    WHITE_SPACE,
    XMLDSIG,
    Element,
    Form,
    canonical,
    detach,
    exclusive,
    local_name,
    parse,
    shown,
    strip_white_space,
    take_apart,
    text_of,
)
from safelaunch.wire.smki import FindCertificate, OrganisationCertificate

HOMES_OF_OTHERS = frozenset({f"{{{GATEWAY}}}SMETS1SignedResponse", f"{{{GATEWAY}}}S1SPAlert"})
"""Elements whose own signature is content of the message (DUIS 5.4: both require one)."""

_EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
_ECDSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"
_ENVELOPED = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
_SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"

_NUMBER_OCTETS = 32
_DIGEST_OCTETS = 32
_SERIAL = re.compile(r"0|[1-9][0-9]{0,59}")

_SIGNATURE = Form(XMLDSIG, ("SignedInfo", "SignatureValue", "KeyInfo"))
_SIGNED_INFO = Form(XMLDSIG, ("CanonicalizationMethod", "SignatureMethod", "Reference"))
_REFERENCE = Form(XMLDSIG, ("Transforms", "DigestMethod", "DigestValue"), attributes=("URI",))
_TRANSFORMS = Form(XMLDSIG, ("Transform",))
_METHOD = Form(XMLDSIG, (), attributes=("Algorithm",))
_KEY_INFO = Form(XMLDSIG, ("X509Data",))
_X509_DATA = Form(XMLDSIG, ("X509IssuerSerial",))
_ISSUER_SERIAL = Form(XMLDSIG, ("X509IssuerName", "X509SerialNumber"))

_SIGNED_INFO_TEXT = (
    "<ds:SignedInfo{namespace}>"
    f'<ds:CanonicalizationMethod Algorithm="{_EXCLUSIVE}"></ds:CanonicalizationMethod>'
    f'<ds:SignatureMethod Algorithm="{_ECDSA_SHA256}"></ds:SignatureMethod>'
    '<ds:Reference URI=""><ds:Transforms>'
    f'<ds:Transform Algorithm="{_ENVELOPED}"></ds:Transform></ds:Transforms>'
    f'<ds:DigestMethod Algorithm="{_SHA256}"></ds:DigestMethod>'
    "<ds:DigestValue>{digest}</ds:DigestValue></ds:Reference></ds:SignedInfo>"
)
_SIGNATURE_TEXT = (
    f'<ds:Signature xmlns:ds="{XMLDSIG}">'
    "{signed_info}<ds:SignatureValue>{value}</ds:SignatureValue><ds:KeyInfo><ds:X509Data><ds:X509IssuerSerial>"
    "<ds:X509IssuerName>{issuer}</ds:X509IssuerName><ds:X509SerialNumber>{serial}</ds:X509SerialNumber>"
    "</ds:X509IssuerSerial></ds:X509Data></ds:KeyInfo></ds:Signature>"
)


class UntrustedSignature(Unreadable):
    """The signature breaks the profile, or was not made by the key it names over this document."""


class Unsigned(UntrustedSignature):
    """There is no signature; a Response may do without one, a Request may not."""


class UnknownCertificate(UntrustedSignature):
    """The signature names a certificate that is not among those trusted to sign XML."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What was signed, and by whom.

    `octets` are the canonical form that was digested, without the signature: the only thing to read on.
    `was_reformatted` says that white space between elements had to be dropped before it verified.
    """

    octets: bytes
    certificate: OrganisationCertificate
    was_reformatted: bool


@dataclass(frozen=True, slots=True)
class _Claim:
    """What a Signature says of itself, by the letter of the profile."""

    signed_info: Element
    digest: bytes
    r: int
    s: int
    issuer: str
    serial: int


def verify(
    root: Element,
    *,
    find_certificate: FindCertificate,
    at: datetime | None,
    tolerates_reformatting: bool = False,
) -> Verified:
    """This function will check a message's signature and give what was signed. It takes the tree apart.

    Args:
        root: the document element, as `xml.parse` gave it; it is not to be used afterwards.
        find_certificate: gives a trusted certificate by issuer and serial number, or nothing.
        at: when the message came, for the certificate's validity; None where validity is not enforced.
        tolerates_reformatting: whether a second attempt is made without the white space between elements.

    Raises:
        Unsigned: the document element has no signature.
        UnknownCertificate: the certificate is not known, or not one that signs XML.
        OutOfDateCertificate: it is not valid at that time.
        UntrustedSignature: the signature breaks the profile or does not match.
    """
    signature = _only_signature(root)
    claim = _read(signature)
    certificate = _certificate(claim, find_certificate=find_certificate, at=at)
    detach(signature)
    try:
        return Verified(_check(claim, root=root, certificate=certificate), certificate, was_reformatted=False)
    except UntrustedSignature:
        if not tolerates_reformatting:
            raise
    strip_white_space(root)
    strip_white_space(signature)
    return Verified(_check(claim, root=root, certificate=certificate), certificate, was_reformatted=True)


def sign(body: bytes, *, key: ec.EllipticCurvePrivateKey, certificate: OrganisationCertificate) -> bytes:
    """This function will sign a message; a signature that it has already is replaced, as the reference tool does.

    Args:
        body: a Request or Response; what is given back is compact whatever white space this has.
        key: the XML-signing key, not the one that signs GBCS messages (`domain.md` 14.3 item 17).
        certificate: the certificate of that key.

    Raises:
        Invalid: the certificate is not of this key, or not one that signs XML.
        Unreadable: the body is not a message, or holds signatures where none belong.
    """
    if key.public_key() != certificate.public_key or not certificate.is_for_xml:
        raise Invalid(
            f"The certificate {certificate.serial} does not belong to this key, or its role {certificate.role:02X} does "
            "not sign XML. The XML-signing pair of roles 87 and 89 is needed."
        )
    root = parse(body)
    with suppress(Unsigned):
        detach(_only_signature(root))
    strip_white_space(root)
    return sign_written(canonical(root), key=key, certificate=certificate)


def sign_written(
    document: bytes, *, key: ec.EllipticCurvePrivateKey, certificate: OrganisationCertificate
) -> bytes:
    """This function will sign a message that was written here, as it stands; it is not looked at.

    Args:
        document: compact, in canonical form and without a signature, as `write_response` gives it.
        key: the XML-signing key.
        certificate: the certificate of that key.
    """
    digest = base64.b64encode(hashlib.sha256(document).digest()).decode()
    signed_info = _SIGNED_INFO_TEXT.format(namespace=f' xmlns:ds="{XMLDSIG}"', digest=digest)
    r, s = decode_dss_signature(key.sign(signed_info.encode(), ec.ECDSA(hashes.SHA256())))
    value = r.to_bytes(_NUMBER_OCTETS, "big") + s.to_bytes(_NUMBER_OCTETS, "big")
    signature = _SIGNATURE_TEXT.format(
        signed_info=_SIGNED_INFO_TEXT.format(namespace="", digest=digest),
        value=base64.b64encode(value).decode(),
        issuer=escape(certificate.issuer),
        serial=certificate.serial,
    )
    # Canonical octets close the document element with an end tag, and nothing follows it.
    end = document.rindex(b"</")
    return b"".join((document[:end], signature.encode(), document[end:]))


def _only_signature(root: Element) -> Element:
    if root.tag not in DOCUMENTS:
        raise UntrustedSignature(
            f"The document element is {shown(str(root.tag))}; a DUIS Request or Response is expected."
        )
    own = []
    for signature in root.iter(SIGNATURE):
        parent = signature.getparent()
        if parent is root:
            own.append(signature)
        elif parent is None or parent.tag not in HOMES_OF_OTHERS or signature.getnext() is not None:
            raise UntrustedSignature(
                f"A signature stands where none belongs (line {signature.sourceline}): a message is signed in the last "
                "child of its document element."
            )
    if not own:
        raise Unsigned(
            "The message is not signed; a signature is expected as the last child of its document element."
        )
    if len(own) > 1:
        raise UntrustedSignature(f"The message has {len(own)} signatures; exactly one is expected.")
    if own[0].getnext() is not None:
        raise UntrustedSignature("The signature is not the last child of the document element.")
    return own[0]


def _read(signature: Element) -> _Claim:
    parts = take_apart(signature, _SIGNATURE, refusal=UntrustedSignature)
    info = take_apart(parts["SignedInfo"], _SIGNED_INFO, refusal=UntrustedSignature)
    _require_algorithm(info["CanonicalizationMethod"], _EXCLUSIVE)
    _require_algorithm(info["SignatureMethod"], _ECDSA_SHA256)
    reference = take_apart(info["Reference"], _REFERENCE, refusal=UntrustedSignature)
    if info["Reference"].get("URI") != "":
        raise UntrustedSignature(
            f"The signature speaks of {info['Reference'].get('URI')[:80]!r}; only the whole document is accepted."
        )
    transforms = take_apart(reference["Transforms"], _TRANSFORMS, refusal=UntrustedSignature)
    _require_algorithm(transforms["Transform"], _ENVELOPED)
    _require_algorithm(reference["DigestMethod"], _SHA256)
    key_info = take_apart(parts["KeyInfo"], _KEY_INFO, refusal=UntrustedSignature)
    data = take_apart(key_info["X509Data"], _X509_DATA, refusal=UntrustedSignature)
    name = take_apart(data["X509IssuerSerial"], _ISSUER_SERIAL, refusal=UntrustedSignature)
    value = _octets(parts["SignatureValue"], length=2 * _NUMBER_OCTETS)
    return _Claim(
        signed_info=parts["SignedInfo"],
        digest=_octets(reference["DigestValue"], length=_DIGEST_OCTETS),
        r=int.from_bytes(value[:_NUMBER_OCTETS], "big"),
        s=int.from_bytes(value[_NUMBER_OCTETS:], "big"),
        issuer=text_of(name["X509IssuerName"], refusal=UntrustedSignature),
        serial=_serial(name["X509SerialNumber"]),
    )


def _require_algorithm(element: Element, expected: str, /) -> None:
    take_apart(element, _METHOD, refusal=UntrustedSignature)
    if element.get("Algorithm") != expected:
        raise UntrustedSignature(
            f"The signature uses {element.get('Algorithm')[:80]!r} where only {expected} is accepted."
        )


def _octets(element: Element, *, length: int) -> bytes:
    # Java breaks base64 into lines and writes their carriage returns as &#13; (`domain.md` 14.3 item 4).
    text = text_of(element, refusal=UntrustedSignature)
    name = local_name(element)
    try:
        letters = text.encode("ascii").translate(None, WHITE_SPACE.encode())
        octets = binascii.a2b_base64(letters, strict_mode=True)
    except (binascii.Error, UnicodeEncodeError):
        raise UntrustedSignature(f"The {name} is not base64.") from None
    if len(octets) != length:
        raise UntrustedSignature(
            f"The {name} has {len(octets)} octets; {length} are expected, and a signature is r and s, not DER."
        )
    if base64.b64encode(octets) != letters:
        raise UntrustedSignature(f"The {name} is base64 with spare bits set, which no signer writes.")
    return octets


def _serial(element: Element) -> int:
    text = text_of(element, refusal=UntrustedSignature)
    if _SERIAL.fullmatch(text) is None:
        raise UntrustedSignature(
            f"The certificate's serial number {text[:80]!r} is not a whole decimal number."
        )
    return int(text)


def _certificate(
    claim: _Claim, *, find_certificate: FindCertificate, at: datetime | None
) -> OrganisationCertificate:
    certificate = find_certificate(issuer=claim.issuer, serial=claim.serial)
    if certificate is None:
        raise UnknownCertificate(
            f"The certificate {claim.serial} of {claim.issuer[:80]!r} is not known here; it has to be filed before "
            "its messages are read."
        )
    if not certificate.is_for_xml:
        raise UnknownCertificate(
            f"The certificate {claim.serial} has role {certificate.role:02X}, which does not sign XML; roles 87 and 89 "
            "with a signing key do."
        )
    if at is not None:
        certificate.require_valid(at=at)
    return certificate


def _check(claim: _Claim, *, root: Element, certificate: OrganisationCertificate) -> bytes:
    # The small signed part comes first: only whoever has a key may make us digest the whole document.
    try:
        certificate.public_key.verify(
            encode_dss_signature(claim.r, claim.s), exclusive(claim.signed_info), ec.ECDSA(hashes.SHA256())
        )
    except InvalidSignature:
        raise UntrustedSignature(
            f"The signature was not made by the key of certificate {claim.serial} of {certificate.eui}."
        ) from None
    octets = canonical(root)
    if hashlib.sha256(octets).digest() != claim.digest:
        raise UntrustedSignature("The message was changed after it was signed: its digest differs.")
    return octets
