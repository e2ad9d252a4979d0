"""One simulated Device and its firmware: the version it runs, the image it holds, the activation it has in mind.

1. An image is received with its hash; the Device recomputes it and says so, and holds it only when it is sound.
2. An activation names the hash of the image that is meant. No image, another image or a failure leaves the version.
3. Whatever becomes of an activation, the Device says which version it runs now (`domain.md` 5.5).
4. A future-dated activation is kept until its time, one at a time; the last second of 9999 forgets it.
5. A critical command is obeyed once: the counter of the one before it from the same originator has to be lower.
6. A change of Supplier is carried out as it is asked, now or at its time, one at a time; the Device then obeys the holder
   of the certificate for signing, and nobody else.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.refusals import Invalid
from safelaunch.interfaces.simulator.device_facts import DeviceFacts
from safelaunch.wire import csp
from safelaunch.wire.gbcs.activation import ActivationCode, ActivationOutcome
from safelaunch.wire.gbcs.credentials import Cell, Cs02bCommand, Outcome, Replaced
from safelaunch.wire.gbcs.octets import HASH_OCTETS, VERSION_OCTETS
from safelaunch.wire.smki import read_certificate

_HEXADECIMAL = frozenset("0123456789abcdefABCDEF")


class HeldImage(csp.Message, frozen=True, kw_only=True):
    """An image that a Device is to be found holding; `is_sound` False is one that was damaged on its way."""

    device_id: str
    manufacturer_image_hash: str
    firmware_version: str
    is_sound: bool = True

    def check(self) -> None:
        """This function will refuse an image whose hash or version a Device could not speak of.

        Raises:
            Invalid: the hash is not 32 octets in hexadecimal digits, or the version not 4.
        """
        lengths = {self.manufacturer_image_hash: 2 * HASH_OCTETS, self.firmware_version: 2 * VERSION_OCTETS}
        if any(len(text) != length or not _HEXADECIMAL.issuperset(text) for text, length in lengths.items()):
            raise Invalid(
                f"The image for {self.device_id} needs a hash of {2 * HASH_OCTETS} and a firmware version of "
                f"{2 * VERSION_OCTETS} hexadecimal digits."
            )


@dataclass(frozen=True, slots=True)
class Image:
    """A Manufacturer Image that reached a Device: its hash and the version it brings."""

    hash: bytes
    firmware_version: str


@dataclass(frozen=True, slots=True)
class Appointment:
    """A future-dated activation: who asked for it, under which counter, and when it is due."""

    hash: bytes
    due_at: datetime
    originator: Eui64
    originator_counter: int


@dataclass(slots=True)
class Device:
    """One Device; `version` is None for as long as it runs what the estate says."""

    facts: DeviceFacts
    version: str | None = None
    image: Image | None = None
    appointment: Appointment | None = None
    awaits: Cs02bCommand | None = None
    obeys: Eui64 | None = None
    _highest: dict[Eui64, int] = field(default_factory=dict)
    _last_counter: int = 0

    @property
    def firmware_version(self) -> str:
        """The version the Device runs; that of a hub is the hub's, and not known here."""
        return self.version or self.facts.firmware_version

    def receive(self, image: Image, *, is_sound: bool) -> None:
        """This function will hold an image in place of any before it, unless it is damaged (rule 1)."""
        self.image = image if is_sound else None

    def activate(self, image_hash: bytes, *, succeeds: bool) -> ActivationOutcome:
        """This function will activate the image of a hash, or say why not (rules 2 and 3)."""
        code = self._judge(image_hash, succeeds=succeeds)
        if code is ActivationCode.SUCCESS and self.image is not None:
            self.version, self.image = self.image.firmware_version, None
        return ActivationOutcome(code=code, firmware_version=self.firmware_version)

    def _judge(self, image_hash: bytes, *, succeeds: bool) -> ActivationCode:
        if self.image is None:
            return ActivationCode.NO_IMAGE_HELD
        if self.image.hash != image_hash:
            return ActivationCode.HASH_MISMATCH
        return ActivationCode.SUCCESS if succeeds else ActivationCode.ACTIVATION_FAILURE

    def keep(self, appointment: Appointment) -> None:
        """This function will keep a future-dated activation in place of any before it (rule 4)."""
        self.appointment = appointment

    def forget(self) -> None:
        """This function will forget a future-dated activation (rule 4)."""
        self.appointment = None

    def take_due(self, appointment: Appointment) -> bool:
        """This function will say whether a future-dated activation still stands now that it is due, and forget it."""
        stands = self.appointment == appointment
        if stands:
            self.appointment = None
        return stands

    def change_supplier(self, command: Cs02bCommand) -> Outcome:
        """This function will obey another Supplier, and say what became of each certificate (rule 6)."""
        old = self.obeys or next(iter(self.facts.suppliers), None)
        replaced = []
        for one in command.replacements:
            holder = read_certificate(one.certificate).eui
            replaced.append(
                Replaced(
                    one.cell, 0, old or holder, holder, _key_name(old), _key_name(holder, one.certificate)
                )
            )
            if one.cell is Cell.SIGNING:
                self.obeys = holder
        return Outcome(command.counter, tuple(replaced))

    def is_fresh(self, *, originator: Eui64, counter: int) -> bool:
        """This function will say whether a critical command is no repeat, and remember its counter (rule 5)."""
        if counter <= self._highest.get(originator, -1):
            return False
        self._highest[originator] = counter
        return True

    def next_counter(self, *, at: datetime) -> int:
        """This function will give the counter of the Device's next alert; it rises."""
        self._last_counter = max(self._last_counter + 1, int(at.timestamp() * 1000))
        return self._last_counter


def _key_name(holder: Eui64 | None, certificate: bytes = b"") -> bytes:
    """Name a key by eight octets, as a certificate's identifier of it does; ours need only differ."""
    return hashlib.sha256(str(holder).encode() + certificate).digest()[:8]
