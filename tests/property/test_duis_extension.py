"""Messages for hub campaigns come back as they were written, and our own schema allows every one of them."""

from datetime import timedelta
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safelaunch.wire.duis import envelope
from safelaunch.wire.duis.device_ids import DeviceIds
from safelaunch.wire.duis.extension import (
    CampaignReply,
    read_body,
    read_reply,
    write_reply,
    write_request,
)
from safelaunch.wire.duis.extension.answers import CONTENTS, CampaignCode, CampaignResponse
from safelaunch.wire.duis.extension.messages import (
    REQUESTS,
    FoundWord,
    GiveFeedback,
    HubFinding,
    PilotSchedule,
    Slot,
)
from safelaunch.wire.duis.extension.own_schema import campaign_schema
from safelaunch.wire.duis.xml import parse
from tests.property import duis_values
from tests.property.duis_values import BY_TYPE, MOMENTS, TEXTS, RequestId, values

WORDS = TEXTS.filter(bool)
SLOTS = st.builds(
    lambda start, length, device_ids: Slot(
        not_before=start, not_after=start + timedelta(seconds=length), device_ids=device_ids
    ),
    MOMENTS,
    st.integers(1, 10**6),
    BY_TYPE[DeviceIds],
)
FINDINGS = st.builds(
    HubFinding,
    found=st.sampled_from(FoundWord),
    words=WORDS.filter(str.strip),
    device_ids=BY_TYPE[DeviceIds],
)
STATES = st.text("ABC_", min_size=1, max_size=12)


@pytest.fixture(autouse=True)
def the_words_of_this_message_set(monkeypatch):
    monkeypatch.setattr(
        duis_values,
        "BY_ELEMENT",
        {
            **duis_values.BY_ELEMENT,
            **dict.fromkeys(("CampaignReference", "DeferralReference", "Grounds", "Reason"), WORDS),
            **dict.fromkeys(("DutyAtRisk", "FileName", "MediaType", "Words"), WORDS),
            **dict.fromkeys(("State", "CampaignState"), STATES),
            **dict.fromkeys(("Epoch", "HubsInFlight"), st.integers(0, 10**9)),
        },
    )
    plain = duis_values.values
    drawn = {
        Slot: SLOTS,
        HubFinding: FINDINGS,
        GiveFeedback: st.builds(
            GiveFeedback, campaign=WORDS, findings=st.lists(FINDINGS, min_size=1, max_size=3).map(tuple)
        ),
        PilotSchedule: st.builds(PilotSchedule, slots=st.lists(SLOTS, min_size=1, max_size=3).map(tuple)),
    }
    monkeypatch.setattr(duis_values, "values", lambda kind: drawn[kind] if kind in drawn else plain(kind))


def check(written: bytes) -> bytes:
    campaign_schema().check(parse(written))
    return written


@pytest.mark.parametrize("variant", REQUESTS)
@settings(max_examples=40)
@given(data=st.data(), request_id=BY_TYPE[RequestId])
def test_a_request_comes_back_as_it_was_written(variant, data, request_id):
    body = data.draw(values(REQUESTS[variant]))
    read = envelope.read_request(parse(check(write_request(body, request_id=request_id))))
    assert (read.request_id, read.service_reference_variant) == (request_id, variant)
    assert read_body(parse(read.body_xml), variant=variant) == body


@pytest.mark.parametrize("name", [*CONTENTS, None])
@settings(max_examples=40)
@given(data=st.data())
def test_an_answer_comes_back_as_it_was_written(name, data):
    draw = partial(data.draw)
    message = CampaignResponse(
        service_reference="SL3",
        variant="SL3",
        reason=draw(st.none() | WORDS),
        content=draw(values(CONTENTS[name])) if name else None,
    )
    at = draw(MOMENTS)
    reply = CampaignReply(
        code=draw(st.sampled_from(CampaignCode)),
        at=at.replace(microsecond=at.microsecond // 1000 * 1000),
        message=message,
        request_id=draw(st.none() | BY_TYPE[RequestId]),
    )
    assert read_reply(envelope.read_response(parse(check(write_reply(reply))))) == reply
