"""The door for Users: one web process for each module, an estate with the Reference Test Data premises for each test."""

from collections.abc import Iterator

import pytest

from safelaunch.services import timetable
from tests import estate_factory, pki
from tests.conftest import empty
from tests.doors.dcc.serving import AT, Web, serving, trust_users


@pytest.fixture(scope="module")
def web(migrated_database: None) -> Iterator[Web]:
    with serving() as started:
        yield started


def _load() -> None:
    estate_factory.load_estate()
    timetable.step_clock(to=AT)
    trust_users(pki.supplier().der, pki.other_supplier().der)


@pytest.fixture
def estate(database: None) -> None:
    _load()


@pytest.fixture(scope="module")
def standing_estate(migrated_database: None) -> Iterator[None]:
    """An estate for tests that leave no more behind than requests."""
    _load()
    yield
    empty()
