"""The worker's way to Devices is put together from settings and keys; without a network it can wait."""

import pytest

from safelaunch.domain.refusals import Unreachable
from safelaunch.gateways import gbcs_keys
from safelaunch.interfaces.worker import tasks


@pytest.fixture(autouse=True)
def forgetful():
    yield
    for cached in (tasks.gateway, tasks.repository, tasks.broker):
        cached.cache_clear()


def test_without_an_address_of_the_networks_commands_wait(settings_of):
    settings_of(CSP_URL="")
    with pytest.raises(Unreachable, match="SAFELAUNCH_CSP_URL is not set"):
        tasks.link()


def test_the_broker_is_the_dsp_and_authorities_are_read_each_time(settings_of, tmp_path):
    settings_of(CSP_URL="http://127.0.0.1:9", SMKI_URL="http://127.0.0.1:9/smki", DATA=tmp_path)
    first = tasks.link()
    gbcs_keys.publish_device_authority(tmp_path / "keys", name="late", pem=b"a certificate")
    second = tasks.link()
    assert first.repository.authorities == ()
    assert second.repository.authorities == (b"a certificate",)
    assert str(first.broker.eui) == "90-B3-D5-1F-30-00-00-02"
    assert first.broker is second.broker


@pytest.fixture
def settings_of(monkeypatch):
    from django.conf import settings

    def change(**values):
        for name, value in values.items():
            monkeypatch.setattr(settings, name, value)
        for cached in (tasks.gateway, tasks.repository, tasks.broker):
            cached.cache_clear()

    return change
