"""What Devices answer, on PostgreSQL: every row of `domain.md` 9.2, and that nothing is said twice or lost."""

from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from safelaunch.domain.alerts import AlertCode
from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.suspension import Kind
from safelaunch.services import suspensions
from safelaunch.services.cpl import AlreadyRemoved
from safelaunch.services.cpl_changes import NothingToChange
from safelaunch.services.explanations import NoSuchHub, explain_home
from safelaunch.services.suspensions import Heard
from safelaunch.store.models import CommunicationsHub, DccAlert, Device, DeviceModel, Suspension
from safelaunch.store.reads.explanations import list_hub_happenings
from safelaunch.store.reads.suspensions import list_suspension_history
from tests.conftest import empty
from tests.services.suspension_scene import (
    AT,
    ESME,
    GPF,
    GSME,
    HCALCS,
    HUB,
    LATER,
    LATEST,
    NEW,
    NEWEST,
    OLD,
    PPMID,
    RECEIVERS,
    build,
    enter,
    make,
    reinstatement,
    removal,
    state_of,
    told_about,
)

pytestmark = pytest.mark.usefixtures("database")

METERS, READABLE = (ESME, GSME, HCALCS), (ESME, GSME, HCALCS, PPMID)
KIND_OF = {ESME: "ESME", GSME: "GSME", PPMID: "PPMID", HCALCS: "HCALCS"}
UNLISTED = "0000000F"
GONE, COMMISSIONED = ("SUSPENDED", "COMMISSIONED", OLD), ("COMMISSIONED", None, OLD)
RESTORED = ("COMMISSIONED", None, NEW)

# row, kind, targets, version, success, suspended before -> status, remembered, version; alert
TABLE = [
    (1, Kind.READ, READABLE, NEW, True, True, RESTORED, "N29"),
    (2, Kind.READ, READABLE, OLD, True, True, GONE, None),
    (3, Kind.READ, READABLE, UNLISTED, True, True, ("SUSPENDED", "COMMISSIONED", UNLISTED), None),
    (4, Kind.READ, READABLE, NEW, True, False, RESTORED, None),
    (4, Kind.READ, READABLE, UNLISTED, True, False, ("SUSPENDED", "COMMISSIONED", UNLISTED), "N28"),
    (5, Kind.READ, READABLE, None, False, True, GONE, None),
    (8, Kind.ACTIVATION, METERS, NEW, True, True, RESTORED, "N29"),
    (9, Kind.ACTIVATION, METERS, NEW, True, False, RESTORED, None),
    (10, Kind.ACTIVATION_RETRY, METERS, NEW, False, True, RESTORED, "N29"),
    (11, Kind.ACTIVATION_RETRY, METERS, NEW, False, False, RESTORED, None),
    (12, Kind.ACTIVATION_RETRY, METERS, None, True, True, GONE, None),
    (13, Kind.ACTIVATION, METERS, OLD, False, True, GONE, None),
    (14, Kind.FUTURE_DATED_DONE, METERS, NEW, True, True, RESTORED, "N29"),
    (14, Kind.FUTURE_DATED_DONE, METERS, NEW, True, False, RESTORED, None),
    (15, Kind.FUTURE_DATED_FAILED, METERS, OLD, False, True, GONE, None),
    (16, Kind.ACTIVATION_LOST, METERS, None, False, True, GONE, None),
    (16, Kind.ACTIVATION_LOST, METERS, None, False, False, COMMISSIONED, None),
]  # fmt: skip


@pytest.mark.parametrize(
    "line", TABLE, ids=[f"row {line[0]}, {'' if line[5] else 'not '}suspended" for line in TABLE]
)
def test_an_answer_does_what_its_row_says(line):
    row, kind, targets, version, success, suspended, after, alert = line
    build()
    if suspended:
        for target in targets:
            make(removal(KIND_OF[target]))
    outcomes = suspensions.take_answers(
        heard=[Heard(one, kind, version, success) for one in targets], at=LATEST
    )
    for target, outcome in zip(targets, outcomes, strict=True):
        assert outcome.verdict.row == row
        assert state_of(target) == after
        assert told_about(target, "N29") == (sorted(RECEIVERS[target]) if alert == "N29" else [])
        assert told_about(target, "N28") == (sorted(RECEIVERS[target]) if suspended or alert == "N28" else [])


def test_rows_6_and_7_a_gpf_changes_nothing_and_raises_n52_when_it_differs():
    build()
    make(removal("GSME"))
    same, other = (
        suspensions.take_answers(heard=[Heard(GPF, Kind.READ, version)], at=LATEST)[0]
        for version in (OLD, NEW)
    )
    assert (same.verdict.row, other.verdict.row) == (7, 6)
    assert state_of(GSME) == GONE
    raised = DccAlert.objects.filter(code=AlertCode.N52)
    assert {one.user_id for one in raised} == RECEIVERS[GSME]
    assert {(one.device_id, one.firmware_version, one.smi_firmware_version) for one in raised} == {
        (GSME, NEW, OLD)
    }


def test_row_17_a_type_2_device_has_nothing_to_change():
    build()
    enter("IHD", OLD)
    ihd = Eui64(0x00DB1234567890AF)
    hub = Device.objects.first().hub_device_id
    Device.objects.create(
        hub_device_id=hub, device_id=ihd, device_type="IHD", smi_status="PENDING",
        device_model_id=DeviceModel.objects.get(device_type="IHD").pk,
    )  # fmt: skip
    [outcome] = suspensions.take_answers(heard=[Heard(ihd, Kind.READ, NEW)], at=AT)
    assert outcome.verdict.row == 17
    assert Device.objects.get(device_id=ihd).smi_status == "PENDING"


def test_an_unknown_device_is_said_to_be_unknown():
    build()
    [outcome] = suspensions.take_answers(heard=[Heard(Eui64(1), Kind.READ, NEW)], at=AT)
    assert (outcome.device_id, outcome.verdict) == (None, None)


def test_both_answers_of_one_recovery_raise_one_n29():
    build()
    make(removal("ESME"))
    heard = [
        Heard(ESME, Kind.ACTIVATION_RETRY, NEW),
        Heard(ESME, Kind.READ, NEW),
        Heard(ESME, Kind.FUTURE_DATED_DONE, NEW),
    ]
    suspensions.take_answers(heard=heard, at=LATEST)
    suspensions.take_answers(heard=heard[::-1], at=LATEST)
    assert told_about(ESME, "N29") == sorted(RECEIVERS[ESME])
    [episode] = list_suspension_history(device_id=ESME)
    assert (episode.state, episode.ended_because, episode.suspended_at) == ("RESTORED", "NEW_FIRMWARE", LATER)


def test_firmware_that_becomes_listed_restores_a_device_that_ran_ahead():
    build()
    make(removal("ESME"))
    suspensions.take_answers(heard=[Heard(ESME, Kind.READ, UNLISTED)], at=LATER)
    listed = reinstatement("ESME", UNLISTED)
    make(listed, at=LATEST)
    assert state_of(ESME) == ("COMMISSIONED", None, UNLISTED)
    # The old firmware coming back is no concern of it any more.
    make(reinstatement("ESME"), at=LATEST)
    assert told_about(ESME, "N29") == sorted(RECEIVERS[ESME])


def test_a_device_suspended_by_its_own_answer_knows_why():
    build()
    suspensions.take_answers(
        heard=[Heard(ESME, Kind.READ, UNLISTED), Heard(GSME, Kind.READ, UNLISTED)], at=LATER
    )
    assert (
        sorted(Suspension.objects.values_list("cause", "actor", "device_count"))
        == [("UNLISTED_FIRMWARE", "Safelaunch", 1)] * 2
    )
    [episode] = list_suspension_history(device_id=GSME)
    assert (episode.state, episode.cause, episode.suspended_at) == ("SUSPENDED", "UNLISTED_FIRMWARE", LATER)


def test_the_number_of_statements_does_not_grow_with_the_answers(django_statements):
    build()
    make(removal("ESME"))
    few = django_statements(lambda: suspensions.take_answers(heard=[Heard(ESME, Kind.READ, NEW)], at=LATEST))
    make(removal("ESME", NEW), at=LATEST)
    make(removal("GSME"), at=LATEST)
    many = [Heard(one, Kind.READ, NEWEST) for one in (ESME, GSME, PPMID, HCALCS)]
    assert django_statements(lambda: suspensions.take_answers(heard=many, at=LATEST)) <= few + 2


def test_a_home_explains_each_of_its_suspended_devices_to_those_who_may_see_it():
    build()
    make(removal("CHF"))
    make(removal("ESME"))
    hub, esme = explain_home(device_id=HUB, viewer_party_id=None, at=LATEST).suspensions
    assert (hub.device_id, esme.device_id, esme.device_type) == (HUB, ESME, "ESME")
    assert "because CPL entry CHF ABCD/0001 hardware 1 00000001 was removed" in hub.explanation.headline
    assert "restored to commissioned" in esme.explanation.what_would_change_it
    gas = CommunicationsHub.objects.get().gas_party_id
    assert len(explain_home(device_id=HUB, viewer_party_id=gas, at=LATEST).suspensions) == 2
    with pytest.raises(NoSuchHub):
        explain_home(device_id=HUB, viewer_party_id=99, at=LATEST)
    make(reinstatement("CHF"), at=LATEST)
    told = [one.what for one in list_hub_happenings(device_id=HUB, party_id=None)]
    assert told == ["RESTORED", "SUSPENDED"]


@pytest.fixture
def django_statements():
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def count(act):
        with CaptureQueriesContext(connection) as captured:
            act()
        return len(captured)

    return count


answers = st.builds(
    Heard,
    target_id=st.sampled_from([ESME, GSME, GPF, HCALCS, PPMID]),
    kind=st.sampled_from(Kind),
    version=st.sampled_from([OLD, NEW, UNLISTED, None]),
    is_success=st.booleans(),
)
changes = st.tuples(
    st.sampled_from([removal, reinstatement]), st.sampled_from(["ESME", "GSME"]), st.sampled_from([OLD, NEW])
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(happening=st.lists(st.one_of(st.lists(answers, min_size=1, max_size=4), changes), max_size=8))
def test_no_sequence_loses_a_status_or_doubles_an_alert(database, happening):
    empty()
    build()
    for event in happening:
        if isinstance(event, list):
            suspensions.take_answers(heard=event, at=LATER)
        else:
            change, kind, version = event
            # What is gone is not removed again, and what is listed not reinstated.
            with suppress(AlreadyRemoved, NothingToChange):
                make(change(kind, version))
    for device_id in (ESME, GSME, PPMID, HCALCS):
        status, before, _ = state_of(device_id)
        assert (status, before) in {("COMMISSIONED", None), ("SUSPENDED", "COMMISSIONED")}
        receivers = len(RECEIVERS[device_id])
        suspended, restored = (len(told_about(device_id, code)) for code in ("N28", "N29"))
        assert suspended - restored == (receivers if status == "SUSPENDED" else 0)
        assert suspended % receivers == 0
