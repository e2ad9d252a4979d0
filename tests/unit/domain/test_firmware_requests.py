"""Firmware by Service Request: the image is judged first, then each Device, and the first objection speaks."""

from dataclasses import replace

import pytest

from safelaunch.domain import firmware_requests as rules
from safelaunch.domain.firmware_requests import (
    FIRMWARE,
    PPMID_FIRMWARE,
    Asked,
    DeviceFacts,
    Exclusion,
    Image,
    ImageObjection,
    Listed,
    Outcome,
    WarningList,
    judge,
    judge_header,
    judge_listing,
)
from safelaunch.domain.smi import DeviceType, SmiStatus, UserRole
from safelaunch.wire.ota_image import KIND_OF

ALDER, BIRCH = 1, 2
HASH = bytes(range(32))
IMAGE = Image(
    manufacturer_code=0x10D4,
    version="0001023A",
    manufacturer_image_hash=HASH,
    hardware=(0x0001, 0x00FF),
)
METER = Listed(
    device_type=DeviceType.ESME,
    manufacturer="10D4",
    model="45010B01",
    hardware_version="0001",
    firmware_version="0001023A",
    image_hash=HASH,
    predecessors=frozenset({"0001011D"}),
)
ASKED = Asked(
    srv=FIRMWARE,
    party_id=ALDER,
    roles=frozenset({UserRole.IS}),
    hardware=IMAGE.hardware,
    listed=(METER,),
)
ESME = DeviceFacts(
    device_type="ESME",
    smi_status="COMMISSIONED",
    import_party_id=ALDER,
    gas_party_id=BIRCH,
    manufacturer="10D4",
    model="45010B01",
    hardware_version="0001",
    firmware_version="0001011D",
    hub_gbcs_version="3.2",
    network="SOUTH",
)
SWITCH = replace(ESME, device_type="HCALCS", hub_gbcs_version="4.1")
DISPLAY = replace(ESME, device_type="PPMID", hub_gbcs_version="4.1")


def asked_for(device_type, **changes):
    """The request for firmware of another type of Device."""
    srv = PPMID_FIRMWARE if device_type is DeviceType.PPMID else FIRMWARE
    return replace(ASKED, srv=srv, listed=(replace(METER, device_type=device_type),), **changes)


def test_a_header_has_to_state_the_version_of_the_request_unless_that_is_forgiven():
    assert judge_header(IMAGE, firmware_version="0001023a", is_version_compared=True) is None
    other = {"firmware_version": "00000000"}
    assert judge_header(IMAGE, **other, is_version_compared=True) is ImageObjection.OTHER_VERSION
    assert judge_header(IMAGE, **other, is_version_compared=False) is None


def listing(*entries, srv=FIRMWARE, image=IMAGE, firmware_version="0001023A"):
    return judge_listing(image, srv=srv, firmware_version=firmware_version, entries=entries)


def test_every_entry_that_lists_the_image_is_given():
    other_hardware = replace(METER, hardware_version="0002")
    assert listing(METER, other_hardware) == (METER, other_hardware)


@pytest.mark.parametrize(
    "entry",
    [
        replace(METER, firmware_version="00010357"),
        replace(METER, device_type=DeviceType.PPMID),
        replace(METER, device_type=DeviceType.CHF),
        replace(METER, manufacturer="10E5"),
    ],
)
def test_an_image_of_another_version_type_or_manufacturer_is_not_listed(entry):
    assert listing(entry) is ImageObjection.NOT_LISTED
    assert listing(entry, METER) == (METER,)


def test_a_manufacturer_whose_name_is_no_code_is_not_compared_with_the_header():
    named = replace(METER, manufacturer="Larch Meters")
    assert listing(named) == (named,)


@pytest.mark.parametrize("known", [b"", bytes(32)])
def test_an_image_with_another_hash_than_the_cpl_has_is_not_taken(known):
    assert listing(replace(METER, image_hash=known)) is ImageObjection.OTHER_HASH


def test_11_4_is_for_displays_alone():
    display = replace(METER, device_type=DeviceType.PPMID)
    assert listing(display, METER, srv=PPMID_FIRMWARE) == (display,)
    assert listing(METER, srv=PPMID_FIRMWARE) is ImageObjection.NOT_LISTED


def test_both_requests_reach_the_devices_that_their_images_are_made_for():
    for srv, types in rules.TARGET_TYPES.items():
        assert {device_type for device_type, kind in KIND_OF.items() if kind.value == srv} == types


def test_a_meter_of_the_suppliers_own_with_a_version_before_has_the_firmware():
    assert judge(ASKED, facts=ESME) is None


@pytest.mark.parametrize(
    ("changes", "exclusion"),
    [
        ({"device_type": None, "smi_status": None}, Exclusion.UNKNOWN),
        ({"device_type": "PPMID"}, Exclusion.WRONG_TYPE),
        ({"device_type": "CHF"}, Exclusion.WRONG_TYPE),
        ({"import_party_id": BIRCH}, Exclusion.NOT_RESPONSIBLE),
        ({"import_party_id": None}, Exclusion.NOT_RESPONSIBLE),
        ({"smi_status": "WHITELISTED"}, Exclusion.STATUS),
        ({"model": "45047A01"}, Exclusion.OTHER_MODEL),
        ({"manufacturer": "10E5"}, Exclusion.OTHER_MODEL),
        ({"device_type": "GSME", "gas_party_id": ALDER}, Exclusion.NOT_RESPONSIBLE),
        ({"hardware_version": "0002"}, Exclusion.HARDWARE),
        ({"firmware_version": "0001023A"}, Exclusion.PATHWAY),
        ({"firmware_version": "00010001"}, Exclusion.PATHWAY),
        ({"is_in_progress": True}, Exclusion.IN_PROGRESS),
    ],
)
def test_a_device_is_excluded_for_what_stands_against_it(changes, exclusion):
    assert judge(ASKED, facts=replace(ESME, **changes)) is exclusion


def test_the_first_objection_speaks():
    wrong = {
        "device_type": ("PPMID", Exclusion.WRONG_TYPE),
        "import_party_id": (BIRCH, Exclusion.NOT_RESPONSIBLE),
        "smi_status": ("PENDING", Exclusion.STATUS),
        "model": ("45047A01", Exclusion.OTHER_MODEL),
        "hardware_version": ("0002", Exclusion.HARDWARE),
        "firmware_version": ("00010001", Exclusion.PATHWAY),
        "is_in_progress": (True, Exclusion.IN_PROGRESS),
    }
    names = list(wrong)
    for place, name in enumerate(names):
        facts = replace(ESME, **{later: wrong[later][0] for later in names[place:]})
        assert judge(ASKED, facts=facts) is wrong[name][1]


@pytest.mark.parametrize("status", list(SmiStatus))
def test_only_commissioned_and_suspended_devices_have_the_firmware(status):
    allowed = status in {SmiStatus.COMMISSIONED, SmiStatus.SUSPENDED}
    assert (judge(ASKED, facts=replace(ESME, smi_status=status.value)) is None) == allowed


def test_the_gas_supplier_has_the_gas_meter():
    asked = asked_for(DeviceType.GSME, roles=frozenset({UserRole.GS}), party_id=BIRCH)
    assert judge(asked, facts=replace(ESME, device_type="GSME")) is None
    assert judge(asked, facts=ESME) is Exclusion.NOT_RESPONSIBLE


def test_either_supplier_of_a_home_may_bring_firmware_to_its_display():
    for party, role in ((ALDER, UserRole.IS), (BIRCH, UserRole.GS)):
        asked = asked_for(DeviceType.PPMID, party_id=party, roles=frozenset({role}))
        assert judge(asked, facts=DISPLAY) is None
    swapped = asked_for(DeviceType.PPMID, party_id=BIRCH, roles=frozenset({UserRole.IS}))
    assert judge(swapped, facts=DISPLAY) is Exclusion.NOT_RESPONSIBLE


@pytest.mark.parametrize(
    ("hardware", "of_device", "exclusion"),
    [
        ((0x0001, 0x0001), "0001", None),
        ((0x0002, 0x0003), "0001", Exclusion.HARDWARE),
        ((0x0000, 0x0000), "0001", Exclusion.HARDWARE),
        (None, "0001", None),
        ((0x0002, 0x0003), "", None),
        ((0x0001, 0x0003), "Rev B", Exclusion.HARDWARE),
        (None, "Rev B", None),
    ],
)
def test_a_hardware_version_lies_in_the_images_range_or_is_left_to_the_hub(hardware, of_device, exclusion):
    asked = replace(ASKED, hardware=hardware, listed=(replace(METER, hardware_version=of_device),))
    assert judge(asked, facts=replace(ESME, hardware_version=of_device)) is exclusion


@pytest.mark.parametrize(
    ("version", "passes"),
    [
        ("4.1", True),
        ("4.2", True),
        ("5.0", True),
        ("4.10", True),
        ("4.1.1", True),
        ("4.0", False),
        ("3.2", False),
        ("10.0", True),
        ("", False),
        (None, False),
        ("four", False),
    ],
)
def test_a_display_or_switch_needs_a_hub_of_gbcs_4_1(version, passes):
    expected = None if passes else Exclusion.HUB_GBCS
    for facts in (DISPLAY, SWITCH):
        asked = asked_for(DeviceType(facts.device_type))
        assert judge(asked, facts=replace(facts, hub_gbcs_version=version)) is expected
    assert judge(ASKED, facts=replace(ESME, hub_gbcs_version=version)) is None


def test_a_home_whose_network_is_unknown_passes_nothing_on():
    assert not rules.passes_on("4.1", network=None)
    assert rules.passes_on("4.1", network="NORTH")


@pytest.mark.parametrize(
    ("verdicts", "outcome"),
    [
        ([None], Outcome.ALL),
        ([None, None], Outcome.ALL),
        ([None, Exclusion.UNKNOWN], Outcome.SOME),
        ([Exclusion.UNKNOWN], Outcome.NONE),
        ([Exclusion.HARDWARE], Outcome.NONE_COMPATIBLE),
        ([Exclusion.HARDWARE, Exclusion.HUB_GBCS], Outcome.NONE_COMPATIBLE),
        ([Exclusion.HARDWARE, Exclusion.STATUS], Outcome.NONE),
    ],
)
def test_a_request_comes_to_what_its_devices_do(verdicts, outcome):
    assert rules.sum_up(verdicts) is outcome


def test_every_exclusion_is_named_in_one_of_the_five_lists():
    assert set(rules.LIST_OF) == set(Exclusion)
    assert set(rules.LIST_OF.values()) == set(WarningList)


def test_lists_keep_the_order_of_the_request():
    verdicts = [Exclusion.UNKNOWN, None, Exclusion.STATUS, Exclusion.WRONG_TYPE]
    assert rules.by_list(verdicts) == {
        WarningList.INVALID: [0, 3],
        WarningList.NOT_COMMISSIONED: [2],
    }
