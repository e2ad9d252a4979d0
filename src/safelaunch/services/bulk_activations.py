"""Activating the firmware of many Devices at once: 11.3 in bulk (`domain.md` 5.5).

The DCC drafts a Pre-Command for each Device that holds the image; the Supplier signs each one with the key that signed
the image, for activation is critical, and hands all of them back. What is signed is what was drafted or is refused as a
whole: another originator, another hash, a Device that holds nothing, a signature that is not theirs. Each becomes a request
and a command of its own, and is answered and read back like any other 11.3.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey, EllipticCurvePublicKey

from safelaunch.domain.device_commands import answer_due_at
from safelaunch.domain.firmware_journeys import JourneyEvent
from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.refusals import Invalid, Problem
from safelaunch.domain.smi import DeviceType, Network
from safelaunch.services import device_certificates, firmware_journeys
from safelaunch.services.deliveries import spoken_by
from safelaunch.services.requests import commanding
from safelaunch.store import transactions
from safelaunch.store.reads import bulk_activations as reads
from safelaunch.store.reads import firmware as firmware_reads
from safelaunch.store.reads import parties
from safelaunch.store.reads.firmware import FirmwareRequestFacts
from safelaunch.store.writes import bulk_activations as writes
from safelaunch.store.writes import device_commands as command_writes
from safelaunch.store.writes import service_requests as request_writes
from safelaunch.store.writes.bulk_activations import SignedActivation
from safelaunch.wire.duis.responses.codes import ResponseCode
from safelaunch.wire.gbcs import security
from safelaunch.wire.gbcs.activation import ActivateFirmware
from safelaunch.wire.gbcs.catalogue import GbcsMessage, MessageCode, enclose, open_envelope
from safelaunch.wire.gbcs.message import Envelope, GroupingHeader, MessageKind, build, parse

MOST = 5_000
"""Pre-Commands drafted or taken at once."""


class NotSignedAsDrafted(Invalid):
    """One of the Pre-Commands is not what was drafted, or not signed by whoever asked for the firmware."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A Pre-Command to be signed."""

    device_id: Eui64
    gbcs: bytes


def draft(*, service_request_id: int, limit: int = MOST, again: bool = False) -> list[Draft]:
    """This function will write the Pre-Commands that activate the image of a request, for Devices that hold it.

    Args:
        service_request_id: of the firmware request.
        limit: at most so many, up to 5,000.
        again: for Devices whose activation failed and may succeed, instead of those that wait for their first.

    Raises:
        NoSuchFirmwareRequest: there is no such request.
    """
    request = firmware_reads.get_firmware_request(service_request_id=service_request_id)
    device_ids = reads.list_activatable(
        service_request_id=service_request_id, again=again, limit=min(limit, MOST)
    )
    first = reads.find_counter(originator=request.user_id) + 1
    return [
        Draft(device_id, build(_pre_command(request, device_id=device_id, counter=counter)))
        for counter, device_id in enumerate(device_ids, first)
    ]


def signatory_of(*, service_request_id: int) -> Eui64:
    """This function will give the User ID that has to sign the activations of a request.

    Raises:
        NoSuchFirmwareRequest: there is no such request.
    """
    return firmware_reads.get_firmware_request(service_request_id=service_request_id).user_id


def sign(drafted: Draft, /, *, key: EllipticCurvePrivateKey) -> bytes:
    """This function will sign a Pre-Command, as its Supplier does."""
    return build(security.sign(parse(drafted.gbcs), key=key))


def _pre_command(request: FirmwareRequestFacts, *, device_id: Eui64, counter: int) -> Envelope:
    header = GroupingHeader(
        kind=MessageKind.COMMAND,
        originator_counter=counter,
        originator_id=request.user_id,
        target_id=device_id,
        message_code=MessageCode.CS06_ACTIVATE_FIRMWARE,
    )
    payload = ActivateFirmware(
        manufacturer_image_hash=request.manufacturer_image_hash, originator_counter=counter
    )
    return enclose(GbcsMessage(header, payload, signature=None))


def send(*, service_request_id: int, signed: Sequence[bytes], at: datetime) -> int:
    """This function will have signed Pre-Commands carried to their Devices, and give their number.

    Args:
        service_request_id: of the firmware request whose image they activate.
        signed: at most 5,000; what was sent before is not sent again.
        at: when.

    Raises:
        NoSuchFirmwareRequest: there is no such request.
        NotSignedAsDrafted: one of them is not what was drafted and signed; none is carried.
    """
    if not 0 < len(signed) <= MOST:
        raise NotSignedAsDrafted(f"Between 1 and {MOST:,} signed Pre-Commands are taken at once.")
    request = firmware_reads.get_firmware_request(service_request_id=service_request_id)
    opened = _opened(signed, request=request, at=at)
    with transactions.transaction():
        routes = reads.list_activation_routes(service_request_id=service_request_id, device_ids=opened)
        if len(routes) < len(opened):
            stranger = next(one for one in opened if one not in routes)
            raise NotSignedAsDrafted(f"The Device {stranger} does not hold the image of this request.")
        activations = [
            SignedActivation(
                route=routes[device_id],
                counter=counter,
                gbcs=gbcs,
                expires_at=answer_due_at(device_type=DeviceType(routes[device_id].device_type), sent_at=at),
            )
            for device_id, (counter, gbcs) in opened.items()
        ]
        return _queue(activations, request=request, octets=b"".join(signed), at=at)


def _opened(
    signed: Sequence[bytes], *, request: FirmwareRequestFacts, at: datetime
) -> dict[Eui64, tuple[int, bytes]]:
    keys = device_certificates.list_signing_keys(eui=request.user_id, at=at)
    opened: dict[Eui64, tuple[int, bytes]] = {}
    for octets in signed:
        try:
            envelope = parse(octets)
            payload = open_envelope(envelope).payload
        except Problem as problem:
            raise NotSignedAsDrafted(f"A Pre-Command cannot be read: {problem}") from problem
        header = envelope.header
        device_id, counter = header.target_id, header.originator_counter
        if (
            not isinstance(payload, ActivateFirmware)
            or device_id in opened
            or build(_pre_command(request, device_id=device_id, counter=counter))
            != build(replace(envelope, signature=None))
        ):
            raise NotSignedAsDrafted(f"The Pre-Command for {device_id} is not the one that was drafted.")
        if not any(_is_signed(envelope, key) for key in keys):
            raise NotSignedAsDrafted(
                f"The Pre-Command for {device_id} is not signed by {request.user_id}; sign it with a key whose "
                "certificate is filed here."
            )
        opened[device_id] = (counter, octets)
    return opened


def _is_signed(envelope: Envelope, key: EllipticCurvePublicKey) -> bool:
    try:
        security.verify(envelope, key=key)
    except security.UntrustedGbcsSignature:
        return False
    return True


def _queue(
    activations: Sequence[SignedActivation], *, request: FirmwareRequestFacts, octets: bytes, at: datetime
) -> int:
    user = parties.find_user(user_id=request.user_id)
    digest = hashlib.sha256(octets).digest()
    request_writes.add_service_message(digest=digest, octets=octets)
    numbers = writes.add_bulk_requests(
        originator=request.user_id,
        signed=activations,
        message_digest=digest,
        schema_version=spoken_by(user.duis_version if user else None),
        code=ResponseCode.I99.value,
        at=at,
    )
    fresh = [one for one in activations if one.route.device_id in numbers]
    if not fresh:
        return 0
    highest = max(one.counter for one in fresh)
    if not request_writes.raise_counter(originator=request.user_id, is_top_up=False, counter=highest):
        raise NotSignedAsDrafted("The counters were used meanwhile; draft the Pre-Commands again.")
    drawn = command_writes.draw_command_numbers(count=len(fresh))
    writes.add_bulk_commands(
        user_id=request.user_id,
        made=[(number, numbers[one.route.device_id], one) for number, one in zip(drawn, fresh, strict=True)],
        message_code=MessageCode.CS06_ACTIVATE_FIRMWARE,
        at=at,
    )
    firmware_journeys.note_activations(
        device_ids=[one.route.device_id for one in fresh], event=JourneyEvent.SEND_ACTIVATION, at=at
    )
    for network in sorted({Network(one.route.network) for one in fresh}):
        commanding.send_soon(network)
    return len(fresh)
