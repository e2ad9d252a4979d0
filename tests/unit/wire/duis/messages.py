"""Messages to test with, and the shared examples where they lie beside the project."""

from pathlib import Path

import pytest

from safelaunch.wire.duis.signature import Verified, sign, verify
from safelaunch.wire.duis.xml import GATEWAY, XMLDSIG, parse
from tests import pki

SHARED = Path(__file__).resolve().parents[5] / "shared" / "duis"
needs_shared = pytest.mark.skipif(
    not SHARED.is_dir(),
    reason="the shared DUIS examples and schema do not lie beside the project (../shared/duis)",
)

REQUEST_ID = "90-B3-D5-1F-30-01-00-00:00-DB-12-34-56-78-90-A4:1000"

REQUEST = (
    f'<sr:Request xmlns:sr="{GATEWAY}" schemaVersion="5.4"><sr:Header>'
    f"<sr:RequestID>{REQUEST_ID}</sr:RequestID><sr:CommandVariant>1</sr:CommandVariant>"
    "<sr:ServiceReference>11.2</sr:ServiceReference>"
    "<sr:ServiceReferenceVariant>11.2</sr:ServiceReferenceVariant></sr:Header>"
    "<sr:Body><sr:ReadFirmwareVersion/></sr:Body></sr:Request>"
).encode()

FIRMWARE_REQUEST = (
    REQUEST.replace(b"11.2", b"11.1")
    .replace(b">1<", b">8<")
    .replace(
        b"<sr:ReadFirmwareVersion/>",
        b"<sr:UpdateFirmware><sr:FirmwareImage>AA==</sr:FirmwareImage><sr:FirmwareVersion>0123ABCE"
        b"</sr:FirmwareVersion><sr:DeviceIDList>00-DB-12-34-56-78-90-A0,00-DB-12-34-56-78-90-A4"
        b"</sr:DeviceIDList></sr:UpdateFirmware>",
    )
)

RESPONSE = (
    f'<sr:Response xmlns:sr="{GATEWAY}" schemaVersion="5.4"><sr:Header>'
    f"<sr:RequestID>{REQUEST_ID}</sr:RequestID><sr:ResponseCode>I99</sr:ResponseCode>"
    "<sr:ResponseDateTime>2026-03-01T10:00:00.250Z</sr:ResponseDateTime></sr:Header><sr:Body>"
    "<sr:ResponseMessage><sr:ServiceReference>11.2</sr:ServiceReference>"
    "<sr:ServiceReferenceVariant>11.2</sr:ServiceReferenceVariant></sr:ResponseMessage></sr:Body></sr:Response>"
).encode()

SMETS1_RESPONSE = RESPONSE.replace(
    b"</sr:ServiceReferenceVariant></sr:ResponseMessage>",
    b'</sr:ServiceReferenceVariant><sr:SMETS1SignedResponse schemaVersion="5.4"><sr:SMETS1Response/>'
    + f'<ds:Signature xmlns:ds="{XMLDSIG}"><ds:SignatureValue>AA==</ds:SignatureValue></ds:Signature>'.encode()
    + b"</sr:SMETS1SignedResponse></sr:SMETS1ResponseMessage>",
).replace(b"<sr:ResponseMessage>", b"<sr:SMETS1ResponseMessage>")


def signed(body: bytes = REQUEST, *, by: pki.Identity | None = None) -> bytes:
    identity = by or pki.supplier()
    return sign(body, key=identity.key, certificate=identity.certificate)


def checked(body: bytes, *, tolerates_reformatting: bool = False) -> Verified:
    return verify(
        parse(body),
        find_certificate=pki.trusted().find,
        at=pki.DURING,
        tolerates_reformatting=tolerates_reformatting,
    )
