"""The envelope keeps every octet, and signatures and MACs are those of GBCS."""

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.refusals import Invalid, Unreadable
from safelaunch.wire.gbcs import security
from safelaunch.wire.gbcs.message import (
    Envelope,
    GroupingHeader,
    MessageKind,
    Supplementary,
    build,
    parse,
    signed_octets,
)
from safelaunch.wire.gbcs.octets import MalformedGbcs
from safelaunch.wire.gbcs.times import DlmsTime

SUPPLIER = Eui64.parse("90-B3-D5-1F-30-01-00-00")
DEVICE = Eui64.parse("00-DB-12-34-56-78-90-A0")
HEADER = GroupingHeader(
    kind=MessageKind.COMMAND,
    originator_counter=77,
    originator_id=SUPPLIER,
    target_id=DEVICE,
    message_code=0x0012,
)
PRE_COMMAND = Envelope(header=HEADER, payload=b"\x05\x00", signature=None)
SIGNING_KEY = ec.derive_private_key(1_000_003, ec.SECP256R1())
ACB_KEY = ec.derive_private_key(1_000_033, ec.SECP256R1())
DEVICE_KEY = ec.derive_private_key(1_000_037, ec.SECP256R1())
OTHER_KEY = ec.derive_private_key(1_000_039, ec.SECP256R1())
P384_KEY = ec.derive_private_key(1_000_081, ec.SECP384R1())

# GBCS 18.4, Cryptographic Test Vectors: published sample values that protect nothing. A critical command of
# Supplier A to Device A (ECS04b), the supplier's Digital Signing key and the two Key Agreement keys of its MAC.
WORKED_EXAMPLE = bytes.fromhex(
    "DD00000000000081A91100000000DF0901000000000000000108123456789ABCDEF008FFFFFFFFFFFFFFFE000200B3"
    "35D92000000100030300700000130A00FF020300700000130A01FF020300700000130A02FF0203050000000005000000000500000000"
    "4059045AB0F554622B0360340B9D87B5A23ED5723B41DE3F206E58CDD10F915B9F"
    "E2E12E2DA3632478A8DF678E418895869AC1E55318CCE04D120D2D6B44DC167B"
    "5D832D15B57A56D620F198B3"
)
SUPPLIER_A = ec.EllipticCurvePublicKey.from_encoded_point(
    ec.SECP256R1(),
    bytes.fromhex(
        "0476628E1C84EF7935548AE5D62C7BB3AD28964CF794F0387A697EEC19CDD98F46"
        "0A4D5E19087EF7216ED89C29831A6EE838C8DE88EF34F11D3F41F36D80B2A5D5"
    ),
)
SAMPLE_ACB = ec.derive_private_key(
    0xE4A6CFB431471CFCAE491FD566D19C87082CF9FA7722D7FA24B2B3F5669DBEFB, ec.SECP256R1()
)
DEVICE_A = ec.EllipticCurvePublicKey.from_encoded_point(
    ec.SECP256R1(),
    bytes.fromhex(
        "042DB45A3F21889438B42C8F464C75292BACF5FDDB5DA0B492501B299CBFE92D8F"
        "DB90FC8FF4026129838B1BCAD1402CAE47FE7D8084E409A41AFCE16D63579C5F"
    ),
)


def test_a_pre_command_is_its_header_and_its_payload():
    written = build(PRE_COMMAND)
    assert written == bytes.fromhex(
        "DF 09 01 000000000000004D 08 90B3D51F30010000 08 00DB1234567890A0 00 02 0012 02 0500"
    )
    assert parse(written) == PRE_COMMAND
    assert parse(written).is_pre_command


def test_what_a_signature_covers_leaves_out_the_first_octet_alone():
    assert signed_octets(PRE_COMMAND) == build(PRE_COMMAND)[1:]


@pytest.mark.parametrize(
    "header",
    [
        replace(HEADER, sent_at=DlmsTime(bytes(12))),
        replace(HEADER, kind=MessageKind.ALERT, originator_counter=(1 << 64) - 1, message_code=0xFFFF),
        replace(HEADER, supplementary=Supplementary(SUPPLIER)),
        replace(HEADER, supplementary=Supplementary(SUPPLIER, 5)),
        replace(HEADER, supplementary=Supplementary(SUPPLIER, 5, 6)),
        replace(HEADER, supplementary=Supplementary(SUPPLIER, 5, certificate=b"\x30" * 300)),
    ],
    ids=["time", "alert", "party", "party and counter", "both counters", "certificate"],
)
@pytest.mark.parametrize("mac", [None, b"m" * 12], ids=["no mac", "mac"])
@pytest.mark.parametrize("signature", [b"", b"s" * 64], ids=["unsigned", "signed"])
def test_every_field_of_an_envelope_survives_the_wire(header, signature, mac):
    envelope = Envelope(header=header, payload=b"p" * 200, signature=signature, mac=mac)
    octets = build(envelope)
    assert parse(octets) == envelope
    assert build(parse(octets)) == octets


def test_the_worked_example_of_gbcs_is_read_and_written_back():
    envelope = parse(WORKED_EXAMPLE)
    assert build(envelope) == WORKED_EXAMPLE
    assert (envelope.header.originator_counter, envelope.header.message_code) == (1, 0x00B3)


def test_the_signature_of_the_worked_example_is_its_suppliers():
    security.verify(parse(WORKED_EXAMPLE), key=SUPPLIER_A)
    with pytest.raises(security.UntrustedGbcsSignature, match="12-34-56-78-9A-BC-DE-F0"):
        security.verify(parse(WORKED_EXAMPLE), key=SIGNING_KEY.public_key())


def test_the_mac_of_the_worked_example_is_the_one_its_keys_make():
    envelope = parse(WORKED_EXAMPLE)
    security.verify_mac(envelope, own_key=SAMPLE_ACB, other_key=DEVICE_A)
    without = replace(envelope, mac=None)
    assert security.protect(without, own_key=SAMPLE_ACB, other_key=DEVICE_A) == envelope


def test_a_signed_pre_command_is_trusted_and_its_pre_command_is_its_beginning():
    signed = security.sign(PRE_COMMAND, key=SIGNING_KEY)
    security.verify(parse(build(signed)), key=SIGNING_KEY.public_key())
    assert build(signed).startswith(build(PRE_COMMAND) + b"\x40")
    assert len(build(signed)) == len(build(PRE_COMMAND)) + 65


@pytest.mark.parametrize(
    "altered",
    [
        {"payload": b"\x05\x01"},
        {"header": replace(HEADER, originator_counter=78)},
        {"header": replace(HEADER, target_id=SUPPLIER)},
        {"header": replace(HEADER, message_code=0x0013)},
        {"signature": bytes(64)},
        {"signature": b"\xff" * 64},
    ],
)
def test_a_message_altered_after_signing_is_not_trusted(altered):
    signed = security.sign(PRE_COMMAND, key=SIGNING_KEY)
    with pytest.raises(security.UntrustedGbcsSignature, match="does not match"):
        security.verify(replace(signed, **altered), key=SIGNING_KEY.public_key())


@pytest.mark.parametrize("signature", [None, b""])
def test_an_unsigned_message_is_not_trusted(signature):
    with pytest.raises(security.UntrustedGbcsSignature, match="is not signed"):
        security.verify(replace(PRE_COMMAND, signature=signature), key=SIGNING_KEY.public_key())


def test_either_side_of_a_mac_can_check_it():
    command = security.protect(
        security.sign(PRE_COMMAND, key=SIGNING_KEY), own_key=ACB_KEY, other_key=DEVICE_KEY.public_key()
    )
    security.verify_mac(parse(build(command)), own_key=DEVICE_KEY, other_key=ACB_KEY.public_key())
    security.verify(command, key=SIGNING_KEY.public_key())


def test_a_mac_closes_a_pre_command_as_unsigned():
    command = security.protect(PRE_COMMAND, own_key=ACB_KEY, other_key=DEVICE_KEY.public_key())
    assert command.signature == b""
    security.verify_mac(command, own_key=DEVICE_KEY, other_key=ACB_KEY.public_key())


@pytest.mark.parametrize(
    "altered",
    [
        {"payload": b"\x05\x01"},
        {"signature": b"s" * 64},
        {"mac": bytes(12)},
        {"header": replace(HEADER, message_code=1)},
    ],
)
def test_a_message_altered_after_its_mac_is_not_trusted(altered):
    command = security.protect(PRE_COMMAND, own_key=ACB_KEY, other_key=DEVICE_KEY.public_key())
    with pytest.raises(security.UntrustedGbcsMac, match="does not match"):
        security.verify_mac(replace(command, **altered), own_key=DEVICE_KEY, other_key=ACB_KEY.public_key())


def test_a_mac_between_other_parties_or_none_at_all_is_not_trusted():
    command = security.protect(PRE_COMMAND, own_key=ACB_KEY, other_key=DEVICE_KEY.public_key())
    with pytest.raises(security.UntrustedGbcsMac, match="does not match"):
        security.verify_mac(command, own_key=OTHER_KEY, other_key=ACB_KEY.public_key())
    with pytest.raises(security.UntrustedGbcsMac, match="has no MAC"):
        security.verify_mac(PRE_COMMAND, own_key=DEVICE_KEY, other_key=ACB_KEY.public_key())


def test_signing_again_drops_the_mac_that_no_longer_fits():
    command = security.protect(PRE_COMMAND, own_key=ACB_KEY, other_key=DEVICE_KEY.public_key())
    assert security.sign(command, key=SIGNING_KEY).mac is None


def test_a_key_on_another_curve_is_refused():
    signed = security.sign(PRE_COMMAND, key=SIGNING_KEY)
    with pytest.raises(Invalid, match="secp384r1"):
        security.sign(PRE_COMMAND, key=P384_KEY)
    with pytest.raises(Invalid, match="secp384r1"):
        security.verify(signed, key=P384_KEY.public_key())
    with pytest.raises(Invalid, match="secp384r1"):
        security.protect(signed, own_key=ACB_KEY, other_key=P384_KEY.public_key())


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", "octet 0, start of the grouping header"),
        ("DE", "expected is DF, found is DE"),
        ("DF 08", "octet 1, length of the transaction identifier"),
        ("DF 09 04", "CRA flag: 4 is none of 1, 2, 3"),
        ("DF 09 03 00", "originator counter: expected are 8 octets, and 1 are left"),
        ("DF 09 01 000000000000004D 07", "length of the originator"),
        ("DF 09 01 000000000000004D 08 90B3D51F30010000 08 00DB1234567890A0 0B", "length of the time"),
        ("DF 09 01 000000000000004D 08 90B3D51F30010000 08 00DB1234567890A0 00 01 00", "message code"),
        ("DF 09 01 000000000000004D 08 90B3D51F30010000 08 00DB1234567890A0 00 03 001200", "supplementary"),
        ("DF 09 01 000000000000004D 08 90B3D51F30010000 08 00DB1234567890A0 00 02 0012 03 0500", "payload"),
        (
            "DF 09 01 000000000000004D 08 90B3D51F30010000 08 00DB1234567890A0 00 02 0012 02 0500 3F",
            "length of the signature: it is 63",
        ),
        (
            "DF 09 01 000000000000004D 08 90B3D51F30010000 08 00DB1234567890A0 00 02 0012 02 0500 00 01",
            "octets left over: 1",
        ),
        (
            "DF 09 03 000000000000004D 08 90B3D51F30010000 08 00DB1234567890A0 00 02 0012 02 0500",
            "only a Pre-Command ends without one",
        ),
        ("DD 00000000 0001", "MAC header"),
        ("DD 000000000000 02 1100", "security header"),
        ("DD 000000000000 06 1100000000", "it says 6, and 5 follow"),
    ],
)
def test_a_malformed_envelope_is_refused_with_the_place(text, place):
    with pytest.raises(MalformedGbcs) as refusal:
        parse(bytes.fromhex(text))
    assert place in str(refusal.value)
    assert isinstance(refusal.value, Unreadable)


def test_a_message_cut_anywhere_is_refused_or_a_pre_command():
    whole = build(
        security.protect(
            security.sign(PRE_COMMAND, key=SIGNING_KEY), own_key=ACB_KEY, other_key=DEVICE_KEY.public_key()
        )
    )
    for end in range(len(whole)):
        with pytest.raises(MalformedGbcs):
            parse(whole[:end])


@pytest.mark.parametrize(
    "build_it",
    [
        lambda: Envelope(header=HEADER, payload=b"", signature=b"s" * 63),
        lambda: Envelope(header=HEADER, payload=b"", mac=b"m" * 11),
        lambda: Envelope(header=HEADER, payload=b"", signature=None, mac=b"m" * 12),
        lambda: Envelope(header=replace(HEADER, kind=MessageKind.ALERT), payload=b"", signature=None),
        lambda: Supplementary(SUPPLIER, originator_counter=1),
        lambda: Supplementary(SUPPLIER, 1, 2, certificate=b"c" * 9),
        lambda: Supplementary(SUPPLIER, 1, certificate=b"c" * 8),
    ],
)
def test_an_envelope_that_could_not_be_told_apart_is_not_made(build_it):
    with pytest.raises(Invalid):
        build_it()


@pytest.mark.parametrize(
    "envelope",
    [
        replace(PRE_COMMAND, header=replace(HEADER, originator_counter=1 << 64)),
        replace(PRE_COMMAND, header=replace(HEADER, message_code=1 << 16)),
        replace(PRE_COMMAND, header=replace(HEADER, supplementary=Supplementary(SUPPLIER, -1))),
        replace(PRE_COMMAND, payload=bytes(65_536)),
    ],
    ids=["counter", "code", "supplementary counter", "payload"],
)
def test_a_field_that_does_not_fit_is_not_written(envelope):
    with pytest.raises(Invalid):
        build(envelope)
