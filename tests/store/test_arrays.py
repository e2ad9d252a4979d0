"""Binary arrays: the server reads what was put in, element by element."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from safelaunch.domain.identifiers import Eui64
from safelaunch.store.arrays import Bigints, Eui64s, Integers, Moments, Octets, SomeMoments, Texts

FIRST, LAST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
MOMENTS = st.integers(0, (LAST - FIRST) // MICROSECOND).map(lambda span: FIRST + span * MICROSECOND)
KINDS = {
    "integer": (Integers, st.integers(-(2**31), 2**31 - 1)),
    "bigint": (Bigints, st.integers(-(2**63), 2**63 - 1)),
    "macaddr8": (Eui64s, st.integers(0, 2**64 - 1).map(Eui64)),
    "timestamptz": (Moments, MOMENTS),
    "timestamp with time zone": (SomeMoments, st.none() | MOMENTS),
    "bytea": (Octets, st.binary(max_size=12)),
    "text": (
        Texts,
        st.none() | st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12),
    ),
}


def read(array, kind):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT element FROM unnest(%s::{kind}[]) AS read (element)", [array])
        return [element for (element,) in cursor.fetchall()]


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_the_server_reads_what_was_put_in(database, kind, data):
    array, values = KINDS[kind]
    given_values = data.draw(st.lists(values, max_size=40))
    assert read(array(given_values), kind) == given_values


@pytest.mark.parametrize("kind", KINDS)
def test_an_empty_array_is_an_array_without_elements(database, kind):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT cardinality(%s::{kind}[])", [KINDS[kind][0]([])])
        assert cursor.fetchone() == (0,)


@pytest.mark.parametrize("form", ["<", ">"])
def test_numbers_in_an_array_of_numpy_are_sent_as_they_are_whichever_end_comes_first(database, form):
    numbers = [1, 0x00DB123456789000, 2**64 - 1]
    assert [one.value for one in read(Eui64s(np.array(numbers, f"{form}u8")), "macaddr8")] == numbers
    assert read(Integers(np.array([3, -1], f"{form}i4")), "integer") == [3, -1]


def test_a_device_id_above_the_signed_range_keeps_its_value(database):
    highest = Eui64.parse("FF-FF-FF-FF-FF-FF-FF-FF")
    assert read(Eui64s([highest]), "macaddr8") == [highest]
