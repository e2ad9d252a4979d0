"""People: who may sign in, how, and what they may see.

Nobody has a password. A link holds a token of 256 random bits, works once and for a short time, and only its
SHA-256 is kept, so that whoever reads the database cannot sign in. The first link of an installation is the
bootstrap door: it opens only while nobody exists, so it closes for good by being used (design 10).

`Viewer` is the one place that says what a person may see: people of a Supplier see the homes of their Party,
everyone else sees all. Every read that shows homes or counts takes its `party_id`.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from safelaunch.domain.people import Actor, Role
from safelaunch.domain.refusals import Conflict, Forbidden, Invalid, NotFound
from safelaunch.store import transactions
from safelaunch.store.reads import people as reads
from safelaunch.store.reads.people import PersonFacts
from safelaunch.store.writes import people as writes
from safelaunch.store.writes import record

TOKEN_OCTETS = 32
LINK_VALID_FOR = timedelta(hours=1)
NAME_LIMIT = 80


class NoSuchPerson(NotFound):
    """Nobody has this name."""


class NoSuchParty(NotFound):
    """No Party has this name."""


class NameTaken(Conflict):
    """Somebody has this name already."""


class BootstrapClosed(Conflict):
    """Somebody exists, so the first link can be issued no more."""


class LinkRefused(Forbidden):
    """A sign-in link that does not open: unknown, used or expired."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks, as whom they act, and whose homes they see (`party_id` None: all)."""

    person: PersonFacts
    actor: Actor
    party_id: int | None


def create_person(*, name: str, role: str, party_name: str | None = None, at: datetime) -> PersonFacts:
    """This function will add a person; a Supplier's person names the Party, nobody else does.

    Raises:
        Invalid: the name is empty or too long, the role is unknown, or role and Party do not fit.
        NoSuchParty, NameTaken: as their names say.
    """
    name = _read_name(name)
    known = _read_role(role, party_name=party_name)
    with transactions.transaction():
        writes.lock_people()
        return _add(name=name, role=known, party_id=_party_id(party_name), at=at)


def bootstrap(*, name: str, at: datetime, valid_for: timedelta = LINK_VALID_FOR) -> str:
    """This function will create the first operator and give the token of their link, while nobody exists.

    Raises:
        BootstrapClosed: somebody exists.
        Invalid: the name is empty or too long.
    """
    name = _read_name(name)
    with transactions.transaction():
        writes.lock_people()
        if reads.anybody_exists():
            raise BootstrapClosed(
                "The first link can be issued only while nobody exists. Issue an ordinary one: safelaunch user link NAME."
            )
        person = _add(name=name, role=Role.OPERATOR, party_id=None, at=at)
        return _issue(person, at=at, valid_for=valid_for)


def list_people() -> list[PersonFacts]:
    """This function will list everybody who may sign in, by name."""
    return reads.list_people()


def issue_link(*, name: str, at: datetime, valid_for: timedelta = LINK_VALID_FOR) -> str:
    """This function will issue a one-time link to a person and give its token, which is shown once and never kept.

    Raises:
        NoSuchPerson: nobody has this name; the sentence lists a few who exist.
        Invalid: the validity is not above zero.
    """
    if valid_for <= timedelta(0):
        raise Invalid("A link has to be valid for some time; give a duration above zero.")
    person = reads.find_person(name=name)
    if person is None:
        known = ", ".join(each.name for each in reads.list_people()[:5])
        raise NoSuchPerson(
            f"Nobody is called {name!r}. "
            + (f"There are {known}." if known else "Create somebody first: safelaunch user create NAME.")
        )
    with transactions.transaction():
        return _issue(person, at=at, valid_for=valid_for)


def redeem(*, token: str, at: datetime) -> PersonFacts:
    """This function will use a link up and give whose it was.

    Raises:
        LinkRefused: the link is unknown, was used or has expired; the sentence says which and what to do.
    """
    digest = _digest(token)
    with transactions.transaction():
        person_id = writes.use_sign_in_link(token_digest=digest, at=at)
        if person_id is None:
            raise LinkRefused(_why_refused(digest))
        person = reads.find_person(person_id=person_id)
        if person is None:  # the link's foreign key forbids it
            raise NoSuchPerson("The person of this link exists no more.")
        record.append(act="SIGN_IN", actor=person.name, at=at, cause="A one-time link was used.")
    return person


def viewer(*, person_id: int) -> Viewer | None:
    """This function will say what a signed-in person may see, or None when they exist no more."""
    person = reads.find_person(person_id=person_id)
    if person is None:
        return None
    actor = Actor(
        name=person.name, role=Role(person.role), person_id=person.person_id, party_id=person.party_id
    )
    return Viewer(person=person, actor=actor, party_id=person.party_id)


def _read_name(name: str) -> str:
    name = " ".join(name.split())
    if not 0 < len(name) <= NAME_LIMIT or not name.isprintable():
        raise Invalid(
            f"A person's name has 1 to {NAME_LIMIT} printable characters; {name[:NAME_LIMIT]!r} has not."
        )
    return name


def _read_role(role: str, *, party_name: str | None) -> Role:
    try:
        known = Role(role.upper())
    except ValueError:
        roles = ", ".join(each.value.lower() for each in Role)
        raise Invalid(f"{role!r} is not a role; one of {roles} is expected.") from None
    if known is Role.SUPPLIER and party_name is None:
        raise Invalid(
            "A supplier's person acts for a Party; name it, so that they see its homes and no others."
        )
    if known is not Role.SUPPLIER and party_name is not None:
        raise Invalid(
            f"Only a supplier's person acts for a Party; leave {party_name!r} out for {known.value.lower()}."
        )
    return known


def _party_id(party_name: str | None) -> int | None:
    if party_name is None:
        return None
    party_id = reads.find_party_id(name=party_name)
    if party_id is None:
        known = ", ".join(reads.list_party_names())
        raise NoSuchParty(
            f"No Party is called {party_name!r}. "
            + (
                f"The first by name are {known}."
                if known
                else "Load an inventory first: safelaunch smi generate."
            )
        )
    return party_id


def _add(*, name: str, role: Role, party_id: int | None, at: datetime) -> PersonFacts:
    if reads.find_person(name=name) is not None:
        raise NameTaken(f"Somebody is called {name!r} already; choose a name that tells the two apart.")
    person_id = writes.insert_person(name=name, role=role.value, party_id=party_id, at=at)
    record.append(
        act="CREATE_PERSON",
        actor=name,
        at=at,
        cause="A person was created.",
        detail={"person_id": person_id, "role": role.value, "party_id": party_id},
    )
    person = reads.find_person(person_id=person_id)
    if person is None:
        raise NoSuchPerson(f"{name!r} was not kept.")
    return person


def _issue(person: PersonFacts, *, at: datetime, valid_for: timedelta) -> str:
    token = secrets.token_urlsafe(TOKEN_OCTETS)
    writes.insert_link(token_digest=_digest(token), person_id=person.person_id, expires_at=at + valid_for)
    record.append(act="ISSUE_LINK", actor=person.name, at=at, cause="A one-time link was issued.")
    return token


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _why_refused(digest: bytes) -> str:
    # The database is asked for a digest, never for a token, so its timing says nothing about one.
    link = reads.find_link(token_digest=digest)
    again = "Ask for another: safelaunch user link NAME."
    if link is None or not hmac.compare_digest(link.token_digest, digest):
        return f"This sign-in link is not one of ours; it may have been cut short on the way. {again}"
    if link.used_at is not None:
        return f"This sign-in link has been used already; each opens once. {again}"
    return f"This sign-in link has expired. {again}"
