"""Writing SEC Parties and their User IDs: tens or hundreds of rows, by the ORM."""

from collections.abc import Iterable, Mapping

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.smi import PartyKind
from safelaunch.store.models import Party, PartyUser
from safelaunch.store.transactions import transaction_required


@transaction_required
def add(*, kinds: Mapping[str, PartyKind]) -> int:
    """This function will add Parties by name and kind, and give their number."""
    return len(Party.objects.bulk_create(Party(name=name, kind=kind) for name, kind in kinds.items()))


@transaction_required
def put_users(*, users: Iterable[tuple[str, Eui64, str, str]]) -> None:
    """This function will write User IDs: Party name, User ID, User Role and DUIS version of each."""
    numbers = dict(Party.objects.values_list("name", "party_id"))
    PartyUser.objects.bulk_create(
        (
            PartyUser(user_id=user_id, role=role, party_id=numbers[name], duis_version=duis_version)
            for name, user_id, role, duis_version in users
        ),
        update_conflicts=True,
        unique_fields=["user_id", "role"],
        update_fields=["duis_version"],
    )


@transaction_required
def set_duis_version(*, user_id: Eui64, duis_version: str) -> None:
    """This function will set the DUIS version that a User ID speaks, in all its User Roles."""
    PartyUser.objects.filter(user_id=user_id).update(duis_version=duis_version)
