"""Setting the stage of a demonstration: an estate, people, a release, and the processes that play it."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from django.conf import settings
from django.db import connection

from safelaunch.domain.campaigns import OPEN, Priority, Release, Severity
from safelaunch.domain.people import Role
from safelaunch.domain.refusals import Conflict, Refused
from safelaunch.interfaces.cli.acting import actor_of
from safelaunch.interfaces.cli.children import Child, Children, free_port
from safelaunch.interfaces.cli.director import Director
from safelaunch.interfaces.cli.occupation import LOCK
from safelaunch.interfaces.cli.terminal import with_progress
from safelaunch.planning import estate
from safelaunch.services import campaigns, estates, installation, people, timetable
from safelaunch.store.reads import campaigns as campaign_reads

STARTS_AT = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
"""Every demonstration begins on the same Monday morning, so the same seed gives the same campaign."""

PILOT_STARTS_ON = date(2026, 2, 2)
REFERENCE = "CH-DEMO-1"
PROPOSER, APPROVER = "Olivia Operator", "Arthur Approver"
MARK = ".safelaunch-demo"
_SUPPLIERS = (0, 12)
_IPV4 = 4


@dataclass(frozen=True, slots=True)
class Play:
    """What a demonstration plays."""

    hubs: int
    scenario: str
    seed: int


@dataclass(frozen=True, slots=True)
class Stage:
    """A demonstration that is ready to play."""

    children: Children
    director: Director
    portal_url: str
    simulator_url: str


def supplier_people() -> list[tuple[str, str]]:
    """This function will name the people of Suppliers in a demonstration, each with their Party."""
    parties = estate.describe(hubs=1, seed=1).parties
    return [(f"Sam of {parties[place].name}", parties[place].name) for place in _SUPPLIERS]


def is_demonstration(directory: Path) -> bool:
    """This function will say whether a data directory was made by a demonstration."""
    return (directory / MARK).exists()


def clear_directory(directory: Path) -> None:
    """This function will make a demonstration's data directory empty, if it is one.

    Raises:
        Conflict: the directory holds something that no demonstration made.
    """
    held = {path.name for path in directory.iterdir()} if directory.exists() else set()
    if held - {"secret.key", LOCK}:
        if MARK not in held:
            raise Conflict(
                f"{directory} holds data that no demonstration made. Choose an empty directory with --data."
            )
        if settings.IS_EMBEDDED:
            connection.close()
            settings.EMBEDDED.destroy()
        for name in ("simulator", "keys", "logs", "run"):
            shutil.rmtree(directory / name, ignore_errors=True)
    directory.mkdir(parents=True, exist_ok=True)
    (directory / MARK).touch()


def prepare(play: Play) -> None:
    """This function will make the database of a demonstration ready and empty, and note what is played.

    Raises:
        Conflict: the data directory, or the database given, holds something that no demonstration made.
    """
    clear_directory(settings.DATA)
    (settings.DATA / MARK).write_text(json.dumps(asdict(play)), encoding="utf-8")
    if settings.IS_EMBEDDED:
        # A demonstration survives every process that is killed; for a power cut there is the same one again.
        settings.EMBEDDED.make_disposable()
    installation.ensure_database()


def find_unfinished() -> Play | None:
    """This function will find the play whose campaign is under way in the data directory, or None."""
    try:
        play = Play(**json.loads((settings.DATA / MARK).read_text(encoding="utf-8")))
        installation.ensure_database()
        campaign = campaign_reads.get(reference=REFERENCE)
    except (OSError, ValueError, TypeError, Refused):
        return None
    return play if campaign.phase in OPEN else None


def load_estate(play: Play) -> Iterator[int]:
    """This function will set the clock and load the estate, yielding the number of hubs loaded so far."""
    timetable.step_clock(to=STARTS_AT)
    done = estates.generate(hubs=play.hubs, seed=play.seed, at=STARTS_AT)
    yield from with_progress(done, what="Loading the estate", total=play.hubs)


def cast() -> None:
    """This function will create the people of the demonstration: operator, approver, and a person of two Suppliers."""
    people.create_person(name=PROPOSER, role=Role.OPERATOR, at=STARTS_AT)
    people.create_person(name=APPROVER, role=Role.APPROVER, at=STARTS_AT)
    for name, party in supplier_people():
        people.create_person(name=name, role=Role.SUPPLIER, party_name=party, at=STARTS_AT)


def publish(play: Play) -> None:
    """This function will register the release of the demonstration and give notice of it."""
    version = estates.eligible_version(estate.describe(hubs=play.hubs, seed=play.seed))
    operator = actor_of(PROPOSER)
    campaigns.create(
        reference=REFERENCE,
        release=Release(
            title="Communications Hub release with GBCS 4.2",
            firmware_version=version,
            release_note="Adds over-the-air updates of PPMIDs and HCALCSs, their transfer alerts, and Change of Tenancy for displays.",
            severity=Severity.MEDIUM,
            priority=Priority.MEDIUM,
            pilot_starts_on=PILOT_STARTS_ON,
            deploy_by=PILOT_STARTS_ON + timedelta(days=240),
            activate_by=PILOT_STARTS_ON + timedelta(days=270),
        ),
        hub_models=[],
        actor=operator,
        at=STARTS_AT,
    )
    campaigns.publish(reference=REFERENCE, actor=operator, at=STARTS_AT)


@contextmanager
def set_up(
    play: Play, *, host: str, port: int | None, resumes: bool = False, with_campaign: bool = True
) -> Iterator[Stage]:
    """This function will start everything a demonstration needs and stop it at the end.

    Args:
        play: what is played.
        host: where the portal listens.
        port: of the portal; a free one when it is None.
        resumes: the estate, the people and the campaign are there already.
        with_campaign: whether the release of the demonstration is published.

    Raises:
        Refused, Unreachable: it cannot be set up; the sentence says why.
    """
    portal_port, simulator_port = port or free_port(), free_port()
    simulator_url = f"http://127.0.0.1:{simulator_port}"
    portal_url = address_of(host, portal_port)
    with Children(
        directory=settings.DATA / "logs",
        environment=environment_of(host=host, csp_url=simulator_url, clock="stepped"),
    ) as children:
        simulator = _start_simulator(children, play, port=simulator_port, portal_url=portal_url)
        web = children.start("web", "web", "--host", host, "--port", str(portal_port), "--workers", "2")
        children.start("worker", "worker", "--concurrency", "3")
        if not resumes:
            for _ in load_estate(play):
                children.require_alive()
            cast()
            if with_campaign:
                publish(play)
        children.wait_for(web, f"{portal_url}/health/live")
        children.wait_for(simulator, f"{simulator_url}/simulator/health")
        yield Stage(
            children=children,
            portal_url=portal_url,
            simulator_url=simulator_url,
            director=Director(
                reference=REFERENCE,
                simulator_url=simulator_url,
                proposer=actor_of(PROPOSER),
                approver=actor_of(APPROVER),
                check_processes=children.require_alive,
            ),
        )


def _start_simulator(children: Children, play: Play, *, port: int, portal_url: str) -> Child:
    return children.start(
        "csp-simulator",
        *("csp-simulator", "--port", str(port), "--clock", "stepped"),
        *("--dcc-url", portal_url, "--start", f"{STARTS_AT:%Y-%m-%dT%H:%M:%S}"),
        *("--hubs", str(play.hubs), "--seed", str(play.seed), "--scenario", play.scenario),
    )


def address_of(host: str, port: int) -> str:
    """This function will give the address at which this machine reaches a process that listens at a host."""
    try:
        listens = ip_address(host)
    except ValueError:
        return f"http://{host}:{port}"  # a name
    if listens.is_unspecified:
        listens = ip_address("127.0.0.1" if listens.version == _IPV4 else "::1")
    return f"http://{listens if listens.version == _IPV4 else f'[{listens}]'}:{port}"


def environment_of(*, host: str, csp_url: str, clock: str) -> dict[str, str]:
    """This function will give the settings of the processes of one installation."""
    return {
        "SAFELAUNCH_DATA": str(settings.DATA),
        "SAFELAUNCH_CLOCK": clock,
        "SAFELAUNCH_CSP_URL": csp_url,
        "SAFELAUNCH_ALLOWED_HOSTS": ",".join(dict.fromkeys([*settings.ALLOWED_HOSTS, host])),
        **({} if settings.IS_EMBEDDED else {"SAFELAUNCH_DATABASE_URL": settings.DATABASE_URL}),
    }
