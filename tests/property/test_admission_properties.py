"""Admission: whatever else is wrong, the first check that fails speaks; and nothing wrong means admitted."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from safelaunch.domain import admission
from safelaunch.domain import srv as catalogue
from safelaunch.domain.admission import Asked, Facts, Objection, Target, judge
from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.service_requests import RequestState
from safelaunch.domain.smi import DeviceType, SmiStatus, UserRole
from safelaunch.domain.srv import WebService

AT = datetime(2030, 1, 1, tzinfo=UTC)
NOW = int(AT.timestamp() * 1000)
DSP, DEVICE = Eui64(2), Eui64(9)
ALDER, BIRCH = 1, 2
ASKED = Asked(
    srv="11.2",
    service_reference="11.2",
    command_variant=1,
    web_service=WebService.SEND_COMMAND,
    body_name="ReadFirmwareVersion",
    target=DEVICE,
    counter=NOW,
    execution_at=AT + timedelta(days=1),
    is_sequenced=True,
)
TARGET = Target(
    device_type=DeviceType.ESME,
    smi_status=SmiStatus.COMMISSIONED,
    import_party_id=ALDER,
    gas_party_id=BIRCH,
    electricity_network_party_id=3,
    gas_network_party_id=4,
)
FACTS = Facts(
    dsp_id=DSP,
    highest_counter=NOW - 1,
    party_id=ALDER,
    roles=frozenset({UserRole.IS}),
    target=TARGET,
    preceding=RequestState.ANSWERED,
)


def _asked(**changes):
    return lambda asked, facts: (replace(asked, **changes), facts)


def _facts(**changes):
    return lambda asked, facts: (asked, replace(facts, **changes))


def _target(**changes):
    def spoil(asked, facts):
        return asked, replace(facts, target=facts.target and replace(facts.target, **changes))

    return spoil


FAULTS = {
    Objection.REPLAYED: _facts(highest_counter=2**64),
    Objection.COUNTER_AHEAD: _asked(counter=NOW + 86_400_001),
    Objection.UNKNOWN_SRV: _asked(srv="99.9"),
    Objection.WRONG_SERVICE_REFERENCE: _asked(service_reference="11.4"),
    Objection.WRONG_COMMAND_VARIANT: _asked(command_variant=8),
    Objection.WRONG_WEB_SERVICE: _asked(web_service=WebService.TRANSFORM),
    Objection.FOREIGN_BODY: _asked(body_name="ReadInventory"),
    Objection.UNKNOWN_USER: _facts(party_id=None),
    Objection.ROLE_NOT_ELIGIBLE: _facts(roles=frozenset()),
    Objection.UNKNOWN_TARGET: _facts(target=None),
    Objection.WRONG_DEVICE_TYPE: _target(device_type=DeviceType.CAD),
    Objection.NOT_RESPONSIBLE: _target(import_party_id=BIRCH),
    Objection.DEVICE_STATUS: _target(smi_status=SmiStatus.DECOMMISSIONED),
    Objection.EXECUTION_TIME: _asked(execution_at=AT),
    Objection.PRECEDING_UNKNOWN: _facts(preceding=None),
}
"""One fault of each kind, in the order of the checks."""


def spoilt(objections):
    asked, facts = ASKED, FACTS
    for objection in objections:
        asked, facts = FAULTS[objection](asked, facts)
    return asked, facts


def test_nothing_wrong_is_admitted():
    assert judge(ASKED, FACTS, at=AT) is None


@given(st.sets(st.sampled_from(list(FAULTS)), min_size=1))
def test_the_first_check_that_fails_speaks_whatever_else_is_wrong(faults):
    in_order = [objection for objection in Objection if objection in faults]
    asked, facts = spoilt(in_order)
    assert judge(asked, facts, at=AT) is in_order[0]


@given(st.sampled_from(list(catalogue.catalogue())), st.integers(1, 9), st.sampled_from(WebService))
def test_a_request_is_of_one_piece_or_is_refused(code, variant, web_service):
    srv = catalogue.find(code)
    fits = variant in srv.command_variants
    asked = replace(
        ASKED,
        srv=code,
        service_reference=srv.service_reference,
        command_variant=variant,
        web_service=web_service,
        body_name=catalogue.expected_body(code, command_variant=variant) if fits else srv.body,
        execution_at=None,
        target=DSP if srv.is_non_device else DEVICE,
    )
    facts = replace(FACTS, roles=srv.roles, pre_command_waits=True)
    objection = judge(asked, facts, at=AT)
    if not fits:
        assert objection is Objection.WRONG_COMMAND_VARIANT
    elif catalogue.web_service(code, command_variant=variant) is not web_service:
        assert objection is Objection.WRONG_WEB_SERVICE
    else:
        assert objection in {
            None,
            Objection.ROLE_NOT_ELIGIBLE,
            Objection.WRONG_DEVICE_TYPE,
            Objection.NOT_RESPONSIBLE,
        }


@given(st.integers(0, 2**64 - 1), st.none() | st.integers(0, 2**64 - 1))
def test_a_counter_rises_or_is_refused(counter, highest):
    facts = replace(FACTS, highest_counter=highest, is_counter_a_time=False)
    refused = judge(replace(ASKED, counter=counter), facts, at=AT) is Objection.REPLAYED
    assert refused == (highest is not None and counter <= highest)


@given(st.integers(0, 2**64 - 1))
def test_a_counter_that_is_taken_never_shuts_its_originator_out_for_more_than_a_day(counter):
    facts = replace(FACTS, highest_counter=None)
    if judge(replace(ASKED, counter=counter), facts, at=AT) is None:
        later = AT + admission.COUNTER_LEAD + timedelta(milliseconds=1)
        asked = replace(ASKED, counter=int(later.timestamp() * 1000), execution_at=None)
        assert judge(asked, replace(facts, highest_counter=counter), at=later) is None


@given(st.sampled_from(list(catalogue.catalogue().values())), st.sampled_from(SmiStatus), st.data())
def test_out_of_service_takes_nothing_and_suspension_only_what_can_end_it(srv, status, data):
    variants = sorted(srv.command_variants)
    if not variants:
        return
    variant = data.draw(st.sampled_from(variants))
    takes = admission.takes(srv, command_variant=variant, target=replace(TARGET, smi_status=status))
    if status in {SmiStatus.DECOMMISSIONED, SmiStatus.WITHDRAWN}:
        assert not takes
    elif status is SmiStatus.SUSPENDED:
        assert takes == (srv.is_critical or srv.is_non_device or srv.code in {"6.23", "11.2"})
    else:
        assert takes


@given(
    st.sampled_from(DeviceType),
    st.sets(st.sampled_from([UserRole.IS, UserRole.GS, UserRole.ED, UserRole.GT])),
    st.integers(5, 9),
)
def test_a_stranger_is_responsible_for_nothing(device_type, roles, party_id):
    target = replace(TARGET, device_type=device_type)
    assert not admission.is_responsible(target, party_id=party_id, roles=frozenset(roles))


@given(st.datetimes(datetime(2000, 1, 1), datetime(3000, 12, 31), timezones=st.just(UTC)))  # noqa: DTZ001 - the strategy adds the zone
def test_an_execution_time_lies_ahead_by_a_month_at_most_or_cancels(execution_at):
    admitted = judge(replace(ASKED, execution_at=execution_at), FACTS, at=AT) is None
    in_time = AT < execution_at <= AT + timedelta(days=30)
    assert admitted == (in_time or execution_at == admission.CANCELLATION)
