from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelaunch.domain import lots
from safelaunch.domain.campaigns import CampaignRules, Phase
from safelaunch.domain.eligibility import HubFacts
from safelaunch.domain.explanations import (
    CampaignStanding,
    Explanation,
    Light,
    Story,
    SuspensionFacts,
    UpgradeFacts,
    explain,
    explain_suspension,
    light,
    say_time,
)
from safelaunch.domain.hub_upgrades import ANSWER_DUE, MAX_ATTEMPTS, HubState
from safelaunch.domain.smi import CplStatus, SmiStatus
from safelaunch.domain.suspension import SuspensionCause

AT = datetime(2026, 12, 3, 21, 4, tzinfo=UTC)
RULES = CampaignRules()


def hub(**changes) -> HubFacts:
    facts = {
        "firmware_version": "0002012C",
        "smi_status": SmiStatus.COMMISSIONED,
        "is_in_use": True,
        "is_target_model": True,
        "target_cpl_status": CplStatus.ACTIVE,
    }
    return HubFacts(**(facts | changes))


def campaign(**changes) -> CampaignStanding:
    standing = {
        "reference": "CH-2026-07",
        "firmware_version": "0002012F",
        "phase": Phase.MASS_ROLL_OUT,
        "rules": RULES,
        "held_because": None,
        "pilot_starts_at": AT + timedelta(days=4),
        "lot_offset": 0,
        "region_name": "Central",
        "region_place": lots.LOTS * 21 // 100,
        "region_is_exhausted": False,
        "pilot_place": None,
        "pilot_size": 412,
    }
    return CampaignStanding(**(standing | changes))


def upgrade(state: HubState, **changes) -> UpgradeFacts:
    facts = {
        "state": state,
        "since": AT - timedelta(hours=5),
        "attempt": 1,
        "read_count": 0,
        "night": date(2026, 12, 2),
        "activated_at": None,
    }
    return UpgradeFacts(**(facts | changes))


def why(*, standing=None, facts=None, row=None, lot=lots.LOTS * 37 // 100) -> Explanation:
    story = Story(lot=lot, hub=facts or hub(), campaign=standing or campaign(), upgrade=row)
    return explain(story, at=AT)


def text(explanation: Explanation) -> str:
    return " ".join((explanation.headline, *explanation.reasons, explanation.what_would_change_it))


def test_a_waiting_hub_is_told_where_its_lot_lies_and_how_far_its_region_has_got():
    explanation = why()
    assert explanation.headline == "Eligible, and waiting for its turn."
    assert "37 % of the way round; region Central has reached 21 %" in text(explanation)


def test_a_hub_whose_lot_was_passed_is_told_so():
    assert why(lot=5).headline == "Eligible, but its turn has passed."
    exhausted = campaign(region_is_exhausted=True)
    assert why(standing=exhausted).headline == "Eligible, but its turn has passed."


def test_the_campaigns_own_offset_turns_the_order():
    assert "16 % of the way round" in text(why(standing=campaign(lot_offset=lots.LOTS * 21 // 100)))


def test_a_hub_that_was_replaced_is_told_that_another_is_the_target_now():
    gone = why(facts=hub(smi_status=SmiStatus.DECOMMISSIONED), row=upgrade(HubState.WITHDRAWN))
    assert gone.headline == "Withdrawn: the hub is in use no more."
    assert "took its place is a target of its own" in text(gone)
    here = why(row=upgrade(HubState.WITHDRAWN))
    assert here.headline == "Withdrawn: this campaign will not send to it again."


def test_a_hub_no_campaign_concerns_is_told_which_version_it_runs():
    story = Story(lot=0, hub=hub(), campaign=None, upgrade=None)
    explanation = explain(story, at=AT)
    assert explanation.headline == "No campaign concerns this hub."
    assert "0002012C" in explanation.reasons[0]


@pytest.mark.parametrize(
    ("facts", "headline"),
    [
        (hub(smi_status=None), "not in the inventory"),
        (hub(is_target_model=False, firmware_version="0002012F"), "runs 0002012F already"),
        (hub(is_target_model=False), "does not upgrade its Device Model"),
        (hub(target_cpl_status=CplStatus.WITHDRAWN), "not active on the Central Products List"),
        (hub(smi_status=SmiStatus.DECOMMISSIONED, is_in_use=False), "not commissioned"),
    ],
)
def test_a_hub_that_is_not_eligible_is_told_the_first_reason(facts, headline):
    explanation = why(facts=facts)
    assert explanation.headline.startswith("Not eligible")
    assert headline in explanation.headline


def test_the_status_that_stands_in_the_way_is_named():
    told = text(why(facts=hub(smi_status=SmiStatus.INSTALLED_NOT_COMMISSIONED, is_in_use=False)))
    assert "installed not commissioned" in told


def test_before_the_pilot_a_hub_waits_for_the_notice_to_end():
    explanation = why(standing=campaign(phase=Phase.NOTIFIED))
    assert "notice period" in explanation.headline
    assert "Monday 7 December 2026 at 21:04" in text(explanation)


def test_outside_the_pilot_a_hub_waits_for_the_gate():
    assert "gate opening" in why(standing=campaign(phase=Phase.PILOT)).what_would_change_it


@pytest.mark.parametrize(("place", "day"), [(0, 0), (20, 0), (21, 3), (102, 3), (103, 6), (411, 6)])
def test_in_the_pilot_a_hub_is_told_its_place_and_its_day(place, day):
    explanation = why(standing=campaign(phase=Phase.PILOT, pilot_place=place))
    assert f"place {place + 1:,} of 412" in text(explanation)
    assert f"comes up on day {day} of the pilot" in text(explanation)


def test_a_held_campaign_is_named_as_the_reason_with_what_would_end_it():
    explanation = why(standing=campaign(held_because="Hubs fall silent."))
    assert "campaign is held: Hubs fall silent." in text(explanation)
    assert explanation.what_would_change_it == "Two people resuming the campaign."


def test_a_hold_whose_reason_may_not_be_known_is_still_a_hold():
    assert "The campaign is held." in text(why(standing=campaign(held_because="")))


def test_a_planned_hub_of_a_held_campaign_waits():
    row = upgrade(HubState.PLANNED)
    assert "waiting" in why(standing=campaign(held_because="x"), row=row).headline


def test_a_planned_hub_is_told_its_night():
    assert why(row=upgrade(HubState.PLANNED)).headline == "Planned in the night of Wednesday 2 December 2026."
    again = why(row=upgrade(HubState.PLANNED, attempt=3))
    assert again.headline == "Planned again."
    assert "attempt 3 of at most 14" in text(again)


def test_a_hub_in_flight_is_told_when_its_silence_becomes_unknown():
    explanation = why(row=upgrade(HubState.INSTRUCTED))
    assert say_time(AT - timedelta(hours=5) + ANSWER_DUE) in text(explanation)
    assert "has passed" not in text(explanation)
    late = why(row=upgrade(HubState.DEPLOYED, since=AT - ANSWER_DUE))
    assert "has passed" in text(late)


def test_an_unknown_hub_is_told_how_often_it_was_read_back():
    assert "read back 4 times" in text(why(row=upgrade(HubState.UNKNOWN, read_count=4)))


def test_an_activated_hub_is_told_when_in_uk_time():
    row = upgrade(HubState.ACTIVATED, activated_at=datetime(2026, 7, 1, 0, 30, tzinfo=UTC))
    assert "Wednesday 1 July 2026 at 01:30" in text(why(row=row))


@pytest.mark.parametrize("state", [HubState.UNREACHABLE, HubState.FAILED, HubState.RECALLED])
def test_a_hub_that_came_back_is_told_of_its_next_attempt_or_that_there_is_none(state):
    assert "Another attempt" in why(row=upgrade(state)).what_would_change_it
    assert "no further attempt" in why(row=upgrade(state, attempt=MAX_ATTEMPTS)).what_would_change_it
    held = why(standing=campaign(held_because="x"), row=upgrade(state))
    assert held.what_would_change_it == "Two people resuming the campaign."
    over = why(standing=campaign(phase=Phase.COMPLETE), row=upgrade(state))
    assert "this one is over" in over.what_would_change_it


SITUATIONS = st.fixed_dictionaries(
    {
        "state": st.none() | st.sampled_from(HubState),
        "phase": st.sampled_from(Phase),
        "status": st.none() | st.sampled_from(SmiStatus),
        "cpl": st.none() | st.sampled_from(CplStatus),
        "is_target": st.booleans(),
        "is_in_use": st.booleans(),
        "held": st.none() | st.text(max_size=20),
        "pilot": st.none() | st.integers(0, 411),
        "attempt": st.integers(1, 20),
    }
)


@given(SITUATIONS)
def test_every_hub_in_every_situation_gets_whole_sentences(given_):
    state = given_["state"]
    explanation = why(
        facts=hub(
            smi_status=given_["status"],
            is_in_use=given_["is_in_use"],
            target_cpl_status=given_["cpl"],
            is_target_model=given_["is_target"],
        ),
        standing=campaign(phase=given_["phase"], held_because=given_["held"], pilot_place=given_["pilot"]),
        row=upgrade(state, attempt=given_["attempt"]) if state else None,
    )
    assert explanation.headline.endswith(".")
    assert explanation.reasons
    assert all(sentence.strip() for sentence in explanation.reasons)
    assert explanation.what_would_change_it.endswith(".")


@pytest.mark.parametrize(
    ("activated", "failed", "unknown", "expected"),
    [
        (0, 0, 0, Light.NONE),
        (0, 0, 7, Light.DOUBT),
        (980, 20, 0, Light.GOOD),
        (979, 21, 0, Light.BAD),
        (990, 10, 200, Light.DOUBT),
    ],
)
def test_the_light_never_shines_without_evidence(activated, failed, unknown, expected):
    assert light(activated=activated, failed=failed, unknown=unknown, rules=RULES) is expected


def suspension(**changes) -> SuspensionFacts:
    facts = {
        "entry": "ESME ABCD/0001 00000001",
        "cause": SuspensionCause.CPL_REMOVED,
        "since": AT,
        "status_before": SmiStatus.WHITELISTED,
        "commissioned_on": None,
        "is_hub": False,
    }
    return SuspensionFacts(**(facts | changes))


def test_a_suspended_device_says_since_when_why_and_what_it_gets_back():
    told = explain_suspension(suspension())
    assert told.headline == (
        "Suspended since Thursday 3 December 2026 at 21:04, because CPL entry ESME ABCD/0001 00000001 was removed."
    )
    assert (
        "restored to whitelisted when an answer to 11.2 or 11.3 shows firmware" in told.what_would_change_it
    )
    assert "(E5)" in told.reasons[0]


def test_a_suspended_hub_speaks_of_its_network_and_its_two_halves():
    told = explain_suspension(suspension(is_hub=True, status_before=SmiStatus.COMMISSIONED))
    assert "restored to commissioned when its network reports firmware" in told.what_would_change_it
    assert "CHF and GPF are one" in told.reasons[1]


def test_a_device_that_ran_unlisted_firmware_or_arrived_suspended_says_so():
    own = explain_suspension(suspension(cause=SuspensionCause.UNLISTED_FIRMWARE))
    assert "it answered with ESME ABCD/0001 00000001, which the CPL does not list as Active" in own.headline
    arrived = explain_suspension(
        suspension(cause=None, since=None, status_before=None, commissioned_on=date(2022, 1, 1))
    )
    assert arrived.headline.startswith("Suspended, because the inventory was told so")
    assert "restored to commissioned" in arrived.what_would_change_it
