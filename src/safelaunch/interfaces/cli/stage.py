"""Setting the stage of a demonstration: an estate, people, a release, and the processes that play it."""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings

from safelaunch.domain.campaigns import Priority, Release, Severity
from safelaunch.domain.people import Actor, Role
from safelaunch.domain.refusals import Conflict
from safelaunch.interfaces.cli.children import Child, Children, free_port
from safelaunch.interfaces.cli.director import Director
from safelaunch.interfaces.cli.terminal import with_progress
from safelaunch.planning import estate
from safelaunch.services import campaigns, estates, installation, people, timetable
from safelaunch.store.reads import people as people_reads

STARTS_AT = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
"""Every demonstration begins on the same Monday morning, so the same seed gives the same campaign."""

PILOT_STARTS_ON = date(2026, 2, 2)
REFERENCE = "CH-DEMO-1"
PROPOSER, APPROVER = "Olivia Operator", "Arthur Approver"
MARK = ".safelaunch-demo"


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


def clear_directory(directory: Path) -> None:
    """This function will make a demonstration's data directory empty, if it is one.

    Raises:
        Conflict: the directory holds something that no demonstration made.
    """
    held = {path.name for path in directory.iterdir()} if directory.exists() else set()
    if held - {"secret.key"}:
        if MARK not in held:
            raise Conflict(
                f"{directory} holds data that no demonstration made. Choose an empty directory with --data."
            )
        if settings.IS_EMBEDDED:
            settings.EMBEDDED.destroy()
        for name in ("simulator", "keys", "logs", "run"):
            shutil.rmtree(directory / name, ignore_errors=True)
    directory.mkdir(parents=True, exist_ok=True)
    (directory / MARK).touch()


def load_estate(play: Play) -> Iterator[int]:
    """This function will set the clock and load the estate, yielding the number of hubs loaded so far."""
    timetable.step_clock(to=STARTS_AT)
    done = estates.generate(hubs=play.hubs, seed=play.seed, at=STARTS_AT)
    yield from with_progress(done, what="Loading the estate", total=play.hubs)


def cast() -> tuple[Actor, Actor]:
    """This function will create the people of the demonstration: operator, approver, and a person of two Suppliers."""
    people.create_person(name=PROPOSER, role=Role.OPERATOR, at=STARTS_AT)
    people.create_person(name=APPROVER, role=Role.APPROVER, at=STARTS_AT)
    described = estate.describe(hubs=1, seed=1)
    for party in (described.parties[0], described.parties[12]):
        people.create_person(
            name=f"Sam of {party.name}", role=Role.SUPPLIER, party_name=party.name, at=STARTS_AT
        )
    return actor_of(PROPOSER), actor_of(APPROVER)


def actor_of(name: str) -> Actor:
    """This function will give a person as an actor."""
    person = people_reads.find_person(name=name)
    if person is None:
        raise Conflict(f"{name} is not in this demonstration.")
    return Actor(
        name=person.name, role=Role(person.role), person_id=person.person_id, party_id=person.party_id
    )


def publish(play: Play, *, operator: Actor) -> None:
    """This function will register the release of the demonstration and give notice of it."""
    version = estates.eligible_version(estate.describe(hubs=play.hubs, seed=play.seed))
    campaigns.create(
        reference=REFERENCE,
        release=Release(
            title="Communications Hub release with GBCS 4.1",
            firmware_version=version,
            release_note="Adds over-the-air updates of PPMIDs and HCALCSs and their transfer alerts.",
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
def set_up(play: Play, *, host: str, port: int | None) -> Iterator[Stage]:
    """This function will start everything a demonstration needs and stop it at the end.

    Raises:
        Refused, Unreachable: it cannot be set up; the sentence says why.
    """
    portal_port, simulator_port = port or free_port(), free_port()
    portal_url, simulator_url = f"http://{host}:{portal_port}", f"http://127.0.0.1:{simulator_port}"
    with Children(directory=settings.DATA / "logs", environment=_environment(simulator_url)) as children:
        web, simulator = _start(children, play, host=host, port=portal_port, simulator_port=simulator_port)
        for _ in load_estate(play):
            children.require_alive()
        proposer, approver = cast()
        publish(play, operator=proposer)
        children.wait_for(web, f"http://127.0.0.1:{portal_port}/health/live")
        children.wait_for(simulator, f"{simulator_url}/simulator/health")
        yield Stage(
            children=children,
            portal_url=portal_url,
            simulator_url=simulator_url,
            director=Director(
                reference=REFERENCE,
                simulator_url=simulator_url,
                proposer=proposer,
                approver=approver,
                check_processes=children.require_alive,
            ),
        )


def _environment(simulator_url: str) -> dict[str, str]:
    return {
        "SAFELAUNCH_DATA": str(settings.DATA),
        "SAFELAUNCH_CLOCK": "stepped",
        "SAFELAUNCH_CSP_URL": simulator_url,
        **({} if settings.IS_EMBEDDED else {"SAFELAUNCH_DATABASE_URL": settings.DATABASE_URL}),
    }


def _start(
    children: Children, play: Play, *, host: str, port: int, simulator_port: int
) -> tuple[Child, Child]:
    world: list[Any] = ["--hubs", play.hubs, "--seed", play.seed, "--scenario", play.scenario]
    simulator = children.start(
        "csp-simulator",
        *("csp-simulator", "--port", str(simulator_port), "--clock", "stepped"),
        *("--dcc-url", f"http://127.0.0.1:{port}", "--start", f"{STARTS_AT:%Y-%m-%dT%H:%M:%S}"),
        *(str(word) for word in world),
    )
    web = children.start("web", "web", "--host", host, "--port", str(port))
    children.start("worker", "worker")
    return web, simulator


def relaunch_for(directory: Path | None) -> None:
    """This function will start the command again with the settings of a demonstration, unless they hold already.

    Settings come from the environment alone and are read once, so a demonstration that needs others begins anew: a
    data directory of its own, and the stepped clock.
    """
    wanted = directory.resolve() if directory else settings.DATA
    if directory is None and not os.environ.get("SAFELAUNCH_DATA"):
        wanted = settings.DATA / "demo"
    if settings.CLOCK == "stepped" and wanted == settings.DATA:
        return
    environment = {**os.environ, "SAFELAUNCH_DATA": str(wanted), "SAFELAUNCH_CLOCK": "stepped"}
    command = [sys.executable, "-m", "safelaunch.config.command", *sys.argv[1:]]
    os.execve(sys.executable, command, environment)  # noqa: S606 - this very command, with more settings


def prepare() -> None:
    """This function will make the database of a demonstration ready and empty.

    Raises:
        Conflict: the data directory, or the database given, holds something that no demonstration made.
    """
    clear_directory(settings.DATA)
    installation.ensure_database()
