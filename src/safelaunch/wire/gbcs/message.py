"""The envelope of a GBCS message: grouping header, payload, signature, MAC; byte for byte, no key needed.

    [ DD 00 00 00 00 00 00 | length | 11 00 00 00 00 ]      MAC header (General Ciphering), with a MAC only
    DF                                                      General Signing
      09 kind, originator counter                           kind: 1 command, 2 response, 3 alert
      08 originator   08 target                             EUI-64 each
      00, or 0C and a DLMS date-time                        when it was sent; responses of critical commands
      length, message code, supplementary fields            see `Supplementary`
      length, payload
      nothing, or 00, or 40 and 64 octets                   Pre-Command, unsigned, signed
    [ 12 octets ]                                           MAC

A Pre-Command ends with its payload: its signer appends `40` and the signature (`domain.md` 4.5). What is read is
written back as the same octets: a length in a longer form than need be, other constants or octets left over are
refused. Messages cut in blocks (General Block Transfer) are not read; join them first.
"""

from dataclasses import dataclass
from enum import IntEnum

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.refusals import Invalid
from safelaunch.wire.gbcs.octets import SIGNATURE_OCTETS, Reader, write_length, write_number
from safelaunch.wire.gbcs.times import DLMS_OCTETS, DlmsTime

MAC_OCTETS = 12

SECURITY_HEADER = bytes.fromhex("1100000000")
_GENERAL_CIPHERING = bytes.fromhex("DD000000000000")
_GENERAL_SIGNING = b"\xdf"
_TRANSACTION_ID_LENGTH = b"\x09"
_EUI_LENGTH = b"\x08"

_CODE_ONLY = 2
_WITH_PARTY = 10
_WITH_PARTY_COUNTER = 18
_WITH_BOTH_COUNTERS = 26


class MessageKind(IntEnum):
    """The CRA flag: what the message is to its receiver."""

    COMMAND = 1
    RESPONSE = 2
    ALERT = 3


@dataclass(frozen=True, slots=True)
class Supplementary:
    """The party behind the ACB: who asked through it, with counters or a key agreement certificate as needed.

    The fields build on one another: a counter of the originator needs the party's counter, and a certificate
    (DER, kept as it came) needs that counter and excludes the originator's.
    """

    remote_party_id: Eui64
    remote_party_counter: int | None = None
    originator_counter: int | None = None
    certificate: bytes | None = None

    def __post_init__(self) -> None:
        """This function will refuse fields that could not be told apart when read."""
        if self.remote_party_counter is None and (self.originator_counter, self.certificate) != (None, None):
            raise Invalid("The Supplementary Remote Party Counter is missing; what follows it needs it.")
        if self.originator_counter is not None and self.certificate is not None:
            raise Invalid("A message carries a Supplementary Originator Counter or a certificate, not both.")
        if (
            self.certificate is not None
            and len(self.certificate) <= _WITH_BOTH_COUNTERS - _WITH_PARTY_COUNTER
        ):
            raise Invalid(f"A certificate of {len(self.certificate)} octets cannot be told from a counter.")


@dataclass(frozen=True, slots=True)
class GroupingHeader:
    """Who says what kind of thing to whom; the counter makes it unique and orders it."""

    kind: MessageKind
    originator_counter: int
    originator_id: Eui64
    target_id: Eui64
    message_code: int
    sent_at: DlmsTime | None = None
    supplementary: Supplementary | None = None

    @property
    def transaction_id(self) -> bytes:
        """This function will give the ten octets that the MAC's key depends on: length, kind and counter."""
        counter = write_number(self.originator_counter, size=8, what="originator counter")
        return _TRANSACTION_ID_LENGTH + bytes([self.kind]) + counter


@dataclass(frozen=True, slots=True)
class Envelope:
    """A message with its payload still closed.

    Attributes:
        header: the grouping header.
        payload: the octets of the use case.
        signature: 64 octets r and s; empty where the message is unsigned; None in a Pre-Command, which ends before.
        mac: 12 octets; None where the message has no MAC header (alerts, responses of critical commands).
    """

    header: GroupingHeader
    payload: bytes
    signature: bytes | None = b""
    mac: bytes | None = None

    def __post_init__(self) -> None:
        """This function will refuse a signature or a MAC that could not be written."""
        if self.signature is not None and len(self.signature) not in (0, SIGNATURE_OCTETS):
            raise Invalid(
                f"A GBCS signature has {SIGNATURE_OCTETS} octets; {len(self.signature)} were given."
            )
        if self.mac is not None and len(self.mac) != MAC_OCTETS:
            raise Invalid(f"A GBCS MAC has {MAC_OCTETS} octets; {len(self.mac)} were given.")
        if self.mac is not None and self.signature is None:
            raise Invalid("A Pre-Command has no MAC; sign it first, or say that it stays unsigned.")
        if self.signature is None and self.header.kind is not MessageKind.COMMAND:
            raise Invalid(
                "Only a command can be a Pre-Command; sign this message, or say that it stays unsigned."
            )

    @property
    def is_pre_command(self) -> bool:
        """This function will say whether the message still waits for its signature (`domain.md` 4.5)."""
        return self.signature is None


def parse(octets: bytes) -> Envelope:
    """This function will read the envelope of a message.

    Raises:
        MalformedGbcs: the octets are no such message; the sentence names the place.
    """
    reader = Reader(octets, name="GBCS message")
    has_mac = reader.peek() == _GENERAL_CIPHERING[0]
    if has_mac:
        reader.expect(_GENERAL_CIPHERING, what="MAC header")
        if (length := reader.length(what="length after the MAC header")) != reader.left:
            raise reader.refusal("length after the MAC header", f"it says {length}, and {reader.left} follow")
        reader.expect(SECURITY_HEADER, what="security header")
    header = _read_header(reader)
    payload = reader.take(reader.length(what="payload length"), what="payload")
    signature = _read_signature(reader, has_mac=has_mac)
    mac = reader.take(MAC_OCTETS, what="MAC") if has_mac else None
    reader.finish()
    if signature is None and header.kind is not MessageKind.COMMAND:
        raise reader.refusal("signature", "only a Pre-Command ends without one")
    return Envelope(header=header, payload=payload, signature=signature, mac=mac)


def build(envelope: Envelope) -> bytes:
    """This function will write a message; `build(parse(octets)) == octets` for whatever `parse` reads.

    Raises:
        Invalid: a counter, the message code or a length does not fit its field.
    """
    signature = b"" if envelope.signature is None else bytes([len(envelope.signature)]) + envelope.signature
    body = grouping_octets(envelope) + envelope.payload + signature
    if envelope.mac is None:
        return body
    length = write_length(len(SECURITY_HEADER) + len(body) + MAC_OCTETS)
    return _GENERAL_CIPHERING + length + SECURITY_HEADER + body + envelope.mac


def grouping_octets(envelope: Envelope) -> bytes:
    """This function will write the grouping header, from `DF` to the length of the payload."""
    header = envelope.header
    sent_at = b"\x00" if header.sent_at is None else bytes([DLMS_OCTETS]) + header.sent_at.octets
    other = _other_information(header)
    return b"".join(
        (
            _GENERAL_SIGNING,
            header.transaction_id,
            _EUI_LENGTH + header.originator_id.to_bytes(),
            _EUI_LENGTH + header.target_id.to_bytes(),
            sent_at,
            write_length(len(other)) + other,
            write_length(len(envelope.payload)),
        )
    )


def signed_octets(envelope: Envelope) -> bytes:
    """This function will give what a signature covers: all from after `DF` to the payload (`domain.md` 4.5)."""
    return grouping_octets(envelope)[1:] + envelope.payload


def _read_header(reader: Reader) -> GroupingHeader:
    reader.expect(_GENERAL_SIGNING, what="start of the grouping header")
    reader.expect(_TRANSACTION_ID_LENGTH, what="length of the transaction identifier")
    kind = reader.code(MessageKind, size=1, what="CRA flag")
    counter = reader.number(8, what="originator counter")
    originator_id = _read_eui(reader, what="originator")
    target_id = _read_eui(reader, what="target")
    sent_at = _read_sent_at(reader)
    other_length = reader.length(what="length of the other information")
    other = Reader(
        reader.take(other_length, what="other information"), name="other information of a GBCS message"
    )
    message_code = other.number(2, what="message code")
    return GroupingHeader(
        kind=kind,
        originator_counter=counter,
        originator_id=originator_id,
        target_id=target_id,
        message_code=message_code,
        sent_at=sent_at,
        supplementary=_read_supplementary(other),
    )


def _read_eui(reader: Reader, *, what: str) -> Eui64:
    reader.expect(_EUI_LENGTH, what=f"length of the {what}")
    return Eui64.from_bytes(reader.take(8, what=what))


def _read_sent_at(reader: Reader) -> DlmsTime | None:
    length = reader.number(1, what="length of the time")
    if length not in (0, DLMS_OCTETS):
        raise reader.refusal("length of the time", f"it is {length}; only 0 or {DLMS_OCTETS} can be")
    return DlmsTime(reader.take(length, what="time")) if length else None


def _read_supplementary(other: Reader) -> Supplementary | None:
    length = other.left + _CODE_ONLY
    if length == _CODE_ONLY:
        return None
    if length <= _WITH_BOTH_COUNTERS and length not in (
        _WITH_PARTY,
        _WITH_PARTY_COUNTER,
        _WITH_BOTH_COUNTERS,
    ):
        raise other.refusal("supplementary fields", f"{length} octets hold no whole number of them")
    party = Eui64.from_bytes(other.take(8, what="Supplementary Remote Party ID"))
    party_counter = other.number(8, what="Supplementary Remote Party Counter") if other.left else None
    counter = (
        other.number(8, what="Supplementary Originator Counter") if length == _WITH_BOTH_COUNTERS else None
    )
    certificate = other.take(other.left, what="certificate") if other.left else None
    return Supplementary(
        remote_party_id=party,
        remote_party_counter=party_counter,
        originator_counter=counter,
        certificate=certificate,
    )


def _other_information(header: GroupingHeader) -> bytes:
    octets = write_number(header.message_code, size=2, what="message code")
    extra = header.supplementary
    if extra is None:
        return octets
    octets += extra.remote_party_id.to_bytes()
    if extra.remote_party_counter is not None:
        octets += write_number(extra.remote_party_counter, size=8, what="Supplementary Remote Party Counter")
    if extra.originator_counter is not None:
        octets += write_number(extra.originator_counter, size=8, what="Supplementary Originator Counter")
    return octets + (extra.certificate or b"")


def _read_signature(reader: Reader, *, has_mac: bool) -> bytes | None:
    if not reader.left and not has_mac:
        return None
    length = reader.number(1, what="length of the signature")
    if length not in (0, SIGNATURE_OCTETS):
        raise reader.refusal(
            "length of the signature", f"it is {length}; only 0 or {SIGNATURE_OCTETS} can be"
        )
    return reader.take(length, what="signature")
