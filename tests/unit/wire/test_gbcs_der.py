"""DER, lengths and times have one written form each, and any other is refused with its place."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from safelaunch.domain.refusals import Invalid, Unreadable
from safelaunch.wire.gbcs import der
from safelaunch.wire.gbcs.octets import MalformedGbcs, Reader, version_octets, version_text, write_length
from safelaunch.wire.gbcs.times import (
    CANCELLED_AT,
    DlmsTime,
    read_zigbee,
    whole_second,
    write_generalized,
    write_zigbee,
)

AT = datetime(2026, 3, 2, 21, 0, 5, tzinfo=UTC)


def reader_of(text):
    return der.DerReader(bytes.fromhex(text), name="test message")


@pytest.mark.parametrize(
    ("length", "text"),
    [(0, "00"), (127, "7F"), (128, "8180"), (255, "81FF"), (256, "820100"), (65_535, "82FFFF")],
)
def test_a_length_is_written_in_its_shortest_form_and_read_back(length, text):
    assert write_length(length) == bytes.fromhex(text)
    assert Reader(bytes.fromhex(text), name="test message").length(what="length") == length


@pytest.mark.parametrize("text", ["817F", "8200FF", "80", "8301000000", "FF", "82FF", ""])
def test_a_length_in_any_other_form_is_refused(text):
    with pytest.raises(MalformedGbcs, match="length"):
        Reader(bytes.fromhex(text), name="test message").length(what="length")


@pytest.mark.parametrize("length", [-1, 65_536])
def test_a_length_beyond_two_octets_is_not_written(length):
    with pytest.raises(Invalid, match="cannot be written"):
        write_length(length)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "020100"),
        (127, "02017F"),
        (128, "02020080"),
        (0x8F66, "0203008F66"),
        (1000, "020203E8"),
        (der.HIGHEST_INTEGER, "020900FFFFFFFFFFFFFFFF"),
    ],
)
def test_an_integer_has_one_form(value, text):
    assert der.write_integer(value) == bytes.fromhex(text)
    assert reader_of(text).integer(what="number") == value


@pytest.mark.parametrize(
    "text", ["0200", "020180", "02020001", "0209010000000000000000", "020A" + "00" * 10, "04017F"]
)
def test_an_integer_that_is_negative_too_large_or_too_long_is_refused(text):
    with pytest.raises(MalformedGbcs, match="number"):
        reader_of(text).integer(what="number")


@pytest.mark.parametrize("value", [-1, der.HIGHEST_INTEGER + 1])
def test_an_integer_outside_the_counters_is_not_written(value):
    with pytest.raises(Invalid, match="whole number"):
        der.write_integer(value)


def test_a_sequence_holds_its_values_and_nothing_else():
    octets = der.write_sequence(der.write_integer(7), der.write_octet_string(b"ab"), der.write_null())
    reader = der.DerReader(octets, name="test message")
    fields = reader.sequence(what="whole")
    reader.finish()
    assert fields.integer(what="number") == 7
    assert fields.octet_string(size=2, what="letters") == b"ab"
    assert fields.next_tag == der.NULL
    with pytest.raises(MalformedGbcs, match="octets left over: 2"):
        fields.finish()
    fields.null(what="nothing")
    fields.finish()
    assert fields.next_tag is None


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("0403616263", "expected are 2 octets, found are 3"),
        ("0402", "expected are 2 octets, and 0 are left"),
        ("040261", "expected are 2 octets, and 1 are left"),
        ("05", "octet 0, tag of letters: expected is 04, found is 05"),
        ("", "found is the end"),
    ],
)
def test_a_refusal_names_the_place_and_what_was_expected(text, place):
    with pytest.raises(Unreadable) as refusal:
        reader_of(text).octet_string(size=2, what="letters")
    assert str(refusal.value).startswith("The test message cannot be read at octet ")
    assert place in str(refusal.value)


def test_a_null_that_holds_something_is_refused():
    with pytest.raises(MalformedGbcs, match="a NULL holds nothing"):
        reader_of("050100").null(what="nothing")


def test_a_generalized_time_is_utc_to_the_second():
    assert der.write_time(AT) == b"\x18\x0f20260302210005Z"
    assert der.DerReader(der.write_time(AT), name="test message").time(what="time") == AT
    in_the_east = AT.astimezone(timezone(timedelta(hours=3)))
    assert write_generalized(in_the_east) == write_generalized(AT)
    assert write_generalized(CANCELLED_AT) == b"99991231235959Z"


@pytest.mark.parametrize(
    "text",
    [
        b"20260302210005",
        b"20261302210005Z",
        b"20260302240005Z",
        b"00000101000000Z",
        b"2026030221000Z",
        b"2026030221 005Z",
    ],
)
def test_a_time_of_another_form_or_of_no_moment_is_refused(text):
    with pytest.raises(MalformedGbcs, match="YYYYMMDDhhmmssZ"):
        der.DerReader(b"\x18" + bytes([len(text)]) + text, name="test message").time(what="time")


@pytest.mark.parametrize(
    "at",
    [
        datetime(2026, 3, 2, 21, 0),  # noqa: DTZ001 - a moment without a zone is what is refused
        AT.replace(microsecond=1),
        CANCELLED_AT.replace(tzinfo=timezone(timedelta(hours=-1))),
        datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=1))),
    ],
)
def test_a_moment_that_gbcs_cannot_write_is_refused(at):
    with pytest.raises(Invalid, match="whole second"):
        whole_second(at)


def test_a_dlms_time_says_its_moment_and_how_far_to_trust_it():
    written = DlmsTime.at_moment(AT)
    assert written.octets == bytes.fromhex("07EA0302FF150005008000FF")
    assert written.moment == AT
    assert written.clock_status == 0xFF


@pytest.mark.parametrize(
    "text",
    [
        "FFFF0302FF150005008000FF",  # no year
        "07EAFF02FF150005008000FF",  # no month
        "07EA0302FFFF0005008000FF",  # no hour
        "07EA021EFF150005008000FF",  # 30 February
        "07EA0302FF1500050000 3C FF",  # an hour from UTC
    ],
)
def test_a_dlms_time_with_a_part_unsaid_names_no_moment(text):
    assert DlmsTime(bytes.fromhex(text)).moment is None


def test_a_dlms_time_has_twelve_octets():
    with pytest.raises(Invalid, match="12 octets"):
        DlmsTime(bytes(11))


@pytest.mark.parametrize(
    ("at", "text"),
    [
        (datetime(2000, 1, 1, tzinfo=UTC), "00000000"),
        (datetime(2000, 1, 2, tzinfo=UTC), "00015180"),
        (None, "FFFFFFFF"),
    ],
)
def test_gbz_time_counts_seconds_since_2000_and_can_be_unsaid(at, text):
    assert write_zigbee(at) == bytes.fromhex(text)
    assert read_zigbee(Reader(bytes.fromhex(text), name="test message"), what="time") == at


@pytest.mark.parametrize("at", [datetime(1999, 12, 31, tzinfo=UTC), datetime(2136, 3, 1, tzinfo=UTC)])
def test_gbz_time_ends_where_its_octets_end(at):
    with pytest.raises(Invalid, match="from 2000 to early 2136"):
        write_zigbee(at)


def test_a_firmware_version_is_eight_hexadecimal_digits():
    assert version_text(version_octets("0A1B2C3D")) == "0A1B2C3D"


@pytest.mark.parametrize("text", ["0a1b2c3d", "0A1B2C3", "0A1B2C3D4", "0A1B 2C3", "0A1B2C3G", ""])
def test_a_firmware_version_of_another_form_is_refused(text):
    with pytest.raises(Invalid, match="eight hexadecimal digits"):
        version_octets(text)
