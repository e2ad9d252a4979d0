"""The CPL: a file is taken whole or not at all, a removal stays visible, and both are recorded. Parties likewise."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import DatabaseError

from safelaunch.domain.calendar import london_date
from safelaunch.domain.people import Actor
from safelaunch.domain.smi import DeviceType
from safelaunch.services import cpl, cpl_changes, parties
from safelaunch.services.cpl_changes import CplImported
from safelaunch.store.models import CplEntry, CplEntryChange, DeviceModel, Party, PartyUser, RecordEntry
from safelaunch.store.reads.cpl import list_cpl_history
from safelaunch.wire.table_file import FaultyTable
from tests.services.estate_files import PARTIES, write_parties
from tests.unit.wire.test_cpl_file import ENTRY, write

AT = datetime(2026, 11, 2, 10, tzinfo=UTC)
LATER = datetime(2026, 11, 9, 10, tzinfo=UTC)
ACTOR = Actor(name="Ada")
NAME = cpl.ModelName(
    device_type=DeviceType.CHF, manufacturer="10B2", model="43310001", firmware_version="00030011"
)
SECOND = {**ENTRY, "hardware_version": "0002", "image_hash": "", "predecessors": ""}

pytestmark = pytest.mark.usefixtures("database")


def load(folder: Path, *rows: dict[str, str], at: datetime = AT) -> CplImported:
    return cpl_changes.import_at_once(cpl.read_file(write(folder, *rows)), actor=ACTOR, at=at)


def test_entries_are_kept_with_everything_their_rows_say(tmp_path):
    assert load(tmp_path, ENTRY, SECOND) == CplImported(new=2, changed=0, unchanged=0)
    first, second = cpl.list_entries()
    assert first.predecessors == ["00020104", "00020105"]
    assert first.image_hash == ENTRY["image_hash"].lower()
    assert (second.image_hash, second.predecessors, second.removed_at) == ("", [], None)
    assert london_date(first.added_at).isoformat() == ENTRY["added_on"]
    assert RecordEntry.objects.get(act="IMPORT_CPL").detail["new"] == 2


def test_a_second_import_writes_only_what_differs(tmp_path):
    load(tmp_path, ENTRY, SECOND)
    again = load(tmp_path, ENTRY, {**SECOND, "predecessors": "00020104"})
    assert again == CplImported(new=0, changed=1, unchanged=1)
    assert DeviceModel.objects.count() == 2


def test_the_moment_of_an_entry_outlives_an_import_of_the_same_day(tmp_path):
    load(tmp_path, ENTRY)
    CplEntry.objects.update(added_at=AT)
    assert load(tmp_path, {**ENTRY, "gbcs_version": "4.3"}).changed == 1
    assert CplEntry.objects.get().added_at == AT
    assert load(tmp_path, {**ENTRY, "gbcs_version": "4.3", "added_on": "2026-11-03"}).changed == 1
    assert london_date(CplEntry.objects.get().added_at).isoformat() == "2026-11-03"


def test_one_bad_row_keeps_all_out(tmp_path):
    with pytest.raises(FaultyTable, match="1 bad row, so nothing was changed"):
        load(tmp_path, ENTRY, {**SECOND, "status": "Gone"})
    assert not CplEntry.objects.exists()
    assert not DeviceModel.objects.exists()
    assert not RecordEntry.objects.exists()


def test_a_removed_entry_stays_withdrawn_and_can_be_entered_anew(tmp_path):
    load(tmp_path, ENTRY)
    cpl_changes.import_at_once(cpl.removal_of(NAME), actor=ACTOR, at=LATER)
    [entry] = cpl.list_entries()
    assert (entry.status, entry.removed_at) == ("WITHDRAWN", LATER)
    with pytest.raises(cpl.AlreadyRemoved):
        cpl.removal_of(NAME)
    load(tmp_path, ENTRY, at=LATER)
    [entry] = cpl.list_entries()
    assert (entry.status, entry.removed_at) == ("ACTIVE", None)


def test_everything_that_happens_to_an_entry_is_kept(tmp_path):
    load(tmp_path, ENTRY)
    load(tmp_path, {**ENTRY, "gbcs_version": "4.3"}, at=LATER)
    load(tmp_path, {**ENTRY, "gbcs_version": "4.3"}, at=LATER)
    load(tmp_path, {**ENTRY, "gbcs_version": "4.3", "status": "Expired"}, at=LATER)
    load(tmp_path, {**ENTRY, "gbcs_version": "4.3"}, at=LATER)
    told = [(one.act, one.status_before, one.status_after, one.actor) for one in list_cpl_history()]
    assert told[::-1] == [
        ("ADD", None, "ACTIVE", "Ada"),
        ("CHANGE", "ACTIVE", "ACTIVE", "Ada"),
        ("REMOVE", "ACTIVE", "EXPIRED", "Ada"),
        ("REINSTATE", "EXPIRED", "ACTIVE", "Ada"),
    ]
    first = CplEntryChange.objects.order_by("cpl_entry_change_id").first()
    assert (first.detail["gbcs_version"], first.detail["predecessors"]) == ("4.2", ["00020104", "00020105"])
    with pytest.raises(DatabaseError, match="never changed or removed"):
        CplEntryChange.objects.all().delete()
    assert list_cpl_history(device_type=DeviceType.ESME) == []


def test_a_removal_needs_one_entry_and_says_what_there_is(tmp_path):
    load(tmp_path, ENTRY, SECOND)
    with pytest.raises(cpl.SeveralEntries, match="'0001', '0002'"):
        cpl.removal_of(NAME)
    other = cpl.ModelName(
        device_type=DeviceType.CHF, manufacturer="10B2", model="43310001", firmware_version="00030099"
    )
    with pytest.raises(cpl.NoSuchEntry, match="it lists 00030011"):
        cpl.removal_of(other)


def test_the_list_can_be_of_one_type(tmp_path):
    load(tmp_path, ENTRY, {**ENTRY, "device_type": "ESME"})
    assert [one.device_type for one in cpl.list_entries(wanted=cpl.Wanted(device_type=DeviceType.ESME))] == [
        "ESME"
    ]
    assert len(cpl.list_entries()) == 2


def test_parties_are_known_once(tmp_path):
    first = parties.import_parties(path=write_parties(tmp_path), actor=ACTOR, at=AT)
    again = parties.import_parties(path=write_parties(tmp_path), actor=ACTOR, at=AT)
    assert first == parties.PartiesImported(new_parties=4, new_users=4, known_users=0)
    assert again == parties.PartiesImported(new_parties=0, new_users=0, known_users=4)
    assert (Party.objects.count(), PartyUser.objects.count()) == (4, 4)


def test_a_known_party_keeps_its_kind_and_its_user_ids(tmp_path):
    parties.import_parties(path=write_parties(tmp_path), actor=ACTOR, at=AT)
    header, *_ = PARTIES.splitlines()
    path = tmp_path / "clash.csv"
    path.write_text(f"{header}\nQuiet Holdings,SUPPLIER,,,\nNew,SUPPLIER,90-B3-D5-1F-30-02-00-00,GS,\n")
    with pytest.raises(FaultyTable) as refusal:
        parties.import_parties(path=path, actor=ACTOR, at=AT)
    assert [(fault.line, fault.column) for fault in refusal.value.faults] == [(2, "kind"), (3, "user_id")]
    assert not Party.objects.filter(name="New").exists()
