"""Registration data by file: good rows kept, bad ones explained, nothing half-written, and shown before it is taken."""

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from safelaunch.domain.people import Actor
from safelaunch.domain.registrations import SINCE_EVER
from safelaunch.services import handovers, inventory, parties, registrations
from safelaunch.services.inventory import WouldOverwrite
from safelaunch.store.models import CommunicationsHub, Device, RecordEntry, Registration
from safelaunch.store.models import Party as PartyRow
from tests import estate_factory as factory
from tests.services.estate_files import CAD, ESME, GSME, HUB, write_parties, write_smi

AT = datetime(2026, 11, 2, 10, tzinfo=UTC)
DAY = timedelta(days=1)
ACTOR = Actor(name="Ada")
MPAN, MPRN = ESME["mpxn"], GSME["mpxn"]


@pytest.fixture(autouse=True)
def home(database, tmp_path):
    """A home of Alder's electricity and Birch's gas."""
    parties.import_parties(path=write_parties(tmp_path), actor=ACTOR, at=AT)
    load(tmp_path, HUB, ESME, GSME, CAD)
    factory.forget_jobs()


def load(folder: Path, *rows: dict[str, str], at: datetime = AT) -> None:
    for _ in inventory.import_smi(path=write_smi(folder / "smi.csv", *rows), actor=ACTOR, at=at):
        pass


def state(folder: Path, *rows: str, at: datetime = AT, **options) -> registrations.Taken:
    path = folder / "registrations.csv"
    path.write_text("mpxn,role,party,starts_at\n" + "\n".join(rows), encoding="utf-8")
    return registrations.import_registrations(path=path, actor=ACTOR, at=at, **options)


def party_id(name: str) -> int:
    return PartyRow.objects.get(name=name).party_id


def pair() -> tuple[int | None, int | None]:
    hub = CommunicationsHub.objects.get()
    return hub.import_party_id, hub.gas_party_id


def known() -> list[tuple[str, datetime, int | None]]:
    rows = Registration.objects.order_by("mpxn", "role", "starts_at")
    return [(row.mpxn, row.starts_at, row.party_id) for row in rows]


def test_nothing_is_kept_of_what_never_changed():
    assert known() == []
    (only,) = registrations.show(mpxn=MPAN)
    assert (only.party, only.starts_at, only.ends_at) == ("Alder Energy", SINCE_EVER, None)
    with pytest.raises(registrations.NoSuchSupplyPoint):
        registrations.show(mpxn="999")


def test_a_file_is_previewed_kept_and_carried_out_when_its_time_has_come(tmp_path):
    rows = f"{MPAN},IS,Birch Power,2026-11-09", f"{MPRN},GS,90-B3-D5-1F-30-01-00-00,2026-11-20T12:00:00Z"
    would = state(tmp_path, *rows, is_preview=True)
    assert known() == []
    assert RecordEntry.objects.filter(act="IMPORT_REGISTRATIONS").count() == 0
    taken = state(tmp_path, *rows)
    assert would == taken
    assert (taken.new, taken.restated, taken.unchanged, taken.rejected, taken.due_now) == (2, 0, 0, 0, 0)
    assert [(one.role, one.losing, one.gaining, one.supply_points) for one in taken.transfers] == [
        ("IS", "Alder Energy", "Birch Power", 1),
        ("GS", "Birch Power", "Alder Energy", 1),
    ]
    assert taken.touched.hubs == 1
    alder, birch = party_id("Alder Energy"), party_id("Birch Power")
    assert known()[:2] == [(MPAN, SINCE_EVER, alder), (MPAN, datetime(2026, 11, 9, tzinfo=UTC), birch)]
    (woken,) = factory.waiting_jobs("WAKE")
    assert woken["its_key"] == handovers.KEY
    assert handovers.take_effect(at=AT + 6 * DAY) == 0
    assert pair() == (alder, birch)
    assert handovers.take_effect(at=AT + 7 * DAY) == 1
    assert pair() == (birch, birch)
    assert handovers.take_effect(at=AT + 30 * DAY) == 1
    assert pair() == (birch, alder)
    assert [one.took_effect_at for one in registrations.show(mpxn=MPAN)][1] == AT + 7 * DAY
    assert factory.portfolio() == factory.recount_portfolio()


def test_bad_rows_are_explained_by_line_and_column_and_good_ones_kept(tmp_path):
    taken = state(
        tmp_path,
        f"{MPAN},IS,Birch Power,2026-11-09",
        f"{MPAN},IS,Alder Energy,2026-11-09",
        f"{MPRN},GS,Nobody Ltd,2026-11-09",
        f"{MPRN},GS,Northern Wires,2026-11-09",
        f"{MPRN},GS,90-B3-D5-1F-30-02-00-00,2026-11-09",
        "1212121212121,IS,Birch Power,2026-11-09",
        f"{MPRN},GS,Alder Energy,tomorrow",
    )
    assert (taken.new, taken.rejected) == (1, 6)
    with taken.rejects_path.open(encoding="utf-8") as file:
        rejects = [(row["line"], row["column"], row["reason"]) for row in csv.DictReader(file)]
    assert [(line, column) for line, column, _ in rejects] == [
        ("3", "starts_at"), ("4", "party"), ("5", "party"), ("6", "party"), ("7", "mpxn"), ("8", "starts_at"),
    ]  # fmt: skip
    assert rejects[0][2] == "Line 2 says already who is responsible from this instant."
    assert rejects[4][2] == "No ESME in the inventory has this supply point."
    assert Registration.objects.count() == 2
    with pytest.raises(WouldOverwrite):
        state(tmp_path, rejects_path=tmp_path / "smi.csv")


def test_what_is_to_come_may_be_stated_anew_and_called_off_and_what_has_come_may_not(tmp_path):
    state(tmp_path, f"{MPAN},IS,Birch Power,2026-11-09", f"{MPAN},IS,,2026-12-01")
    again = state(tmp_path, f"{MPAN},IS,Birch Power,2026-11-09", f"{MPAN},IS,Alder Energy,2026-12-01")
    assert (again.new, again.restated, again.unchanged) == (0, 1, 1)
    called_off = state(tmp_path, f"{MPAN},IS,Alder Energy,2026-11-09")
    assert called_off.restated == 1
    assert handovers.take_effect(at=AT + 90 * DAY) == 1
    assert handovers.take_effect(at=AT + 90 * DAY) == 1
    assert handovers.take_effect(at=AT + 90 * DAY) == 0
    assert pair()[0] == party_id("Alder Energy")
    late = state(tmp_path, f"{MPAN},IS,Birch Power,2026-11-10", at=AT + 91 * DAY)
    assert (late.new, late.rejected) == (0, 1)


def test_a_registration_whose_time_has_passed_is_carried_out_at_once(tmp_path):
    taken = state(tmp_path, f"{MPAN},IS,,2026-10-01")
    assert taken.due_now == 1
    assert len(factory.waiting_jobs("TAKE_REGISTRATIONS")) == 1
    handovers.take_effect(at=AT)
    assert pair() == (None, party_id("Birch Power"))
    assert Device.objects.get(device_id=ESME["device_id"]).party_id is None
    assert factory.portfolio() == factory.recount_portfolio()


def test_an_import_of_the_inventory_changes_hands_as_registration_data_does(tmp_path):
    load(tmp_path, {**ESME, "responsible_party": "Birch Power"}, GSME, at=AT + DAY)
    alder, birch = party_id("Alder Energy"), party_id("Birch Power")
    assert known() == [(MPAN, SINCE_EVER, alder), (MPAN, AT + DAY, birch)]
    assert pair() == (birch, birch)
    assert len(factory.waiting_jobs("TAKE_REGISTRATIONS")) == 1
    assert handovers.take_effect(at=AT + DAY) == 1
    assert pair() == (birch, birch)
    assert RecordEntry.objects.get(act="HAND_OVER").detail["supply_points"] == 1
