"""What CSPs report: at least once on the wire, exactly once in effect, in any order, never dropped."""

import threading
from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from safelaunch.domain.hub_upgrades import EventKind
from safelaunch.domain.people import Actor
from safelaunch.domain.refusals import Invalid
from safelaunch.domain.smi import Network
from safelaunch.services import deliveries, events
from safelaunch.store import transactions
from safelaunch.store.models import (
    AlertCount,
    CommunicationsHub,
    CspBatch,
    CspEvent,
    DccAlert,
    HubUpgrade,
    PartyUser,
    SuspensionEpisode,
)
from safelaunch.store.reads import campaigns as reads
from safelaunch.store.writes import estates
from safelaunch.wire import csp
from tests import estate_factory as factory
from tests.estate_factory import Reporter, evening

pytestmark = pytest.mark.usefixtures("database")
AT = evening(1)


@pytest.fixture
def sent(database):
    """A campaign of which 60 or so hubs are instructed; gives it and their Device IDs."""
    factory.load_estate()
    campaign = factory.rolling_out()
    factory.set_capacity(20)
    gateway = factory.send_night(campaign, 0)
    return campaign, gateway.hubs


def state_of(device_id):
    return HubUpgrade.objects.get(device_id=device_id).state


def test_an_activation_moves_the_hub_its_inventory_and_its_roll_ups(sent):
    campaign, hubs = sent
    target_of = {
        target.from_model_id: target.to_model_id
        for target in reads.list_targets(campaign_id=campaign.campaign_id)
    }
    before = CommunicationsHub.objects.in_bulk(hubs)
    receipt = Reporter().report(hubs, EventKind.ACTIVATED, at=AT)
    assert (receipt.new, receipt.applied, receipt.kept) == (len(hubs), len(hubs), {})
    for device_id, hub in CommunicationsHub.objects.in_bulk(hubs).items():
        assert hub.device_model_id == target_of[before[device_id].device_model_id]
        assert HubUpgrade.objects.get(device_id=device_id).activated_at == AT
    assert factory.portfolio() == factory.recount_portfolio()
    assert factory.roll_ups() == factory.recounted_roll_ups()


def test_a_hub_whose_old_firmware_left_the_cpl_in_flight_is_back_with_the_new(sent):
    _, hubs = sent
    CommunicationsHub.objects.filter(device_id__in=hubs).update(
        smi_status="SUSPENDED", status_before="COMMISSIONED"
    )
    with transactions.transaction():
        estates.count_portfolio()
    Reporter().report(hubs, EventKind.ACTIVATED, at=AT)
    Reporter().report(hubs, EventKind.ACTIVATED, at=AT)
    back = CommunicationsHub.objects.in_bulk(hubs).values()
    assert {(hub.smi_status, hub.status_before, hub.suspension_id) for hub in back} == {
        ("COMMISSIONED", None, None)
    }
    assert SuspensionEpisode.objects.filter(ended_because="NEW_FIRMWARE").count() == len(hubs)
    told = list(DccAlert.objects.filter(code="N29").values_list("device_id", "user_id"))
    assert len(told) == len(set(told))
    assert {str(device_id) for device_id, _ in told} == set(map(str, hubs))
    assert factory.portfolio() == factory.recount_portfolio()


def test_each_responsible_user_id_is_told_once_and_one_that_supplies_both_fuels_once(sent):
    _, hubs = sent
    Reporter().report(hubs, EventKind.ACTIVATED, at=AT)
    users = {
        (user.party_id, user.role): user.user_id for user in PartyUser.objects.filter(role__in=["IS", "GS"])
    }
    expected = set()
    per_party: dict[int, int] = {}
    for hub in CommunicationsHub.objects.in_bulk(hubs).values():
        told = {
            (hub.device_id, users[party, role], party)
            for party, role in ((hub.import_party_id, "IS"), (hub.gas_party_id, "GS"))
            if (party, role) in users
        }
        expected |= told
        for _, _, party in told:
            per_party[party] = per_party.get(party, 0) + 1
    alerts = list(DccAlert.objects.values_list("device_id", "user_id", "party_id"))
    assert len(alerts) == len(set(alerts))
    assert set(alerts) == expected
    counted = Counter()
    for party_id, count in AlertCount.objects.values_list("party_id", "alert_count"):
        counted[party_id] += count
    assert counted == per_party
    assert len({user for _, user, _ in alerts}) > len({party for _, _, party in alerts})


def test_only_users_with_an_address_are_owed_the_message_itself(sent):
    _, hubs = sent
    Reporter().report(hubs[:2], EventKind.ACTIVATED, at=AT)
    assert factory.waiting_jobs("TELL_USERS") == []
    user_id = CommunicationsHub.objects.get(device_id=hubs[2]).import_party_id
    user_id = PartyUser.objects.get(party_id=user_id, role="IS").user_id
    deliveries.set_receiver(user_id=user_id, address="http://127.0.0.1:9/", actor=Actor(name="Ada"), at=AT)
    reporter = Reporter(number=len(hubs), batch=1)
    reporter.report(hubs[2:], EventKind.ACTIVATED, at=AT)
    assert {user for (user,) in DccAlert.objects.filter(is_owed=True).values_list("user_id")} == {user_id}
    mine = DccAlert.objects.filter(user_id=user_id)
    assert mine.filter(is_owed=False).count() == mine.filter(device_id__in=hubs[:2]).count()
    assert len(factory.waiting_jobs("TELL_USERS")) == 1


def test_a_batch_that_is_sent_again_changes_nothing(sent):
    _, hubs = sent
    reporter = Reporter()
    batch = csp.EventBatch(
        network=Network.NORTH,
        batch=1,
        events=[reporter.event(hub, EventKind.ACTIVATED, at=AT) for hub in hubs],
    )
    factory.deliver(batch, at=AT)
    alerts = DccAlert.objects.count()
    again = factory.deliver(batch, at=AT + timedelta(hours=1))
    assert (again.new, again.applied, again.kept) == (0, 0, {})
    assert (CspBatch.objects.count(), CspEvent.objects.count()) == (1, len(hubs))
    assert DccAlert.objects.count() == alerts


def test_a_batch_cut_otherwise_and_sent_again_adds_only_what_is_new(sent):
    _, hubs = sent
    reporter = Reporter()
    all_events = [reporter.event(hub, EventKind.DELIVERED, at=AT) for hub in hubs[:6]]
    reporter.send(all_events[:4], at=AT)
    receipt = reporter.send(all_events[2:], at=AT)
    assert (receipt.new, receipt.applied) == (2, 2)
    assert CspEvent.objects.count() == 6


def test_a_batch_number_used_again_for_other_events_loses_none_of_them(sent):
    _, hubs = sent
    reporter = Reporter()
    for hub in hubs[:2]:
        batch = csp.EventBatch(
            network=Network.NORTH, batch=7, events=[reporter.event(hub, EventKind.ACTIVATED, at=AT)]
        )
        assert factory.deliver(batch, at=AT).applied == 1
    assert [state_of(hub) for hub in hubs[:2]] == ["ACTIVATED", "ACTIVATED"]


def test_networks_number_their_events_apart(sent):
    _, hubs = sent
    for network, hub in zip((Network.NORTH, Network.SOUTH), hubs, strict=False):
        assert Reporter(network=network).report([hub], EventKind.ACTIVATED, at=AT).applied == 1


def test_what_cannot_be_applied_is_kept_with_its_reason(sent):
    campaign, hubs = sent
    untouched = next(
        hub.device_id for hub in factory.eligible_hubs(campaign) if str(hub.device_id) not in hubs
    )
    reporter = Reporter()
    receipt = reporter.send(
        [
            reporter.event("00-00-00-00-00-00-00-01", EventKind.ACTIVATED, at=AT),
            reporter.event(untouched, EventKind.ACTIVATED, at=AT),
            reporter.event(hubs[0], EventKind.ACTIVATED, at=AT, campaign="C9"),
            reporter.event(hubs[1], EventKind.DELIVERED, at=AT, attempt=2),
            reporter.event(hubs[2], EventKind.SILENT, at=AT, campaign=None, attempt=None),
            reporter.event(hubs[3], EventKind.ACTIVATED, at=AT),
        ],
        at=AT,
    )
    assert (receipt.new, receipt.applied) == (6, 1)
    assert receipt.kept == {"UNKNOWN_HUB": 1, "NOT_INSTRUCTED": 2, "LATE": 1}
    assert list(CspEvent.objects.order_by("number").values_list("effect", flat=True)) == [
        "UNKNOWN_HUB",
        "NOT_INSTRUCTED",
        "NOT_INSTRUCTED",
        "LATE",
        "NOTED",
        "APPLIED",
    ]
    assert [state_of(hub) for hub in hubs[:4]] == ["INSTRUCTED"] * 3 + ["ACTIVATED"]


def make_unknown(campaign, hubs):
    from safelaunch.services import follow_up

    follow_up.chase(campaign_id=campaign.campaign_id, at=evening(4))
    assert {state_of(hub) for hub in hubs} == {"UNKNOWN"}


def test_a_read_back_proves_success_or_failure_whatever_was_lost(sent):
    campaign, hubs = sent
    make_unknown(campaign, hubs)
    reporter = Reporter()
    version = campaign.firmware_version
    reporter.send(
        [
            reporter.event(hubs[0], EventKind.VERSION_READ, at=AT, attempt=None, firmware_version=version),
            reporter.event(hubs[1], EventKind.VERSION_READ, at=AT, attempt=None, firmware_version="00010000"),
        ],
        at=AT,
    )
    assert [state_of(hub) for hub in hubs[:2]] == ["ACTIVATED", "FAILED"]
    assert factory.portfolio() == factory.recount_portfolio()


def test_a_read_back_that_tells_no_version_proves_nothing(sent):
    campaign, hubs = sent
    make_unknown(campaign, hubs)
    reporter = Reporter()
    reporter.send([reporter.event(hubs[0], EventKind.VERSION_READ, at=AT, attempt=None)], at=AT)
    assert state_of(hubs[0]) == "UNKNOWN"
    assert CspEvent.objects.get().effect == "NOTED"


def test_a_batch_with_a_malformed_device_id_is_taken_in_not_at_all(sent):
    _, hubs = sent
    reporter = Reporter()
    with pytest.raises(Invalid):
        reporter.send(
            [reporter.event(hub, EventKind.ACTIVATED, at=AT) for hub in (hubs[0], "no-such-form")], at=AT
        )
    assert (CspBatch.objects.count(), CspEvent.objects.count(), state_of(hubs[0])) == (0, 0, "INSTRUCTED")


def test_a_batch_larger_than_the_protocol_allows_is_refused(sent):
    _, hubs = sent
    reporter = Reporter()
    too_many = [reporter.event(hubs[0], EventKind.HEARD, at=AT) for _ in range(csp.MAX_EVENTS + 1)]
    with pytest.raises(events.TooManyEvents, match="10,001 events; at most 10,000"):
        reporter.send(too_many, at=AT)
    assert CspEvent.objects.count() == 0


def test_a_batch_takes_the_same_statements_whatever_its_size(sent):
    _, hubs = sent
    reporter = Reporter()

    def statements(device_ids):
        with factory.counting_statements() as statements_run:
            reporter.report(device_ids, EventKind.ACTIVATED, at=AT)
        return len(statements_run)

    assert statements(hubs[:1]) == statements(hubs[1:])


def test_batches_taken_in_at_once_neither_deadlock_nor_count_twice(sent):
    """Three networks report of the same hubs in opposite orders, as after a mix-up of theirs."""
    _, hubs = sent
    failures: list[BaseException] = []
    start = threading.Barrier(3)

    def report(network, device_ids):
        try:
            reporter = Reporter(network=network)
            start.wait(timeout=10)
            for kind in (EventKind.DELIVERED, EventKind.ACTIVATED):
                reporter.report(device_ids, kind, at=AT)
        except BaseException as error:  # noqa: BLE001 - a thread hands its failure to the test
            failures.append(error)
        finally:
            connection.close()

    orders = (hubs, hubs[::-1], hubs[1::2] + hubs[::2])
    threads = [threading.Thread(target=report, args=each) for each in zip(Network, orders, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert failures == []
    assert CspEvent.objects.filter(state="ACTIVATED").count() == len(hubs)
    assert factory.roll_ups() == factory.recounted_roll_ups()
    assert factory.portfolio() == factory.recount_portfolio()


KINDS = [
    EventKind.DELIVERED,
    EventKind.ACTIVATED,
    EventKind.ACTIVATION_FAILED,
    EventKind.NOT_REACHED,
    EventKind.RECALLED,
    EventKind.SILENT,
]


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_after_any_history_the_roll_ups_equal_a_recount_and_the_ledger_leads_to_the_state(sent, data):
    campaign, hubs = sent
    first = (CspEvent.objects.order_by("-number").values_list("number", flat=True).first() or 0) + 1
    history = data.draw(
        st.lists(
            st.tuples(st.sampled_from(hubs[:6]), st.sampled_from(KINDS), st.integers(1, 2)),
            min_size=1,
            max_size=25,
        )
    )
    reporter = Reporter(number=first, batch=first)
    said = [reporter.event(hub, kind, at=AT, attempt=attempt) for hub, kind, attempt in history]
    cut = data.draw(st.integers(0, len(said)))
    again = data.draw(st.lists(st.sampled_from(said), max_size=5))
    for part in (said[:cut], said[cut:], again):
        reporter.send(part, at=AT)
    assert factory.roll_ups() == factory.recounted_roll_ups()
    assert factory.portfolio() == factory.recount_portfolio()
    for hub in hubs[:6]:
        moves = CspEvent.objects.filter(device_id=hub, effect="APPLIED", campaign_id=campaign.campaign_id)
        last = moves.order_by("number").last()
        assert state_of(hub) == (last.state if last else "INSTRUCTED")
