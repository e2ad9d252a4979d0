"""Every response and alert comes back as it was written, and the official schema allows it in every version."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safelaunch.domain.srv import catalogue
from safelaunch.wire.duis import envelope
from safelaunch.wire.duis.elements import ANY
from safelaunch.wire.duis.leaves import Leaf
from safelaunch.wire.duis.responses import Reply, alert_body_name, read_response, write_response
from safelaunch.wire.duis.responses.alert_codes import DccAlertCode, alert_table
from safelaunch.wire.duis.responses.alerts import ALERT_BODIES, DccAlert, DeviceAlert
from safelaunch.wire.duis.responses.codes import ResponseCode
from safelaunch.wire.duis.responses.content import CONTENTS, ServiceResponse
from safelaunch.wire.duis.responses.versions import VERSIONS
from safelaunch.wire.duis.schema import Schema, load
from safelaunch.wire.duis.xml import parse
from tests.property.duis_values import BY_TYPE, MOMENTS, RequestId, values
from tests.unit.wire.duis.messages import SHARED

REQUEST_IDS = BY_TYPE[RequestId]
CODES_OF = {
    name: [facts.code for facts in alert_table().values() if facts.body == name] for name in ALERT_BODIES
}
MESSAGES = {name: form for name, form in CONTENTS.items() if name != ANY}
BODIES = {name: form for name, form in ALERT_BODIES.items() if name != ANY}


@pytest.fixture(scope="module")
def schema() -> Schema | None:
    return load(SHARED / "xsd") if SHARED.is_dir() else None


def replies(message, *, code=ResponseCode.I0):
    return st.builds(
        Reply,
        code=st.just(code),
        at=MOMENTS.map(lambda at: at.replace(microsecond=at.microsecond // 1000 * 1000)),
        message=message,
        request_id=REQUEST_IDS,
        response_id=st.none() | REQUEST_IDS,
    )


def read_again(written: bytes) -> Reply:
    return read_response(envelope.read_response(parse(written)))


def check(reply: Reply, *, version: str, schema: Schema | None) -> Reply:
    written = write_response(reply, version=version)
    if schema is not None:
        schema.check(parse(written))
    found = read_again(written)
    assert write_response(found, version=version) == written
    return found


@pytest.mark.parametrize("name", MESSAGES)
@settings(max_examples=12)
@given(data=st.data())
def test_a_response_comes_back_as_it_was_written(name, data, schema):
    form = CONTENTS[name]
    content = (
        st.builds(form.kind, BY_TYPE[bytes if name == "GBCSPayload" else int])
        if isinstance(form, Leaf)
        else values(form)
    )
    srv = data.draw(st.sampled_from(list(catalogue().values())))
    message = st.builds(
        ServiceResponse,
        service_reference=st.just(srv.service_reference),
        srv=st.just(srv.code),
        content=content,
    )
    reply = data.draw(replies(message))
    assert check(reply, version="5.4", schema=schema) == reply
    for version in VERSIONS[:-1]:
        older = check(reply, version=version, schema=schema)
        assert (older.code, older.request_id, older.at) == (reply.code, reply.request_id, reply.at)


@given(code=st.sampled_from(ResponseCode), srv=st.sampled_from(list(catalogue().values())), data=st.data())
@settings(max_examples=40)
def test_every_code_can_be_said_to_every_user(code, srv, data, schema):
    message = ServiceResponse(service_reference=srv.service_reference, srv=srv.code)
    reply = data.draw(replies(st.just(message), code=code))
    for version in VERSIONS:
        found = check(reply, version=version, schema=schema)
        if isinstance(found.message, DccAlert):
            assert found.message.code is DccAlertCode.N999
            assert found.message.body.what.srv == srv.code
            assert found.code is ResponseCode.I0
        else:
            assert found == reply


@pytest.mark.parametrize("name", BODIES)
@settings(max_examples=12)
@given(data=st.data())
def test_an_alert_comes_back_as_it_was_written(name, data, schema):
    body = data.draw(values(BODIES[name]))
    counts = st.none() | st.integers(0, 2**32 - 1)
    alert = DccAlert(
        code=data.draw(st.sampled_from(CODES_OF[name])),
        throttle_sequence=data.draw(counts),
        throttled_count=data.draw(counts),
        body=body,
    )
    assert alert_body_name(body) == name
    reply = data.draw(replies(st.just(alert)))
    assert check(reply, version="5.4", schema=schema) == reply
    for version in VERSIONS[:-1]:
        found = check(reply, version=version, schema=schema)
        assert found.message.code in (alert.code, DccAlertCode.N999)


@given(
    alert=st.builds(DeviceAlert, code=st.binary(min_size=2, max_size=2), gbcs_payload=st.binary(max_size=60)),
    data=st.data(),
)
@settings(max_examples=12)
def test_a_device_alert_comes_back_as_it_was_written(alert, data, schema):
    reply = data.draw(replies(st.just(alert)))
    assert check(reply, version="5.0", schema=schema) == reply
