"""SEC Parties and their User IDs as values."""

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.smi import PartyKind
from safelaunch.store.models import Party, PartyUser


def list_kinds() -> dict[str, PartyKind]:
    """This function will give the kind of every Party, by name."""
    return {name: PartyKind(kind) for name, kind in Party.objects.values_list("name", "kind")}


def list_user_holders() -> dict[tuple[Eui64, str], str]:
    """This function will give the name of the Party that holds each User ID in each User Role."""
    rows = PartyUser.objects.values_list("user_id", "role", "party__name")
    return {(user_id, role): name for user_id, role, name in rows}


def list_names() -> dict[int, str]:
    """This function will give the name of every Party, by number."""
    return dict(Party.objects.values_list("party_id", "name"))
