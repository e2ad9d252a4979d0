"""How Devices answer follows from the seed, the Device and the command, at the rates of the scenario."""

from dataclasses import replace
from functools import cache

import pytest

from safelaunch.planning import scenarios
from safelaunch.planning.device_answers import Exchange, exchange
from safelaunch.planning.network import MINUTE, SECOND
from safelaunch.planning.scenarios import BadScenario, DeviceManners

MANNERS = scenarios.load("lost-confirmations").devices
COMMANDS = 1_500


@cache
def exchanges(
    manners: DeviceManners = MANNERS, *, is_activation: bool = True, is_sleepy: bool = False
) -> list[Exchange]:
    return [
        exchange(
            manners=manners,
            seed=5,
            device_id=0x00DB1234567890A0 + turn % 50,
            turn=turn,
            is_activation=is_activation,
            is_sleepy=is_sleepy,
        )
        for turn in range(COMMANDS)
    ]


def share(flags: list[bool]) -> float:
    return sum(flags) / len(flags)


def test_one_answer_to_an_activation_in_five_is_lost_and_few_others_are() -> None:
    assert share([one.is_lost for one in exchanges()]) == pytest.approx(0.20, abs=0.03)
    assert share([one.is_lost for one in exchanges(is_activation=False)]) == pytest.approx(0.02, abs=0.01)
    assert share([not one.succeeds for one in exchanges()]) == pytest.approx(0.015, abs=0.01)


def test_a_command_takes_seconds_and_what_runs_on_a_battery_wakes_first() -> None:
    low, high = MANNERS.answer_seconds
    prompt = exchanges(is_activation=False)
    assert all(low * SECOND <= one.arrives_after <= high * SECOND for one in prompt)
    assert all(one.acts_after == 0 for one in prompt)
    sleepy = exchanges(is_sleepy=True)
    assert max(one.arrives_after for one in sleepy) > 20 * MINUTE
    first, last = MANNERS.activation_seconds
    assert all(first * SECOND <= one.acts_after <= last * SECOND for one in sleepy)


def test_some_answers_are_late() -> None:
    late = [one.answers_after > MANNERS.answer_seconds[1] * SECOND for one in exchanges()]
    assert share(late) == pytest.approx(0.05, abs=0.015)
    assert not any(
        one.answers_after > MANNERS.answer_seconds[1] * SECOND
        for one in exchanges(replace(MANNERS, answers_late=0.0))
    )


def test_the_same_command_has_the_same_fate_and_another_has_its_own() -> None:
    assert exchanges.__wrapped__() == exchanges()
    assert len(set(exchanges())) > COMMANDS * 0.9


def test_a_share_beyond_one_is_refused_with_its_place() -> None:
    text = b'title = "A test"\n[devices]\nanswers_lost = 2\n'
    with pytest.raises(BadScenario, match=r"mine\.toml: devices\.answers_lost is 2; a share from 0 to 1"):
        scenarios.read(text, name="mine", source="mine.toml")


def test_a_key_that_devices_do_not_have_is_refused() -> None:
    text = b'title = "A test"\n[devices]\nmoods = 2\n'
    with pytest.raises(BadScenario, match=r"devices\.moods is not a key"):
        scenarios.read(text, name="mine", source="mine.toml")
