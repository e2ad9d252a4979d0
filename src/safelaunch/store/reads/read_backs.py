"""Whether Devices are to be read back, and the policies of Parties."""

from dataclasses import dataclass
from datetime import datetime

from safelaunch.domain.read_backs import ReadBackPolicy
from safelaunch.store import sql
from safelaunch.store.models import PartyReadBacks


@dataclass(frozen=True, slots=True)
class PartyPolicy:
    """What a Party has stated."""

    party_name: str
    policy: ReadBackPolicy


def is_read_back_due(*, at: datetime) -> bool:
    """This function will say whether a Device is to be read back by now."""
    return bool(sql.fetch_value("is_read_back_due", at=at))


def list_policies(*, party_id: int | None = None) -> list[PartyPolicy]:
    """This function will list the Parties that have a policy of their own, by name, or one of them."""
    rows = PartyReadBacks.objects.select_related("party").order_by("party__name")
    if party_id is not None:
        rows = rows.filter(party_id=party_id)
    return [
        PartyPolicy(
            row.party.name,
            ReadBackPolicy(wait=row.wait, attempts=row.attempts, daily_budget=row.daily_budget),
        )
        for row in rows
    ]
