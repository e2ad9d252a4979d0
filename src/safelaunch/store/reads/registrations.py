"""Who is, was and will be responsible for supply points, and for hubs by the meters behind them."""

from dataclasses import dataclass
from datetime import datetime

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


@dataclass(frozen=True, slots=True)
class RegistrationView:
    """A registration of a supply point; `party` is None for nobody, `took_effect_at` while it is to come."""

    role: str
    party: str | None
    starts_at: datetime
    ends_at: datetime | None
    known_at: datetime | None
    took_effect_at: datetime | None


def list_registrations_of(*, mpxn: str) -> list[RegistrationView]:
    """This function will list the registrations of a supply point, oldest first; a meter that never changed hands has one."""
    return sql.fetch_all("list_registrations_of", RegistrationView, mpxn=mpxn, since_ever=SINCE_EVER)


def next_registration_due() -> datetime | None:
    """This function will give when the next registration that is to come begins, or nothing when none is."""
    due_at: datetime | None = sql.fetch_value("next_registration_due")
    return due_at
