"""`safelaunch user`: people, and their one-time sign-in links."""

from dataclasses import asdict
from datetime import timedelta

import click
from django.conf import settings

from safelaunch.domain.people import Role
from safelaunch.interfaces.cli.database import needs_database
from safelaunch.interfaces.cli.terminal import as_json, out, print_json, print_table, say
from safelaunch.services import people
from safelaunch.store.reads import clock

_STEPPED_VALIDITY_HOURS = 24 * 3_650
"""A demonstration's clock runs through months in minutes."""


@click.group()
def user() -> None:
    """People and their one-time sign-in links."""


@user.command()
@click.argument("name")
@click.option(
    "--role",
    required=True,
    type=click.Choice([role.value.lower() for role in Role]),
    help="What they are to a campaign.",
)
@click.option("--party", help="For a supplier: the Party whose homes they see.")
@as_json
@needs_database
def create(*, name: str, role: str, party: str | None, as_json: bool) -> None:
    """Add a person; a supplier's person names the Party."""
    person = people.create_person(name=name, role=role, party_name=party, at=clock.now())
    if as_json:
        print_json(asdict(person))
    else:
        acts_for = f" for {person.party_name}" if person.party_name else ""
        say(
            f"{person.name} is {_with_article(person.role)}{acts_for}. A way in: safelaunch user link '{person.name}'"
        )


def _with_article(role: str) -> str:
    word = role.lower()
    return f"{'an' if word[0] in 'aeiou' else 'a'} {word}" if word != "governance" else "of governance"


@user.command("list")
@as_json
@needs_database
def list_(*, as_json: bool) -> None:
    """List everybody who may sign in."""
    everybody = people.list_people()
    if as_json:
        print_json({"people": [asdict(person) for person in everybody]})
    elif not everybody:
        say("Nobody exists yet. Create somebody: safelaunch user create NAME --role operator")
    else:
        print_table(
            title="People",
            columns=("name", "role", "Party", "last signed in"),
            rows=[
                (person.name, person.role.lower(), person.party_name, person.signed_in_at or "never")
                for person in everybody
            ],
        )


@user.command()
@click.argument("name")
@click.option("--hours", type=click.IntRange(1, 24 * 365), help="How long the link works; default: 1.")
@click.option(
    "--portal",
    default="http://127.0.0.1:8000",
    show_default=True,
    help="Address at which people reach the portal.",
)
@as_json
@needs_database
def link(*, name: str, hours: int | None, portal: str, as_json: bool) -> None:
    """Issue a one-time sign-in link and print it; it is shown once and kept nowhere."""
    given = hours or (_STEPPED_VALIDITY_HOURS if settings.CLOCK == "stepped" else 1)
    at, valid_for = clock.now(), timedelta(hours=given)
    token = people.issue_link(name=name, at=at, valid_for=valid_for)
    address = f"{portal.rstrip('/')}/sign-in/{token}/"
    if as_json:
        print_json({"name": name, "link": address, "expires_at": at + valid_for})
    else:
        say(f"This link signs {name} in once, until {at + valid_for:%d %B %Y %H:%M} UTC:")
        out.print(address, markup=False, soft_wrap=True)
