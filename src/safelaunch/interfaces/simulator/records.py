"""What a network's journal holds: one record a line, enough to find the same state again after any stop.

The order of records is the order in which things took effect. Outcomes are not written down: they follow from the
world (seed, scenario, estate) and from the records before them.
"""

from datetime import datetime

import msgspec

from safelaunch.interfaces.simulator.device_machine import HeldImage
from safelaunch.interfaces.simulator.installing import BroughtDevice
from safelaunch.wire import csp


class HubsToRun(csp.Message, frozen=True, kw_only=True):
    """Have these hubs run this firmware from this moment on."""

    at: csp.Moment
    firmware_version: str
    device_ids: list[str]


class Record(msgspec.Struct, frozen=True, kw_only=True, tag_field="is"):
    """Base of all records."""


class Opened(Record, frozen=True, kw_only=True, tag="opened"):
    """The first record: the world the journal was written in."""

    world: dict[str, str | int]


class TurnedAway(Record, frozen=True, kw_only=True, tag="turned-away"):
    """An instruction that had no effect: stale, or a repeat."""

    received_at: datetime
    campaign: str
    epoch: int
    instruction_id: str
    hubs: int
    verdict: str


class Accepted(Record, frozen=True, kw_only=True, tag="accepted"):
    """An instruction that was taken on."""

    received_at: datetime
    instruction: csp.Instruction


class Recalled(Record, frozen=True, kw_only=True, tag="recalled"):
    """A recall, with the instant from which it holds."""

    received_at: datetime
    instant: int
    recall: csp.Recall


class Asked(Record, frozen=True, kw_only=True, tag="asked"):
    """A read that was taken on."""

    received_at: datetime
    read: csp.Read


class Commanded(Record, frozen=True, kw_only=True, tag="commanded"):
    """Commands that were taken on or refused at an instant, and those that their Devices drop, with the reason."""

    received_at: datetime
    instant: int
    batch: csp.CommandBatch
    dropped: dict[str, str]


class Installed(Record, frozen=True, kw_only=True, tag="installed"):
    """A hub that was installed in a home, with the instant from which it stands there."""

    received_at: datetime
    instant: int
    installation: csp.Installation


class DevicesBrought(Record, frozen=True, kw_only=True, tag="brought"):
    """Devices that were brought into homes."""

    devices: list[BroughtDevice]


class ImagesHeld(Record, frozen=True, kw_only=True, tag="images"):
    """Images that were put into Devices, from an instant on."""

    instant: int
    images: list[HeldImage]


class ImageKept(Record, frozen=True, kw_only=True, tag="image"):
    """An image that the network holds."""

    image: csp.ImageUpload


class Distributed(Record, frozen=True, kw_only=True, tag="distributed"):
    """Devices that an image is on its way to from an instant on."""

    instant: int
    distribution: csp.Distribution


class HubsRun(Record, frozen=True, kw_only=True, tag="hubs"):
    """Hubs that run a firmware version from an instant on, by nobody's instruction."""

    instant: int
    firmware_version: str
    device_ids: list[str]


class DayBegan(Record, frozen=True, kw_only=True, tag="day"):
    """The silences of a day were drawn."""

    day: int


class ClockMoved(Record, frozen=True, kw_only=True, tag="clock"):
    """The stepped clock stands here."""

    instant: int


class Drained(Record, frozen=True, kw_only=True, tag="drained"):
    """Reports that received their numbers and left for the outbox: how far every strand is, and the batches."""

    events: int
    first_batch: int
    cursors: list[tuple[int, int]]
    batches: list[msgspec.Raw]


class Answered(Record, frozen=True, kw_only=True, tag="answered"):
    """Devices acted up to an instant, and what they said received its numbers and left for the outbox."""

    instant: int
    events: int
    first_batch: int
    batches: list[msgspec.Raw]


class Acknowledged(Record, frozen=True, kw_only=True, tag="acknowledged"):
    """The DCC has a batch."""

    batch: int


class Parked(Record, frozen=True, kw_only=True, tag="parked"):
    """The DCC refused a batch, and why."""

    batch: int
    sentence: str


AnyRecord = (
    Opened
    | TurnedAway
    | Accepted
    | Recalled
    | Asked
    | Commanded
    | Installed
    | DevicesBrought
    | ImagesHeld
    | ImageKept
    | Distributed
    | HubsRun
    | DayBegan
    | ClockMoved
    | Drained
    | Answered
    | Acknowledged
    | Parked
)
