"""Through PostgreSQL: no sequence of registrations lets a Party see or do what the rule does not allow."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safelaunch.domain import admission
from safelaunch.domain.people import Actor
from safelaunch.domain.registrations import SINCE_EVER
from safelaunch.domain.responsibility import (
    Access,
    Registration,
    Standing,
    check,
    may,
    may_see_happening,
    standing_of,
)
from safelaunch.domain.smi import UserRole
from safelaunch.services import explanations, handovers, registrations
from safelaunch.store import models, transactions
from safelaunch.store.reads import service_requests
from safelaunch.store.writes import estates
from tests import estate_factory as factory
from tests.services import suspension_scene as scene

START = datetime(2026, 11, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)
IS, GS = UserRole.IS, UserRole.GS
MPXN = {IS: "1012345678901", GS: "4321"}
FIRST = {IS: "Alder", GS: "Birch"}
SUPPLIERS = ("Alder", "Birch", "Cedar")
LAST = 30

stated = st.dictionaries(
    st.tuples(st.sampled_from([IS, GS]), st.integers(1, LAST)),
    st.sampled_from([*SUPPLIERS, ""]),
    max_size=6,
)


@pytest.fixture
def numbers(database):
    """One home of Alder's electricity and Birch's gas, on which a network reports every hour; gives Parties' numbers."""
    scene.build()
    models.Party.objects.create(name="Cedar", kind="SUPPLIER")
    for role, device_id in ((IS, scene.ESME), (GS, scene.GSME)):
        models.Device.objects.filter(device_id=device_id).update(mpxn=MPXN[role])
    models.CspEvent.objects.bulk_create(
        models.CspEvent(
            network="NORTH",
            number=hour,
            device_id=scene.HUB,
            happened_at=START + hour * HOUR,
            received_at=START,
            kind="VERSION_READ",
            effect="NOTED",
        )
        for hour in range(LAST + 2)
    )
    return dict(models.Party.objects.values_list("name", "party_id"))


def begin_anew(numbers):
    models.Registration.objects.all().delete()
    models.Device.objects.filter(hub_device_id=scene.HUB).exclude(device_id=scene.GSME).update(
        party_id=numbers["Alder"]
    )
    models.Device.objects.filter(device_id=scene.GSME).update(party_id=numbers["Birch"])
    models.CommunicationsHub.objects.update(import_party_id=numbers["Alder"], gas_party_id=numbers["Birch"])
    with transactions.transaction():
        estates.count_portfolio()


def as_the_rule_has_them(rows, numbers):
    """The registrations that the rows amount to, written down without the house's help."""
    found = []
    for role, mpxn in MPXN.items():
        told = sorted((START + hour * HOUR, name) for (of, hour), name in rows.items() if of is role)
        told = [(SINCE_EVER, FIRST[role]), *told, (None, "")]
        found += [
            Registration(mpxn, role, numbers[name], begins, ends)
            for (begins, name), (ends, _) in pairwise(told)
            if name
        ]
    return check(found)


def what_is_seen(party_id, *, at):
    """Whether a Party sees the home as its own, as a former one, or not at all; and which hours it sees as a former one."""
    try:
        home = explanations.explain_home(device_id=scene.HUB, viewer_party_id=party_id, at=at)
    except explanations.NoSuchHub:
        return None, []
    return home.is_former, sorted(one.happened_at for one in home.happenings)


def may_send(device_id, party_id, *, roles):
    target = service_requests.find_target(device_id=device_id).as_target()
    return admission.is_responsible(target, party_id=party_id, roles=roles)


def hold_against_the_rule(held, party_id, *, at):
    standing = standing_of(held, party_id=party_id, at=at)
    is_former, hours = what_is_seen(party_id, at=at)
    expected = {Standing.RESPONSIBLE: False, Standing.FORMER: True}.get(standing)
    assert is_former is expected, (party_id, standing, at)
    if is_former:
        every = (START + hour * HOUR for hour in range(LAST + 2))
        assert hours == [
            one for one in every if may_see_happening(held, party_id=party_id, happened_at=one, at=at)
        ]
    for role, device_id in ((IS, scene.ESME), (GS, scene.GSME)):
        of_meter = [one for one in held if one.role is role]
        allowed = may(of_meter, party_id=party_id, access=Access.SEND, at=at).is_allowed
        assert may_send(device_id, party_id, roles=frozenset({role})) is allowed
    allowed = may(held, party_id=party_id, access=Access.SEND, at=at).is_allowed
    assert may_send(scene.HUB, party_id, roles=frozenset({IS, GS})) is allowed


def test_no_sequence_of_registrations_shows_or_allows_what_the_rule_does_not(numbers, tmp_path):
    @settings(max_examples=10, deadline=None)
    @given(rows=stated, asked=st.lists(st.integers(0, LAST + 1), min_size=1, max_size=3))
    def follow(rows, asked):
        begin_anew(numbers)
        path = tmp_path / "registrations.csv"
        lines = [
            f"{MPXN[role]},{role},{name},{START + hour * HOUR:%Y-%m-%dT%H:%M:%SZ}"
            for (role, hour), name in rows.items()
        ]
        path.write_text("\n".join(["mpxn,role,party,starts_at", *lines]), encoding="utf-8")
        registrations.import_registrations(path=path, actor=Actor(name="Ada"), at=START)
        held = as_the_rule_has_them(rows, numbers)
        for hour in sorted(asked):
            at = START + hour * HOUR
            while handovers.take_effect(at=at):
                pass
            for name in SUPPLIERS:
                hold_against_the_rule(held, numbers[name], at=at)
        assert factory.portfolio() == factory.recount_portfolio()

    follow()
