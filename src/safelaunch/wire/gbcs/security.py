"""Signing and verifying GBCS messages, and the MAC between two key agreement keys.

The signature is ECDSA P-256 with SHA-256 over the grouping header without its first octet and the payload
(`domain.md` 4.5). The MAC is GMAC under AES-128, cut to twelve octets:

    shared secret   ECDH of one side's key agreement key with the other's
    key             first 16 octets of SHA-256(00000001 | secret | 60857406080300 | originator | transaction | target)
    nonce           originator, then 00000000
    covered         11 00000000 00 | grouping header | payload | length of the signature | signature

Both sides derive the same key, so whoever can check a MAC can also make it. Which keys are used is the caller's
matter: the ACB's and the device's for a command, for instance. The construction is checked against the worked example
of GBCS 18.4; the Reference Test Data vectors come without keys, so their MACs and signatures are carried unchecked.
"""

import hashlib
import hmac
from dataclasses import replace

from cryptography.hazmat.primitives.asymmetric.ec import ECDH, EllipticCurvePrivateKey, EllipticCurvePublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from safelaunch.domain.refusals import Unreadable
from safelaunch.wire.gbcs import raw_ecdsa
from safelaunch.wire.gbcs.message import (
    MAC_OCTETS,
    SECURITY_HEADER,
    Envelope,
    GroupingHeader,
    grouping_octets,
    signed_octets,
)

_KDF_ROUND = bytes.fromhex("00000001")
_ALGORITHM = bytes.fromhex("60857406080300")
_KEY_OCTETS = 16
_NONCE_END = bytes(4)


class UntrustedGbcsSignature(Unreadable):
    """The message is not signed, or not by the key expected."""


class UntrustedGbcsMac(Unreadable):
    """The message has no MAC, or not one that these two keys make."""


def sign(envelope: Envelope, *, key: EllipticCurvePrivateKey) -> Envelope:
    """This function will sign a message with a Digital Signing key; an earlier signature and MAC are dropped.

    Raises:
        Invalid: the key is not on P-256.
    """
    return replace(envelope, signature=raw_ecdsa.sign(signed_octets(envelope), key=key), mac=None)


def verify(envelope: Envelope, *, key: EllipticCurvePublicKey) -> None:
    """This function will make sure that the key's owner signed the message.

    Raises:
        UntrustedGbcsSignature: the message is unsigned or the signature is not theirs.
        Invalid: the key is not on P-256.
    """
    if not envelope.signature:
        raise UntrustedGbcsSignature(
            "The GBCS message is not signed; the signature of its originator is expected."
        )
    if not raw_ecdsa.matches(signed_octets(envelope), signature=envelope.signature, key=key):
        raise UntrustedGbcsSignature(
            f"The signature of the GBCS message does not match the key of {envelope.header.originator_id}; "
            "a message signed with the key of that originator's certificate is expected."
        )


def protect(
    envelope: Envelope, *, own_key: EllipticCurvePrivateKey, other_key: EllipticCurvePublicKey
) -> Envelope:
    """This function will put a MAC on a message; a Pre-Command becomes an unsigned command.

    Raises:
        Invalid: a key is not on P-256.
    """
    closed = envelope if envelope.signature is not None else replace(envelope, signature=b"")
    return replace(closed, mac=_mac(closed, own_key=own_key, other_key=other_key))


def verify_mac(
    envelope: Envelope, *, own_key: EllipticCurvePrivateKey, other_key: EllipticCurvePublicKey
) -> None:
    """This function will make sure that the MAC is the one these two keys make.

    Raises:
        UntrustedGbcsMac: there is none, or it differs.
        Invalid: a key is not on P-256.
    """
    if envelope.mac is None:
        raise UntrustedGbcsMac("The GBCS message has no MAC; one made with the sender's key is expected.")
    if not hmac.compare_digest(envelope.mac, _mac(envelope, own_key=own_key, other_key=other_key)):
        raise UntrustedGbcsMac(
            f"The MAC of the GBCS message from {envelope.header.originator_id} does not match the two keys; "
            "a message that nobody altered on its way is expected."
        )


def _mac(envelope: Envelope, *, own_key: EllipticCurvePrivateKey, other_key: EllipticCurvePublicKey) -> bytes:
    raw_ecdsa.check_curve(own_key)
    raw_ecdsa.check_curve(other_key)
    signature = envelope.signature or b""
    covered = b"".join(
        (
            SECURITY_HEADER,
            b"\x00",
            grouping_octets(envelope),
            envelope.payload,
            bytes([len(signature)]) + signature,
        )
    )
    key = _derive_key(own_key.exchange(ECDH(), other_key), header=envelope.header)
    nonce = envelope.header.originator_id.to_bytes() + _NONCE_END
    return AESGCM(key).encrypt(nonce, b"", covered)[:MAC_OCTETS]


def _derive_key(secret: bytes, *, header: GroupingHeader) -> bytes:
    parties = header.originator_id.to_bytes() + header.transaction_id + header.target_id.to_bytes()
    return hashlib.sha256(_KDF_ROUND + secret + _ALGORITHM + parties).digest()[:_KEY_OCTETS]
