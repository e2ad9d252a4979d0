"""CS02b from made-up values: written, read, cut anywhere, and refused in another form."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.refusals import Invalid
from safelaunch.wire.gbcs.activation import FutureDatedAlertCode
from safelaunch.wire.gbcs.credentials import (
    Cell,
    Cs02bAlert,
    Cs02bCommand,
    Cs02bResponse,
    Outcome,
    Replaced,
    Replacement,
)
from safelaunch.wire.gbcs.der import write_octet_string, write_sequence
from safelaunch.wire.gbcs.octets import MalformedGbcs
from safelaunch.wire.gbcs.times import CANCELLED_AT

AT = datetime(2030, 1, 2, tzinfo=UTC)
OLD, NEW = Eui64.parse("90-B3-D5-1F-30-01-00-00"), Eui64.parse("90-B3-D5-1F-30-03-00-00")
CERTIFICATE = write_sequence(write_octet_string(bytes(200)))
COMMAND = Cs02bCommand(
    counter=2**63,
    replacements=(Replacement(Cell.SIGNING, CERTIFICATE), Replacement(Cell.TOP_UP, CERTIFICATE)),
    path=(CERTIFICATE,),
    floor=2**40,
    top_up_floor=0,
    applies_time_checks=False,
    execution_at=AT,
)
OUTCOME = Outcome(300, (Replaced(Cell.SIGNING, 0, OLD, NEW, bytes(8), bytes(8)),))
FAILED = Outcome(301, (Replaced(Cell.SIGNING, 4, None, None),))
PAYLOADS = {
    "command": COMMAND,
    "command for now": replace(COMMAND, execution_at=None, applies_time_checks=True),
    "command without top-ups": replace(COMMAND, top_up_floor=None),
    "cancellation": replace(COMMAND, floor=None, top_up_floor=None, execution_at=CANCELLED_AT),
    "accepted": Cs02bResponse.of(None),
    "outcome": Cs02bResponse.of(OUTCOME),
    "failure": Cs02bResponse.of(FAILED),
    "alert": Cs02bAlert.of(OUTCOME, execution_at=AT),
}
each = pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS)


@each
def test_a_payload_is_read_as_it_was_written(payload):
    assert type(payload).from_octets(payload.to_octets()) == payload


@each
def test_a_payload_cut_or_lengthened_anywhere_is_refused(payload):
    octets = payload.to_octets()
    for end in range(len(octets)):
        with pytest.raises(MalformedGbcs):
            type(payload).from_octets(octets[:end])
    with pytest.raises(MalformedGbcs):
        type(payload).from_octets(octets + b"\x00")


@each
def test_a_payload_with_any_octet_changed_is_read_or_refused_and_nothing_else(payload):
    octets = payload.to_octets()
    for place in range(len(octets)):
        changed = octets[:place] + bytes([octets[place] ^ 0x55]) + octets[place + 1 :]
        try:
            read = type(payload).from_octets(changed)
        except MalformedGbcs:
            continue
        assert read.to_octets() == changed


def test_what_a_response_and_an_alert_say():
    assert Cs02bResponse.of(None).outcome is None
    assert Cs02bResponse.of(OUTCOME).outcome == OUTCOME
    assert (OUTCOME.has_succeeded, OUTCOME.losing) == (True, OLD)
    assert (FAILED.has_succeeded, FAILED.losing) == (False, None)
    assert not Outcome(1, ()).has_succeeded
    alert = Cs02bAlert.of(FAILED, execution_at=AT)
    assert (alert.alert_code, alert.execution_at) == (FutureDatedAlertCode.FAILED, AT)
    assert alert.outcome == FAILED


def test_only_the_last_second_of_9999_takes_back():
    assert replace(COMMAND, execution_at=CANCELLED_AT).is_cancellation
    assert not COMMAND.is_cancellation
    with pytest.raises(Invalid, match="whole second"):
        replace(COMMAND, execution_at=AT.replace(microsecond=1))
