"""Firmware on its way to Devices: every failure that the HAN model knows, with its reason, its alert and its next step."""

from datetime import timedelta

import pytest

from safelaunch.domain.smi import Network
from safelaunch.services import firmware_distribution
from safelaunch.store.models import DccAlert, FirmwareTarget
from tests.device_network import FAULTLESS, device_network
from tests.services.requests import scene
from tests.services.requests.firmware_scene import modernise, release, signing, update
from tests.services.requests.scene import AT, ask

pytestmark = pytest.mark.usefixtures("premises")


@pytest.fixture
def premises(database):
    from tests import estate_factory, pki

    estate_factory.load_estate()
    scene.vouch(pki.supplier(), pki.other_supplier(), signing())


@pytest.fixture
def network(tmp_path):
    with device_network(tmp_path, starts_at=AT, scenario=FAULTLESS) as opened:
        opened.link  # the broker's key has to be there before Devices can address it
        yield opened


def test_first(network):
    modernise()
    made = release("ESME")
    print(ask(update(made)).response_code)
    print(firmware_distribution.distribute(network=Network.SOUTH, gateway=network, at=AT))
    for days in (1, 2, 3):
        at = AT + timedelta(days=days)
        print(network.pass_time(at))
        print(network.take_in(at))
        print(FirmwareTarget.objects.values("state", "reason", "due_at"))
    print(DccAlert.objects.values("code", "outcome", "is_owed", "happened_at"))
    assert 0
