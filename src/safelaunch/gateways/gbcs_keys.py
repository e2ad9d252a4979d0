"""The keys and certificates that GBCS messages need here, as PEM files in one directory (`domain.md` 2.3, 13.5).

acb-ka.pem, acb-ka.crt.pem          the Access Control Broker's key agreement pair, role 04: it makes the MACs
cos-ds.pem, cos-ds.crt.pem          the CoS Party's signing pair, role 05: it signs changes of Supplier (SRV 6.23)
org-<eui>-ds, org-<eui>-ka          pairs of a Supplier for demonstrations, role 02; a real one keeps its own
smki-<eui>-ds-<serial>.crt.pem      certificates that were imported for a Supplier or network operator, likewise -ka-
device-authority-*.crt.pem          authorities whose Device certificates are believed

A real installation puts the pair that the SMKI issued in place before it starts, and its authorities; without one, a
pair for demonstrations is made on first use. Devices' keys are never here: only they have them.
"""

from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from safelaunch.domain.identifiers import Eui64
from safelaunch.gateways.keys import appear
from safelaunch.gateways.xml_keys import load_or_create_pair
from safelaunch.wire.duis.signing import Signer
from safelaunch.wire.smki import read_certificate, to_der
from safelaunch.wire.smki_issuing import Holder

SUPPLIER = 0x02
NETWORK_OPERATOR = 0x03
ACCESS_CONTROL_BROKER = 0x04
COS_PARTY = 0x05

_AUTHORITIES = "device-authority-*.crt.pem"


def load_or_create_broker(directory: Path, *, eui: Eui64) -> Signer:
    """This function will read the Access Control Broker's key agreement pair, or make one for demonstrations.

    Raises:
        Unreadable: a file is not a P-256 key or not a certificate.
        NotFound: there is a key without its certificate, or the other way about.
        KeyDoesNotMatch: the two do not belong together.
    """
    holder = Holder(eui, ACCESS_CONTROL_BROKER, "Safelaunch ACB", agrees_keys=True)
    return load_or_create_pair(directory, name="acb-ka", holder=holder)


def load_or_create_cos_party(directory: Path, *, eui: Eui64) -> Signer:
    """This function will read the CoS Party's signing pair, or make one for demonstrations (see `load_or_create_broker`).

    In the field the CoS Party is an organisation of its own and keeps its key; here its part is played with this pair.
    """
    return load_or_create_pair(
        directory, name="cos-ds", holder=Holder(eui, COS_PARTY, "Safelaunch CoS Party")
    )


def load_or_create_supplier(directory: Path, *, eui: Eui64, agrees_keys: bool) -> Signer:
    """This function will read a Supplier's pair made for demonstrations, or make it (see `load_or_create_broker`).

    Args:
        directory: of the files.
        eui: the User ID.
        agrees_keys: whether the key is for key agreement; for signing otherwise.
    """
    name = f"org-{eui}-{'ka' if agrees_keys else 'ds'}".lower()
    holder = Holder(eui, SUPPLIER, "Demonstration", agrees_keys=agrees_keys)
    return load_or_create_pair(directory, name=name, holder=holder)


def publish_organisation(directory: Path, *, octets: bytes) -> bool:
    """This function will put a Supplier's or network operator's certificate where simulated Devices find it.

    Others, such as those for signing XML, concern no Device and are left alone.

    Args:
        directory: of the files.
        octets: the certificate, PEM or DER.

    Returns:
        Whether it concerns Devices.

    Raises:
        UnreadableCertificate: it is not an organisation's certificate.
    """
    certificate = read_certificate(octets, accepts_decimal_role=True)
    if certificate.role not in (SUPPLIER, NETWORK_OPERATOR):
        return False
    directory.mkdir(parents=True, exist_ok=True)
    use = "ds" if certificate.may_sign else "ka"
    path = directory / f"smki-{certificate.eui}-{use}-{certificate.serial:x}.crt.pem".lower()
    if path.exists():
        # What was put there last counts, and this one was vouched for just now; readers look at the directory's time.
        path.touch()
        directory.touch()
    else:
        pem = x509.load_der_x509_certificate(to_der(octets)).public_bytes(serialization.Encoding.PEM)
        appear(path, pem, mode=0o644)
    return True


def device_authorities(directory: Path) -> list[bytes]:
    """This function will read the certificates of the authorities whose Device certificates are believed, in PEM."""
    return [path.read_bytes() for path in sorted(directory.glob(_AUTHORITIES))]


def publish_device_authority(directory: Path, *, name: str, pem: bytes) -> None:
    """This function will put the certificate of an authority for Devices where it is believed."""
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / _AUTHORITIES.replace("*", name)
    if not path.exists():
        appear(path, pem, mode=0o644)
