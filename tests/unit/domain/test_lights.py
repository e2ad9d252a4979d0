import math

import pytest

from safelaunch.domain import growth, quarantine
from safelaunch.domain.campaigns import Priority, Severity
from safelaunch.domain.endpoints import ENDPOINTS
from safelaunch.domain.gates import Verdict
from safelaunch.domain.lights import (
    CELL_SHARES,
    STOP_SHARES,
    EvidenceRules,
    Level,
    Light,
    Reading,
    Unit,
    activation_line,
    judge,
    judge_all,
    stop_line,
)
from safelaunch.domain.quarantine import Act, Standing
from safelaunch.domain.refusals import Invalid

RULES = EvidenceRules()
CAMPAIGN = Unit(Level.CAMPAIGN, "campaign")
MODEL = Unit(Level.HUB_MODEL, "H0")
CELL = Unit(Level.HUB_ESME, "H0 x E0")


def reading(
    unit: Unit = CELL, *evidence: float | None, activation: float | None = 0.0, gap: float = 0.0
) -> Reading:
    """A reading whose lines all lie at 10^4."""
    return Reading(
        unit,
        [*evidence, *[0.0] * (len(ENDPOINTS) - len(evidence))],
        [4.0] * len(ENDPOINTS),
        activation,
        4.0,
        gap,
    )


def judged(unit: Unit, evidence: float):
    return judge(reading(unit, evidence), rules=RULES)


def test_the_weights_and_the_shares_of_both_budgets_sum_to_one():
    assert sum(endpoint.weight for endpoint in ENDPOINTS) == pytest.approx(1)
    assert sum(STOP_SHARES.values()) == pytest.approx(1)
    assert sum(CELL_SHARES.values()) == pytest.approx(1)


def test_stop_lines_are_those_of_the_design_note():
    campaign = stop_line(level=Level.CAMPAIGN, share=1.0, weight=0.30, rules=RULES)
    one_of_eight = stop_line(level=Level.HUB_MODEL, share=1 / 8, weight=0.30, rules=RULES)
    one_of_many = stop_line(level=Level.HUB_ESME, share=1 / 336, weight=0.30, rules=RULES)
    assert [round(line, 1) for line in (campaign, one_of_eight, one_of_many)] == [2.9, 3.8, 4.9]


def test_all_the_ways_to_be_wrong_about_a_good_campaign_fit_the_budgets():
    spent = {RULES.alpha_stop: 0.0, RULES.alpha_cell: 0.0}
    for level in (*STOP_SHARES, *CELL_SHARES):
        budget = RULES.alpha_stop if level in STOP_SHARES else RULES.alpha_cell
        for _ in range(10):
            spent[budget] += 10 ** -activation_line(level=level, share=0.1, rules=RULES)
            for endpoint in ENDPOINTS:
                spent[budget] += 10 ** -stop_line(level=level, share=0.1, weight=endpoint.weight, rules=RULES)
    for budget, total in spent.items():
        assert total == pytest.approx(budget)


def test_a_unit_is_green_amber_and_red_as_its_evidence_grows():
    lights = [judged(CELL, evidence).light for evidence in (0.0, 1.8, 1.9, 3.99, 4.0)]
    assert lights == [Light.GREEN, Light.GREEN, Light.AMBER, Light.AMBER, Light.RED]


def test_failed_activations_alone_can_turn_a_unit_red():
    found = judge(reading(CELL, activation=4.5), rules=RULES)
    assert (found.light, found.cause, round(found.margin, 1)) == (Light.RED, "ACTIVATION", 0.5)


def test_more_silence_about_upgraded_hubs_than_about_others_is_amber():
    assert judge(reading(CELL, gap=0.031), rules=RULES).light is Light.AMBER
    assert judge(reading(CELL, gap=0.03), rules=RULES).light is Light.GREEN


@pytest.mark.parametrize("hole", [None, math.nan])
def test_missing_evidence_is_insufficient_and_never_green(hole):
    found = judge(reading(CELL, hole), rules=RULES)
    assert (found.light, found.verdict) == (Light.AMBER, Verdict.INSUFFICIENT)
    assert judge(reading(CELL, activation=hole), rules=RULES).verdict is Verdict.INSUFFICIENT


def test_red_needs_no_other_evidence():
    assert judge(reading(CELL, None, 5.0), rules=RULES).light is Light.RED


def test_a_unit_nobody_read_is_insufficient():
    (campaign, cell) = judge_all([reading(CELL, 0.0)], expected=[CAMPAIGN, CELL], rules=RULES)
    assert (campaign.unit, campaign.verdict) == (CAMPAIGN, Verdict.INSUFFICIENT)
    assert cell.verdict is Verdict.PASS


def test_a_unit_read_twice_is_judged_by_the_worse():
    readings = [reading(CELL, 0.0), reading(CELL, 9.0), reading(CELL, 0.0)]
    (found,) = judge_all(readings, expected=[CELL], rules=RULES)
    assert found.light is Light.RED


def test_haste_shortens_soaks_and_never_skips_a_light():
    hurried = RULES.under(severity=Severity.CRITICAL, priority=Priority.IMMEDIATE)
    assert (hurried.soak_days, hurried.growth) == (2, 8.0)
    assert (hurried.alpha_stop, hurried.alpha_cell, hurried.amber) == (0.01, 0.03, 20.0)
    assert RULES.under(severity=Severity.CRITICAL, priority=Priority.HIGH) == RULES
    assert judge(reading(CELL, 4.0), rules=hurried).light is Light.RED


def test_rules_that_would_open_gates_on_nothing_are_refused():
    with pytest.raises(Invalid, match=r"alpha_stop is 1\.5"):
        EvidenceRules(alpha_stop=1.5)
    with pytest.raises(Invalid, match="soak_days is 0"):
        EvidenceRules(soak_days=0)
    with pytest.raises(Invalid, match="amber may not grow faster"):
        EvidenceRules(growth_amber=9.0)


def test_the_reddest_unit_is_blamed_first():
    found = quarantine.respond([judged(MODEL, 4.5), judged(CELL, 9.0)], standing=Standing(), rules=RULES)
    assert (found.act, found.unit) == (Act.QUARANTINE, CELL)
    assert "10^5.0 above the stop line" in found.reason


@pytest.mark.parametrize("unit", [CAMPAIGN, MODEL, Unit(Level.REGION, "NORTH")])
def test_red_above_the_cells_stops_everything(unit):
    found = quarantine.respond([judged(unit, 5.0)], standing=Standing(), rules=RULES)
    assert found.act is Act.STOP
    assert quarantine.after(Standing(), response=found).stopped_for == unit


def test_a_sixth_cell_stops_everything():
    standing = Standing()
    for at in range(6):
        cell = Unit(Level.HUB_GSME, f"H{at} x G0")
        found = quarantine.respond([judged(cell, 5.0)], standing=standing, rules=RULES)
        standing = quarantine.after(standing, response=found)
    assert len(standing.quarantined) == 5
    assert standing.is_stopped


def test_who_has_been_blamed_is_not_blamed_again():
    standing = Standing(quarantined=(CELL,))
    assert quarantine.respond([judged(CELL, 9.0)], standing=standing, rules=RULES).act is Act.NOTHING


def test_nothing_is_done_after_a_stop():
    standing = Standing(stopped_for=CAMPAIGN)
    found = quarantine.respond([judged(CELL, 9.0)], standing=standing, rules=RULES)
    assert quarantine.after(standing, response=found) == standing


def test_a_cell_grows_by_proof():
    rooms = [growth.room(sent=0, proven=proven, growth=4.0, rules=RULES) for proven in (0, 1, 10)]
    assert rooms == [3, 7, 43]
    assert growth.room(sent=50, proven=10, growth=4.0, rules=RULES) == 0


def test_amber_slows_and_never_freezes():
    allowed = growth.factor([judged(CELL, 2.0), judged(CAMPAIGN, 0.0)], rules=RULES)
    assert allowed == RULES.growth_amber
    assert growth.room(sent=100, proven=100, growth=allowed, rules=RULES) == 28


def test_a_cell_that_has_rested_sends_one_hub_unless_its_light_forbids_it():
    assert growth.room(sent=5, proven=0, growth=4.0, rules=RULES, has_rested=True) == 1
    assert growth.room(sent=5, proven=0, growth=0.0, rules=RULES, has_rested=True) == 0


def test_red_unread_and_unjudged_cells_do_not_grow():
    unread = judge(reading(CELL, None), rules=RULES)
    assert growth.factor([judged(CELL, 9.0)], rules=RULES) == 0
    assert growth.factor([unread], rules=RULES) == 0
    assert growth.factor([], rules=RULES) == 0
    assert growth.room(sent=0, proven=100, growth=0, rules=RULES) == 0
