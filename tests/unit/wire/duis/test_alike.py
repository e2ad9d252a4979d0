"""Messages that differ in little are the octets that writing each of them would give, and sign to the same."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.refusals import Invalid
from safelaunch.wire.duis.identifiers import RequestId
from safelaunch.wire.duis.responses import Reply, write_response
from safelaunch.wire.duis.responses.alerts import DeviceAlert
from safelaunch.wire.duis.responses.alike import write_alike
from safelaunch.wire.duis.responses.codes import ResponseCode
from safelaunch.wire.duis.responses.content import (
    FutureDatedAlertCode,
    FutureDatedDeviceAlert,
    GbcsPayload,
    ServiceResponse,
)
from safelaunch.wire.duis.responses.versions import VERSIONS
from safelaunch.wire.duis.signature import sign, sign_written
from safelaunch.wire.duis.xml import canonical, parse
from tests import pki

START = datetime(2010, 1, 1, tzinfo=UTC)
EUIS = st.integers(0, 2**64 - 1).map(Eui64)
IDS = st.none() | st.builds(RequestId, EUIS, EUIS, st.integers(0, 2**64 - 1))
OCTETS = st.binary(max_size=80)


def moment(since, hours):
    return (START + since).astimezone(timezone(timedelta(hours=hours)))


CONTENTS = (
    st.none()
    | st.builds(GbcsPayload, OCTETS)
    | st.builds(FutureDatedDeviceAlert, alert_code=st.sampled_from(FutureDatedAlertCode), gbcs_payload=OCTETS)
)
MESSAGES = st.builds(
    ServiceResponse,
    service_reference=st.just("11.3"),
    srv=st.sampled_from(["11.3", "6.23"]),
    content=CONTENTS,
) | st.builds(DeviceAlert, code=st.binary(min_size=2, max_size=2), gbcs_payload=OCTETS)
REPLIES = st.builds(
    Reply,
    code=st.sampled_from([ResponseCode.I0, ResponseCode.E20, ResponseCode.E65]),
    at=st.builds(moment, st.timedeltas(timedelta(0), timedelta(days=20_000)), st.integers(-12, 14)),
    message=MESSAGES,
    request_id=IDS,
    response_id=IDS,
)


def attempt(write, reply, version):
    try:
        return write(reply, version=version)
    except Invalid as refused:
        return str(refused)


@given(st.lists(REPLIES, min_size=1, max_size=4), st.sampled_from(VERSIONS))
def test_what_is_filled_in_is_what_would_have_been_written(replies, version):
    for reply in replies:
        assert attempt(write_alike, reply, version) == attempt(write_response, reply, version)


def test_a_time_without_a_zone_is_refused_all_the_same():
    reply = Reply(
        code=ResponseCode.I0,
        at=datetime(2030, 1, 1),  # noqa: DTZ001 - what is to be refused
        message=DeviceAlert(code=b"\x8f\x72", gbcs_payload=b"x"),
    )
    with pytest.raises(Invalid, match="no zone"):
        write_alike(reply, version="5.4")


@given(REPLIES.filter(lambda reply: reply.code is ResponseCode.I0))
def test_signing_what_was_written_here_covers_what_signing_anything_would(reply):
    document, signer = write_response(reply, version="5.4"), pki.dsp().signer
    pair = {"key": signer.key, "certificate": signer.certificate}
    quick, careful = (parse(made(document, **pair)) for made in (sign_written, sign))
    value = "{http://www.w3.org/2000/09/xmldsig#}SignatureValue"
    for made in (quick, careful):
        found = made.find(f".//{value}")
        found.text = "different each time"
    assert canonical(quick) == canonical(careful)
