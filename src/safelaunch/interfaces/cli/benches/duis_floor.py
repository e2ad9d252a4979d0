"""What the benches of the largest firmware request are compared with: the least there is to do, and its own octets."""

import hashlib
import resource
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from lxml import etree  # type: ignore[import-untyped]  # lxml carries no types; the floor is bare lxml

from safelaunch.interfaces.cli.benches.measuring import Result
from safelaunch.wire.duis.device_ids import MAX_DEVICE_IDS
from safelaunch.wire.duis.signing import Signer
from safelaunch.wire.ota_image import MAX_IMAGE_OCTETS

TIME_GOAL, MEMORY_GOAL = 5.0, 6.0
ROUNDS = 7
SIZE = f"{MAX_DEVICE_IDS:,} Devices and a firmware image of {MAX_IMAGE_OCTETS:,} octets"
WHAT = "parse, canonical form, SHA-256 and one ECDSA verification"

_SIGNED_INFO_OCTETS = 615
"""What an ECDSA verification has to read (`domain.md` 14.2)."""

_MIB = 1024 * 1024
_OCTETS_OF_KIB = 1024


class Floor:
    """The least there is to do with a message: parse, digest, verify once; with a signature of its own."""

    def __init__(self, message: bytes, *, signer: Signer) -> None:
        """This function will sign as many octets as a signature covers."""
        self._message, self._key = message, signer.key.public_key()
        self._signature = signer.key.sign(message[:_SIGNED_INFO_OCTETS], ec.ECDSA(hashes.SHA256()))

    def take(self) -> None:
        """This function will do it once."""
        root = etree.fromstring(self._message, etree.XMLParser(huge_tree=True, resolve_entities=False))
        hashlib.sha256(etree.tostring(root, method="c14n")).digest()
        self._key.verify(self._signature, self._message[:_SIGNED_INFO_OCTETS], ec.ECDSA(hashes.SHA256()))


def memory(kind: str, *, pid: int | None = None) -> int:
    """This function will give octets in memory now (VmRSS) or at most so far (VmHWM), of this process or another.

    Where there is no `/proc`, it gives the most so far of this process for both. The system's other figure,
    `ru_maxrss`, begins with that of the process that started this one.
    """
    try:
        lines = Path(f"/proc/{pid or 'self'}/status").read_text().splitlines()
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _OCTETS_OF_KIB
    return next(int(line.split()[1]) for line in lines if line.startswith(kind)) * _OCTETS_OF_KIB


def memory_result(name: str, *, grown: int, message: bytes, ext: float | None, what: str) -> Result:
    """This function will compare the octets that something took with those of the message."""
    return Result(
        name=name,
        figure=round(grown / _MIB, 1),
        unit="MiB",
        floor=round(len(message) / _MIB, 1),
        floor_unit="MiB",
        ratio=round(grown / len(message), 2),
        goal_ratio=MEMORY_GOAL,
        rounds=1,
        ext=ext,
        what=what,
        floor_what="the octets of the message",
    )
