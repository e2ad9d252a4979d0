"""CS02b by the CoS Party: a Device is given the certificates of its new Supplier (SRV 6.23; 0x0107, 0x00CB).

    command    SEQUENCE { control, SEQUENCE OF replacement, SEQUENCE OF certificate, GeneralizedTime OPTIONAL }
      control      SEQUENCE { INTEGER 7, [1] INTEGER 1 without checks of time, [2] CoS Party's cell, [3] counter,
                              [6] SEQUENCE OF { INTEGER 2, INTEGER floor, SEQUENCE OF { INTEGER 0, INTEGER floor } } }
      replacement  SEQUENCE { certificate, cell }; a cell is a role, a key usage, and 1 for prepayment top-ups
    response   SEQUENCE { NULL, outcome OPTIONAL }; without an outcome the command was accepted for later, or forgot one
      outcome      SEQUENCE { INTEGER counter, INTEGER 7, floors, SEQUENCE OF { cell, ENUMERATED 0 for success,
                              old party, old key's identifier, new party, new key's identifier } }
    alert      SEQUENCE { INTEGER 8F66 or 8F67, GeneralizedTime, outcome }

The vectors show what succeeds; [1] and what fails are as ASN.1 of GBCS names them. Responses and alerts write lengths in
two octets that would fit in one, so their octets are kept as they came and read on demand.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Self

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.refusals import Invalid
from safelaunch.wire.gbcs.activation import FutureDatedAlertCode
from safelaunch.wire.gbcs.der import (
    GENERALIZED_TIME,
    INTEGER,
    NULL,
    OCTET_STRING,
    SEQUENCE,
    Value,
    read_values,
    write_integer,
    write_null,
    write_octet_string,
    write_sequence,
    write_tagged,
    write_time,
)
from safelaunch.wire.gbcs.octets import Reader
from safelaunch.wire.gbcs.times import CANCELLED_AT, read_generalized, whole_second

_BY_COS_PARTY = 7
_SUPPLIER = 2
_WITHOUT_TIME_CHECKS = write_tagged(0x81, b"\x01")
_COS_PARTY_CELL = write_tagged(0xA2, bytes.fromhex("020105 03020780"))
_COUNTER_TAG = 0x83
_FLOORS_TAG = 0xA6
_ENUMERATED = 0x0A
_TOP_UP_USE = 0
_NOT_SO = (ValueError, LookupError, Invalid)
"""What taking octets apart ends in when they are something else."""


class Cell(Enum):
    """Where a Device keeps a certificate of its Supplier, as it is written."""

    SIGNING = bytes.fromhex("020102 03020780")
    AGREEMENT = bytes.fromhex("020102 03020308")
    TOP_UP = bytes.fromhex("020102 03020308 020101")


@dataclass(frozen=True, slots=True)
class Replacement:
    """A certificate (DER) for a cell."""

    cell: Cell
    certificate: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Cs02bCommand:
    """The command.

    Attributes:
        counter: the CoS Party's, the same as in the grouping header.
        replacements: the new Supplier's certificates.
        path: certificates (DER) that lead to them.
        floor: below which the Device takes no counters of the new Supplier; None changes nothing, as in a cancellation.
        top_up_floor: the same for top-ups.
        applies_time_checks: whether certificates out of date are refused.
        execution_at: when; None for at once, the last second of 9999 forgets.
    """

    counter: int
    replacements: tuple[Replacement, ...]
    path: tuple[bytes, ...]
    floor: int | None = None
    top_up_floor: int | None = None
    applies_time_checks: bool = True
    execution_at: datetime | None = None

    def __post_init__(self) -> None:
        """This function will refuse a time that could not be written."""
        if self.execution_at is not None:
            whole_second(self.execution_at)

    @property
    def is_cancellation(self) -> bool:
        """This function will say whether the command withdraws a future-dated one."""
        return self.execution_at == CANCELLED_AT

    @classmethod
    def from_octets(cls, octets: bytes) -> Self:
        """This function will read the payload of the command.

        Raises:
            MalformedGbcs: it has another form than it would be written in.
        """
        reader = Reader(octets, name="CS02b command")
        try:
            read = cls._read(octets, reader)
            if read.to_octets() == octets:
                return read
        except _NOT_SO:
            pass
        raise reader.refusal("its fields", "they are not those of a change of Supplier by the CoS Party")

    @classmethod
    def _read(cls, octets: bytes, reader: Reader) -> Self:
        (whole,) = read_values(octets, reader=reader)
        control, replacements, path, *execution = whole.inside(reader)
        fields = {field.tag: field for field in control.inside(reader)}
        floors: list[int] = []
        if _FLOORS_TAG in fields:
            (change,) = fields[_FLOORS_TAG].inside(reader)
            _, floor, *special = change.inside(reader)
            floors = [floor.number]
            floors += [one.inside(reader)[1].number for each in special for one in each.inside(reader)]
        return cls(
            counter=fields[_COUNTER_TAG].number,
            replacements=tuple(_replacement(one, reader) for one in replacements.inside(reader)),
            path=tuple(one.octets for one in path.inside(reader)),
            floor=floors[0] if floors else None,
            top_up_floor=floors[1] if len(floors) > 1 else None,
            applies_time_checks=_WITHOUT_TIME_CHECKS[0] not in fields,
            execution_at=_time(execution[0], reader) if execution else None,
        )

    def to_octets(self) -> bytes:
        """This function will write the payload of the command."""
        checks = b"" if self.applies_time_checks else _WITHOUT_TIME_CHECKS
        counter = write_tagged(_COUNTER_TAG, write_integer(self.counter)[2:])
        control = write_sequence(
            write_integer(_BY_COS_PARTY), checks, _COS_PARTY_CELL, counter, self._floors()
        )
        replacements = (
            write_sequence(one.certificate, write_sequence(one.cell.value)) for one in self.replacements
        )
        execution = b"" if self.execution_at is None else write_time(self.execution_at)
        return write_sequence(control, write_sequence(*replacements), write_sequence(*self.path), execution)

    def _floors(self) -> bytes:
        if self.floor is None:
            return b""
        return write_tagged(_FLOORS_TAG, _written_floors(self.floor, self.top_up_floor))


def _written_floors(floor: int, top_up_floor: int | None) -> bytes:
    special = b""
    if top_up_floor is not None:
        special = write_sequence(write_sequence(write_integer(_TOP_UP_USE), write_integer(top_up_floor)))
    return write_sequence(write_integer(_SUPPLIER), write_integer(floor), special)


def _replacement(value: Value, reader: Reader) -> Replacement:
    certificate, cell = value.inside(reader)
    return Replacement(Cell(cell.content), certificate.octets)


def _time(value: Value, reader: Reader) -> datetime:
    if value.tag != GENERALIZED_TIME:
        raise reader.refusal("execution time", "another type stands there")
    return read_generalized(value.content, reader=reader, what="execution time")


@dataclass(frozen=True, slots=True)
class Replaced:
    """What became of one cell: 0 for success, whose certificate was there and whose is there now."""

    cell: Cell
    status: int
    old_party: Eui64 | None
    new_party: Eui64 | None
    old_key: bytes = b""
    new_key: bytes = b""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the command of a counter."""

    counter: int
    replaced: tuple[Replaced, ...]

    @property
    def has_succeeded(self) -> bool:
        """This function will say whether every certificate was replaced."""
        return bool(self.replaced) and all(one.status == 0 for one in self.replaced)

    @property
    def losing(self) -> Eui64 | None:
        """This function will give the party whose certificate signed until now, or nothing when it was not told."""
        return next((one.old_party for one in self.replaced if one.cell is Cell.SIGNING), None)


@dataclass(frozen=True, slots=True)
class Cs02bResponse:
    """The response; `outcome` is None where a command was accepted for later, or forgot one."""

    octets: bytes

    @classmethod
    def from_octets(cls, octets: bytes) -> Self:
        """This function will read the payload of the response."""
        _read_response(octets)
        return cls(octets)

    @classmethod
    def of(cls, outcome: Outcome | None) -> Self:
        """This function will write a response."""
        return cls(write_sequence(write_null(), b"" if outcome is None else _written_outcome(outcome)))

    @property
    def outcome(self) -> Outcome | None:
        """This function will give what became of the command."""
        return _read_response(self.octets)

    def to_octets(self) -> bytes:
        """This function will give the octets as they came."""
        return self.octets


@dataclass(frozen=True, slots=True)
class Cs02bAlert:
    """The alert about a command whose time came."""

    octets: bytes

    @classmethod
    def from_octets(cls, octets: bytes) -> Self:
        """This function will read the payload of the alert."""
        _read_alert(octets)
        return cls(octets)

    @classmethod
    def of(cls, outcome: Outcome, *, execution_at: datetime) -> Self:
        """This function will write an alert."""
        code = FutureDatedAlertCode.SUCCEEDED if outcome.has_succeeded else FutureDatedAlertCode.FAILED
        return cls(write_sequence(write_integer(code), write_time(execution_at), _written_outcome(outcome)))

    @property
    def alert_code(self) -> FutureDatedAlertCode:
        """This function will give the alert code."""
        return _read_alert(self.octets)[0]

    @property
    def execution_at(self) -> datetime:
        """This function will give the time that was asked for."""
        return _read_alert(self.octets)[1]

    @property
    def outcome(self) -> Outcome:
        """This function will give what became of the command."""
        return _read_alert(self.octets)[2]

    def to_octets(self) -> bytes:
        """This function will give the octets as they came."""
        return self.octets


def _read_response(octets: bytes) -> Outcome | None:
    reader = Reader(octets, name="CS02b response")
    try:
        (whole,) = read_values(octets, reader=reader)
        accepted, *outcome = whole.inside(reader)
        if whole.tag == SEQUENCE and (accepted.tag, accepted.content) == (NULL, b"") and len(outcome) <= 1:
            return _read_outcome(outcome[0], reader) if outcome else None
    except _NOT_SO:
        pass
    raise reader.refusal("its fields", "they are not those of an answer to a change of Supplier")


def _read_alert(octets: bytes) -> tuple[FutureDatedAlertCode, datetime, Outcome]:
    reader = Reader(octets, name="CS02b alert")
    try:
        (whole,) = read_values(octets, reader=reader)
        code, execution_at, outcome = whole.inside(reader)
        known = FutureDatedAlertCode(code.number)
        return known, _time(execution_at, reader), _read_outcome(outcome, reader)
    except _NOT_SO:
        raise reader.refusal(
            "its fields", "they are not those of an alert about a change of Supplier"
        ) from None


def _read_outcome(value: Value, reader: Reader) -> Outcome:
    counter, mode, _, replaced = value.inside(reader)
    if (counter.tag, mode.number) != (INTEGER, _BY_COS_PARTY):
        raise reader.refusal("outcome", "it is not that of a change of Supplier by the CoS Party")
    return Outcome(counter.number, tuple(_replaced(one, reader) for one in replaced.inside(reader)))


def _replaced(value: Value, reader: Reader) -> Replaced:
    cell, status, *parties = value.inside(reader)
    if status.tag != _ENUMERATED or any(one.tag != OCTET_STRING for one in parties):
        raise reader.refusal("outcome of a certificate", "another type stands there")
    told = [one.content for one in parties] + [b""] * 4
    old_party, old_key, new_party, new_key = told[:4]
    return Replaced(
        cell=Cell(cell.content),
        status=status.number,
        old_party=Eui64.from_bytes(old_party) if old_party else None,
        new_party=Eui64.from_bytes(new_party) if new_party else None,
        old_key=old_key,
        new_key=new_key,
    )


def _written_outcome(outcome: Outcome) -> bytes:
    replaced = (
        write_sequence(
            write_sequence(one.cell.value),
            write_tagged(_ENUMERATED, bytes([one.status])),
            *(write_octet_string(octets) for octets in _told(one)),
        )
        for one in outcome.replaced
    )
    floors = write_sequence(_written_floors(0, 0))
    return write_sequence(
        write_integer(outcome.counter), write_integer(_BY_COS_PARTY), floors, write_sequence(*replaced)
    )


def _told(one: Replaced) -> tuple[bytes, ...]:
    if one.old_party is None or one.new_party is None:
        return ()
    return one.old_party.to_bytes(), one.old_key, one.new_party.to_bytes(), one.new_key
