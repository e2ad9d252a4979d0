"""Structured log lines: one JSON object a line on standard error."""

import sys

import msgspec

from safelaunch.interfaces.simulator import instants


def say(event: str, **facts: object) -> None:
    """This function will write one line: what happened, when, and the facts of it."""
    line = msgspec.json.encode({"at": instants.now(), "room": "csp-simulator", "event": event, **facts})
    sys.stderr.write(line.decode() + "\n")
    sys.stderr.flush()
