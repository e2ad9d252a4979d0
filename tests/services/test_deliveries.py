"""Deliveries over real HTTP: at least once, in order for each Device, the same octets at every try, parked and replayed."""

from datetime import UTC, datetime, timedelta

import pytest

from safelaunch.domain.deliveries import LONGEST_QUEUED, LONGEST_WAIT, MOST_REFUSALS
from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.people import Actor
from safelaunch.domain.smi import PartyKind
from safelaunch.gateways.delivery import HttpDelivery
from safelaunch.services import deliveries
from safelaunch.store import transactions
from safelaunch.store.models import OutgoingMessage, RecordEntry, UserReceiver
from safelaunch.store.reads import parties as party_reads
from safelaunch.store.writes import parties
from safelaunch.store.writes.deliveries import Outgoing
from safelaunch.wire.duis.opening import Trust, open_response
from tests import pki
from tests.estate_factory import waiting_jobs
from tests.receiver import closed_address, listening
from tests.unit.wire.duis.messages import RESPONSE, signed

ACTOR = Actor(name="Ada")
USER, OTHER_USER = pki.SUPPLIER, pki.OTHER_SUPPLIER
DEVICE, OTHER_DEVICE = (Eui64.parse(f"00-DB-12-34-56-78-90-A{digit}") for digit in "01")
NOW = datetime.now(UTC)


@pytest.fixture(autouse=True)
def users(database):
    with transactions.transaction():
        parties.add(kinds={"Alder": PartyKind.SUPPLIER, "Birch": PartyKind.SUPPLIER})
        parties.put_users(
            users=[
                ("Alder", USER, "IS", "5.4"),
                ("Alder", USER, "GS", "5.4"),
                ("Birch", OTHER_USER, "IS", "5.1"),
            ]
        )


@pytest.fixture
def receiver():
    with listening() as one:
        receive_at(one.address)
        yield one


@pytest.fixture
def way():
    with HttpDelivery(timeout=5) as delivery:
        yield delivery


def receive_at(address, user_id=USER):
    deliveries.set_receiver(user_id=user_id, address=address, actor=ACTOR, at=NOW)


def message(number, *, device_id=None, user_id=USER):
    """A response with a time of its own, so that each can be told from the others."""
    octets = RESPONSE.replace(b"10:00:00.250Z", b"10:00:%02d.250Z" % number)
    return Outgoing(user_id=user_id, octets=octets, code="I0", device_id=device_id)


def queue(*messages):
    with transactions.transaction():
        deliveries.queue(messages=messages)


def send(way, *, at=NOW, user_id=USER):
    """Run the job until nothing more goes, as the worker does."""
    total = 0
    while count := deliveries.deliver(user_id=user_id, delivery=way, signer=pki.dsp().signer, at=at):
        total += count
    return total


def numbers(receiver):
    """The seconds of the messages, in the order in which they came."""
    return [int(body.partition(b"T10:00:")[2][:2]) for body in receiver.bodies]


def states():
    return list(OutgoingMessage.objects.order_by("pk").values_list("state", flat=True))


def test_a_message_arrives_signed_by_the_dsp_as_xml(receiver, way):
    queue(message(1))
    assert send(way) == 1
    (body,) = receiver.bodies
    opened = open_response(body, trust=Trust(pki.trusted().find), at=pki.DURING)
    assert opened.certificate == pki.dsp().certificate
    assert receiver.content_types == ["application/xml"]
    assert states() == ["DELIVERED"]


def test_what_was_signed_before_goes_as_it_is(receiver, way):
    octets = signed(RESPONSE, by=pki.dsp())
    queue(Outgoing(user_id=USER, octets=octets, code="I0", is_signed=True))
    send(way)
    assert receiver.bodies == [octets]


def test_messages_of_one_device_arrive_in_the_order_in_which_they_were_queued(receiver, way):
    queue(*(message(number, device_id=DEVICE) for number in range(12)))
    assert send(way) == 12
    assert numbers(receiver) == list(range(12))


def test_a_device_whose_message_is_refused_waits_and_other_devices_do_not(receiver, way):
    receiver.answer = lambda body: 400 if b"10:00:01" in body else 204
    queue(message(1, device_id=DEVICE), message(2, device_id=DEVICE), message(3, device_id=OTHER_DEVICE))
    queue(message(4))
    send(way)
    assert sorted(numbers(receiver)) == [1, 3, 4]
    receiver.always(204)
    send(way, at=NOW + LONGEST_WAIT)
    assert numbers(receiver)[3:] == [1, 2]
    assert set(states()) == {"DELIVERED"}


def test_a_message_that_is_refused_again_and_again_is_parked_and_lets_the_others_pass(receiver, way):
    receiver.answer = lambda body: 400 if b"10:00:01" in body else 204
    queue(message(1, device_id=DEVICE), message(2, device_id=DEVICE))
    for turn in range(MOST_REFUSALS):
        assert states() == ["QUEUED", "QUEUED"]
        send(way, at=NOW + turn * LONGEST_WAIT)
    assert numbers(receiver) == [1] * MOST_REFUSALS + [2]
    assert states() == ["PARKED", "DELIVERED"]
    (parked,) = deliveries.list_parked()
    assert "HTTP 400" in parked.last_problem


def test_every_try_has_the_same_octets(receiver, way):
    receiver.always(503)
    queue(message(1))
    for turn in range(3):
        send(way, at=NOW + turn * LONGEST_WAIT)
    assert len(receiver.bodies) == 3
    assert len(set(receiver.bodies)) == 1


def test_who_dies_between_sending_and_noting_sends_the_same_octets_again(receiver):
    class DiesAfterwards(HttpDelivery):
        def push(self, *, address, octets):
            super().push(address=address, octets=octets)
            raise KeyboardInterrupt

    queue(message(1))
    with DiesAfterwards() as dying, pytest.raises(KeyboardInterrupt):
        send(dying)
    assert states() == ["QUEUED"]
    with HttpDelivery() as way:
        send(way)
    first, second = receiver.bodies
    assert first == second
    assert states() == ["DELIVERED"]


def test_a_receiver_that_is_away_is_left_alone_for_longer_and_longer(way):
    receive_at(closed_address())
    queue(message(1), message(2))
    waits, at = [], NOW
    for failures in range(1, 14):
        assert send(way, at=at) == 0
        standing = UserReceiver.objects.get()
        assert standing.failures == failures
        waits.append(standing.next_try_at - at)
        at = standing.next_try_at
    assert timedelta(seconds=1) <= waits[0] <= timedelta(seconds=2)
    assert LONGEST_WAIT / 2 <= waits[-1] <= LONGEST_WAIT
    assert "does not answer" in standing.last_problem


def test_a_receiver_that_is_away_is_not_asked_before_its_time(receiver, way):
    receiver.always(503)
    queue(message(1))
    send(way)
    for _ in range(5):
        queue(message(2))
        send(way)
    assert len(receiver.bodies) == 1


def test_when_the_receiver_is_back_everything_follows_in_order(receiver, way):
    receiver.always(503)
    queue(*(message(number, device_id=DEVICE) for number in range(5)))
    send(way)
    receiver.always(204)
    send(way, at=NOW + LONGEST_WAIT)
    assert numbers(receiver) == [0, 0, 1, 2, 3, 4]
    standing = UserReceiver.objects.get()
    assert (standing.failures, standing.next_try_at, standing.last_problem) == (0, None, None)


def test_what_nobody_took_for_three_days_is_parked_and_can_be_replayed(way):
    receive_at(closed_address())
    queue(message(1), message(2))
    # Queued by the database's clock, long after this module was read.
    send(way, at=datetime.now(UTC) + LONGEST_QUEUED + timedelta(minutes=1))
    assert states() == ["PARKED", "PARKED"]
    with listening() as back:
        receive_at(back.address)
        assert deliveries.replay(user_id=USER, actor=ACTOR, at=NOW) == 2
        assert send(way) == 2
        assert numbers(back) == [1, 2]
    assert RecordEntry.objects.get(act="REPLAY_DELIVERY").detail["messages"] == 2


def test_one_parked_message_can_be_replayed_alone(receiver, way):
    receiver.always(400)
    queue(message(1), message(2))
    for turn in range(MOST_REFUSALS):
        send(way, at=NOW + turn * LONGEST_WAIT)
    first, second = OutgoingMessage.objects.order_by("pk")
    receiver.always(204)
    deliveries.replay(user_id=USER, outgoing_message_id=second.pk, actor=ACTOR, at=NOW)
    send(way)
    assert states() == ["PARKED", "DELIVERED"]
    with pytest.raises(deliveries.NothingParked):
        deliveries.replay(user_id=USER, outgoing_message_id=second.pk, actor=ACTOR, at=NOW)
    with pytest.raises(deliveries.NothingParked):
        deliveries.replay(user_id=OTHER_USER, outgoing_message_id=first.pk, actor=ACTOR, at=NOW)


def test_messages_wait_for_a_user_without_an_address_and_go_when_it_has_one(way):
    queue(message(1))
    assert send(way) == 0
    with listening() as new:
        receive_at(new.address)
        assert send(way) == 1
        assert numbers(new) == [1]


def test_one_job_sends_all_that_waits_and_makes_way_for_others_after_its_share(receiver, way):
    queue(*(message(number % 60, device_id=DEVICE) for number in range(3)), message(9))
    first = deliveries.deliver(user_id=USER, delivery=way, signer=pki.dsp().signer, at=NOW)
    assert (first, len(receiver.bodies)) == (4, 4)
    count = deliveries.RUN + deliveries.NOTED_TOGETHER
    queue(*(message(number % 60) for number in range(count)))
    assert deliveries.deliver(user_id=USER, delivery=way, signer=pki.dsp().signer, at=NOW) == deliveries.RUN
    assert send(way) == count - deliveries.RUN


def test_users_do_not_wait_for_each_other(receiver, way):
    receive_at(closed_address(), OTHER_USER)
    queue(message(1, user_id=OTHER_USER), message(2))
    assert send(way, user_id=OTHER_USER) == 0
    assert send(way) == 1


def test_what_is_queued_and_rolled_back_is_never_sent(receiver, way):
    def queue_and_fail():
        with transactions.transaction():
            deliveries.queue(messages=[message(1)])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        queue_and_fail()
    assert send(way) == 0
    assert receiver.bodies == []


def test_one_job_waits_for_each_user_however_much_is_queued(receiver):
    queue(message(1), message(2), message(3, user_id=OTHER_USER))
    queue(message(4))
    assert [job["user_id"] for job in waiting_jobs("DELIVER")] == [str(USER), str(OTHER_USER)]


def test_a_try_that_waits_for_later_does_not_hold_up_what_is_queued_now(receiver, way):
    receiver.always(400)
    queue(message(1))
    deliveries.deliver(user_id=USER, delivery=way, signer=pki.dsp().signer, at=NOW)
    (later,) = waiting_jobs("WAKE")
    assert (later["its_key"], later["its_arguments"]) == (f"deliver-{USER}", {"user_id": str(USER)})
    assert waiting_jobs("DELIVER") == [{"job": "DELIVER", "user_id": str(USER)}]


def test_the_version_is_that_of_the_user_id_in_all_its_roles():
    deliveries.set_receiver(user_id=USER, duis_version="5.1", actor=ACTOR, at=NOW)
    user = party_reads.find_user(user_id=USER)
    assert (user.duis_version, {role.value for role in user.roles}) == ("5.1", {"IS", "GS"})
    assert UserReceiver.objects.count() == 0


@pytest.mark.parametrize(
    "address",
    [
        "ftp://127.0.0.1/x",
        "127.0.0.1:1880/smartdcc/duis",
        "http://",
        "http://[",
        "http://a b/",
        "http://x:0/",
    ],
)
def test_what_is_no_address_is_refused(address):
    with pytest.raises(deliveries.NotAnAddress, match="is not an address"):
        receive_at(address)


def test_a_strange_version_or_user_is_refused():
    with pytest.raises(deliveries.Invalid, match="is not spoken here"):
        deliveries.set_receiver(user_id=USER, duis_version="4.0", actor=ACTOR, at=NOW)
    with pytest.raises(deliveries.NoSuchUser):
        receive_at("http://127.0.0.1/x", Eui64(5))


def test_an_address_can_be_forgotten(receiver, way):
    deliveries.set_receiver(user_id=USER, address="", actor=ACTOR, at=NOW)
    queue(message(1))
    assert send(way) == 0
    assert receiver.bodies == []


def test_receivers_are_listed_with_what_waits_for_them(receiver, way):
    queue(message(1), message(2))
    alder, birch = deliveries.list_receivers()
    assert (alder.party_name, alder.address, alder.queued, alder.parked) == ("Alder", receiver.address, 2, 0)
    assert (birch.address, birch.duis_version, birch.queued) == (None, "5.1", 0)
    assert alder.oldest_queued_at is not None
