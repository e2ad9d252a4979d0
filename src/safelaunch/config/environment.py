"""Every setting there is. All come from environment variables; `safelaunch doctor` lists them.

Nothing set is a working installation: an embedded PostgreSQL in the data directory, loopback addresses, wall clock.
"""

import argparse
import contextlib
import os
import secrets
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.refusals import Invalid

DSP_ID = "90-B3-D5-1F-30-00-00-02"
"""The DSP of the field's test data (`domain.md` 4.2)."""

COS_ID = "90-B3-D5-1F-30-00-00-04"
"""The CoS Party of the field's test data, by its commands."""

FORGIVABLE = ("dates", "layout", "counters", "versions")
"""What the DUIS door can be told to forgive; it forgives none of it unasked."""


KEEP_DAYS = 90
"""How long messages are kept unless said otherwise (ADR 0013)."""

_LEAST_DAYS, _MOST_DAYS = 7, 36_500


@dataclass(frozen=True, slots=True)
class Variable:
    """One environment variable: its name, what it means, and what holds when it is unset."""

    name: str
    meaning: str
    default: str


VARIABLES = (
    Variable(
        "SAFELAUNCH_DATA",
        "directory for the embedded database, keys and logs",
        "~/.local/share/safelaunch; as root /var/lib/safelaunch",
    ),
    Variable(
        "SAFELAUNCH_DATABASE_URL", "PostgreSQL 15 or later, postgresql://user:password@host/name", "embedded"
    ),
    Variable(
        "SAFELAUNCH_CSP_URL", "base address of the CSP gateways; /north, /central, /south follow", "none"
    ),
    Variable(
        "SAFELAUNCH_SMKI_URL",
        "base address of the SMKI's repository of Device certificates",
        "SAFELAUNCH_CSP_URL/smki, where the simulator has it",
    ),
    Variable(
        "SAFELAUNCH_DSP_ID", "EUI-64 of the DSP: target of Non-Device requests, signer of responses", DSP_ID
    ),
    Variable("SAFELAUNCH_COS_ID", "EUI-64 of the CoS Party, which signs changes of Supplier (6.23)", COS_ID),
    Variable(
        "SAFELAUNCH_DUIS_SCHEMAS",
        "folder of the official DUIS XSDs; requests are then checked by them",
        "none",
    ),
    Variable(
        "SAFELAUNCH_DUIS_FORGIVES",
        "comma separated: dates (certificates out of date), layout (white space added after signing), counters "
        "(Request ID counters that are no time)",
        "nothing",
    ),
    Variable("SAFELAUNCH_MP105", "0 when 11.2 does not reach Suspended Devices, as before MP105", "1"),
    Variable(
        "SAFELAUNCH_KEEP_DAYS",
        "days for which the octets of requests, and messages that Users took, are kept",
        str(KEEP_DAYS),
    ),
    Variable("SAFELAUNCH_CLOCK", "wall, or stepped for demonstrations", "wall"),
    Variable(
        "SAFELAUNCH_ALLOWED_HOSTS", "host names the portal answers to, comma separated", "127.0.0.1,localhost"
    ),
    Variable(
        "SAFELAUNCH_SECRET_KEY",
        "key that signs sessions; at least 50 characters",
        "made once, kept in the data directory",
    ),
    Variable("SAFELAUNCH_HTTPS", "1 when a proxy terminates TLS: cookies are then Secure", "0"),
    Variable("SAFELAUNCH_PERSON", "who acts at the command line, unless --as says it", "nobody"),
    Variable("SAFELAUNCH_LOG", "debug, info, warning or error", "warning"),
)


def settle(arguments: list[str]) -> None:
    """This function will set what `demo` and `up` ask of the settings, before any is read.

    A demonstration has a stepped clock and, unless a data directory is named, one of its own in the usual one.
    """
    if arguments[:1] not in (["demo"], ["up"]):
        return
    options = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    options.add_argument("--data")
    options.add_argument("--demo", action="store_true", default=arguments[0] == "demo")
    try:
        asked, _ = options.parse_known_args(arguments[1:])
    except argparse.ArgumentError:
        return  # the command says what is wrong with its options
    os.environ["SAFELAUNCH_CLOCK"] = "stepped" if asked.demo else "wall"
    if asked.data:
        os.environ["SAFELAUNCH_DATA"] = asked.data
    elif asked.demo and not os.environ.get("SAFELAUNCH_DATA"):
        os.environ["SAFELAUNCH_DATA"] = str(data_directory() / "demo")


def data_directory() -> Path:
    """This function will give the data directory."""
    # As root, PostgreSQL runs as a user of its own, who may not enter root's home.
    usual = "/var/lib/safelaunch" if os.geteuid() == 0 else "~/.local/share/safelaunch"
    return Path(os.environ.get("SAFELAUNCH_DATA") or usual).expanduser().resolve()


def secret_key() -> str:
    """This function will give the key that signs sessions, making one on first use (no default secret)."""
    given = os.environ.get("SAFELAUNCH_SECRET_KEY")
    if given is not None:
        if len(given) < 50:  # noqa: PLR2004 - Django's own minimum
            raise Invalid(
                "SAFELAUNCH_SECRET_KEY is too short; give at least 50 random characters, or unset it."
            )
        return given
    path = data_directory() / "secret.key"
    try:
        return path.read_text(encoding="ascii")
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(f".{os.getpid()}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(64))
        # Two processes may start at once: the first link wins, and both read the winner.
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
        return path.read_text(encoding="ascii")


def choice(name: str, *, default: str, of: tuple[str, ...]) -> str:
    """This function will read a variable that has few legal values.

    Raises:
        Invalid: the value is none of them.
    """
    value = os.environ.get(name) or default
    if value not in of:
        raise Invalid(f"{name} is {value!r}; one of {', '.join(of)} is expected.")
    return value


def dsp_id() -> Eui64:
    """This function will give the DSP's EUI-64.

    Raises:
        Invalid: SAFELAUNCH_DSP_ID is not an EUI-64.
    """
    return Eui64.parse(os.environ.get("SAFELAUNCH_DSP_ID") or DSP_ID)


def cos_id() -> Eui64:
    """This function will give the CoS Party's EUI-64.

    Raises:
        Invalid: SAFELAUNCH_COS_ID is not an EUI-64.
    """
    return Eui64.parse(os.environ.get("SAFELAUNCH_COS_ID") or COS_ID)


def duis_forgives() -> frozenset[str]:
    """This function will give what the DUIS door forgives.

    Raises:
        Invalid: a word is none of those it knows.
    """
    words = {word.strip() for word in os.environ.get("SAFELAUNCH_DUIS_FORGIVES", "").split(",")} - {""}
    strange = sorted(words - set(FORGIVABLE))
    if strange:
        raise Invalid(
            f"SAFELAUNCH_DUIS_FORGIVES names {strange[0]!r}; {', '.join(FORGIVABLE)} can be forgiven."
        )
    return frozenset(words)


def keep_messages() -> timedelta:
    """This function will give how long messages are kept once they are done with.

    Raises:
        Invalid: SAFELAUNCH_KEEP_DAYS is no whole number of days in reason.
    """
    given = os.environ.get("SAFELAUNCH_KEEP_DAYS") or str(KEEP_DAYS)
    if not (given.isascii() and given.isdigit() and _LEAST_DAYS <= int(given[:9]) <= _MOST_DAYS):
        raise Invalid(
            f"SAFELAUNCH_KEEP_DAYS is {given[:20]!r}; a whole number from {_LEAST_DAYS} to {_MOST_DAYS:,} is expected."
        )
    return timedelta(days=int(given))
