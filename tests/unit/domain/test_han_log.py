"""Who may be brought into a home and out of it, and what a Device becomes by what its hub and its Supplier do."""

from itertools import product

import pytest

from safelaunch.domain.han_log import (
    HEARD,
    LOG_SIZE,
    MACHINE,
    Candidate,
    LogEvent,
    LogFault,
    LogState,
    founding_types,
    judge_addition,
    judge_removal,
    judge_restoration,
    leaves_home,
    once_commissioned,
    once_joined,
    once_logged,
)
from safelaunch.domain.smi import CplStatus, DeviceType, SmiStatus, UserRole

IS, GS, OU = UserRole.IS, UserRole.GS, UserRole.OU
PENDING, WHITELISTED, INSTALLED, COMMISSIONED = (
    SmiStatus.PENDING,
    SmiStatus.WHITELISTED,
    SmiStatus.INSTALLED_NOT_COMMISSIONED,
    SmiStatus.COMMISSIONED,
)


def candidate(kind="ESME", status=PENDING, *, here=False, elsewhere=False, listed=CplStatus.ACTIVE):
    return Candidate(DeviceType(kind), status, here, elsewhere, listed)


@pytest.mark.parametrize(
    ("device", "role", "logged", "fault"),
    [
        (candidate(), IS, 0, None),
        (candidate("GSME"), GS, 0, None),
        (candidate("HCALCS"), IS, 0, None),
        (candidate("PPMID"), GS, 0, None),
        (candidate("CAD", listed=None), OU, 0, None),
        (candidate("IHD", listed=None), IS, 0, None),
        (candidate(status=WHITELISTED, here=True), IS, LOG_SIZE, None),
        (candidate(status=INSTALLED, here=True), IS, 0, None),
        (candidate(elsewhere=True), IS, 0, None),
        (candidate("CHF"), IS, 0, LogFault.WRONG_DEVICE_TYPE),
        (candidate("GPF"), GS, 0, LogFault.WRONG_DEVICE_TYPE),
        (candidate(), GS, 0, LogFault.NOT_THEIRS),
        (candidate("GSME"), IS, 0, LogFault.NOT_THEIRS),
        (candidate("PPMID"), OU, 0, LogFault.NOT_THEIRS),
        (candidate(), UserRole.ED, 0, LogFault.NOT_THEIRS),
        (candidate(status=WHITELISTED, elsewhere=True), IS, 0, LogFault.OTHER_HOME),
        (candidate(status=COMMISSIONED, elsewhere=True), IS, 0, LogFault.OTHER_HOME),
        (candidate(status=COMMISSIONED, here=True), IS, 0, LogFault.WRONG_STATUS),
        (candidate(status=SmiStatus.DECOMMISSIONED, here=True), IS, 0, LogFault.WRONG_STATUS),
        (candidate(status=SmiStatus.SUSPENDED, here=True), IS, 0, LogFault.WRONG_STATUS),
        (candidate(listed=CplStatus.WITHDRAWN), IS, 0, LogFault.NOT_ON_CPL),
        (candidate(listed=None), IS, 0, LogFault.NOT_ON_CPL),
        (candidate(), IS, LOG_SIZE - 1, LogFault.LOG_FULL),
        (candidate(here=True), IS, LOG_SIZE - 1, LogFault.LOG_FULL),
    ],
)
def test_an_addition_is_refused_for_the_first_thing_that_speaks_against_it(device, role, logged, fault):
    assert judge_addition(device, roles=frozenset({role}), devices_logged=logged) is fault


@pytest.mark.parametrize(
    ("device", "role", "fault"),
    [
        (candidate(status=COMMISSIONED, here=True), IS, None),
        (candidate("PPMID", SmiStatus.SUSPENDED, here=True), GS, None),
        (candidate(status=SmiStatus.DECOMMISSIONED, here=True), IS, None),
        (candidate("CHF", here=True), IS, LogFault.WRONG_DEVICE_TYPE),
        (candidate(), IS, LogFault.OTHER_HOME),
        (candidate(status=COMMISSIONED, elsewhere=True), IS, LogFault.OTHER_HOME),
        (candidate(status=COMMISSIONED, here=True), GS, LogFault.NOT_THEIRS),
    ],
)
def test_a_removal_is_of_a_device_of_the_home_by_whoever_may_add_it(device, role, fault):
    assert judge_removal(device, roles=frozenset({role})) is fault


def test_a_restoration_takes_an_old_hub_of_the_same_supplier_that_told_of_its_log():
    for theirs, same, backup in product((True, False), repeat=3):
        fault = judge_restoration(is_old_theirs=theirs, is_same=same, has_backup=backup)
        expected = LogFault.SAME_HUB if same else None if backup else LogFault.NO_BACKUP
        assert fault is (expected if theirs else LogFault.NO_SUCH_HUB)


def test_to_a_home_without_a_supplier_of_its_fuel_a_supplier_may_bring_its_meter_alone():
    assert founding_types(frozenset({IS, GS})) == {DeviceType.ESME, DeviceType.GSME}
    assert founding_types(frozenset({GS})) == {DeviceType.GSME}
    assert founding_types(frozenset({OU})) == frozenset()


@pytest.mark.parametrize("status", SmiStatus)
def test_a_device_only_ever_comes_further_in_its_life_by_joining_and_by_its_clock(status):
    is_unfinished = status in {PENDING, WHITELISTED, INSTALLED}
    assert once_logged(status) is (WHITELISTED if status is PENDING else status)
    for kind in DeviceType:
        joined = INSTALLED if kind in {DeviceType.ESME, DeviceType.GSME} else COMMISSIONED
        assert once_joined(status, device_type=kind) is (joined if is_unfinished else status)
    assert once_commissioned(status) is (COMMISSIONED if is_unfinished else status)
    assert leaves_home(status) is (status not in {SmiStatus.DECOMMISSIONED, SmiStatus.WITHDRAWN})


def test_a_hub_is_heard_until_the_matter_is_over_and_doubt_does_not_end_it():
    assert {state for state in LogState if MACHINE.may(state, LogEvent.FINISH)} == set(HEARD)
    assert not MACHINE.may(LogState.DOUBTFUL, LogEvent.DOUBT)
    assert not MACHINE.may(LogState.DONE, LogEvent.FINISH)
