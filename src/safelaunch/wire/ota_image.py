"""Firmware images of SRV 11.1 and 11.4: the Zigbee OTA header, the Manufacturer Image and the supplier's signature.

    11.1  ESME, GSME, HCALCS   header | Manufacturer Image | force-replace flag, 1 octet | 40 | signature, 64 octets
    11.4  PPMID                header | Manufacturer Image

The header is little-endian: 56 octets, then whichever optional fields its field control announces, in this order:
security credential version (bit 0, one octet), destination Device ID (bit 1, eight), lowest and highest hardware
version (bit 2, two each). The total image size counts every octet, the trailer's too (`domain.md` 8.2).

An image is judged in the order of `domain.md` 8.3, and the first cause refuses it: its length, its file identifier,
its header version, its header length, its total size (`read`); its trailer by the kind of request (`read`); its
signature, over the Manufacturer Image alone (`verify`). Whether the CPL lists the hash and whether a device may have
the image are rules of a service (8.3 items 4 and 6).
"""

import hashlib
import struct
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey, EllipticCurvePublicKey

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.refusals import Invalid, Unreadable
from safelaunch.domain.smi import DeviceType
from safelaunch.wire.gbcs import raw_ecdsa
from safelaunch.wire.gbcs.octets import SIGNATURE_OCTETS

MAX_IMAGE_OCTETS = 10_240_000
"""The largest decoded image of a request (`domain.md` 0.2)."""

FILE_IDENTIFIER = 0x0BEEF11E
HEADER_VERSION = 0x0100
BASE_HEADER_OCTETS = 56
HEADER_STRING_OCTETS = 32

_BASE = struct.Struct("<IHHHHHIH32sI")
_HAS_CREDENTIAL_VERSION = 1
_HAS_DESTINATION = 2
_HAS_HARDWARE_VERSIONS = 4
_KNOWN_BITS = _HAS_CREDENTIAL_VERSION | _HAS_DESTINATION | _HAS_HARDWARE_VERSIONS
_EUI_OCTETS = 8

_TRAILER_OCTETS = 1 + 1 + SIGNATURE_OCTETS


class UnfitImage(Unreadable):
    """Base of all that can be wrong with a firmware image."""


class ImageTooLarge(UnfitImage):
    """The image is larger than a request may carry."""


class ImageTooShort(UnfitImage):
    """The octets end before the header does, or before anything follows it."""


class NotAnImage(UnfitImage):
    """The file identifier is not that of a Zigbee OTA image."""


class UnknownHeaderVersion(UnfitImage):
    """The header is of a version that is not read."""


class WrongHeaderLength(UnfitImage):
    """The header's length is not that of the fields it announces, or it announces unknown ones."""


class WrongImageSize(UnfitImage):
    """The size in the header is not that of the octets."""


class WrongTrailer(UnfitImage):
    """The image does not end with a force-replace flag and a signature."""


class UntrustedImageSignature(UnfitImage):
    """The supplier expected did not sign the Manufacturer Image."""


class ImageKind(StrEnum):
    """The two kinds of image, by the Service Reference Variant that carries them."""

    SIGNED = "11.1"
    UNSIGNED = "11.4"


KIND_OF: dict[DeviceType, ImageKind] = {
    DeviceType.ESME: ImageKind.SIGNED,
    DeviceType.GSME: ImageKind.SIGNED,
    DeviceType.HCALCS: ImageKind.SIGNED,
    DeviceType.PPMID: ImageKind.UNSIGNED,
}
"""Which kind a device takes (`domain.md` 8.1); other devices are not upgraded by Service Request."""


@dataclass(frozen=True, slots=True)
class HardwareVersions:
    """The lowest and the highest hardware version an image is for, both included; 16 bits each."""

    lowest: int
    highest: int


@dataclass(frozen=True, slots=True)
class OtaHeader:
    """The header without what is counted: length, field control and total size follow from the rest.

    Attributes:
        manufacturer_code: 16 bits.
        image_type: 16 bits.
        file_version: 32 bits.
        stack_version: the Zigbee stack, 16 bits; 2 is Zigbee PRO.
        header_string: 32 octets of text as they are, usually ASCII filled up with zeros or blanks.
        credential_version: 8 bits, if the header has it.
        destination: the one device the image is for, if the header has it.
        hardware_versions: the range of hardware, if the header has it.
    """

    manufacturer_code: int
    image_type: int
    file_version: int
    stack_version: int
    header_string: bytes
    credential_version: int | None = None
    destination: Eui64 | None = None
    hardware_versions: HardwareVersions | None = None

    @property
    def version_text(self) -> str:
        """This function will write the file version as DUIS does, eight hexadecimal digits."""
        return f"{self.file_version:08X}"

    @property
    def field_control(self) -> int:
        """This function will give the bits that announce the optional fields."""
        return (
            _HAS_CREDENTIAL_VERSION * (self.credential_version is not None)
            | _HAS_DESTINATION * (self.destination is not None)
            | _HAS_HARDWARE_VERSIONS * (self.hardware_versions is not None)
        )

    @property
    def length(self) -> int:
        """This function will count the header's octets."""
        return _header_length(self.field_control)


@dataclass(frozen=True, slots=True)
class Trailer:
    """What follows the Manufacturer Image of 11.1: a flag for the hub, one octet, and the supplier's r and s."""

    signature: bytes
    force_replace: int = 0


@dataclass(frozen=True)
class OtaImage:
    """A firmware image; `trailer` is None for a PPMID. Without slots, so that ten megabytes are hashed once."""

    header: OtaHeader
    manufacturer_image: bytes
    trailer: Trailer | None

    @cached_property
    def manufacturer_image_hash(self) -> bytes:
        """This function will compute what 11.3 names and a meter reports: SHA-256 of the Manufacturer Image."""
        return manufacturer_image_hash(self.manufacturer_image)


def manufacturer_image_hash(manufacturer_image: bytes) -> bytes:
    """This function will compute the 32 octets of SHA-256 over a Manufacturer Image alone (`domain.md` 8.1)."""
    return hashlib.sha256(manufacturer_image).digest()


def read(octets: bytes, *, kind: ImageKind) -> OtaImage:
    """This function will read an image and check what can be checked without a key (`domain.md` 8.3, items 1 to 3).

    Args:
        octets: the decoded image.
        kind: the request that carried it, which alone says whether a trailer follows.

    Raises:
        ImageTooLarge, ImageTooShort, NotAnImage, UnknownHeaderVersion, WrongHeaderLength, WrongImageSize,
        WrongTrailer: the first cause in the order of the rules.
    """
    header = _read_header(octets)
    # Ten megabytes are cut out once, not once for each end.
    end, trailer = len(octets), None
    if kind is ImageKind.SIGNED:
        end, trailer = end - _TRAILER_OCTETS, _read_trailer(octets, after=header.length)
    image = octets[header.length : end]
    if not image:
        raise ImageTooShort(
            "The firmware image ends where the Manufacturer Image should begin; send the whole image."
        )
    return OtaImage(header=header, manufacturer_image=image, trailer=trailer)


def verify(image: OtaImage, *, key: EllipticCurvePublicKey) -> None:
    """This function will make sure that the key's owner signed the Manufacturer Image (`domain.md` 8.3, item 5).

    Raises:
        UntrustedImageSignature: the image has no signature, or another's.
        Invalid: the key is not on P-256.
    """
    if image.trailer is None:
        raise UntrustedImageSignature(
            "The firmware image carries no signature; only an image for request 11.1 does."
        )
    if not raw_ecdsa.matches_digest(
        image.manufacturer_image_hash, signature=image.trailer.signature, key=key
    ):
        raise UntrustedImageSignature(
            "The signature of the firmware image does not match the requesting supplier's Digital Signing key; "
            "sign the Manufacturer Image alone with that key."
        )


def sign(manufacturer_image: bytes, *, key: EllipticCurvePrivateKey, force_replace: int = 0) -> Trailer:
    """This function will sign a Manufacturer Image as a supplier does and give the trailer.

    Raises:
        Invalid: the key is not on P-256.
    """
    return Trailer(signature=raw_ecdsa.sign(manufacturer_image, key=key), force_replace=force_replace)


def build(image: OtaImage) -> bytes:
    """This function will write an image; `build(read(octets)) == octets` for whatever `read` reads.

    Raises:
        Invalid: a field does not fit, the Manufacturer Image is empty, or the whole is larger than a request may carry.
    """
    if not image.manufacturer_image:
        raise Invalid("A firmware image without a Manufacturer Image cannot be built; give its octets.")
    trailer = b"" if image.trailer is None else _write_trailer(image.trailer)
    size = image.header.length + len(image.manufacturer_image) + len(trailer)
    if size > MAX_IMAGE_OCTETS:
        raise Invalid(
            f"The firmware image would have {size:,} octets; at most {MAX_IMAGE_OCTETS:,} can be sent."
        )
    return _write_header(image.header, size=size) + image.manufacturer_image + trailer


def _read_header(octets: bytes) -> OtaHeader:
    if len(octets) > MAX_IMAGE_OCTETS:
        raise ImageTooLarge(
            f"The firmware image has {len(octets):,} octets; at most {MAX_IMAGE_OCTETS:,} can be sent."
        )
    if len(octets) < BASE_HEADER_OCTETS:
        raise ImageTooShort(
            f"The firmware image has {len(octets)} octets; its header alone has at least {BASE_HEADER_OCTETS}."
        )
    identifier, version, length, control, manufacturer, image_type, file_version, stack, string, size = (
        _BASE.unpack_from(octets)
    )
    _check_start(identifier=identifier, version=version)
    _check_header_length(octets, length=length, control=control)
    if size != len(octets):
        raise WrongImageSize(
            f"The firmware image says it has {size:,} octets and has {len(octets):,}; send it whole and unchanged."
        )
    credential_version, destination, hardware_versions = _read_optional(octets, control=control)
    return OtaHeader(
        manufacturer_code=manufacturer,
        image_type=image_type,
        file_version=file_version,
        stack_version=stack,
        header_string=string,
        credential_version=credential_version,
        destination=destination,
        hardware_versions=hardware_versions,
    )


def _check_start(*, identifier: int, version: int) -> None:
    if identifier != FILE_IDENTIFIER:
        raise NotAnImage(
            f"The file begins with {identifier:08X}; a Zigbee OTA firmware image begins with {FILE_IDENTIFIER:08X}."
        )
    if version != HEADER_VERSION:
        raise UnknownHeaderVersion(
            f"The firmware image has a header of version {version:04X}; only {HEADER_VERSION:04X} is read."
        )


def _check_header_length(octets: bytes, *, length: int, control: int) -> None:
    if control & ~_KNOWN_BITS:
        raise WrongHeaderLength(
            f"The header of the firmware image announces unknown fields (field control {control:04X}); "
            f"only the bits of {_KNOWN_BITS:04X} are read."
        )
    expected = _header_length(control)
    if length != expected:
        raise WrongHeaderLength(
            f"The header of the firmware image says it has {length} octets; with field control {control:04X} "
            f"it has {expected}."
        )
    if len(octets) < expected:
        raise ImageTooShort(
            f"The firmware image has {len(octets)} octets, and its header alone has {expected}; send it whole."
        )


def _header_length(control: int) -> int:
    length = BASE_HEADER_OCTETS
    length += 1 if control & _HAS_CREDENTIAL_VERSION else 0
    length += _EUI_OCTETS if control & _HAS_DESTINATION else 0
    return length + (4 if control & _HAS_HARDWARE_VERSIONS else 0)


def _read_optional(
    octets: bytes, *, control: int
) -> tuple[int | None, Eui64 | None, HardwareVersions | None]:
    place = BASE_HEADER_OCTETS
    credential_version, destination, hardware_versions = None, None, None
    if control & _HAS_CREDENTIAL_VERSION:
        credential_version = octets[place]
        place += 1
    if control & _HAS_DESTINATION:
        destination = Eui64(int.from_bytes(octets[place : place + _EUI_OCTETS], "little"))
        place += _EUI_OCTETS
    if control & _HAS_HARDWARE_VERSIONS:
        lowest, highest = struct.unpack_from("<HH", octets, place)
        hardware_versions = HardwareVersions(lowest=lowest, highest=highest)
    return credential_version, destination, hardware_versions


def _read_trailer(octets: bytes, *, after: int) -> Trailer:
    if len(octets) - after < _TRAILER_OCTETS:
        raise WrongTrailer(
            f"After its header the firmware image has {len(octets) - after} octets; the force-replace flag and the signature "
            f"of request 11.1 alone have {_TRAILER_OCTETS}."
        )
    end = octets[-_TRAILER_OCTETS:]
    if end[1] != SIGNATURE_OCTETS:
        raise WrongTrailer(
            f"The firmware image has {end[1]:02X} where the length of its signature should be; request 11.1 needs "
            f"{SIGNATURE_OCTETS:02X} there, 65 octets before the end."
        )
    return Trailer(signature=end[2:], force_replace=end[0])


def _write_header(header: OtaHeader, *, size: int) -> bytes:
    if len(header.header_string) != HEADER_STRING_OCTETS:
        raise Invalid(
            f"A header string has {HEADER_STRING_OCTETS} octets; {len(header.header_string)} were given."
        )
    try:
        base = _BASE.pack(
            FILE_IDENTIFIER,
            HEADER_VERSION,
            header.length,
            header.field_control,
            header.manufacturer_code,
            header.image_type,
            header.file_version,
            header.stack_version,
            header.header_string,
            size,
        )
        return base + _write_optional(header)
    except (struct.error, OverflowError) as error:
        raise Invalid(f"A field of the firmware image's header does not fit: {error}.") from error


def _write_optional(header: OtaHeader) -> bytes:
    octets = b""
    if header.credential_version is not None:
        octets += struct.pack("<B", header.credential_version)
    if header.destination is not None:
        octets += header.destination.to_bytes()[::-1]
    if header.hardware_versions is not None:
        octets += struct.pack("<HH", header.hardware_versions.lowest, header.hardware_versions.highest)
    return octets


def _write_trailer(trailer: Trailer) -> bytes:
    if len(trailer.signature) != SIGNATURE_OCTETS:
        raise Invalid(f"A signature has {SIGNATURE_OCTETS} octets; {len(trailer.signature)} were given.")
    if not 0 <= trailer.force_replace <= 0xFF:  # noqa: PLR2004 - one octet
        raise Invalid(f"{trailer.force_replace} is no force-replace flag; one octet is expected, usually 0.")
    return bytes([trailer.force_replace, SIGNATURE_OCTETS]) + trailer.signature
