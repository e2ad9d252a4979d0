"""What can still be read of a message that is refused, so that its sender is told which one was meant.

Nothing of it is believed: it is said back to whoever sent it, and used for nothing else.
"""

from contextlib import suppress
from dataclasses import dataclass

from safelaunch.domain import srv as catalogue
from safelaunch.domain.refusals import Invalid, Unreadable
from safelaunch.domain.srv import Srv
from safelaunch.wire.duis.identifiers import RequestId
from safelaunch.wire.duis.xml import GATEWAY, Element, parse


@dataclass(frozen=True, slots=True)
class Salvaged:
    """What a refused message says of itself: what it asks, and in whose name."""

    srv: Srv
    request_id: RequestId | None
    schema_version: str


def salvage(body: bytes) -> Salvaged | None:
    """This function will give what a message says of itself, or nothing when it does not say what it asks."""
    try:
        root = parse(body)
    except Unreadable:
        return None
    header = root.find(f"{{{GATEWAY}}}Header")
    if header is None:
        return None
    srv = catalogue.catalogue().get(_text(header, "ServiceReferenceVariant"))
    if srv is None:
        return None
    request_id = None
    with suppress(Invalid):
        request_id = RequestId.parse(_text(header, "RequestID"))
    return Salvaged(srv=srv, request_id=request_id, schema_version=root.get("schemaVersion") or "")


def _text(header: Element, name: str) -> str:
    return (header.findtext(f"{{{GATEWAY}}}{name}") or "").strip()
