"""A CPL entry is removed, Suppliers update and answers get lost: the inventory against the simulator's own truth (MP105).

Every Device of the inventory is counted, whether it was updated or not. `make recovery` plays this over a million of them;
HUBS and UPDATES choose other sizes.
"""

import os
from datetime import timedelta
from itertools import count

import pytest
from django.db import connection

from safelaunch.domain.people import Role
from safelaunch.domain.smi import DeviceType
from safelaunch.domain.suspension import SUSPENDABLE
from safelaunch.gateways import gbcs_keys
from safelaunch.interfaces.simulator.device_machine import HeldImage
from safelaunch.services import cpl, cpl_changes, read_backs
from safelaunch.store.models import DeviceCommand, DeviceModel, PartyUser
from safelaunch.wire.duis.responses import read_response
from safelaunch.wire.gbcs import security
from safelaunch.wire.gbcs.message import build, parse
from tests import estate_factory as factory
from tests import pki
from tests.device_network import FAULTLESS, device_network
from tests.services.requests import scene
from tests.services.requests.scene import AT, said
from tests.services.requests.test_devices import HASH, NEW, SEND, TRANSFORM, signed_pre_command
from tests.services.requests.test_read_backs import list_version

HUBS = int(os.environ.get("SAFELAUNCH_RECOVERY_HUBS", "3000"))
UPDATES = int(os.environ.get("SAFELAUNCH_RECOVERY_UPDATES", "100"))
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
LOST = 0.2
"""The share of answers to 11.3 that never come (M105)."""

ACTIVATE = (
    f"<sr:ActivateFirmware><sr:FirmwareHash>{HASH.hex().upper()}</sr:FirmwareHash></sr:ActivateFirmware>"
)
_counters = count(900_000)

COMMONEST = """
SELECT device.device_model_id
  FROM device
  JOIN communications_hub AS hub ON hub.device_id = device.hub_device_id
  JOIN csp_region AS region USING (region_id)
  JOIN cpl_entry AS entry ON entry.device_model_id = device.device_model_id AND entry.status = 'ACTIVE'
 WHERE device.device_type = 'ESME' AND device.party_id = %s AND region.network = 'SOUTH'
   AND device.smi_status = 'COMMISSIONED' AND hub.smi_status = 'COMMISSIONED'
 GROUP BY device.device_model_id ORDER BY count(*) DESC LIMIT 1
"""
ITS_METERS = """
SELECT upper(replace(device.device_id::text, ':', '-'))
  FROM device
  JOIN communications_hub AS hub ON hub.device_id = device.hub_device_id
  JOIN csp_region AS region USING (region_id)
 WHERE device.device_type = 'ESME' AND device.party_id = %s AND region.network = 'SOUTH'
   AND device.smi_status = 'COMMISSIONED' AND hub.smi_status = 'COMMISSIONED' AND device.device_model_id = %s
 ORDER BY device.device_id LIMIT %s
"""
STANDING = """
SELECT upper(replace(device_id::text, ':', '-')), smi_status, status_before, device_model_id FROM device
"""
TOLD = """
SELECT upper(replace(device_id::text, ':', '-')), code, user_id::text, count(*)
  FROM (
        SELECT device_id, code, user_id FROM dcc_alert
         UNION ALL
        SELECT unnest(device_ids), code, user_id FROM alert_chunk
       ) AS told
 WHERE code IN ('N28', 'N29')
 GROUP BY 1, 2, 3
"""
ENTITLED = """
SELECT DISTINCT upper(replace(device.device_id::text, ':', '-')), users.user_id::text
  FROM device
 CROSS JOIN LATERAL (VALUES (device.party_id, 'IS'), (device.network_party_id, 'ED')) AS told (party_id, role)
  JOIN party_user AS users ON users.party_id = told.party_id AND users.role = told.role
 WHERE device.device_model_id = ANY(%s)
"""
"""Whose business the suspension of an ESME is: its Supplier's and its network operator's."""


def rows(query, *parameters):
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return cursor.fetchall()


@pytest.fixture
def network(database, tmp_path):
    factory.load_estate(hubs=HUBS)
    scene.vouch(pki.supplier(), pki.other_supplier())
    with device_network(tmp_path, starts_at=AT, scenario=FAULTLESS, hubs=HUBS) as opened:
        opened.behave(
            activation_answers_lost=LOST, activation_failed=0.05, answers_lost=0.05, answers_late=0.05
        )
        gbcs_keys.load_or_create_supplier(opened.keys_dir, eui=pki.SUPPLIER, agrees_keys=False)
        pem = (opened.keys_dir / f"org-{pki.SUPPLIER}-ds.crt.pem".lower()).read_bytes()
        scene.certificates.import_certificates(files=[pem], actor=scene.ACTOR, at=AT)
        yield opened


def remove(device_model_id):
    """Take a Device Model off the CPL, by two people."""
    found = DeviceModel.objects.get(pk=device_model_id)
    change = cpl.removal_of(
        cpl.ModelName(
            device_type=DeviceType(found.device_type),
            manufacturer=found.manufacturer,
            model=found.model,
            firmware_version=found.firmware_version,
            hardware_version=found.hardware_version,
        )
    )
    una, ada = factory.make_person("Una", Role.OPERATOR), factory.make_person("Ada", Role.APPROVER)
    proposal = cpl_changes.propose(change, because="Recalled", actor=una, at=AT)
    return cpl_changes.approve(cpl_proposal_id=proposal.cpl_proposal_id, actor=ada, at=AT)


def activate(device_id, pair, *, at):
    """11.3: transformed, signed by the Supplier, and sent."""
    counter = next(_counters)
    asked = scene.request("11.3", ACTIVATE, target=device_id, variant=4, counter=counter)
    given = read_response(said(scene.process(scene.accept(asked, service=TRANSFORM, at=at), at=at)))
    octets = build(security.sign(parse(given.message.content.gbcs_payload), key=pair.key))
    signed = signed_pre_command(octets, counter=counter, target=device_id)
    assert scene.ask(signed, service=SEND, at=at).response_code == "I99"


def exchange(network, *, at):
    """Send what is due, let Devices act, and take in what they say, to the end."""
    while network.send(at):
        continue
    network.pass_time(at + 10 * MINUTE)
    while network.take_in(at + 10 * MINUTE):
        continue
    network.send(at + 10 * MINUTE)


def standing():
    """What the inventory says of every Device behind a hub: status, remembered status, Device Model."""
    return {device_id: facts for device_id, *facts in rows(STANDING)}


def recover(network, ids):
    """Update meters of which some answers are lost, and have those read back until nobody is asked any more."""
    image = {"manufacturer_image_hash": HASH.hex(), "firmware_version": NEW}
    network.carrier.hold([HeldImage(device_id=one, **image) for one in ids], at=AT)
    pair = gbcs_keys.load_or_create_supplier(network.keys_dir, eui=pki.SUPPLIER, agrees_keys=False)
    at = AT
    for start in range(0, len(ids), 500):
        for device_id in ids[start : start + 500]:
            activate(device_id, pair, at=at)
        exchange(network, at=at)
        at += 20 * MINUTE
    begun = at = AT + DAY * ((at - AT) // DAY + 1)
    while read_backs.read_back(dsp_id=pki.DSP, at=at) or at < begun + 20 * DAY:
        exchange(network, at=at)
        at += DAY


def test_after_a_removal_and_an_update_with_lost_answers_no_device_is_wrongly_suspended(network):
    alder = PartyUser.objects.filter(user_id=pki.SUPPLIER, role="IS")[0].party_id
    [(recalled,)] = rows(COMMONEST, alder)
    ids = [device_id for (device_id,) in rows(ITS_METERS, alder, recalled, UPDATES)]
    assert len(ids) == UPDATES
    list_version(NEW, device_id=ids[0])
    new = DeviceModel.objects.get(device_type="ESME", firmware_version=NEW).pk
    before = standing()

    remove(recalled)
    recover(network, ids)

    lost = DeviceCommand.objects.filter(srv="11.3", state="TIMED_OUT").count()
    assert LOST * UPDATES / 2 < lost < LOST * UPDATES * 2
    runs_new = {one for one in ids if network.version_of(one) == NEW}
    assert 0.8 * UPDATES < len(runs_new) < UPDATES
    touched = {
        device_id: status
        for device_id, (status, _, model) in before.items()
        if model == recalled and status in SUSPENDABLE
    }
    expected = before | {device_id: ["SUSPENDED", status, recalled] for device_id, status in touched.items()}
    expected |= {device_id: [touched[device_id], None, new] for device_id in runs_new}
    assert {one: (said, expected[one]) for one, said in standing().items() if said != expected[one]} == {}

    entitled = [(one, user_id) for one, user_id in rows(ENTITLED, [recalled, new]) if one in touched]
    owed = {(one, "N28", user_id): 1 for one, user_id in entitled}
    owed |= {(one, "N29", user_id): 1 for one, user_id in entitled if one in runs_new}
    told = {(one, code, user_id): times for one, code, user_id, times in rows(TOLD)}
    assert {
        one: (told.get(one), owed.get(one)) for one in told.keys() | owed if told.get(one) != owed.get(one)
    } == {}
