"""Many signed Pre-Commands at once: the requests that they are and the commands that follow; one statement for each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from safelaunch.domain.device_commands import MACHINE as COMMANDS
from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.service_requests import RequestState
from safelaunch.store import sql
from safelaunch.store.arrays import Bigints, Eui64s, Moments, Octets, Texts
from safelaunch.store.reads.bulk_activations import ActivationRoute
from safelaunch.store.transactions import transaction_required


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedActivation:
    """A signed Pre-Command that was believed, and the way to its Device."""

    route: ActivationRoute
    counter: int
    gbcs: bytes
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class _RequestRow:
    service_request_id: int
    device_id: Eui64


@transaction_required
def add_bulk_requests(
    *,
    originator: Eui64,
    signed: Sequence[SignedActivation],
    message_digest: bytes,
    schema_version: str,
    code: str,
    at: datetime,
) -> dict[Eui64, int]:
    """This function will record signed Pre-Commands as acknowledged requests, and give the number of each by its Device.

    Args:
        originator: who signed them.
        signed: one for each Device; what was recorded before is left out.
        message_digest: of the octets as they came.
        schema_version: the DUIS version in which the User is answered.
        code: of the acknowledgement.
        at: when.
    """
    rows = sql.fetch_all(
        "add_bulk_requests",
        _RequestRow,
        originator=originator,
        device_ids=Eui64s(one.route.device_id for one in signed),
        counters=Texts(str(one.counter) for one in signed),
        schema_version=schema_version,
        message_digest=message_digest,
        state=RequestState.ACKNOWLEDGED,
        code=code,
        at=at,
    )
    return {row.device_id: row.service_request_id for row in rows}


@transaction_required
def add_bulk_commands(
    *,
    user_id: Eui64,
    made: Sequence[tuple[int, int, SignedActivation]],
    message_code: int,
    at: datetime,
) -> None:
    """This function will queue commands: each one's number, its request's number, and what was signed."""
    sql.execute(
        "add_bulk_commands",
        user_id=user_id,
        message_code=message_code,
        state=COMMANDS.initial,
        at=at,
        numbers=Bigints(number for number, _, _ in made),
        service_request_ids=Bigints(request for _, request, _ in made),
        device_ids=Eui64s(one.route.device_id for _, _, one in made),
        hub_device_ids=Eui64s(one.route.hub_device_id for _, _, one in made),
        networks=Texts(one.route.network for _, _, one in made),
        counters=Texts(str(one.counter) for _, _, one in made),
        gbcs=Octets(one.gbcs for _, _, one in made),
        expiries=Moments(one.expires_at for _, _, one in made),
    )
