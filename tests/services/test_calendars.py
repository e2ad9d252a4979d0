"""The calendar of conflicts: told by files, scoped by home, shown day by day, and written for calendars elsewhere."""

from datetime import timedelta

import pytest

from safelaunch.domain.people import Role
from safelaunch.domain.refusals import Forbidden, Invalid
from safelaunch.services import calendars
from safelaunch.store.models import Device, OwnTurn, PlannedEvent
from safelaunch.wire.table_file import Upload
from tests import estate_factory as factory
from tests.estate_factory import evening, night

HEADER = "device_id,kind,planned_from,planned_until,note"
ALDER = 1


@pytest.fixture(autouse=True)
def campaign(database):
    factory.load_estate()
    return factory.rolling_out()


@pytest.fixture
def sam(campaign):
    return factory.make_person("Sam", Role.SUPPLIER, party="Alder Energy")


def hubs(campaign, *, own=True):
    found = factory.eligible_hubs(campaign)
    return sorted(hub.device_id for hub in found if (ALDER in {hub.import_party_id, hub.gas_party_id}) is own)


def row(device, begins, *, kind="OWN_FIRMWARE", hours=2, note=""):
    return f"{device},{kind},{begins.isoformat()},{(begins + timedelta(hours=hours)).isoformat()},{note}"


def tell(rows, actor, *, replaces=False, at=None):
    source = Upload("plans.csv", "\n".join([HEADER, *rows]).encode())
    return calendars.tell(source, replaces=replaces, actor=actor, at=at or evening(0, hour=9))


def test_good_rows_are_kept_and_each_bad_one_is_explained(campaign, sam):
    mine, other = hubs(campaign)[0], hubs(campaign, own=False)[0]
    meter = Device.objects.filter(hub_device_id=mine).first().device_id
    told = tell(
        [
            row(mine, evening(0), note="Mesh 2.1"),
            row(meter, evening(1)),
            row(other, evening(0)),
            row("nonsense", evening(0)),
            row(mine, evening(0), kind="PARTY"),
            row(mine, evening(0), hours=-1),
            row(mine, evening(0), hours=24 * 15),
        ],
        sam,
    )
    assert told.taken == 2
    assert [(one.line, one.column) for one in told.rejects] == [
        (4, "device_id"),
        (5, "device_id"),
        (6, "kind"),
        (7, "planned_until"),
        (8, "planned_until"),
    ]
    kept = PlannedEvent.objects.order_by("planned_from")
    assert [(one.hub_device_id, one.party_id, one.note) for one in kept] == [
        (mine, ALDER, "Mesh 2.1"),
        (mine, ALDER, None),
    ]


def test_a_file_may_take_the_place_of_what_was_told_before(campaign, sam):
    one, two = hubs(campaign)[:2]
    tell([row(one, evening(0)), row(one, evening(3))], sam)
    told = tell([row(two, evening(2))], sam, replaces=True, at=evening(1, hour=9))
    assert (told.taken, told.gave_way) == (1, 1)
    open_ones = PlannedEvent.objects.filter(cancelled_at=None).order_by("planned_from")
    assert [one.hub_device_id for one in open_ones] == [one, two]


def test_only_suppliers_tell_and_a_file_of_other_columns_is_refused(campaign, sam):
    with pytest.raises(Forbidden):
        tell([], factory.operator())
    with pytest.raises(Invalid, match="columns"):
        calendars.tell(Upload("x.csv", b"a,b\n1,2\n"), replaces=False, actor=sam, at=evening(0))


def test_the_weeks_show_nights_moved_hubs_and_plans_of_ones_own_homes_alone(campaign, sam):
    factory.set_capacity(1_000)
    mine = hubs(campaign)[:3]
    tell(
        [*(row(hub, evening(0, hour=22)) for hub in mine), row(mine[0], evening(2, hour=9), kind="TOP_UP")],
        sam,
    )
    factory.plan(campaign, 0)
    at = evening(0, hour=21)
    own, everybodys = (calendars.look_ahead(party_id=party, at=at) for party in (ALDER, None))
    assert OwnTurn.objects.filter(cause="CONFLICT").count() == 3
    (moved,) = own.turns
    assert (moved.hub_count, moved.cause, moved.planned_kind, moved.night) == (
        3,
        "CONFLICT",
        "OWN_FIRMWARE",
        night(0),
    )
    assert [(one.day, one.kind, one.hub_count) for one in own.planned] == [
        (night(0), "OWN_FIRMWARE", 3),
        (night(2), "TOP_UP", 1),
    ]
    assert 0 < sum(one.hub_count for one in own.nights) < sum(one.hub_count for one in everybodys.nights)
    elsewhere = calendars.look_ahead(party_id=99, at=at)
    assert (elsewhere.nights, elsewhere.turns, elsewhere.planned) == ([], [], [])


def test_the_feed_is_a_calendar_with_nights_plans_and_windows(campaign, sam):
    factory.set_capacity(1_000)
    tell([row(hubs(campaign)[0], evening(1, hour=9))], sam)
    factory.plan(campaign, 0)
    text = calendars.feed(party_id=ALDER, name="Alder, nights; homes", at=evening(0, hour=21))
    lines = text.split("\r\n")
    assert (lines[0], lines[-2]) == ("BEGIN:VCALENDAR", "END:VCALENDAR")
    assert "X-WR-CALNAME:Alder\\, nights\\; homes" in lines
    assert all(len(line.encode()) <= 75 for line in lines)
    unfolded = text.replace("\r\n ", "")
    assert "SUMMARY:A Supplier's own firmware campaign in 1 homes" in unfolded
    assert "hubs upgraded\\, C1" in unfolded
    assert "SUMMARY:Preferred Pilot List closes\\, C1" in unfolded
    uids = [line for line in unfolded.split("\r\n") if line.startswith("UID:")]
    assert len(uids) == len(set(uids)) > 3
