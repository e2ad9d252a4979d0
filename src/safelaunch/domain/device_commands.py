"""Commands to Devices and what Devices say: how long an answer is waited for, and what becomes of each message.

- A command WAITING for its time is sent once that has come, and dropped by the network when it could not be delivered.
- One answer settles a command; a second one, or one that comes after the time-out, is kept and settles nothing.
- A future-dated activation is PROMISED by the Device, which keeps the time itself (`domain.md` 4.6); its alert keeps the
  promise. A Device keeps one at a time: a newer one, or a cancellation, takes the place of the one before.
- The DSP keeps the time of commands that Devices cannot (`domain.md` 4.6), and so can take them back.
- A Device's message is believed by its signature or its MAC. A MAC between a Device and a User can be checked by that
  User alone; such an answer is passed on when it names a command of ours that waits for it.
"""

from datetime import datetime, timedelta
from enum import StrEnum

from safelaunch.domain.machine import Machine, Move
from safelaunch.domain.smi import DeviceType

ANSWER_WITHIN = timedelta(minutes=10)
"""How long a Device has to answer (the texts are silent; answers mostly take seconds)."""

SLEEPER_ANSWERS_WITHIN = timedelta(hours=2)
"""The same for what runs on a battery and has to wake first (`domain.md` 3.5)."""

_SLEEPERS = frozenset({DeviceType.GSME})


class CommandState(StrEnum):
    """Where a command stands."""

    WAITING = "WAITING"
    SENT = "SENT"
    PROMISED = "PROMISED"
    ANSWERED = "ANSWERED"
    TIMED_OUT = "TIMED_OUT"
    UNDELIVERED = "UNDELIVERED"
    CANCELLED = "CANCELLED"


class CommandEvent(StrEnum):
    """What happens to a command."""

    SEND = "SEND"
    ANSWER = "ANSWER"
    PROMISE = "PROMISE"
    KEEP_PROMISE = "KEEP_PROMISE"
    TIME_OUT = "TIME_OUT"
    FAIL_TO_DELIVER = "FAIL_TO_DELIVER"
    CANCEL = "CANCEL"


_OPEN = (CommandState.WAITING, CommandState.SENT)

# An answer may come before the note that the command was sent.
MACHINE: Machine[CommandState, CommandEvent] = Machine(
    name="Device command",
    initial=CommandState.WAITING,
    moves=[
        Move(CommandEvent.SEND, (CommandState.WAITING,), CommandState.SENT),
        Move(CommandEvent.ANSWER, _OPEN, CommandState.ANSWERED),
        Move(CommandEvent.PROMISE, _OPEN, CommandState.PROMISED),
        Move(CommandEvent.KEEP_PROMISE, (CommandState.PROMISED,), CommandState.ANSWERED),
        Move(CommandEvent.TIME_OUT, _OPEN, CommandState.TIMED_OUT),
        Move(CommandEvent.FAIL_TO_DELIVER, _OPEN, CommandState.UNDELIVERED),
        Move(CommandEvent.CANCEL, (CommandState.WAITING, CommandState.PROMISED), CommandState.CANCELLED),
    ],
)
"""The life of a command to a Device."""


class MessageEffect(StrEnum):
    """What a message of a Device did."""

    ANSWERED = "ANSWERED"
    ALERTED = "ALERTED"
    NOTED = "NOTED"
    LATE = "LATE"
    UNMATCHED = "UNMATCHED"
    UNTRUSTED = "UNTRUSTED"
    UNREADABLE = "UNREADABLE"


WORDS: dict[MessageEffect, str] = {
    MessageEffect.ANSWERED: "answered a command and was passed on",
    MessageEffect.ALERTED: "was passed on as an alert",
    MessageEffect.NOTED: "recorded as evidence",
    MessageEffect.LATE: "came after the command was settled",
    MessageEffect.UNMATCHED: "belongs to no command that is known here",
    MessageEffect.UNTRUSTED: "is not signed or protected by the Device it names",
    MessageEffect.UNREADABLE: "is not a GBCS message",
}


def answer_due_at(*, device_type: DeviceType, sent_at: datetime) -> datetime:
    """This function will give when an answer is no longer waited for."""
    return sent_at + (SLEEPER_ANSWERS_WITHIN if device_type in _SLEEPERS else ANSWER_WITHIN)
