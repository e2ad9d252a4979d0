"""The keys of simulated Devices, and the certificates that the SMKI would hold of them (`domain.md` 13.5).

Each Device has a key for agreement and one for signing, as in the field. They are derived from the estate's seed, so
that a simulator started again has the same Devices; only this side can derive them. Others see certificates.
"""

import hashlib
from datetime import UTC, datetime
from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric import ec

from safelaunch.domain.identifiers import Eui64
from safelaunch.wire import smki_devices
from safelaunch.wire.smki_devices import KeyUse

_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Of P-256: private keys are the numbers from 1 to one below it."""

_SINCE = datetime(2018, 1, 1, tzinfo=UTC)


class DeviceKeys:
    """The private keys of every Device of an estate, made when asked for."""

    def __init__(self, *, estate_seed: int) -> None:
        """This function will keep the seed; Devices of another seed are other Devices."""
        self._seed = estate_seed
        self.of = lru_cache(maxsize=16_384)(self._of)
        self._authority = self._derive("authority")

    def _of(self, device_id: Eui64, use: KeyUse) -> ec.EllipticCurvePrivateKey:
        return self._derive(f"{device_id}/{use.value}")

    def authority(self) -> bytes:
        """This function will give the certificate of the authority that issued the Devices', in PEM."""
        return smki_devices.issue_authority(key=self._authority, valid_from=_SINCE)

    def certificate(self, device_id: Eui64, use: KeyUse) -> bytes:
        """This function will give a certificate of a Device, in DER."""
        place = list(KeyUse).index(use)
        return smki_devices.issue_device_certificate(
            device_id=device_id,
            use=use,
            key=self._of(device_id, use).public_key(),
            authority=self._authority,
            serial=(device_id.value << 8) + place + 2,
            valid_from=_SINCE,
        )

    def _derive(self, name: str) -> ec.EllipticCurvePrivateKey:
        # Twice the octets of the order, so that no remainder is likelier than another.
        octets = hashlib.sha512(f"safelaunch simulated device/{self._seed}/{name}".encode()).digest()
        return ec.derive_private_key(int.from_bytes(octets, "big") % (_ORDER - 1) + 1, ec.SECP256R1())
