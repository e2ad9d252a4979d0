"""What Users plan is noted from the requests they send, whoever carries them out."""

from datetime import UTC, datetime, timedelta

import pytest

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.planned_events import KIND_OF, PlannedKind
from safelaunch.domain.srv import Service, WebService, catalogue
from safelaunch.store.models import PlannedEvent
from tests import pki
from tests.services.requests import scene
from tests.services.requests.scene import AT, PREMISES, ask, request

pytestmark = pytest.mark.usefixtures("premises")

ESME, HUB = Eui64.parse(PREMISES["ESME"]), Eui64.parse(PREMISES["CHF"])
LATER = AT + timedelta(days=3)
EXECUTION = "<sr:ExecutionDateTime>{}</sr:ExecutionDateTime>"
CRITICAL = {
    "1.1.1": ("UpdateImportTariffPrimaryElement", PlannedKind.TARIFF),
    "1.2.1": ("UpdatePricePrimaryElement", PlannedKind.PRICE),
    "1.6": ("UpdatePaymentMode", PlannedKind.PAYMENT_MODE),
}


def critical(srv, execution=None, **more):
    """A request whose body is read no further than its execution time."""
    name, _ = CRITICAL[srv]
    when = "" if execution is None else EXECUTION.format(execution)
    return request(srv, f"<sr:{name}>{when}</sr:{name}>", target=PREMISES["ESME"], variant=4, **more)


def plan():
    return PlannedEvent.objects.get()


@pytest.mark.parametrize("srv", CRITICAL)
def test_what_is_planned_for_a_moment_is_noted_with_who_plans_it_and_where(srv):
    message = critical(srv, f"{LATER:%Y-%m-%dT%H:%M:%SZ}")
    assert ask(message, service=WebService.TRANSFORM).response_code == "E48"
    found = plan()
    assert (found.kind, found.planned_from, found.planned_until) == (
        CRITICAL[srv][1],
        LATER,
        LATER + timedelta(hours=1),
    )
    assert (found.device_id, found.hub_device_id, found.user_id) == (ESME, HUB, pki.SUPPLIER)
    assert found.service_request.service_reference_variant == srv


def test_what_is_for_now_is_noted_for_now():
    ask(critical("1.6"), service=WebService.TRANSFORM)
    assert plan().planned_from == AT
    PlannedEvent.objects.all().delete()
    top_up = f"<sr:TopUpDevice><sr:UTRN>{'1' * 20}</sr:UTRN></sr:TopUpDevice>"
    ask(request("2.2", top_up, target=PREMISES["ESME"], variant=1), service=WebService.SEND_COMMAND)
    assert (plan().kind, plan().planned_from) == (PlannedKind.TOP_UP, AT)


def test_a_user_takes_back_its_own_plan_of_that_kind_and_no_other():
    when = f"{LATER:%Y-%m-%dT%H:%M:%SZ}"
    for srv in ("1.1.1", "1.2.1"):
        ask(critical(srv, when), service=WebService.TRANSFORM)
    ask(critical("1.1.1", "3000-12-31T00:00:00Z"), service=WebService.TRANSFORM)
    cancelled = {one.kind: one.cancelled_at for one in PlannedEvent.objects.all()}
    assert cancelled == {PlannedKind.TARIFF: AT, PlannedKind.PRICE: None}


def test_what_is_done_is_not_taken_back():
    ask(critical("1.1.1"), service=WebService.TRANSFORM)
    afterwards = AT + timedelta(days=1)
    message = critical("1.1.1", "3000-12-31T00:00:00Z")
    ask(message, service=WebService.TRANSFORM, at=afterwards)
    assert plan().cancelled_at is None


SCHEDULE = (
    "<sr:CreateSchedule><sr:ScheduleFrequency>Daily</sr:ScheduleFrequency>"
    "<sr:ScheduleStartDate>2030-02-01</sr:ScheduleStartDate>{end}"
    "<sr:ScheduleExecutionStartTime>07:00:00.00Z</sr:ScheduleExecutionStartTime>"
    "<sr:DSPScheduledServiceReference>4.10</sr:DSPScheduledServiceReference>"
    "<sr:DSPScheduledServiceReferenceVariant>4.10</sr:DSPScheduledServiceReferenceVariant>"
    f"<sr:DeviceID>{PREMISES['ESME']}</sr:DeviceID>"
    "<sr:DSPReadNetworkData/></sr:CreateSchedule>"
)


def test_a_schedule_stands_from_its_first_reading_until_its_last_day_is_over():
    end = "<sr:ScheduleEndDate>2030-03-01</sr:ScheduleEndDate>"
    assert ask(request("5.1", SCHEDULE.format(end=end))).response_code == "E48"
    found = plan()
    assert found.planned_from == datetime(2030, 2, 1, 7, tzinfo=UTC)
    assert found.planned_until == datetime(2030, 3, 2, tzinfo=UTC)
    assert (found.device_id, found.hub_device_id) == (ESME, HUB)


def test_a_schedule_without_an_end_stands_open_until_it_is_deleted():
    ask(request("5.1", SCHEDULE.format(end="")))
    assert plan().planned_until is None
    ask(request("5.2", f"<sr:ReadSchedule><sr:DeviceID>{ESME}</sr:DeviceID></sr:ReadSchedule>"))
    by_number = "<sr:DeleteSchedule><sr:DSPScheduleID>7</sr:DSPScheduleID></sr:DeleteSchedule>"
    ask(request("5.3", by_number))
    assert plan().cancelled_at is None
    ask(request("5.3", f"<sr:DeleteSchedule><sr:DeviceID>{ESME}</sr:DeviceID></sr:DeleteSchedule>"))
    assert plan().cancelled_at == AT


def test_a_request_that_is_not_admitted_plans_nothing():
    scene.vouch(pki.other_supplier())
    ask(critical("1.6", by=pki.other_supplier()), service=WebService.TRANSFORM)
    assert not PlannedEvent.objects.exists()


def test_every_kind_of_request_that_is_passed_on_has_a_kind_of_plan_but_for_reading_schedules():
    passed_on = {srv.code for srv in catalogue().values() if srv.service is Service.PASSED_ON}
    assert passed_on - set(KIND_OF) == {"5.2"}
