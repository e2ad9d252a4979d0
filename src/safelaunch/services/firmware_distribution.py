"""Images on their way out: handed to the networks, taken back, sent again, and waiting for hubs (`domain.md` 10.2, 10.3).

A network is told of the next Devices in one message for each request and attempt, and is given the image when it wants
it. Whoever dies between sending and noting sends the same again: each Device is named by request and attempt, and the
network brings an image once for that. Everything here runs again harmlessly.
"""

import itertools
from collections.abc import Iterable, Sequence
from datetime import datetime

from safelaunch.domain import firmware_journeys as rules
from safelaunch.domain.firmware_journeys import Happening, JourneyEvent, Reason, TargetState
from safelaunch.domain.firmware_requests import FIRMWARE, Exclusion, passes_on
from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.people import Actor
from safelaunch.domain.refusals import Conflict, Forbidden, Refused
from safelaunch.domain.smi import Network
from safelaunch.gateways.csp import CspGateway
from safelaunch.services import firmware_journeys
from safelaunch.services.firmware_journeys import of_our_own
from safelaunch.services.jobs import Job
from safelaunch.store import jobs, transactions
from safelaunch.store.reads import firmware as firmware_reads
from safelaunch.store.reads import firmware_journeys as reads
from safelaunch.store.transactions import transaction_required
from safelaunch.store.writes import firmware_journeys as writes
from safelaunch.store.writes import record
from safelaunch.store.writes.firmware_journeys import Journey
from safelaunch.wire import csp

RUN = 2_000
"""Devices handed to a network, or whose clocks are looked at, by one job before it makes way for others."""

_MINDING = "mind-firmware"


class NothingToDo(Conflict):
    """No Device of the request stands where this could be done."""


class NotYours(Forbidden):
    """The request is another Party's."""


@transaction_required
def send_soon(networks: Iterable[Network]) -> None:
    """This function will have networks told of the Devices that wait for their image."""
    for network in networks:
        jobs.defer_once(Job.DISTRIBUTE_FIRMWARE, key=f"distribute-firmware-{network}", network=network.value)


@transaction_required
def set_out_soon() -> None:
    """This function will have Devices of a new request set out, in whatever networks they are."""
    jobs.defer_once(Job.MIND_FIRMWARE, key=_MINDING)


def defer_due(*, at: datetime) -> None:
    """This function will defer what is due by now: images to be sent, clocks that have run out, hubs to be looked at."""
    networks, is_due = reads.list_networks_with_firmware(), reads.is_firmware_due(at=at)
    if not networks and not is_due:
        return
    with transactions.transaction():
        send_soon(networks)
        if is_due:
            jobs.defer_once(Job.MIND_FIRMWARE, key=_MINDING)


def distribute(*, network: Network, gateway: CspGateway, at: datetime) -> int:
    """This function will hand the next Devices to a network, as far as it has permits, and give their number.

    Raises:
        Unreachable: the network does not answer; what it has not confirmed is sent again.
    """
    transactions.forbid()
    with transactions.transaction():
        taken = writes.take_firmware_to_send(network=network, permits=rules.PERMITS, limit=RUN)
    refused: set[tuple[int, Eui64]] = set()
    for (request, attempt), group in itertools.groupby(
        taken, key=lambda one: (one.service_request_id, one.standing.attempt)
    ):
        unknown = _hand_over(list(group), network=network, attempt=attempt, gateway=gateway, at=at)
        refused |= {(request, device_id) for device_id in unknown}
    with transactions.transaction():
        _note_sent(taken, refused=refused, at=at)
        if len(taken) == RUN:
            send_soon([network])
    return len(taken)


def _hand_over(
    journeys: Sequence[Journey], *, network: Network, attempt: int, gateway: CspGateway, at: datetime
) -> set[Eui64]:
    """Tell a network of the Devices of one request, with the image if it wants it, and say which it does not carry."""
    first = journeys[0]
    distribution = csp.Distribution(
        distribution_id=str(first.service_request_id),
        attempt=attempt,
        image_digest=first.image_digest.hex(),
        is_signed=first.srv == FIRMWARE,
        firmware_version=first.firmware_version,
        sent_at=at,
        targets=[
            csp.Target(hub_device_id=str(one.hub_device_id), device_id=str(one.device_id)) for one in journeys
        ],
    )
    try:
        receipt = gateway.distribute(network=network, distribution=distribution, at=at)
        if receipt.wants_image:
            octets = firmware_reads.find_image(digest=first.image_digest) or b""
            image = csp.ImageUpload(digest=first.image_digest.hex(), octets=octets)
            gateway.upload(network=network, image=image, at=at)
            receipt = gateway.distribute(network=network, distribution=distribution, at=at)
    except Refused:
        return {one.device_id for one in journeys}
    return {Eui64.parse(text) for text in receipt.unknown_device_ids}


def _note_sent(taken: Sequence[Journey], *, refused: set[tuple[int, Eui64]], at: datetime) -> None:
    journeys = writes.lock_firmware_journeys(device_ids={one.device_id for one in taken}) if taken else {}
    judged = []
    for sent in taken:
        journey = journeys.get(sent.device_id)
        if journey is None or journey.service_request_id != sent.service_request_id:
            continue
        attempt = sent.standing.attempt
        judged.append(of_our_own(journey, Happening(JourneyEvent.SEND, at, attempt=attempt)))
        if journey.hub_device_id != sent.hub_device_id:
            judged.append(of_our_own(journey, _hub_changed(at)))
        elif (sent.service_request_id, sent.device_id) in refused:
            failed = Happening(JourneyEvent.FAIL_AT_HUB, at, Reason.NOT_CARRIED, attempt=attempt)
            judged.append(of_our_own(journey, failed))
    firmware_journeys.judge(judged, at=at)


def mind(*, at: datetime) -> int:
    """This function will see to journeys whose clocks have run out, and to Devices whose hub is ready; and give their number."""
    with transactions.transaction():
        due = writes.lock_due_firmware(at=at, limit=RUN)
        rung = [(one, rules.ring(one.standing, at=at)) for one in due]
        judged = [of_our_own(one, happening) for one, happening in rung if happening is not None]
        kinds = [
            (kind.hub_gbcs_version, kind.network)
            for kind in reads.list_waiting_hub_kinds()
            if kind.hub_gbcs_version is not None and passes_on(kind.hub_gbcs_version, network=kind.network)
        ]
        ready = writes.lock_firmware_that_waited(kinds=kinds, limit=RUN) if kinds else []
        judged += [of_our_own(one, Happening(JourneyEvent.HUB_IS_READY, at)) for one in ready]
        firmware_journeys.judge(judged, at=at)
        send_soon(reads.list_networks_with_firmware())
        if RUN in (len(due), len(ready)):
            jobs.defer_once(Job.MIND_FIRMWARE, key=_MINDING)
    return len(judged)


@transaction_required
def leave_service(*, device_id: Eui64, at: datetime) -> int:
    """This function will end what is under way to a Device that leaves service, and give the number of journeys."""
    left = writes.lock_firmware_at(device_id=device_id)
    happening = Happening(JourneyEvent.LEAVE_SERVICE, at, Reason.LEFT_SERVICE)
    return firmware_journeys.judge([of_our_own(one, happening) for one in left], at=at)


@transaction_required
def change_hub(*, hub_device_id: Eui64, at: datetime) -> None:
    """This function will have what is under way to the Devices behind a new hub go on through that one.

    What was at the hub before it, or on its way there, is tried again.
    """
    moved = writes.lock_firmware_at(device_id=hub_device_id)
    writes.move_firmware_behind(hub_device_id=hub_device_id, journeys=moved)
    under_way = rules.MACHINE.sources(JourneyEvent.CHANGE_HUB)
    sent = [one for one in moved if one.standing.state in under_way]
    firmware_journeys.judge([of_our_own(one, _hub_changed(at)) for one in sent], at=at)


def _hub_changed(at: datetime) -> Happening:
    return Happening(JourneyEvent.CHANGE_HUB, at, Reason.HUB_REPLACED)


def wait_for_hubs(*, service_request_id: int, actor: Actor, at: datetime) -> int:
    """This function will have Devices that were excluded by the age of their hubs wait for the hub campaign.

    They set out by themselves when their hub runs firmware that passes images on (`domain.md` 10.2). It gives their number.

    Raises:
        NoSuchFirmwareRequest: there is no such request.
        NothingToDo: it has no such Device, or each has another update in progress.
    """
    return _move_all(
        service_request_id,
        states=[TargetState.EXCLUDED],
        event=JourneyEvent.WAIT_FOR_HUB,
        actor=actor,
        at=at,
    )


def cancel(*, service_request_id: int, actor: Actor, at: datetime) -> int:
    """This function will take back what of a request has not left for a network yet, and give the number of Devices.

    Raises:
        NoSuchFirmwareRequest: there is no such request.
        NothingToDo: every Device is on its way or done; an image that has left is simply not activated.
    """
    return _move_all(
        service_request_id,
        states=[TargetState.REQUESTED, TargetState.WAITING_FOR_HUB],
        event=JourneyEvent.CANCEL,
        actor=actor,
        at=at,
    )


def _move_all(
    service_request_id: int, *, states: list[TargetState], event: JourneyEvent, actor: Actor, at: datetime
) -> int:
    reason = Reason.TAKEN_BACK if event is JourneyEvent.CANCEL else None
    with transactions.transaction():
        request = firmware_reads.get_firmware_request(service_request_id=service_request_id)
        if actor.party_id not in {None, request.party_id}:
            raise NotYours(
                f"Firmware request {service_request_id} is another Supplier's; only that one or the DCC may."
            )
        locked = writes.lock_firmware_request_in(
            service_request_id=service_request_id, states=states, exclusion=Exclusion.HUB_GBCS
        )
        if not locked:
            raise NothingToDo(
                f"No Device of firmware request {service_request_id} stands where this can be done; "
                "its list of Devices shows where each one is."
            )
        happening = Happening(event, at, reason)
        firmware_journeys.judge([of_our_own(one, happening) for one in locked], at=at)
        record.append(
            act=f"FIRMWARE_{event.value}",
            actor=actor.name,
            at=at,
            cause="Asked for",
            detail={"request": service_request_id, "party_id": request.party_id, "devices": len(locked)},
        )
        if event is JourneyEvent.WAIT_FOR_HUB:
            jobs.defer_once(Job.MIND_FIRMWARE, key=_MINDING)
    return len(locked)
