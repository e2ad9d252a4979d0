"""Smart DCC's signing tool and parser, as their npm packages offer them, with certificates of our own.

The signing tool finds its certificates and its schema by name on its class path. A folder of ours stands before it
there: its test certificates are replaced by ours under their own names, and its schema by the official one where that
lies beside the project.
"""

import base64
import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import Encoding

from tests import pki
from tests.unit.wire.duis.messages import SHARED

PLACE = "SAFELAUNCH_INTEROP"
"""Names the directory into which `make interop` installed the tools; without it nobody asked for these tests."""

REPLACED = {
    "xml-sign-90B3D51F30010000-ds": pki.supplier,
    "xml-sign-90B3D51F30020000-ds": pki.other_supplier,
    "dsp-xml-sign-90B3D51F30000002-ds": pki.dsp,
}
"""The certificates of the tool that belong to organisations of ours, and the identity to take their place."""

SCHEMA = "DUIS Schema V5.1.xsd"
"""The name under which the tool looks for its schema."""

SHORT_LIVED = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
"""Java begins faster when it does not prepare for a long life."""

LONGEST = 1800.0
"""Seconds for one list of jobs; each takes about one."""


@dataclass(frozen=True)
class Outcome:
    """What a tool made of one message: a value, or why not."""

    value: Any = None
    error: str | None = None

    @property
    def octets(self) -> bytes:
        assert self.error is None, self.error
        assert isinstance(self.value, str)
        return self.value.encode()


@dataclass(frozen=True)
class Tools:
    """The installed tools, with the folder that stands before theirs."""

    place: Path
    overlay: Path

    @classmethod
    def prepare(cls, overlay: Path, *, keeps_its_schema: bool = False) -> "Tools":
        """Put certificates and schema into the folder; fail where the tools were asked for and cannot run."""
        place = Path(os.environ[PLACE])
        for needed in ("node", "java"):
            if shutil.which(needed) is None:
                pytest.fail(f"{PLACE} asks for Smart DCC's tools, and there is no {needed}.", pytrace=False)
        if not (place / "node_modules" / "@smartdcc" / "duis-sign-wrap").is_dir():
            pytest.fail(f"{PLACE} names {place}, where the tools are not installed.", pytrace=False)
        for name, identity in REPLACED.items():
            _write_pair(overlay, name=name, identity=identity())
        if SHARED.is_dir() and not keeps_its_schema:
            for path in (SHARED / "xsd").iterdir():
                shutil.copy(path, overlay / path.name)
            shutil.copy(_official_schema(), overlay / SCHEMA)
        return cls(place, overlay)

    def run(self, jobs: Sequence[dict[str, Any]]) -> list[Outcome]:
        """Run jobs of `tools.cjs`, and give their outcomes in the same order."""
        jar = self.place / "node_modules" / "@smartdcc" / "duis-sign-wrap" / "dist" / "tool.jar"
        order = {"jobs": jobs, "jarFile": f"{self.overlay}{os.pathsep}{jar}"}
        done = subprocess.run(
            ["node", str(self.place / "tools.cjs")],
            input=json.dumps(order).encode(),
            capture_output=True,
            env={**os.environ, "JAVA_TOOL_OPTIONS": SHORT_LIVED},
            timeout=LONGEST,
            check=False,
        )
        if done.returncode:
            pytest.fail(f"Smart DCC's tools do not run: {done.stderr.decode()[-2000:]}", pytrace=False)
        return [Outcome(**outcome) for outcome in json.loads(done.stdout)]

    def sign(self, messages: Sequence[bytes], *, preserves_counter: bool = True) -> list[Outcome]:
        return self.run([_job("sign", one, preserveCounter=preserves_counter) for one in messages])

    def validate(self, messages: Sequence[bytes]) -> list[Outcome]:
        return self.run([_job("validate", one) for one in messages])

    def parse(self, messages: Sequence[bytes]) -> list[Outcome]:
        return self.run([_job("parse", one) for one in messages])

    def construct(self, documents: Sequence[dict[str, Any]]) -> list[Outcome]:
        return self.run([{"mode": "construct", "duis": one} for one in documents])


def _job(mode: str, message: bytes, **options: Any) -> dict[str, Any]:
    return {"mode": mode, "xml": base64.b64encode(message).decode(), **options}


def _write_pair(folder: Path, *, name: str, identity: pki.Identity) -> None:
    key, certificate = identity.key, identity.certificate
    (folder / f"{name}.key").write_bytes(
        key.private_bytes(Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    der = pki.certificate_der(
        key,
        subject=pki.name(units=(f"{certificate.role:02X}",), eui=certificate.eui, common="U1"),
        serial=certificate.serial,
        encoding=Encoding.PEM,
    )
    (folder / f"{name}.pem").write_bytes(der)


def _official_schema() -> Path:
    return max((SHARED / "xsd").glob("DUIS Schema V*.xsd"))
