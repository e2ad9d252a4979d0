"""Signatures: the worked digests, what is tolerated, and the attacks, one by one."""

import base64
import hashlib
import hmac
import re
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from safelaunch.domain.refusals import Invalid, Unreadable
from safelaunch.wire.duis import signature as profile
from safelaunch.wire.duis.signature import UnknownCertificate, Unsigned, UntrustedSignature, sign, verify
from safelaunch.wire.duis.xml import XMLDSIG, canonical, exclusive, parse
from safelaunch.wire.smki import CertificateSet, OutOfDateCertificate
from tests import pki
from tests.unit.wire.duis.messages import (
    FIRMWARE_REQUEST,
    REQUEST,
    RESPONSE,
    SMETS1_RESPONSE,
    checked,
    signed,
)

WORKED_REQUEST = b"""<?xml version="1.0" encoding="UTF-8"?>
<sr:Request xmlns:sr="http://www.dccinterface.co.uk/ServiceUserGateway" schemaVersion="5.0"
    xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:ds="http://www.w3.org/2000/09/xmldsig#">
  <sr:Header>
    <sr:RequestID>90-B3-D5-1F-30-01-00-00:00-07-81-D7-00-00-36-CE:1000</sr:RequestID>
    <sr:CommandVariant>1</sr:CommandVariant>
    <sr:ServiceReference>4.1</sr:ServiceReference>
    <sr:ServiceReferenceVariant>4.1.1</sr:ServiceReferenceVariant>
  </sr:Header>
  <sr:Body><sr:ReadInstantaneousImportRegisters/></sr:Body>
</sr:Request>"""
WORKED_DIGEST = "6z+M5+5qwzNsJ+f23xRaGF0g1qHCh/PdzcZNNlHvayE="


def element(body: bytes, name: str) -> bytes:
    found = re.search(rb"<ds:%s\b.*</ds:%s>" % (name.encode(), name.encode()), body, re.DOTALL)
    assert found is not None, name
    return found[0]


def text(body: bytes, name: str) -> bytes:
    return element(body, name).partition(b">")[2].rpartition(b"<")[0]


def with_text(body: bytes, name: str, value: bytes) -> bytes:
    old = element(body, name)
    return body.replace(old, old.partition(b">")[0] + b">" + value + b"</ds:" + name.encode() + b">")


def test_the_worked_example_gives_the_digests_of_the_reference_tool():
    body = signed(WORKED_REQUEST)
    octets = checked(body).octets
    assert len(octets) == 551
    assert text(body, "DigestValue").decode() == WORKED_DIGEST
    assert base64.b64encode(hashlib.sha256(octets).digest()).decode() == WORKED_DIGEST
    info = exclusive(next(parse(body).iter(f"{{{XMLDSIG}}}SignedInfo")))
    assert len(info) == 615
    assert (
        hashlib.sha256(info).hexdigest() == "aea6572877fb466f5db4906c682d78444eabd270dd2ed7906ba7c167363eed94"
    )


def test_what_is_signed_is_given_back_without_its_signature():
    found = checked(signed(FIRMWARE_REQUEST))
    assert found.octets == canonical(parse(FIRMWARE_REQUEST))
    assert found.certificate == pki.supplier().certificate
    assert not found.was_reformatted


def test_a_signed_message_is_compact_and_ends_with_its_signature():
    body = signed(WORKED_REQUEST)
    assert re.search(rb">\s+<", body) is None
    assert body.endswith(b"</ds:Signature></sr:Request>")
    assert len(base64.b64decode(text(body, "SignatureValue"))) == 64


def test_signing_again_replaces_the_signature():
    twice = sign(signed(), key=pki.dsp().key, certificate=pki.dsp().certificate)
    assert twice.count(b"<ds:Signature ") == 1
    assert checked(twice).certificate == pki.dsp().certificate


def test_a_key_without_its_certificate_signs_nothing():
    with pytest.raises(Invalid, match="does not belong to this key"):
        sign(REQUEST, key=pki.dsp().key, certificate=pki.supplier().certificate)
    gbcs = pki.identity(unit="02", serial=77)
    with pytest.raises(Invalid, match="role 02 does not sign XML"):
        sign(REQUEST, key=gbcs.key, certificate=gbcs.certificate)


@pytest.mark.parametrize(
    "body", [b"<a/>", b"<sr:Request/>", REQUEST.replace(b"ServiceUserGateway", b"Other")]
)
def test_only_requests_and_responses_are_signed(body):
    with pytest.raises(Unreadable):
        signed(body)


# What a good signature may look like.


def test_java_line_ends_in_base64_are_read():
    body = signed()
    value = text(body, "SignatureValue")
    assert checked(with_text(body, "SignatureValue", value[:76] + b"&#13;\n" + value[76:])).octets
    assert checked(with_text(body, "SignatureValue", b"\r\n\t " + value + b" ")).octets


def test_white_space_within_the_signature_outside_what_is_signed_is_harmless():
    body = signed().replace(b"<ds:KeyInfo>", b"\n  <ds:KeyInfo>\n ").replace(b"CN=Z1,OU=07", b"CN=Z1, OU=07")
    assert checked(body).octets == canonical(parse(REQUEST))


def test_a_signature_may_use_the_namespace_its_document_declares():
    body = signed(WORKED_REQUEST)
    assert b'<ds:Signature xmlns:ds="' in body
    inherited = body.replace(b'<ds:Signature xmlns:ds="' + XMLDSIG.encode() + b'">', b"<ds:Signature>")
    assert checked(inherited).octets == checked(body).octets
    assert checked(indent(inherited), tolerates_reformatting=True).octets == checked(body).octets


def test_text_behind_the_signature_belongs_to_the_document():
    body = signed().replace(b"</ds:Signature>", b"</ds:Signature>\n")
    with pytest.raises(UntrustedSignature, match="changed after it was signed"):
        checked(body)


def test_an_indented_document_that_was_signed_as_it_stands_verifies():
    document = canonical(parse(WORKED_REQUEST))
    assert b"\n" in document
    body = signed_by_hand(document, before=b"  ", after=b"\n")
    assert checked(body).octets == document.replace(b"</sr:Request>", b"  \n</sr:Request>")


def signed_by_hand(document: bytes, *, before: bytes = b"", after: bytes = b"") -> bytes:
    """Sign canonical octets without making them compact, with white space around the signature."""
    end = document.rindex(b"</")
    digested = document[:end] + before + after + document[end:]
    template = element(signed(), "Signature")
    digest = base64.b64encode(hashlib.sha256(digested).digest())
    template = template.replace(text(template, "DigestValue"), digest)
    info = element(template, "SignedInfo").replace(
        b"<ds:SignedInfo>", b'<ds:SignedInfo xmlns:ds="' + XMLDSIG.encode() + b'">'
    )
    template = template.replace(text(template, "SignatureValue"), value_over(info))
    return document[:end] + before + template + after + document[end:]


def value_over(octets: bytes) -> bytes:
    from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

    r, s = decode_dss_signature(pki.supplier().key.sign(octets, ec.ECDSA(hashes.SHA256())))
    return base64.b64encode(r.to_bytes(32, "big") + s.to_bytes(32, "big"))


def indent(body: bytes) -> bytes:
    """White space between elements, as a printer adds it: everywhere but into empty elements."""
    return re.sub(rb"<[^/>][^>]*></[^>]*>|(?<=>)(?=<)", lambda found: found[0] or b"\n  ", body)


def test_a_message_indented_after_signing_passes_the_second_attempt_only():
    indented = indent(signed(FIRMWARE_REQUEST))
    with pytest.raises(UntrustedSignature):
        checked(indented)
    found = checked(indented, tolerates_reformatting=True)
    assert found.was_reformatted
    assert found.octets == canonical(parse(FIRMWARE_REQUEST))


def test_the_second_attempt_is_not_used_where_the_first_does():
    assert not checked(signed(), tolerates_reformatting=True).was_reformatted


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b">11.2<", b">11.3<"),
        (b">11.2<", b"> 11.2<"),
        (b"<sr:ReadFirmwareVersion>", b"<sr:ReadFirmwareVersion>x"),
    ],
)
def test_the_second_attempt_forgives_nothing_but_white_space_between_elements(old, new):
    body = signed()
    assert old in body
    with pytest.raises(UntrustedSignature):
        checked(body.replace(old, new), tolerates_reformatting=True)


def test_a_comment_changes_nothing_that_is_read():
    body = (
        signed()
        .replace(b":1000<", b":1<!-- 9 -->000<")
        .replace(b"<ds:SignedInfo>", b"<ds:SignedInfo><!-- x -->")
    )
    assert checked(body).octets == canonical(parse(REQUEST))


def test_a_smets1_response_keeps_the_signature_within_it():
    body = signed(SMETS1_RESPONSE, by=pki.dsp())
    assert checked(body).octets.count(b"<ds:Signature ") == 1
    alert = SMETS1_RESPONSE.replace(b"SMETS1SignedResponse", b"S1SPAlert")
    assert checked(signed(alert, by=pki.dsp())).octets == canonical(parse(alert))


def test_an_unsigned_message_says_so():
    for body in (REQUEST, RESPONSE, SMETS1_RESPONSE):
        with pytest.raises(Unsigned, match="not signed"):
            checked(body)


# Certificates.


def test_a_certificate_that_is_not_known_is_no_reason_to_trust():
    stranger = pki.identity(pki.SUPPLIER, serial=4711)
    with pytest.raises(UnknownCertificate, match="4711"):
        checked(signed(by=stranger))


def test_a_certificate_that_does_not_sign_xml_is_refused():
    gbcs = pki.identity(unit="02", serial=78)
    body = signed().replace(str(pki.FIRST_SERIAL).encode(), b"78")
    with pytest.raises(UnknownCertificate, match="role 02"):
        verify(parse(body), find_certificate=CertificateSet.of([gbcs.certificate]).find, at=None)


def test_validity_is_enforced_when_a_time_is_given():
    body = signed()
    late = pki.ISSUED + timedelta(days=4000)
    with pytest.raises(OutOfDateCertificate):
        verify(parse(body), find_certificate=pki.trusted().find, at=late)
    assert verify(parse(body), find_certificate=pki.trusted().find, at=None).certificate.eui == pki.SUPPLIER


# The attacks.


def replaced(old: str, new: str):
    def attack(body: bytes) -> bytes:
        assert old.encode() in body, old
        return body.replace(old.encode(), new.encode())

    return attack


def after_signature(body: bytes) -> bytes:
    return body.replace(b"</ds:Signature>", b"</ds:Signature><sr:Header/>")


def moved(parent: str):
    def attack(body: bytes) -> bytes:
        own = element(body, "Signature")
        return body.replace(own, b"").replace(f"</sr:{parent}>".encode(), own + f"</sr:{parent}>".encode())

    return attack


def moved_first(body: bytes) -> bytes:
    own = element(body, "Signature")
    return body.replace(own, b"").replace(b"<sr:Header>", own + b"<sr:Header>")


def second(body: bytes) -> bytes:
    return body.replace(b"</sr:Request>", element(body, "Signature") + b"</sr:Request>")


def second_inside(body: bytes) -> bytes:
    return body.replace(b"</sr:Body>", element(body, "Signature") + b"</sr:Body>")


def wrapped_whole(body: bytes) -> bytes:
    """The signed request becomes the body of another, which borrows its signature."""
    own = element(body, "Signature")
    evil = canonical(parse(REQUEST)).replace(b":1000<", b":2000<")
    return evil.replace(b"</sr:Body></sr:Request>", body + b"</sr:Body>" + own + b"</sr:Request>")


def wrapped_in_another_root(body: bytes) -> bytes:
    return b"<Envelope>" + body + b"</Envelope>"


def original_in_an_object(body: bytes) -> bytes:
    """The classic: the signed content moves into ds:Object, the Reference points there by identifier."""
    inner = canonical(parse(REQUEST)).replace(b"<sr:Request ", b'<sr:Request Id="signed" ')
    evil = body.replace(b":1000<", b":2000<").replace(b'URI=""', b'URI="#signed"')
    return evil.replace(b"</ds:Signature>", b"<ds:Object>" + inner + b"</ds:Object></ds:Signature>")


def another_reference(body: bytes) -> bytes:
    reference = element(body, "Reference")
    return body.replace(reference, reference + reference)


def without(name: str):
    return lambda body: body.replace(element(body, name), b"")


def as_der(body: bytes) -> bytes:
    raw = base64.b64decode(text(body, "SignatureValue"))
    der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    return with_text(body, "SignatureValue", base64.b64encode(der))


def value_of(change):
    def attack(body: bytes) -> bytes:
        return with_text(body, "SignatureValue", change(text(body, "SignatureValue")))

    return attack


def raw_value(change):
    return value_of(lambda value: base64.b64encode(change(base64.b64decode(value))))


def spare_bits(value: bytes) -> bytes:
    alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    changed = value[:-3] + bytes([alphabet[alphabet.index(value[-3]) + 1]]) + b"=="
    assert base64.b64decode(changed) == base64.b64decode(value)
    return changed


def embedded_certificate(body: bytes) -> bytes:
    mallory = ec.generate_private_key(ec.SECP256R1())
    der = pki.certificate_der(mallory, subject=pki.name(units=("87",), eui=pki.SUPPLIER))
    extra = b"<ds:X509Certificate>" + base64.b64encode(der) + b"</ds:X509Certificate></ds:X509Data>"
    return body.replace(b"</ds:X509Data>", extra)


def own_key_named_as_the_suppliers(_: bytes) -> bytes:
    mallory = pki.identity(pki.SUPPLIER, serial=pki.FIRST_SERIAL + 0)
    other = pki.other_supplier()
    body = signed(by=other)
    assert mallory.certificate.serial != other.certificate.serial
    return body.replace(str(other.certificate.serial).encode(), str(mallory.certificate.serial).encode())


def signature_of_another_message(body: bytes) -> bytes:
    return body.replace(element(body, "Signature"), element(signed(FIRMWARE_REQUEST), "Signature"))


def digest_of_the_changed_message(body: bytes) -> bytes:
    changed = body.replace(b":1000<", b":2000<")
    root = canonical(parse(changed.replace(element(changed, "Signature"), b"")))
    return with_text(changed, "DigestValue", base64.b64encode(hashlib.sha256(root).digest()))


def in_smets1_home(body: bytes) -> bytes:
    """The only signature is where those of SMETS1 belong: then the message itself has none."""
    own = element(body, "Signature")
    return body.replace(own, b"").replace(
        b"</sr:Body>", b"<sr:SMETS1SignedResponse>" + own + b"</sr:SMETS1SignedResponse></sr:Body>"
    )


def wrapped_in_a_smets1_home(body: bytes) -> bytes:
    """The signed request stands where a signature of others may, and the evil one around it borrows its signature."""
    evil = canonical(parse(REQUEST)).replace(b":1000<", b":2000<")
    home = b"<sr:SMETS1SignedResponse>" + body[body.index(b"<sr:Header>") :]
    home = home.replace(b"</sr:Request>", b"</sr:SMETS1SignedResponse>")
    return evil.replace(b"</sr:Body></sr:Request>", home + b"</sr:Body></sr:Request>")


def wrapped_in_a_smets1_home_and_signed_twice(body: bytes) -> bytes:
    """The same with the borrowed signature at both places."""
    return wrapped_in_a_smets1_home(body).replace(
        b"</sr:Request>", element(body, "Signature") + b"</sr:Request>"
    )


def keyed_with_the_public_key(body: bytes) -> bytes:
    """The classic confusion: an HMAC whose secret is the public key, which everybody has."""
    public = pki.supplier().key.public_key()
    secret = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    method = METHOD.replace("ecdsa", "hmac").encode()
    confused = body.replace(METHOD.encode(), method)
    info = exclusive(next(parse(confused).iter(f"{{{XMLDSIG}}}SignedInfo")))
    value = hmac.new(secret, info, hashlib.sha256).digest()
    return with_text(confused, "SignatureValue", base64.b64encode(value + value))


SHA1 = "http://www.w3.org/2000/09/xmldsig#sha1"
INCLUSIVE = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
METHOD = profile._ECDSA_SHA256
TRANSFORM_END = "</ds:Transform>"

ATTACKS = {
    "content changed": (replaced(":1000<", ":2000<"), "changed after it was signed"),
    "content added": (replaced("<sr:Body>", "<sr:Body><sr:Evil/>"), "changed after it was signed"),
    "attribute added": (replaced('schemaVersion="5.4"', 'schemaVersion="5.4" x="y"'), "changed after"),
    "namespace added": (
        replaced("<sr:Header>", '<sr:Header xmlns:x="urn:x">'),
        "changed after it was signed",
    ),
    "empty element filled": (
        replaced("<sr:ReadFirmwareVersion>", "<sr:ReadFirmwareVersion>x"),
        "changed after",
    ),
    "digest changed with the content": (digest_of_the_changed_message, "not made by the key"),
    "digest changed alone": (
        lambda body: with_text(body, "DigestValue", WORKED_DIGEST.encode()),
        "not made by",
    ),
    "digest truncated": (lambda body: with_text(body, "DigestValue", b"6z+M"), "3 octets; 32"),
    "digest empty": (lambda body: with_text(body, "DigestValue", b""), "0 octets; 32"),
    "digest method SHA-1": (replaced(profile._SHA256, SHA1), "where only"),
    "signature method HMAC": (replaced(METHOD, "http://www.w3.org/2000/09/xmldsig#hmac-sha1"), "where only"),
    "signature method RSA": (replaced(METHOD, METHOD.replace("ecdsa", "rsa")), "where only"),
    "signature method ECDSA-SHA1": (replaced(METHOD, METHOD.replace("sha256", "sha1")), "where only"),
    "canonical form inclusive": (replaced(profile._EXCLUSIVE, INCLUSIVE), "where only"),
    "canonical form with comments": (
        replaced(profile._EXCLUSIVE, profile._EXCLUSIVE + "WithComments"),
        "where only",
    ),
    "prefix list": (
        replaced(
            "</ds:CanonicalizationMethod>",
            f'<ec:InclusiveNamespaces xmlns:ec="{profile._EXCLUSIVE}" PrefixList="sr"/></ds:CanonicalizationMethod>',
        ),
        "CanonicalizationMethod .*holds",
    ),
    "HMAC length": (
        replaced(
            "</ds:SignatureMethod>", "<ds:HMACOutputLength>8</ds:HMACOutputLength></ds:SignatureMethod>"
        ),
        "SignatureMethod .*holds",
    ),
    "another transform": (replaced(profile._ENVELOPED, profile._EXCLUSIVE), "where only"),
    "an extra transform": (
        replaced(TRANSFORM_END, f'{TRANSFORM_END}<ds:Transform Algorithm="{INCLUSIVE}"/>'),
        "Transforms .*holds .*Transform'",
    ),
    "an XSLT transform": (
        replaced(
            TRANSFORM_END, f"<x:stylesheet xmlns:x='http://www.w3.org/1999/XSL/Transform'/>{TRANSFORM_END}"
        ),
        "Transform .*holds",
    ),
    "no transforms": (without("Transforms"), "where Transforms is expected"),
    "another address": (replaced('URI=""', 'URI="#body"'), "only the whole document"),
    "an outside address": (replaced('URI=""', 'URI="http://example.org/x.xml"'), "only the whole document"),
    "an address by pointer": (replaced('URI=""', 'URI="#xpointer(/)"'), "only the whole document"),
    "no address": (replaced(' URI=""', ""), "lacks the attribute URI"),
    "a type of reference": (replaced('URI=""', 'URI="" Type="x"'), "unknown attribute 'Type'"),
    "two references": (another_reference, "Reference' .*unknown, repeated"),
    "no reference": (without("Reference"), "Reference is expected"),
    "signature moved into the body": (moved("Body"), "where none belongs"),
    "signature moved into the header": (moved("Header"), "where none belongs"),
    "signature moved first": (moved_first, "not the last child"),
    "element after the signature": (after_signature, "not the last child"),
    "second signature": (second, "2 signatures"),
    "second signature in the body": (second_inside, "where none belongs"),
    "signature only in a SMETS1 response": (in_smets1_home, "not signed"),
    "signed message in the body of another": (wrapped_whole, "where none belongs"),
    "signed message in another document": (wrapped_in_another_root, "document element"),
    "signed content in an object": (original_in_an_object, "only the whole document|unknown, repeated"),
    "signed message in a SMETS1 home of another": (wrapped_in_a_smets1_home, "not signed"),
    "signed message in a SMETS1 home, signed twice": (
        wrapped_in_a_smets1_home_and_signed_twice,
        "changed after it was signed",
    ),
    "public key as a secret": (keyed_with_the_public_key, "where only"),
    "an object": (
        replaced("</ds:Signature>", "<ds:Object/></ds:Signature>"),
        "unknown, repeated or out of order",
    ),
    "a manifest in SignedInfo": (
        replaced("</ds:SignedInfo>", "<ds:Manifest/></ds:SignedInfo>"),
        "SignedInfo .*holds",
    ),
    "an identifier on the signature": (replaced("<ds:Signature ", '<ds:Signature Id="s" '), "attribute 'Id'"),
    "text in SignedInfo": (replaced("<ds:SignedInfo>", "<ds:SignedInfo>x"), "text between its elements"),
    "no SignedInfo": (without("SignedInfo"), "SignedInfo is expected"),
    "no value": (without("SignatureValue"), "SignatureValue is expected"),
    "no KeyInfo": (without("KeyInfo"), "KeyInfo is expected"),
    "a key in KeyInfo": (replaced("<ds:X509Data>", "<ds:KeyValue/><ds:X509Data>"), "X509Data is expected"),
    "a certificate in KeyInfo": (embedded_certificate, "X509Data .*holds"),
    "two names in KeyInfo": (
        lambda body: body.replace(element(body, "X509IssuerSerial"), element(body, "X509IssuerSerial") * 2),
        "X509Data .*holds",
    ),
    "another known key": (
        replaced(str(pki.FIRST_SERIAL), str(pki.FIRST_SERIAL + 1)),
        "not made by the key",
    ),
    "another's key under the supplier's name": (own_key_named_as_the_suppliers, "not made by the key"),
    "another issuer": (replaced("CN=Z1,OU=07", "CN=Z2,OU=07"), "not known here"),
    "a serial number with a zero before it": (
        replaced(str(pki.FIRST_SERIAL), f"0{pki.FIRST_SERIAL}"),
        "whole decimal",
    ),
    "a serial number in hexadecimal": (
        replaced(str(pki.FIRST_SERIAL), hex(pki.FIRST_SERIAL)),
        "whole decimal",
    ),
    "a negative serial number": (replaced(str(pki.FIRST_SERIAL), f"-{pki.FIRST_SERIAL}"), "whole decimal"),
    "an endless serial number": (replaced(str(pki.FIRST_SERIAL), "9" * 100_000), "whole decimal"),
    "signature of another message": (signature_of_another_message, "changed after it was signed"),
    "value in DER": (as_der, "not DER"),
    "value truncated in base64": (value_of(lambda value: value[:-5]), "not base64"),
    "value shortened": (raw_value(lambda raw: raw[:63]), "63 octets; 64"),
    "value lengthened": (raw_value(lambda raw: raw + b"\0"), "65 octets; 64"),
    "value of zeros": (raw_value(lambda _: bytes(64)), "not made by the key"),
    "value with r and s exchanged": (raw_value(lambda raw: raw[32:] + raw[:32]), "not made by the key"),
    "value of another alphabet": (value_of(lambda value: b"_" + value[1:]), "not base64"),
    "value with spare bits": (value_of(spare_bits), "spare bits"),
    "value with a foreign character": (value_of(lambda value: value + "\u00e9".encode()), "not base64"),
    "value empty": (value_of(lambda _: b""), "0 octets; 64"),
    "value split by an element": (
        value_of(lambda value: value[:4] + b"<ds:X/>" + value[4:]),
        "where text is expected",
    ),
    "entity": (
        lambda body: b'<!DOCTYPE a [<!ENTITY e "1000">]>' + body.replace(b":1000<", b":&e;<"),
        "DOCTYPE",
    ),
    "processing instruction": (replaced("<sr:Body>", "<sr:Body><?x y?>"), "processing instruction"),
    "empty document": (lambda _: b"", "not well-formed"),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_the_attack_is_refused(name):
    attack, reason = ATTACKS[name]
    body = signed()
    attacked = attack(body)
    assert attacked != body
    for tolerates_reformatting in (False, True):
        with pytest.raises(Unreadable, match=reason) as refusal:
            checked(attacked, tolerates_reformatting=tolerates_reformatting)
        assert str(refusal.value).endswith(".")


@pytest.mark.parametrize(
    "declared", [b"<!DOCTYPE Request>", b'<!DOCTYPE a SYSTEM "urn:x">', b"<!DOCTYPE a []>"]
)
def test_a_doctype_is_refused_before_any_signature_is_looked_at(declared):
    with pytest.raises(Unreadable, match="DOCTYPE"):
        checked(declared + signed())


def test_what_was_attacked_was_good_before():
    assert checked(signed()).octets == canonical(parse(REQUEST))
