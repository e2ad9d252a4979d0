"""A message under another counter: nothing else of it changes, and no signature survives it."""

import pytest

from safelaunch.domain.refusals import Invalid, Unreadable
from safelaunch.wire.duis.envelope import MalformedEnvelope, read_request, read_response
from safelaunch.wire.duis.renumbering import with_counter
from safelaunch.wire.duis.signature import UntrustedSignature
from safelaunch.wire.duis.xml import canonical, parse
from tests.unit.wire.duis.messages import FIRMWARE_REQUEST, REQUEST, RESPONSE, checked, signed


@pytest.mark.parametrize("message", [REQUEST, FIRMWARE_REQUEST, RESPONSE])
def test_only_the_counter_changes(message):
    changed = with_counter(message, counter=2**64 - 1)
    assert changed == canonical(parse(message)).replace(b":1000<", b":18446744073709551615<")
    read = read_response if message is RESPONSE else read_request
    assert read(parse(changed)).request_id.counter == 2**64 - 1


def test_a_signature_does_not_survive():
    with pytest.raises(UntrustedSignature):
        checked(with_counter(signed(), counter=1001))


def test_a_counter_has_64_bits():
    for counter in (-1, 2**64):
        with pytest.raises(Invalid, match="A counter lies between"):
            with_counter(REQUEST, counter=counter)


def test_a_message_without_a_request_id_has_no_counter():
    alert = RESPONSE.replace(b"RequestID>", b"ResponseID>")
    for message in (alert, b"<a/>"):
        with pytest.raises(MalformedEnvelope, match="no counter to change"):
            with_counter(message, counter=1)
    with pytest.raises(Invalid, match="not a Request ID"):
        with_counter(REQUEST.replace(b":1000<", b":01000<"), counter=1)
    with pytest.raises(Unreadable):
        with_counter(b"hello", counter=1)
