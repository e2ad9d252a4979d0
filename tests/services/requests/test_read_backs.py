"""Lost answers to 11.3 made good: the DCC reads the Device back, within each Party's policy, and tells nobody but the SMI."""

from datetime import timedelta
from itertools import count

import pytest

from safelaunch.domain.read_backs import ReadBackPolicy
from safelaunch.gateways import gbcs_keys
from safelaunch.services import read_backs, timetable
from safelaunch.store.models import (
    CplEntry,
    Device,
    DeviceCommand,
    DeviceModel,
    OutgoingMessage,
    Party,
    PartyUser,
)
from safelaunch.store.reads import read_backs as reads
from safelaunch.store.reads.suspensions import list_alerts_about
from safelaunch.wire.duis.responses import read_response
from safelaunch.wire.gbcs import security
from safelaunch.wire.gbcs.message import build, parse
from tests import pki
from tests.device_network import FAULTLESS, device_network
from tests.estate_factory import waiting_jobs
from tests.services.requests import scene
from tests.services.requests.scene import AT, PREMISES, said
from tests.services.requests.test_devices import HASH, NEW, SEND, TRANSFORM, signed_pre_command

pytestmark = pytest.mark.usefixtures("premises")

ESME = PREMISES["ESME"]
WAIT, DAY = timedelta(minutes=15), timedelta(days=1)
_counters = count(50_000)


@pytest.fixture
def network(tmp_path):
    with device_network(tmp_path, starts_at=AT, scenario=FAULTLESS) as opened:
        opened.behave(activation_answers_lost=1.0)
        gbcs_keys.load_or_create_supplier(opened.keys_dir, eui=pki.SUPPLIER, agrees_keys=False)
        pem = (opened.keys_dir / f"org-{pki.SUPPLIER}-ds.crt.pem".lower()).read_bytes()
        scene.certificates.import_certificates(files=[pem], actor=scene.ACTOR, at=AT)
        yield opened


def activate(network, device_id=ESME, *, at=AT):
    """11.3 to and fro."""
    counter = next(_counters)
    body = (
        f"<sr:ActivateFirmware><sr:FirmwareHash>{HASH.hex().upper()}</sr:FirmwareHash></sr:ActivateFirmware>"
    )
    asked = scene.request("11.3", body, target=device_id, variant=4, counter=counter)
    given = read_response(said(scene.process(scene.accept(asked, service=TRANSFORM, at=at), at=at)))
    pair = gbcs_keys.load_or_create_supplier(network.keys_dir, eui=pki.SUPPLIER, agrees_keys=False)
    octets = build(security.sign(parse(given.message.content.gbcs_payload), key=pair.key))
    signed = signed_pre_command(octets, counter=counter, target=device_id)
    assert scene.ask(signed, service=SEND, at=at).response_code == "I99"


def list_version(version, *, kind="ESME", device_id=ESME, status="ACTIVE"):
    """Have the CPL list another version of a Device's model."""
    model = DeviceModel.objects.get(pk=Device.objects.get(device_id=device_id).device_model_id)
    found, _ = DeviceModel.objects.get_or_create(
        device_type=kind,
        manufacturer=model.manufacturer,
        model=model.model,
        hardware_version=model.hardware_version,
        firmware_version=version,
    )
    CplEntry.objects.update_or_create(
        device_model=found,
        defaults={
            "status": status,
            "smets_chts_version": "SMETS V5.1",
            "gbcs_version": "4.2",
            "predecessors": [],
            "added_at": AT,
        },
    )


def lose(network, *device_ids, at=AT):
    """Have activations done whose answers are lost, and give them up."""
    for device_id in device_ids:
        network.hold(device_id, image_hash=HASH, version=NEW, at=at)
        activate(network, device_id, at=at)
    network.send(at)
    network.pass_time(at + timedelta(minutes=10))
    network.take_in(at + timedelta(minutes=10))
    network.send(at + timedelta(minutes=10))
    return at + timedelta(minutes=10)


def read_back(network, at):
    """What the worker does when read-backs are due."""
    made = read_backs.read_back(dsp_id=pki.DSP, at=at)
    network.send(at)
    network.pass_time(at + timedelta(minutes=5))
    network.take_in(at + timedelta(minutes=5))
    return made


def version_of(device_id=ESME):
    device = Device.objects.get(device_id=device_id)
    return DeviceModel.objects.get(pk=device.device_model_id).firmware_version


def codes():
    rows = OutgoingMessage.objects.filter(service_request__isnull=False).order_by("pk")
    return list(rows.values_list("code", flat=True))


def state(policy):
    """Have Alder state a policy."""
    name = Party.objects.get(pk=PartyUser.objects.filter(user_id=pki.SUPPLIER)[0].party_id).name
    read_backs.set_policy(party_name=name, policy=policy, actor=scene.ACTOR, at=AT)


def test_a_lost_answer_is_found_out_and_the_user_is_told_no_second_outcome(network):
    list_version(NEW)
    lost_at = lose(network, ESME)
    timetable.look(at=lost_at)
    assert waiting_jobs("READ_BACK_DEVICES") == []
    assert (version_of() != NEW, read_back(network, lost_at)) == (True, 0)
    timetable.look(at=lost_at + WAIT)
    assert waiting_jobs("READ_BACK_DEVICES") == [{"job": "READ_BACK_DEVICES"}]
    assert read_back(network, lost_at + WAIT) == 1
    assert (version_of(), codes()) == (NEW, ["E21"])
    lost, asked = DeviceCommand.objects.order_by("pk")
    assert (asked.read_back_of_id, asked.state, asked.srv) == (lost.pk, "ANSWERED", "11.2")
    assert (lost.read_at, lost.read_count) == (None, 1)


def test_it_asks_less_and_less_often_and_gives_up(network):
    network.behave(answers_lost=1.0)
    at = lose(network, ESME)
    waits = []
    while (due := DeviceCommand.objects.order_by("pk")[0].read_at) is not None:
        waits.append(due - at)
        at = due
        assert read_back(network, at) == 1
    assert waits == [WAIT * 4**made for made in range(6)]
    assert set(codes()) == {"E21"}
    assert not reads.is_read_back_due(at=at + 30 * DAY)


def test_an_answer_of_the_users_own_ends_the_asking(network):
    list_version(NEW)
    at = lose(network, ESME)
    network.behave(activation_answers_lost=0.0)
    activate(network, at=at)
    network.send(at)
    network.pass_time(at + WAIT)
    network.take_in(at + WAIT)
    assert version_of() == NEW
    assert read_back(network, at + DAY) == 0


def test_a_party_asks_within_its_budget_and_the_rest_waits_for_the_next_day(network):
    state(ReadBackPolicy(wait=timedelta(hours=1), attempts=1, daily_budget=1))
    lost_at = lose(network, ESME, PREMISES["HCALCS"])
    assert read_back(network, lost_at + WAIT) == 0
    assert read_back(network, lost_at + timedelta(hours=1)) == 1
    assert read_back(network, lost_at + timedelta(hours=2)) == 0
    assert read_back(network, lost_at + DAY) == 1
    assert read_back(network, lost_at + 3 * DAY) == 0
    state(ReadBackPolicy(attempts=0))
    at = lose(network, ESME, at=lost_at + 4 * DAY)
    assert read_back(network, at + 2 * DAY) == 0


def test_nobody_is_asked_for_a_party_that_is_not_there():
    with pytest.raises(read_backs.NoSuchParty, match="There is no Party 'Nobody'"):
        read_backs.set_policy(party_name="Nobody", policy=ReadBackPolicy(), actor=scene.ACTOR, at=AT)


def test_after_an_update_with_lost_answers_nobody_is_wrongly_suspended_and_every_return_is_told_once(network):
    """The simulator's own truth against the inventory, Device by Device."""
    alder = PartyUser.objects.filter(user_id=pki.SUPPLIER, role="IS")[0].party_id
    meters = [
        one
        for one in Device.objects.filter(device_type="ESME", party_id=alder, smi_status="COMMISSIONED")
        if (facts := network.carrier.devices.find(str(one.device_id))) and facts.is_commissioned
    ][:24]
    ids = [str(one.device_id) for one in meters]
    for device_id in ids:
        list_version(NEW, device_id=device_id)
    Device.objects.filter(device_id__in=ids).update(smi_status="SUSPENDED", status_before="COMMISSIONED")
    network.behave(activation_answers_lost=0.2, activation_failed=0.3, answers_lost=0.2)
    at = lose(network, *ids)
    lost = DeviceCommand.objects.filter(state="TIMED_OUT").count()
    assert lost > 0
    for day in range(1, 4):
        read_back(network, at + day * DAY)
    runs_new = {device_id for device_id in ids if network.version_of(device_id) == NEW}
    assert 0 < len(runs_new) < len(ids)
    for device_id in ids:
        status = Device.objects.get(device_id=device_id).smi_status
        assert (status == "COMMISSIONED") == (device_id in runs_new) == (version_of(device_id) == NEW)
        told = [one.user_id for one in list_alerts_about(device_id=device_id) if one.code == "N29"]
        assert len(told) == len(set(told))
        assert bool(told) == (device_id in runs_new)
