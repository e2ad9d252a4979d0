from pathlib import Path

import pytest

from safelaunch.domain.refusals import NotFound
from safelaunch.domain.smi import Region
from safelaunch.planning import scenarios
from safelaunch.planning.scenarios import BadScenario, Carriage, CellOf, Defect, Effect, Where

TITLE = b'title = "A test"\n'


def read(text: str) -> scenarios.Scenario:
    return scenarios.read(TITLE + text.encode(), name="mine", source="mine.toml")


@pytest.mark.parametrize("name", scenarios.names())
def test_every_scenario_that_ships_can_be_read(name: str) -> None:
    scenario = scenarios.load(name)
    assert scenario.name == name
    assert scenario.title


def test_the_names_are_those_of_the_library() -> None:
    assert scenarios.names() == (
        "benign-shift",
        "bricked-1pct",
        "calendar-trigger",
        "catastrophe",
        "delayed",
        "device-firmware",
        "healthy",
        "interop-cell",
        "interop-cell-weak",
        "lost-confirmations",
        "missing-half-hours",
        "prepay-delay",
        "rare-severe",
        "region",
        "regional-outage",
    )


def test_bricking_is_another_name_of_catastrophe() -> None:
    assert scenarios.load("bricking") == scenarios.load("catastrophe")


def test_one_confirmation_in_five_is_lost_except_in_the_healthy_scenario() -> None:
    lost = {name: scenarios.load(name).messages.confirmations_lost for name in scenarios.names()}
    assert lost.pop("healthy") == 0.03
    assert set(lost.values()) == {0.20}


def test_what_a_file_does_not_state_is_the_baseline_s() -> None:
    scenario = read("[rates]\nactivation_failed = 0.5\n[delivery.radio]\nmedian_hours = 20\n")
    assert scenario.rates.activation_failed == 0.5
    assert scenario.rates.silent_per_week == 0.003
    assert scenario.delivery[Carriage.RADIO].median_hours == 20
    assert scenario.delivery[Carriage.RADIO].p95_hours == 60


def test_a_defect_names_its_effect_share_delay_and_place() -> None:
    scenario = read(
        '[[defects]]\neffect = "silent"\nprevalence = 0.1\ndelay_days = [1, 2]\n'
        'where = { region = "NORTH", hub_model = ["A", "B"] }\n'
    )
    where = Where(regions=(Region.NORTH,), hub_models=("A", "B"))
    assert scenario.defects == (Defect(Effect.SILENT, 0.1, (1.0, 2.0), where),)


def test_a_defect_may_name_a_cell_a_day_and_a_daily_chance() -> None:
    scenario = read(
        '[[defects]]\neffect = "prepay-delay"\nprevalence = 0.5\ndaily = 0.1\nfrom_day = 40\n'
        'where = { cell = "gsme", share = [0.01, 0.02], prepay = true }\n'
    )
    where = Where(cell=CellOf.GSME, share=(0.01, 0.02), prepay=True)
    assert scenario.defects == (Defect(Effect.PREPAY_DELAY, 0.5, (0.0, 0.0), where, daily=0.1, from_day=40),)


def test_a_file_of_one_s_own_is_read_by_its_path(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_bytes(TITLE)
    assert scenarios.load(str(path)).name == "mine"


def test_an_unknown_name_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(NotFound, match=r"'helthy'; choose benign-shift, .*healthy"):
        scenarios.load("helthy")


def test_a_file_that_is_not_there_is_refused() -> None:
    with pytest.raises(NotFound, match=r"no scenario file nowhere\.toml"):
        scenarios.load("nowhere.toml")


def test_the_baseline_is_not_a_scenario() -> None:
    with pytest.raises(NotFound):
        scenarios.load("baseline")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "[rates]\nsilent_per_week = 1.5",
            "mine.toml: rates.silent_per_week is 1.5; a share from 0 to 1 is expected.",
        ),
        (
            "[rates]\nsilent_per_week = nan",
            "mine.toml: rates.silent_per_week is nan; a share from 0 to 1 is expected.",
        ),
        ("[rates]\nactivation_failed = true", "mine.toml: rates.activation_failed is True; a share"),
        ("[rates]\nfails = 0.1", "mine.toml: rates.fails is not a key that scenarios have."),
        ("colour = 'red'", "mine.toml: colour is not a key that scenarios have."),
        ("rates = 3", "mine.toml: rates is not a table."),
        ("[rates.not_reached]\nfair = 'often'", "mine.toml: rates.not_reached.fair is 'often'; a share"),
        ("[rates.not_reached]\nawful = 0.5", "mine.toml: rates.not_reached.awful is not a key"),
        ("[messages]\nlate_hours = [3]", r"mine.toml: messages.late_hours is \[3\]; a pair of numbers"),
        ("[messages]\nlate_hours = [9, 3]", "may be neither negative nor above the second"),
        ("[delivery.radio]\nmedian_hours = 90", "mine.toml: delivery.radio.p95_hours is below median_hours"),
        (
            "[delivery.radio]\nmedian_hours = 0",
            "mine.toml: delivery.radio.median_hours is 0; a number of hours above",
        ),
        ("[delivery.smoke]\nmedian_hours = 1", "mine.toml: delivery.smoke is not a key"),
        (
            "[defects]\neffect = 'silent'",
            r"mine.toml: defects is not a list of tables; write it as \[\[defects\]\].",
        ),
        (
            "[[defects]]\neffect = 'loud'",
            r"mine.toml: defects\[1\].effect is 'loud'; one of silent, han-loss, prepay-delay, missing-half-hours is expected.",
        ),
        (
            "[[defects]]\neffect = 'silent'",
            r"mine.toml: defects\[1\].prevalence is missing; a share from 0 to 1",
        ),
        (
            "[[defects]]\neffect = 'silent'\nprevalence = 0.1\ndelay_days = [0, 1]\nwhere = { region = 'WEST' }",
            r"mine.toml: defects\[1\].where.region names 'WEST'; one of NORTH, CENTRAL, SOUTH, ",
        ),
        (
            "[[defects]]\neffect = 'silent'\nprevalence = 0.1\ndelay_days = [0, 1]\nwhere = { hub_model = 7 }",
            r"mine.toml: defects\[1\].where.hub_model is 7; a name, or a list of names",
        ),
        (
            "[[defects]]\neffect = 'silent'\nprevalence = 0.1\nwhere = { cell = 'toaster' }",
            r"mine.toml: defects\[1\].where.cell names 'toaster'; one of esme, gsme, ppmid is expected.",
        ),
        (
            "[[defects]]\neffect = 'silent'\nprevalence = 0.1\nwhere = { prepay = 'yes' }",
            r"mine.toml: defects\[1\].where.prepay is 'yes'; true or false is expected.",
        ),
        (
            "[[defects]]\neffect = 'silent'\nprevalence = 0.1\nfrom_day = -1",
            r"mine.toml: defects\[1\].from_day is -1; a day of the campaign",
        ),
        ("[spread]\nhubs = 3", "mine.toml: spread.hubs is 3; a number from 0 to 2 is expected."),
        ("[rates", "mine.toml: this is not a TOML file:"),
    ],
)
def test_a_bad_file_is_refused_with_its_place_and_the_reason(text: str, sentence: str) -> None:
    with pytest.raises(BadScenario, match=sentence):
        read(text)


def test_a_file_without_a_title_is_refused() -> None:
    with pytest.raises(BadScenario, match=r"mine\.toml: title is missing; a sentence is expected\."):
        scenarios.read(b"", name="mine", source="mine.toml")


def test_octets_that_are_not_text_are_refused() -> None:
    with pytest.raises(BadScenario, match="not a TOML file"):
        scenarios.read(b"\xff\xfe", name="mine", source="mine.toml")
