"""Who may do what, before, at and after a Change of Supplier; and who decides when two are responsible."""

from datetime import UTC, date, datetime, timedelta

import pytest

from safelaunch.domain.refusals import Invalid
from safelaunch.domain.responsibility import (
    Access,
    Deferral,
    Nomination,
    NotResponsible,
    Overlapping,
    Registration,
    Standing,
    activation_receivers,
    check,
    may,
    may_see_happening,
    remaining_window,
    require,
    responsible,
    responsible_suppliers,
    settle,
    standing_of,
)
from safelaunch.domain.smi import UserRole

SWITCH = datetime(2026, 11, 10, tzinfo=UTC)
BEFORE, AFTER = SWITCH - timedelta(seconds=1), SWITCH + timedelta(days=1)
LONG_AGO = datetime(2024, 1, 1, tzinfo=UTC)
IS, GS = UserRole.IS, UserRole.GS
LOSER, GAINER, GAS, STRANGER = 1, 2, 3, 4
ESME, GSME = "1012345678901", "1234567890"

HOME = (
    Registration(ESME, IS, LOSER, LONG_AGO, SWITCH),
    Registration(ESME, IS, GAINER, SWITCH),
    Registration(GSME, GS, GAS, LONG_AGO),
)


def test_the_instant_of_change_belongs_to_the_gaining_supplier():
    assert responsible(HOME, role=IS, at=BEFORE) == LOSER
    assert responsible(HOME, role=IS, at=SWITCH) == GAINER
    assert responsible(HOME, role=GS, at=SWITCH) == GAS
    assert responsible(HOME, role=IS, at=LONG_AGO - timedelta(days=1)) is None
    assert responsible(HOME, role=UserRole.ED, at=AFTER) is None


def test_a_hub_has_the_suppliers_of_its_meters():
    assert responsible_suppliers(HOME, at=BEFORE) == {LOSER, GAS}
    assert responsible_suppliers(HOME, at=AFTER) == {GAINER, GAS}
    network = Registration(ESME, UserRole.ED, 9, LONG_AGO)
    assert responsible_suppliers((*HOME, network), at=AFTER) == {GAINER, GAS}


@pytest.mark.parametrize("access", Access)
@pytest.mark.parametrize(
    ("party", "before", "after"),
    [
        (LOSER, Standing.RESPONSIBLE, Standing.FORMER),
        (GAINER, Standing.GAINING, Standing.RESPONSIBLE),
        (GAS, Standing.RESPONSIBLE, Standing.RESPONSIBLE),
        (STRANGER, Standing.STRANGER, Standing.STRANGER),
    ],
)
def test_what_a_party_may_goes_by_how_it_stands_when_it_is_carried_out(access, party, before, after):
    for at, standing in ((BEFORE, before), (AFTER, after)):
        permission = may(HOME, party_id=party, access=access, at=at)
        assert (permission.standing, permission.is_allowed) == (standing, standing is Standing.RESPONSIBLE)


def test_a_refusal_says_how_the_party_stands():
    require(HOME, party_id=LOSER, access=Access.NOMINATE, at=BEFORE)
    with pytest.raises(NotResponsible, match="Nominate: Its responsibility has ended"):
        require(HOME, party_id=LOSER, access=Access.NOMINATE, at=SWITCH)
    with pytest.raises(NotResponsible, match="becomes responsible later"):
        require(HOME, party_id=GAINER, access=Access.SEND, at=BEFORE)


def test_a_former_supplier_sees_its_own_time_and_no_more():
    sees = [may_see_happening(HOME, party_id=LOSER, happened_at=when, at=AFTER) for when in (BEFORE, SWITCH)]
    assert sees == [True, False]
    assert not may_see_happening(HOME, party_id=GAINER, happened_at=BEFORE, at=BEFORE)
    assert may_see_happening(HOME, party_id=GAINER, happened_at=BEFORE, at=SWITCH)
    assert not may_see_happening(HOME, party_id=GAINER, happened_at=AFTER, at=SWITCH)


def test_one_who_comes_back_is_responsible_again():
    back = AFTER + timedelta(days=30)
    home = check(
        (*HOME[:1], Registration(ESME, IS, GAINER, SWITCH, back), Registration(ESME, IS, LOSER, back))
    )
    assert standing_of(home, party_id=LOSER, at=AFTER) is Standing.FORMER
    assert standing_of(home, party_id=LOSER, at=back) is Standing.RESPONSIBLE


def test_two_parties_are_never_registered_at_once():
    with pytest.raises(Overlapping, match="two Parties as IS"):
        check((Registration(ESME, IS, LOSER, LONG_AGO), Registration(ESME, IS, GAINER, SWITCH)))
    with pytest.raises(Invalid, match="ends before it starts"):
        check((Registration(ESME, IS, LOSER, SWITCH, LONG_AGO),))
    # Electricity and gas, and two supply points, are apart.
    check((Registration(ESME, IS, LOSER, LONG_AGO), Registration(GSME, GS, GAINER, LONG_AGO)))
    check((Registration(ESME, IS, LOSER, LONG_AGO), Registration("1099999999999", IS, GAINER, LONG_AGO)))


def test_the_gaining_supplier_has_what_remains_of_the_window():
    assert remaining_window(deploy_by=AFTER, at=SWITCH) == timedelta(days=1)
    assert remaining_window(deploy_by=SWITCH, at=AFTER) == timedelta()


def test_an_activation_is_told_to_the_responsible_and_the_nominating():
    now = responsible_suppliers(HOME, at=AFTER)
    assert activation_receivers(responsible_now=now, nominated_by=LOSER) == {LOSER, GAINER, GAS}
    assert activation_receivers(responsible_now=now, nominated_by=None) == {GAINER, GAS}


EARLY, LATE, PLANNED, DEADLINE = date(2026, 12, 1), date(2026, 12, 5), date(2026, 12, 9), date(2026, 12, 24)
PAST = date(2027, 1, 5)


@pytest.mark.parametrize(
    ("name", "nominations", "deferrals", "night", "lapsed"),
    [
        ("nobody asks", [], [], PLANNED, set()),
        ("either may nominate", [Nomination(GAS, EARLY)], [], EARLY, set()),
        ("the later of two holds", [Nomination(GAS, EARLY), Nomination(GAINER, LATE)], [], LATE, set()),
        ("a later one past the deadline does not", [Nomination(GAS, EARLY), Nomination(GAINER, PAST)], [], EARLY, set()),
        ("none in time", [Nomination(GAS, PAST)], [], PLANNED, set()),
        ("a deferral by either blocks", [Nomination(GAS, EARLY)], [Deferral(GAINER, LATE)], LATE, set()),
        ("a deferral ends at the deadline", [], [Deferral(GAINER, PAST)], DEADLINE, set()),
        ("a deferral that is over blocks nothing", [Nomination(GAS, LATE)], [Deferral(GAINER, EARLY)], LATE, set()),
        ("the loser's wishes lapse", [Nomination(LOSER, EARLY)], [Deferral(LOSER, PAST)], PLANNED, {LOSER}),
    ],
)  # fmt: skip
def test_two_suppliers_of_one_hub(name, nominations, deferrals, night, lapsed):
    settled = settle(
        nominations, deferrals, responsible_now={GAINER, GAS}, planned=PLANNED, deadline=DEADLINE
    )
    assert (settled.night, settled.lapsed) == (night, lapsed), name


def test_the_settlement_gives_its_reason():
    both = [Nomination(GAS, EARLY), Nomination(GAINER, LATE)]
    ask = {"responsible_now": {GAINER, GAS}, "planned": PLANNED, "deadline": DEADLINE}
    assert "the later night holds" in settle(both, [], **ask).reason
    assert "which holds" in settle([], [Deferral(GAS, PAST)], **ask).reason
