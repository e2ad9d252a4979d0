"""Whether a request that is well formed and well signed may be done: the checks, in order (`domain.md` 4.9, 9.1).

The first check that fails speaks:

1. Anti-replay. A counter rises strictly for each originator, in two series: top-ups (2.2) have one of their own, for a
   prepayment meter's counters stand in the upper half of the number. A counter that is a time more than a day ahead is
   refused, because taking it would shut its originator out until that time. A Signed Pre-Command reuses, once, the
   Request ID of the Pre-Command that was given out for the same SRV.
2. What was asked is one thing: SRV, Service Reference, Command Variant, web service and body belong together.
3. The User exists, and has a User Role that may send the SRV.
4. The target is the DSP for what the DCC answers itself, and a Device of the inventory for everything else.
5. The Device is of a type that the SRV is for, and the User's Party is responsible for it. For User Roles whose
   registration the inventory does not hold (ES, RSA, OU) responsibility is not judged. A home that has no Supplier of a fuel
   yet lets whoever supplies that fuel bring its meter (8.11).
6. The Device's status. What a Suspended one takes is the table of `domain/suspended_requests.py` (MP105).
7. An execution time lies ahead, by 30 days at most, and only where the SRV is future dated and nobody is to deliver the
   command in person (`domain.md` 4.4).
8. A request that follows another needs that other to be known and done.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from safelaunch.domain import srv as catalogue
from safelaunch.domain import suspended_requests
from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.refusals import Refused
from safelaunch.domain.service_requests import RequestState
from safelaunch.domain.smi import DeviceType, SmiStatus, UserRole
from safelaunch.domain.srv import FutureDating, Srv, WebService
from safelaunch.domain.suspended_requests import Generation, Mode

COUNTER_LEAD = timedelta(days=1)
"""How far a counter that is a time may be ahead of ours."""

FURTHEST_AHEAD = timedelta(days=30)
CANCELLATION = datetime(3000, 12, 31, tzinfo=UTC)
"""The execution time that takes an earlier request back."""

TOP_UP = "2.2"
ADDS_DEVICES = "8.11"

REGISTERED = frozenset({UserRole.IS, UserRole.GS, UserRole.ED, UserRole.GT})
"""The User Roles whose registration the inventory holds."""

_OUT_OF_SERVICE = frozenset({SmiStatus.DECOMMISSIONED, SmiStatus.WITHDRAWN})

_METERS = frozenset({DeviceType.ESME, DeviceType.GSME})
_HUB = frozenset({DeviceType.CHF, DeviceType.GPF})
_TYPES_OF: Mapping[str, frozenset[DeviceType]] = {
    "1.1.1": _METERS,
    "1.2.1": _METERS,
    "1.6": _METERS,
    "2.2": _METERS,
    "3.2": frozenset({DeviceType.ESME, DeviceType.GPF}),
    "6.23": _METERS | {DeviceType.GPF},
    "8.1.1": _METERS,
    "8.9": _HUB,
    "8.11": frozenset({DeviceType.CHF}),
    "8.12.1": frozenset({DeviceType.CHF}),
    "8.12.2": frozenset({DeviceType.GPF}),
    "11.2": _METERS | _HUB | {DeviceType.PPMID, DeviceType.HCALCS},
    "11.3": _METERS | {DeviceType.HCALCS},
}
"""Device types of SRVs, where the texts name them (`domain.md` 1.6, 5.4, 5.5, and the use cases of the test data)."""


class Objection(StrEnum):
    """Why a request is not admitted, in the order of the checks."""

    REPLAYED = "REPLAYED"
    COUNTER_AHEAD = "COUNTER_AHEAD"
    NO_PRE_COMMAND = "NO_PRE_COMMAND"
    UNKNOWN_SRV = "UNKNOWN_SRV"
    WRONG_SERVICE_REFERENCE = "WRONG_SERVICE_REFERENCE"
    WRONG_COMMAND_VARIANT = "WRONG_COMMAND_VARIANT"
    WRONG_WEB_SERVICE = "WRONG_WEB_SERVICE"
    FOREIGN_BODY = "FOREIGN_BODY"
    UNKNOWN_USER = "UNKNOWN_USER"
    ROLE_NOT_ELIGIBLE = "ROLE_NOT_ELIGIBLE"
    NOT_FOR_THE_DSP = "NOT_FOR_THE_DSP"
    UNKNOWN_TARGET = "UNKNOWN_TARGET"
    WRONG_DEVICE_TYPE = "WRONG_DEVICE_TYPE"
    NOT_RESPONSIBLE = "NOT_RESPONSIBLE"
    DEVICE_STATUS = "DEVICE_STATUS"
    EXECUTION_TIME = "EXECUTION_TIME"
    PRECEDING_UNKNOWN = "PRECEDING_UNKNOWN"
    PRECEDING_FAILED = "PRECEDING_FAILED"
    PRECEDING_OPEN = "PRECEDING_OPEN"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request says of itself."""

    srv: str
    service_reference: str
    command_variant: int
    web_service: WebService
    body_name: str
    target: Eui64
    counter: int
    execution_at: datetime | None = None
    is_sequenced: bool = False


@dataclass(frozen=True, slots=True)
class Target:
    """A Device of the inventory and who is responsible for its home, by Party; None where nobody is."""

    device_type: DeviceType
    smi_status: SmiStatus
    import_party_id: int | None
    gas_party_id: int | None
    electricity_network_party_id: int | None
    gas_network_party_id: int | None
    generation: Generation = Generation.SMETS2


@dataclass(frozen=True, slots=True)
class Facts:
    """What the house knows when a request comes.

    Attributes:
        dsp_id: the EUI-64 that Non-Device requests are addressed to.
        highest_counter: of this originator in this series; None when it never asked.
        is_counter_a_time: whether counters are held to be milliseconds since 1970.
        pre_command_waits: whether a Pre-Command of this Request ID and SRV was given out and has not come back.
        party_id: of the User; None when nobody has the User ID.
        roles: the User Roles of the User ID.
        target: the Device; None when the inventory has none of that Device ID.
        preceding: the state of the request that this one follows; None when it is unknown or follows none.
        preceding_failed: whether that request was answered with an error.
        mode: whether MP105 is in force.
    """

    dsp_id: Eui64
    highest_counter: int | None = None
    is_counter_a_time: bool = True
    pre_command_waits: bool = False
    party_id: int | None = None
    roles: frozenset[UserRole] = frozenset()
    target: Target | None = None
    preceding: RequestState | None = None
    preceding_failed: bool = False
    mode: Mode = Mode.MP105


def judge(asked: Asked, /, facts: Facts, *, at: datetime) -> Objection | None:
    """This function will give the first objection to a request, or nothing when it is admitted."""
    objection = _replay(asked, facts, at)
    if objection is not None:
        return objection
    srv = catalogue.catalogue().get(asked.srv)
    if srv is None:
        return Objection.UNKNOWN_SRV
    for check in _CHECKS:
        objection = check(asked, srv, facts, at)
        if objection is not None:
            return objection
    return None


def judge_campaign(
    asked: Asked, /, facts: Facts, *, service_reference: str, roles: frozenset[UserRole], at: datetime
) -> Objection | None:
    """This function will give the first objection to a message about a hub campaign, by the same rules.

    Args:
        asked: what the message says of itself.
        facts: what the house knows.
        service_reference: the one that its variant belongs to.
        roles: the User Roles that may send it.
        at: when it came.
    """
    objections = (
        (asked.service_reference != service_reference, Objection.WRONG_SERVICE_REFERENCE),
        (asked.command_variant != catalogue.ON_DEMAND, Objection.WRONG_COMMAND_VARIANT),
        (asked.web_service is not WebService.NON_DEVICE, Objection.WRONG_WEB_SERVICE),
        (facts.party_id is None, Objection.UNKNOWN_USER),
        (not facts.roles & roles, Objection.ROLE_NOT_ELIGIBLE),
        (asked.target != facts.dsp_id, Objection.NOT_FOR_THE_DSP),
    )
    first = next((objection for stands, objection in objections if stands), None)
    return _replay(asked, facts, at) or first


def is_top_up(srv: str) -> bool:
    """This function will say whether an SRV counts in the series of top-ups."""
    return srv == TOP_UP


def raises_counter(command_variant: int) -> bool:
    """This function will say whether a request raises its originator's counter; one that reuses a Request ID does not."""
    return command_variant not in catalogue.SIGNED_VARIANTS


def _replay(asked: Asked, facts: Facts, at: datetime) -> Objection | None:
    if not raises_counter(asked.command_variant):
        return None if facts.pre_command_waits else Objection.NO_PRE_COMMAND
    if facts.highest_counter is not None and asked.counter <= facts.highest_counter:
        return Objection.REPLAYED
    latest = int((at + COUNTER_LEAD).timestamp() * 1000)
    if facts.is_counter_a_time and not is_top_up(asked.srv) and asked.counter > latest:
        return Objection.COUNTER_AHEAD
    return None


def _belongs_together(asked: Asked, srv: Srv, _facts: Facts, _at: datetime) -> Objection | None:
    if asked.service_reference != srv.service_reference:
        return Objection.WRONG_SERVICE_REFERENCE
    try:
        web_service = catalogue.web_service(srv.code, command_variant=asked.command_variant)
        body = catalogue.expected_body(srv.code, command_variant=asked.command_variant)
    except Refused:
        return Objection.WRONG_COMMAND_VARIANT
    if web_service is not asked.web_service:
        return Objection.WRONG_WEB_SERVICE
    return None if body == asked.body_name else Objection.FOREIGN_BODY


def _user(_asked: Asked, srv: Srv, facts: Facts, _at: datetime) -> Objection | None:
    if facts.party_id is None:
        return Objection.UNKNOWN_USER
    return None if facts.roles & srv.roles else Objection.ROLE_NOT_ELIGIBLE


def _target(asked: Asked, srv: Srv, facts: Facts, _at: datetime) -> Objection | None:
    if srv.is_non_device:
        return None if asked.target == facts.dsp_id else Objection.NOT_FOR_THE_DSP
    if facts.target is None:
        return Objection.UNKNOWN_TARGET
    if facts.target.device_type not in _TYPES_OF.get(srv.code, frozenset(DeviceType)):
        return Objection.WRONG_DEVICE_TYPE
    roles = facts.roles & srv.roles
    is_first = srv.code == ADDS_DEVICES and bool(roles & vacant_roles(facts.target))
    if not is_first and not is_responsible(facts.target, party_id=facts.party_id, roles=roles):
        return Objection.NOT_RESPONSIBLE
    is_taken = takes(srv, command_variant=asked.command_variant, target=facts.target, mode=facts.mode)
    return None if is_taken else Objection.DEVICE_STATUS


def is_responsible(target: Target, *, party_id: int | None, roles: frozenset[UserRole]) -> bool:
    """This function will say whether a Party is responsible for a Device in one of some User Roles (`domain.md` 2.3).

    The import Supplier and the distributor have the ESME and HCALCSs, the gas Supplier and the transporter the GSME and
    the GPF; hubs, PPMIDs and what else a home has are everybody's.
    """
    responsible = {
        UserRole.IS: target.import_party_id,
        UserRole.ED: target.electricity_network_party_id,
        UserRole.GS: target.gas_party_id,
        UserRole.GT: target.gas_network_party_id,
    }
    if target.device_type in {DeviceType.ESME, DeviceType.HCALCS}:
        responsible |= {UserRole.GS: None, UserRole.GT: None}
    elif target.device_type in {DeviceType.GSME, DeviceType.GPF}:
        responsible |= {UserRole.IS: None, UserRole.ED: None}
    return party_id is not None and any(responsible.get(role, party_id) == party_id for role in roles)


def vacant_roles(target: Target, /) -> frozenset[UserRole]:
    """This function will give the User Roles in which a home has no Supplier yet."""
    suppliers = {UserRole.IS: target.import_party_id, UserRole.GS: target.gas_party_id}
    return frozenset(role for role, party_id in suppliers.items() if party_id is None)


def takes(srv: Srv, *, command_variant: int, target: Target, mode: Mode = Mode.MP105) -> bool:
    """This function will say whether a Device takes an SRV in the status that it has (`domain.md` 9.1)."""
    if target.smi_status in _OUT_OF_SERVICE:
        return False
    asked = suspended_requests.Asked(
        srv=srv.code, command_variant=command_variant, generation=target.generation
    )
    return suspended_requests.admit(asked, smi_status=target.smi_status, mode=mode).is_allowed


def _execution(asked: Asked, srv: Srv, _facts: Facts, at: datetime) -> Objection | None:
    execution_at = asked.execution_at
    if execution_at is None:
        return None
    if srv.future_dating is FutureDating.NONE or asked.command_variant in catalogue.LOCAL:
        return Objection.EXECUTION_TIME
    is_in_time = at < execution_at <= at + FURTHEST_AHEAD
    return None if is_in_time or execution_at == CANCELLATION else Objection.EXECUTION_TIME


def _sequence(asked: Asked, _srv: Srv, facts: Facts, _at: datetime) -> Objection | None:
    if not asked.is_sequenced:
        return None
    if facts.preceding is None:
        return Objection.PRECEDING_UNKNOWN
    if facts.preceding in {RequestState.ACCEPTED, RequestState.ACKNOWLEDGED}:
        return Objection.PRECEDING_OPEN
    return Objection.PRECEDING_FAILED if facts.preceding_failed else None


_CHECKS: tuple[Callable[[Asked, Srv, Facts, datetime], Objection | None], ...] = (
    _belongs_together,
    _user,
    _target,
    _execution,
    _sequence,
)
