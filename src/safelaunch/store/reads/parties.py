"""SEC Parties and their User IDs as values."""

from dataclasses import dataclass

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.smi import PartyKind, UserRole
from safelaunch.store.models import Party, PartyUser


def list_kinds() -> dict[str, PartyKind]:
    """This function will give the kind of every Party, by name."""
    return {name: PartyKind(kind) for name, kind in Party.objects.values_list("name", "kind")}


def list_user_holders() -> dict[tuple[Eui64, str], str]:
    """This function will give the name of the Party that holds each User ID in each User Role."""
    rows = PartyUser.objects.values_list("user_id", "role", "party__name")
    return {(user_id, role): name for user_id, role, name in rows}


@dataclass(frozen=True, slots=True)
class UserFacts:
    """A User ID: whose it is, in which User Roles it asks, and which DUIS version it speaks."""

    user_id: Eui64
    party_id: int
    party_name: str
    roles: frozenset[UserRole]
    duis_version: str


def find_user(*, user_id: Eui64) -> UserFacts | None:
    """This function will give what is known of a User ID, or nothing when nobody has it."""
    rows = list(PartyUser.objects.filter(user_id=user_id).select_related("party").order_by("role"))
    if not rows:
        return None
    return UserFacts(
        user_id=user_id,
        party_id=rows[0].party_id,
        party_name=rows[0].party.name,
        roles=frozenset(UserRole(row.role) for row in rows),
        duis_version=rows[0].duis_version,
    )


def list_names() -> dict[int, str]:
    """This function will give the name of every Party, by number."""
    return dict(Party.objects.values_list("party_id", "name"))


def list_user_ids(*, party_id: int, role: UserRole) -> list[Eui64]:
    """This function will list the User IDs that a Party holds in a User Role."""
    rows = PartyUser.objects.filter(party_id=party_id, role=role).order_by("user_id")
    return list(rows.values_list("user_id", flat=True))
