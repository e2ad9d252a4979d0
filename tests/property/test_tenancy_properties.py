"""However answers come, the tenancy that is known is the one that was meant; and no verdict promises too much."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.smi import DeviceType
from safelaunch.domain.tenancy import (
    ASKS_EVERY,
    DisplayFacts,
    DisplayStatus,
    Kept,
    Listed,
    Part,
    find_way,
    judge,
    takes_its_place,
)

AT = datetime(2026, 11, 2, 10, tzinfo=UTC)
DAY = timedelta(days=1)
moments = st.integers(-30, 30).map(lambda days: AT + days * DAY)
past_moments = st.integers(-30, 0).map(lambda days: AT + days * DAY)


def fold(answers, *, at):
    kept = None
    for moment, number in answers:
        told = Kept(moment, number)
        if kept is None or takes_its_place(kept, told=told, told_at=at, at=at):
            kept = Kept(moment, max(number, kept.number if kept else 0))
    return kept


@given(st.data(), st.lists(past_moments, min_size=1, max_size=6))
def test_of_moments_that_have_come_the_latest_stands_in_whatever_order_and_however_often(data, came):
    answers = [(moment, number) for number, moment in enumerate(came, start=1)]
    told = data.draw(st.permutations(answers * 2))
    assert fold(told, at=AT).moment == max(came)


@given(st.lists(moments, min_size=1, max_size=8))
def test_an_answer_that_is_repeated_at_once_changes_nothing(came):
    answers = [(moment, number) for number, moment in enumerate(came, start=1)]
    assert fold([twice for one in answers for twice in (one, one)], at=AT) == fold(answers, at=AT)


versions = st.sampled_from(["3.2", "4.1", "4.2", "4.3", None])


@st.composite
def facts(draw):
    hub, esme, ppmid = (
        Part(Eui64(place), kind, "00AA/0001", "01", draw(versions))
        for place, kind in enumerate((DeviceType.CHF, DeviceType.ESME, DeviceType.PPMID), start=1)
    )
    is_gas = draw(st.booleans())
    return DisplayFacts(
        source_id=Eui64(9),
        source_type=DeviceType.GPF if is_gas else DeviceType.ESME,
        hub=hub,
        display=ppmid,
        source=draw(st.sampled_from([hub if is_gas else esme, None])),
        restricted_at=draw(moments),
        told_at=draw(past_moments),
        able_since=draw(st.none() | past_moments),
    )


@given(facts())
def test_a_display_has_cleared_only_a_day_after_everything_was_there(one):
    verdict = judge(one, at=AT)
    if verdict.status is DisplayStatus.CLEARED:
        assert one.able_since is not None
        assert all(since + ASKS_EVERY <= AT for since in (one.able_since, one.told_at, one.restricted_at))
    if verdict.status is DisplayStatus.CANNOT_KNOW:
        assert all(part.gbcs_version in (None, "4.2", "4.3") for part in one.parts)
    # Later, nothing that was cleared is not.
    later = judge(one, at=AT + DAY)
    assert verdict.status is not DisplayStatus.CLEARED or later.status is DisplayStatus.CLEARED


names = st.integers(0, 7).map(lambda number: f"{number:02}")
entries = st.lists(
    st.builds(Listed, names, st.sampled_from(["4.1", "4.2"]), st.lists(names, max_size=3).map(tuple)),
    max_size=8,
    unique_by=lambda one: one.firmware_version,
)


@given(entries)
def test_a_way_leads_step_by_step_to_firmware_that_does_it(listed):
    way = find_way(Part(Eui64(1), DeviceType.ESME, "00AA/0001", "00", "4.1", tuple(listed)))
    known = {one.firmware_version: one for one in listed}
    for before, after in zip(("00", *way), way, strict=False):
        assert before in known[after].predecessors
    assert not way or known[way[-1]].gbcs_version == "4.2"
    assert len(set(way)) == len(way)
