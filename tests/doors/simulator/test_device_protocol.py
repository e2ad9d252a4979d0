"""Commands to Devices over HTTP, in a simulator of its own process."""

from datetime import timedelta

import httpx
import pytest

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.refusals import Refused, Unreachable
from safelaunch.domain.smi import DeviceType, Network
from safelaunch.gateways import gbcs_keys
from safelaunch.gateways.smki import HttpDeviceCertificates
from safelaunch.wire import csp, smki_devices
from safelaunch.wire.smki_devices import KeyUse
from tests.doors.simulator.broker import IMAGE_HASH, NEW_VERSION, Broker, command, homes, parcel
from tests.doors.simulator.stand_in import START, Simulators, StandIn

pytestmark = pytest.mark.processes

SOUTH = Network.SOUTH
HOMES = homes(SOUTH, 5)
DAY = timedelta(days=1)


@pytest.fixture
def broker(simulators: Simulators) -> Broker:
    found = Broker(simulators.directory / "keys")
    for home in HOMES:
        for eui in home[DeviceType.ESME].suppliers:
            found.supplier(eui)
    return found


def messages(dcc: StandIn) -> list[csp.DeviceMessage]:
    return [message for batch in dcc.batches for message in batch.messages]


def hold(simulators: Simulators, **changed: str) -> httpx.Response:
    image = {
        "device_id": str(HOMES[0][DeviceType.ESME].device_id),
        "manufacturer_image_hash": IMAGE_HASH.hex(),
        "firmware_version": NEW_VERSION,
    }
    asked = {"at": START.isoformat(), "images": [image | changed]}
    return httpx.post(f"{simulators.url}/simulator/images", json=asked, timeout=30, trust_env=False)


def test_commands_go_out_signed_and_answers_come_back_in_the_batches_of_events_even_after_a_kill(
    simulators: Simulators, dcc: StandIn, broker: Broker
) -> None:
    simulators.start()
    assert hold(simulators).json() == {"unknown_device_ids": []}
    meters = [home[DeviceType.ESME] for home in HOMES]
    commands = [command(str(at), meter, broker.activate(meter, counter=1)) for at, meter in enumerate(meters)]
    commands += [command(f"r{at}", meter, broker.read(meter, counter=2)) for at, meter in enumerate(meters)]
    with simulators.gateway() as gateway:
        first = gateway.command(network=SOUTH, batch=parcel(*commands), at=START)
        assert first == csp.CommandReceipt(accepted=10)
    simulators.kill()
    simulators.start()
    with simulators.gateway() as gateway:
        assert gateway.command(network=SOUTH, batch=parcel(*commands), at=START) == first
    simulators.advance(START + DAY)

    found = messages(dcc)
    assert len({message.number for message in found}) == len(found)
    answered = {message.command_id: broker.open(message).payload for message in found}
    assert len(answered) == len(found)
    assert set(answered) <= {None, *(one.command_id for one in commands)}
    assert len(answered) >= 6
    assert answered[None].manufacturer_image_hash == IMAGE_HASH


def test_the_repository_gives_certificates_that_prove_themselves(
    simulators: Simulators, broker: Broker
) -> None:
    simulators.start()
    devices = [facts.device_id for facts in HOMES[0].values()]
    with HttpDeviceCertificates(url=f"{simulators.url}/smki") as repository:
        found = repository.find(device_ids=[*devices, Eui64(5)])
        with pytest.raises(Refused, match="HTTP 422"):
            repository.find(device_ids=devices * 200)
    assert set(found) == set(devices)
    authorities = gbcs_keys.device_authorities(simulators.directory / "keys")
    for device_id, ders in found.items():
        for der, use in zip(ders, KeyUse, strict=True):
            smki_devices.require_issued_by(der, authorities=authorities)
            certificate = smki_devices.read_device_certificate(der)
            assert (certificate.device_id, certificate.use) == (device_id, use)
            assert certificate.public_key == broker.public_key(device_id, use)


def test_a_repository_that_does_not_answer_is_worth_another_try() -> None:
    with (
        HttpDeviceCertificates(url="http://127.0.0.1:9/smki", timeout=2) as repository,
        pytest.raises(Unreachable, match="does not answer"),
    ):
        repository.find(device_ids=[])


def test_images_that_no_device_could_speak_of_are_refused_and_strangers_are_listed(
    simulators: Simulators,
) -> None:
    simulators.start()
    short = hold(simulators, manufacturer_image_hash="AB")
    assert (short.status_code, "hexadecimal digits" in short.json()["title"]) == (422, True)
    stranger = "00-00-00-00-00-00-00-01"
    assert hold(simulators, device_id=stranger).json() == {"unknown_device_ids": [stranger]}
