"""The organisations that simulated Devices know, by their certificates; in the field Devices are given them one by one.

Every certificate in the keys' directory that ends in `.crt.pem` counts: role 02 or 03 for Suppliers and network
operators, role 04 for the Access Control Broker. To have Devices obey a Supplier of your own, put its two there.
"""

from collections.abc import Iterator
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.refusals import Unreadable
from safelaunch.gateways.gbcs_keys import ACCESS_CONTROL_BROKER, NETWORK_OPERATOR, SUPPLIER
from safelaunch.wire.smki import OrganisationCertificate, read_certificate

_REMOTE_PARTIES = frozenset({SUPPLIER, NETWORK_OPERATOR, ACCESS_CONTROL_BROKER})


class Organisations:
    """Public keys of organisations, read again whenever one is asked for that is not known yet."""

    def __init__(self, directory: Path) -> None:
        """This function will keep where the certificates stand."""
        self._directory = directory
        self._keys: dict[tuple[Eui64, bool], ec.EllipticCurvePublicKey] = {}
        self._broker_key: ec.EllipticCurvePublicKey | None = None

    def signing_key(self, eui: Eui64) -> ec.EllipticCurvePublicKey | None:
        """This function will give the key with which an organisation signs, or nothing when it is not known."""
        return self._find(eui, signs=True)

    def agreement_key(self, eui: Eui64) -> ec.EllipticCurvePublicKey | None:
        """This function will give the key with which an organisation agrees keys, or nothing when it is not known."""
        return self._find(eui, signs=False)

    def broker_key(self) -> ec.EllipticCurvePublicKey | None:
        """This function will give the Access Control Broker's key, with which the MAC of every command is made."""
        if self._broker_key is None:
            brokers = (one for one in self._certificates() if one.role == ACCESS_CONTROL_BROKER)
            self._broker_key = next((one.public_key for one in brokers if not one.may_sign), None)
        return self._broker_key

    def _find(self, eui: Eui64, *, signs: bool) -> ec.EllipticCurvePublicKey | None:
        if (eui, signs) not in self._keys:
            self._keys |= {(one.eui, one.may_sign): one.public_key for one in self._certificates()}
        return self._keys.get((eui, signs))

    def _certificates(self) -> Iterator[OrganisationCertificate]:
        for path in sorted(self._directory.glob("*.crt.pem")):
            try:
                certificate = read_certificate(path.read_bytes())
            except Unreadable:
                # Other certificates stand there too, such as those of authorities for Devices.
                continue
            if certificate.role in _REMOTE_PARTIES:
                yield certificate
