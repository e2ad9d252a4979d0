"""Structured log lines: one JSON object a line on standard error."""

import sys
from dataclasses import dataclass
from datetime import datetime

import msgspec

from safelaunch.domain.smi import Network
from safelaunch.interfaces.simulator import instants


def say(event: str, **facts: object) -> None:
    """This function will write one line: what happened, when, and the facts of it."""
    line = msgspec.json.encode({"at": instants.now(), "room": "csp-simulator", "event": event, **facts})
    sys.stderr.write(line.decode() + "\n")
    sys.stderr.flush()


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One instruction that was received: when, and what became of it."""

    received_at: datetime
    network: Network
    campaign: str
    epoch: int
    instruction_id: str
    hubs: int
    verdict: str
