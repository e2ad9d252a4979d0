"""A developer's desk: keys and certificates in files, and messages to try commands on."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests import pki


@dataclass
class Desk:
    """Files in one folder; `supplier` and `dsp` are the options that name their keys and certificates."""

    folder: Path

    def __post_init__(self) -> None:
        self._numbers = count(1)
        self.certificates = self.folder / "trusted"
        self.certificates.mkdir()
        self.supplier = self.pair("supplier", pki.supplier())
        self.dsp = self.pair("dsp", pki.dsp())
        for name, one in (("supplier", pki.supplier()), ("other", pki.other_supplier()), ("dsp", pki.dsp())):
            (self.certificates / f"{name}.pem").write_bytes(self.octets_of(one, encoding=Encoding.PEM))

    def write(self, name: str, octets: bytes) -> str:
        path = self.folder / name
        path.write_bytes(octets)
        return str(path)

    def put(self, message: bytes) -> str:
        """Lay a message on the desk and give its path."""
        return self.write(f"message-{next(self._numbers)}.xml", message)

    def pair(self, name: str, identity: pki.Identity, *, until: timedelta | None = None) -> list[str]:
        key = identity.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        certificate = self.octets_of(identity, encoding=Encoding.PEM, until=until)
        return [
            "--key",
            self.write(f"{name}.key", key),
            "--certificate",
            self.write(f"{name}.crt", certificate),
        ]

    def octets_of(
        self, identity: pki.Identity, *, encoding: Encoding, until: timedelta | None = None
    ) -> bytes:
        """The certificate of an identity of the test PKI; `until` moves its end, counted from now."""
        certificate = identity.certificate
        return pki.certificate_der(
            identity.key,
            subject=pki.name(units=(f"{certificate.role:02X}",), eui=certificate.eui, common="U1"),
            serial=certificate.serial,
            encoding=encoding,
            until=None if until is None else datetime.now(UTC) + until,
        )
