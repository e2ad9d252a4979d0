"""DCC Alerts to Users: in the version each one speaks, under a number of their own, with whatever caused them."""

from datetime import UTC, datetime

import pytest

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.smi import PartyKind
from safelaunch.services import alerts
from safelaunch.services.alerts import raise_alert
from safelaunch.store import transactions
from safelaunch.store.models import DccAlert as AlertRow
from safelaunch.store.models import OutgoingMessage
from safelaunch.store.writes import parties
from safelaunch.wire.duis import envelope, responses
from safelaunch.wire.duis.identifiers import RequestId
from safelaunch.wire.duis.responses.alert_codes import DccAlertCode
from safelaunch.wire.duis.responses.alerts import DccAlert
from safelaunch.wire.duis.responses.firmware_alerts import HubFirmwareActivation
from safelaunch.wire.duis.xml import parse
from tests import pki
from tests.estate_factory import counting_statements, forget_jobs, waiting_jobs

AT = datetime(2026, 11, 2, 10, tzinfo=UTC)
HUB = Eui64.parse("00-DB-12-34-56-78-90-A2")
ACTIVATED = DccAlert(
    code=DccAlertCode.N64, body=HubFirmwareActivation(device_id=HUB, firmware_version="0002012F")
)


@pytest.fixture(autouse=True)
def users(database):
    with transactions.transaction():
        parties.add(kinds={"Alder": PartyKind.SUPPLIER, "Birch": PartyKind.SUPPLIER})
        parties.put_users(
            users=[("Alder", pki.SUPPLIER, "IS", "5.4"), ("Birch", pki.OTHER_SUPPLIER, "IS", "5.0")]
        )


def tell(*user_ids, **more):
    with transactions.transaction():
        raise_alert(alert=ACTIVATED, user_ids=user_ids, dsp_id=pki.DSP, device_id=HUB, at=AT, **more)


def told():
    return [
        (row, responses.read_response(envelope.read_response(parse(bytes(row.octets)))))
        for row in OutgoingMessage.objects.order_by("pk")
    ]


def test_an_alert_carries_the_dsps_own_id_and_keeps_its_place_among_the_devices_messages():
    tell(pki.SUPPLIER)
    ((row, reply),) = told()
    assert reply.message == ACTIVATED
    assert (reply.request_id, reply.response_id.originator, reply.response_id.target) == (
        None,
        pki.DSP,
        pki.SUPPLIER,
    )
    assert (row.user_id, row.device_id, row.code, row.is_signed) == (pki.SUPPLIER, HUB, "N64", False)


def test_no_two_alerts_have_the_same_number():
    tell(pki.SUPPLIER, pki.OTHER_SUPPLIER)
    tell(pki.SUPPLIER)
    numbers = [reply.response_id.counter for _, reply in told()]
    assert len(set(numbers)) == 3
    assert numbers == sorted(numbers)


def test_a_user_of_an_older_version_is_told_that_there_is_more_than_it_can_read():
    tell(pki.OTHER_SUPPLIER)
    ((_, reply),) = told()
    assert reply.message.code == DccAlertCode.N999
    assert reply.message.body.what.alert_code == "N64"


def test_a_user_is_told_once_and_a_request_is_named():
    request_id = RequestId(pki.SUPPLIER, pki.DSP, 7)
    tell(pki.SUPPLIER, pki.SUPPLIER, request_id=request_id)
    ((_, reply),) = told()
    assert reply.request_id == request_id


def test_nobody_to_tell_is_nothing_to_queue():
    tell()
    assert told() == []


def owe(*addressees, is_owed=True):
    """Alerts as a campaign raises them: rows."""
    return AlertRow.objects.bulk_create(
        AlertRow(
            code="N64",
            device_id=hub,
            user_id=user_id,
            party_id=1,
            campaign_id=1,
            firmware_version="0002012F",
            raised_at=AT,
            is_owed=is_owed,
        )
        for hub, user_id in addressees
    )


def test_alerts_that_are_owed_are_told_once_in_their_order_and_in_the_version_of_each_user():
    hubs = [Eui64(HUB.value + number) for number in range(3)]
    owe(*((hub, pki.SUPPLIER) for hub in hubs), (HUB, pki.OTHER_SUPPLIER))
    owe((HUB, pki.SUPPLIER), is_owed=False)
    assert alerts.tell_users(dsp_id=pki.DSP) == 4
    assert alerts.tell_users(dsp_id=pki.DSP) == 0
    rows = told()
    assert [row.device_id for row, _ in rows] == [*hubs, HUB]
    assert [reply.message.code for _, reply in rows] == ["N64", "N64", "N64", "N999"]
    assert rows[0][1].message == ACTIVATED
    assert {reply.at for _, reply in rows} == {AT}
    assert len({reply.response_id for _, reply in rows}) == 4
    assert {job["user_id"] for job in waiting_jobs("DELIVER")} == {str(pki.SUPPLIER), str(pki.OTHER_SUPPLIER)}
    assert not AlertRow.objects.filter(is_owed=True).exists()


def test_many_alerts_are_told_a_run_at_a_time_with_a_constant_number_of_statements():
    counts = []
    for many in (10, alerts.RUN):
        owe(*((Eui64(HUB.value + number), pki.SUPPLIER) for number in range(many)))
        with counting_statements() as seen:
            assert alerts.tell_users(dsp_id=pki.DSP) == many
        counts.append(len(seen))
        forget_jobs()
    assert counts[0] == counts[1]
