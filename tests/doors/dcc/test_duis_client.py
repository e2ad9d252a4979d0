"""The command line as a Supplier's developer uses it, against the real door: sign, explain, send, and believe the answer."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.conf import settings

from safelaunch.config.command import COMMANDS
from safelaunch.interfaces.cli import terminal
from safelaunch.interfaces.cli.main import run
from tests import pki
from tests.doors.dcc.serving import dsp
from tests.doors.dcc.test_door import READ_INVENTORY

pytestmark = pytest.mark.usefixtures("standing_estate")

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    monkeypatch.setattr(terminal.out, "_file", None)
    monkeypatch.setattr(terminal.err, "_file", None)

    def call(*arguments: str) -> tuple[int, str, str]:
        code = run(["duis", *arguments], table=COMMANDS)
        return code, *capsys.readouterr()

    return call


@pytest.fixture
def pair(tmp_path: Path) -> list[str]:
    key, certificate = tmp_path / "supplier.key", tmp_path / "supplier.crt"
    key.write_bytes(pki.supplier().key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    certificate.write_bytes(pki.supplier().der)
    return ["--key", str(key), "--certificate", str(certificate)]


def test_a_request_is_signed_sent_and_answered_by_the_dsp(web, command, pair, tmp_path):
    template, signed = tmp_path / "template.xml", tmp_path / "signed.xml"
    template.write_bytes(READ_INVENTORY)
    trust = str(settings.DATA / "keys" / "dsp-xml.crt.pem")
    url, eui = f"http://127.0.0.1:{web.port}", dsp().certificate.eui
    signing = ["sign", str(template), *pair, "--forgive-dates", "--new-counter", "--output", str(signed)]
    assert command(*signing)[0] == 0
    code, out, err = command("send", str(signed), "--url", url, "--trust", trust)
    assert code == 0, err
    assert re.match(r"I0 after \d+\.\d\d s, signed by " + str(eui), out)
    assert "Read Inventory" in out
    # The same again is a replay, and the door says why.
    code, out, err = command("send", str(signed), "--url", url, "--trust", trust)
    assert code == 1
    assert out.startswith("E13 after ")
    assert "counter of the Request ID has been reached before" in err
