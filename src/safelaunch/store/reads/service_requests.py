"""Service Requests as values, and what is known when one comes."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from safelaunch.domain.admission import Target
from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.refusals import NotFound
from safelaunch.domain.service_requests import RequestState
from safelaunch.domain.smi import DeviceType, SmiStatus, UserRole
from safelaunch.domain.suspended_requests import generation_of
from safelaunch.store import sql
from safelaunch.store.models import OriginatorCounter, ServiceMessage, ServiceRequest
from safelaunch.wire.duis.identifiers import RequestId


class NoSuchRequest(NotFound):
    """There is no such Service Request."""


@dataclass(frozen=True, slots=True)
class RequestFacts:
    """A request as it is kept: who asked what, and what it was answered.

    Attributes:
        response: the signed synchronous answer; None until there is one.
        handed_over_at: when that answer went out on the User's connection, or was queued for its address.
        outcome_code: of the asynchronous outcome, once there is one.
    """

    service_request_id: int
    request_id: RequestId
    command_variant: int
    service_reference: str
    srv: str
    schema_version: str
    state: RequestState
    received_at: datetime
    message_digest: bytes
    response_code: str | None
    response: bytes | None
    handed_over_at: datetime | None
    outcome_code: str | None

    @property
    def has_failed(self) -> bool:
        """This function will say whether the request was answered with an error, at once or later."""
        return (self.outcome_code or self.response_code or "").startswith("E")


def lock(*, service_request_id: int) -> RequestFacts:
    """This function will give a request and keep others from it until the transaction ends.

    Raises:
        NoSuchRequest: there is none of this number.
    """
    row = ServiceRequest.objects.select_for_update().filter(pk=service_request_id).first()
    return _facts(row, what=str(service_request_id))


def lock_all(*, service_request_ids: Collection[int]) -> dict[int, RequestFacts]:
    """This function will give requests by number, locked in the order of their numbers; those that are not are absent."""
    rows = ServiceRequest.objects.select_for_update().filter(pk__in=service_request_ids).order_by("pk")
    return {row.pk: _facts(row, what=str(row.pk)) for row in rows}


def list_by_number(*, service_request_ids: Collection[int]) -> dict[int, RequestFacts]:
    """This function will give requests by number; those that are not are absent."""
    rows = ServiceRequest.objects.filter(pk__in=service_request_ids)
    return {row.pk: _facts(row, what=str(row.pk)) for row in rows}


def get(*, service_request_id: int) -> RequestFacts:
    """This function will give a request.

    Raises:
        NoSuchRequest: there is none of this number.
    """
    return _facts(ServiceRequest.objects.filter(pk=service_request_id).first(), what=str(service_request_id))


def find(*, request_id: RequestId, is_signed_pre_command: bool) -> RequestFacts | None:
    """This function will give the request of a Request ID, or nothing.

    Args:
        request_id: of the request.
        is_signed_pre_command: whether the Signed Pre-Command is meant, not the request for its Pre-Command.
    """
    row = ServiceRequest.objects.filter(
        originator=request_id.originator,
        target=request_id.target,
        counter=request_id.counter,
        is_signed_pre_command=is_signed_pre_command,
    ).first()
    return None if row is None else _facts(row, what="")


def find_message(*, digest: bytes) -> bytes:
    """This function will give the signed octets of an accepted request.

    Raises:
        NoSuchRequest: none has this digest.
    """
    row = ServiceMessage.objects.filter(pk=digest).first()
    if row is None:
        raise NoSuchRequest(f"The message {digest.hex()} was not kept; only accepted requests are.")
    return bytes(row.octets)


def highest_counter(*, originator: Eui64, is_top_up: bool) -> int | None:
    """This function will give the highest counter seen of an originator in a series, or None before the first."""
    counter: Decimal | None = (
        OriginatorCounter.objects.filter(originator=originator, is_top_up=is_top_up)
        .values_list("counter", flat=True)
        .first()
    )
    return None if counter is None else int(counter)


@dataclass(frozen=True, slots=True)
class TargetFacts:
    """A Device and its home, as stored; `smets_chts_version` is None where the CPL never listed it."""

    hub_device_id: Eui64
    device_type: str
    smi_status: str
    import_party_id: int | None
    gas_party_id: int | None
    electricity_network_party_id: int | None
    gas_network_party_id: int | None
    smets_chts_version: str | None

    @property
    def responsible(self) -> dict[UserRole, int | None]:
        """This function will give the Parties responsible for the home, by User Role; None where nobody is."""
        return {
            UserRole.IS: self.import_party_id,
            UserRole.GS: self.gas_party_id,
            UserRole.ED: self.electricity_network_party_id,
            UserRole.GT: self.gas_network_party_id,
        }

    @property
    def suppliers(self) -> tuple[tuple[int | None, UserRole], ...]:
        """This function will give the Responsible Suppliers of the home, each with its User Role."""
        return ((self.import_party_id, UserRole.IS), (self.gas_party_id, UserRole.GS))

    def as_target(self) -> Target:
        """This function will give what the rules of admission look at."""
        return Target(
            device_type=DeviceType(self.device_type),
            smi_status=SmiStatus(self.smi_status),
            import_party_id=self.import_party_id,
            gas_party_id=self.gas_party_id,
            electricity_network_party_id=self.electricity_network_party_id,
            gas_network_party_id=self.gas_network_party_id,
            generation=generation_of(self.smets_chts_version),
        )


def find_target(*, device_id: Eui64) -> TargetFacts | None:
    """This function will give a Device of the inventory, hub, GPF or other, or nothing when it has none such."""
    return sql.fetch_one("find_target", TargetFacts, device_id=device_id)


def _facts(row: ServiceRequest | None, *, what: str) -> RequestFacts:
    if row is None:
        raise NoSuchRequest(f"There is no Service Request {what}.")
    return RequestFacts(
        service_request_id=row.pk,
        request_id=RequestId(row.originator, row.target, int(row.counter)),
        command_variant=row.command_variant,
        service_reference=row.service_reference,
        srv=row.service_reference_variant,
        schema_version=row.schema_version,
        state=RequestState(row.state),
        received_at=row.received_at,
        message_digest=bytes(row.message_digest),
        response_code=row.response_code,
        response=None if row.response is None else bytes(row.response),
        handed_over_at=row.handed_over_at,
        outcome_code=row.outcome_code,
    )
