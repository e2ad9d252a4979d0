"""An estate whose last hub is that of the Reference Test Data premises."""

import pytest

from tests import estate_factory, pki
from tests.services.requests import scene


@pytest.fixture
def premises(database: None) -> None:
    estate_factory.load_estate()
    scene.vouch(pki.supplier(), pki.other_supplier())
