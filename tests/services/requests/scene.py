"""An estate with the Reference Test Data premises, Users with certificates, and requests to the use cases."""

from datetime import UTC, datetime
from functools import cache
from itertools import count

from safelaunch.domain.people import Actor
from safelaunch.domain.srv import WebService
from safelaunch.services import certificates, requests
from safelaunch.services.requests.received import Terms
from safelaunch.wire.duis.dialects import Dialect, dialect_of
from safelaunch.wire.duis.opening import Trust, open_response
from safelaunch.wire.duis.schema import Schema, load
from safelaunch.wire.duis.xml import parse
from tests import pki
from tests.unit.wire.duis.messages import SHARED, signed

AT = datetime(2030, 1, 1, 12, tzinfo=UTC)
ACTOR = Actor(name="Ada")
HEADERS = """<sr:Request xmlns:sr="http://www.dccinterface.co.uk/ServiceUserGateway" schemaVersion="5.4"><sr:Header>\
<sr:RequestID>{originator}:{target}:{counter}</sr:RequestID>{preceding}\
<sr:CommandVariant>{variant}</sr:CommandVariant><sr:ServiceReference>{reference}</sr:ServiceReference>\
<sr:ServiceReferenceVariant>{srv}</sr:ServiceReferenceVariant></sr:Header>\
<sr:Body>{body}</sr:Body></sr:Request>"""
PREMISES = {
    name: f"00-DB-12-34-56-78-90-A{digit}"
    for digit, name in enumerate(("ESME", "GSME", "CHF", "GPF", "PPMID", "HCALCS"))
}
DSP = str(pki.DSP)
_counters = count(1_000)


def terms(**changes: object) -> Terms:
    return Terms(signer=pki.dsp().signer, **{"are_counters_times": True, **changes})


def vouch(*identities: pki.Identity) -> None:
    certificates.import_certificates(files=[one.der for one in identities], actor=ACTOR, at=AT)


def request(
    srv: str,
    body: str,
    *,
    target: str = DSP,
    variant: int = 8,
    counter: int | None = None,
    by: pki.Identity | None = None,
    **more: str,
) -> bytes:
    """A signed request of Alder's, unless another signs."""
    identity = by or pki.supplier()
    text = HEADERS.format(
        originator=identity.certificate.eui,
        target=target,
        counter=next(_counters) if counter is None else counter,
        variant=variant,
        reference=more.get("reference", ".".join(srv.split(".")[:2])),
        srv=srv,
        body=body,
        preceding=more.get("preceding", ""),
    )
    return signed(text.encode(), by=identity)


def read_inventory(what: str = f"<sr:DeviceID>{PREMISES['CHF']}</sr:DeviceID>", **more: object) -> bytes:
    return request("8.2", f"<sr:ReadInventory>{what}</sr:ReadInventory>", **more)


def read_version(target: str = PREMISES["ESME"], **more: object) -> bytes:
    return request("11.2", "<sr:ReadFirmwareVersion/>", target=target, variant=1, **more)


def accept(
    message: bytes, *, service: WebService = WebService.NON_DEVICE, at: datetime = AT, **changes: object
):
    return requests.accept(message=message, web_service=service, terms=terms(**changes), at=at)


def process(accepted: requests.Accepted, *, at: datetime = AT, **changes: object) -> bytes:
    return requests.process(
        service_request_id=accepted.service_request_id, terms=terms(**changes), at=at, accepted=accepted
    )


@cache
def official_schema() -> Schema | None:
    return load(SHARED / "xsd") if SHARED.is_dir() else None


def said(octets: bytes):
    """The response in signed octets; whatever is answered in DUIS, the official schema allows where it is at hand."""
    schema, root = official_schema(), parse(octets)
    if schema is not None and dialect_of(root) is Dialect.DUIS:
        schema.check(root)
    return open_response(octets, trust=Trust(pki.trusted().find), at=pki.DURING).envelope


def ask(message: bytes, *, service: WebService = WebService.NON_DEVICE, at: datetime = AT, **changes: object):
    """Accept and process, as the door does, and give the response."""
    taken = accept(message, service=service, at=at, **changes)
    return said(taken.octets if isinstance(taken, requests.Declined) else process(taken, at=at, **changes))
