"""A Change of Tenancy from SR 3.2 to the display: epochs, who holds old data and why, and the simulator's own truth."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.srv import WebService
from safelaunch.domain.tenancy import Kept, takes_its_place
from safelaunch.services import tenancy, timetable
from safelaunch.store import transactions
from safelaunch.store.models import (
    CommunicationsHub,
    CplEntry,
    Device,
    DeviceCommand,
    DeviceMessage,
    DeviceModel,
    Tenancy,
    TenancyDisplay,
    TenancySource,
)
from safelaunch.store.writes import inventory_requests as home_writes
from tests.device_network import FAULTLESS, device_network
from tests.estate_factory import waiting_jobs
from tests.services.requests import scene
from tests.services.requests.scene import AT, PREMISES, ask

pytestmark = pytest.mark.usefixtures("premises")

HUB, ESME, GPF, PPMID = (Eui64.parse(PREMISES[name]) for name in ("CHF", "ESME", "GPF", "PPMID"))
MOVE = datetime(2029, 12, 28, 10, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
UPGRADES = {"CHF": "00030100", "ESME": "00010357", "PPMID": "20010345"}
"""The newest firmware of the models of the Reference Test Data premises; it does its part."""


class Play:
    """The premises, a network, and a clock that goes on."""

    def __init__(self, network):
        self.network, self.at = network, AT

    def converse(self, *, hours=1):
        """Send what is due, let Devices act, take in what they say, and look at what is due."""
        self.network.send(self.at)
        self.at += hours * HOUR
        self.network.pass_time(self.at)
        self.network.take_in(self.at)
        self.look()

    def look(self):
        timetable.look(at=self.at)
        while waiting_jobs("LOOK_AT_DISPLAYS") and tenancy.look(at=self.at):
            continue

    def restrict(self, *kinds, moment=MOVE, hours=1):
        """SR 3.2 to Devices of the home, carried out."""
        for kind in kinds:
            body = (
                f"<sr:RestrictAccessForChangeOfTenancy><sr:RestrictionDateTime>{moment:%Y-%m-%dT%H:%M:%SZ}"
                "</sr:RestrictionDateTime></sr:RestrictAccessForChangeOfTenancy>"
            )
            message = scene.request("3.2", body, target=PREMISES[kind], variant=1)
            assert ask(message, service=WebService.SEND_COMMAND, at=self.at).response_code == "I99"
        self.converse(hours=hours)

    def upgrade(self, *kinds):
        """Have Devices run the newest firmware, of which the inventory is told."""
        for kind in kinds:
            self.network.run(PREMISES[kind], version=UPGRADES[kind], at=self.at)
            table = CommunicationsHub if kind == "CHF" else Device
            mine = table.objects.filter(device_id=PREMISES[kind])
            old = DeviceModel.objects.get(pk=mine.get().device_model_id)
            new = DeviceModel.objects.get(
                device_type=kind,
                manufacturer=old.manufacturer,
                model=old.model,
                firmware_version=UPGRADES[kind],
            )
            mine.update(device_model_id=new.pk)

    def verdicts(self):
        """What is thought of the home's display, by fuel."""
        found = tenancy.explain_home(hub_device_id=HUB, viewer_party_id=None, at=self.at)
        return {one.fuel: (one.verdict.status.value, one.verdict.reason.value) for one in found}

    def listed(self, party_id=None):
        return [one.fuel for one in tenancy.walk_displays(viewer_party_id=party_id, at=self.at)]

    def truth(self):
        """What the display of the simulator has cleared, by fuel."""
        displays = self.network.carrier.devices.displays
        sources = {"electricity": ESME, "gas": GPF}
        return {fuel: displays.has_cleared(PPMID, source=one) for fuel, one in sources.items()}


@pytest.fixture
def play(tmp_path):
    CommunicationsHub.objects.update(gas_party_id=F("import_party_id"))
    with device_network(tmp_path, starts_at=AT, scenario=FAULTLESS) as opened:
        yield Play(opened)


def epoch():
    found = Tenancy.objects.get()
    return found.epoch, found.began_at


HOLDS_FOR_FIRMWARE = ("HOLDS_OLD_DATA", "FIRMWARE")
TO_ASK = ("HOLDS_OLD_DATA", "TO_ASK")
CLEARED = ("CLEARED", "SHOULD_HAVE_CLEARED")


def test_a_display_holds_old_data_until_all_firmware_is_there_and_a_day_has_passed(play):
    play.restrict("ESME", "GPF")
    assert epoch() == (1, MOVE)
    assert play.verdicts() == {"electricity": HOLDS_FOR_FIRMWARE, "gas": HOLDS_FOR_FIRMWARE}
    electricity, gas = tenancy.walk_displays(viewer_party_id=None, at=play.at)
    assert [(one.device_type, one.versions) for one in electricity.verdict.mends] == [
        ("CHF", ("00030100",)),
        ("ESME", ("00010357",)),
        ("PPMID", ("20010345",)),
    ]
    assert [one.device_type for one in gas.verdict.mends] == ["CHF", "PPMID"]

    play.converse(hours=48)
    assert play.truth() == {"electricity": False, "gas": False}
    play.upgrade("CHF", "PPMID")
    play.converse(hours=7)
    assert play.verdicts() == {"electricity": HOLDS_FOR_FIRMWARE, "gas": TO_ASK}
    play.converse(hours=25)
    assert play.verdicts() == {"electricity": HOLDS_FOR_FIRMWARE, "gas": CLEARED}
    assert play.truth() == {"electricity": False, "gas": True}
    assert play.listed() == ["electricity"]

    play.upgrade("ESME")
    play.converse(hours=7)
    play.converse(hours=31)
    assert play.verdicts() == {"electricity": CLEARED, "gas": CLEARED}
    assert play.truth() == {"electricity": True, "gas": True}
    assert (play.listed(), Tenancy.objects.get().look_at) == ([], None)

    # Firmware that goes again brings nothing back; the next tenancy finds it missing.
    CplEntry.objects.filter(device_model__firmware_version=UPGRADES["PPMID"]).update(gbcs_version="4.1")
    play.converse(hours=7)
    assert set(play.verdicts().values()) == {CLEARED}
    play.restrict("ESME", moment=MOVE + 3 * DAY)
    assert epoch() == (2, MOVE + 3 * DAY)
    assert play.verdicts() == {"electricity": HOLDS_FOR_FIRMWARE, "gas": CLEARED}


def test_with_firmware_there_from_the_start_a_display_clears_by_itself(play):
    play.upgrade(*UPGRADES)
    play.restrict("ESME")
    assert play.verdicts() == {"electricity": TO_ASK}
    play.converse(hours=25)
    assert play.verdicts() == {"electricity": CLEARED}
    assert play.truth()["electricity"]
    assert play.listed() == []


def test_repeated_late_and_doubled_answers_begin_no_second_epoch(play):
    play.restrict("ESME")
    play.restrict("ESME")
    play.restrict("ESME", moment=MOVE - DAY)
    play.restrict("GPF")
    assert epoch() == (1, MOVE)
    message = DeviceMessage.objects.order_by("number").first()
    # The same octets once more, as another message of the network's; then for a command that was given up.
    for number, state in ((901, "ANSWERED"), (902, "TIMED_OUT")):
        DeviceCommand.objects.update(state=state)
        DeviceMessage.objects.create(
            **{
                **DeviceMessage.objects.filter(number=message.number).values().get(),
                "number": number,
                "effect": None,
                "device_command_id": None,
            }
        )
        play.network.take_in(play.at)
    assert list(DeviceMessage.objects.filter(number__gt=900).values_list("effect", flat=True)) == ["LATE"] * 2
    assert epoch() == (1, MOVE)
    assert TenancyDisplay.objects.count() == 2


def test_an_answer_that_nobody_waits_for_any_more_begins_an_epoch_too(play):
    body = (
        "<sr:RestrictAccessForChangeOfTenancy><sr:RestrictionDateTime>2029-12-28T10:00:00Z"
        "</sr:RestrictionDateTime></sr:RestrictAccessForChangeOfTenancy>"
    )
    ask(scene.request("3.2", body, target=PREMISES["ESME"], variant=1), service=WebService.SEND_COMMAND)
    play.network.send(AT)
    play.network.send(DeviceCommand.objects.get().expires_at)
    assert DeviceCommand.objects.get().state == "TIMED_OUT"
    play.converse()
    assert epoch() == (1, MOVE)


def test_a_moment_that_lies_ahead_is_corrected_by_the_next_request(play):
    play.restrict("ESME", moment=AT + 9_000 * DAY)
    assert epoch() == (1, AT + 9_000 * DAY)
    assert play.listed() == []
    play.restrict("ESME")
    assert epoch() == (1, MOVE)
    assert play.listed() == ["electricity"]


def test_the_store_keeps_the_moment_that_the_rule_says(play):
    chance, kept = random.Random(5), None
    for _ in range(40):
        number, days = chance.randrange(1, 12), chance.randrange(-20, 20)
        told = Kept(AT + days * DAY, number)
        if kept is None or takes_its_place(kept, told=told, told_at=AT, at=AT):
            kept = Kept(told.moment, max(number, kept.number if kept else 0))
        word = tenancy.Restricted(ESME, told.moment, number, tenancy.Cause.RESTRICTION, AT)
        with transactions.transaction():
            tenancy.keep([word], at=AT)
        found = TenancySource.objects.get()
        assert Kept(found.restricted_at, found.number) == kept


def test_who_sees_it_who_joined_later_and_what_is_not_known(play):
    play.restrict("ESME")
    mine = CommunicationsHub.objects.get(device_id=HUB).import_party_id
    assert play.listed(mine) == ["electricity"]
    assert play.listed(mine + 1) == []
    assert tenancy.explain_home(hub_device_id=HUB, viewer_party_id=mine + 1, at=play.at) == []
    # A display that nobody has heard of on the CPL, in a home whose other firmware does its part.
    play.upgrade("CHF", "ESME")
    unlisted = DeviceModel.objects.create(
        device_type="PPMID", manufacturer="FFFF", model="0001", hardware_version="", firmware_version="01"
    )
    Device.objects.filter(device_id=PPMID).update(device_model_id=unlisted.pk)
    assert play.verdicts() == {"electricity": ("CANNOT_KNOW", "FIRMWARE_UNKNOWN")}
    # Withdrawn it is in nobody's way; a display that joins after the day of the move never held anything.
    Device.objects.filter(device_id=PPMID).update(smi_status="WITHDRAWN")
    assert play.listed() == []
    TenancyDisplay.objects.all().delete()
    Device.objects.filter(device_id=PPMID).update(smi_status="COMMISSIONED", commissioned_on=MOVE + DAY)
    play.restrict("ESME", moment=MOVE + HOUR)
    assert play.listed() == []
    play.look()
    assert Tenancy.objects.get().epoch == 2


def test_a_tenancy_moves_with_its_home_and_the_new_gpf_has_to_be_told(play):
    play.restrict("ESME", "GPF")
    hub = CommunicationsHub.objects.get(device_id=HUB)
    heir = Eui64(HUB.value + 0x100)
    CommunicationsHub.objects.create(
        **{
            **CommunicationsHub.objects.filter(device_id=HUB).values().get(),
            "device_id": heir,
            "gpf_device_id": Eui64(GPF.value + 0x100),
            "lot": hub.lot + 1,
        }
    )
    with transactions.transaction():
        home_writes.move_home(from_device_id=HUB, to_device_id=heir)
    found = tenancy.explain_home(hub_device_id=heir, viewer_party_id=None, at=play.at)
    assert [(one.fuel, one.verdict.reason.value) for one in found] == [
        ("electricity", "FIRMWARE"),
        ("gas", "SOURCE_GONE"),
    ]
    told = tenancy.Restricted(Eui64(GPF.value + 0x100), MOVE, 99, tenancy.Cause.RESTRICTION, play.at)
    with transactions.transaction():
        tenancy.keep([told], at=play.at)
    assert TenancySource.objects.filter(device_type="GPF").get().device_id == told.device_id
    found = tenancy.explain_home(hub_device_id=heir, viewer_party_id=None, at=play.at)
    assert [one.verdict.reason.value for one in found] == ["FIRMWARE", "FIRMWARE"]


def test_any_number_of_homes_costs_the_same_statements_and_pages_follow_one_another(play):
    esmes = list(Device.objects.filter(device_type="ESME", commissioned_on__lt="2029-01-01"))
    told = [
        tenancy.Restricted(one.device_id, MOVE, number, tenancy.Cause.RESTRICTION, AT)
        for number, one in enumerate(esmes, start=1)
    ]
    with CaptureQueriesContext(connection) as few, transactions.transaction():
        tenancy.keep(told[:1], at=AT)
    # Two words of one Device are heard one after the other.
    later = replace(told[1], restricted_at=MOVE + HOUR, number=9_999)
    with CaptureQueriesContext(connection) as many, transactions.transaction():
        tenancy.keep([*told, later, *told], at=AT)
    assert len(many) == len(few) + 1
    moved = Tenancy.objects.get(hub_device_id=esmes[1].hub_device_id)
    assert (moved.epoch, moved.began_at) == (1, MOVE + HOUR)
    assert Tenancy.objects.count() == len(esmes)
    remedies = tenancy.summarise(viewer_party_id=None, at=AT)
    by_hub = [one for one in remedies if one.device_type == "CHF"]
    marks = TenancyDisplay.objects.count()
    assert sum(one.waiting for one in by_hub) == marks
    assert {one.versions[-1] for one in by_hub} == {"00030100"}
    assert marks > 300
    walked = [one.place for one in tenancy.walk_displays(viewer_party_id=None, at=AT)]
    first = tenancy.list_displays(viewer_party_id=None, limit=7, at=AT)
    rest = tenancy.list_displays(viewer_party_id=None, after=first[-1].place, limit=5, at=AT)
    assert [one.place for one in (*first, *rest)] == walked[:12]
    assert len(set(walked)) == len(walked) == marks
    with CaptureQueriesContext(connection) as looked:
        assert tenancy.look(at=AT + DAY) == len(esmes)
    assert len(looked) < 10
