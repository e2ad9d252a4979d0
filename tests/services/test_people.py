from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest

from safelaunch.domain.people import Role
from safelaunch.domain.refusals import Invalid, Refused
from safelaunch.services import people
from safelaunch.services.people import BootstrapClosed, LinkRefused, NameTaken, NoSuchParty, NoSuchPerson
from safelaunch.store.models import Party, SignInLink
from safelaunch.store.reads.record import list_record

AT = datetime(2026, 12, 3, 21, 4, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("database")


def test_the_first_link_belongs_to_an_operator_and_closes_the_bootstrap_door():
    token = people.bootstrap(name="Ada Okafor", at=AT)
    with pytest.raises(BootstrapClosed, match="safelaunch user link"):
        people.bootstrap(name="Eve", at=AT)
    assert people.redeem(token=token, at=AT).role == Role.OPERATOR
    assert [person.name for person in people.list_people()] == ["Ada Okafor"]


def test_the_bootstrap_door_stays_shut_for_whoever_exists_by_other_means():
    people.create_person(name="Ada", role="governance", at=AT)
    with pytest.raises(BootstrapClosed):
        people.bootstrap(name="Eve", at=AT)


def test_two_who_bootstrap_at_once_make_one_operator():
    from django.db import connection

    start, outcomes = Barrier(2), []

    def bootstrap(name: str) -> None:
        start.wait()
        try:
            outcomes.append(people.bootstrap(name=name, at=AT))
        except Refused as refusal:
            outcomes.append(refusal)
        finally:
            connection.close()

    threads = [Thread(target=bootstrap, args=(name,)) for name in ("Ada", "Eve")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(people.list_people()) == 1
    assert sum(isinstance(outcome, BootstrapClosed) for outcome in outcomes) == 1


def test_a_link_opens_once():
    token = people.bootstrap(name="Ada", at=AT)
    people.redeem(token=token, at=AT)
    with pytest.raises(LinkRefused, match="used already"):
        people.redeem(token=token, at=AT)


def test_a_link_expires_at_its_hour():
    people.create_person(name="Ada", role="operator", at=AT)
    in_time = people.issue_link(name="Ada", at=AT, valid_for=timedelta(minutes=10))
    late = people.issue_link(name="Ada", at=AT, valid_for=timedelta(minutes=10))
    assert people.redeem(token=in_time, at=AT + timedelta(minutes=9, seconds=59)).name == "Ada"
    with pytest.raises(LinkRefused, match="expired"):
        people.redeem(token=late, at=AT + timedelta(minutes=10))


@pytest.mark.parametrize("token", ["", "x", "0" * 43, "\x00", "é" * 500])
def test_a_token_that_was_never_issued_is_refused_in_a_sentence(token):
    with pytest.raises(LinkRefused, match="not one of ours"):
        people.redeem(token=token, at=AT)


def test_the_token_itself_is_nowhere_in_the_database():
    token = people.bootstrap(name="Ada", at=AT)
    link = SignInLink.objects.get()
    assert len(bytes(link.token_digest)) == 32
    assert token.encode() not in bytes(link.token_digest)
    assert all(token not in str(entry) for entry in list_record())


def test_signing_in_is_on_the_record():
    people.redeem(token=people.bootstrap(name="Ada", at=AT), at=AT)
    assert [entry.act for entry in list_record()] == ["CREATE_PERSON", "ISSUE_LINK", "SIGN_IN"]


def test_a_suppliers_person_sees_the_homes_of_their_party_and_others_see_all():
    party = Party.objects.create(name="Beacon Energy", kind="SUPPLIER")
    cara = people.create_person(name="Cara", role="supplier", party_name="Beacon Energy", at=AT)
    ada = people.create_person(name="Ada", role="OPERATOR", at=AT)
    seen = people.viewer(person_id=cara.person_id)
    assert (seen.party_id, seen.actor.party_id, seen.actor.role) == (party.party_id,) * 2 + (Role.SUPPLIER,)
    assert people.viewer(person_id=ada.person_id).party_id is None
    assert people.viewer(person_id=999) is None


def test_people_who_make_no_sense_are_refused_in_sentences():
    with pytest.raises(Invalid, match="acts for a Party"):
        people.create_person(name="Cara", role="supplier", at=AT)
    with pytest.raises(Invalid, match="Only a supplier"):
        people.create_person(name="Ada", role="operator", party_name="Beacon Energy", at=AT)
    with pytest.raises(Invalid, match="one of operator, approver"):
        people.create_person(name="Ada", role="king", at=AT)
    with pytest.raises(NoSuchParty, match="Load an inventory"):
        people.create_person(name="Cara", role="supplier", party_name="Nobody", at=AT)
    for name in ("", "   ", "x" * 81, "a\x07b"):
        with pytest.raises(Invalid, match="1 to 80"):
            people.create_person(name=name, role="operator", at=AT)
    assert people.list_people() == []


def test_names_tell_people_apart():
    people.create_person(name="  Ada   Okafor ", role="operator", at=AT)
    with pytest.raises(NameTaken):
        people.create_person(name="Ada Okafor", role="approver", at=AT)


def test_a_link_needs_somebody_and_some_time():
    with pytest.raises(NoSuchPerson, match="safelaunch user create"):
        people.issue_link(name="Ada", at=AT)
    people.create_person(name="Ada", role="operator", at=AT)
    with pytest.raises(NoSuchPerson, match="There are Ada"):
        people.issue_link(name="ada", at=AT)
    with pytest.raises(Invalid, match="above zero"):
        people.issue_link(name="Ada", at=AT, valid_for=timedelta(0))


def test_a_sign_in_shows_in_the_list_of_people():
    people.redeem(token=people.bootstrap(name="Ada", at=AT), at=AT + timedelta(minutes=1))
    assert people.list_people()[0].signed_in_at == AT + timedelta(minutes=1)
