"""The ground that benches stand on: an estate, a campaign in mass roll-out, nights to plan, and floors to compare with.

Everything runs in a scratch database and refuses any other (`store/scratch.py`).
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, timedelta

from safelaunch.domain.campaigns import CampaignEvent, CampaignRules, Phase, Priority, Release, Severity
from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.people import Actor, Role
from safelaunch.domain.smi import DeviceType, Network
from safelaunch.planning import estate
from safelaunch.services import campaigns, cpl, cpl_changes, estates, installation, people, tranches
from safelaunch.services.cpl import Change, ModelName
from safelaunch.store import scratch, transactions
from safelaunch.store.reads import benches as reads
from safelaunch.store.reads import campaigns as campaign_reads
from safelaunch.store.reads import people as people_reads
from safelaunch.store.reads import tranches as tranche_reads
from safelaunch.store.writes import benches as writes
from safelaunch.store.writes import campaigns as campaign_writes
from safelaunch.wire.cpl_file import CplRow

STARTS_AT = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
NIGHT = date(2026, 3, 2)
PLANNED_AT = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)
SEED = 1
_OPERATOR = Actor(name="Bench", role=Role.OPERATOR, person_id=None, party_id=None)
_TWO_PEOPLE = {"Proposer": Role.OPERATOR, "Approver": Role.APPROVER}
_TO_MASS_ROLL_OUT = (
    (Phase.NOTIFIED, CampaignEvent.START_PILOT),
    (Phase.PILOT, CampaignEvent.PASS_PILOT_GATE),
    (Phase.SAFE_LAUNCH, CampaignEvent.PASS_SAFE_LAUNCH_GATE),
)


def scratch_database() -> AbstractContextManager[str]:
    """This function will make a scratch database on the server in use and give its address (see `store/scratch.py`)."""
    return scratch.database()


def load(*, hubs: int) -> Iterator[int]:
    """This function will migrate the scratch database and load an estate, yielding the hubs loaded so far.

    Raises:
        NotScratch: the database in use is not a scratch database.
    """
    scratch.require()
    installation.migrate()
    yield from estates.generate(hubs=hubs, seed=SEED, at=STARTS_AT)
    with transactions.transaction():
        writes.create_floors()


def draft(*, reference: str, hubs: int) -> None:
    """This function will register a release for the estate, by rules that let every night be as large as the networks."""
    scratch.require()
    pilot = NIGHT - timedelta(days=14)
    campaigns.create(
        reference=reference,
        release=Release(
            title="Bench",
            firmware_version=estates.eligible_version(estate.describe(hubs=hubs, seed=SEED)),
            release_note="Bench",
            severity=Severity.MEDIUM,
            priority=Priority.MEDIUM,
            pilot_starts_on=pilot,
            deploy_by=pilot + timedelta(days=240),
            activate_by=pilot + timedelta(days=270),
            rules=CampaignRules(growth_floor=hubs),
        ),
        hub_models=[],
        actor=_OPERATOR,
        at=STARTS_AT,
    )


def publish(*, reference: str) -> None:
    """This function will publish a drafted campaign: what the bench `publish` measures."""
    campaigns.publish(reference=reference, actor=_OPERATOR, at=STARTS_AT)


def abandon(*, reference: str) -> None:
    """This function will end a campaign, so that the next may claim the same models."""
    campaigns.abandon(reference=reference, because="The round is over.", actor=_OPERATOR, at=STARTS_AT)


def begin_mass_roll_out(*, reference: str, share: float) -> int:
    """This function will take a published campaign to mass roll-out, its networks as wide as a share of the fleet."""
    scratch.require()
    campaign_id = campaign_reads.get(reference=reference).campaign_id
    tranches.compile_pilot(campaign_id=campaign_id, at=STARTS_AT)
    with transactions.transaction():
        for phase, event in _TO_MASS_ROLL_OUT:
            campaign_writes.move(campaign_id=campaign_id, phase=phase, event=event, at=PLANNED_AT)
        writes.widen_capacity(share=share)
    return campaign_id


def plan_night(*, campaign_id: int) -> int:
    """This function will plan the night: what the bench `plan` measures."""
    return tranches.plan_tonight(campaign_id=campaign_id, night=NIGHT, at=PLANNED_AT)


def take_night_back() -> None:
    """This function will forget the night that was planned and what the floors wrote."""
    scratch.require()
    with transactions.transaction():
        writes.begin_again()
        writes.empty_floors()


def list_chunks(*, campaign_id: int) -> list[int]:
    """This function will list the chunks that wait to be handed over."""
    return [
        chunk.chunk_id for chunk in tranche_reads.list_waiting_chunks(campaign_id=campaign_id, at=PLANNED_AT)
    ]


def list_instructed() -> dict[Network, list[str]]:
    """This function will list the Device IDs handed over, by network."""
    found: dict[Network, list[str]] = {}
    for hub in reads.list_instructed_hubs():
        found.setdefault(Network(hub.network), []).append(str(hub.device_id))
    return found


def count_hubs() -> int:
    """This function will count the hubs one by one: the floor of `publish`."""
    return reads.count_every_hub()


def append_bare_hubs(*, hub_count: int) -> int:
    """This function will write as many hubs into a bare table: the floor of `plan`."""
    with transactions.transaction():
        return writes.append_bare_hubs(hub_count=hub_count, planned_at=PLANNED_AT)


def append_keyed_hubs() -> int:
    """This function will write the night's hubs into a table with a key: the floor of `dispatch`."""
    with transactions.transaction():
        return writes.append_keyed_hubs()


def copy_bare_events(*, batch: bytes) -> None:
    """This function will copy one batch into a bare table in its own transaction: the floor of `ingest`."""
    with transactions.transaction():
        writes.copy_bare_events(blocks=[batch])


def hire() -> None:
    """This function will make the two people known whom a change of the CPL takes."""
    scratch.require()
    for name, role in _TWO_PEOPLE.items():
        people.create_person(name=name, role=role, at=STARTS_AT)


def removal_of_share(*, share: float) -> Change:
    """This function will give the change that removes the most common electricity meters, up to a share of all Devices."""
    rows: list[CplRow] = []
    count = 0
    for model in reads.list_largest_models():
        if count >= share * model.fleet_count:
            break
        name = ModelName(
            device_type=DeviceType(model.device_type),
            manufacturer=model.manufacturer,
            model=model.model,
            firmware_version=model.firmware_version,
            hardware_version=model.hardware_version,
        )
        rows += cpl.removal_of(name).rows
        count += model.device_count
    return Change(source="recall", rows=tuple(rows))


def propose(change: Change, /) -> int:
    """This function will propose a change of the CPL and give the number of the proposal."""
    proposal = cpl_changes.propose(change, because="Bench", actor=_person("Proposer"), at=PLANNED_AT)
    return proposal.cpl_proposal_id


def approve(*, cpl_proposal_id: int) -> None:
    """This function will apply a proposed change: what the bench `suspend` measures."""
    cpl_changes.approve(cpl_proposal_id=cpl_proposal_id, actor=_person("Approver"), at=PLANNED_AT)


def count_touched(change: Change, /) -> int:
    """This function will count the Devices that a change suspends or restores."""
    seen = cpl.preview(change).consequences
    return seen.suspended + seen.restored


def tidy() -> None:
    """This function will do what autovacuum does between two changes of the CPL."""
    scratch.vacuum()
    with transactions.transaction():
        writes.empty_floors()


def append_bare_devices(*, device_count: int) -> int:
    """This function will write as many Devices into a bare table: the floor of `suspend`."""
    with transactions.transaction():
        return writes.append_bare_devices(device_count=device_count)


def sample_devices(*, limit: int) -> list[Eui64]:
    """This function will give some Device IDs to look up."""
    return reads.sample_devices(limit=limit)


def look_up(device_id: Eui64, /) -> str:
    """This function will look one Device up: what a reader does meanwhile."""
    return reads.get_device_status(device_id=device_id)


def _person(name: str) -> Actor:
    found = people_reads.find_person(name=name)
    if found is None:
        raise RuntimeError(f"{name} has to be hired first.")
    return Actor(name=name, role=Role(found.role), person_id=found.person_id, party_id=None)
