"""A machine does what its table says and nothing else."""

from enum import StrEnum

import pytest

from safelaunch.domain.machine import Machine, Move, NoSuchMove


class Light(StrEnum):
    RED = "RED"
    GREEN = "GREEN"
    DARK = "DARK"


class Happens(StrEnum):
    GO = "GO"
    FAIL = "FAIL"


LIGHT: Machine[Light, Happens] = Machine(
    name="Light",
    initial=Light.RED,
    moves=(
        Move(Happens.GO, (Light.RED,), Light.GREEN),
        Move(Happens.FAIL, (Light.RED, Light.GREEN), Light.DARK),
    ),
)


def test_an_event_leads_to_its_one_target_from_each_of_its_sources():
    assert LIGHT.next(Light.RED, Happens.GO) is Light.GREEN
    assert LIGHT.next(Light.RED, Happens.FAIL) is Light.DARK
    assert LIGHT.next(Light.GREEN, Happens.FAIL) is Light.DARK
    assert LIGHT.target(Happens.FAIL) is Light.DARK


def test_an_event_that_does_not_apply_is_refused_and_the_sentence_says_where_it_would():
    assert not LIGHT.may(Light.DARK, Happens.FAIL)
    with pytest.raises(NoSuchMove, match="FAIL does not apply in state DARK; it applies in RED, GREEN"):
        LIGHT.next(Light.DARK, Happens.FAIL)


def test_sources_come_as_stored_codes_in_the_order_of_the_table():
    assert LIGHT.sources(Happens.FAIL) == ["RED", "GREEN"]
    assert all(type(code) is str for code in LIGHT.sources(Happens.FAIL))


def test_a_table_that_names_an_event_twice_is_refused():
    move = Move(Happens.GO, (Light.RED,), Light.GREEN)
    with pytest.raises(ValueError, match="Light: an event stands in two moves"):
        Machine(name="Light", initial=Light.RED, moves=(move, Move(Happens.GO, (Light.GREEN,), Light.RED)))


def test_the_drawing_has_one_arrow_for_each_source():
    assert LIGHT.mermaid() == (
        "stateDiagram-v2\n"
        "    [*] --> RED\n"
        "    RED --> GREEN: GO\n"
        "    RED --> DARK: FAIL\n"
        "    GREEN --> DARK: FAIL\n"
    )
