"""`safelaunch smi device` and `smi home`: what the pages and REST say, from the same functions."""

from safelaunch.store.models import Device


def test_a_device_and_its_home_are_told_as_on_their_pages(shell, staffed):
    meter = Device.objects.filter(device_type="ESME", smi_status="COMMISSIONED").first()
    said = shell("smi", "device", str(meter.device_id))
    assert "In service: commissioned since" in said.err
    assert "Next: " in said.err
    assert meter.mpxn in said.out
    found = shell("smi", "device", str(meter.device_id), "--json").json
    assert found["hub_device_id"] == str(meter.hub_device_id)
    assert found["device"]["mpxn"] == meter.mpxn
    assert f"The home of {meter.mpxn}" in shell("smi", "home", meter.mpxn).out
    home = shell("smi", "home", meter.mpxn, "--json").json
    assert [one["device_type"] for one in home["devices"][:2]] == ["CHF", "GPF"]
    assert str(meter.device_id) in {one["device_id"] for one in home["devices"]}
    assert shell("smi", "device", "00-00-00-00-00-00-00-01").code == 1
    assert shell("smi", "home", "9").code == 1
    assert "eight pairs" in shell("smi", "device", "9c").err
