"""Deferrals as values; every read takes the Party that looks, None for whoever sees all."""

from dataclasses import dataclass
from datetime import date, datetime

from safelaunch.domain.deferrals import Clock, DeferralState, clock_of
from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.refusals import NotFound
from safelaunch.store import sql
from safelaunch.store.models import Deferral, DeferralFile


class NoSuchDeferral(NotFound):
    """There is no such deferral, or none that this person may see."""


@dataclass(frozen=True, slots=True)
class DeferralView:
    """A deferral as it stands; `number` is the one of its reference."""

    number: int
    reference: str
    party_id: int
    supplier: str
    state: str
    hub_count: int
    grounds: str | None
    duty: str | None
    asked_at: datetime
    held_until: date
    decision_due_at: datetime
    proposed_decision: str | None
    proposed_reason: str | None
    proposed_by_id: int | None
    proposed_by: str | None
    proposed_at: datetime | None
    direction: str | None
    decided_by: str | None
    decided_at: datetime | None
    reason: str | None
    appeal: str | None
    ended_at: datetime | None

    @property
    def name(self) -> str:
        """This function will give the reference under which people speak of it."""
        return f"D{self.number}"

    def clock(self, at: datetime) -> Clock:
        """This function will say how the clock of its decision stands."""
        decided_at = None if self.state == DeferralState.APPEALED else self.decided_at
        return clock_of(due_at=self.decision_due_at, decided_at=decided_at, ended_at=self.ended_at, at=at)


@dataclass(frozen=True, slots=True)
class DeferredHub:
    """A hub of a deferral: what became of the wish for it, and how its upgrade stands."""

    device_id: Eui64
    outcome: str
    state: str | None


@dataclass(frozen=True, slots=True)
class FileView:
    """A file that speaks for a deferral; `octets` is its size."""

    deferral_file_id: int
    name: str
    media_type: str
    sha256: str
    octets: int


@dataclass(frozen=True, slots=True)
class DeferredByOthers:
    """Hubs of a Supplier in one campaign that the other Supplier of the home has deferred."""

    reference: str
    hub_count: int
    until: datetime


def list_deferrals(
    *,
    party_id: int | None,
    number: int | None = None,
    states: list[str] | None = None,
    before: int | None = None,
    limit: int = 100,
) -> list[DeferralView]:
    """This function will list deferrals, newest first, from before a number on."""
    return sql.fetch_all(
        "list_deferrals",
        DeferralView,
        party_id=party_id,
        number=number,
        states=states,
        before=before,
        limit=limit,
    )


def get(*, number: int, party_id: int | None) -> DeferralView:
    """This function will find a deferral.

    Raises:
        NoSuchDeferral: there is none, or it is another Supplier's; the sentence does not tell which.
    """
    found = list_deferrals(party_id=party_id, number=number, limit=1)
    if not found:
        raise NoSuchDeferral(f"There is no deferral D{number} among those that you may see.")
    return found[0]


def lock(*, number: int) -> None:
    """This function will keep others from deciding a deferral until the transaction ends."""
    Deferral.objects.select_for_update().get(campaign_wish_id=number)


def list_deferred_by_others(*, party_id: int, at: datetime) -> list[DeferredByOthers]:
    """This function will count the hubs of a Supplier that the other Supplier of the home has deferred, by campaign."""
    return sql.fetch_all("list_deferred_by_others", DeferredByOthers, party_id=party_id, at=at)


def list_deferred_hubs(*, number: int, after: Eui64 | None = None, limit: int = 100) -> list[DeferredHub]:
    """This function will list the hubs of a deferral in the order of their Device IDs, from after one on."""
    return sql.fetch_all("list_deferred_hubs", DeferredHub, number=number, after=after, limit=limit)


def list_deferral_files(*, number: int) -> list[FileView]:
    """This function will list the files that speak for a deferral."""
    return sql.fetch_all("list_deferral_files", FileView, number=number)


def get_file_content(*, number: int, deferral_file_id: int) -> bytes | None:
    """This function will give the content of a file of a deferral, or None when it has no such file."""
    file = DeferralFile.objects.filter(campaign_wish_id=number, deferral_file_id=deferral_file_id).first()
    return None if file is None else bytes(file.content)
