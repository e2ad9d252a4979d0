"""Firmware for the Reference Test Data premises: images that the CPL lists, and requests that carry them."""

import base64
from dataclasses import dataclass

from safelaunch.domain.identifiers import Eui64
from safelaunch.store.models import CommunicationsHub, CplEntry, Device, DeviceModel
from safelaunch.wire import ota_image
from safelaunch.wire.ota_image import HardwareVersions, OtaHeader, OtaImage
from tests import pki
from tests.services.requests import scene
from tests.services.requests.scene import PREMISES

SOFTWARE = bytes(range(256)) * 8
ALDER, BIRCH = 1, 2


def signing(eui: Eui64 = pki.SUPPLIER, *, serial: int = pki.FIRST_SERIAL + 20) -> pki.Identity:
    """A supplier's Digital Signing key, which signs images; its other key signs XML."""
    return pki.identity(eui, unit="02", serial=serial)


@dataclass(frozen=True)
class Release:
    """A firmware version that the CPL lists for a model, and the Device of the premises that may have it."""

    name: str
    entry: CplEntry
    image: OtaImage

    @property
    def version(self) -> str:
        return self.entry.device_model.firmware_version

    @property
    def device_id(self) -> str:
        return PREMISES[self.name]

    @property
    def octets(self) -> bytes:
        return ota_image.build(self.image)

    @property
    def old_model_id(self) -> int:
        model = self.entry.device_model
        return DeviceModel.objects.get(
            device_type=model.device_type,
            manufacturer=model.manufacturer,
            model=model.model,
            firmware_version=self.entry.predecessors[0],
        ).device_model_id


def release(name: str, *, software: bytes = SOFTWARE, signer: pki.Identity | None = None) -> Release:
    """List an image for a Device of the premises, which runs the version before."""
    entry = (
        CplEntry.objects.filter(
            device_model__device_type=name, predecessors__len__gte=1, device_model__hardware_version="0001"
        )
        .select_related("device_model")
        .order_by("device_model_id")
        .first()
    )
    trailer = None if name == "PPMID" else ota_image.sign(software, key=(signer or signing()).key)
    image = OtaImage(
        header=OtaHeader(
            manufacturer_code=int(entry.device_model.manufacturer, 16),
            image_type=0,
            file_version=int(entry.device_model.firmware_version, 16),
            stack_version=2,
            header_string=b"a test image".ljust(32, b"\0"),
            hardware_versions=HardwareVersions(lowest=1, highest=1),
        ),
        manufacturer_image=software,
        trailer=trailer,
    )
    CplEntry.objects.filter(pk=entry.pk).update(image_hash=image.manufacturer_image_hash)
    made = Release(name, entry, image)
    Device.objects.filter(device_id=made.device_id).update(device_model_id=made.old_model_id)
    return made


def modernise(gbcs_version: str = "4.1") -> None:
    """Let the hub of the premises run firmware of a GBCS version."""
    hub = CommunicationsHub.objects.get(device_id=PREMISES["CHF"])
    CplEntry.objects.filter(pk=hub.device_model_id).update(gbcs_version=gbcs_version)


def update(made: Release, *device_ids: object, **changes: object) -> bytes:
    """An 11.1, or an 11.4 for a display, signed by Alder unless another signs."""
    octets = changes.pop("octets", made.octets)
    version = changes.pop("version", made.version)
    srv, body = ("11.4", "UpdatePPMIDFirmware") if made.name == "PPMID" else ("11.1", "UpdateFirmware")
    listed = ",".join(str(one) for one in device_ids or [made.device_id])
    return scene.request(
        srv,
        f"<sr:{body}><sr:FirmwareImage>{base64.b64encode(octets).decode()}</sr:FirmwareImage>"
        f"<sr:FirmwareVersion>{version}</sr:FirmwareVersion><sr:DeviceIDList>{listed}</sr:DeviceIDList></sr:{body}>",
        **changes,
    )
