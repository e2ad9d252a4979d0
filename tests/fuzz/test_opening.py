"""Broken messages against `open_request`: each is opened or refused in the house's words, quickly and within memory."""

import pytest
from hypothesis import HealthCheck, given, settings

from safelaunch.domain.refusals import Unreadable
from safelaunch.wire.duis.opening import Trust, open_request, open_response
from safelaunch.wire.duis.schema import Schema, load
from tests import pki
from tests.fuzz.mutations import HEAVY, broken, corpus
from tests.fuzz.running import ROUND, guarded, measured, rounds
from tests.unit.wire.duis.messages import SHARED

SCHEMA: Schema | None = load(SHARED / "xsd") if SHARED.is_dir() else None
FORMS = [Trust(pki.trusted().find, tolerates_reformatting=True)]
if SCHEMA is not None:
    FORMS.append(Trust(pki.trusted().find, schema=SCHEMA))


def open_all_ways(body: bytes) -> int:
    """Open a message in every way there is; give in how many it opened. Anything but Unreadable is a fault."""
    refusals = []
    for trust in FORMS:
        for opening in (open_request, open_response):
            try:
                opening(body, trust=trust, at=pki.DURING)
            except Unreadable as refusal:
                refusals.append(str(refusal))
    assert all(one.endswith(".") and len(one) < 2_000 for one in refusals), refusals
    return 2 * len(FORMS) - len(refusals)


def test_the_messages_were_good_before_they_were_broken():
    assert sum(bool(open_all_ways(body)) for body in corpus()) >= len(corpus()) - 2


def test_broken_messages_are_opened_or_refused():
    counts = {"messages": 0, "opened": 0}

    @settings(max_examples=ROUND, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(broken())
    def throw(body: bytes) -> None:
        counts["messages"] += 1
        measured(lambda: counts.update(opened=counts["opened"] + bool(open_all_ways(body))))

    with guarded():
        for _ in rounds():
            throw()
    print(f"{counts['messages']:,} broken messages, of which {counts['opened']:,} still opened")
    assert 0 < counts["opened"] < counts["messages"]


@pytest.mark.parametrize("name", HEAVY)
def test_a_message_of_legal_size_costs_no_more_than_it_may(name):
    body = HEAVY[name]()
    assert len(body) <= 15 * 1024 * 1024
    with guarded():
        print(f"{name}: {measured(lambda: open_all_ways(body)):.2f} s")
