"""Commands to Devices on behalf of requests: addressed, queued without their MAC, and sent by a job (`domain.md` 4.5).

Who speaks in a command:
- A User whose key agreement certificate is filed here, and whom the Device knows as its Supplier or network operator,
  speaks for itself, under the counter of its request: the Device answers it, protected for it alone.
- For anybody else, and to Devices that know nobody (hub, PPMID, HCALCS), the Access Control Broker speaks, under a
  counter of its own, and names the User as the party behind it (the vectors of CS08).

Who carries a command (`domain.md` 4.4): the SM WAN in Command Variants 1 and 5, the User in person in 2 and 6, both in
3 and 7. What the User carries has its MAC at once, and is part of the answer; I99 then says that the network's outcome
follows all the same.
"""

from dataclasses import dataclass
from datetime import datetime

from safelaunch.domain import admission
from safelaunch.domain import srv as catalogue
from safelaunch.domain.device_commands import answer_due_at
from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.refusals import NotFound
from safelaunch.domain.smi import DeviceType, Network
from safelaunch.services import device_certificates, wake_ups
from safelaunch.services.jobs import Job
from safelaunch.services.requests import outcomes
from safelaunch.services.requests.received import ServiceRequest
from safelaunch.store import jobs
from safelaunch.store.reads import device_commands as reads
from safelaunch.store.reads.device_commands import Route
from safelaunch.store.reads.service_requests import TargetFacts
from safelaunch.store.transactions import transaction_required
from safelaunch.store.writes import device_commands as writes
from safelaunch.store.writes.device_commands import NewCommand
from safelaunch.wire.duis.responses import Answer
from safelaunch.wire.duis.responses.codes import ResponseCode
from safelaunch.wire.duis.responses.content import LocalCommand
from safelaunch.wire.gbcs import security
from safelaunch.wire.gbcs.catalogue import GbcsMessage, MessageCode, Payload, enclose
from safelaunch.wire.gbcs.message import Envelope, GroupingHeader, MessageKind, Supplementary, build
from safelaunch.wire.smki_devices import KeyUse

TAKEN_BACK = ResponseCode.E30
"""The outcome of a request whose User took it back before its time came."""

LOW_24_BITS = 0xFFFFFF
"""What of a counter the DLMS frames repeat."""

_KNOWS_PARTIES = frozenset({DeviceType.ESME, DeviceType.GSME, DeviceType.GPF})


class NoRoute(NotFound):
    """The Device cannot be reached."""


class NoProtection(NotFound):
    """No certificate is known with which a command could be protected for its Device."""


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who speaks in a command, under which counter, and for whom."""

    originator: Eui64
    counter: int
    supplementary: Supplementary | None = None


def target_of(request: ServiceRequest) -> TargetFacts:
    """This function will give the Device that a request is for.

    Raises:
        NoRoute: it is for none.
    """
    if request.target is None:
        raise NoRoute(f"The request {request.request_id} is for no Device.")
    return request.target


def find_route(request: ServiceRequest) -> Route:
    """This function will say how the Device of a request is reached.

    Raises:
        NoRoute: it is behind no hub of the inventory.
    """
    target = target_of(request)
    route = reads.find_route(device_id=request.request_id.target, hub_device_id=target.hub_device_id)
    if route is None:
        raise NoRoute(f"{request.request_id.target} is behind no hub of the inventory.")
    return route


def speaker_of(request: ServiceRequest, *, broker: Eui64, number: int, at: datetime) -> Speaker:
    """This function will say who speaks in a command that is not critical (see the module).

    Args:
        request: the request.
        broker: the Access Control Broker's EUI-64.
        number: the command's number, under which the broker speaks.
        at: when.
    """
    user_id, counter, target = request.request_id.originator, request.request_id.counter, target_of(request)
    is_registered = admission.is_responsible(
        target.as_target(),
        party_id=request.user.party_id,
        roles=request.user.roles & admission.REGISTERED & request.srv.roles,
    )
    if (
        DeviceType(target.device_type) in _KNOWS_PARTIES
        and is_registered
        and device_certificates.is_known_to_devices(eui=user_id, at=at)
    ):
        return Speaker(user_id, counter)
    return Speaker(broker, number, Supplementary(user_id, counter))


def compose(request: ServiceRequest, *, speaker: Speaker, code: MessageCode, payload: Payload) -> Envelope:
    """This function will write a command that needs no signature."""
    header = GroupingHeader(
        kind=MessageKind.COMMAND,
        originator_counter=speaker.counter,
        originator_id=speaker.originator,
        target_id=request.request_id.target,
        message_code=code,
        supplementary=speaker.supplementary,
    )
    return enclose(GbcsMessage(header, payload))


@transaction_required
def deliver(
    request: ServiceRequest,
    *,
    envelope: Envelope,
    number: int,
    send_at: datetime,
    at: datetime,
    execute_at: datetime | None = None,
) -> Answer:
    """This function will have a command carried as its Command Variant says, and give the answer to that (see the module).

    Args are those of `queue`.

    Raises:
        NoRoute, NoProtection: the Device cannot be reached, or not be spoken to.
    """
    variant = request.command_variant
    local = _local(request, envelope) if variant in catalogue.LOCAL else None
    if variant not in catalogue.OVER_THE_WAN:
        return Answer(ResponseCode.I0, local)
    queue(request, envelope=envelope, number=number, send_at=send_at, at=at, execute_at=execute_at)
    return Answer(ResponseCode.I99, local)


def _local(request: ServiceRequest, envelope: Envelope) -> LocalCommand:
    device_id = envelope.header.target_id
    key = device_certificates.find_kept_key(device_id=device_id, use=KeyUse.KEY_AGREEMENT)
    if key is None or request.protection is None:
        raise NoProtection(f"No key agreement certificate of {device_id} is believed here.")
    return LocalCommand(
        gbcs_payload=build(security.protect(envelope, own_key=request.protection.broker.key, other_key=key))
    )


@transaction_required
def queue(
    request: ServiceRequest,
    *,
    envelope: Envelope,
    number: int,
    send_at: datetime,
    at: datetime,
    execute_at: datetime | None = None,
) -> None:
    """This function will queue a command under a number drawn for it, and have it sent when its time comes.

    Args:
        request: on whose behalf.
        envelope: the command, signed where it has to be, without its MAC.
        number: drawn for it (`writes.device_commands.draw_command_number`).
        send_at: when it is sent; the DSP keeps this time.
        at: when.
        execute_at: when the Device is to carry it out; the Device keeps this time.
    """
    target, header = target_of(request), envelope.header
    network = Network(find_route(request).network)
    command = NewCommand(
        service_request_id=request.service_request_id,
        user_id=request.request_id.originator,
        srv=request.srv.code,
        device_id=header.target_id,
        hub_device_id=target.hub_device_id,
        network=network,
        message_code=header.message_code,
        originator=header.originator_id,
        originator_counter=header.originator_counter,
        gbcs=build(envelope),
        send_at=send_at,
        expires_at=answer_due_at(device_type=DeviceType(target.device_type), sent_at=send_at),
        execute_at=execute_at,
    )
    writes.add(command=command, number=number)
    if send_at <= at:
        send_soon(network)
    else:
        send_later(network, next_at=send_at, at=at)


@transaction_required
def take_back(request: ServiceRequest, *, at: datetime) -> int:
    """This function will take back what a User asked of a Device by the same SRV and for later, and give its number.

    The requests that are taken back are completed, so that nobody waits for them.
    """
    taken_back = writes.cancel_commands(
        user_id=request.request_id.originator,
        device_id=request.request_id.target,
        srv=request.srv.code,
        at=at,
    )
    if taken_back:
        outcomes.complete_all(answers={number: Answer(TAKEN_BACK) for number in taken_back}, at=at)
    return len(taken_back)


@transaction_required
def send_soon(network: Network) -> None:
    """This function will have a network's commands looked at now."""
    jobs.defer_once(Job.SEND_DEVICE_COMMANDS, key=f"device-commands-{network}", network=network.value)


@transaction_required
def send_later(network: Network, *, next_at: datetime, at: datetime) -> None:
    """This function will have a network's commands looked at when there is something to do."""
    # What is to be done later must not keep what comes meanwhile from going at once.
    wake_ups.wake_later(
        Job.SEND_DEVICE_COMMANDS,
        key=f"device-commands-{network}",
        because=next_at.isoformat(),
        in_seconds=(next_at - at).total_seconds(),
        network=network.value,
    )
