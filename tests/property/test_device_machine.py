"""Whatever a Device is told in whatever order, its version changes by a successful activation and by nothing else."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from safelaunch.domain.device_commands import MACHINE, CommandEvent, CommandState, answer_due_at
from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.smi import DeviceType, Network
from safelaunch.interfaces.simulator.device_facts import DeviceFacts
from safelaunch.interfaces.simulator.device_machine import Appointment, Device, Image
from safelaunch.wire.gbcs.activation import ActivationCode

AT = datetime(2030, 1, 1, tzinfo=UTC)
FIRST = "00000001"
FACTS = DeviceFacts(
    device_id=Eui64(1),
    device_type=DeviceType.ESME,
    hub_id=Eui64(2),
    hub_position=0,
    network=Network.SOUTH,
    firmware_version=FIRST,
    suppliers=(Eui64(3),),
    is_commissioned=True,
    mirrors=None,
)

hashes = st.sampled_from([bytes([digit]) * 32 for digit in range(3)])
images = st.builds(Image, hashes, st.sampled_from(["0000000A", "0000000B"]))
deeds = st.one_of(
    st.tuples(st.just("receive"), images, st.booleans()),
    st.tuples(st.just("activate"), hashes, st.booleans()),
)


@given(st.lists(deeds, max_size=30))
def test_an_activation_says_the_version_that_runs_and_changes_it_only_when_it_succeeds(steps):
    device = Device(FACTS)
    for what, which, flag in steps:
        before, held = device.firmware_version, device.image
        if what == "receive":
            device.receive(which, is_sound=flag)
            assert device.image == (which if flag else None)
            assert device.firmware_version == before
            continue
        outcome = device.activate(which, succeeds=flag)
        assert outcome.firmware_version == device.firmware_version
        fits = held is not None and held.hash == which
        assert (outcome.code is ActivationCode.SUCCESS) == (fits and flag)
        if outcome.code is ActivationCode.SUCCESS:
            assert (device.firmware_version, device.image) == (held.firmware_version, None)
        else:
            assert (device.firmware_version, device.image) == (before, held)


@given(st.lists(st.tuples(st.sampled_from([Eui64(3), Eui64(4)]), st.integers(0, 2**64 - 1)), max_size=30))
def test_counters_of_critical_commands_rise_for_each_originator_alone(commands):
    device, highest = Device(FACTS), {}
    for originator, counter in commands:
        fresh = counter > highest.get(originator, -1)
        assert device.is_fresh(originator=originator, counter=counter) is fresh
        highest[originator] = max(counter, highest.get(originator, -1))


@given(st.lists(st.integers(0, 5), max_size=20))
def test_a_device_keeps_one_appointment_and_it_once(marks):
    device, kept = Device(FACTS), None
    appointments = [Appointment(bytes(32), AT, Eui64(3), mark) for mark in range(6)]
    for mark in marks:
        if mark == 0:
            device.forget()
            kept = None
        else:
            device.keep(appointments[mark])
            kept = appointments[mark]
    for appointment in appointments:
        assert device.take_due(appointment) is (appointment == kept)
        assert not device.take_due(appointment)


@given(st.lists(st.integers(-100, 100), min_size=1, max_size=20))
def test_the_counters_of_a_device_s_alerts_rise_whatever_its_clock_does(seconds):
    device = Device(FACTS)
    counters = [device.next_counter(at=AT + timedelta(seconds=offset)) for offset in seconds]
    assert counters == sorted(set(counters))


@given(st.lists(st.sampled_from(CommandEvent), max_size=12))
def test_a_command_is_settled_once_and_never_sent_again(events):
    state, settled = MACHINE.initial, 0
    for event in events:
        if not MACHINE.may(state, event):
            continue
        state = MACHINE.next(state, event)
        settled += event in {CommandEvent.ANSWER, CommandEvent.PROMISE, CommandEvent.TIME_OUT}
        settled += event is CommandEvent.FAIL_TO_DELIVER
        assert settled <= 1
        if settled:
            assert not MACHINE.may(state, CommandEvent.SEND)
    assert state in CommandState


@given(st.sampled_from(DeviceType))
def test_what_sleeps_has_longer_to_answer(device_type):
    due_at = answer_due_at(device_type=device_type, sent_at=AT)
    assert due_at > AT + timedelta(minutes=5)
    assert (due_at > AT + timedelta(minutes=30)) == (device_type is DeviceType.GSME)
