"""How a Device takes a command and answers it: when, whether the answer arrives, whether an activation succeeds.

1. A command takes a moment to reach a Device; one that runs on a battery fetches it when it next wakes.
2. About one answer in five to an activation is lost on its way, though the Device has acted (M105); few others are.
3. Some answers are late. An alert that nobody asked for is neither lost nor late.
4. Messages may be brought twice, or be overtaken by others, as the scenario says; nothing is changed by either.
5. Where a scenario says so, a Device that is asked for its version answers that it cannot say.

Every draw depends on the seed, the Device ID, the turn (a number that names the command) and the question asked, and
on nothing else (`planning/chance.py`). Times are whole milliseconds.
"""

from dataclasses import dataclass

from safelaunch.planning.chance import OneDraw, Stream
from safelaunch.planning.device_manners import DeviceManners, HanManners
from safelaunch.planning.network import MINUTE, SECOND


@dataclass(frozen=True, slots=True)
class Exchange:
    """What becomes of one command: milliseconds until it arrives, until the Device has acted, until the answer is there.

    `succeeds` is whether an activation does; `is_readable` whether the Device can say its version.
    """

    arrives_after: int
    acts_after: int
    answers_after: int
    is_lost: bool
    succeeds: bool
    is_readable: bool


def exchange(
    *,
    manners: DeviceManners,
    seed: int,
    device_id: int,
    turn: int,
    is_activation: bool,
    is_sleepy: bool,
) -> Exchange:
    """This function will draw what becomes of one command to one Device (rules 1 to 3 and 5).

    Args:
        manners: of the Devices of the world.
        seed: of the world.
        device_id: the Device ID as a number.
        turn: any number that names the command.
        is_activation: whether the command activates firmware.
        is_sleepy: whether the Device runs on a battery.
    """
    draws = OneDraw(seed=seed, device_id=device_id, turn=turn)

    def happens(stream: Stream, share: float) -> bool:
        return draws.uniform(stream) < share

    arrival = draws.span(Stream.COMMAND_TIME, manners.answer_seconds, unit=SECOND)
    arrival += draws.span(Stream.WAKE_TIME, manners.wake_minutes, unit=MINUTE) if is_sleepy else 0
    action = 0
    if is_activation:
        action = draws.span(Stream.DEVICE_ACTIVATION_TIME, manners.activation_seconds, unit=SECOND)
    answer = draws.span(Stream.ANSWER_TIME, manners.answer_seconds, unit=SECOND)
    if happens(Stream.ANSWER_LATE, manners.answers_late):
        answer += draws.span(Stream.ANSWER_LATENESS, manners.late_minutes, unit=MINUTE)
    lost = manners.activation_answers_lost if is_activation else manners.answers_lost
    return Exchange(
        arrives_after=arrival,
        acts_after=action,
        answers_after=answer,
        is_lost=happens(Stream.ANSWER_LOST, lost),
        succeeds=not happens(Stream.DEVICE_ACTIVATION, manners.activation_failed),
        is_readable=not happens(Stream.READ_FAILED, manners.reads_failed),
    )


@dataclass(frozen=True, slots=True)
class Mishap:
    """What a message suffers on its way: how many milliseconds it comes later, and whether it is brought twice."""

    comes_later: int
    is_twice: bool


_NOTHING = Mishap(0, is_twice=False)


def mishap(*, manners: HanManners, seed: int, device_id: int, turn: int) -> Mishap:
    """This function will draw what one message of one Device suffers (rule 4).

    Args:
        manners: of the messages of the world.
        seed: of the world.
        device_id: the Device ID as a number.
        turn: any number that names the message.
    """
    if not manners.reordered and not manners.duplicated:
        return _NOTHING
    draws = OneDraw(seed=seed, device_id=device_id, turn=turn)
    is_late = draws.uniform(Stream.MESSAGE_LATE) < manners.reordered
    lateness = draws.span(Stream.MESSAGE_LATENESS, manners.reordered_minutes, unit=MINUTE)
    return Mishap(
        comes_later=lateness if is_late else 0,
        is_twice=draws.uniform(Stream.MESSAGE_TWICE) < manners.duplicated,
    )
