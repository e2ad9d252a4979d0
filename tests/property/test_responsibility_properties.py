"""However registrations follow each other, nobody acts on or sees a Device that is not theirs at that instant."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from safelaunch.domain.responsibility import (
    Access,
    Deferral,
    Nomination,
    Registration,
    Standing,
    check,
    may,
    may_see_happening,
    responsible,
    settle,
    standing_of,
)
from safelaunch.domain.smi import UserRole

START = datetime(2026, 1, 1, tzinfo=UTC)
PARTIES = st.integers(1, 4)
instants = st.integers(0, 400).map(lambda hours: START + timedelta(hours=hours))
DAY = date(2026, 6, 1)
nights = st.integers(0, 60).map(lambda days: DAY + timedelta(days=days))


@st.composite
def registered(draw, mpxn="1", role=UserRole.IS):
    """Registrations of one supply point, with and without gaps."""
    cuts = sorted(draw(st.lists(instants, unique=True, min_size=1, max_size=8)))
    found = []
    for place, cut in enumerate(cuts):
        end = cuts[place + 1] if place + 1 < len(cuts) else draw(st.none() | st.just(cut + timedelta(days=5)))
        if draw(st.booleans()):
            found.append(Registration(mpxn, role, draw(PARTIES), cut, end))
    return check(found)


@given(history=registered(), at=instants)
def test_at_every_instant_at_most_one_party_may(history, at):
    allowed = {
        party for party in range(1, 5) if may(history, party_id=party, access=Access.SEND, at=at).is_allowed
    }
    now = responsible(history, role=UserRole.IS, at=at)
    assert allowed == ({now} if now else set())


@given(history=registered(), party=PARTIES, looked=instants, happened=instants)
def test_nobody_sees_what_happened_in_anothers_time_unless_responsible_now(history, party, looked, happened):
    if may_see_happening(history, party_id=party, happened_at=happened, at=looked):
        assert happened <= looked
        now = standing_of(history, party_id=party, at=looked)
        assert now is Standing.RESPONSIBLE or responsible(history, role=UserRole.IS, at=happened) == party


@given(history=registered(), party=PARTIES, at=instants)
def test_one_who_is_yet_to_gain_sees_nothing(history, party, at):
    if standing_of(history, party_id=party, at=at) in {Standing.GAINING, Standing.STRANGER}:
        for hours in range(0, 400, 40):
            happened = START + timedelta(hours=hours)
            assert not may_see_happening(history, party_id=party, happened_at=happened, at=at)


@given(history=registered(), asked=instants, done=instants, party=PARTIES)
def test_when_something_was_asked_for_makes_no_difference(history, asked, done, party):
    known_then = may(history, party_id=party, access=Access.NOMINATE, at=asked)
    at_execution = may(history, party_id=party, access=Access.NOMINATE, at=done)
    assert at_execution.is_allowed == (responsible(history, role=UserRole.IS, at=done) == party)
    assert known_then.is_allowed == (responsible(history, role=UserRole.IS, at=asked) == party)


wishes = st.lists(st.builds(Nomination, party_id=PARTIES, night=nights), unique_by=lambda one: one.party_id)
blocks = st.lists(st.builds(Deferral, party_id=PARTIES, until=nights), unique_by=lambda one: one.party_id)
pairs = st.sets(PARTIES, min_size=1, max_size=2)


@given(nominations=wishes, deferrals=blocks, now=pairs, planned=nights, deadline=nights)
def test_two_suppliers_settle_alike_whoever_speaks_first(nominations, deferrals, now, planned, deadline):
    ask = {"responsible_now": now, "planned": planned, "deadline": deadline}
    settled = settle(nominations, deferrals, **ask)
    assert settle(nominations[::-1], deferrals[::-1], **ask) == settled
    assert settled.night <= deadline
    for deferral in deferrals:
        if deferral.party_id in now:
            assert settled.night >= min(deferral.until, deadline)
    own = [one for one in nominations if one.party_id in now]
    held = [one for one in deferrals if one.party_id in now]
    assert settle(own, held, **ask).night == settled.night
    assert settled.lapsed.isdisjoint(now)
