"""The largest firmware request there can be, opened and read: its time, and its memory in a process of its own."""

import hashlib
import json
import random
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from lxml import etree  # type: ignore[import-untyped]  # lxml carries no types; the floor is bare lxml

from safelaunch.domain import srv
from safelaunch.domain.identifiers import Eui64
from safelaunch.interfaces.cli.benches.measuring import Load, Result, by_turns, median, seconds
from safelaunch.wire.duis.device_ids import MAX_DEVICE_IDS, DeviceIds
from safelaunch.wire.duis.envelope import Request, write_request
from safelaunch.wire.duis.identifiers import RequestId
from safelaunch.wire.duis.opening import Trust, open_request
from safelaunch.wire.duis.requests import read_body, write_body
from safelaunch.wire.duis.requests.firmware import MAX_IMAGE_OCTETS, UpdateFirmware
from safelaunch.wire.duis.signature import sign
from safelaunch.wire.duis.xml import parse
from safelaunch.wire.smki import USER_XML_SIGNING, CertificateSet, OrganisationCertificate

TIME_GOAL, MEMORY_GOAL = 5.0, 6.0
ROUNDS = 7

_SUPPLIER = Eui64.parse("90-B3-D5-1F-30-01-00-00")
_DSP = Eui64.parse("90-B3-D5-1F-30-00-00-02")
_FIRST_DEVICE = 0x00DB_1234_5600_0000
_AT = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)
_SIGNED_INFO_OCTETS = 615
"""What an ECDSA verification has to read (`domain.md` 14.2)."""

_MIB = 1024 * 1024
_OCTETS_OF_KIB = 1024


def measure(_hubs: int) -> Iterator[Result]:
    """This function will open and read the largest 11.1, and give its time and its memory against their floors."""
    key = ec.generate_private_key(ec.SECP256R1())
    message, trust = largest_request(key), _trust(key.public_key())
    signature = key.sign(message[:_SIGNED_INFO_OCTETS], ec.ECDSA(hashes.SHA256()))
    load = Load()
    figures, floors = by_turns(
        lambda: seconds(lambda: open_and_read(message, trust=trust)),
        lambda: seconds(lambda: _floor(message, signature=signature, key=key.public_key())),
        rounds=ROUNDS,
    )
    figure, floor = median(figures), median(floors)
    size = f"{MAX_DEVICE_IDS:,} Devices and a firmware image of {MAX_IMAGE_OCTETS:,} octets"
    yield Result(
        name="duis",
        figure=figure,
        unit="s",
        floor=floor,
        floor_unit="s",
        ratio=round(figure / floor, 2),
        goal_ratio=TIME_GOAL,
        rounds=ROUNDS,
        ext=load.ext(),
        what=f"open and read an 11.1 of {size}",
        floor_what="parse, canonical form, SHA-256 and one ECDSA verification",
    )
    grown, load = _grown(message, key=key), Load()
    yield Result(
        name="duis memory",
        figure=round(grown / _MIB, 1),
        unit="MiB",
        floor=round(len(message) / _MIB, 1),
        floor_unit="MiB",
        ratio=round(grown / len(message), 2),
        goal_ratio=MEMORY_GOAL,
        rounds=1,
        ext=load.ext(),
        what="memory that a process of its own takes for that, the message included",
        floor_what="the octets of the message",
    )


def largest_request(key: ec.EllipticCurvePrivateKey) -> bytes:
    """This function will write and sign the largest 11.1: 50,000 Device IDs and 10,240,000 octets of image."""
    code = srv.find("11.1")
    body = UpdateFirmware(
        image=random.Random(1).randbytes(MAX_IMAGE_OCTETS),
        firmware_version="0123ABCE",
        device_ids=DeviceIds.of(Eui64(_FIRST_DEVICE + number) for number in range(MAX_DEVICE_IDS)),
    )
    request = Request(
        schema_version="5.4",
        request_id=RequestId(_SUPPLIER, _DSP, 1000),
        command_variant=8,
        service_reference=code.service_reference,
        service_reference_variant=code.code,
        body_name=code.body,
        body_xml=write_body(body),
    )
    return sign(write_request(request), key=key, certificate=_certificate(key.public_key()))


def open_and_read(message: bytes, *, trust: Trust) -> UpdateFirmware:
    """This function will open a firmware request and read its body, as whoever serves it does."""
    request = open_request(message, trust=trust, at=_AT).envelope
    body = read_body(parse(request.body_xml), srv=srv.find(request.service_reference_variant))
    if not isinstance(body, UpdateFirmware):
        raise TypeError(f"The bench wrote an UpdateFirmware and read a {type(body).__name__}.")
    return body


def memory_of_opening(message: Path, *, public_key: Path) -> int:
    """This function will open and read a message from its file, and give the octets by which this process grew."""
    key = serialization.load_pem_public_key(public_key.read_bytes())
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise TypeError(f"The bench wrote a key on a curve and read a {type(key).__name__}.")
    before = _memory("VmRSS")
    open_and_read(message.read_bytes(), trust=_trust(key))
    return _memory("VmHWM") - before


def _grown(message: bytes, *, key: ec.EllipticCurvePrivateKey) -> int:
    with tempfile.TemporaryDirectory(prefix="safelaunch-bench-") as directory:
        files = Path(directory) / "message.xml", Path(directory) / "key.pem"
        files[0].write_bytes(message)
        files[1].write_bytes(
            key.public_key().public_bytes(
                serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
            )
        )
        done = subprocess.run(
            [sys.executable, "-m", "safelaunch.config.command", "bench", "opening", *map(str, files)],
            stdout=subprocess.PIPE,
            check=True,
        )
    grown: int = json.loads(done.stdout)["octets"]
    return grown


def _memory(kind: str) -> int:
    """Octets in memory now (VmRSS) or at most so far (VmHWM); where there is no `/proc`, the most so far for both.

    The system's other figure, `ru_maxrss`, begins with that of the process that started this one.
    """
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _OCTETS_OF_KIB
    return next(int(line.split()[1]) for line in lines if line.startswith(kind)) * _OCTETS_OF_KIB


def _floor(message: bytes, *, signature: bytes, key: ec.EllipticCurvePublicKey) -> None:
    root = etree.fromstring(message, etree.XMLParser(huge_tree=True, resolve_entities=False))
    hashlib.sha256(etree.tostring(root, method="c14n")).digest()
    key.verify(signature, message[:_SIGNED_INFO_OCTETS], ec.ECDSA(hashes.SHA256()))


def _trust(key: ec.EllipticCurvePublicKey) -> Trust:
    return Trust(CertificateSet.of([_certificate(key)]).find)


def _certificate(key: ec.EllipticCurvePublicKey) -> OrganisationCertificate:
    return OrganisationCertificate(
        role=USER_XML_SIGNING,
        eui=_SUPPLIER,
        serial=1,
        issuer="CN=Z1,OU=07",
        valid_from=_AT,
        valid_until=_AT,
        may_sign=True,
        public_key=key,
    )
