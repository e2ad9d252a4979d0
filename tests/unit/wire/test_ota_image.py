"""A firmware image is split where its header says, and refused for the first thing that is wrong with it."""

import base64
import re
import struct
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.refusals import Invalid, Unreadable
from safelaunch.domain.smi import DeviceType
from safelaunch.wire import ota_image
from safelaunch.wire.ota_image import (
    KIND_OF,
    MAX_IMAGE_OCTETS,
    HardwareVersions,
    ImageKind,
    ImageTooLarge,
    ImageTooShort,
    NotAnImage,
    OtaHeader,
    OtaImage,
    UnfitImage,
    UnknownHeaderVersion,
    UntrustedImageSignature,
    WrongHeaderLength,
    WrongImageSize,
    WrongTrailer,
)

REQUESTS = Path(__file__).resolve().parents[4] / "shared" / "duis" / "rtds"
needs_requests = pytest.mark.skipif(
    not REQUESTS.is_dir(),
    reason="the Reference Test Data requests do not lie beside the project (../shared/duis)",
)
METER_REQUEST = "11.1_UPDATE_FIRMWARE_REQUEST_DUIS.XML"
PPMID_REQUEST = "11.4_UPDATE_PPMID_FIRMWARE_REQUEST_DUIS.XML"

SUPPLIER_KEY = ec.derive_private_key(2_000_003, ec.SECP256R1())
OTHER_KEY = ec.derive_private_key(2_000_029, ec.SECP256R1())
SOFTWARE = b"metrology and the rest of it " * 20
HEADER = OtaHeader(
    manufacturer_code=0x1234,
    image_type=0x0102,
    file_version=0x00A1B2C3,
    stack_version=2,
    header_string=b"a meter of the simulator".ljust(32, b"\x00"),
    hardware_versions=HardwareVersions(lowest=0x0100, highest=0x01FF),
)
METER = OtaImage(
    header=HEADER, manufacturer_image=SOFTWARE, trailer=ota_image.sign(SOFTWARE, key=SUPPLIER_KEY)
)
PPMID = OtaImage(header=HEADER, manufacturer_image=SOFTWARE, trailer=None)
OCTETS = ota_image.build(METER)


def requested(name):
    text = (REQUESTS / name).read_text(encoding="utf-8")
    return base64.b64decode(re.search(r"<sr:FirmwareImage>([^<]+)<", text)[1])


def altered(place, octets):
    return OCTETS[:place] + octets + OCTETS[place + len(octets) :]


def resized(octets):
    """The same octets with the total size in the header made right."""
    return octets[:52] + struct.pack("<I", len(octets)) + octets[56:]


@needs_requests
@pytest.mark.parametrize(
    ("name", "kind", "image_type", "header_string"),
    [
        (METER_REQUEST, ImageKind.SIGNED, 0x0000, b"I am a GFI ESME[] firmware image"),
        (PPMID_REQUEST, ImageKind.UNSIGNED, 0x0084, b"I am a GFI PPMID firmware image "),
    ],
)
def test_the_images_of_the_reference_requests_are_read_and_built_again(name, kind, image_type, header_string):
    octets = requested(name)
    image = ota_image.read(octets, kind=kind)
    assert ota_image.build(image) == octets
    assert image.header == OtaHeader(
        manufacturer_code=0x121D,
        image_type=image_type,
        file_version=0xACDCACDC,
        stack_version=2,
        header_string=header_string,
        hardware_versions=HardwareVersions(lowest=0x1111, highest=0x1211),
    )
    assert image.header.length == 60
    assert len(image.manufacturer_image) == 235
    assert image.manufacturer_image_hash.hex() == (
        "7542f475e3f12eae887d81e32c46d313741d67076b13caec2f82e00ba5e1bb36"
    )


@needs_requests
def test_the_reference_meter_image_ends_with_a_flag_and_a_signature_and_the_ppmid_image_does_not():
    octets = requested(METER_REQUEST)
    trailer = ota_image.read(octets, kind=ImageKind.SIGNED).trailer
    assert (trailer.force_replace, trailer.signature) == (0, octets[-64:])
    assert ota_image.read(requested(PPMID_REQUEST), kind=ImageKind.UNSIGNED).trailer is None


@needs_requests
def test_the_reference_ppmid_image_is_no_image_for_a_meter():
    with pytest.raises(WrongTrailer):
        ota_image.read(requested(PPMID_REQUEST), kind=ImageKind.SIGNED)


@pytest.mark.parametrize(
    ("fields", "length"),
    [
        ({"hardware_versions": None}, 56),
        ({}, 60),
        ({"credential_version": 3}, 61),
        ({"destination": Eui64.parse("00-DB-12-34-56-78-90-A0")}, 68),
        ({"credential_version": 0, "destination": Eui64(1)}, 69),
        ({"credential_version": 255, "destination": Eui64(1), "hardware_versions": None}, 65),
    ],
)
@pytest.mark.parametrize("image", [METER, PPMID], ids=["meter", "ppmid"])
def test_every_optional_field_survives(image, fields, length):
    changed = replace(image, header=replace(HEADER, **fields))
    octets = ota_image.build(changed)
    kind = ImageKind.UNSIGNED if image is PPMID else ImageKind.SIGNED
    assert ota_image.read(octets, kind=kind) == changed
    assert octets[length : length + len(SOFTWARE)] == SOFTWARE
    assert changed.header.length == length


def test_the_header_is_little_endian_and_the_destination_too():
    header = replace(HEADER, destination=Eui64.parse("00-DB-12-34-56-78-90-A0"))
    octets = ota_image.build(replace(PPMID, header=header))
    assert octets[:20] == bytes.fromhex("1EF1EE0B 0001 4400 0600 3412 0201 C3B2A100 0200")
    assert octets[52:68] == struct.pack("<I", len(octets)) + bytes.fromhex("A090785634 12DB00 0001 FF01")


def test_the_file_version_is_written_as_duis_does():
    assert HEADER.version_text == "00A1B2C3"


def test_the_hash_is_that_of_the_manufacturer_image_alone():
    resigned = replace(METER, trailer=ota_image.sign(SOFTWARE, key=OTHER_KEY, force_replace=1))
    assert resigned.manufacturer_image_hash == METER.manufacturer_image_hash
    assert METER.manufacturer_image_hash == ota_image.manufacturer_image_hash(SOFTWARE)


@pytest.mark.parametrize(
    ("octets", "refusal", "word"),
    [
        (bytes(MAX_IMAGE_OCTETS + 1), ImageTooLarge, "10,240,001 octets"),
        (OCTETS[:55], ImageTooShort, "has 55 octets"),
        (b"", ImageTooShort, "has 0 octets"),
        (altered(0, b"\x1f"), NotAnImage, "begins with 0BEEF11F"),
        (altered(4, b"\x01"), UnknownHeaderVersion, "version 0101"),
        (altered(6, b"\x3b"), WrongHeaderLength, "says it has 59 octets"),
        (altered(8, b"\x00"), WrongHeaderLength, "it has 56"),
        (altered(8, b"\x0c"), WrongHeaderLength, "unknown fields"),
        (OCTETS[:58], ImageTooShort, "header alone has 60"),
        (OCTETS[:-1], WrongImageSize, "send it whole"),
        (OCTETS + b"\x00", WrongImageSize, "send it whole"),
        (resized(OCTETS + b"\x00"), WrongTrailer, "65 octets before the end"),
        (resized(OCTETS[:125]), WrongTrailer, "has 65 octets"),
        (altered(len(OCTETS) - 65, b"\x3f"), WrongTrailer, "has 3F"),
        (resized(OCTETS[:60] + OCTETS[-66:]), ImageTooShort, "Manufacturer Image should begin"),
    ],
)
def test_each_fault_has_its_own_refusal(octets, refusal, word):
    with pytest.raises(UnfitImage) as raised:
        ota_image.read(octets, kind=ImageKind.SIGNED)
    assert type(raised.value) is refusal
    assert word in str(raised.value)
    assert isinstance(raised.value, Unreadable)


def test_a_ppmid_image_that_is_all_header_is_refused():
    with pytest.raises(ImageTooShort, match="Manufacturer Image should begin"):
        ota_image.read(resized(OCTETS[:60]), kind=ImageKind.UNSIGNED)


def test_of_several_faults_the_first_in_the_order_of_the_rules_is_named():
    faults = [
        (0, b"\x00", NotAnImage),
        (4, b"\x07", UnknownHeaderVersion),
        (6, b"\x07", WrongHeaderLength),
        (52, b"\x07", WrongImageSize),
        (len(OCTETS) - 65, b"\x07", WrongTrailer),
    ]
    octets = OCTETS
    for place, octet, refusal in reversed(faults):
        octets = octets[:place] + octet + octets[place + 1 :]
        with pytest.raises(UnfitImage) as raised:
            ota_image.read(octets, kind=ImageKind.SIGNED)
        assert type(raised.value) is refusal


def test_an_image_of_the_largest_size_is_read():
    software = bytes(MAX_IMAGE_OCTETS - 60)
    octets = ota_image.build(replace(PPMID, manufacturer_image=software))
    assert len(octets) == MAX_IMAGE_OCTETS
    assert len(ota_image.read(octets, kind=ImageKind.UNSIGNED).manufacturer_image) == len(software)
    with pytest.raises(Invalid, match="10,240,001 octets"):
        ota_image.build(replace(PPMID, manufacturer_image=software + b"\x00"))


def test_the_suppliers_signature_is_over_the_manufacturer_image_alone():
    ota_image.verify(ota_image.read(OCTETS, kind=ImageKind.SIGNED), key=SUPPLIER_KEY.public_key())
    renamed = replace(METER, header=replace(HEADER, file_version=1))
    ota_image.verify(renamed, key=SUPPLIER_KEY.public_key())


@pytest.mark.parametrize(
    ("image", "word"),
    [
        (replace(METER, manufacturer_image=SOFTWARE + b"!"), "does not match"),
        (replace(METER, trailer=ota_image.sign(SOFTWARE, key=OTHER_KEY)), "does not match"),
        (PPMID, "carries no signature"),
    ],
    ids=["changed", "another's", "unsigned"],
)
def test_an_image_that_the_supplier_did_not_sign_is_not_trusted(image, word):
    with pytest.raises(UntrustedImageSignature, match=word):
        ota_image.verify(image, key=SUPPLIER_KEY.public_key())


def test_meters_and_load_controls_take_signed_images_and_a_ppmid_an_unsigned_one():
    signed = {device for device, kind in KIND_OF.items() if kind is ImageKind.SIGNED}
    assert signed == {DeviceType.ESME, DeviceType.GSME, DeviceType.HCALCS}
    assert KIND_OF[DeviceType.PPMID] is ImageKind.UNSIGNED
    assert DeviceType.CHF not in KIND_OF


@pytest.mark.parametrize(
    "image",
    [
        replace(PPMID, manufacturer_image=b""),
        replace(PPMID, header=replace(HEADER, header_string=b"too short")),
        replace(PPMID, header=replace(HEADER, manufacturer_code=0x10000)),
        replace(PPMID, header=replace(HEADER, file_version=-1)),
        replace(PPMID, header=replace(HEADER, credential_version=256)),
        replace(PPMID, header=replace(HEADER, hardware_versions=HardwareVersions(lowest=0, highest=0x10000))),
        replace(METER, trailer=replace(METER.trailer, signature=bytes(63))),
        replace(METER, trailer=replace(METER.trailer, force_replace=256)),
    ],
)
def test_a_field_that_does_not_fit_is_not_written(image):
    with pytest.raises(Invalid):
        ota_image.build(image)
