"""`safelaunch delivery`: where Users receive responses and alerts, and what waits for them."""

from dataclasses import asdict
from typing import Any

import click

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.people import Actor
from safelaunch.interfaces.cli.database import needs_database
from safelaunch.interfaces.cli.faults import acting_as, user_id_of
from safelaunch.interfaces.cli.terminal import as_json, print_json, print_table, say
from safelaunch.services import deliveries
from safelaunch.store.reads import clock
from safelaunch.wire.duis.responses.versions import VERSIONS


@click.group()
def delivery() -> None:
    """Where Users receive messages, and what waits for them."""


@delivery.command("set")
@click.argument("user_id")
@click.option("--url", help="Where this User ID receives, such as http://192.168.0.5:1880/smartdcc/duis.")
@click.option("--no-url", is_flag=True, help="Forget the address; messages wait until there is one.")
@click.option("--duis-version", type=click.Choice(VERSIONS), help="The DUIS version it speaks.")
@acting_as
@needs_database
def set_(*, user_id: str, url: str | None, no_url: bool, duis_version: str | None, actor: Actor) -> None:
    """Say where a User ID receives, and in which DUIS version."""
    if no_url == bool(url) and duis_version is None:
        raise click.UsageError("Give one of --url and --no-url, or --duis-version.")
    deliveries.set_receiver(
        user_id=user_id_of(user_id),
        address="" if no_url else url,
        duis_version=duis_version,
        actor=actor,
        at=clock.now(),
    )
    say(f"Noted for {user_id}.")


@delivery.command("list")
@click.option("--parked", is_flag=True, help="List the messages that nobody took.")
@as_json
@needs_database
def list_(*, parked: bool, as_json: bool) -> None:
    """List User IDs with their addresses and what waits for them, or the parked messages."""
    if parked:
        _list_parked(as_json=as_json)
        return
    receivers = deliveries.list_receivers()
    if as_json:
        print_json({"receivers": [_plain(asdict(one), "user_id") for one in receivers]})
        return
    print_table(
        title="Receivers",
        columns=("Party", "User ID", "DUIS", "Address", "Queued", "Parked", "Last heard", "Last problem"),
        rows=(
            (
                one.party_name,
                one.user_id,
                one.duis_version,
                one.address,
                one.queued,
                one.parked,
                one.last_heard_at,
                one.last_problem,
            )
            for one in receivers
        ),
    )


def _list_parked(*, as_json: bool) -> None:
    parked = deliveries.list_parked()
    if as_json:
        print_json({"parked": [_plain(asdict(one), "user_id", "device_id") for one in parked]})
        return
    print_table(
        title="Parked messages",
        columns=("Number", "User ID", "Device ID", "Code", "Parked", "Why"),
        rows=(
            (
                str(one.outgoing_message_id),
                one.user_id,
                one.device_id,
                one.code,
                one.settled_at,
                one.last_problem,
            )
            for one in parked
        ),
    )


def _plain(facts: dict[str, Any], *names: str) -> dict[str, Any]:
    euis = {name: facts[name] and str(Eui64(**facts[name])) for name in names}
    return {**facts, **euis}


@delivery.command()
@click.argument("user_id")
@click.option("--message", "number", type=click.IntRange(1), help="Only this message; all of them otherwise.")
@acting_as
@needs_database
def replay(*, user_id: str, number: int | None, actor: Actor) -> None:
    """Send parked messages of a User again."""
    count = deliveries.replay(
        user_id=user_id_of(user_id), outgoing_message_id=number, actor=actor, at=clock.now()
    )
    say("One message is queued again." if count == 1 else f"{count:,} messages are queued again.")
