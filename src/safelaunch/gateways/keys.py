"""Ed25519 keys of the gateway protocol, as PEM files in one directory (`docs/csp-gateway.md`).

dcc.pem        the DCC's private key, readable by its owner only      dcc.pub.pem        given to every CSP
csp-north.pem  the private key of CSP North (likewise the others)     csp-north.pub.pem  given to the DCC
"""

import contextlib
import os
import secrets
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from safelaunch.domain.refusals import NotFound, Unreadable
from safelaunch.domain.smi import Network

DCC = "dcc.pem"
"""The file name of the DCC's private key."""


def name_of(network: Network) -> str:
    """This function will give the file name of a network's private key, such as `csp-north.pem`."""
    return f"csp-{network.value.lower()}.pem"


def public_path(path: Path) -> Path:
    """This function will give the path of the public half of a private key: `dcc.pem` has `dcc.pub.pem`."""
    return path.with_suffix(".pub.pem")


def load_or_create_private(path: Path) -> Ed25519PrivateKey:
    """This function will read a private key, or make one when there is none, and see to its public half.

    Several processes may ask at once: one of them makes the key and all receive that one. The file appears whole
    and readable by its owner only.

    Raises:
        Unreadable: the file is not an Ed25519 private key.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        appear(path, _private_octets(Ed25519PrivateKey.generate()), mode=0o600)
    key = _read_private(path)
    if not public_path(path).exists():
        appear(public_path(path), _public_octets(key.public_key()), mode=0o644)
    return key


def load_public(path: Path) -> Ed25519PublicKey:
    """This function will read a public key.

    Raises:
        NotFound: there is no such file.
        Unreadable: the file is not an Ed25519 public key.
    """
    if not path.exists():
        raise NotFound(
            f"There is no key {path.name} in {path.parent}; start the side that owns it, or copy it there."
        )
    try:
        key = serialization.load_pem_public_key(path.read_bytes())
    except (ValueError, UnsupportedAlgorithm) as error:
        raise Unreadable(
            f"{path.name} is not a public key in PEM form; copy it again from its owner."
        ) from error
    if not isinstance(key, Ed25519PublicKey):
        raise Unreadable(f"{path.name} is not an Ed25519 key; the gateway protocol accepts no other kind.")
    return key


def _read_private(path: Path) -> Ed25519PrivateKey:
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise Unreadable(
            f"{path.name} is not a private key in PEM form; restore it, or remove it to have a new one made."
        ) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise Unreadable(f"{path.name} is not an Ed25519 key; the gateway protocol accepts no other kind.")
    return key


def appear(path: Path, octets: bytes, *, mode: int) -> None:
    """This function will write a file aside and link it into place: it is whole when seen, and the first writer wins."""
    aside = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(octets)
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(aside)
    finally:
        aside.unlink()


def _private_octets(key: Ed25519PrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _public_octets(key: Ed25519PublicKey) -> bytes:
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
