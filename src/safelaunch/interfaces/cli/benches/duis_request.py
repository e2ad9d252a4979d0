"""The largest firmware request there can be, as a Supplier would send it: 50,000 Device IDs, 10,240,000 octets of image."""

import random
import time
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from django.conf import settings

from safelaunch.domain import srv
from safelaunch.domain.firmware_requests import FIRMWARE
from safelaunch.domain.identifiers import Eui64
from safelaunch.gateways import xml_keys
from safelaunch.services import firmware_benches
from safelaunch.services.firmware_benches import Ground
from safelaunch.wire import ota_image
from safelaunch.wire.duis.device_ids import MAX_DEVICE_IDS, DeviceIds
from safelaunch.wire.duis.envelope import Request, write_request
from safelaunch.wire.duis.identifiers import RequestId
from safelaunch.wire.duis.requests import write_body
from safelaunch.wire.duis.requests.firmware import UpdateFirmware
from safelaunch.wire.duis.signing import Signer
from safelaunch.wire.ota_image import MAX_IMAGE_OCTETS, HardwareVersions, OtaHeader, OtaImage, Trailer
from safelaunch.wire.smki_issuing import Holder

_SUPPLIER_SIGNING = 0x02
_IMAGE_SIGNING_PAIR = "bench-image-signing"
_NOBODYS = 0x00DB_FFFF_0000_0000
"""From here on are Device IDs that no estate gives to anybody."""

_ANY_HARDWARE = HardwareVersions(lowest=0, highest=0xFFFF)
_HEADER_STRING = b"Safelaunch bench".ljust(ota_image.HEADER_STRING_OCTETS, b"\0")


@dataclass(slots=True)
class Sender:
    """The Supplier of the bench: each request it writes has a counter of its own, the milliseconds of its time."""

    ground: Ground
    signer: Signer
    image: bytes
    _counter: int = field(default=0, repr=False)
    _bodies: dict[int, bytes] = field(default_factory=dict, repr=False)

    def device_ids(self, count: int = MAX_DEVICE_IDS) -> DeviceIds:
        """This function will name so many Devices: the Supplier's meters, and nobody's where it has too few."""
        known = self.ground.meters[:count]
        return DeviceIds.of([*known, *(Eui64(_NOBODYS + number) for number in range(count - len(known)))])

    def write(self, count: int = MAX_DEVICE_IDS) -> bytes:
        """This function will write and sign a request for so many Devices."""
        if count not in self._bodies:
            body = UpdateFirmware(
                image=self.image,
                firmware_version=self.ground.firmware_version,
                device_ids=self.device_ids(count),
            )
            self._bodies[count] = write_body(body)
        self._counter = max(self._counter + 1, time.time_ns() // 1_000_000)
        code = srv.find(FIRMWARE)
        request = Request(
            schema_version="5.4",
            request_id=RequestId(self.ground.user_id, settings.DSP_ID, self._counter),
            command_variant=srv.ON_DEMAND,
            service_reference=code.service_reference,
            service_reference_variant=code.code,
            body_name=code.body,
            body_xml=self._bodies[count],
        )
        return self.signer.sign(write_request(request))


def make_sender(*, at: datetime) -> Sender:
    """This function will lay the ground, with keys of the Supplier's own and an image signed by it."""
    ground = firmware_benches.prepare(device_count=MAX_DEVICE_IDS)
    directory = settings.DATA / "keys"
    image_signer = xml_keys.load_or_create_pair(
        directory, name=_IMAGE_SIGNING_PAIR, holder=Holder(ground.user_id, _SUPPLIER_SIGNING, "Bench")
    )
    signer = xml_keys.load_or_create_user(directory, eui=ground.user_id)
    image = _largest_image(ground, signer=image_signer)
    firmware_benches.vouch(
        ground=ground,
        image=image,
        files=[
            certificate_path(ground).read_bytes(),
            (directory / f"{_IMAGE_SIGNING_PAIR}.crt.pem").read_bytes(),
        ],
        at=at,
    )
    return Sender(ground=ground, signer=signer, image=ota_image.build(image))


def certificate_path(ground: Ground) -> Path:
    """This function will give the file of the certificate that the Supplier signs requests with."""
    return xml_keys.paths_of_user(settings.DATA / "keys", eui=ground.user_id)[1]


def _largest_image(ground: Ground, *, signer: Signer) -> OtaImage:
    header = OtaHeader(
        manufacturer_code=int(ground.manufacturer, 16),
        image_type=0,
        file_version=int(ground.firmware_version, 16),
        stack_version=2,
        header_string=_HEADER_STRING,
        hardware_versions=_ANY_HARDWARE,
    )
    spare = ota_image.build(
        OtaImage(header=header, manufacturer_image=b"\0", trailer=Trailer(signature=bytes(64)))
    )
    software = random.Random(1).randbytes(MAX_IMAGE_OCTETS - len(spare) + 1)
    return OtaImage(
        header=header, manufacturer_image=software, trailer=ota_image.sign(software, key=signer.key)
    )
