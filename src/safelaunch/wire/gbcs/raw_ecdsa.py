"""ECDSA P-256 with SHA-256 as GBCS and firmware images carry it: r and s, 32 octets each, no DER around them."""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.asymmetric.utils import (
    Prehashed,
    decode_dss_signature,
    encode_dss_signature,
)
from cryptography.hazmat.primitives.hashes import SHA256

from safelaunch.domain.refusals import Invalid
from safelaunch.wire.gbcs.octets import SIGNATURE_OCTETS

_HALF = SIGNATURE_OCTETS // 2


def sign(octets: bytes, *, key: EllipticCurvePrivateKey) -> bytes:
    """This function will sign octets and give r and s, 64 octets.

    Raises:
        Invalid: the key is not on P-256.
    """
    check_curve(key)
    r, s = decode_dss_signature(key.sign(octets, ECDSA(SHA256())))
    return r.to_bytes(_HALF, "big") + s.to_bytes(_HALF, "big")


def matches(octets: bytes, *, signature: bytes, key: EllipticCurvePublicKey) -> bool:
    """This function will say whether the key's owner signed the octets; a signature of another length never does.

    Raises:
        Invalid: the key is not on P-256.
    """
    return _matches(octets, signature=signature, key=key, algorithm=SHA256())


def matches_digest(digest: bytes, *, signature: bytes, key: EllipticCurvePublicKey) -> bool:
    """This function will say the same of octets of which only the SHA-256 is given, because it was computed before.

    Raises:
        Invalid: the key is not on P-256.
    """
    return _matches(digest, signature=signature, key=key, algorithm=Prehashed(SHA256()))


def _matches(
    octets: bytes, *, signature: bytes, key: EllipticCurvePublicKey, algorithm: SHA256 | Prehashed
) -> bool:
    check_curve(key)
    if len(signature) != SIGNATURE_OCTETS:
        return False
    r, s = (int.from_bytes(half, "big") for half in (signature[:_HALF], signature[_HALF:]))
    try:
        key.verify(encode_dss_signature(r, s), octets, ECDSA(algorithm))
    except InvalidSignature:
        return False
    return True


def check_curve(key: EllipticCurvePrivateKey | EllipticCurvePublicKey) -> None:
    """This function will refuse a key that is not on P-256, the only curve of SMKI (`domain.md` 13.5)."""
    if not isinstance(key.curve, SECP256R1):
        raise Invalid(f"A key on {key.curve.name} was given; SMKI keys are on P-256 (secp256r1).")
