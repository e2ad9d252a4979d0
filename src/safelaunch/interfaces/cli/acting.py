"""Who acts at the command line: `--as NAME`, or SAFELAUNCH_PERSON."""

import click

from safelaunch.domain.people import Actor, Role
from safelaunch.services import people
from safelaunch.store.reads import people as reads

VARIABLE = "SAFELAUNCH_PERSON"

as_person = click.option(
    "--as", "person", metavar="NAME", envvar=VARIABLE, help=f"Who acts; else {VARIABLE} says it."
)


def actor_of(name: str | None) -> Actor:
    """This function will give the person who acts.

    Raises:
        UsageError: nobody was named.
        NoSuchPerson: nobody has this name; the sentence lists a few who exist.
    """
    if not name:
        raise click.UsageError(
            f"Say who acts, with --as NAME or {VARIABLE}; safelaunch user list has the names."
        )
    person = reads.find_person(name=name)
    if person is None:
        known = ", ".join(each.name for each in people.list_people()[:5])
        raise people.NoSuchPerson(
            f"Nobody is called {name!r}. "
            + (
                f"There are {known}."
                if known
                else "Create somebody first: safelaunch user create NAME --role ROLE."
            )
        )
    return Actor(
        name=person.name, role=Role(person.role), person_id=person.person_id, party_id=person.party_id
    )


def party_seen_by(name: str | None) -> int | None:
    """This function will give the Party whose homes a reader sees; None, who sees all, when nobody is named."""
    return actor_of(name).party_id if name else None
