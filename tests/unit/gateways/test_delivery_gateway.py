"""The way to Users: every answer of a receiver is taken, refused or worth another try."""

import pytest

from safelaunch.domain.refusals import Unreachable
from safelaunch.gateways.delivery import HttpDelivery, MessageNotTaken
from tests.receiver import closed_address, listening


@pytest.fixture
def receiver():
    with listening() as one:
        yield one


@pytest.fixture
def way():
    with HttpDelivery(timeout=2) as delivery:
        yield delivery


@pytest.mark.parametrize("status", [200, 202, 204])
def test_any_success_is_a_message_taken(receiver, way, status):
    receiver.always(status)
    way.push(address=receiver.address, octets=b"<a/>")
    assert receiver.bodies == [b"<a/>"]


@pytest.mark.parametrize("status", [301, 400, 404, 413, 415])
def test_what_a_receiver_will_not_have_is_refused_with_its_status(receiver, way, status):
    receiver.always(status)
    with pytest.raises(MessageNotTaken, match=f"HTTP {status}"):
        way.push(address=receiver.address, octets=b"<a/>")


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503])
def test_a_receiver_in_trouble_is_worth_another_try(receiver, way, status):
    receiver.always(status)
    with pytest.raises(Unreachable, match=f"HTTP {status}"):
        way.push(address=receiver.address, octets=b"<a/>")


def test_a_receiver_that_is_away_is_worth_another_try(way):
    with pytest.raises(Unreachable, match="ConnectionRefusedError"):
        way.push(address=closed_address(), octets=b"<a/>")


def test_a_message_of_the_largest_kind_arrives_whole(receiver, way):
    octets = b"x" * (15 * 1024 * 1024)
    way.push(address=receiver.address, octets=octets)
    assert receiver.bodies == [octets]
