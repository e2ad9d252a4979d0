"""What a refused message says of itself is said back, and nothing else is made of it."""

import pytest

from safelaunch.wire.duis.identifiers import RequestId
from safelaunch.wire.duis.salvage import salvage
from tests.unit.wire.duis.messages import REQUEST, REQUEST_ID, signed


def test_a_request_says_what_it_asks_and_in_whose_name():
    found = salvage(signed(REQUEST))
    assert (found.variant, found.service_reference, found.request_id, found.schema_version) == (
        "11.2",
        "11.2",
        RequestId.parse(REQUEST_ID),
        "5.4",
    )


def test_a_request_id_that_cannot_be_read_is_left_out():
    assert salvage(REQUEST.replace(b":1000<", b":-1<")).request_id is None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<a/>",
        REQUEST.replace(b"Variant>11.2", b"Variant>99.9"),
        REQUEST.replace(b"sr:Header", b"sr:Footer"),
        REQUEST[:-5],
        b'<!DOCTYPE a [<!ENTITY e "x">]>' + REQUEST,
    ],
)
def test_what_does_not_say_what_it_asks_gives_nothing(body):
    assert salvage(body) is None
