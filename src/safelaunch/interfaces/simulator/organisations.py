"""The organisations that simulated Devices know, by their certificates; in the field Devices are given them one by one.

Every certificate in the keys' directory that ends in `.crt.pem` counts: role 02 or 03 for Suppliers and network
operators, role 04 for the Access Control Broker, role 05 for the CoS Party. `safelaunch certificate import` puts a
Supplier's there. A Device keeps one certificate of each kind, so of several the one that was put there last counts.
"""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.refusals import Unreadable
from safelaunch.gateways.gbcs_keys import (
    ACCESS_CONTROL_BROKER,
    COS_PARTY,
    NETWORK_OPERATOR,
    SUPPLIER,
)
from safelaunch.wire.smki import OrganisationCertificate, read_certificate

_REMOTE_PARTIES = frozenset({SUPPLIER, NETWORK_OPERATOR, ACCESS_CONTROL_BROKER, COS_PARTY})


class Organisations:
    """Public keys of organisations, read again when the directory has changed or an unknown one is asked for."""

    def __init__(self, directory: Path) -> None:
        """This function will keep where the certificates stand."""
        self._directory = directory
        self._seen_at: int | None = None
        self._keys: dict[tuple[Eui64, bool], ec.EllipticCurvePublicKey] = {}
        self._cos_party: OrganisationCertificate | None = None
        self._broker: OrganisationCertificate | None = None

    def signing_key(self, eui: Eui64) -> ec.EllipticCurvePublicKey | None:
        """This function will give the key with which an organisation signs, or nothing when it is not known."""
        return self._find(eui, signs=True)

    def agreement_key(self, eui: Eui64) -> ec.EllipticCurvePublicKey | None:
        """This function will give the key with which an organisation agrees keys, or nothing when it is not known."""
        return self._find(eui, signs=False)

    def broker_key(self) -> ec.EllipticCurvePublicKey | None:
        """This function will give the Access Control Broker's key, with which the MAC of every command is made."""
        broker = self._find_broker()
        return None if broker is None else broker.public_key

    def broker_id(self) -> Eui64 | None:
        """This function will give the Access Control Broker's EUI-64, to whom hubs and displays address their alerts."""
        broker = self._find_broker()
        return None if broker is None else broker.eui

    def _find_broker(self) -> OrganisationCertificate | None:
        if self._broker is None:
            self._read()
        return self._broker

    def cos_party(self) -> OrganisationCertificate | None:
        """This function will give the certificate of the CoS Party, who alone gives a Device to another Supplier."""
        if self._cos_party is None:
            self._read()
        return self._cos_party

    def _find(self, eui: Eui64, *, signs: bool) -> ec.EllipticCurvePublicKey | None:
        if (eui, signs) not in self._keys or self._changed_at() != self._seen_at:
            self._read()
        return self._keys.get((eui, signs))

    def _changed_at(self) -> int | None:
        try:
            return self._directory.stat().st_mtime_ns
        except FileNotFoundError:
            return None

    def _read(self) -> None:
        self._seen_at = self._changed_at()
        certificates = list(self._certificates(name for _, name in sorted(self._files())))
        self._keys = {(one.eui, one.may_sign): one.public_key for one in certificates}
        brokers = [one for one in certificates if one.role == ACCESS_CONTROL_BROKER and not one.may_sign]
        self._broker = brokers[-1] if brokers else None
        cos_parties = [one for one in certificates if one.role == COS_PARTY and one.may_sign]
        self._cos_party = cos_parties[-1] if cos_parties else None

    def _files(self) -> Iterator[tuple[int, str]]:
        for path in self._directory.glob("*.crt.pem"):
            # One that is taken away meanwhile is simply not there.
            with suppress(FileNotFoundError):
                yield path.stat().st_mtime_ns, path.name

    def _certificates(self, names: Iterator[str]) -> Iterator[OrganisationCertificate]:
        for name in names:
            # Other certificates stand there too, such as those of authorities for Devices.
            with suppress(Unreadable, FileNotFoundError):
                certificate = read_certificate((self._directory / name).read_bytes())
                if certificate.role in _REMOTE_PARTIES:
                    yield certificate
