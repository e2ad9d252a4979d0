import math
from dataclasses import replace

import pytest

from safelaunch.domain.assurance import StageEvidence, assess, waits_for_assurance, worst
from safelaunch.domain.campaigns import Phase
from safelaunch.domain.gates import Verdict
from safelaunch.domain.lights import EvidenceRules, Judgement, Level, Light, Unit

RULES = EvidenceRules()
GREEN = Judgement(Unit(Level.CAMPAIGN, "campaign"), Light.GREEN, Verdict.PASS, -3.0, "")
CELL = Unit(Level.HUB_ESME, "H0 x E0")
GOOD = StageEvidence(
    phase=Phase.PILOT,
    days_behind=0,
    pairs_short=0,
    is_frozen=True,
    sent=2_000,
    mature=1_950,
    judgements=(GREEN,),
    excess=(0.012, 0.011),
    open_objections=0,
)


def verdict_of(name: str, **changed: object) -> Verdict:
    assessment = assess(replace(GOOD, **changed), rules=RULES)
    return next(one.verdict for one in assessment.criteria if one.name == name)


def test_a_stage_that_answers_everything_passes():
    assessment = assess(GOOD, rules=RULES)
    assert assessment.verdict is Verdict.PASS
    assert [one.name for one in assessment.criteria] == [
        "freshness",
        "list",
        "maturity",
        "lights",
        "assurance",
        "people",
    ]


@pytest.mark.parametrize(
    "missing",
    [
        {"days_behind": None},
        {"days_behind": 1},
        {"pairs_short": None},
        {"is_frozen": None},
        {"sent": None},
        {"sent": 0, "mature": 0},
        {"mature": None},
        {"judgements": ()},
        {"excess": ()},
        {"excess": (0.01,)},
        {"excess": (None, 0.01)},
        {"excess": (0.01, math.nan)},
        {"excess": (math.inf, 0.01)},
        {"open_objections": None},
    ],
)
def test_no_gate_opens_on_what_is_missing(missing):
    assert assess(replace(GOOD, **missing), rules=RULES).verdict is Verdict.INSUFFICIENT


def test_95_in_100_hubs_have_to_be_known_and_soaked():
    assert verdict_of("maturity", mature=1_899) is Verdict.INSUFFICIENT
    assert verdict_of("maturity", mature=1_900) is Verdict.PASS


def test_the_safe_launch_gate_asks_for_more_than_the_pilot_s():
    assert verdict_of("assurance", excess=(0.015, 0.015)) is Verdict.PASS
    assert verdict_of("assurance", excess=(0.0151, 0.0)) is Verdict.INSUFFICIENT
    assert verdict_of("assurance", phase=Phase.SAFE_LAUNCH, excess=(0.006, 0.006)) is Verdict.PASS
    assert verdict_of("assurance", phase=Phase.SAFE_LAUNCH, excess=(0.0061, 0.0)) is Verdict.INSUFFICIENT


def test_anything_red_fails_the_gate_and_an_unread_light_holds_it():
    red = Judgement(CELL, Light.RED, Verdict.FAIL, 1.0, "HAN")
    unread = Judgement(CELL, Light.AMBER, Verdict.INSUFFICIENT, 0.0, "")
    assert verdict_of("lights", judgements=(GREEN, red)) is Verdict.FAIL
    assert verdict_of("lights", judgements=(GREEN, unread)) is Verdict.INSUFFICIENT


def test_an_amber_cell_opens_a_gate_and_an_amber_region_does_not():
    cell = Judgement(CELL, Light.AMBER, Verdict.PASS, -1.0, "HAN")
    region = cell._replace(unit=Unit(Level.REGION, "NORTH"))
    assert verdict_of("lights", judgements=(GREEN, cell)) is Verdict.PASS
    assert verdict_of("lights", judgements=(GREEN, region)) is Verdict.INSUFFICIENT


def test_lots_that_were_not_frozen_fail_the_gate():
    assert verdict_of("list", is_frozen=False) is Verdict.FAIL


def test_an_open_objection_and_a_thin_pair_hold_the_gate():
    assert verdict_of("people", open_objections=1) is Verdict.INSUFFICIENT
    assert verdict_of("list", pairs_short=1) is Verdict.INSUFFICIENT


def test_a_stage_goes_on_only_when_more_hubs_alone_can_answer():
    thin = replace(GOOD, excess=(0.02, 0.01))
    assert waits_for_assurance(assess(thin, rules=RULES))
    assert not waits_for_assurance(assess(replace(thin, mature=1_000), rules=RULES))
    assert not waits_for_assurance(assess(GOOD, rules=RULES))


def test_no_answers_at_all_are_insufficient():
    assert worst([]) is Verdict.INSUFFICIENT
