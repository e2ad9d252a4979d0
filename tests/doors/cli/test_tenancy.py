"""`safelaunch smi tenancy`: who is listed for whom, as a table, as JSON and as CSV."""

import csv
from datetime import timedelta

from safelaunch.domain.tenancy import Cause
from safelaunch.services import tenancy
from safelaunch.store import transactions
from safelaunch.store.models import Device, DeviceModel
from safelaunch.store.writes.tenancy import Restricted


def move_house(at):
    """Everybody moves."""
    told = [
        Restricted(one.device_id, at - timedelta(hours=1), number, Cause.RESTRICTION, at)
        for number, one in enumerate(Device.objects.filter(device_type="ESME"))
    ]
    with transactions.transaction():
        tenancy.keep(told, at=at)


def test_displays_are_listed_for_whom_they_concern_and_written_to_a_file(shell, staffed, tmp_path):
    nothing = shell("smi", "tenancy")
    assert (nothing.code, nothing.out) == (0, "")
    assert "No display is known" in nothing.err
    DeviceModel.objects.filter(device_type="PPMID").update(manufacturer="=cmd")
    move_house(staffed)

    listed = shell("smi", "tenancy", "--limit", "3")
    assert "Upgrade the hub to 00030100, by a campaign." in listed.out
    assert "more than these 3" in listed.err
    assert "What would mend most" in listed.out
    answer = shell("smi", "tenancy", "--json", "--limit", "2").json
    assert answer["has_more"]
    most = answer["remedies"][0]
    assert (most["reason"], most["device_type"], most["versions"]) == ("FIRMWARE", "CHF", ["00030100"])
    assert most["waiting"] > most["waiting_alone"] > 0
    first = answer["displays"][0]
    assert (first["fuel"], first["status"], first["cause"]) == (
        "electricity",
        "HOLDS_OLD_DATA",
        "RESTRICTION",
    )
    assert first["upgrades"][0] == f"CHF {first['hub']} 00030100"

    everyone, sams = tmp_path / "all.csv", tmp_path / "sam.csv"
    assert shell("smi", "tenancy", "--csv", str(everyone), "--json").json["written"] > 400
    assert shell("smi", "tenancy", "--csv", str(sams), "--as", "Sam").code == 0
    rows, own = (list(csv.DictReader(path.read_text().splitlines())) for path in (everyone, sams))
    assert 0 < len(own) < len(rows)
    assert {row["display_model"][:5] for row in rows} == {"'=cmd"}
    assert {row["epoch"] for row in rows} == {"1"}

    assert shell("smi", "tenancy", "--as", "Nobody").code == 1
    assert shell("smi", "tenancy", "--limit", "0").code == 2
    refused = shell("smi", "tenancy", "--csv", str(tmp_path / "absent" / "all.csv"))
    assert (refused.code, "could not be written" in refused.err) == (1, True)
