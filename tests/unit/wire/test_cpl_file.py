"""CPL and Party files: every value has its meaning, and every bad row its reason."""

import hashlib
from datetime import date
from pathlib import Path

import pytest

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.refusals import Invalid, NotFound, Unreadable
from safelaunch.domain.smi import CplStatus, DeviceType, PartyKind, UserRole
from safelaunch.wire import cpl_file, parties_file
from safelaunch.wire.table_file import FaultyTable

HEADER = (
    "device_type,manufacturer,model,hardware_version,firmware_version,smets_chts_version,gbcs_version,image_hash,"
    "predecessors,status,added_on"
)
ENTRY = {
    "device_type": "CHF",
    "manufacturer": "10B2",
    "model": "43310001",
    "hardware_version": "0001",
    "firmware_version": "00030011",
    "smets_chts_version": "CHTS V1.4",
    "gbcs_version": "4.2",
    "image_hash": hashlib.sha256(b"image").hexdigest().upper(),
    "predecessors": "00020104 00020105 00020104",
    "status": "Active",
    "added_on": "2026-11-02",
}


def write(folder: Path, *rows: dict[str, str], header: str = HEADER) -> Path:
    path = folder / "cpl.csv"
    path.write_text(
        "\n".join([header, *(",".join(row.values()) for row in rows)]) + "\n", encoding="utf-8-sig"
    )
    return path


def faults_of(path: Path) -> list[tuple[int, str]]:
    with pytest.raises(FaultyTable) as refusal:
        cpl_file.read(path)
    return [(fault.line, fault.column) for fault in refusal.value.faults]


def test_an_entry_is_read_in_the_words_of_the_house(tmp_path):
    [row] = cpl_file.read(write(tmp_path, ENTRY))
    assert (row.device_type, row.status, row.added_on) == (
        DeviceType.CHF,
        CplStatus.ACTIVE,
        date(2026, 11, 2),
    )
    assert row.predecessors == ("00020104", "00020105")
    assert row.image_hash == hashlib.sha256(b"image").hexdigest()
    assert row.line == 2


def test_what_may_be_empty_may_be_empty(tmp_path):
    [row] = cpl_file.read(
        write(tmp_path, {**ENTRY, "hardware_version": "", "image_hash": "", "predecessors": ""})
    )
    assert (row.hardware_version, row.image_hash, row.predecessors) == ("", "", ())


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("device_type", "IHD"),
        ("device_type", "CAD"),
        ("device_type", "GPF"),
        ("manufacturer", ""),
        ("model", "M" * 31),
        ("hardware_version", "H" * 31),
        ("firmware_version", "123456789"),
        ("smets_chts_version", ""),
        ("gbcs_version", "4" * 21),
        ("image_hash", "ab" * 31),
        ("image_hash", "xy" * 32),
        ("predecessors", "00020104 too-long-a-version"),
        ("predecessors", "00030011"),
        ("status", "Removed"),
        ("added_on", "02/11/2026"),
    ],
)
def test_a_bad_value_is_named_with_its_line_and_column(tmp_path, column, value):
    assert faults_of(write(tmp_path, ENTRY | {"model": "other"}, {**ENTRY, column: value})) == [(3, column)]


def test_every_bad_row_is_named_at_once_and_in_order(tmp_path):
    bad = {**ENTRY, "status": "Gone"}
    assert faults_of(write(tmp_path, ENTRY, bad, ENTRY, {"device_type": "CHF"})) == [
        (3, "status"),
        (4, "firmware_version"),
        (5, ""),
    ]


def test_other_columns_are_refused(tmp_path):
    with pytest.raises(Invalid, match="they must be device_type"):
        cpl_file.read(write(tmp_path, ENTRY, header=HEADER.replace("status", "state")))


def test_files_that_are_no_tables_are_refused(tmp_path):
    with pytest.raises(NotFound):
        cpl_file.read(tmp_path / "absent.csv")
    with pytest.raises(Invalid, match="is a folder"):
        cpl_file.read(tmp_path)
    for octets, said in ((b"", "is empty"), (b"\xff\xfe\x00", "neither text in UTF-8")):
        (tmp_path / "odd.csv").write_bytes(octets)
        with pytest.raises(Unreadable, match=said):
            cpl_file.read(tmp_path / "odd.csv")
    (tmp_path / "odd.csv").write_text(f'{HEADER}\n"CHF\n')
    with pytest.raises(Unreadable, match="quotation marks"):
        cpl_file.read(tmp_path / "odd.csv")


PARTY_HEADER = "name,kind,user_id,role,duis_version\n"
USER = "90-B3-D5-1F-30-01-00-00"


def parties(folder: Path, *lines: str) -> list[parties_file.PartyRow]:
    path = folder / "parties.csv"
    path.write_text(PARTY_HEADER + "\n".join(lines) + "\n")
    return parties_file.read(path)


def test_a_party_may_have_several_roles_or_no_user_id(tmp_path):
    first, second, third = parties(
        tmp_path, f"Alder,supplier,{USER},IS,", f"Alder,SUPPLIER,{USER},GS,5.2", "Quiet,OTHER,,,"
    )
    assert (first.kind, first.user_id, first.role) == (PartyKind.SUPPLIER, Eui64.parse(USER), UserRole.IS)
    assert (first.duis_version, second.duis_version) == ("5.4", "5.2")
    assert (third.user_id, third.role) == (None, None)


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("Alder,OTHER,,,", "kind"),
        (f"Birch,SUPPLIER,{USER},GS,", "user_id"),
        (f"Alder,SUPPLIER,{USER},IS,", "role"),
        (f"Alder,SUPPLIER,{USER},,", "role"),
        ("Alder,SUPPLIER,,IS,", "role"),
        ("Alder,SUPPLIER,90-B3,IS,", "user_id"),
        (",SUPPLIER,,,", "name"),
        (f"Alder,SUPPLIER,{USER},XX,", "role"),
    ],
)
def test_a_bad_party_is_named_with_its_line_and_column(tmp_path, line, column):
    with pytest.raises(FaultyTable) as refusal:
        parties(tmp_path, f"Alder,SUPPLIER,{USER},IS,", line)
    assert [(fault.line, fault.column) for fault in refusal.value.faults] == [(3, column)]
