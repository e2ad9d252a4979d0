"""Turns of their own in words: what keeps a hub back, until when, and what a Supplier may know of the other's reasons."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelaunch.domain import own_turns as rules
from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.own_turns import BLOCKING, OwnTurn, TurnCause
from safelaunch.domain.planned_events import PlannedKind
from safelaunch.store.reads.own_turns import OwnTurnRow

AT = datetime(2026, 12, 23, 19, tzinfo=UTC)
HOUR = timedelta(hours=1)
HUB = Eui64.parse("00-DB-00-00-00-00-00-01")


def turn(cause, hours, *, is_own=True):
    return OwnTurn(cause, AT + hours * HOUR, f"Because of {cause.value}.", is_own)


@pytest.mark.parametrize(
    ("at", "is_quiet"),
    [
        (datetime(2027, 1, 1, 0, tzinfo=UTC), True),
        (datetime(2027, 1, 1, 3, 59, tzinfo=UTC), True),
        (datetime(2027, 1, 1, 4, tzinfo=UTC), False),
        (datetime(2026, 12, 31, 23, 59, tzinfo=UTC), False),
        (datetime(2027, 1, 2, 1, tzinfo=UTC), False),
    ],
)
def test_nothing_is_handed_over_in_the_first_hours_of_a_month(at, is_quiet):
    assert rules.is_quiet(at) is is_quiet


def test_changes_block_a_home_and_readings_and_top_ups_do_not():
    advice = set(PlannedKind) - set(BLOCKING)
    assert advice == {
        PlannedKind.TOP_UP,
        PlannedKind.SCHEDULE,
        PlannedKind.VERSION_READ,
        PlannedKind.BULK_READ,
    }
    assert set(rules.WORDS_OF) == set(PlannedKind)


def test_the_latest_cause_holds_and_all_are_told():
    told = rules.explain([turn(TurnCause.WISH, 1), turn(TurnCause.DEFERRAL, 5)], at=AT)
    assert told.headline == "Deferred: it is not sent before Thursday 24 December 2026 at 00:00."
    assert told.reasons == ("Because of DEFERRAL.", "Because of WISH.")


def test_the_other_suppliers_reasons_are_not_told():
    told = rules.explain([turn(TurnCause.DEFERRAL, 5, is_own=False)], at=AT)
    assert told.reasons == (
        "Another Supplier of the home asked that it does not go before Thursday 24 December 2026 at 00:00.",
    )


def test_a_wish_whose_time_has_come_goes_ahead_and_a_conflict_that_is_over_says_nothing():
    assert "ahead of its turn" in rules.explain([turn(TurnCause.WISH, -1)], at=AT).headline
    assert rules.explain([turn(TurnCause.CONFLICT, -1)], at=AT) is None
    assert rules.explain([], at=AT) is None


def test_every_cause_says_what_it_rests_on():
    said = [
        rules.because(TurnCause.CONFLICT, kind=PlannedKind.TARIFF, asked_at=None, state=None),
        rules.because(TurnCause.DEFERRAL, kind=None, asked_at=AT, state="REQUESTED"),
        rules.because(TurnCause.WISH, kind=None, asked_at=AT, state=None),
    ]
    assert said[0].startswith("A change of tariff is planned")
    assert "requested" in said[1]
    assert "23 December" in said[2]


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - the zone is beside it
def test_hubs_go_together_by_quarters_of_an_hour_and_never_early(not_before):
    row = OwnTurnRow(HUB, not_before)
    starts_at = row.starts_at(not_before - HOUR)
    assert timedelta() <= starts_at - not_before < timedelta(minutes=15)
    assert (starts_at.minute % 15, starts_at.second, starts_at.microsecond) == (0, 0, 0)
    assert row.starts_at(not_before + HOUR) == not_before + HOUR
