"""A Supplier's 11.1 or 11.4, written and signed as its own system would."""

import base64

from safelaunch.domain.firmware_requests import FIRMWARE, PPMID_FIRMWARE
from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.smi import DeviceType
from safelaunch.services.firmware_demonstrations import Update
from safelaunch.wire import ota_image
from safelaunch.wire.duis.signing import Signer
from safelaunch.wire.ota_image import OtaImage

_REQUEST = """<sr:Request xmlns:sr="http://www.dccinterface.co.uk/ServiceUserGateway" schemaVersion="5.4"><sr:Header>\
<sr:RequestID>{originator}:{target}:{counter}</sr:RequestID><sr:CommandVariant>8</sr:CommandVariant>\
<sr:ServiceReference>{srv}</sr:ServiceReference><sr:ServiceReferenceVariant>{srv}</sr:ServiceReferenceVariant>\
</sr:Header><sr:Body><sr:{body}><sr:FirmwareImage>{image}</sr:FirmwareImage>\
<sr:FirmwareVersion>{version}</sr:FirmwareVersion><sr:DeviceIDList>{devices}</sr:DeviceIDList></sr:{body}></sr:Body>\
</sr:Request>"""


def write_update(update: Update, /, *, image: OtaImage, dsp_id: Eui64, counter: int, signer: Signer) -> bytes:
    """This function will write and sign the request that brings an image to the Devices of an update."""
    is_display = update.device_type is DeviceType.PPMID
    text = _REQUEST.format(
        originator=update.user_id,
        target=dsp_id,
        counter=counter,
        srv=PPMID_FIRMWARE if is_display else FIRMWARE,
        body="UpdatePPMIDFirmware" if is_display else "UpdateFirmware",
        image=base64.b64encode(ota_image.build(image)).decode(),
        version=update.entry.firmware_version,
        devices=",".join(str(one.device_id) for one in update.devices),
    )
    return signer.sign(text.encode())
