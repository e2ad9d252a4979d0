"""Admission case by case: who is responsible for what, what a Suspended Device takes, and Request IDs used twice."""

from dataclasses import replace
from datetime import timedelta

import pytest

from safelaunch.domain import admission
from safelaunch.domain import srv as catalogue
from safelaunch.domain.admission import CANCELLATION, Objection, judge
from safelaunch.domain.service_requests import MACHINE, RequestEvent, RequestState
from safelaunch.domain.smi import DeviceType, SmiStatus, UserRole
from safelaunch.domain.srv import WebService
from safelaunch.domain.suspended_requests import Generation, Mode
from tests.property.test_admission_properties import ALDER, ASKED, AT, BIRCH, DSP, FACTS, TARGET

ELECTRICITY, GAS = 3, 4


@pytest.mark.parametrize(
    ("device_type", "responsible"),
    [
        (DeviceType.ESME, {(UserRole.IS, ALDER), (UserRole.ED, ELECTRICITY)}),
        (DeviceType.HCALCS, {(UserRole.IS, ALDER), (UserRole.ED, ELECTRICITY)}),
        (DeviceType.GSME, {(UserRole.GS, BIRCH), (UserRole.GT, GAS)}),
        (DeviceType.GPF, {(UserRole.GS, BIRCH), (UserRole.GT, GAS)}),
        *(
            (
                shared,
                {
                    (UserRole.IS, ALDER),
                    (UserRole.GS, BIRCH),
                    (UserRole.ED, ELECTRICITY),
                    (UserRole.GT, GAS),
                },
            )
            for shared in (DeviceType.CHF, DeviceType.PPMID)
        ),
    ],
)
def test_each_device_has_its_responsible_parties(device_type, responsible):
    target = replace(TARGET, device_type=device_type)
    found = {
        (role, party)
        for role in (UserRole.IS, UserRole.GS, UserRole.ED, UserRole.GT)
        for party in (ALDER, BIRCH, ELECTRICITY, GAS)
        if admission.is_responsible(target, party_id=party, roles=frozenset({role}))
    }
    assert found == responsible


@pytest.mark.parametrize("role", [UserRole.ES, UserRole.RSA, UserRole.OU])
def test_responsibility_is_not_judged_where_the_inventory_holds_no_registration(role):
    assert judge(ASKED, replace(FACTS, party_id=77, roles=frozenset({role})), at=AT) is None


def test_a_role_that_may_not_send_the_request_makes_nobody_responsible():
    """The distributor has the meter, and an activation is not for distributors."""
    asked = replace(
        ASKED,
        srv="11.3",
        service_reference="11.3",
        command_variant=4,
        web_service=WebService.TRANSFORM,
        body_name="ActivateFirmware",
    )
    assert judge(asked, replace(FACTS, roles=frozenset({UserRole.ED})), at=AT) is Objection.ROLE_NOT_ELIGIBLE
    both = replace(FACTS, party_id=ELECTRICITY, roles=frozenset({UserRole.ED, UserRole.IS}))
    assert judge(asked, both, at=AT) is Objection.NOT_RESPONSIBLE


@pytest.mark.parametrize(
    ("srv", "takes"),
    [
        *((srv, True) for srv in ("11.3", "1.1.1", "1.2.1", "1.6", "8.1.1", "11.1", "6.23", "11.2", "11.4")),
        *((srv, False) for srv in ("2.2", "3.2", "8.9", "8.11", "4.1.1")),
    ],
)
def test_a_suspended_device_takes_what_the_table_of_mp105_says(srv, takes):
    found = catalogue.find(srv)
    target = replace(TARGET, smi_status=SmiStatus.SUSPENDED)
    assert {
        admission.takes(found, command_variant=variant, target=target) for variant in found.command_variants
    } == {takes}


def test_a_smets1_meter_takes_a_local_top_up_while_it_is_suspended_and_mp105_can_be_switched_off():
    target = replace(TARGET, smi_status=SmiStatus.SUSPENDED, generation=Generation.SMETS1)
    top_up, read = catalogue.find("2.2"), catalogue.find("11.2")
    taken = [admission.takes(top_up, command_variant=variant, target=target) for variant in (1, 2, 3)]
    assert taken == [False, True, False]
    assert not admission.takes(read, command_variant=1, target=target, mode=Mode.BEFORE_MP105)
    asked = replace(FACTS, target=target, mode=Mode.BEFORE_MP105)
    assert judge(ASKED, asked, at=AT) is Objection.DEVICE_STATUS


def test_what_the_dcc_answers_itself_is_addressed_to_the_dsp_and_needs_no_device():
    asked = replace(
        ASKED,
        srv="8.2",
        service_reference="8.2",
        command_variant=8,
        web_service=WebService.NON_DEVICE,
        body_name="ReadInventory",
        target=DSP,
        execution_at=None,
    )
    assert judge(asked, replace(FACTS, target=None), at=AT) is None
    elsewhere = replace(asked, target=ASKED.target)
    assert judge(elsewhere, FACTS, at=AT) is Objection.NOT_FOR_THE_DSP


def test_an_execution_time_is_refused_where_none_is_allowed():
    asked = replace(ASKED, srv="2.2", service_reference="2.2", body_name="TopUpDevice")
    assert judge(asked, FACTS, at=AT) is Objection.EXECUTION_TIME
    assert judge(replace(asked, execution_at=CANCELLATION), FACTS, at=AT) is Objection.EXECUTION_TIME
    assert judge(replace(asked, execution_at=None), FACTS, at=AT) is None


SIGNED = replace(
    ASKED,
    srv="11.3",
    service_reference="11.3",
    command_variant=5,
    body_name="SignedPreCommand",
    counter=1,
)


def test_a_signed_pre_command_reuses_a_counter_that_was_reached_long_ago():
    assert judge(SIGNED, replace(FACTS, pre_command_waits=True), at=AT) is None
    assert judge(SIGNED, FACTS, at=AT) is Objection.NO_PRE_COMMAND
    assert [admission.raises_counter(variant) for variant in range(1, 9)] == [True] * 4 + [False] * 3 + [True]


def test_top_ups_have_a_series_of_their_own_and_may_count_in_the_upper_half():
    top_up = replace(ASKED, srv="2.2", service_reference="2.2", body_name="TopUpDevice", execution_at=None)
    assert judge(replace(top_up, counter=3 << 60), FACTS, at=AT) is None
    assert [admission.is_top_up(srv) for srv in ("2.2", "2.1", "11.2")] == [True, False, False]


@pytest.mark.parametrize(
    ("state", "has_failed", "objection"),
    [
        (RequestState.ACCEPTED, False, Objection.PRECEDING_OPEN),
        (RequestState.ACKNOWLEDGED, False, Objection.PRECEDING_OPEN),
        (RequestState.REFUSED, True, Objection.PRECEDING_FAILED),
        (RequestState.COMPLETED, True, Objection.PRECEDING_FAILED),
        (RequestState.COMPLETED, False, None),
        (RequestState.ANSWERED, False, None),
    ],
)
def test_a_request_waits_for_nothing_so_the_one_before_has_to_be_done(state, has_failed, objection):
    facts = replace(FACTS, preceding=state, preceding_failed=has_failed)
    assert judge(ASKED, facts, at=AT) is objection


def test_a_request_ends_in_one_of_three_ways():
    ends = {state for state in RequestState if not any(MACHINE.may(state, event) for event in RequestEvent)}
    assert ends == {RequestState.REFUSED, RequestState.ANSWERED, RequestState.COMPLETED}


def test_the_bounds_are_those_of_the_facts():
    assert (timedelta(days=30), timedelta(days=1)) == (admission.FURTHEST_AHEAD, admission.COUNTER_LEAD)
