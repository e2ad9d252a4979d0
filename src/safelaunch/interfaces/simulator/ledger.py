"""What was truly said of firmware in one simulated network, for whoever compares it with what reached the Users.

It is no part of the protocol: a network in the field has no such book. Repeats of one message are one fact.
"""

from typing import NamedTuple

from safelaunch.domain.identifiers import Eui64
from safelaunch.interfaces.simulator.device_speech import Saying
from safelaunch.interfaces.simulator.images import ImageNews
from safelaunch.wire.gbcs.alerts import (
    DlmsReceiptAlert,
    FirmwareTransferAlert,
    GbzReceiptAlert,
    PpmidActivationAlert,
)


class Fact(NamedTuple):
    """One thing said: the code (of GBCS, or N60 and N61 for what the network itself reports), the Device, the outcome."""

    code: str
    device_id: Eui64
    outcome: str


def fact_of(said: Saying | ImageNews, /) -> Fact | None:
    """This function will say what a message or report says of firmware on its way; nothing for all others."""
    if isinstance(said, ImageNews):
        return Fact("N60" if said.is_at_hub else "N61", said.device_id, "")
    payload = said.message.payload
    if isinstance(payload, FirmwareTransferAlert):
        return Fact(f"{payload.alert_code:04X}", payload.device_id, payload.outcome.name)
    if isinstance(payload, DlmsReceiptAlert | GbzReceiptAlert):
        return Fact(f"{payload.alert_code:04X}", said.facts.device_id, "")
    if isinstance(payload, PpmidActivationAlert):
        return Fact(f"{payload.alert_code:04X}", said.facts.device_id, payload.outcome.name)
    return None
