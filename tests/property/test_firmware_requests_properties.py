"""Firmware requests: whatever the Devices are, each has one verdict, and the answer names each excluded one once."""

from hypothesis import given
from hypothesis import strategies as st

from safelaunch.domain import firmware_requests as rules
from safelaunch.domain.firmware_requests import AlikeDevices, Asked, DeviceFacts, Exclusion, Listed, Outcome
from safelaunch.domain.smi import DeviceType, Network, SmiStatus, UserRole
from tests.unit.domain.test_firmware_requests import ALDER, BIRCH, METER

listed_values = st.builds(
    lambda kind, hardware, before: Listed(
        device_type=kind,
        manufacturer=METER.manufacturer,
        model=METER.model,
        hardware_version=hardware,
        firmware_version=METER.firmware_version,
        image_hash=METER.image_hash,
        predecessors=before,
    ),
    st.sampled_from(sorted(rules.TARGET_TYPES["11.1"] | rules.TARGET_TYPES["11.4"])),
    st.sampled_from(["0001", "0002", ""]),
    st.frozensets(st.sampled_from(["0001011D", "0001011E"])),
)
asked_values = st.builds(
    Asked,
    srv=st.sampled_from(sorted(rules.TARGET_TYPES)),
    party_id=st.sampled_from([ALDER, BIRCH]),
    roles=st.frozensets(st.sampled_from([UserRole.IS, UserRole.GS]), min_size=1),
    hardware=st.none() | st.just((1, 1)),
    listed=st.lists(listed_values, min_size=1, max_size=3).map(tuple),
)
known_devices = st.builds(
    DeviceFacts,
    device_type=st.sampled_from([kind.value for kind in DeviceType]),
    smi_status=st.sampled_from([SmiStatus.COMMISSIONED.value] * 5 + [status.value for status in SmiStatus]),
    import_party_id=st.sampled_from([ALDER, BIRCH, None]),
    gas_party_id=st.sampled_from([ALDER, BIRCH, None]),
    manufacturer=st.just(METER.manufacturer),
    model=st.just(METER.model),
    hardware_version=st.sampled_from(["0001", "0002", ""]),
    firmware_version=st.sampled_from(["0001011D", "0001011E", "0001023A"]),
    hub_gbcs_version=st.sampled_from(["3.2", "4.1", None]),
    network=st.sampled_from([network.value for network in Network]),
    is_in_progress=st.booleans(),
)
device_values = st.just(DeviceFacts()) | known_devices


def kinds_of(devices):
    """Like Devices together, as the store gives them."""
    places = {}
    for place, facts in enumerate(devices):
        places.setdefault(facts, []).append(place)
    return [
        AlikeDevices(**{name: getattr(facts, name) for name in _NAMES}, places=where)
        for facts, where in places.items()
    ]


@given(asked_values, st.lists(device_values))
def test_a_device_is_judged_alike_alone_and_among_others(asked, devices):
    """This property will hold the shortcut for like Devices to the rule itself."""
    verdicts = rules.judge_all(asked, kinds=kinds_of(devices), count=len(devices))
    assert verdicts == [rules.judge(asked, facts=facts) for facts in devices]


@given(asked_values, st.lists(device_values, min_size=1))
def test_each_excluded_device_is_named_once_and_no_other_is(asked, devices):
    """This property will count the places of the five lists."""
    verdicts = rules.judge_all(asked, kinds=kinds_of(devices), count=len(devices))
    named = sorted(place for places in rules.by_list(verdicts).values() for place in places)
    assert named == [place for place, verdict in enumerate(verdicts) if verdict is not None]
    assert (rules.sum_up(verdicts) is Outcome.ALL) == (not named)
    assert (rules.sum_up(verdicts) in {Outcome.ALL, Outcome.SOME}) == (len(named) < len(devices))


@given(asked_values, known_devices)
def test_what_has_the_firmware_is_of_the_askers_and_nothing_else_is_under_way(asked, facts):
    """This property will look at a Device that has the firmware from the other side."""
    if rules.judge(asked, facts=facts) is None:
        assert DeviceType(facts.device_type) in rules.TARGET_TYPES[asked.srv]
        assert asked.party_id in {facts.import_party_id, facts.gas_party_id}
        assert facts.smi_status in {"COMMISSIONED", "SUSPENDED"}
        assert facts.firmware_version in set().union(*(entry.predecessors for entry in asked.listed))
        assert not facts.is_in_progress
        if facts.device_type in {"PPMID", "HCALCS"}:
            assert facts.hub_gbcs_version == "4.1"


@given(asked_values, known_devices)
def test_a_request_under_way_never_admits_a_device(asked, facts):
    """This property will add a request under way to whatever else is known."""
    busy = DeviceFacts(**{name: getattr(facts, name) for name in _NAMES} | {"is_in_progress": True})
    assert rules.judge(asked, facts=busy) is not None
    if rules.judge(asked, facts=facts) is None:
        assert rules.judge(asked, facts=busy) is Exclusion.IN_PROGRESS


_NAMES = tuple(DeviceFacts.__dataclass_fields__)
