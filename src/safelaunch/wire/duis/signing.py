"""Who signs here: a key with its certificate, kept together so that neither is used without the other."""

from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric import ec

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.refusals import Invalid
from safelaunch.wire.duis.signature import sign, sign_written
from safelaunch.wire.smki import OrganisationCertificate


class KeyDoesNotMatch(Invalid):
    """The key is not the one that the certificate vouches for."""


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key and the certificate of its public half."""

    key: ec.EllipticCurvePrivateKey
    certificate: OrganisationCertificate

    def __post_init__(self) -> None:
        """This function will refuse a key and a certificate that do not belong together.

        Raises:
            KeyDoesNotMatch: the certificate is of another key.
        """
        if self.key.public_key() != self.certificate.public_key:
            raise KeyDoesNotMatch(
                f"The certificate {self.certificate.serial} is not that of the private key; use the pair together."
            )

    @property
    def eui(self) -> Eui64:
        """This function will give the EUI-64 of whoever signs."""
        return self.certificate.eui

    def sign(self, document: bytes) -> bytes:
        """This function will sign a compact message (`domain.md` 14.1)."""
        return sign(document, key=self.key, certificate=self.certificate)

    def sign_written(self, document: bytes) -> bytes:
        """This function will sign a message as it was written here, in a fraction of the time (see `signature.sign_written`)."""
        return sign_written(document, key=self.key, certificate=self.certificate)
