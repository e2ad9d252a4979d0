"""Simulated Devices speak real GBCS: they believe what is signed and protected for them, and act on nothing else."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.refusals import Invalid
from safelaunch.domain.smi import DeviceType
from safelaunch.interfaces.simulator import instants
from safelaunch.interfaces.simulator.carrier import Carrier
from safelaunch.interfaces.simulator.device_machine import HeldImage
from safelaunch.wire import csp
from safelaunch.wire.gbcs import security
from safelaunch.wire.gbcs.activation import ActivationAccepted, ActivationCode, ActivationOutcome
from safelaunch.wire.gbcs.alerts import ReceiptAlertCode
from safelaunch.wire.gbcs.catalogue import GbcsMessage, MessageCode
from safelaunch.wire.gbcs.message import MessageKind, build, parse
from safelaunch.wire.gbcs.times import CANCELLED_AT
from safelaunch.wire.smki_devices import KeyUse
from tests import pki
from tests.doors.simulator.broker import IMAGE_HASH, NEW_VERSION, Broker, command, homes, parcel
from tests.doors.simulator.stand_in import START
from tests.doors.simulator.test_carrier import SOUTH, carrier_over

HOMES = homes(SOUTH, 5)
HOME = HOMES[0]
HOUR = timedelta(hours=1)
FAULTLESS = b"""
title = "Every command is answered and every activation succeeds"
[rates]
silent_per_week = 0.0
[devices]
answers_lost = 0.0
activation_answers_lost = 0.0
activation_failed = 0.0
"""


@pytest.fixture
def broker(tmp_path: Path) -> Broker:
    found = Broker(tmp_path / "keys")
    for home in HOMES:
        for facts in home.values():
            for eui in facts.suppliers:
                found.supplier(eui)
                found.supplier(eui, agrees_keys=True)
    return found


@pytest.fixture
def faultless(tmp_path: Path) -> str:
    path = tmp_path / "faultless.toml"
    path.write_bytes(FAULTLESS)
    return str(path)


@pytest.fixture
def carrier(tmp_path: Path, broker: Broker, faultless: str) -> Iterator[Carrier]:
    with carrier_over(tmp_path / "south", scenario=faultless) as opened:
        yield opened


def hear(carrier: Carrier, until: timedelta) -> list[csp.DeviceMessage]:
    """Let time pass and take what Devices say."""
    carrier.move_clock(instants.to_instant(START + until), remembered=True)
    while carrier.drain() is not None:
        continue
    heard = []
    while (waiting := carrier.next_batch()) is not None:
        heard += csp.read(waiting[1], csp.EventBatch).messages
        carrier.acknowledge(waiting[0])
    return heard


def ask(carrier: Carrier, *commands: csp.Command, until: timedelta = HOUR) -> list[csp.DeviceMessage]:
    receipt = carrier.command(parcel(*commands), received_at=START)
    assert receipt == csp.CommandReceipt(accepted=len(commands))
    return hear(carrier, until)


def hold(carrier: Carrier, *devices: Eui64, is_sound: bool = True) -> None:
    images = [
        HeldImage(
            device_id=str(device_id),
            manufacturer_image_hash=IMAGE_HASH.hex(),
            firmware_version=NEW_VERSION,
            is_sound=is_sound,
        )
        for device_id in devices
    ]
    carrier.hold(images, at=START)


@pytest.mark.parametrize("device_type", list(HOME))
def test_every_device_tells_the_version_it_runs_under_the_counter_it_was_asked_with(
    carrier: Carrier, broker: Broker, device_type: DeviceType
) -> None:
    facts = HOME[device_type]
    (message,) = ask(carrier, command("1", facts, broker.read(facts, counter=1300)))
    answer = broker.open(message)
    asked = facts if facts.mirrors is None else HOME[DeviceType.GSME]
    assert answer.payload.firmware_version == asked.firmware_version
    assert (answer.header.kind, answer.header.originator_counter) == (MessageKind.RESPONSE, 1300)
    assert (answer.header.originator_id, answer.header.target_id) == (facts.device_id, pki.DSP)
    assert answer.header.supplementary.remote_party_id == facts.suppliers[0]
    assert (message.command_id, message.number) == ("1", 1)


def test_an_answer_to_a_supplier_is_protected_for_that_supplier(carrier: Carrier, broker: Broker) -> None:
    facts = HOME[DeviceType.ESME]
    gbcs = broker.read(facts, counter=9, by=facts.suppliers[0])
    (message,) = ask(carrier, command("1", facts, gbcs))
    assert broker.open(message).header.target_id == facts.suppliers[0]


def activation(carrier: Carrier, broker: Broker, *, counter: int, **asked: object) -> GbcsMessage:
    facts = HOME[DeviceType.ESME]
    gbcs = broker.activate(facts, counter=counter, **asked)
    asked = command(str(counter), facts, gbcs, within=timedelta(days=9))
    heard = ask(carrier, asked, until=counter * HOUR)
    return broker.open(next(message for message in heard if message.command_id == str(counter)))


def test_an_activation_changes_what_later_reads_answer_and_says_the_version_even_when_it_fails(
    carrier: Carrier, broker: Broker
) -> None:
    facts = HOME[DeviceType.ESME]
    before = activation(carrier, broker, counter=1)
    assert before.payload == ActivationOutcome(ActivationCode.NO_IMAGE_HELD, facts.firmware_version)
    hold(carrier, facts.device_id)
    wrong = activation(carrier, broker, counter=2, image_hash=b"\x01" * 32)
    assert wrong.payload == ActivationOutcome(ActivationCode.HASH_MISMATCH, facts.firmware_version)
    done = activation(carrier, broker, counter=3)
    assert done.payload == ActivationOutcome(ActivationCode.SUCCESS, NEW_VERSION)
    assert done.header.sent_at.moment is not None
    again = activation(carrier, broker, counter=4)
    assert again.payload == ActivationOutcome(ActivationCode.NO_IMAGE_HELD, NEW_VERSION)
    (read,) = ask(carrier, command("r", facts, broker.read(facts, counter=5)), until=6 * HOUR)
    assert broker.open(read).payload.firmware_version == NEW_VERSION


def test_a_future_dated_activation_is_accepted_at_once_and_told_by_an_alert_when_it_is_done(
    carrier: Carrier, broker: Broker
) -> None:
    facts, due_at = HOME[DeviceType.GSME], START + timedelta(days=2)
    hold(carrier, facts.device_id)
    gbcs = broker.activate(facts, counter=77, execution_at=due_at)
    first = ask(carrier, command("1", facts, gbcs), until=timedelta(days=1))
    accepted = next(broker.open(message) for message in first if message.command_id == "1")
    assert accepted.payload == ActivationAccepted()
    (told,) = hear(carrier, timedelta(days=3))
    alert = broker.open(told)
    assert told.command_id is None
    assert (alert.header.message_code, alert.header.target_id) == (
        MessageCode.CS06_FUTURE_DATED_ALERT,
        facts.suppliers[0],
    )
    assert alert.payload.alert_code == 0x8F66
    assert (alert.payload.execution_at, alert.payload.originator_counter) == (due_at, 77)
    assert alert.payload.outcome == ActivationOutcome(ActivationCode.SUCCESS, NEW_VERSION)


def test_a_future_dated_activation_that_fails_is_told_by_the_other_alert(
    carrier: Carrier, broker: Broker
) -> None:
    facts, due_at = HOME[DeviceType.ESME], START + timedelta(days=2)
    gbcs = broker.activate(facts, counter=77, execution_at=due_at)
    messages = ask(carrier, command("1", facts, gbcs), until=timedelta(days=3))
    alert = broker.open(messages[-1])
    assert alert.payload.alert_code == 0x8F67
    assert alert.payload.outcome.code is ActivationCode.NO_IMAGE_HELD


def test_a_cancelled_activation_never_happens(carrier: Carrier, broker: Broker) -> None:
    facts, due_at = HOME[DeviceType.ESME], START + timedelta(days=2)
    hold(carrier, facts.device_id)
    assert activation(carrier, broker, counter=1, execution_at=due_at).payload == ActivationAccepted()
    assert activation(carrier, broker, counter=2, execution_at=CANCELLED_AT).payload == ActivationAccepted()
    assert hear(carrier, timedelta(days=4)) == []
    read = command("r", facts, broker.read(facts, counter=5), within=timedelta(days=9))
    carrier.command(parcel(read, at=START + timedelta(days=4)), received_at=START)
    (message,) = hear(carrier, timedelta(days=5))
    assert broker.open(message).payload.firmware_version == facts.firmware_version


def test_a_meter_tells_its_supplier_whether_an_image_arrived_sound(carrier: Carrier, broker: Broker) -> None:
    electricity, gas = HOME[DeviceType.ESME], HOME[DeviceType.GSME]
    hold(carrier, electricity.device_id, HOME[DeviceType.PPMID].device_id)
    hold(carrier, gas.device_id, is_sound=False)
    messages = hear(carrier, HOUR)
    assert {message.device_id for message in messages} == {str(electricity.device_id), str(gas.device_id)}
    alerts = {message.device_id: broker.open(message) for message in messages}
    sound, damaged = alerts[str(electricity.device_id)], alerts[str(gas.device_id)]
    assert sound.header.message_code == MessageCode.FIRMWARE_RECEIPT_ALERT_DLMS
    assert sound.payload.alert_code is ReceiptAlertCode.VERIFIED
    assert sound.payload.manufacturer_image_hash == IMAGE_HASH
    assert sound.payload.invoke_id == sound.header.originator_counter & 0xFFFFFF
    assert damaged.header.message_code == MessageCode.FIRMWARE_RECEIPT_ALERT_GBZ
    assert damaged.payload.alert_code is ReceiptAlertCode.VERIFICATION_FAILED
    assert damaged.payload.manufacturer_image_hash != IMAGE_HASH


def corrupt_mac(gbcs: bytes) -> bytes:
    return gbcs[:-1] + bytes([gbcs[-1] ^ 1])


def unsigned(broker: Broker, gbcs: bytes) -> bytes:
    facts = HOME[DeviceType.ESME]
    envelope = parse(gbcs)
    other = broker.public_key(facts.device_id, KeyUse.KEY_AGREEMENT)
    changed = type(envelope)(envelope.header, envelope.payload, b"", envelope.mac)
    return build(security.protect(changed, own_key=broker.own.key, other_key=other))


def test_what_is_not_believed_is_dropped_without_a_word(carrier: Carrier, broker: Broker) -> None:
    facts, gas = HOME[DeviceType.ESME], HOME[DeviceType.GSME]
    stranger = Eui64.parse("90-B3-D5-1F-30-77-00-00")
    hold(carrier, facts.device_id)
    hear(carrier, timedelta(minutes=1))
    good = broker.activate(facts, counter=1)
    doubtful = {
        "nonsense": b"\x00\x01",
        "mac": corrupt_mac(good),
        "unsigned": unsigned(broker, good),
        "stranger": broker.activate(facts, counter=1, by=stranger),
        "for another": broker.activate(gas, counter=1),
        "a read for gas": broker.read(gas, counter=1),
        "a reader without a key": broker.read(facts, counter=2, by=Eui64.parse("90-B3-D5-1F-30-78-00-00")),
    }
    commands = [command(name, facts, gbcs) for name, gbcs in doubtful.items()]
    assert ask(carrier, *commands, until=timedelta(days=1)) == []
    read = command("r", facts, broker.read(facts, counter=3), within=timedelta(days=3))
    carrier.command(parcel(read, at=START + timedelta(days=1)), received_at=START)
    (message,) = hear(carrier, timedelta(days=2))
    assert broker.open(message).payload.firmware_version == facts.firmware_version


def test_a_repeated_activation_is_obeyed_once(carrier: Carrier, broker: Broker) -> None:
    facts = HOME[DeviceType.ESME]
    gbcs = broker.activate(facts, counter=8)
    assert len(ask(carrier, command("1", facts, gbcs), until=HOUR)) == 1
    assert ask(carrier, command("2", facts, gbcs), until=2 * HOUR) == []


def test_a_command_is_named_once_and_refused_ones_stay_refused(carrier: Carrier, broker: Broker) -> None:
    facts, other = HOME[DeviceType.ESME], HOMES[1][DeviceType.ESME]
    good = command("1", facts, broker.read(facts, counter=1))
    elsewhere = csp.Command(
        command_id="2",
        hub_device_id=str(other.hub_id),
        device_id=good.device_id,
        gbcs=good.gbcs,
        expires_at=good.expires_at,
    )
    late = command("3", facts, good.gbcs, within=timedelta(0))
    unknown = csp.Command(
        command_id="4",
        hub_device_id=good.hub_device_id,
        device_id="00-00-00-00-00-00-00-01",
        gbcs=good.gbcs,
        expires_at=good.expires_at,
    )
    batch = parcel(good, elsewhere, late, unknown)
    first = carrier.command(batch, received_at=START)
    assert first.accepted == 1
    assert first.refused == {
        "2": csp.CommandRefusal.UNKNOWN_DEVICE,
        "3": csp.CommandRefusal.EXPIRED,
        "4": csp.CommandRefusal.UNKNOWN_DEVICE,
    }
    assert carrier.command(batch, received_at=START) == first
    assert [message.command_id for message in hear(carrier, HOUR)] == ["1"]


def test_a_batch_of_more_commands_than_allowed_or_with_nonsense_for_a_device_is_refused(
    carrier: Carrier,
) -> None:
    one = command("1", HOME[DeviceType.ESME], b"")
    with pytest.raises(Invalid, match="1,001 commands; at most 1,000"):
        carrier.command(parcel(*[one] * 1_001), received_at=START)
    nonsense = csp.Command(
        command_id="1", hub_device_id="x", device_id="x", gbcs=b"", expires_at=START + HOUR
    )
    with pytest.raises(Invalid, match="not a Device ID"):
        carrier.command(parcel(nonsense), received_at=START)


def test_one_answer_to_an_activation_in_five_is_lost_and_the_device_has_acted_all_the_same(
    tmp_path: Path, broker: Broker
) -> None:
    facts = HOME[DeviceType.ESME]
    with carrier_over(tmp_path / "south", scenario="healthy") as carrier:
        assert carrier.account._world.scenario.devices.activation_answers_lost == 0.03
    path = tmp_path / "lossy.toml"
    path.write_bytes(FAULTLESS.replace(b"activation_answers_lost = 0.0", b"activation_answers_lost = 1.0"))
    with carrier_over(tmp_path / "lossy", scenario=str(path)) as carrier:
        hold(carrier, facts.device_id)
        heard = ask(carrier, command("1", facts, broker.activate(facts, counter=1)))
        assert [message.command_id for message in heard] == [None]
        (read,) = ask(carrier, command("2", facts, broker.read(facts, counter=2)), until=2 * HOUR)
        assert broker.open(read).payload.firmware_version == NEW_VERSION


def test_a_device_behind_a_silent_hub_gets_no_command_and_its_alert_waits_until_the_hub_is_heard(
    carrier: Carrier, broker: Broker
) -> None:
    facts, due_at = HOME[DeviceType.ESME], START + timedelta(days=2)
    activation(carrier, broker, counter=1, execution_at=due_at)
    silent_until = instants.to_instant(START + timedelta(days=5))
    standing = carrier.account._standing
    standing.silent_from[facts.hub_position] = instants.to_instant(START + timedelta(days=1))
    standing.silent_until[facts.hub_position] = silent_until
    read = command("r", facts, broker.read(facts, counter=3), within=timedelta(days=9))
    carrier.command(parcel(read, at=START + timedelta(days=3)), received_at=START)
    assert hear(carrier, timedelta(days=4)) == []
    (told,) = hear(carrier, timedelta(days=6))
    assert broker.open(told).payload.alert_code == 0x8F67


def test_a_restart_after_any_record_finds_devices_as_they_were_and_says_nothing_twice(
    tmp_path: Path, broker: Broker, faultless: str
) -> None:
    devices = [home[DeviceType.ESME] for home in HOMES[:4]]
    due_at = START + timedelta(days=2)
    with carrier_over(tmp_path / "whole", scenario=faultless) as carrier:
        hold(carrier, *(facts.device_id for facts in devices))
        sent = ask(
            carrier,
            *(command(f"a{at}", f, broker.activate(f, counter=1)) for at, f in enumerate(devices[:2])),
            *(
                command(f"f{at}", f, broker.activate(f, counter=1, execution_at=due_at))
                for at, f in enumerate(devices[2:])
            ),
        )
        reads = [
            command(f"r{at}", f, broker.read(f, counter=2), within=timedelta(days=9))
            for at, f in enumerate(devices)
        ]
        last = parcel(*reads, at=START + HOUR)
        carrier.command(last, received_at=START)
        sent += hear(carrier, timedelta(days=3))
    meaning = {message.number: message for message in sent}
    sent_last = json.loads(csp.write(last))
    assert sorted(meaning) == list(range(1, len(sent) + 1))
    lines = (tmp_path / "whole").read_bytes().splitlines(keepends=True)
    for kept in range(1, len(lines) + 1):
        path = tmp_path / f"cut-{kept}"
        path.write_bytes(b"".join(lines[:kept]) + lines[-1][:30])
        records = [json.loads(line[9:]) for line in lines[:kept]]
        known = sum(record.get("events", 0) for record in records)
        with carrier_over(path, scenario=faultless) as carrier:
            again = {message.number: message for message in hear(carrier, timedelta(days=3))}
        assert set(range(known + 1, max(again, default=known) + 1)) <= set(again)
        for number in set(again) & set(range(1, known + 1)):
            assert again[number] == meaning[number]
        if any(record.get("batch", {}) == sent_last for record in records if record["is"] == "commanded"):
            # All that was asked is known, so whatever is still to be said is the same.
            assert {number: said(broker, message) for number, message in again.items()} == {
                number: said(broker, meaning[number]) for number in again
            }


def said(broker: Broker, message: csp.DeviceMessage) -> tuple[object, object]:
    """What a message says; its signature differs each time it is made."""
    opened = broker.open(message)
    return opened.header, opened.payload
