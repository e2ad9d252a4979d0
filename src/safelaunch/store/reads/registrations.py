"""Who is, was and will be responsible for supply points, and for hubs by the meters behind them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.registrations import SINCE_EVER
from safelaunch.domain.responsibility import Registration
from safelaunch.domain.smi import UserRole
from safelaunch.store import sql


@dataclass(frozen=True, slots=True)
class _RegistrationRow:
    mpxn: str
    role: str
    party_id: int | None
    starts_at: datetime
    ends_at: datetime | None


def list_home_registrations(*, hub_device_id: Eui64) -> list[Registration]:
    """This function will list the registrations of the meters behind a hub; stretches without a Party are left out."""
    rows = sql.fetch_all(
        "list_home_registrations", _RegistrationRow, hub_device_id=hub_device_id, since_ever=SINCE_EVER
    )
    return [
        Registration(
            mpxn=row.mpxn,
            role=UserRole(row.role),
            party_id=row.party_id,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
        )
        for row in rows
        if row.party_id is not None
    ]


class Stands(StrEnum):
    """Where a registration is in time; one whose instant has come and whose job has not is due."""

    TO_COME = "TO_COME"
    DUE = "DUE"
    IN_FORCE = "IN_FORCE"
    PAST = "PAST"


@dataclass(frozen=True, slots=True)
class RegistrationView:
    """A registration of a supply point; `party` is None for nobody, `took_effect_at` while it is to come."""

    role: str
    party: str | None
    starts_at: datetime
    ends_at: datetime | None
    known_at: datetime | None
    took_effect_at: datetime | None

    def stands(self, *, at: datetime) -> Stands:
        """This function will say where it is in time."""
        if self.took_effect_at is None:
            return Stands.DUE if self.starts_at <= at else Stands.TO_COME
        return Stands.PAST if self.ends_at is not None and self.ends_at <= at else Stands.IN_FORCE


ANOTHER = "Another Supplier"
"""What a Party reads in place of the name of one that was, is or will be responsible beside it."""


def list_registrations_of(*, mpxn: str, party_id: int | None = None) -> list[RegistrationView]:
    """This function will list the registrations of a supply point, oldest first; a meter that never changed hands has one.

    For a Party there are none where it never was, is or will be responsible; None sees all.
    """
    return sql.fetch_all(
        "list_registrations_of",
        RegistrationView,
        mpxn=mpxn,
        party_id=party_id,
        another=ANOTHER,
        since_ever=SINCE_EVER,
    )


def next_registration_due() -> datetime | None:
    """This function will give when the next registration that is to come begins, or nothing when none is."""
    due_at: datetime | None = sql.fetch_value("next_registration_due")
    return due_at
