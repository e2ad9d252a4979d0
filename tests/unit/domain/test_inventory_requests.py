"""What Users may tell of the inventory: every status, every type, and what refuses each."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from safelaunch.domain.inventory_requests import (
    TYPE_2,
    Details,
    Fault,
    HubNews,
    Standing,
    judge_decommissioning,
    judge_deletion,
    judge_details,
    judge_installation,
    judge_meter_point,
    judge_prenotification,
    judge_return,
    judge_status,
)
from safelaunch.domain.smi import CplStatus, DeviceType, SmiStatus

HUB = DeviceType.CHF
LISTED = Details(HUB, "0002012F", cpl_status=CplStatus.ACTIVE, listed_specification="CHTS V1.4")
UNFINISHED = {SmiStatus.PENDING, SmiStatus.WHITELISTED, SmiStatus.INSTALLED_NOT_COMMISSIONED}
standings = some.builds(
    Standing, some.sampled_from(DeviceType), some.sampled_from(SmiStatus), some.integers(0, 16)
)


@pytest.mark.parametrize(
    ("device_type", "before", "to", "fault"),
    [
        ("CHF", "PENDING", "COMMISSIONED", None),
        ("GPF", "INSTALLED_NOT_COMMISSIONED", "COMMISSIONED", None),
        ("CHF", "COMMISSIONED", "WITHDRAWN", None),
        ("CHF", "WITHDRAWN", "COMMISSIONED", None),
        ("CHF", "COMMISSIONED", "INSTALLED_NOT_COMMISSIONED", Fault.NO_SUCH_MOVE),
        ("CHF", "DECOMMISSIONED", "COMMISSIONED", Fault.NO_SUCH_MOVE),
        ("ESME", "WHITELISTED", "PENDING", None),
        ("ESME", "DECOMMISSIONED", "PENDING", None),
        ("PPMID", "PENDING", "INSTALLED_NOT_COMMISSIONED", None),
        ("ESME", "COMMISSIONED", "PENDING", Fault.NO_SUCH_MOVE),
    ],
)
def test_a_status_is_told_of_what_is_not_commissioned_yet(device_type, before, to, fault):
    standing = Standing(DeviceType(device_type), SmiStatus(before))
    assert judge_status(standing, to=SmiStatus(to), is_for_hubs=standing.is_hub) is fault


@given(standings, some.sampled_from(SmiStatus), some.booleans())
def test_nobody_lifts_a_suspension_and_no_field_is_for_the_other_kind(standing, to, is_for_hubs):
    fault = judge_status(standing, to=to, is_for_hubs=is_for_hubs)
    if is_for_hubs is not standing.is_hub:
        assert fault is Fault.WRONG_DEVICE_TYPE
    elif standing.smi_status is SmiStatus.SUSPENDED:
        assert fault is Fault.SUSPENDED
    elif not standing.is_hub and fault is None:
        assert to in UNFINISHED


@given(standings)
def test_a_commissioned_device_changes_its_details_by_its_own_evidence_alone(standing):
    fault = judge_details(standing, details=LISTED, says_anything=True)
    is_told = standing.smi_status in UNFINISHED or standing.device_type in TYPE_2
    assert (fault is None) is is_told
    assert judge_details(standing, details=LISTED, says_anything=False) is Fault.NOTHING_SAID


@pytest.mark.parametrize(
    ("details", "fault"),
    [
        (LISTED, None),
        (Details(HUB, "0002012F"), Fault.NOT_ON_CPL),
        (Details(HUB, None, cpl_status=CplStatus.ACTIVE), Fault.NOT_ON_CPL),
        (Details(HUB, "0002012F", cpl_status=CplStatus.WITHDRAWN), Fault.NOT_ON_CPL),
        (
            Details(HUB, "1", "CHTS V1.0", cpl_status=CplStatus.ACTIVE, listed_specification="CHTS V1.4"),
            Fault.OTHER_SPECIFICATION,
        ),
        (Details(HUB, "1", esme_variant="A", cpl_status=CplStatus.ACTIVE), Fault.VARIANT_OF_NO_ESME),
    ],
)
def test_what_the_cpl_lists_is_active_there_in_that_version(details, fault):
    told = judge_prenotification(details, is_known=False, names_gpf=True, is_gpf_known=False)
    assert told is fault


@pytest.mark.parametrize("device_type", sorted(TYPE_2))
def test_type_2_devices_are_on_no_list(device_type):
    details = Details(device_type, None)
    assert judge_prenotification(details, is_known=False, names_gpf=False, is_gpf_known=False) is None


@pytest.mark.parametrize(
    ("device_type", "known", "names", "gpf_known", "fault"),
    [
        (HUB, True, True, False, Fault.KNOWN_ALREADY),
        (HUB, False, False, False, Fault.WRONG_GPF),
        (HUB, False, True, True, Fault.WRONG_GPF),
        (DeviceType.ESME, False, True, False, Fault.WRONG_GPF),
        (DeviceType.ESME, False, False, False, None),
    ],
)
def test_a_hub_names_its_gpf_and_nothing_else_does(device_type, known, names, gpf_known, fault):
    details = Details(device_type, "1", cpl_status=CplStatus.ACTIVE)
    told = judge_prenotification(details, is_known=known, names_gpf=names, is_gpf_known=gpf_known)
    assert told is fault


@given(standings)
def test_only_what_is_pending_and_stands_alone_is_deleted(standing):
    fault = judge_deletion(standing)
    assert (fault is None) is (standing.smi_status is SmiStatus.PENDING and not standing.devices_behind)


@pytest.mark.parametrize(
    ("device_type", "mpxn", "taken", "fault"),
    [
        ("ESME", "1234567890123", False, None),
        ("ESME", "1234567890", False, Fault.WRONG_METER_POINT),
        ("ESME", "123456789012x", False, Fault.WRONG_METER_POINT),
        ("ESME", "1234567890123", True, Fault.METER_POINT_TAKEN),
        ("HCALCS", "1234567890123", True, None),
        ("GSME", "1234567890", False, None),
        ("GSME", "1234567890123", False, Fault.WRONG_METER_POINT),
        ("CHF", "1234567890123", False, Fault.WRONG_METER_POINT),
        ("PPMID", "1234567890123", False, Fault.WRONG_METER_POINT),
    ],
)
def test_mpans_belong_to_electricity_and_mprns_to_gas(device_type, mpxn, taken, fault):
    standing = Standing(DeviceType(device_type), SmiStatus.COMMISSIONED)
    assert judge_meter_point(standing, mpxn=mpxn, is_taken=taken) is fault


@pytest.mark.parametrize(
    ("before", "reached", "known", "news"),
    [
        ("PENDING", True, True, HubNews(SmiStatus.COMMISSIONED)),
        ("PENDING", True, False, HubNews(SmiStatus.COMMISSIONED, is_warned_of=True)),
        ("PENDING", False, True, HubNews(SmiStatus.INSTALLED_NOT_COMMISSIONED)),
        ("COMMISSIONED", True, True, HubNews(SmiStatus.COMMISSIONED)),
        ("COMMISSIONED", False, True, HubNews(SmiStatus.COMMISSIONED, is_warned_of=True)),
        ("SUSPENDED", True, True, HubNews(SmiStatus.SUSPENDED)),
        ("DECOMMISSIONED", True, True, Fault.NO_SUCH_MOVE),
    ],
)
def test_an_installed_hub_is_commissioned_when_it_reached_the_sm_wan(before, reached, known, news):
    standing = Standing(HUB, SmiStatus(before))
    assert judge_installation(standing, reached_wan=reached, is_place_known=known) == news


@pytest.mark.parametrize(
    ("before", "behind", "installed", "news"),
    [
        ("PENDING", 0, False, HubNews(SmiStatus.DECOMMISSIONED)),
        ("PENDING", 0, True, Fault.WRONG_OCCASION),
        ("COMMISSIONED", 0, False, Fault.WRONG_OCCASION),
        ("COMMISSIONED", 0, True, HubNews(SmiStatus.DECOMMISSIONED)),
        ("COMMISSIONED", 3, None, HubNews(SmiStatus.COMMISSIONED, is_warned_of=True)),
        ("SUSPENDED", 0, None, HubNews(SmiStatus.SUSPENDED, is_warned_of=True)),
        ("DECOMMISSIONED", 0, True, HubNews(SmiStatus.DECOMMISSIONED)),
    ],
)
def test_a_hub_that_comes_back_is_decommissioned_when_nothing_hangs_on_it(before, behind, installed, news):
    assert judge_return(Standing(HUB, SmiStatus(before), behind), was_installed=installed) == news


@given(standings, some.booleans())
def test_news_of_hubs_is_of_the_chf_and_never_lifts_a_suspension(standing, said):
    for news in (
        judge_installation(standing, reached_wan=said, is_place_known=True),
        judge_return(standing, was_installed=None),
    ):
        if standing.device_type is not HUB:
            assert news is Fault.WRONG_DEVICE_TYPE
        elif standing.smi_status is SmiStatus.SUSPENDED:
            assert news.smi_status is SmiStatus.SUSPENDED


@pytest.mark.parametrize(
    ("standing", "is_announced", "outcome"),
    [
        (Standing(DeviceType.ESME, SmiStatus.COMMISSIONED), False, True),
        (Standing(DeviceType.PPMID, SmiStatus.SUSPENDED), False, True),
        (Standing(DeviceType.ESME, SmiStatus.DECOMMISSIONED), False, False),
        (Standing(DeviceType.CHF, SmiStatus.COMMISSIONED), False, True),
        (Standing(DeviceType.CHF, SmiStatus.COMMISSIONED, 1), False, Fault.DEVICES_BEHIND),
        (Standing(DeviceType.GPF, SmiStatus.COMMISSIONED), False, Fault.WRONG_DEVICE_TYPE),
        (Standing(DeviceType.ESME, SmiStatus.PENDING), True, Fault.NO_SUCH_MOVE),
    ],
)
def test_a_device_leaves_service_whatever_its_status_and_a_hub_when_its_home_is_empty(
    standing, is_announced, outcome
):
    assert judge_decommissioning(standing, is_announced=is_announced) == outcome
