import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from safelaunch.domain.refusals import NotFound, Unreadable
from safelaunch.domain.smi import Network
from safelaunch.gateways import keys


def test_a_key_is_made_once_and_read_ever_after(tmp_path: Path) -> None:
    path = tmp_path / "new" / keys.DCC
    first, second = keys.load_or_create_private(path), keys.load_or_create_private(path)
    assert first.private_bytes_raw() == second.private_bytes_raw()
    assert (
        keys.load_public(keys.public_path(path)).public_bytes_raw() == first.public_key().public_bytes_raw()
    )


def test_a_private_key_is_readable_by_its_owner_only_and_nothing_else_is_left_beside(tmp_path: Path) -> None:
    keys.load_or_create_private(tmp_path / keys.DCC)
    assert stat.S_IMODE((tmp_path / "dcc.pem").stat().st_mode) == 0o600
    assert sorted(file.name for file in tmp_path.iterdir()) == ["dcc.pem", "dcc.pub.pem"]


def test_all_who_ask_at_once_receive_the_same_key(tmp_path: Path) -> None:
    path = tmp_path / keys.DCC
    with ThreadPoolExecutor(8) as askers:
        made = list(askers.map(keys.load_or_create_private, [path] * 40))
    assert len({key.private_bytes_raw() for key in made}) == 1


def test_a_public_half_that_went_missing_is_written_again(tmp_path: Path) -> None:
    key = keys.load_or_create_private(tmp_path / keys.DCC)
    (tmp_path / "dcc.pub.pem").unlink()
    keys.load_or_create_private(tmp_path / keys.DCC)
    assert (
        keys.load_public(tmp_path / "dcc.pub.pem").public_bytes_raw() == key.public_key().public_bytes_raw()
    )


def test_networks_have_keys_of_their_own_names() -> None:
    assert [keys.name_of(network) for network in Network] == [
        "csp-north.pem",
        "csp-central.pem",
        "csp-south.pem",
    ]


def test_a_missing_or_damaged_key_is_refused_with_its_name(tmp_path: Path) -> None:
    damaged = tmp_path / "csp-north.pub.pem"
    with pytest.raises(NotFound, match=r"no key csp-north\.pub\.pem"):
        keys.load_public(damaged)
    damaged.write_text("not a key")
    with pytest.raises(Unreadable, match=r"csp-north\.pub\.pem is not a public key"):
        keys.load_public(damaged)
    with pytest.raises(Unreadable, match="not a private key"):
        keys.load_or_create_private(damaged)


def test_keys_of_another_kind_are_refused(tmp_path: Path) -> None:
    other = ec.generate_private_key(ec.SECP256R1())
    private, public = tmp_path / "other.pem", tmp_path / "other.pub.pem"
    private.write_bytes(
        other.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    public.write_bytes(
        other.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    )
    with pytest.raises(Unreadable, match="not an Ed25519 key"):
        keys.load_or_create_private(private)
    with pytest.raises(Unreadable, match="not an Ed25519 key"):
        keys.load_public(public)
