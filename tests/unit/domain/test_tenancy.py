"""Change of Tenancy by table: which moment stands, who has to play a part, and what is to be thought of a display."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.smi import DeviceType
from safelaunch.domain.tenancy import (
    ASKS_EVERY,
    DisplayFacts,
    Kept,
    Listed,
    Part,
    find_way,
    judge,
    list_able,
    mend,
    plays_its_part,
    takes_its_place,
)

MOVE = datetime(2026, 3, 1, tzinfo=UTC)
TOLD = MOVE + timedelta(days=2)
AT = MOVE + timedelta(days=20)
HOUR = timedelta(hours=1)


def part(kind, gbcs="4.2", *, number=1, runs="00000001", listed=()):
    return Part(Eui64(number), DeviceType(kind), f"00AA/{kind}", runs, gbcs, tuple(listed))


HUB, ESME, PPMID = (part(kind, number=place) for place, kind in enumerate(("CHF", "ESME", "PPMID"), start=1))
FACTS = DisplayFacts(
    source_id=ESME.device_id,
    source_type=DeviceType.ESME,
    hub=HUB,
    display=PPMID,
    source=ESME,
    restricted_at=MOVE,
    told_at=TOLD,
    able_since=None,
)
GAS = replace(FACTS, source_id=Eui64(4), source_type=DeviceType.GPF, source=HUB)


@pytest.mark.parametrize(
    ("moment", "number", "told_after", "stands"),
    [
        (0, 7, 0, False),  # the same answer again
        (0, 9, 0, False),  # the same moment asked for once more
        (1, 9, 0, True),  # a later moment
        (1, 3, 0, True),  # a later moment of an older request whose answer was late
        (-1, 9, 0, False),  # an earlier one hides nothing more
        (-1, 3, 0, False),
    ],
)
def test_a_later_moment_takes_the_place_of_what_was_known(moment, number, told_after, stands):
    told = Kept(MOVE + moment * HOUR, number)
    assert takes_its_place(Kept(MOVE, 7), told=told, told_at=TOLD, at=AT) is stands


def test_a_moment_that_lies_ahead_is_corrected_by_a_newer_request_and_not_brought_back():
    typo, right = Kept(datetime(2099, 1, 1, tzinfo=UTC), 7), Kept(MOVE, 8)
    assert takes_its_place(Kept(MOVE - HOUR, 3), told=typo, told_at=TOLD, at=AT)
    assert takes_its_place(typo, told=right, told_at=TOLD, at=AT)
    assert not takes_its_place(right, told=typo, told_at=TOLD, at=AT)


@pytest.mark.parametrize(
    ("gbcs", "does"),
    [
        ("4.2", True),
        ("4.3", True),
        ("5.0", True),
        ("4.1", False),
        ("3.2", False),
        (None, None),
        ("new", None),
    ],
)
def test_firmware_does_its_part_from_gbcs_4_2_on(gbcs, does):
    assert {plays_its_part(kind, gbcs_version=gbcs) for kind in (DeviceType.CHF, DeviceType.PPMID)} == {does}


def test_the_versions_that_do_it_are_listed_for_every_type():
    able = list_able(["4.1", "4.2", "?"])
    assert {version for _, version in able} == {"4.2"}
    assert {kind for kind, _ in able} == {DeviceType.CHF, DeviceType.ESME, DeviceType.PPMID, DeviceType.IHD}


OLD_HUB, OLD_ESME, OLD_PPMID = part("CHF", "4.1"), part("ESME", "4.1"), part("PPMID", "3.2")
UNLISTED, IHD = part("PPMID", None), part("IHD", None)
HOLDS, CLEARED, NOBODY = "HOLDS_OLD_DATA", "CLEARED", "CANNOT_KNOW"


@pytest.mark.parametrize(
    ("facts", "changes", "status", "reason", "mended"),
    [
        (FACTS, {}, HOLDS, "TO_ASK", []),
        (FACTS, {"able_since": AT - HOUR}, HOLDS, "TO_ASK", []),
        (FACTS, {"able_since": MOVE}, CLEARED, "SHOULD_HAVE_CLEARED", []),
        (FACTS, {"able_since": AT - ASKS_EVERY}, CLEARED, "SHOULD_HAVE_CLEARED", []),
        (FACTS, {"able_since": MOVE, "told_at": AT - HOUR}, HOLDS, "TO_ASK", []),
        (FACTS, {"able_since": MOVE, "hub": OLD_HUB}, CLEARED, "SHOULD_HAVE_CLEARED", []),
        (FACTS, {"hub": OLD_HUB}, HOLDS, "FIRMWARE", ["CHF"]),
        (FACTS, {"source": OLD_ESME, "display": OLD_PPMID}, HOLDS, "FIRMWARE", ["ESME", "PPMID"]),
        (FACTS, {"hub": OLD_HUB, "display": UNLISTED}, HOLDS, "FIRMWARE", ["CHF"]),
        (FACTS, {"display": UNLISTED}, NOBODY, "FIRMWARE_UNKNOWN", ["PPMID"]),
        (FACTS, {"display": IHD}, NOBODY, "FIRMWARE_UNKNOWN", ["IHD"]),
        (FACTS, {"source": None}, HOLDS, "SOURCE_GONE", ["ESME"]),
        (FACTS, {"source": None, "able_since": MOVE}, CLEARED, "SHOULD_HAVE_CLEARED", []),
        (GAS, {}, HOLDS, "TO_ASK", []),
        (GAS, {"hub": OLD_HUB, "source": OLD_HUB}, HOLDS, "FIRMWARE", ["CHF"]),
    ],
)
def test_a_display_is_judged_by_the_firmware_it_takes_and_by_time(facts, changes, status, reason, mended):
    verdict = judge(replace(facts, **changes), at=AT)
    assert (verdict.status, verdict.reason) == (status, reason)
    assert [one.device_type for one in verdict.mends] == mended
    assert verdict.words.endswith(".")
    assert (verdict.clears_by is not None) is (reason in ("TO_ASK", "SHOULD_HAVE_CLEARED"))


def test_a_verdict_says_when_and_that_nobody_was_told():
    cleared = judge(replace(FACTS, able_since=MOVE), at=AT)
    assert cleared.clears_by == TOLD + ASKS_EVERY
    assert "4 March 2026 at 00:00" in cleared.words
    assert "Nothing tells the DCC" in cleared.words


@pytest.mark.parametrize(
    ("listed", "way", "says"),
    [
        ([], (), "No firmware on the CPL does it for 00AA/PPMID; the PPMID"),
        (
            [Listed("02", "4.2", ("01",))],
            ("02",),
            "Upgrade the PPMID 00-00-00-00-00-00-00-01 to 02, by 11.4.",
        ),
        ([Listed("02", "4.2", ("01",)), Listed("03", "4.2", ("01", "02"))], ("03",), "to 03,"),
        ([Listed("02", "4.1", ("01",)), Listed("03", "4.2", ("02",))], ("02", "03"), "to 02, then 03,"),
        ([Listed("03", "4.2", ("02",))], (), "The CPL lists 03 for the PPMID"),
        ([Listed("02", "4.1", ("01",)), Listed("01", "3.2", ("02",))], (), "No firmware on the CPL"),
    ],
)
def test_what_would_mend_it_is_the_shortest_way_along_predecessors(listed, way, says):
    old = part("PPMID", "3.2", runs="01", listed=listed)
    assert find_way(old) == way
    assert mend(old).versions == way
    assert says in mend(old).words


def test_no_firmware_reaches_an_ihd():
    found = mend(replace(IHD, listed=(Listed("02", "4.2", (IHD.firmware_version,)),)))
    assert found.versions == ()
    assert "the occupier may reset it" in found.words
