"""People and their one-time links."""

from datetime import datetime

from safelaunch.store import sql
from safelaunch.store.models import Person, SignInLink
from safelaunch.store.transactions import transaction_required


@transaction_required
def lock_people() -> None:
    """This function will keep others from adding people until the transaction ends."""
    sql.execute("lock_people")


@transaction_required
def insert_person(*, name: str, role: str, party_id: int | None, at: datetime) -> int:
    """This function will add a person and give their number."""
    return Person.objects.create(name=name, role=role, party_id=party_id, created_at=at).person_id


@transaction_required
def insert_link(*, token_digest: bytes, person_id: int, expires_at: datetime) -> None:
    """This function will keep the digest of a new sign-in link; the token itself is never stored."""
    SignInLink.objects.create(token_digest=token_digest, person_id=person_id, expires_at=expires_at)


@transaction_required
def use_sign_in_link(*, token_digest: bytes, at: datetime) -> int | None:
    """This function will use a valid link up and give whose it was, or None: two presses cannot both win."""
    person_id: int | None = sql.fetch_value("use_sign_in_link", token_digest=token_digest, at=at)
    return person_id
