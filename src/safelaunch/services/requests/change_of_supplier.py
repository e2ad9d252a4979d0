"""6.23, Update Security Credentials (CoS): a Device is given the certificates of its new Supplier (CS02b; `domain.md` 5.6).

- Whose a Device is follows from registrations, as the inventory has them, and never from this request: the Supplier that
  asks is responsible for the Device already, and brings its own certificates. What changes is whom the Device obeys.
- The command is the CoS Party's. In the field that is an organisation of its own; here its part is played with a pair of
  keys that stands beside ours (`gateways/gbcs_keys.py`), after the checks below.
- The Device keeps the time of one that is for later, and forgets it when the User says so, as with 11.3 (4.6).
- Once the Device has told that it obeys the new Supplier, that one is told (N26), the one before it (N27), and both of
  the certificates (N42; 7.2).
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from ssl import DER_cert_to_PEM_cert

from safelaunch.domain.refusals import Unreadable
from safelaunch.services.requests import admission, commanding, plans
from safelaunch.services.requests.received import ServiceRequest
from safelaunch.store.reads import homes, parties
from safelaunch.store.transactions import transaction_required
from safelaunch.store.writes import device_commands as writes
from safelaunch.wire import smki, smki_devices
from safelaunch.wire.duis.requests.devices import UpdateSecurityCredentialsCos
from safelaunch.wire.duis.responses import Answer
from safelaunch.wire.duis.responses.codes import ResponseCode
from safelaunch.wire.gbcs import security
from safelaunch.wire.gbcs.catalogue import GbcsMessage, MessageCode, enclose
from safelaunch.wire.gbcs.credentials import Cell, Cs02bCommand, Replacement
from safelaunch.wire.gbcs.message import GroupingHeader, MessageKind
from safelaunch.wire.gbcs.times import CANCELLED_AT
from safelaunch.wire.smki import OrganisationCertificate

_SUPPLIER = 0x02


class Objection(StrEnum):
    """What the CoS Party has against a change of Supplier, in the order of its checks."""

    OTHER_METER_POINT = "OTHER_METER_POINT"
    UNFIT_CERTIFICATE = "UNFIT_CERTIFICATE"
    FOREIGN_CERTIFICATE = "FOREIGN_CERTIFICATE"
    BROKEN_PATH = "BROKEN_PATH"
    NO_TIME_OF_GBCS = "NO_TIME_OF_GBCS"


CODE_OF: Mapping[Objection, ResponseCode] = {
    Objection.OTHER_METER_POINT: ResponseCode.E062301,
    Objection.UNFIT_CERTIFICATE: ResponseCode.E062302,
    Objection.FOREIGN_CERTIFICATE: ResponseCode.E062303,
    Objection.BROKEN_PATH: ResponseCode.E062304,
    Objection.NO_TIME_OF_GBCS: ResponseCode.E17,
}
"""The codes of 6.23; the numbers exist in the XSD, their meanings are ours (`domain.md` 4.7)."""


@transaction_required
def change_supplier(*, request: ServiceRequest, body: UpdateSecurityCredentialsCos, at: datetime) -> Answer:
    """This function will have a Device obey the Supplier that asks, now or later, or forget that it was to."""
    objection = _object(request, body, at=at)
    if objection is not None:
        return Answer(CODE_OF[objection])
    cos_party = None if request.protection is None else request.protection.cos_party
    if cos_party is None:
        return Answer(admission.NOT_SERVED)
    execute_at = CANCELLED_AT if body.cancels else body.execution_at
    number = writes.draw_command_number()
    header = GroupingHeader(
        kind=MessageKind.COMMAND,
        originator_counter=number,
        originator_id=cos_party.eui,
        target_id=request.request_id.target,
        message_code=MessageCode.CS02B_SUPPLIER_BY_TRANS_COS,
    )
    command = Cs02bCommand(
        counter=number,
        replacements=tuple(Replacement(cell, der) for cell, der in _certificates(body).items()),
        path=body.path.certificates,
        floor=None if body.cancels else body.floor,
        top_up_floor=None if body.cancels else body.top_up_floor,
        applies_time_checks=body.applies_time_checks,
        execution_at=execute_at,
    )
    envelope = security.sign(enclose(GbcsMessage(header, command, signature=None)), key=cos_party.key)
    plans.take_back(request, at=at)
    if not body.cancels:
        plans.note(request, planned_from=execute_at or at)
    return commanding.deliver(
        request, envelope=envelope, number=number, send_at=at, at=at, execute_at=execute_at
    )


def _certificates(body: UpdateSecurityCredentialsCos) -> dict[Cell, bytes]:
    given = {
        Cell.SIGNING: body.certificates.digital_signing,
        Cell.AGREEMENT: body.certificates.key_agreement,
        Cell.TOP_UP: body.certificates.key_agreement_top_up,
    }
    return {cell: der for cell, der in given.items() if der is not None}


def _object(request: ServiceRequest, body: UpdateSecurityCredentialsCos, *, at: datetime) -> Objection | None:
    """Check what the CoS Party answers for: the meter point, whose the certificates are, and who issued them."""
    if homes.find_home_of_mpxn(mpxn=body.import_mpxn) != commanding.target_of(request).hub_device_id:
        return Objection.OTHER_METER_POINT
    if body.execution_at is not None and body.execution_at.microsecond:
        return Objection.NO_TIME_OF_GBCS
    certificates = _certificates(body)
    try:
        read = {cell: smki.read_certificate(der) for cell, der in certificates.items()}
    except Unreadable:
        return Objection.UNFIT_CERTIFICATE
    if any(one.role != _SUPPLIER or one.may_sign is not (cell is Cell.SIGNING) for cell, one in read.items()):
        return Objection.UNFIT_CERTIFICATE
    if any(not _is_theirs(one, request=request) for one in read.values()):
        return Objection.FOREIGN_CERTIFICATE
    return None if _leads_there(body, read, at=at) else Objection.BROKEN_PATH


def _is_theirs(certificate: OrganisationCertificate, *, request: ServiceRequest) -> bool:
    # A Party may have several User IDs (Q5); what counts is whose they are.
    holder = parties.find_user(user_id=certificate.eui)
    return holder is not None and holder.party_id == request.user.party_id


def _leads_there(
    body: UpdateSecurityCredentialsCos, read: Mapping[Cell, OrganisationCertificate], *, at: datetime
) -> bool:
    authorities = [DER_cert_to_PEM_cert(der).encode() for der in body.path.certificates]
    try:
        for cell, der in _certificates(body).items():
            smki_devices.require_issued_by(der, authorities=authorities)
            if body.applies_time_checks:
                read[cell].require_valid(at=at)
    except Unreadable:
        return False
    return True
