"""The two languages that one envelope carries: DUIS itself, and Safelaunch's messages for hub campaigns.

SECMP0024's Service Requests were never given numbers (`domain.md` 5.7), and the official namespace is never extended
(design 8.1). So what Suppliers say about Communications Hub campaigns stands in a namespace of its own, with the same
header, the same signatures and the same web service.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from safelaunch.wire.duis.xml import GATEWAY, XMLDSIG, Element, Form

SIGNATURE = f"{{{XMLDSIG}}}Signature"


class Dialect(StrEnum):
    """A language, by its namespace."""

    DUIS = GATEWAY
    CAMPAIGNS = "urn:safelaunch:duis:campaigns:1"


@dataclass(frozen=True, slots=True)
class Grammar:
    """What an envelope looks like in a dialect; children stand in their order."""

    dialect: Dialect
    prefix: str
    document: Form
    request_header: Form
    response_header: Form
    response_bodies: frozenset[str]
    reference: re.Pattern[str]


def _grammar(dialect: Dialect, *, prefix: str, response_bodies: frozenset[str], reference: str) -> Grammar:
    return Grammar(
        dialect=dialect,
        prefix=prefix,
        document=Form(
            dialect,
            ("Header", "Body", SIGNATURE),
            optional=frozenset({SIGNATURE}),
            attributes=("schemaVersion",),
            spare_attributes=("{http://www.w3.org/2001/XMLSchema-instance}schemaLocation",),
        ),
        request_header=Form(
            dialect,
            (
                "RequestID",
                "FirstInSequence",
                "PrecedingServiceRequestID",
                "CommandVariant",
                "ServiceReference",
                "ServiceReferenceVariant",
            ),
            optional=frozenset({"FirstInSequence", "PrecedingServiceRequestID"}),
        ),
        response_header=Form(
            dialect,
            ("RequestID", "ResponseID", "ResponseCode", "ResponseDateTime"),
            optional=frozenset({"RequestID", "ResponseID"}),
        ),
        response_bodies=response_bodies,
        reference=re.compile(reference),
    )


GRAMMARS = {
    Dialect.DUIS: _grammar(
        Dialect.DUIS,
        prefix="sr",
        response_bodies=frozenset(
            {"ResponseMessage", "DeviceAlertMessage", "DCCAlertMessage", "SMETS1ResponseMessage"}
        ),
        reference=r"[0-9]{1,2}(?:\.[0-9]{1,2}){1,2}",
    ),
    Dialect.CAMPAIGNS: _grammar(
        Dialect.CAMPAIGNS,
        prefix="sl",
        response_bodies=frozenset({"ResponseMessage"}),
        reference=r"SL[0-9](?:\.[0-9])?",
    ),
}
"""The grammar of each dialect."""

DOCUMENTS = frozenset(f"{{{dialect}}}{name}" for dialect in Dialect for name in ("Request", "Response"))
"""The document elements of all dialects."""


def dialect_of(root: Element) -> Dialect:
    """This function will tell the dialect of a document by its namespace; of an unknown one it says DUIS.

    Whoever reads the document as DUIS then says what is wrong with it.
    """
    namespace = str(root.tag)[1:].partition("}")[0]
    return Dialect.CAMPAIGNS if namespace == Dialect.CAMPAIGNS else Dialect.DUIS
