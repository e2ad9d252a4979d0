"""Device IDs, firmware versions and MPxNs are read strictly."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelaunch.domain.identifiers import Eui64, read_firmware_version, read_mpxn
from safelaunch.domain.refusals import Invalid

values = st.integers(min_value=0, max_value=(1 << 64) - 1)


@given(values)
def test_a_device_id_survives_its_written_form_and_its_octets(value):
    device_id = Eui64(value)
    assert Eui64.parse(str(device_id)) == device_id
    assert Eui64.parse(str(device_id).lower()) == device_id
    assert Eui64.from_bytes(device_id.to_bytes()) == device_id
    assert len(device_id.to_bytes()) == 8


@given(values, values)
def test_device_ids_sort_as_their_written_forms_do(one, other):
    assert (Eui64(one) < Eui64(other)) == (str(Eui64(one)) < str(Eui64(other)))


def test_a_device_id_is_written_in_the_form_of_the_field():
    assert str(Eui64.parse("00-db-12-34-56-78-90-a2")) == "00-DB-12-34-56-78-90-A2"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "00-DB-12-34-56-78",  # six octets: macaddr8 would widen them
        "00-DB-12-34-56-78-90",
        "00-DB-12-34-56-78-90-A2-00",
        "00:DB:12:34:56:78:90:A2",
        "00DB1234567890A2",
        "00-DB-12-34-56-78-90-A2\n",
        " 00-DB-12-34-56-78-90-A2",
        "00-DB-12-34-56-78-90-G2",
        "\u0660\u0660-DB-12-34-56-78-90-A2",  # digits, but not ours,
    ],
)
def test_anything_but_eight_pairs_joined_by_hyphens_is_refused(text):
    with pytest.raises(Invalid, match="is not a Device ID"):
        Eui64.parse(text)


@given(st.binary(max_size=20).filter(lambda octets: len(octets) != 8))
def test_octets_that_are_not_eight_are_refused_with_their_number(octets):
    with pytest.raises(Invalid, match=f"{len(octets)} were given"):
        Eui64.from_bytes(octets)


@pytest.mark.parametrize("text", ["0", "0002012F", "1.2-3_b", "zzzzzzzz"])
def test_a_firmware_version_of_one_to_eight_characters_is_read(text):
    assert read_firmware_version(text) == text


@pytest.mark.parametrize("text", ["", "123456789", "1 2", "1/2", "0002012F\n", "é"])
def test_other_firmware_versions_are_refused(text):
    with pytest.raises(Invalid, match="is not a firmware version"):
        read_firmware_version(text)


@pytest.mark.parametrize("text", ["1", "1234567890123"])
def test_an_mpxn_of_one_to_thirteen_digits_is_read(text):
    assert read_mpxn(text) == text


@pytest.mark.parametrize("text", ["", "12345678901234", "12a", "-1", "\u0661\u0662\u0663", "12\n"])
def test_other_mpxns_are_refused(text):
    with pytest.raises(Invalid, match="is not an MPAN or MPRN"):
        read_mpxn(text)
