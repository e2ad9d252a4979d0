"""The ground that benches stand on: an estate, a campaign in mass roll-out, nights to plan, and floors to compare with.

Everything runs in a scratch database and refuses any other (`store/scratch.py`).
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, timedelta

from safelaunch.domain.campaigns import CampaignEvent, CampaignRules, Phase, Priority, Release, Severity
from safelaunch.domain.people import Actor, Role
from safelaunch.domain.smi import Network
from safelaunch.planning import estate
from safelaunch.services import campaigns, estates, installation, tranches
from safelaunch.store import scratch, transactions
from safelaunch.store.reads import benches as reads
from safelaunch.store.reads import campaigns as campaign_reads
from safelaunch.store.reads import tranches as tranche_reads
from safelaunch.store.writes import benches as writes
from safelaunch.store.writes import campaigns as campaign_writes

STARTS_AT = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
NIGHT = date(2026, 3, 2)
PLANNED_AT = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)
SEED = 1
_OPERATOR = Actor(name="Bench", role=Role.OPERATOR, person_id=None, party_id=None)
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
        writes.empty_floor_hubs()


def list_chunks(*, campaign_id: int) -> list[int]:
    """This function will list the chunks that wait to be handed over."""
    return [chunk.chunk_id for chunk in tranche_reads.list_waiting_chunks(campaign_id=campaign_id)]


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
