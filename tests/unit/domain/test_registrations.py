"""What a stated registration does beside those that are known."""

from datetime import UTC, datetime, timedelta

import pytest

from safelaunch.domain.registrations import Finding, Known, Pair, Stated, before_handover, judge_all
from safelaunch.domain.smi import UserRole

AT = datetime(2026, 11, 2, tzinfo=UTC)
DAY = timedelta(days=1)
ALDER, BIRCH, CEDAR = 1, 2, 3
POINT = "1012345678901"


def stated(*, line=2, party=BIRCH, on=5, mpxn=POINT, role=UserRole.IS):
    return Stated(line, mpxn, role, party, AT + on * DAY)


def known(*, line=2, **facts):
    """A meter of Alder's that never changed hands, unless facts say otherwise."""
    untouched = {
        "is_point": True,
        "settled_from": None,
        "is_stated": False,
        "stated_party_id": None,
        "held_since": None,
        "held_by": ALDER,
    }
    return Known(line=line, **(untouched | facts))


def judge(*rows, **facts):
    return judge_all(rows, {row.line: known(line=row.line, **facts) for row in rows})


@pytest.mark.parametrize(
    ("row", "facts", "finding"),
    [
        ({}, {}, Finding.NEW),
        ({"party": None}, {}, Finding.NEW),
        ({"party": ALDER}, {}, Finding.UNCHANGED),
        ({}, {"is_point": False}, Finding.NO_SUCH_POINT),
        ({}, {"settled_from": AT + 6 * DAY}, Finding.SETTLED),
        ({}, {"settled_from": AT + 5 * DAY, "is_stated": True, "stated_party_id": CEDAR}, Finding.SETTLED),
        ({}, {"settled_from": AT + 5 * DAY, "is_stated": True, "stated_party_id": BIRCH}, Finding.UNCHANGED),
        ({}, {"settled_from": AT + 4 * DAY, "held_since": AT + 4 * DAY}, Finding.NEW),
        ({}, {"is_stated": True, "stated_party_id": CEDAR}, Finding.RESTATED),
        ({}, {"is_stated": True, "stated_party_id": BIRCH}, Finding.UNCHANGED),
        ({"party": ALDER}, {"is_stated": True, "stated_party_id": BIRCH}, Finding.RESTATED),
        ({}, {"held_since": AT + DAY, "held_by": BIRCH}, Finding.UNCHANGED),
    ],
)
def test_a_row_is_held_against_what_is_known_of_its_supply_point(row, facts, finding):
    (judged,) = judge(stated(**row), **facts)
    assert judged.finding is finding


def test_of_two_rows_about_one_instant_the_first_counts_whatever_their_parties():
    rows = stated(line=3, party=CEDAR), stated(line=2, party=BIRCH)
    first, second = judge(*rows)
    assert (first.finding, first.losing) == (Finding.NEW, ALDER)
    assert (second.finding, second.first_line) == (Finding.TWICE, 2)
    other_role = stated(line=3, role=UserRole.GS)
    assert [one.finding for one in judge(stated(), other_role)] == [Finding.NEW, Finding.NEW]


def test_rows_of_one_file_follow_each_other_in_time_and_not_in_lines():
    late, early = stated(line=2, party=ALDER, on=9), stated(line=3, party=BIRCH, on=5)
    judged = judge(late, early)
    assert [(one.finding, one.losing) for one in judged] == [(Finding.NEW, BIRCH), (Finding.NEW, ALDER)]
    between = judge_all(
        [early, late], {2: known(line=2, held_since=AT + 7 * DAY, held_by=CEDAR), 3: known(line=3)}
    )
    assert between[0].losing == CEDAR


def test_a_row_follows_what_its_file_says_anew_and_not_what_was_said_before():
    called_off, again = stated(line=2, party=ALDER, on=5), stated(line=3, party=BIRCH, on=9)
    facts = {
        2: known(line=2, is_stated=True, stated_party_id=BIRCH),
        3: known(line=3, held_since=AT + 5 * DAY, held_by=BIRCH),
    }
    assert [one.finding for one in judge_all([called_off, again], facts)] == [Finding.RESTATED, Finding.NEW]


def test_a_row_that_was_refused_is_nobodys_predecessor():
    rows = stated(line=2, on=1), stated(line=3, party=ALDER, on=2)
    facts = {2: known(line=2, settled_from=AT + DAY + timedelta(hours=1)), 3: known(line=3)}
    assert [one.finding for one in judge_all(rows, facts)] == [Finding.SETTLED, Finding.UNCHANGED]


def test_a_pair_before_a_handover_differs_in_the_roles_that_changed_hands():
    now = Pair(BIRCH, CEDAR)
    assert before_handover(now, losing={UserRole.IS: ALDER}) == Pair(ALDER, CEDAR)
    assert before_handover(now, losing={UserRole.IS: None, UserRole.GS: ALDER}) == Pair(None, ALDER)
    assert before_handover(now, losing={}).parties == {BIRCH, CEDAR}
    assert Pair(BIRCH, BIRCH).parties == {BIRCH}
