"""How an image fares on its way to Devices: to their hubs, over the HAN, and in the Device (`domain.md` 10.4, 10.5).

1. A hub is reached or not by its reach class, after a lognormal time by its kind of network. All Devices of one hub get
   an image that is sent to them at once at the same moment: it travels to each hub once.
2. A hub may discard the image. It compares hardware versions, and hands no Device an image for other hardware.
3. The transfer takes hours to what has mains power, and days to a gas meter, which fetches piece by piece as it wakes; a
   display that is off gets it when it is switched on. It may fail.
4. An image may arrive damaged: the Device then computes another hash. A Device may lose an image that it had verified.

Every draw depends on the seed, the Device ID (for rule 1 the hub's), the turn (a number that names the sending) and the
question, and on nothing else (`planning/chance.py`); wrong hardware depends on the Device alone. Times are milliseconds.
"""

import math
import zlib
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from safelaunch.domain.smi import DeviceType
from safelaunch.planning.chance import Draws, Stream
from safelaunch.planning.device_manners import HanManners
from safelaunch.planning.network import DAY, HOUR, REGIONS
from safelaunch.planning.scenarios import CARRIAGE_OF, Scenario

_Z95 = 1.6448536269514722

TYPES = (DeviceType.ESME, DeviceType.GSME, DeviceType.PPMID, DeviceType.HCALCS)
"""Devices carry a type as its place in this tuple."""


class Handover(IntEnum):
    """How the hub's transfer to a Device ends; the numbers are those of GBCS (`domain.md` 7.1)."""

    DONE = 0
    DISCARDED = 1
    OTHER_HARDWARE = 2
    FAILED = 3


@dataclass(frozen=True, slots=True)
class Sent:
    """Devices that an image is sent to: one array entry each.

    `region` is a place in `REGIONS`, `reach` 0 good to 2 poor, both of the hub; `kind` a place in `TYPES`.
    """

    device_id: NDArray[np.uint64]
    hub_id: NDArray[np.uint64]
    region: NDArray[np.int8]
    reach: NDArray[np.int8]
    kind: NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Transfers:
    """What becomes of the image of each Device.

    Attributes:
        reaches_after: until it is at the hub, or is known not to be.
        is_at_hub: whether it comes there.
        takes: from there to the end of the hub's transfer.
        handover: how that ends (`Handover`).
        is_sound: whether the Device finds what it got undamaged.
        is_kept: whether the Device still holds it when it is to activate it.
        activates: whether a display, which activates by itself, then runs it.
    """

    reaches_after: NDArray[np.int64]
    is_at_hub: NDArray[np.bool_]
    takes: NDArray[np.int64]
    handover: NDArray[np.int8]
    is_sound: NDArray[np.bool_]
    is_kept: NDArray[np.bool_]
    activates: NDArray[np.bool_]


def sending(image_hash: bytes, *, attempt: int) -> int:
    """This function will give the number that names the sending of an image: Devices of one hub share it."""
    return zlib.crc32(f"{image_hash.hex()}/{attempt}".encode())


def transfers(*, scenario: Scenario, seed: int, sent: Sent, turn: int) -> Transfers:
    """This function will draw what becomes of an image that is sent to Devices (rules 1 to 4).

    Args:
        scenario: the world.
        seed: of the world.
        sent: the Devices, with their hubs.
        turn: any number that names the sending.
    """
    han = scenario.han
    hubs = Draws(seed=seed, device_ids=sent.hub_id, turn=turn)
    devices = Draws(seed=seed, device_ids=sent.device_id, turn=turn)
    for_good = Draws(seed=seed, device_ids=sent.device_id, turn=0)
    is_at_hub = hubs.uniform(Stream.IMAGE_REACH) >= np.asarray(scenario.rates.not_reached)[sent.reach]
    give_up = round(scenario.timing.give_up_hours * HOUR)
    reaches_after = _delivery_times(scenario, sent=sent, draws=hubs)
    is_at_hub &= reaches_after <= give_up
    return Transfers(
        reaches_after=np.where(is_at_hub, reaches_after, give_up),
        is_at_hub=is_at_hub,
        takes=_han_times(han, kind=sent.kind, draws=devices),
        handover=_handovers(han, devices.uniform(Stream.HAN_OUTCOME), for_good.uniform(Stream.HARDWARE)),
        is_sound=devices.uniform(Stream.DAMAGE) >= han.damaged,
        is_kept=devices.uniform(Stream.IMAGE_KEPT) >= han.forgotten,
        activates=devices.uniform(Stream.DEVICE_ACTIVATION) >= scenario.devices.activation_failed,
    )


def _handovers(
    han: HanManners, drawn: NDArray[np.float64], of_hardware: NDArray[np.float64]
) -> NDArray[np.int8]:
    ends = np.full(len(drawn), Handover.DONE, np.int8)
    ends[drawn < han.discarded + han.transfer_failed] = Handover.FAILED
    ends[of_hardware < han.other_hardware] = Handover.OTHER_HARDWARE
    ends[drawn < han.discarded] = Handover.DISCARDED
    return ends


def _han_times(han: HanManners, *, kind: NDArray[np.int8], draws: Draws) -> NDArray[np.int64]:
    spans = np.array([han.esme_hours, han.gsme_hours, han.display_hours, han.esme_hours])
    low, high = spans[kind, 0], spans[kind, 1]
    takes: NDArray[np.int64] = ((low + (high - low) * draws.uniform(Stream.HAN_TIME)) * HOUR).astype(np.int64)
    is_off = (kind == TYPES.index(DeviceType.PPMID)) & (draws.uniform(Stream.DISPLAY_OFF) < han.displays_off)
    takes += np.where(is_off, draws.span(Stream.DISPLAY_OFF_TIME, han.off_days, unit=DAY), 0)
    return takes


def _delivery_times(scenario: Scenario, *, sent: Sent, draws: Draws) -> NDArray[np.int64]:
    laws = [scenario.delivery[CARRIAGE_OF[region]] for region in REGIONS]
    median = np.array([law.median_hours for law in laws])[sent.region]
    sigma = np.array([math.log(law.p95_hours / law.median_hours) / _Z95 for law in laws])[sent.region]
    hours = median * np.exp(sigma * draws.normal(Stream.IMAGE_DELIVERY))
    return (hours * HOUR).astype(np.int64)
