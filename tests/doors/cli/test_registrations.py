"""`safelaunch smi registrations`: previewed, taken, shown; and what it says of bad input."""

from datetime import timedelta

import pytest

from safelaunch.services import handovers
from safelaunch.store.models import Device
from tests import estate_factory as factory


@pytest.fixture
def meter(monday):
    factory.load_estate(hubs=40, at=monday)
    return Device.objects.filter(device_type="ESME", mpxn__isnull=False).order_by("device_id").first()


def test_a_file_is_previewed_taken_and_shown(shell, monday, meter, tmp_path):
    path = tmp_path / "switches.csv"
    path.write_text(
        f"mpxn,role,party,starts_at\n{meter.mpxn},IS,Birch Power,2026-01-12\n{meter.mpxn},IS,Nobody,2026-01-13\n"
    )
    command = ("smi", "registrations", "import", str(path), "--as", "Ada")
    seen = shell(*command, "--preview")
    assert (seen.code, "Would take 1 new registrations" in seen.err) == (0, True)
    assert "Birch Power" in seen.out
    show = ("smi", "registrations", "show", meter.mpxn)
    assert [one["stands"] for one in shell(*show, "--json").json["registrations"]] == ["IN_FORCE"]
    taken = shell(*command, "--json").json
    assert (taken["new"], taken["rejected"]) == (1, 1)
    (reject,) = (tmp_path / "switches.rejects.csv").read_text().splitlines()[1:]
    assert reject.startswith('3,party,Nobody,"There is no Supplier of this name')
    assert [one["stands"] for one in shell(*show, "--json").json["registrations"]] == ["IN_FORCE", "TO_COME"]
    handovers.take_effect(at=monday + timedelta(days=7))
    assert "as far as is known" in shell(*show).out
    assert Device.objects.get(device_id=meter.device_id).party_id != meter.party_id


def test_what_cannot_be_read_or_found_is_one_sentence(shell, monday, meter, tmp_path):
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    for name in ("absent.csv", "other.csv"):
        refused = shell("smi", "registrations", "import", str(tmp_path / name))
        assert refused.code == 1
        assert name in refused.err
    refused = shell("smi", "registrations", "show", "123")
    assert (refused.code, "No meter in the inventory has the supply point 123" in refused.err) == (1, True)
