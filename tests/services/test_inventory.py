"""Importing the inventory: good rows in, bad rows explained, nothing half-written; and out again, the same."""

import csv
import errno
import gzip
import os
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from django.db import OperationalError, connection

from safelaunch.domain import lots
from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.people import Actor
from safelaunch.domain.refusals import Invalid, NotFound, Unreadable
from safelaunch.services import estates, inventory, parties
from safelaunch.store.models import CommunicationsHub, CspRegion, Device, PortfolioCount, RecordEntry, SmiLoad
from safelaunch.store.models import Party as PartyRow
from safelaunch.store.writes import inventory as writes
from tests.services.estate_files import CAD, ESME, GPF, GSME, HUB, OTHER_HUB, write_parties, write_smi

AT = datetime(2026, 11, 2, 10, tzinfo=UTC)
ACTOR = Actor(name="Ada")

pytestmark = pytest.mark.usefixtures("known_parties")


@pytest.fixture
def known_parties(database: None, tmp_path: Path) -> None:
    parties.import_parties(path=write_parties(tmp_path), actor=ACTOR, at=AT)


def run(path: Path, **options) -> inventory.Imported:
    *_, last = inventory.import_smi(path=path, actor=ACTOR, at=AT, **options)
    assert last.imported is not None
    return last.imported


def load(folder: Path, *rows: dict[str, str]) -> inventory.Imported:
    return run(write_smi(folder / "smi.csv", *rows))


def rejects_of(folder: Path) -> list[tuple[str, str]]:
    with (folder / "smi.rejects.csv").open(encoding="utf-8") as file:
        return [(row["line"], row["column"]) for row in csv.DictReader(file)]


def party_id(name: str) -> int:
    return PartyRow.objects.get(name=name).party_id


def hub(row: dict[str, str] = HUB) -> CommunicationsHub:
    return CommunicationsHub.objects.get(device_id=row["device_id"])


def is_portfolio_exact() -> bool:
    def counted(query: str) -> list[tuple]:
        with connection.cursor() as cursor:
            cursor.execute(query)
            return cursor.fetchall()

    fleet = counted(
        "SELECT device_model_id, region_id, coalesce(import_party_id, 0), coalesce(gas_party_id, 0), smi_status, "
        "is_in_use, count(*) FROM communications_hub GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4, 5, 6"
    )
    return fleet == counted(
        "SELECT device_model_id, region_id, import_party_id, gas_party_id, smi_status, is_in_use, "
        "hub_count FROM portfolio_count ORDER BY 1, 2, 3, 4, 5, 6"
    )


def test_a_home_is_kept_with_everything_its_rows_say(tmp_path):
    imported = load(tmp_path, HUB, ESME, GSME, GPF, CAD)
    assert (imported.hubs, imported.devices, imported.gpf_rows, imported.new) == (1, 3, 1, 4)
    kept = hub()
    assert (str(kept.gpf_device_id), kept.smi_status) == (HUB["gpf_device_id"], "COMMISSIONED")
    assert kept.lot == lots.lot_of(Eui64.parse(HUB["device_id"]))
    assert CspRegion.objects.get(region_id=kept.region_id).code == "SOUTH_4G"
    meter = Device.objects.get(device_id=ESME["device_id"])
    assert (meter.mpxn, meter.network_party_id) == (ESME["mpxn"], party_id("Northern Wires"))
    assert imported.rejects_path is None
    assert not (tmp_path / "smi.rejects.csv").exists()
    assert is_portfolio_exact()


def test_a_hub_follows_the_suppliers_of_its_meters_and_without_them_its_own_row(tmp_path):
    load(tmp_path, {**HUB, "responsible_party": "Birch Power"}, ESME, GSME, OTHER_HUB)
    assert (hub().import_party_id, hub().gas_party_id) == (party_id("Alder Energy"), party_id("Birch Power"))
    assert (hub(OTHER_HUB).import_party_id, hub(OTHER_HUB).gas_party_id) == (party_id("Birch Power"), None)


def test_a_meter_that_moves_takes_its_supplier_with_it(tmp_path):
    load(tmp_path, HUB, ESME, GSME, OTHER_HUB)
    moved = load(tmp_path, {**ESME, "hub_device_id": OTHER_HUB["device_id"]})
    assert (moved.new, moved.changed, moved.hubs_following) == (0, 1, 2)
    assert hub().import_party_id is None
    assert hub().gas_party_id == party_id("Birch Power")
    assert hub(OTHER_HUB).import_party_id == party_id("Alder Energy")
    assert Device.objects.filter(device_id=ESME["device_id"]).count() == 1
    assert is_portfolio_exact()


def test_a_change_of_supplier_needs_only_the_meters_row(tmp_path):
    load(tmp_path, HUB, ESME, GSME)
    changed = load(tmp_path, {**ESME, "responsible_party": "Birch Power"})
    assert (changed.changed, changed.hubs_following) == (1, 1)
    assert (hub().import_party_id, hub().gas_party_id) == (party_id("Birch Power"), party_id("Birch Power"))
    assert is_portfolio_exact()


def test_the_same_file_again_changes_nothing(tmp_path):
    load(tmp_path, HUB, ESME, GSME, CAD, OTHER_HUB)
    again = load(tmp_path, HUB, ESME, GSME, CAD, OTHER_HUB)
    assert (again.new, again.changed, again.unchanged, again.hubs_following) == (0, 0, 5, 0)


def test_facts_that_differ_are_brought_up_to_date_and_others_stay(tmp_path):
    load(tmp_path, HUB, ESME, GSME, OTHER_HUB)
    changed = load(tmp_path, {**HUB, "firmware_version": "00020105", "status": "Suspended"}, ESME)
    assert (changed.changed, changed.unchanged, changed.new_models) == (1, 1, 1)
    assert hub().smi_status == "SUSPENDED"
    assert hub(OTHER_HUB).smi_status == "COMMISSIONED"
    assert Device.objects.count() == 2
    assert is_portfolio_exact()


@pytest.mark.parametrize(
    ("rows", "line", "column"),
    [
        ([HUB, {**ESME, "device_id": "00 DB 12 34 56 78 90 A0"}], "3", "device_id"),
        ([HUB, ESME, {**ESME, "mpxn": "9" * 13}], "4", "device_id"),
        ([{**HUB, "region": "Atlantis"}], "2", "region"),
        ([HUB, {**ESME, "responsible_party": "Nobody"}], "3", "responsible_party"),
        ([HUB, {**ESME, "responsible_party": "Northern Wires"}], "3", "responsible_party"),
        ([HUB, {**ESME, "network_party": "Alder Energy"}], "3", "network_party"),
        ([HUB, {**ESME, "hub_device_id": OTHER_HUB["device_id"]}], "3", "hub_device_id"),
        ([HUB, ESME, {**GSME, "hub_device_id": ESME["device_id"]}], "4", "hub_device_id"),
        ([HUB, {**OTHER_HUB, "gpf_device_id": HUB["gpf_device_id"]}], "3", "gpf_device_id"),
        ([HUB, {**OTHER_HUB, "gpf_device_id": OTHER_HUB["device_id"]}], "3", "gpf_device_id"),
        ([HUB, {**ESME, "device_id": HUB["gpf_device_id"]}], "3", "device_id"),
        ([HUB, {**GPF, "device_id": OTHER_HUB["gpf_device_id"]}], "3", "device_id"),
        ([HUB, {**GPF, "firmware_version": "00020199"}], "3", "firmware_version"),
    ],
)
def test_a_bad_row_is_explained_and_the_others_are_taken(tmp_path, rows, line, column):
    imported = load(tmp_path, *rows)
    assert rejects_of(tmp_path) == [(line, column)]
    assert imported.rejected == 1
    assert imported.new == len(rows) - 1
    assert SmiLoad.objects.get().reject_count == 1


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ({**ESME, "device_type": "GSME", "mpxn": ""}, "device_type"),
        ({**OTHER_HUB, "device_id": ESME["device_id"]}, "device_type"),
        ({**ESME, "device_id": HUB["gpf_device_id"]}, "device_type"),
        ({**ESME, "device_id": HUB["device_id"], "hub_device_id": OTHER_HUB["device_id"]}, "device_type"),
        ({**HUB, "device_id": "00-DB-12-34-56-78-92-A2"}, "gpf_device_id"),
        ({**OTHER_HUB, "gpf_device_id": ESME["device_id"]}, "gpf_device_id"),
        ({**OTHER_HUB, "gpf_device_id": HUB["device_id"]}, "gpf_device_id"),
        ({**GPF, "model": "43310002"}, "firmware_version"),
    ],
)
def test_a_row_that_contradicts_the_inventory_is_rejected(tmp_path, row, column):
    load(tmp_path, HUB, ESME, OTHER_HUB)
    before = list(Device.objects.order_by("device_id").values())
    imported = load(tmp_path, row)
    assert rejects_of(tmp_path) == [("2", column)]
    assert (imported.new, imported.changed) == (0, 0)
    assert list(Device.objects.order_by("device_id").values()) == before


def test_what_stands_behind_a_rejected_hub_is_rejected_with_it(tmp_path):
    load(tmp_path, {**HUB, "status": "Lost"}, ESME, OTHER_HUB)
    assert rejects_of(tmp_path) == [("2", "status"), ("3", "hub_device_id")]


def test_a_device_may_stand_before_its_hub_in_the_file(tmp_path):
    assert load(tmp_path, ESME, HUB).new == 2


def test_a_region_that_was_not_known_is_added_with_a_capacity(tmp_path):
    assert load(tmp_path, HUB, OTHER_HUB).new_regions == 2
    assert set(CspRegion.objects.values_list("code", "name", "network", "nightly_capacity")) == {
        ("NORTH", "North", "NORTH", 1),
        ("SOUTH_4G", "4G South", "SOUTH", 1),
    }


def test_an_import_is_noted_and_recorded(tmp_path):
    load(tmp_path, HUB, ESME)
    entry = RecordEntry.objects.get(act="IMPORT_SMI")
    assert (entry.actor, entry.detail["new"]) == ("Ada", 2)
    noted = SmiLoad.objects.get()
    assert (noted.source, noted.hub_count, noted.device_count) == ("imported smi.csv", 1, 1)


def test_progress_counts_octets_and_rows(tmp_path):
    path = write_smi(tmp_path / "smi.csv", HUB, ESME, {**GSME, "region": "North"})
    steps = list(inventory.import_smi(path=path, actor=ACTOR, at=AT))
    assert [(step.good, step.rejected) for step in steps] == [(2, 1), (2, 1)]
    assert steps[-1].octets_read == steps[-1].octets_total == path.stat().st_size


def test_leaving_half_way_keeps_nothing(tmp_path):
    steps = inventory.import_smi(path=write_smi(tmp_path / "smi.csv", HUB), actor=ACTOR, at=AT)
    next(steps)
    steps.close()
    assert not CommunicationsHub.objects.exists()
    assert not connection.in_atomic_block


def damaged(folder: Path, name: str) -> Path:
    path = folder / name
    whole = write_smi(folder / "whole.csv", HUB, ESME, GSME).read_bytes()
    path.write_bytes(
        {
            "empty.csv": b"",
            "cut.csv.gz": gzip.compress(whole * 50)[:-20],
            "torn.parquet": b"PAR1" + whole,
            "headless.csv": whole.partition(b"\n")[2],
        }[name]
    )
    return path


@pytest.mark.parametrize("name", ["empty.csv", "cut.csv.gz", "torn.parquet", "headless.csv"])
def test_a_damaged_file_is_refused_whole(tmp_path, name):
    with pytest.raises((Unreadable, Invalid)) as refusal:
        run(damaged(tmp_path, name))
    assert name in str(refusal.value)
    assert "\n" not in str(refusal.value)
    assert not CommunicationsHub.objects.exists()
    assert not SmiLoad.objects.exists()
    assert not list(tmp_path.glob("*.rejects.csv"))


def test_a_folder_and_a_missing_file_are_refused_in_a_sentence(tmp_path):
    with pytest.raises(Invalid, match="is a folder"):
        run(tmp_path)
    with pytest.raises(NotFound, match=r"no file absent\.csv"):
        run(tmp_path / "absent.csv")


def test_a_file_without_permission_is_refused_in_a_sentence(tmp_path):
    path = write_smi(tmp_path / "smi.csv", HUB)
    path.chmod(0)
    tmp_path.chmod(0o755)
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    try:
        with pytest.raises(Unreadable, match=r"smi\.csv cannot be read"):
            run(path, rejects_path=Path("/absent/rejects.csv"))
    finally:
        os.seteuid(user)


def test_rejects_never_take_the_place_of_another_file(tmp_path):
    path = write_smi(tmp_path / "smi.csv", {**HUB, "status": "Lost"})
    other = write_smi(tmp_path / "other.csv", HUB)
    (tmp_path / "link.csv").symlink_to(path)
    for taken in (path, tmp_path / "link.csv", other, tmp_path):
        with pytest.raises(inventory.WouldOverwrite):
            run(path, rejects_path=taken)
    assert other.read_text().count("\n") == 2


def test_rejects_take_the_place_of_earlier_rejects(tmp_path):
    load(tmp_path, {**HUB, "status": "Lost"})
    load(tmp_path, HUB, {**ESME, "mpxn": "12"})
    assert rejects_of(tmp_path) == [("3", "mpxn")]


def test_rejects_that_cannot_be_written_undo_the_import(tmp_path):
    path = write_smi(tmp_path / "smi.csv", HUB, {**ESME, "mpxn": "12"})
    with pytest.raises(inventory.NotWritten, match=r"Nothing was changed"):
        run(path, rejects_path=tmp_path / "absent" / "rejects.csv")
    assert not CommunicationsHub.objects.exists()


def test_a_full_disk_is_one_sentence(tmp_path):
    with pytest.raises(inventory.NotWritten, match="No space left"), inventory.writing(tmp_path / "x.csv"):
        raise OSError(errno.ENOSPC, "No space left on device")
    with pytest.raises(writes.DatabaseFull, match="nothing was imported"), writes.meeting_limits():
        raise OperationalError("full") from psycopg.errors.DiskFull("full")
    with pytest.raises(OperationalError), writes.meeting_limits():
        raise OperationalError("gone") from psycopg.OperationalError("gone")


def contents() -> list[tuple]:
    """The whole inventory in words, whatever its numbers."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT hub.device_id, gpf_device_id, lot, known.manufacturer, known.model, known.hardware_version, "
            "known.firmware_version, commissioned_on, region.code, payer.name, gas.name, smi_status "
            "FROM communications_hub AS hub JOIN device_model AS known USING (device_model_id) "
            "JOIN csp_region AS region USING (region_id) LEFT JOIN party AS payer ON payer.party_id = import_party_id "
            "LEFT JOIN party AS gas ON gas.party_id = gas_party_id ORDER BY 1"
        )
        hubs = cursor.fetchall()
        cursor.execute(
            "SELECT hub_device_id, device_id, device_type, manufacturer, model, hardware_version, firmware_version, "
            "commissioned_on, party.name, network.name, smi_status, mpxn FROM device "
            "JOIN device_model USING (device_model_id, device_type) LEFT JOIN party USING (party_id) "
            "LEFT JOIN party network ON network.party_id = network_party_id ORDER BY 1, 2"
        )
        return [*hubs, *cursor.fetchall()]


@pytest.mark.parametrize("name", ["out.csv", "out.csv.gz", "out.parquet"])
def test_an_export_imported_elsewhere_is_the_same_inventory(tmp_path, name):
    load(tmp_path, HUB, ESME, GSME, CAD, OTHER_HUB)
    before = contents()
    steps = list(inventory.export_smi(path=tmp_path / name))
    assert (steps[-1].written, steps[-1].total) == (5, 5)
    for model in (Device, CommunicationsHub, PortfolioCount):
        model.objects.all().delete()
    assert run(tmp_path / name).new == 5
    assert contents() == before
    assert is_portfolio_exact()


def test_a_generated_estate_survives_the_round_trip(database, tmp_path):
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE party CASCADE")
    list(estates.generate(hubs=300, seed=4, at=AT))
    before = contents()
    list(inventory.export_smi(path=tmp_path / "smi.parquet"))
    assert run(tmp_path / "smi.parquet").unchanged == len(before)
    Device.objects.all().delete()
    CommunicationsHub.objects.all().delete()
    assert run(tmp_path / "smi.parquet").new == len(before)
    assert contents() == before
    assert is_portfolio_exact()


def test_an_export_needs_a_known_ending_and_a_place(tmp_path):
    with pytest.raises(Invalid, match=r"\.csv, \.csv\.gz or \.parquet"):
        list(inventory.export_smi(path=tmp_path / "smi.txt"))
    with pytest.raises(inventory.NotWritten):
        list(inventory.export_smi(path=tmp_path / "absent" / "smi.csv"))


def test_the_status_counts_by_region_type_and_status(tmp_path):
    load(tmp_path, HUB, ESME, GSME, CAD, OTHER_HUB)
    holdings = inventory.describe()
    assert sorted((one.region, one.hub_count) for one in holdings.hubs) == [("4G South", 1), ("North", 1)]
    assert [(one.device_type, one.smi_status, one.device_count) for one in holdings.devices] == [
        ("CAD", "PENDING", 1),
        ("ESME", "COMMISSIONED", 1),
        ("GSME", "COMMISSIONED", 1),
    ]
    assert [load.source for load in holdings.loads] == ["imported smi.csv"]


def test_an_import_that_says_suspended_keeps_what_the_suspension_restores(tmp_path):
    load(tmp_path, HUB, ESME)
    import_rows = [{**HUB, "status": "Suspended"}, {**ESME, "status": "Suspended"}]
    load(tmp_path, *import_rows)
    remembered = [
        kind.objects.get(device_id=row["device_id"]).status_before
        for kind, row in ((CommunicationsHub, HUB), (Device, ESME))
    ]
    assert remembered == ["COMMISSIONED", "COMMISSIONED"]
    load(tmp_path, {**import_rows[0], "region": "North"}, {**import_rows[1], "mpxn": "1286197304371"})
    assert Device.objects.get(device_id=ESME["device_id"]).status_before == "COMMISSIONED"
    load(tmp_path, HUB, ESME)
    hub, esme = CommunicationsHub.objects.get(), Device.objects.get(device_id=ESME["device_id"])
    assert (
        (hub.status_before, hub.smi_status) == (esme.status_before, esme.smi_status) == (None, "COMMISSIONED")
    )
