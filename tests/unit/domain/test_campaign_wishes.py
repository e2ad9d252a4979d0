"""What Suppliers may wish of a campaign: when, for which hubs, and for how long."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from safelaunch.domain.campaign_wishes import (
    WORDS,
    CampaignWindow,
    Closed,
    Slot,
    WishedHub,
    WishKind,
    WishOutcome,
    closes,
    is_deferrable_until,
    is_within,
    judge,
    last_moment,
)
from safelaunch.domain.campaigns import OPEN, Phase, Severity
from safelaunch.domain.hub_upgrades import HubState

AT = datetime(2026, 3, 10, 12, tzinfo=UTC)
CLOSES = datetime(2026, 3, 16, 18, tzinfo=UTC)
STARTS = datetime(2026, 3, 30, 17, tzinfo=UTC)
HUB = WishedHub(
    is_own=True,
    is_target=True,
    is_in_use=True,
    state=None,
    is_nominated=False,
    was_deferred=False,
)
hubs = some.builds(
    WishedHub,
    is_own=some.booleans(),
    is_target=some.booleans(),
    is_in_use=some.booleans(),
    state=some.none() | some.sampled_from(HubState),
    is_nominated=some.booleans(),
    was_deferred=some.booleans(),
)


def window(phase=Phase.NOTIFIED, *, severity=Severity.MEDIUM):
    return CampaignWindow(phase, severity, CLOSES, STARTS, date(2026, 11, 25))


def changed(**changes):
    return WishedHub(**{name: changes.get(name, getattr(HUB, name)) for name in HUB.__dataclass_fields__})


@pytest.mark.parametrize("kind", [WishKind.NOMINATE, WishKind.WITHDRAW])
@pytest.mark.parametrize(
    ("phase", "at", "closed"),
    [
        (Phase.DRAFT, AT, Closed.PHASE),
        (Phase.NOTIFIED, AT, None),
        (Phase.NOTIFIED, CLOSES, None),
        (Phase.NOTIFIED, CLOSES + timedelta(seconds=1), Closed.LIST_CLOSED),
        (Phase.PILOT, AT, Closed.LIST_CLOSED),
        (Phase.SAFE_LAUNCH, AT, Closed.LIST_CLOSED),
        (Phase.MASS_ROLL_OUT, STARTS, None),
        (Phase.COMPLETE, AT, Closed.PHASE),
    ],
)
def test_the_list_is_open_before_the_pilot_and_after_safe_launch(kind, phase, at, closed):
    assert closes(window(phase), kind=kind, at=at) is closed


@pytest.mark.parametrize("phase", Phase)
def test_bringing_forward_and_deferring_go_on_while_the_campaign_does(phase):
    closed = None if phase in OPEN else Closed.PHASE
    assert closes(window(phase), kind=WishKind.BRING_FORWARD, at=AT) is closed
    assert closes(window(phase), kind=WishKind.DEFER, at=AT) is closed


def test_a_critical_release_is_not_deferred_without_the_panel():
    assert closes(window(severity=Severity.CRITICAL), kind=WishKind.DEFER, at=AT) is Closed.CRITICAL


@pytest.mark.parametrize(
    ("changes", "kind", "outcome"),
    [
        ({}, WishKind.NOMINATE, WishOutcome.TAKEN_DOWN),
        ({"is_own": False}, WishKind.NOMINATE, WishOutcome.NOT_YOURS),
        ({"is_target": False}, WishKind.DEFER, WishOutcome.NOT_CONCERNED),
        ({"is_in_use": False}, WishKind.NOMINATE, WishOutcome.NOT_COMMISSIONED),
        ({"state": HubState.PLANNED}, WishKind.BRING_FORWARD, WishOutcome.TAKEN_DOWN),
        ({"state": HubState.INSTRUCTED}, WishKind.BRING_FORWARD, WishOutcome.HAS_BEGUN),
        ({"state": HubState.ACTIVATED, "is_target": False}, WishKind.DEFER, WishOutcome.HAS_BEGUN),
        ({"was_deferred": True}, WishKind.DEFER, WishOutcome.DEFERRED_BEFORE),
        ({"was_deferred": True}, WishKind.NOMINATE, WishOutcome.TAKEN_DOWN),
        ({}, WishKind.WITHDRAW, WishOutcome.NOT_NOMINATED),
        ({"is_nominated": True, "is_target": False}, WishKind.WITHDRAW, WishOutcome.TAKEN_DOWN),
    ],
)
def test_each_hub_has_its_reason(changes, kind, outcome):
    assert judge(changed(**changes), kind=kind) is outcome


@given(hubs, some.sampled_from(WishKind))
def test_nothing_is_taken_down_for_hubs_of_others_or_on_their_way(hub, kind):
    if judge(hub, kind=kind) is WishOutcome.TAKEN_DOWN:
        assert hub.is_own
        assert kind is WishKind.WITHDRAW or hub.state not in {HubState.INSTRUCTED, HubState.DEPLOYED}
        assert kind is WishKind.WITHDRAW or hub.is_target


def test_every_outcome_has_its_words():
    assert set(WORDS) == set(WishOutcome)
    assert len(set(WORDS.values())) == len(WORDS)


HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("slot", "at", "within"),
    [
        (Slot(STARTS, STARTS + HOUR), AT, True),
        (Slot(STARTS - HOUR, STARTS + HOUR), AT, False),
        (Slot(STARTS, STARTS + HOUR), STARTS + HOUR, False),
        (Slot(STARTS, STARTS + HOUR), STARTS + HOUR / 2, True),
        (Slot(STARTS, last_moment(window())), AT, True),
        (Slot(STARTS, last_moment(window()) + HOUR), AT, False),
    ],
)
def test_a_slot_lies_ahead_and_in_the_window(slot, at, within):
    assert is_within(window(), slot, at=at) is within


@pytest.mark.parametrize(
    ("until", "fits"),
    [
        (None, True),
        (date(2026, 3, 9), False),
        (date(2026, 3, 10), True),
        (date(2026, 4, 9), True),
        (date(2026, 4, 10), False),
    ],
)
def test_a_deferral_is_of_thirty_days_at_most(until, fits):
    assert is_deferrable_until(window(), until, at=AT) is fits
