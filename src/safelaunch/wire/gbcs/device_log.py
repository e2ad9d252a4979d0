"""The device log of a Communications Hub: Devices put in, taken out, told of and given to the next hub (SRV 8.11, 8.12.1).

    CCS01  0x0001  CHF  command   DLMS access service: three specifications on class 0x68, instance 0-0:30.3.0.255: method 1
                                  { Device, 1, install code, 0 }, attribute 3 to the join time (s), attribute 2 to TRUE
                        response  three data, all null, and three results: of an action and of two settings
    CCS02  0x0002  CHF  command   method 2 with the Device; one result of an action is the response
    CCS03  0x0003  CHF  command   method 5 { extended PAN, array of { Device, hashed link key } }; the response likewise
    CS14   0x0018  CHF  alert     8F12: when, and a backup of the log { when, extended PAN, array of the same }; with a MAC

The log of the CHF says who holds a link key of the home's HAN, that is, who has joined it. Class, methods and the order of the
fields are those of the reference vectors; what methods 1, 2 and 5 do follows from the use cases they stand in.
"""

from dataclasses import dataclass
from typing import ClassVar, Self

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.refusals import Invalid
from safelaunch.wire.gbcs.octets import Reader, write_number
from safelaunch.wire.gbcs.times import DLMS_OCTETS, DlmsTime

MAX_ENTRIES = 16
"""The most Devices of a CHF's log (`domain.md` 3.5)."""

_EUI_OCTETS, _KEY_OCTETS, _PAN_OCTETS = 8, 16, 8
_LEAST_CODE, _MOST_CODE = 6, 16
_ACCESS_REQUEST, _ACCESS_RESPONSE = bytes.fromhex("D9 20"), bytes.fromhex("DA 20")
_LOG = bytes.fromhex("0068 00001E0300FF")
_ACTION, _SETTING = 3, 2
_ADD = (
    bytes.fromhex("00 03 03") + _LOG + bytes.fromhex("01 02") + _LOG + bytes.fromhex("03 02") + _LOG
) + bytes.fromhex("02 03 0204")
"""No time; an action and two settings; three data, of which the first is a structure of four."""
_REMOVE = bytes.fromhex("00 01 03") + _LOG + bytes.fromhex("02 01")
_RESTORE = bytes.fromhex("00 01 03") + _LOG + bytes.fromhex("05 01 0202")
_EUI = bytes([0x09, _EUI_OCTETS])
_JOINS_BY_CODE = bytes.fromhex("16 01 09")
_NO_MORE = bytes.fromhex("16 00")
_JOIN_TIME = b"\x12"
_JOINING = bytes.fromhex("03 FF")
_ARRAY = b"\x01"
_ENTRY = bytes.fromhex("0202") + _EUI
_LINK_KEY = bytes([0x09, _KEY_OCTETS])
_DATE_TIME = bytes([0x09, DLMS_OCTETS])
_DATA_NOTIFICATION = bytes.fromhex("0F 20")
_LOG_CHANGED = bytes.fromhex("00 0203 12 8F12")
_BACKUP = bytes.fromhex("0203")


@dataclass(frozen=True, slots=True)
class LoggedDevice:
    """A Device that holds a link key of a HAN, with what a Trust Centre that takes over has to know of that key."""

    device_id: Eui64
    hashed_key: bytes

    def __post_init__(self) -> None:
        """This function will refuse a hashed key that is not sixteen octets."""
        if len(self.hashed_key) != _KEY_OCTETS:
            raise Invalid(f"A hashed link key has {_KEY_OCTETS} octets; {len(self.hashed_key)} were given.")


@dataclass(frozen=True, slots=True)
class LogBackup:
    """What a CHF's log holds: the HAN's extended PAN and who has joined it."""

    extended_pan: bytes
    devices: tuple[LoggedDevice, ...]

    def __post_init__(self) -> None:
        """This function will refuse a PAN or a number of Devices that could not be written."""
        if len(self.extended_pan) != _PAN_OCTETS:
            raise Invalid(f"An extended PAN has {_PAN_OCTETS} octets; {len(self.extended_pan)} were given.")
        if len(self.devices) > MAX_ENTRIES:
            raise Invalid(
                f"The log of a hub holds {MAX_ENTRIES} Devices at most; {len(self.devices)} were given."
            )


@dataclass(frozen=True, slots=True)
class Ccs01Command:
    """The CCS01 command: take a Device with this install code into the log, and let it join for so many seconds."""

    invoke_id: int
    device_id: Eui64
    install_code: bytes
    join_seconds: int

    def __post_init__(self) -> None:
        """This function will refuse what could not be written."""
        write_number(self.invoke_id, size=3, what="invoke id")
        write_number(self.join_seconds, size=2, what="join time")
        if not _LEAST_CODE <= len(self.install_code) <= _MOST_CODE:
            raise Invalid(
                f"An install code has {_LEAST_CODE} to {_MOST_CODE} octets; {len(self.install_code)} were given."
            )

    @classmethod
    def from_octets(cls, octets: bytes) -> Self:
        """This function will read the payload of a CCS01 command."""
        reader, invoke_id = _open(octets, _ACCESS_REQUEST, name="CCS01 command")
        reader.expect(_ADD + _EUI, what="the log and its new entry")
        device_id = Eui64.from_bytes(reader.take(_EUI_OCTETS, what="Device ID"))
        reader.expect(_JOINS_BY_CODE, what="how the Device joins")
        length = reader.number(1, what="length of the install code")
        if not _LEAST_CODE <= length <= _MOST_CODE:
            raise reader.refusal("length of the install code", f"it is {length}")
        install_code = reader.take(length, what="install code")
        reader.expect(_NO_MORE + _JOIN_TIME, what="end of the entry")
        join_seconds = reader.number(2, what="join time")
        reader.expect(_JOINING, what="opening of the HAN")
        reader.finish()
        return cls(invoke_id, device_id, install_code, join_seconds)

    def to_octets(self) -> bytes:
        """This function will write the payload of a CCS01 command."""
        code = bytes([len(self.install_code)]) + self.install_code
        entry = _EUI + self.device_id.to_bytes() + _JOINS_BY_CODE + code + _NO_MORE
        join_time = _JOIN_TIME + write_number(self.join_seconds, size=2, what="join time")
        return _ACCESS_REQUEST + _invoked(self.invoke_id) + _ADD + entry + join_time + _JOINING


@dataclass(frozen=True, slots=True)
class Ccs02Command:
    """The CCS02 command: take a Device out of the log."""

    invoke_id: int
    device_id: Eui64

    def __post_init__(self) -> None:
        """This function will refuse an invoke id above 24 bits."""
        write_number(self.invoke_id, size=3, what="invoke id")

    @classmethod
    def from_octets(cls, octets: bytes) -> Self:
        """This function will read the payload of a CCS02 command."""
        reader, invoke_id = _open(octets, _ACCESS_REQUEST, name="CCS02 command")
        reader.expect(_REMOVE + _EUI, what="the log and the entry that leaves it")
        device_id = Eui64.from_bytes(reader.take(_EUI_OCTETS, what="Device ID"))
        reader.finish()
        return cls(invoke_id, device_id)

    def to_octets(self) -> bytes:
        """This function will write the payload of a CCS02 command."""
        return _ACCESS_REQUEST + _invoked(self.invoke_id) + _REMOVE + _EUI + self.device_id.to_bytes()


@dataclass(frozen=True, slots=True)
class Ccs03Command:
    """The CCS03 command: take over the HAN and the log of the hub that stood there before."""

    invoke_id: int
    log: LogBackup

    def __post_init__(self) -> None:
        """This function will refuse an invoke id above 24 bits."""
        write_number(self.invoke_id, size=3, what="invoke id")

    @classmethod
    def from_octets(cls, octets: bytes) -> Self:
        """This function will read the payload of a CCS03 command."""
        reader, invoke_id = _open(octets, _ACCESS_REQUEST, name="CCS03 command")
        reader.expect(_RESTORE, what="the log and what it takes over")
        log = _read_log(reader)
        reader.finish()
        return cls(invoke_id, log)

    def to_octets(self) -> bytes:
        """This function will write the payload of a CCS03 command."""
        return _ACCESS_REQUEST + _invoked(self.invoke_id) + _RESTORE + _write_log(self.log)


@dataclass(frozen=True, slots=True)
class Ccs02Response:
    """The response to CCS02: a DLMS action result; 0 is success."""

    invoke_id: int
    results: tuple[int, ...] = (0,)

    NAME: ClassVar[str] = "CCS02 response"
    KINDS: ClassVar[tuple[int, ...]] = (_ACTION,)

    def __post_init__(self) -> None:
        """This function will refuse an invoke id or results that could not be written."""
        write_number(self.invoke_id, size=3, what="invoke id")
        if len(self.results) != len(self.KINDS):
            raise Invalid(f"A {self.NAME} has {len(self.KINDS)} results; {len(self.results)} were given.")
        for result in self.results:
            write_number(result, size=1, what="result")

    @property
    def is_logged(self) -> bool:
        """This function will say whether the log is as the command wants it, whatever became of the settings beside it."""
        return self.results[0] == 0

    @classmethod
    def from_octets(cls, octets: bytes) -> Self:
        """This function will read the payload of the response."""
        reader, invoke_id = _open(octets, _ACCESS_RESPONSE, name=cls.NAME)
        count = len(cls.KINDS)
        reader.expect(bytes([0, 0, count, *bytes(count), count]), what="start of the answer")
        results = []
        for kind in cls.KINDS:
            reader.expect(bytes([kind]), what="what the result is of")
            results.append(reader.number(1, what="result"))
        reader.finish()
        return cls(invoke_id, tuple(results))

    def to_octets(self) -> bytes:
        """This function will write the payload of the response."""
        count = len(self.KINDS)
        start = bytes([0, 0, count, *bytes(count), count])
        told = b"".join(bytes(pair) for pair in zip(self.KINDS, self.results, strict=True))
        return _ACCESS_RESPONSE + _invoked(self.invoke_id) + start + told


@dataclass(frozen=True, slots=True)
class Ccs01Response(Ccs02Response):
    """The response to CCS01: of the entry, of the join time and of the opening of the HAN."""

    results: tuple[int, ...] = (0, 0, 0)

    NAME: ClassVar[str] = "CCS01 response"
    KINDS: ClassVar[tuple[int, ...]] = (_ACTION, _SETTING, _SETTING)


@dataclass(frozen=True, slots=True)
class Ccs03Response(Ccs02Response):
    """The response to CCS03."""

    NAME: ClassVar[str] = "CCS03 response"


@dataclass(frozen=True, slots=True)
class HubLogAlert:
    """CS14: the log of a CHF has changed, and this is what it holds now; `invoke_id` is the low 24 bits of the counter."""

    invoke_id: int
    happened_at: DlmsTime
    backed_up_at: DlmsTime
    log: LogBackup

    def __post_init__(self) -> None:
        """This function will refuse an invoke id above 24 bits."""
        write_number(self.invoke_id, size=3, what="invoke id")

    @classmethod
    def from_octets(cls, octets: bytes) -> Self:
        """This function will read the payload of the alert."""
        reader, invoke_id = _open(octets, _DATA_NOTIFICATION, name="CS14 alert")
        reader.expect(_LOG_CHANGED + _DATE_TIME, what="alert code and length of the time")
        happened_at = DlmsTime(reader.take(DLMS_OCTETS, what="time"))
        reader.expect(_BACKUP + _DATE_TIME, what="backup of the log")
        backed_up_at = DlmsTime(reader.take(DLMS_OCTETS, what="time of the backup"))
        log = _read_log(reader)
        reader.finish()
        return cls(invoke_id, happened_at, backed_up_at, log)

    def to_octets(self) -> bytes:
        """This function will write the payload of the alert."""
        times = _DATE_TIME + self.happened_at.octets + _BACKUP + _DATE_TIME + self.backed_up_at.octets
        return _DATA_NOTIFICATION + _invoked(self.invoke_id) + _LOG_CHANGED + times + _write_log(self.log)


def _open(octets: bytes, start: bytes, /, *, name: str) -> tuple[Reader, int]:
    reader = Reader(octets, name=name)
    reader.expect(start, what="DLMS service and priority")
    return reader, reader.number(3, what="invoke id")


def _invoked(invoke_id: int) -> bytes:
    return invoke_id.to_bytes(3, "big")


def _read_log(reader: Reader) -> LogBackup:
    reader.expect(_EUI, what="length of the extended PAN")
    extended_pan = reader.take(_PAN_OCTETS, what="extended PAN")
    reader.expect(_ARRAY, what="Devices of the log")
    count = reader.number(1, what="number of Devices")
    if count > MAX_ENTRIES:
        raise reader.refusal("number of Devices", f"it is {count}; a log holds {MAX_ENTRIES} at most")
    devices = []
    for _ in range(count):
        reader.expect(_ENTRY, what="Device of the log")
        device_id = Eui64.from_bytes(reader.take(_EUI_OCTETS, what="Device ID"))
        reader.expect(_LINK_KEY, what="length of the hashed link key")
        devices.append(LoggedDevice(device_id, reader.take(_KEY_OCTETS, what="hashed link key")))
    return LogBackup(extended_pan, tuple(devices))


def _write_log(log: LogBackup) -> bytes:
    devices = b"".join(_ENTRY + one.device_id.to_bytes() + _LINK_KEY + one.hashed_key for one in log.devices)
    return _EUI + log.extended_pan + _ARRAY + bytes([len(log.devices)]) + devices
