"""People as values."""

from dataclasses import dataclass
from datetime import datetime

from safelaunch.store import sql
from safelaunch.store.models import Party, Person, SignInLink


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """Somebody who may sign in; `party_id` is None for everyone but a Supplier's people."""

    person_id: int
    name: str
    role: str
    party_id: int | None
    party_name: str | None
    created_at: datetime
    signed_in_at: datetime | None


@dataclass(frozen=True, slots=True)
class LinkFacts:
    """What is known of a sign-in link: its digest (32 octets), and when it ends or ended."""

    token_digest: bytes
    expires_at: datetime
    used_at: datetime | None


def list_people(*, person_id: int | None = None, name: str | None = None) -> list[PersonFacts]:
    """This function will list people by name, or the one with this number or exact name."""
    return sql.fetch_all("list_people", PersonFacts, person_id=person_id, name=name)


def find_person(*, person_id: int | None = None, name: str | None = None) -> PersonFacts | None:
    """This function will find one person by number or by exact name."""
    people = list_people(person_id=person_id, name=name)
    return people[0] if people else None


def anybody_exists() -> bool:
    """This function will say whether anybody was ever created: the bootstrap door is closed then."""
    return Person.objects.exists()


def find_link(*, token_digest: bytes) -> LinkFacts | None:
    """This function will find a sign-in link by the SHA-256 of its token."""
    link = SignInLink.objects.filter(token_digest=token_digest).first()
    if link is None:
        return None
    return LinkFacts(bytes(link.token_digest), link.expires_at, link.used_at)


def find_party_id(*, name: str) -> int | None:
    """This function will find a Party by its name."""
    if "\0" in name:
        # PostgreSQL cannot even be asked for it.
        return None
    return Party.objects.filter(name=name).values_list("party_id", flat=True).first()


def list_party_names(*, limit: int = 10) -> list[str]:
    """This function will list the first Parties by name, for sentences that name what there is."""
    return list(Party.objects.order_by("name").values_list("name", flat=True)[:limit])
