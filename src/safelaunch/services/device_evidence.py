"""Which firmware a Device runs, by what it said: the answers to 11.2 and 11.3 and the alert of a future-dated 11.3.

What is evidence (`domain.md` 9.2):
- The first answer to a command of ours, and the alert that keeps a promise.
- An answer that came after its time-out, unless a command that was sent later has been answered: what a Device said
  before must not undo what it said since.
- An answer that only the User could check counts as well: it came through a network that signs its batches, from the
  Device's own ID, to a command that waits for it, and nobody but the User could ever know more (R-0105-9).
- Whatever repeats an earlier message is no evidence of anything.
"""

from safelaunch.domain.device_commands import CommandState
from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.suspension import Kind
from safelaunch.services.suspensions import Heard
from safelaunch.store.reads.device_commands import CommandFacts
from safelaunch.wire.gbcs.activation import (
    ActivationCode,
    ActivationOutcome,
    FutureDatedActivationAlert,
    FutureDatedAlertCode,
)
from safelaunch.wire.gbcs.catalogue import GbcsMessage
from safelaunch.wire.gbcs.versions import Cs08Response, Ecs52Response, Gcs38Response, ReadOutcome

_WAITS = frozenset({CommandState.WAITING, CommandState.SENT, CommandState.PROMISED})


def evidence_of(message: GbcsMessage, *, device_id: Eui64, command: CommandFacts) -> Heard | None:
    """This function will give what a message about a command proves of its Device's firmware, or nothing.

    Args:
        message: an answer, or the alert that a future-dated activation is over.
        device_id: who said it.
        command: what it speaks of, as it stood before this message.
    """
    is_in_time = command.state in _WAITS
    is_late = command.state is CommandState.TIMED_OUT and not command.is_overtaken
    return _heard(message, device_id, command) if is_in_time or is_late else None


def _heard(message: GbcsMessage, device_id: Eui64, command: CommandFacts) -> Heard | None:
    payload = message.payload
    if isinstance(payload, Ecs52Response | Gcs38Response):
        return Heard(device_id, Kind.READ, payload.firmware_version)
    if isinstance(payload, Cs08Response):
        is_read = payload.outcome is ReadOutcome.SUCCESS
        return Heard(device_id, Kind.READ, payload.firmware_version if is_read else None)
    if isinstance(payload, FutureDatedActivationAlert):
        is_done = payload.alert_code is FutureDatedAlertCode.SUCCEEDED
        kind = Kind.FUTURE_DATED_DONE if is_done else Kind.FUTURE_DATED_FAILED
        return Heard(device_id, kind, payload.outcome.firmware_version, is_success=is_done)
    if isinstance(payload, ActivationOutcome):
        kind = Kind.ACTIVATION_RETRY if command.is_retry else Kind.ACTIVATION
        is_success = payload.code is ActivationCode.SUCCESS
        return Heard(device_id, kind, payload.firmware_version, is_success=is_success)
    return None
