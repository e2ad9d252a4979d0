"""Every body comes back as it was written, whatever is in it, and no octets bring the reader down."""

import base64
from contextlib import suppress

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.refusals import Invalid, Unreadable
from safelaunch.domain.srv import catalogue, find
from safelaunch.wire.duis.device_ids import DeviceIds
from safelaunch.wire.duis.leaves import OCTETS
from safelaunch.wire.duis.requests import BODIES, SignedPreCommand, read_body, srv_of, write_body
from safelaunch.wire.duis.xml import GATEWAY, exclusive, parse
from tests.property.duis_values import EUIS, values

LISTS = st.lists(EUIS, min_size=1, max_size=40)


@pytest.mark.parametrize("kind", BODIES.values(), ids=BODIES)
@settings(max_examples=40)
@given(st.data())
def test_a_body_comes_back_as_it_was_written(kind, data):
    body = data.draw(values(kind))
    written = write_body(body)
    srv = find("11.3") if kind is SignedPreCommand else srv_of(body)
    assert read_body(parse(written), srv=srv) == body
    assert write_body(read_body(parse(exclusive(parse(written))), srv=srv)) == written


@given(st.text("AQgw9+/=- \n", max_size=12))
@example("AA==")
@example("AB==")
@example("AAA=")
@example("AAAA=")
@example("AA==AAAA")
def test_base64_is_read_where_it_is_what_a_writer_would_write_and_nowhere_else(text):
    letters = "".join(text.split())
    try:
        expected = base64.b64decode(letters, validate=True)
    except ValueError:
        expected = None
    if expected is not None and base64.b64encode(expected).decode() == letters:
        assert OCTETS.read(text) == expected
    else:
        with pytest.raises(Invalid, match="base64"):
            OCTETS.read(text)


@given(LISTS)
def test_device_ids_come_back_as_they_were_written(device_ids):
    listed = DeviceIds.of(device_ids)
    assert list(listed) == device_ids
    assert str(listed) == ",".join(str(each) for each in device_ids)
    assert DeviceIds.parse(str(listed)) == DeviceIds.parse(str(listed).lower()) == listed
    assert listed.array().tolist() == [each.value for each in device_ids]
    assert len(listed) == len(device_ids)


@given(st.text(alphabet="0aF-, \n", max_size=60) | LISTS.map(lambda ids: " ".join(map(str, ids))))
@example("00-DB-12-34-56-78-90-A0,")
@example(",00-DB-12-34-56-78-90-A0")
@example("00-DB-12-34-56-78-90-A0,00-DB-12-34-56-78-90,A0")
@example("0\N{FULLWIDTH DIGIT ZERO}-DB-12-34-56-78-90-A0")
def test_a_text_is_a_list_of_device_ids_or_is_refused_as_one_by_one_reading_would(text):
    def one_by_one():
        return [Eui64.parse(entry) for entry in text.split(",")]

    try:
        found = list(DeviceIds.parse(text))
    except Invalid:
        with pytest.raises(Invalid):
            one_by_one()
        return
    assert found == one_by_one()


@given(
    name=st.sampled_from([*BODIES, "RequestWANMatrix", "Nonsense"]),
    inside=st.recursive(
        st.text("<>&a1-", max_size=6), lambda each: st.lists(each, max_size=3).map("".join), max_leaves=4
    ),
    children=st.lists(
        st.sampled_from(["DeviceID", "FirmwareImage", "ExecutionDateTime", "MPxN"]), max_size=4
    ),
    code=st.sampled_from(sorted(catalogue())),
)
def test_whatever_a_body_holds_it_is_read_or_refused(name, inside, children, code):
    text = "".join(f"<sr:{child}>{inside}</sr:{child}>" for child in children)
    octets = f'<sr:{name} xmlns:sr="{GATEWAY}">{text}</sr:{name}>'.encode()
    with suppress(Unreadable, Invalid):
        assert read_body(parse(octets), srv=find(code)) is not None
