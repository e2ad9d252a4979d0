"""The CSP gateway protocol, version 1 (`docs/csp-gateway.md`): messages and their signatures.

Two directions, both JSON over HTTP, both signed with Ed25519 over `id.timestamp.body` in the header form of
Standard Webhooks (`webhook-id`, `webhook-timestamp`, `webhook-signature: v1a,...`):

    DCC -> CSP   POST /v1/instructions   Instruction -> Receipt           upgrade these hubs
                 POST /v1/recalls        Recall -> RecallReceipt          stop what has not reached a hub
                 POST /v1/reads          Read -> Receipt                  ask these hubs for their version
                 POST /v1/commands       CommandBatch -> CommandReceipt   carry GBCS commands to Devices
                 POST /v1/images         ImageUpload -> ImageReceipt      keep an image for Devices
                 POST /v1/distributions  Distribution -> DistributionReceipt  bring that image to these Devices
                 POST /v1/installations  Installation -> Receipt          this hub stands in a home from now on
                 GET  /v1/health         -> Health
    CSP -> DCC   POST /gateway/v1/events EventBatch -> BatchReceipt       what happened, at least once, numbered

Every instruction carries the campaign's epoch; a CSP remembers the highest it has seen and refuses a lower one, so
nothing that an emergency stop overtook is ever acted on (design 9). Device IDs travel in the field's form.
An image travels once to each network: a distribution names it by its digest, and is sent again after the image where
the network asks for that. A network brings it to each hub once, for all Devices behind it.
Times are RFC 3339 in UTC. An event is named by (network, number); numbers rise, and a repeat is harmless. Reports
about hubs, reports about images and messages of Devices share one series of numbers.

GBCS messages travel as base64 and unopened: what a Device is told and what it answers is between it and whoever
protected the message (`domain.md` 6.3).
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, TypeVar

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from safelaunch.domain.hub_upgrades import EventKind
from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.refusals import Unreadable
from safelaunch.domain.smi import Network

MAX_BODY_OCTETS = 16 * 1024 * 1024
"""The largest message either side reads."""

MAX_EVENTS = 10_000
"""The most events in one batch."""

MAX_COMMANDS = 1_000
"""The most commands in one batch."""

MAX_TARGETS = 10_000
"""The most Devices in one distribution."""

Moment = Annotated[datetime, msgspec.Meta(tz=True)]
"""A time with its zone; one without is malformed, because it could mean any of several moments."""


class UntrustedSignature(Unreadable):
    """The signature is missing, malformed or not made by the key expected."""


class MalformedMessage(Unreadable):
    """The body is not the message it should be."""


class Message(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=False):
    """Base of all messages; unknown members are ignored so that either side may be newer."""


class Instruction(Message, frozen=True, kw_only=True):
    """Upgrade these hubs to this firmware. `instruction_id` names it for good: a repeat is harmless."""

    instruction_id: str
    campaign: str
    epoch: int
    attempt: int
    firmware_version: str
    image_hash: str
    instructed_at: Moment
    device_ids: list[str]


class Receipt(Message, frozen=True, kw_only=True):
    """What the CSP took on, and which Device IDs it does not know."""

    accepted: int
    unknown_device_ids: list[str] = []


class Recall(Message, frozen=True, kw_only=True):
    """Stop whatever of this campaign has not reached a hub, and refuse every epoch below this one."""

    campaign: str
    epoch: int
    recalled_at: Moment


class RecallReceipt(Message, frozen=True, kw_only=True):
    """How many hubs were stopped in time, and how many had the image already."""

    recalled: int
    unrecallable: int


class Read(Message, frozen=True, kw_only=True):
    """Ask these hubs which firmware they run (read-back)."""

    read_id: str
    campaign: str
    read_at: Moment
    device_ids: list[str]


class Command(Message, frozen=True, kw_only=True):
    """Carry this GBCS message to a Device behind a hub, or to the hub itself, and drop it once it has expired.

    `command_id` names it for good: a repeat is harmless.
    """

    command_id: str
    hub_device_id: str
    device_id: str
    gbcs: bytes
    expires_at: Moment


class CommandBatch(Message, frozen=True, kw_only=True):
    """Commands sent together; only the commands have a meaning, the batch is a parcel."""

    batch_id: str
    sent_at: Moment
    commands: list[Command]


class Installation(Message, frozen=True, kw_only=True):
    """This hub stands in a home and is on the SM WAN. `device_id` names it for good: a repeat is harmless.

    `home_hub_device_id` is the hub that the home has had so far, and empty for a home that nobody was in yet; with
    `is_replacement` that one is out of service, and what was behind it is behind the new hub.
    """

    device_id: str
    gpf_device_id: str
    manufacturer: str
    model: str
    firmware_version: str
    home_hub_device_id: str | None
    is_replacement: bool
    installed_at: Moment

    def check(self) -> None:
        """This function will insist that its Device IDs are such.

        Raises:
            Invalid: one is not.
        """
        for text in (self.device_id, self.gpf_device_id, self.home_hub_device_id):
            if text is not None:
                Eui64.parse(text)


class CommandRefusal(StrEnum):
    """Why a CSP does not carry a command."""

    UNKNOWN_DEVICE = "UNKNOWN_DEVICE"
    EXPIRED = "EXPIRED"


class CommandReceipt(Message, frozen=True, kw_only=True):
    """How many commands the CSP carries, those it had taken on before included, and why it carries the others not."""

    accepted: int
    refused: dict[str, CommandRefusal] = {}


class ImageUpload(Message, frozen=True, kw_only=True):
    """Keep this OTA Upgrade Image; `digest` is SHA-256 of its octets, in hexadecimal digits."""

    digest: str
    octets: bytes


class ImageReceipt(Message, frozen=True, kw_only=True):
    """The network holds the image."""

    digest: str


class Target(Message, frozen=True, kw_only=True, array_like=True):
    """A Device that an image is for, and the hub that it is behind."""

    hub_device_id: str
    device_id: str


class Distribution(Message, frozen=True, kw_only=True):
    """Bring an image to Devices. What is named by distribution, attempt and Device is brought once: a repeat is harmless."""

    distribution_id: str
    attempt: int
    image_digest: str
    is_signed: bool
    firmware_version: str
    sent_at: Moment
    targets: list[Target]


class DistributionReceipt(Message, frozen=True, kw_only=True):
    """How many Devices the network brings the image to, which it does not know; or that it wants the image first."""

    accepted: int
    unknown_device_ids: list[str] = []
    wants_image: bool = False


class Health(Message, frozen=True, kw_only=True):
    """The CSP's own account of itself."""

    network: Network
    status: str
    waiting: int
    epochs: dict[str, int]


class StaleEpoch(Message, frozen=True, kw_only=True):
    """The refusal (HTTP 409) of an instruction whose epoch has been overtaken."""

    title: str
    epoch: int


class HubReport(Message, frozen=True, kw_only=True, array_like=True):
    """One event, written as an array in this order to keep a batch of thousands small."""

    number: int
    device_id: str
    kind: EventKind
    happened_at: Moment
    campaign: str | None = None
    attempt: int | None = None
    firmware_version: str | None = None
    reason: str | None = None


class DeviceMessage(Message, frozen=True, kw_only=True, array_like=True):
    """A GBCS message from a Device: an answer to `command_id`, or an alert when there is none."""

    number: int
    device_id: str
    gbcs: bytes
    happened_at: Moment
    command_id: str | None = None


class ImageReport(Message, frozen=True, kw_only=True, array_like=True):
    """Whether an image is at the hub of a Device that it is for."""

    number: int
    distribution_id: str
    attempt: int
    device_id: str
    is_at_hub: bool
    happened_at: Moment


class EventBatch(Message, frozen=True, kw_only=True):
    """Events of one network, at least once: reports about hubs and images, and messages of Devices."""

    network: Network
    batch: int
    events: list[HubReport]
    messages: list[DeviceMessage] = []
    images: list[ImageReport] = []


class BatchReceipt(Message, frozen=True, kw_only=True):
    """How many reports were new, how many moved a hub, how many are kept unapplied and why; new messages and image reports."""

    new: int
    applied: int
    kept: dict[str, int]
    messages: int = 0
    images: int = 0


class CertificatesWanted(Message, frozen=True, kw_only=True):
    """Whose certificates are asked for; no part of the protocol, but of the repository that stands beside it."""

    device_ids: list[str]


class CertificatesFound(Message, frozen=True, kw_only=True):
    """Certificates in DER by Device ID; Devices that nobody knows are absent."""

    certificates: dict[str, list[bytes]]


MessageT = TypeVar("MessageT", bound=Message)


@dataclass(frozen=True, slots=True)
class Signed:
    """A body with its signature headers."""

    body: bytes
    headers: dict[str, str]


def write(message: Message) -> bytes:
    """This function will write a message as JSON."""
    return msgspec.json.encode(message)


def read(body: bytes, kind: type[MessageT]) -> MessageT:
    """This function will read a message of the given kind.

    Raises:
        MalformedMessage: the body is too large, not JSON, or not such a message; the sentence names the place.
    """
    if len(body) > MAX_BODY_OCTETS:
        raise MalformedMessage(f"The message has {len(body):,} octets; at most {MAX_BODY_OCTETS:,} are read.")
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise MalformedMessage(f"The message is not a {kind.__name__}: {error}.") from error


def sign(*, body: bytes, message_id: str, at: datetime, key: Ed25519PrivateKey) -> Signed:
    """This function will sign a body in the header form of Standard Webhooks (asymmetric, `v1a`)."""
    timestamp = str(int(at.timestamp()))
    signature = key.sign(_signed_octets(message_id=message_id, timestamp=timestamp, body=body))
    return Signed(
        body=body,
        headers={
            "content-type": "application/json",
            "webhook-id": message_id,
            "webhook-timestamp": timestamp,
            "webhook-signature": f"v1a,{base64.b64encode(signature).decode()}",
        },
    )


def verify(*, body: bytes, headers: Mapping[str, str], key: Ed25519PublicKey) -> str:
    """This function will check a signature and give the message id it covers.

    Age is not judged here: a replayed message repeats events that are known, and those change nothing.

    Raises:
        UntrustedSignature: the headers are missing or malformed, or the key did not sign this body.
    """
    try:
        message_id = headers["webhook-id"]
        timestamp = headers["webhook-timestamp"]
        scheme, _, value = headers["webhook-signature"].partition(",")
        signature = base64.b64decode(value, validate=True)
    except (KeyError, ValueError) as error:
        raise UntrustedSignature(
            "The message is not signed: webhook-id, webhook-timestamp and webhook-signature are expected."
        ) from error
    if scheme != "v1a":
        raise UntrustedSignature(f"The signature scheme {scheme!r} is not accepted; v1a (Ed25519) is.")
    try:
        key.verify(signature, _signed_octets(message_id=message_id, timestamp=timestamp, body=body))
    except InvalidSignature as error:
        raise UntrustedSignature("The signature does not match the message and the sender's key.") from error
    return message_id


def _signed_octets(*, message_id: str, timestamp: str, body: bytes) -> bytes:
    return f"{message_id}.{timestamp}.".encode() + body
