"""One home of two Suppliers, whoever looks at it, and their browsers: for the doors to the inventory and the CPL."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from safelaunch.services import people
from safelaunch.store import transactions
from safelaunch.store.models import Device, Party
from safelaunch.store.writes import clock
from tests.services.suspension_scene import AT, ESME, GSME, build

MPAN, MPRN = "1012345678901", "7654321009"
VIEWERS = {
    "Olivia": ("operator", None),
    "Arthur": ("approver", None),
    "Gail": ("governance", None),
    "Alice": ("supplier", "Alder"),
    "Bess": ("supplier", "Birch"),
    "Cedric": ("supplier", "Cedar"),
}
"""Alder supplies electricity, Birch gas; Cedar has no home here."""


def furnish() -> dict[str, Client]:
    """Make the home and sign everybody in."""
    build()
    Party.objects.create(name="Cedar", kind="SUPPLIER")
    for device_id, mpxn in ((ESME, MPAN), (GSME, MPRN)):
        Device.objects.filter(device_id=device_id).update(mpxn=mpxn)
    with transactions.transaction():
        clock.set_stepped_clock(shows=AT + timedelta(days=10))
    return {name: _signed_in(name, role, party) for name, (role, party) in VIEWERS.items()}


def _signed_in(name: str, role: str, party: str | None) -> Client:
    if name not in {"Olivia", "Arthur"}:
        people.create_person(name=name, role=role, party_name=party, at=AT)
    client = Client(SERVER_NAME="localhost")
    token = people.issue_link(name=name, at=AT + timedelta(days=10))
    assert client.post(f"/sign-in/{token}/").status_code == 302
    return client


@contextmanager
def at_most(statements: int) -> Iterator[None]:
    """Refuse more statements than a page is allowed."""
    with CaptureQueriesContext(connection) as run:
        yield
    assert len(run) <= statements, [each["sql"][:90] for each in run]
