"""What can still be read of a message that is refused, so that its sender is told which one was meant.

Nothing of it is believed: it is said back to whoever sent it, and used for nothing else.
"""

from contextlib import suppress
from dataclasses import dataclass

from safelaunch.domain import srv as catalogue
from safelaunch.domain.refusals import Invalid, Unreadable
from safelaunch.wire.duis.dialects import Dialect, dialect_of
from safelaunch.wire.duis.extension.messages import REQUESTS
from safelaunch.wire.duis.identifiers import RequestId
from safelaunch.wire.duis.xml import Element, parse


@dataclass(frozen=True, slots=True)
class Salvaged:
    """What a refused message says of itself: what it asks, and in whose name."""

    dialect: Dialect
    service_reference: str
    variant: str
    request_id: RequestId | None
    schema_version: str


def salvage(body: bytes) -> Salvaged | None:
    """This function will give what a message says of itself, or nothing when it does not say what it asks."""
    try:
        root = parse(body)
    except Unreadable:
        return None
    dialect = dialect_of(root)
    header = root.find(f"{{{dialect}}}Header")
    if header is None:
        return None
    variant = _text(header, "ServiceReferenceVariant", dialect=dialect)
    service_reference = _reference_of(variant, dialect=dialect)
    if service_reference is None:
        return None
    request_id = None
    with suppress(Invalid):
        request_id = RequestId.parse(_text(header, "RequestID", dialect=dialect))
    return Salvaged(
        dialect=dialect,
        service_reference=service_reference,
        variant=variant,
        request_id=request_id,
        schema_version=root.get("schemaVersion") or "",
    )


def _reference_of(variant: str, *, dialect: Dialect) -> str | None:
    if dialect is Dialect.CAMPAIGNS:
        return variant.partition(".")[0] if variant in REQUESTS else None
    srv = catalogue.catalogue().get(variant)
    return None if srv is None else srv.service_reference


def _text(header: Element, name: str, *, dialect: Dialect) -> str:
    return (header.findtext(f"{{{dialect}}}{name}") or "").strip()
