"""Binary rows are read back as they were written, octet by octet and by PostgreSQL itself."""

import struct
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelaunch.wire import copy_binary


def test_a_row_is_its_field_count_and_each_fields_length_and_octets():
    octets = copy_binary.rows([np.array([1, -2], np.int16), b"AB", None], count=2)
    first = struct.pack(">h ih i2s i", 3, 2, 1, 2, b"AB", -1)
    second = struct.pack(">h ih i2s i", 3, 2, -2, 2, b"AB", -1)
    assert octets == first + second


def test_a_row_of_octets_goes_block_by_block_and_uncopied():
    long = bytes(1_000)
    blocks = list(copy_binary.framed(copy_binary.row([b"AB", long])))
    assert (
        b"".join(blocks)
        == copy_binary.HEADER + struct.pack(">hi2si1000s", 2, 2, b"AB", 1_000, long) + b"\xff\xff"
    )
    assert any(block is long for block in blocks)


@given(st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - bounds of Hypothesis have no zone
def test_a_moment_is_its_microseconds_since_2000(at):
    (since,) = struct.unpack(">q", copy_binary.moment(at))
    assert datetime(2000, 1, 1, tzinfo=UTC) + timedelta(microseconds=since) == at


@pytest.mark.parametrize(
    ("kind", "form"), [(np.int16, "h"), (np.int32, "i"), (np.int64, "q"), (np.uint64, "Q")]
)
def test_integers_keep_their_width(kind, form):
    value = np.iinfo(kind).max
    octets = copy_binary.rows([np.array([value], kind)], count=1)
    assert octets == struct.pack(f">hi{form}", 1, struct.calcsize(f">{form}"), value)


@given(st.dates(date(1900, 1, 1), date(2200, 1, 1)))
def test_a_date_is_its_days_since_2000(day):
    octets = copy_binary.rows([np.array([np.datetime64(day)], "datetime64[D]")], count=1)
    (days,) = struct.unpack(">i", octets[6:])
    assert date(2000, 1, 1) + timedelta(days=days) == day


@given(st.lists(st.integers(0, 10**13 - 1), min_size=1, max_size=20))
def test_digits_are_zero_filled_decimal_text(numbers):
    written = copy_binary.digits(np.array(numbers, np.int64), width=13)
    assert [text.decode() for text in written] == [f"{number:013d}" for number in numbers]


def test_no_rows_are_no_octets():
    assert copy_binary.rows([np.array([], np.int32)], count=0) == b""


def test_postgresql_reads_what_was_written(database):
    from django.db import connection

    days = np.array(["2026-03-02", "1999-12-31"], "datetime64[D]")
    columns = [
        np.array([7, -7], np.int32),
        b"NORTH",
        None,
        days,
        copy_binary.digits(np.array([5, 42]), width=4),
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE landed (number integer, word text, none text, day date, digits text)"
        )
        with cursor.copy("COPY landed FROM STDIN (FORMAT binary)") as copy:
            copy.write(copy_binary.HEADER)
            copy.write(copy_binary.rows(columns, count=2))
            copy.write(copy_binary.TRAILER)
        cursor.execute("SELECT * FROM landed ORDER BY number DESC")
        landed = cursor.fetchall()
        cursor.execute("DROP TABLE landed")
    assert landed == [
        (7, "NORTH", None, date(2026, 3, 2), "0005"),
        (-7, "NORTH", None, date(1999, 12, 31), "0042"),
    ]
