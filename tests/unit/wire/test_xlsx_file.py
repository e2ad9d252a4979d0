"""A products list kept in a spreadsheet is read as its CSV is, and never guessed at."""

import struct
import zipfile
from datetime import date

import pytest

from safelaunch.domain.refusals import Invalid, Unreadable
from safelaunch.wire import cpl_file, xlsx_file
from safelaunch.wire.table_file import FaultyTable
from tests.unit.wire.test_cpl_file import ENTRY, HEADER, write
from tests.workbook import write_workbook

COLUMNS = HEADER.split(",")


def of(folder, *entries, name="cpl.xlsx"):
    rows = [[entry[column] for column in COLUMNS] for entry in entries]
    return write_workbook(folder / name, [COLUMNS, *rows])


def test_a_workbook_says_what_its_csv_says(tmp_path):
    second = {**ENTRY, "hardware_version": "", "image_hash": "", "predecessors": ""}
    assert cpl_file.read(of(tmp_path, ENTRY, second)) == cpl_file.read(write(tmp_path, ENTRY, second))


def test_what_a_file_is_its_octets_say_and_not_its_name(tmp_path):
    assert cpl_file.read(of(tmp_path, ENTRY, name="cpl.csv"))[0].firmware_version == "00030011"


def test_a_date_cell_is_a_date(tmp_path):
    [row] = cpl_file.read(of(tmp_path, {**ENTRY, "added_on": date(2026, 11, 2)}))
    assert row.added_on == date(2026, 11, 2)


def test_a_number_is_refused_because_its_zeros_are_lost(tmp_path):
    with pytest.raises(FaultyTable) as refusal:
        cpl_file.read(of(tmp_path, ENTRY, {**ENTRY, "firmware_version": 30011}))
    [fault] = refusal.value.faults
    assert (fault.line, fault.column, fault.value) == (3, "firmware_version", "30011")
    assert "format the column as text" in fault.reason


def test_empty_rows_and_columns_are_passed_over_and_still_counted(tmp_path):
    wide = [ENTRY[column] for column in COLUMNS]
    bad = [*wide[:9], "Gone", wide[10]]
    path = write_workbook(
        tmp_path / "a.xlsx", [[*COLUMNS, None, None], [None], wide, [None, None], [*bad, None]]
    )
    with pytest.raises(FaultyTable) as refusal:
        cpl_file.read(path)
    assert [(fault.line, fault.column) for fault in refusal.value.faults] == [(5, "status")]


def test_a_cell_beside_the_table_is_a_fault(tmp_path):
    path = write_workbook(tmp_path / "a.xlsx", [COLUMNS, [*(ENTRY[column] for column in COLUMNS), "note"]])
    with pytest.raises(FaultyTable) as refusal:
        cpl_file.read(path)
    assert refusal.value.faults[0].reason == "The row has 12 columns; the header has 11."


def test_a_workbook_of_other_columns_is_refused(tmp_path):
    with pytest.raises(Invalid, match="has the columns a, b"):
        cpl_file.read(write_workbook(tmp_path / "a.xlsx", [["a", "b"], ["1", "2"]]))


def test_a_damaged_workbook_is_refused_in_words(tmp_path):
    whole = of(tmp_path, ENTRY).read_bytes()
    for octets in (whole[:200], b"PK\x03\x04 and nothing more"):
        with pytest.raises(Unreadable, match="damaged workbook"):
            xlsx_file.read_rows(octets, name="cpl.xlsx")
    path = tmp_path / "other.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("hello.txt", "hello")
    with pytest.raises(Unreadable, match="no workbook that can be read"):
        xlsx_file.read_rows(path.read_bytes(), name="other.zip")


def test_an_archive_that_unpacks_to_too_much_is_not_unpacked(tmp_path):
    octets = bytearray(of(tmp_path, ENTRY).read_bytes())
    # The sizes that the archive's directory claims, at their place in its first entry.
    place = octets.index(b"PK\x01\x02")
    octets[place + 24 : place + 28] = struct.pack("<I", 1 << 30)
    with pytest.raises(Invalid, match="unpacks to more than 128 MiB"):
        xlsx_file.read_rows(bytes(octets), name="cpl.xlsx")


def test_entities_are_not_expanded(tmp_path):
    path = tmp_path / "a.xlsx"
    of(tmp_path, ENTRY, name="a.xlsx")
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"].decode()
    head, body = sheet.split("?>", 1)
    evil = f'{head}?><!DOCTYPE worksheet [<!ENTITY e SYSTEM "file:///etc/hostname">]>{body}'
    parts["xl/worksheets/sheet1.xml"] = evil.replace("00030011", "&e;").encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    with pytest.raises((Unreadable, FaultyTable)):
        cpl_file.read(path)
