"""Taking in what Devices said: believed or not, matched with what was asked, passed on to whoever asked (4.5, 9.2).

The door keeps messages as they came; this job judges them, each once, with a constant number of statements whatever
their number; a Device that went to another Supplier costs a few more. A message that nothing can be made of stays, with
the reason. What a Device said of its firmware brings the inventory to the truth in the same transaction (MP105),
and what it said of a Change of Tenancy begins an epoch there (SECMP0056).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from safelaunch.domain.device_commands import CommandEvent, CommandState, MessageEffect
from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.refusals import Problem, Unreadable
from safelaunch.domain.smi import Network
from safelaunch.services import (
    deliveries,
    device_certificates,
    firmware_evidence,
    firmware_journeys,
    han_logs,
    supplier_changes,
    suspensions,
    tenancy,
)
from safelaunch.services.deliveries import spoken_by
from safelaunch.services.device_certificates import DeviceKeys
from safelaunch.services.device_commands import Link
from safelaunch.services.device_evidence import evidence_of
from safelaunch.services.firmware_journeys import Sighting
from safelaunch.services.jobs import Job
from safelaunch.services.requests import outcomes
from safelaunch.services.supplier_changes import HandedOver
from safelaunch.services.suspensions import Heard
from safelaunch.services.tenancy import CarriedOut
from safelaunch.services.wake_ups import TELLING
from safelaunch.store import jobs, transactions
from safelaunch.store.reads import device_commands as reads
from safelaunch.store.reads import parties
from safelaunch.store.reads.device_commands import CommandFacts, UnjudgedMessage
from safelaunch.store.writes import device_commands as writes
from safelaunch.store.writes import read_backs as read_back_writes
from safelaunch.store.writes import suspensions as suspension_writes
from safelaunch.store.writes.deliveries import Outgoing
from safelaunch.store.writes.device_commands import Judged, Spoken
from safelaunch.wire.duis.identifiers import RequestId
from safelaunch.wire.duis.responses import Answer, Reply
from safelaunch.wire.duis.responses.alerts import DeviceAlert
from safelaunch.wire.duis.responses.alike import write_alike
from safelaunch.wire.duis.responses.codes import ResponseCode
from safelaunch.wire.duis.responses.content import FutureDatedAlertCode, FutureDatedDeviceAlert, GbcsPayload
from safelaunch.wire.duis.signing import Signer
from safelaunch.wire.gbcs import security
from safelaunch.wire.gbcs.activation import ActivationAccepted, FutureDatedActivationAlert
from safelaunch.wire.gbcs.alerts import DlmsReceiptAlert, GbzReceiptAlert
from safelaunch.wire.gbcs.catalogue import GbcsMessage, MessageCode, open_envelope
from safelaunch.wire.gbcs.clocks import Ecs70Response, Gcs28Response
from safelaunch.wire.gbcs.credentials import Cs02bAlert, Cs02bResponse, Outcome
from safelaunch.wire.gbcs.device_log import Ccs02Response, HubLogAlert
from safelaunch.wire.gbcs.gpf_log import Gcs59Response
from safelaunch.wire.gbcs.message import Envelope, MessageKind, parse
from safelaunch.wire.gbcs.tenancy import Ecs12Response, Gcs09Response
from safelaunch.wire.gbcs.times import CANCELLED_AT
from safelaunch.wire.smki_devices import KeyUse

RUN = 500
"""Messages judged by one job before it makes way for others."""

_OPEN = frozenset({CommandState.WAITING, CommandState.SENT})


@dataclass(frozen=True, slots=True)
class Opened:
    """A message that was read: what it says, and whether its Device was found to have made it."""

    told: UnjudgedMessage
    message: GbcsMessage
    is_verified: bool

    @property
    def speaks_of(self) -> Spoken | None:
        """This function will give the command that the message answers or tells the end of, if any."""
        header, payload = self.message.header, self.message.payload
        if header.kind is MessageKind.RESPONSE:
            return (self.told.device_id, header.target_id, header.originator_counter, header.message_code)
        if isinstance(payload, FutureDatedActivationAlert):
            code = int(MessageCode.CS06_ACTIVATE_FIRMWARE)
            return (self.told.device_id, header.target_id, payload.originator_counter, code)
        if isinstance(payload, Cs02bAlert):
            code = int(MessageCode.CS02B_SUPPLIER_BY_TRANS_COS)
            return (self.told.device_id, header.target_id, payload.outcome.counter, code)
        return None


@dataclass(slots=True)
class Verdicts:
    """What is to be recorded of a run of messages."""

    judged: list[Judged] = field(default_factory=list)
    moves: dict[CommandEvent, list[int]] = field(default_factory=dict)
    released: dict[int, set[Eui64]] = field(default_factory=dict)
    handed_over: list[HandedOver] = field(default_factory=list)
    carried_out: list[CarriedOut] = field(default_factory=list)
    outcomes: dict[int, Answer] = field(default_factory=dict)
    tellings: list[tuple[int, int, Answer]] = field(default_factory=list)
    alerts: list[Opened] = field(default_factory=list)
    settled: set[int] = field(default_factory=set)
    evidence: dict[tuple[int, bool], Heard] = field(default_factory=dict)
    sightings: list[Sighting] = field(default_factory=list)
    homes: han_logs.Heard = field(default_factory=han_logs.Heard)

    def note(self, opened: Opened, *, effect: MessageEffect, command: CommandFacts | None = None) -> None:
        """This function will note what a message did."""
        number = None if command is None else command.device_command_id
        self.judged.append(Judged(opened.told.number, effect, number, opened.is_verified))

    def settle(self, opened: Opened, *, command: CommandFacts, event: CommandEvent, answer: Answer) -> None:
        """This function will have a command settled by its first answer."""
        self.settled.add(command.device_command_id)
        self.outcomes[command.service_request_id] = answer
        self.tell(opened, command=command, event=event, answer=answer)

    def learn(self, opened: Opened, *, command: CommandFacts, network: Network) -> None:
        """This function will note what a message proves of its Device's firmware; the first of each kind about a command."""
        seen = firmware_evidence.of_answer(opened.told, opened.message, command=command, network=network)
        if seen is not None:
            self.sightings.append(seen)
        found = evidence_of(opened.message, device_id=opened.told.device_id, command=command)
        if found is not None:
            is_answer = opened.message.header.kind is MessageKind.RESPONSE
            self.evidence.setdefault((command.device_command_id, is_answer), found)

    def tell(self, opened: Opened, *, command: CommandFacts, event: CommandEvent, answer: Answer) -> None:
        """This function will have a User told something about a command, which it may move."""
        self.moves.setdefault(event, []).append(command.device_command_id)
        self.tellings.append((opened.told.number, command.service_request_id, answer))

    def hand_over(self, opened: Opened, *, command: CommandFacts, outcome: Outcome | None) -> None:
        """This function will have a change of Supplier told to both, once, if the Device itself says that it made it."""
        is_told = any(one.device_command_id == command.device_command_id for one in self.handed_over)
        if opened.is_verified and outcome is not None and outcome.has_succeeded and not is_told:
            payload, told = opened.message.payload, opened.told
            self.handed_over.append(
                HandedOver(
                    device_id=told.device_id,
                    device_command_id=command.device_command_id,
                    service_request_id=command.service_request_id,
                    losing=outcome.losing,
                    changed_at=(
                        payload.execution_at if isinstance(payload, Cs02bAlert) else told.happened_at
                    ),
                )
            )

    def restrict(self, opened: Opened, *, command: CommandFacts) -> None:
        """This function will note that a Device hides what was recorded before a moment, if it says that it does.

        However often it says so, and however late: what counts is the moment that the command names.
        """
        payload = opened.message.payload
        if (isinstance(payload, Ecs12Response) and payload.result == 0) or (
            isinstance(payload, Gcs09Response) and payload.status == 0
        ):
            told = opened.told
            self.carried_out.append(CarriedOut(told.device_id, command.device_command_id, told.happened_at))

    def hear_of_home(self, opened: Opened, *, command: CommandFacts | None) -> None:
        """This function will note what a hub tells of its log, or a meter of its clock, if it is they who say it."""
        told, payload = opened.told, opened.message.payload
        if not opened.is_verified:
            return
        if isinstance(payload, HubLogAlert):
            self.homes.logs.append(han_logs.LogTold(told.device_id, payload, told.happened_at))
        elif command is not None and isinstance(payload, Ccs02Response | Gcs59Response):
            self.homes.answers.append(
                han_logs.Answered(command.service_request_id, payload.is_logged, told.happened_at)
            )
        elif command is not None and isinstance(payload, Ecs70Response | Gcs28Response) and payload.is_set:
            clock = han_logs.ClockSet(told.device_id, command.service_request_id, told.happened_at)
            self.homes.clocks.append(clock)


def take_in(*, network: Network, link: Link, at: datetime) -> int:
    """This function will judge messages of a network's Devices, and give their number.

    Args:
        network: one network; one judge at a time.
        link: the way to Devices; of it, the repository of certificates and the broker's key.
        at: when.

    Raises:
        Unreachable: certificates are missing, and the repository does not answer; the messages wait.
    """
    transactions.forbid()
    messages = reads.list_unjudged_messages(network=network, limit=RUN)
    keys = device_certificates.find_keys(
        device_ids={one.device_id for one in messages}, repository=link.repository, at=at
    )
    verdicts = Verdicts()
    opened = [
        found for one in messages if (found := _open(one, keys=keys, broker=link.broker, verdicts=verdicts))
    ]
    with transactions.transaction():
        if opened:
            # Before anything is locked, for a change of the CPL may take its time.
            suspension_writes.enter_fleet()
        _judge(opened, network=network, verdicts=verdicts)
        _record(verdicts, network=network, at=at)
        supplier_changes.tell(verdicts.handed_over, dsp_id=link.broker.eui, at=at)
        han_logs.take_in(verdicts.homes, dsp_id=link.broker.eui, at=at)
        tenancy.begin(carried_out=verdicts.carried_out, handed_over=verdicts.handed_over, at=at)
        if len(messages) == RUN:
            key = f"device-messages-{network}"
            jobs.defer_once(Job.TAKE_IN_DEVICE_MESSAGES, key=key, network=network.value)
    return len(messages)


def _open(told: UnjudgedMessage, *, keys: DeviceKeys, broker: Signer, verdicts: Verdicts) -> Opened | None:
    try:
        envelope = parse(told.gbcs)
        message = open_envelope(envelope)
    except Problem:
        verdicts.judged.append(Judged(told.number, MessageEffect.UNREADABLE))
        return None
    try:
        return Opened(told, message, _is_verified(envelope, told=told, keys=keys, broker=broker))
    except Problem:
        verdicts.judged.append(Judged(told.number, MessageEffect.UNTRUSTED, is_verified=False))
        return None


def _is_verified(envelope: Envelope, *, told: UnjudgedMessage, keys: DeviceKeys, broker: Signer) -> bool:
    """Check a message by its signature, or by its MAC where that is for us; false where only the User can.

    Raises:
        Unreadable: its Device did not make it, or is not known.
    """
    if envelope.header.originator_id != told.device_id:
        raise Unreadable(f"The message of {told.device_id} is {envelope.header.originator_id}'s.")
    use = KeyUse.DIGITAL_SIGNATURE if envelope.signature else KeyUse.KEY_AGREEMENT
    if (told.device_id, use) not in keys:
        raise Unreadable(f"No certificate of {told.device_id} is believed.")
    key = keys[told.device_id, use]
    if envelope.signature:
        security.verify(envelope, key=key)
        return True
    if envelope.header.target_id == broker.eui:
        security.verify_mac(envelope, own_key=broker.key, other_key=key)
        return True
    if envelope.mac is None:
        raise Unreadable(f"The message of {told.device_id} is neither signed nor protected.")
    return False


def _judge(opened: Iterable[Opened], *, network: Network, verdicts: Verdicts) -> None:
    in_order = sorted(opened, key=lambda one: one.told.number)
    spoken = list(dict.fromkeys(one.speaks_of for one in in_order if one.speaks_of is not None))
    commands = writes.lock_matching_commands(spoken=spoken) if spoken else {}
    for one in in_order:
        command = None if one.speaks_of is None else commands.get(one.speaks_of)
        if one.message.header.kind is MessageKind.RESPONSE:
            _judge_answer(one, command, verdicts, network=network)
        else:
            _judge_alert(one, command, verdicts, network=network)


def _judge_answer(one: Opened, command: CommandFacts | None, verdicts: Verdicts, *, network: Network) -> None:
    if command is None:
        verdicts.note(one, effect=MessageEffect.UNMATCHED)
        return
    verdicts.learn(one, command=command, network=network)
    verdicts.restrict(one, command=command)
    verdicts.hear_of_home(one, command=command)
    if command.state not in _OPEN or command.device_command_id in verdicts.settled:
        verdicts.note(one, effect=MessageEffect.LATE, command=command)
        return
    if command.is_read_back:
        verdicts.settled.add(command.device_command_id)
        verdicts.moves.setdefault(CommandEvent.ANSWER, []).append(command.device_command_id)
        verdicts.note(one, effect=MessageEffect.ANSWERED, command=command)
        return
    event, payload = CommandEvent.ANSWER, one.message.payload
    if isinstance(payload, Cs02bResponse):
        verdicts.hand_over(one, command=command, outcome=payload.outcome)
    if isinstance(payload, ActivationAccepted) or (
        isinstance(payload, Cs02bResponse) and payload.outcome is None
    ):
        # A promise or a cancellation: either way the Device has forgotten what it promised before.
        verdicts.released.setdefault(one.message.header.message_code, set()).add(one.told.device_id)
        if command.execute_at is not None and command.execute_at != CANCELLED_AT:
            event = CommandEvent.PROMISE
    verdicts.settle(
        one, command=command, event=event, answer=Answer(ResponseCode.I0, GbcsPayload(one.told.gbcs))
    )
    verdicts.note(one, effect=MessageEffect.ANSWERED, command=command)


def _judge_alert(one: Opened, command: CommandFacts | None, verdicts: Verdicts, *, network: Network) -> None:
    payload = one.message.payload
    seen = firmware_evidence.of_alert(one.told, one.message, network=network)
    if seen is not None:
        verdicts.sightings.append(seen)
    if isinstance(payload, FutureDatedActivationAlert | Cs02bAlert) and command is not None:
        if isinstance(payload, Cs02bAlert) and command.state in {*_OPEN, CommandState.PROMISED}:
            verdicts.hand_over(one, command=command, outcome=payload.outcome)
        content = FutureDatedDeviceAlert(
            alert_code=FutureDatedAlertCode(f"{payload.alert_code:04X}"), gbcs_payload=one.told.gbcs
        )
        answer = Answer(ResponseCode.I0, content)
        verdicts.learn(one, command=command, network=network)
        if command.state in _OPEN and command.device_command_id not in verdicts.settled:
            # The promise itself was lost on its way, so this is the first that is heard of the command.
            verdicts.settle(one, command=command, event=CommandEvent.ANSWER, answer=answer)
        else:
            verdicts.tell(one, command=command, event=CommandEvent.KEEP_PROMISE, answer=answer)
        verdicts.note(one, effect=MessageEffect.ALERTED, command=command)
    elif isinstance(payload, DlmsReceiptAlert | GbzReceiptAlert):
        verdicts.alerts.append(one)
        verdicts.note(one, effect=MessageEffect.ALERTED)
    else:
        verdicts.hear_of_home(one, command=None)
        verdicts.note(one, effect=MessageEffect.NOTED)


def _record(verdicts: Verdicts, *, network: Network, at: datetime) -> None:
    # What was promised before goes first, so that a new promise is not forgotten with it.
    for code, device_ids in verdicts.released.items():
        writes.cancel_promises(device_ids=device_ids, message_code=code, at=at)
    for event in CommandEvent:
        writes.move_commands(device_command_ids=verdicts.moves.get(event, ()), event=event, at=at)
    outcomes.settle_all(answers=verdicts.outcomes, at=at)
    answers = outcomes.compose(answers=[(request, answer) for _, request, answer in verdicts.tellings], at=at)
    numbers = [number for number, _, _ in verdicts.tellings]
    told = [*zip(numbers, answers, strict=True), *_alerts(verdicts.alerts, at=at)]
    if told:
        # In the order in which Devices spoke, whatever each message is.
        deliveries.queue(messages=[message for _, message in sorted(told, key=lambda one: one[0])])
    if verdicts.evidence:
        versions = {one.target_id for one in verdicts.evidence.values() if one.version is not None}
        read_back_writes.end_read_backs(device_ids=versions)
        settled = suspensions.settle_answers(heard=list(verdicts.evidence.values()), at=at)
        if any(one.verdict is not None and one.verdict.alert is not None for one in settled):
            jobs.defer_once(Job.TELL_USERS, key=f"tell-users-devices-{network}", lock=TELLING)
    firmware_journeys.take_in(sightings=verdicts.sightings, at=at)
    if verdicts.judged:
        writes.judge_messages(network=network, judged=verdicts.judged)


def _alerts(alerts: Iterable[Opened], *, at: datetime) -> list[tuple[int, Outgoing]]:
    """Write Devices' alerts to the Users they are addressed to; one for nobody known stays as evidence."""
    receivers = dict.fromkeys(one.message.header.target_id for one in alerts)
    users = {eui: parties.find_user(user_id=eui) for eui in receivers}
    return [
        (one.told.number, _alert(one, version=spoken_by(user.duis_version), at=at))
        for one in alerts
        if (user := users[one.message.header.target_id]) is not None
    ]


def _alert(one: Opened, *, version: str, at: datetime) -> Outgoing:
    header, payload = one.message.header, one.message.payload
    if not isinstance(payload, DlmsReceiptAlert | GbzReceiptAlert):
        raise TypeError(f"{type(payload).__name__} is no alert with a code of its own.")
    code = payload.alert_code.to_bytes(2, "big")
    reply = Reply(
        code=ResponseCode.I0,
        at=at,
        message=DeviceAlert(code=code, gbcs_payload=one.told.gbcs),
        response_id=RequestId(one.told.device_id, header.target_id, header.originator_counter),
    )
    return Outgoing(
        user_id=header.target_id,
        octets=write_alike(reply, version=version),
        code=code.hex().upper(),
        device_id=one.told.device_id,
    )
