"""A small estate, people, releases and campaigns for tests that need a database, each named for what it is."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db import connection

from safelaunch.domain import calendar, people
from safelaunch.domain.campaigns import CampaignRules, Phase, Priority, Release, Severity
from safelaunch.domain.hub_upgrades import EventKind
from safelaunch.domain.people import Actor, Role
from safelaunch.domain.smi import Network
from safelaunch.planning import estate
from safelaunch.services import campaigns, estates, events, timetable, tranches
from safelaunch.services import people as people_services
from safelaunch.store.models import (
    Campaign,
    Chunk,
    CommunicationsHub,
    CplEntry,
    CspRegion,
    Device,
    DeviceModel,
    HubUpgrade,
    Party,
    PartyUser,
    PilotHub,
    PortfolioCount,
    SmiLoad,
)
from safelaunch.store.reads import campaigns as campaign_reads
from safelaunch.store.reads.campaigns import CampaignFacts
from safelaunch.store.writes.estates import follow_keys
from safelaunch.wire import csp

HUBS = 600
SEED = 7
PUBLISHED_AT = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
PILOT_STARTS_ON = date(2026, 3, 30)
QUICK = CampaignRules(pilot_share=0.05, min_hubs=5)
"""The rules of the house, with a pilot large enough to be seen in a small fleet."""


def load_estate(*, hubs: int = HUBS, seed: int = SEED, at: datetime = PUBLISHED_AT) -> None:
    """Load a generated estate into the empty inventory; the second time from a copy, which takes a tenth as long."""
    copy = f"kept_{hubs}_{seed}_{at:%Y%m%d}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regnamespace(%s) IS NOT NULL", [copy])
        if cursor.fetchone()[0]:
            for model in _INVENTORY:
                # What PostgreSQL works out itself cannot be written.
                columns = ", ".join(one.column for one in model._meta.concrete_fields if not one.generated)
                table = model._meta.db_table
                cursor.execute(
                    f"INSERT INTO public.{table} ({columns}) OVERRIDING SYSTEM VALUE SELECT {columns} FROM {copy}.{table}"
                )
            follow_keys()
            return
    for _ in estates.generate(hubs=hubs, seed=seed, at=at):
        pass
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA {copy}")
        for model in _INVENTORY:
            table = model._meta.db_table
            cursor.execute(f"CREATE TABLE {copy}.{table} AS SELECT * FROM public.{table}")


_INVENTORY = (
    *(Party, PartyUser, CspRegion, DeviceModel, CplEntry, CommunicationsHub, Device),
    *(PortfolioCount, SmiLoad),
)


def target_version(*, hubs: int = HUBS, seed: int = SEED) -> str:
    return estates.eligible_version(estate.describe(hubs=hubs, seed=seed))


def make_release(**changes: Any) -> Release:
    """A release that gives its notice in time."""
    described: dict[str, Any] = {
        "title": "Better mesh",
        "firmware_version": target_version(),
        "release_note": "Fixes the mesh.",
        "severity": Severity.MEDIUM,
        "priority": Priority.MEDIUM,
        "pilot_starts_on": PILOT_STARTS_ON,
        "deploy_by": PILOT_STARTS_ON + timedelta(days=240),
        "activate_by": PILOT_STARTS_ON + timedelta(days=270),
        "rules": QUICK,
    }
    return Release(**{**described, **changes})


def make_person(name: str, role: Role, *, party: str | None = None) -> Actor:
    """Create a person and give them as an actor."""
    person = people_services.create_person(name=name, role=role.value, party_name=party, at=PUBLISHED_AT)
    return Actor(
        name=person.name, role=Role(person.role), person_id=person.person_id, party_id=person.party_id
    )


def operator() -> Actor:
    """Somebody who prepares; has no row, so may not propose."""
    return Actor(name="Olive", role=Role.OPERATOR)


def draft(reference: str = "C1", *, hub_models: list[str] | None = None, **changes: Any) -> CampaignFacts:
    return campaigns.create(
        reference=reference,
        release=make_release(**changes),
        hub_models=hub_models or [],
        actor=operator(),
        at=PUBLISHED_AT,
    )


def publish(reference: str = "C1", *, at: datetime = PUBLISHED_AT) -> CampaignFacts:
    """Publish, and compile the pilot as the worker would."""
    campaign = campaigns.publish(reference=reference, actor=operator(), at=at)
    tranches.compile_pilot(campaign_id=campaign.campaign_id, at=at)
    return campaign_reads.get(reference=reference)


def published(reference: str = "C1", **changes: Any) -> CampaignFacts:
    draft(reference, **changes)
    return publish(reference)


def piloting(reference: str = "C1", **changes: Any) -> CampaignFacts:
    """A campaign whose pilot has begun; nothing is planned yet."""
    published(reference, **changes)
    timetable.look(at=evening(0))
    return campaign_reads.get(reference=reference)


def rolling_out(reference: str = "C1", **changes: Any) -> CampaignFacts:
    """A campaign put in mass roll-out without a pilot, with proof enough to be held back by capacity alone."""
    changes.setdefault("rules", CampaignRules(growth_floor=1_000_000, pilot_share=0.000_001))
    campaign = piloting(reference, **changes)
    PilotHub.objects.filter(campaign_id=campaign.campaign_id).delete()
    Campaign.objects.filter(campaign_id=campaign.campaign_id).update(phase=Phase.MASS_ROLL_OUT, pilot_size=0)
    return campaign_reads.get(reference=reference)


def evening(day: int, *, hour: int = 20) -> datetime:
    """The evening of a day of the pilot, counted from 0, after nights have opened."""
    return calendar.moment(night(day), time(hour, 0))


def morning(day: int) -> datetime:
    return calendar.moment(night(day), time(8, 0))


def night(day: int) -> date:
    return PILOT_STARTS_ON + timedelta(days=day)


def set_capacity(hubs_per_night: int) -> None:
    CspRegion.objects.update(nightly_capacity=hubs_per_night)


def plan(campaign: CampaignFacts, day: int) -> int:
    return tranches.plan_tonight(campaign_id=campaign.campaign_id, night=night(day), at=evening(day))


def eligible_hubs(campaign: CampaignFacts) -> list[CommunicationsHub]:
    """Recount the fleet: every hub the campaign may upgrade, whatever the roll-ups say."""
    models = [
        target.from_model_id for target in campaign_reads.list_targets(campaign_id=campaign.campaign_id)
    ]
    return list(CommunicationsHub.objects.filter(is_in_use=True, device_model_id__in=models))


def upgrades(campaign: CampaignFacts, **where: Any) -> list[HubUpgrade]:
    return list(HubUpgrade.objects.filter(campaign_id=campaign.campaign_id, **where).order_by("device_id"))


def network_of(campaign: CampaignFacts, device_id: Any) -> Network:
    hub = CommunicationsHub.objects.get(device_id=device_id)
    return Network(CspRegion.objects.get(region_id=hub.region_id).network)


@dataclass
class Reporter:
    """Writes batches as a CSP does: numbers rise, batches rise."""

    reference: str = "C1"
    network: Network = Network.NORTH
    number: int = 0
    batch: int = 0
    sent: list[csp.EventBatch] = field(default_factory=list)

    def event(self, device_id: object, kind: EventKind, *, at: datetime, **rest: Any) -> csp.HubReport:
        self.number += 1
        rest.setdefault("campaign", self.reference)
        rest.setdefault("attempt", 1)
        return csp.HubReport(number=self.number, device_id=str(device_id), kind=kind, happened_at=at, **rest)

    def send(self, batch: Iterable[csp.HubReport], *, at: datetime) -> csp.BatchReceipt:
        self.batch += 1
        return deliver(csp.EventBatch(network=self.network, batch=self.batch, events=list(batch)), at=at)

    def report(
        self, device_ids: Iterable[object], kind: EventKind, *, at: datetime, **rest: Any
    ) -> csp.BatchReceipt:
        """Report the same of several hubs, in one batch."""
        return self.send([self.event(hub, kind, at=at, **rest) for hub in device_ids], at=at)


def deliver(batch: csp.EventBatch, *, at: datetime) -> csp.BatchReceipt:
    return events.take_in(batch=batch, body=csp.write(batch), at=at)


@dataclass
class RecordingGateway:
    """A network that says yes to everything and keeps what it was told."""

    instructions: list[csp.Instruction] = field(default_factory=list)
    recalls: list[csp.Recall] = field(default_factory=list)
    reads: list[csp.Read] = field(default_factory=list)
    error: Exception | None = None

    def instruct(self, *, network: Network, instruction: csp.Instruction, at: datetime) -> csp.Receipt:  # noqa: ARG002 - the protocol's signature
        self._complain()
        self.instructions.append(instruction)
        return csp.Receipt(accepted=len(instruction.device_ids))

    def recall(self, *, network: Network, recall: csp.Recall, at: datetime) -> csp.RecallReceipt:  # noqa: ARG002 - the protocol's signature
        self._complain()
        self.recalls.append(recall)
        return csp.RecallReceipt(recalled=3, unrecallable=1)

    def read(self, *, network: Network, read: csp.Read, at: datetime) -> csp.Receipt:  # noqa: ARG002 - the protocol's signature
        self._complain()
        self.reads.append(read)
        return csp.Receipt(accepted=len(read.device_ids))

    def health(self, *, network: Network, at: datetime) -> csp.Health:  # noqa: ARG002 - the protocol's signature
        return csp.Health(network=network, status="OK", waiting=0, epochs={})

    def _complain(self) -> None:
        if self.error is not None:
            raise self.error

    @property
    def hubs(self) -> list[str]:
        return [hub for instruction in self.instructions for hub in instruction.device_ids]


def dispatch_all(campaign: CampaignFacts, gateway: Any, *, at: datetime) -> int:
    """Hand over every chunk that waits, one after another."""
    waiting = Chunk.objects.filter(campaign_id=campaign.campaign_id, state__in=["PLANNED", "SENDING"])
    return sum(
        tranches.dispatch(
            campaign_id=campaign.campaign_id, chunk_ids=[chunk.chunk_id], gateway=gateway, at=at
        )
        for chunk in waiting.order_by("chunk_id")
    )


def send_night(campaign: CampaignFacts, day: int) -> RecordingGateway:
    """Plan a night and hand it over."""
    gateway = RecordingGateway()
    plan(campaign, day)
    dispatch_all(campaign, gateway, at=evening(day))
    return gateway


def waiting_jobs(name: str | None = None) -> list[dict[str, Any]]:
    """The arguments of jobs that wait, oldest first, with the job's name under `job`."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT task_name, args FROM procrastinate_jobs WHERE status = 'todo' ORDER BY id")
        rows = cursor.fetchall()
    return [{"job": task, **_read(args)} for task, args in rows if name in (None, task)]


def forget_jobs() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")


def _read(arguments: Any) -> dict[str, Any]:
    import json

    return json.loads(arguments) if isinstance(arguments, str) else arguments


@contextmanager
def counting_statements() -> Iterator[list[str]]:
    """Gather the statements that Django's connection runs; COPY goes past it."""
    seen: list[str] = []

    def see(execute: Any, statement: str, parameters: Any, many: bool, context: Any) -> Any:
        seen.append(statement)
        return execute(statement, parameters, many, context)

    with connection.execute_wrapper(see):
        yield seen


def recount_portfolio() -> dict[tuple[Any, ...], int]:
    """What the portfolio roll-up would be if it were counted from the fleet now."""
    return _counted(
        "SELECT device_model_id, region_id, coalesce(import_party_id, 0), coalesce(gas_party_id, 0), "
        "smi_status, is_in_use, count(*) FROM communications_hub GROUP BY 1, 2, 3, 4, 5, 6"
    )


def portfolio() -> dict[tuple[Any, ...], int]:
    return _counted(
        "SELECT device_model_id, region_id, import_party_id, gas_party_id, smi_status, is_in_use, hub_count "
        "FROM portfolio_count WHERE hub_count <> 0"
    )


def roll_ups() -> tuple[dict[tuple[Any, ...], int], dict[tuple[Any, ...], int]]:
    """The counts per tranche and per pair of Suppliers, as kept."""
    return (
        _counted("SELECT tranche_id, state, hub_count FROM tranche_count WHERE hub_count <> 0"),
        _counted(
            "SELECT campaign_id, import_party_id, gas_party_id, region_id, state, hub_count "
            "FROM supplier_count WHERE hub_count <> 0"
        ),
    )


def recounted_roll_ups() -> tuple[dict[tuple[Any, ...], int], dict[tuple[Any, ...], int]]:
    """The same, counted from the hubs' rows."""
    return (
        _counted("SELECT tranche_id, state, count(*) FROM hub_upgrade GROUP BY 1, 2"),
        _counted(
            "SELECT campaign_id, import_party_id, gas_party_id, region_id, state, count(*) "
            "FROM hub_upgrade GROUP BY 1, 2, 3, 4, 5"
        ),
    )


def _counted(statement: str) -> dict[tuple[Any, ...], int]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return {tuple(row[:-1]): row[-1] for row in cursor.fetchall()}


RULE = people.RULE
