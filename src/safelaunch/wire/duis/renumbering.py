"""A message under another counter: templates are sent again and again, and no counter may come twice (`domain.md` 4.2)."""

from safelaunch.wire.duis.dialects import dialect_of
from safelaunch.wire.duis.envelope import MalformedEnvelope
from safelaunch.wire.duis.identifiers import RequestId
from safelaunch.wire.duis.xml import canonical, parse, text_of


def with_counter(body: bytes, *, counter: int) -> bytes:
    """This function will write a counter into a message's Request ID; a signature over it then no longer holds.

    Args:
        body: a Request or Response as it came.
        counter: the new counter, 0 to 2^64 - 1; clients of the field take Unix time in milliseconds.

    Raises:
        Unreadable: the body is not XML, or its header has no Request ID.
        Invalid: the Request ID is none, or the counter does not fit.
    """
    root = parse(body)
    dialect = dialect_of(root)
    element = root.find(f"{{{dialect}}}Header/{{{dialect}}}RequestID")
    if element is None:
        raise MalformedEnvelope(
            "The message has no Request ID in its header, so it has no counter to change."
        )
    found = RequestId.parse(text_of(element, refusal=MalformedEnvelope))
    element.text = str(RequestId(found.originator, found.target, counter))
    return canonical(root)
