"""Commands to Devices on their way: protected and sent by a job, given up when nobody answers.

A command is written without its MAC and kept; the job that sends it makes the MAC with the Access Control Broker's key.
It is named at the CSP by its number, so whoever dies between sending and noting sends the same octets again, to no
second effect. Each network has one sender at a time, and nothing is done for a hub or a Device without a command.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from safelaunch.domain.device_commands import CommandEvent
from safelaunch.domain.firmware_journeys import JourneyEvent
from safelaunch.domain.read_backs import HOUSE_POLICY
from safelaunch.domain.refusals import Refused
from safelaunch.domain.smi import Network
from safelaunch.gateways.csp import CspGateway
from safelaunch.services import device_certificates, firmware_journeys
from safelaunch.services.device_certificates import DeviceKeys, Repository
from safelaunch.services.requests import commanding, outcomes
from safelaunch.store import transactions
from safelaunch.store.reads import device_commands as reads
from safelaunch.store.reads.device_commands import DueCommand
from safelaunch.store.writes import device_commands as writes
from safelaunch.store.writes import read_backs as read_back_writes
from safelaunch.wire import csp
from safelaunch.wire.duis.responses import Answer
from safelaunch.wire.duis.responses.codes import ResponseCode
from safelaunch.wire.duis.signing import Signer
from safelaunch.wire.gbcs import security
from safelaunch.wire.gbcs.message import build, parse
from safelaunch.wire.smki_devices import KeyUse

RUN = 200
"""Commands sent by one job before it makes way for others."""

UNDELIVERED = ResponseCode.E20
UNANSWERED = ResponseCode.E21


@dataclass(frozen=True, slots=True)
class Link:
    """The way to Devices.

    Attributes:
        gateway: to the networks.
        repository: of Device certificates.
        broker: the Access Control Broker's key for key agreement, with which the MACs are made, and its certificate.
    """

    gateway: CspGateway
    repository: Repository
    broker: Signer


def send(*, network: Network, link: Link, at: datetime) -> int:
    """This function will send a network's commands whose time has come, give up overdue ones, and give the number sent.

    Args:
        network: one network; one sender at a time.
        link: the way to Devices.
        at: when.

    Raises:
        Unreachable: the network or the repository did not answer; everything stays as it was, and may be tried again.
    """
    transactions.forbid()
    _give_up(network, at=at)
    due = reads.list_due_commands(network=network, at=at, limit=RUN)
    keys = device_certificates.find_keys(
        device_ids={command.device_id for command in due}, repository=link.repository, at=at
    )
    strangers = [one for one in due if (one.device_id, KeyUse.KEY_AGREEMENT) not in keys]
    ready = [one for one in due if (one.device_id, KeyUse.KEY_AGREEMENT) in keys]
    refused = _hand_over(ready, network=network, link=link, keys=keys, at=at)
    with transactions.transaction():
        undelivered = refused | {one.device_command_id for one in strangers}
        sent = {one.device_command_id for one in ready} - undelivered
        writes.move_commands(device_command_ids=sent, event=CommandEvent.SEND, at=at)
        _fail(undelivered, at=at)
        if len(due) == RUN:
            commanding.send_soon(network)
        elif (next_at := reads.next_command_due(network=network, at=at)) is not None:
            commanding.send_later(network, next_at=next_at, at=at)
    return len(sent)


def _hand_over(
    commands: Sequence[DueCommand], *, network: Network, link: Link, keys: DeviceKeys, at: datetime
) -> set[int]:
    """Give a network its commands, and say which it does not carry."""
    if not commands:
        return set()
    batch = csp.CommandBatch(
        batch_id=f"{network.value}-{commands[0].device_command_id}",
        sent_at=at,
        commands=[_protected(one, link=link, keys=keys) for one in commands],
    )
    try:
        receipt = link.gateway.command(network=network, batch=batch, at=at)
    except Refused:
        return {one.device_command_id for one in commands}
    return {int(command_id) for command_id in receipt.refused}


def _protected(command: DueCommand, *, link: Link, keys: DeviceKeys) -> csp.Command:
    envelope = security.protect(
        parse(command.gbcs),
        own_key=link.broker.key,
        other_key=keys[command.device_id, KeyUse.KEY_AGREEMENT],
    )
    return csp.Command(
        command_id=str(command.device_command_id),
        hub_device_id=str(command.hub_device_id),
        device_id=str(command.device_id),
        gbcs=build(envelope),
        expires_at=command.expires_at,
    )


def _fail(device_command_ids: Iterable[int], *, at: datetime) -> None:
    settled = writes.lock_commands(device_command_ids=list(device_command_ids))
    _settle(settled, event=CommandEvent.FAIL_TO_DELIVER, code=UNDELIVERED, at=at)


def _give_up(network: Network, *, at: datetime) -> None:
    """Tell Users that Devices did not answer in time, and have lost activations read back; a chunk at a time, so that no lock is held for long."""
    while True:
        with transactions.transaction():
            overdue = writes.lock_overdue_commands(network=network, at=at, limit=RUN)
            _settle(overdue, event=CommandEvent.TIME_OUT, code=UNANSWERED, at=at)
            if overdue:
                read_back_writes.owe_read_backs(device_command_ids=overdue.keys(), house=HOUSE_POLICY, at=at)
        if len(overdue) < RUN:
            return


def _settle(settled: Mapping[int, int], *, event: CommandEvent, code: ResponseCode, at: datetime) -> None:
    if settled:
        writes.move_commands(device_command_ids=settled.keys(), event=event, at=at)
        became = JourneyEvent.LOSE if event is CommandEvent.TIME_OUT else JourneyEvent.FAIL_TO_ACTIVATE
        activated = reads.list_activated(device_command_ids=settled.keys())
        firmware_journeys.note_activations(device_ids=activated, event=became, at=at)
        outcomes.complete_all(answers={request: Answer(code) for request in settled.values()}, at=at)
