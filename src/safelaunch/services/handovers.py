"""Registrations take effect: a change of Supplier in the middle of whatever goes on (Q3, Q4, Q5; `domain/responsibility.py`).

One transaction for a run of supply points, with a constant number of statements; a registration is marked in it, so that
whoever dies leaves everything as it was, and nothing is done twice:

- Meters, hubs and the upgrades of hubs take their new Suppliers, and the roll-ups by Supplier follow. Nothing on its way is
  taken back: what a network was handed goes on, and N64 goes to whoever is responsible at the instant of activation, also
  when that is reported after the next registration took effect.
- What the losing Supplier asked of Devices and is still to be done lapses; it is told so (E4). So does what it planned, and
  its nominations; of a hub that it nominated it is told the activation all the same.
- The gaining Supplier has notice of the open campaigns that its new hubs are in, with what remains of their windows.

Open campaigns do not plan meanwhile, for a hub is planned under the Suppliers that it has. A run is small enough that
somebody who stops a campaign waits for no longer than a fraction of a second.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from safelaunch.domain import admission, calendar
from safelaunch.domain.admission import Target
from safelaunch.domain.device_commands import CommandEvent, CommandState
from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.registrations import Pair, before_handover
from safelaunch.domain.responsibility import remaining_window
from safelaunch.domain.smi import DeviceType, SmiStatus, UserRole
from safelaunch.services import deliveries, wake_ups
from safelaunch.services.jobs import Job
from safelaunch.services.requests import outcomes
from safelaunch.store import jobs, transactions
from safelaunch.store.reads import registrations as reads
from safelaunch.store.transactions import transaction_required
from safelaunch.store.writes import device_commands as command_writes
from safelaunch.store.writes import record
from safelaunch.store.writes import registrations as writes
from safelaunch.store.writes import suspensions as fleet
from safelaunch.store.writes.registrations import HandedMeter, Lost, Noticed, OpenCampaign, OpenMatter, Shift
from safelaunch.wire.duis.responses import Answer
from safelaunch.wire.duis.responses.codes import ResponseCode

RUN = 250
"""Supply points in one transaction: a stop of a campaign waits for it, so it has to be short."""

KEY = "registrations"
NOT_YOURS_ANY_MORE = ResponseCode.E4
"""The outcome of what a Supplier asked for and lost the Device before."""

_SUPPLIERS = frozenset({UserRole.IS, UserRole.GS})


@dataclass(frozen=True, slots=True)
class Handover:
    """A hub whose registrations changed hands: its pair before and now, and who lost it in which role."""

    hub_device_id: Eui64
    before: Pair
    now: Pair
    losing: Mapping[UserRole, int | None]

    @property
    def losers(self) -> set[int]:
        """This function will give the Parties that lost a registration here, whatever they keep."""
        return {party for party in self.losing.values() if party is not None}


def take_effect(*, at: datetime) -> int:
    """This function will have registrations take effect whose instant has come, a run of them, and give their number.

    Whoever is left, and whoever comes later, has a job deferred for them.
    """
    next_at = reads.next_registration_due()
    if next_at is None or next_at > at:
        return 0
    with transactions.transaction():
        # The fleet first, as an import of the inventory does; campaigns only when nothing else is to be waited for.
        fleet.enter_fleet()
        writes.lock_registrations()
        campaigns = writes.lock_open_campaigns()
        due = writes.take_due_registrations(at=at, limit=RUN)
        handed = writes.hand_over_devices(due=due)
        handovers = _handovers(handed)
        writes.hand_over(pairs={one.hub_device_id: one.now for one in handovers})
        writes.keep_former_suppliers(due=due)
        detail = {
            "supply_points": len(due),
            "hubs": len(handovers),
            "lapsed_commands": _lapse_commands(handovers, at=at),
            "lapsed_plans": _lapse_plans(handovers, at=at),
            "lapsed_nominations": writes.lapse_nominations(lost=_lost(handovers), at=at),
            "noticed": _give_notice(handovers, campaigns=campaigns, at=at),
        }
        record.append(
            act="HAND_OVER", actor="Safelaunch", at=at, cause="Registrations took effect", detail=detail
        )
        defer_next(at=at)
    return len(due)


@transaction_required
def defer_next(*, at: datetime) -> None:
    """This function will have registrations carried out that are due, or when the next one is."""
    next_at = reads.next_registration_due()
    if next_at is None:
        return
    if next_at <= at:
        jobs.defer_once(Job.TAKE_REGISTRATIONS, key=KEY)
    else:
        wake_ups.wake_later(
            Job.TAKE_REGISTRATIONS,
            key=KEY,
            because=next_at.isoformat(),
            in_seconds=(next_at - at).total_seconds(),
        )


def _handovers(handed: Iterable[HandedMeter]) -> list[Handover]:
    """Gather what changed hands by hub; of several meters of one role the first speaks, as it does for the hub."""
    losing: dict[Eui64, dict[UserRole, int | None]] = defaultdict(dict)
    for meter in handed:
        losing[meter.hub_device_id].setdefault(UserRole(meter.role), meter.losing)
    pairs = writes.list_hub_pairs(hub_device_ids=losing)
    return [
        Handover(hub, before_handover(pair, losing=losing[hub]), pair, losing[hub])
        for hub, pair in pairs.items()
    ]


def _lost(handovers: Iterable[Handover]) -> list[Lost]:
    """List the Parties that have nothing left of a hub, each in the role that it had (Q5: one that has the other fuel stays)."""
    return [
        (one.hub_device_id, party, role.value)
        for one in handovers
        for role, party in one.losing.items()
        if party is not None and party not in one.now.parties
    ]


def _lapse_commands(handovers: Sequence[Handover], *, at: datetime) -> int:
    hubs = {one.hub_device_id: one for one in handovers}
    losers = set[int]().union(*(one.losers for one in handovers))
    matters = writes.lock_open_commands(hub_device_ids=hubs, party_ids=losers)
    lapsed = _lapsed(matters, hubs=hubs)
    command_writes.move_commands(
        device_command_ids=[one.number for one in lapsed], event=CommandEvent.CANCEL, at=at
    )
    waiting = {one.service_request_id for one in lapsed if one.state == CommandState.WAITING}
    outcomes.complete_all(answers={request: Answer(NOT_YOURS_ANY_MORE) for request in sorted(waiting)}, at=at)
    # A promise was told of already; that it lapses is told after it.
    promised = sorted({one.service_request_id for one in lapsed} - waiting)
    told = outcomes.compose(answers=[(request, Answer(NOT_YOURS_ANY_MORE)) for request in promised], at=at)
    if told:
        deliveries.queue(messages=told)
    return len(lapsed)


def _lapse_plans(handovers: Sequence[Handover], *, at: datetime) -> int:
    hubs = {one.hub_device_id: one for one in handovers}
    losers = set[int]().union(*(one.losers for one in handovers))
    matters = writes.list_open_plans(hub_device_ids=hubs, party_ids=losers, at=at)
    return writes.lapse_plans(planned_event_ids=[one.number for one in _lapsed(matters, hubs=hubs)], at=at)


def _lapsed(matters: Iterable[OpenMatter], *, hubs: Mapping[Eui64, Handover]) -> list[OpenMatter]:
    """Choose what Users may not have done any more, by the rule of admission; one for each matter."""
    roles: dict[int, set[UserRole]] = defaultdict(set)
    first: dict[int, OpenMatter] = {}
    for matter in matters:
        roles[matter.number].add(UserRole(matter.role))
        first.setdefault(matter.number, matter)
    return [
        matter
        for number, matter in first.items()
        if _is_lost(matter, roles=frozenset(roles[number]), handover=hubs[matter.hub_device_id])
    ]


def _is_lost(matter: OpenMatter, *, roles: frozenset[UserRole], handover: Handover) -> bool:
    asked_as = roles & _SUPPLIERS
    if matter.party_id not in handover.losers or not asked_as or matter.device_type is None:
        return False
    target = Target(
        device_type=DeviceType(matter.device_type),
        smi_status=SmiStatus.COMMISSIONED,
        import_party_id=handover.now.import_party_id,
        gas_party_id=handover.now.gas_party_id,
        electricity_network_party_id=None,
        gas_network_party_id=None,
    )
    return not admission.is_responsible(target, party_id=matter.party_id, roles=asked_as)


def _give_notice(
    handovers: Iterable[Handover], *, campaigns: Sequence[OpenCampaign], at: datetime
) -> list[dict[str, Any]]:
    shifts: list[Shift] = []
    for one in handovers:
        shifts += [(one.hub_device_id, party, 1) for party in one.now.parties - one.before.parties]
        shifts += [(one.hub_device_id, party, -1) for party in one.before.parties - one.now.parties]
    open_campaigns = {one.campaign_id: one for one in campaigns}
    noticed = writes.shift_supplier_notices(shifts=shifts, campaign_ids=open_campaigns, at=at)
    return [_notice(one, campaign=open_campaigns[one.campaign_id], at=at) for one in noticed]


def _notice(noticed: Noticed, *, campaign: OpenCampaign, at: datetime) -> dict[str, Any]:
    remaining = remaining_window(deploy_by=calendar.moment(campaign.deploy_by, time()), at=at)
    return {
        "campaign": campaign.reference,
        "party": noticed.party,
        "hubs": noticed.hub_count,
        "days_left": remaining.days,
    }
