"""Inventory files: every bad row is explained, damaged files are refused, and files appear whole."""

import gzip
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from safelaunch.domain.refusals import Invalid, NotFound, Unreadable
from safelaunch.domain.smi import DeviceType, Region, SmiStatus
from safelaunch.wire.smi_file import COLUMNS, Reject, SmiRow, read, write_csv, write_parquet, write_rejects

HUB = {
    "device_id": "00-DB-12-34-56-78-90-A2",
    "device_type": "CHF",
    "status": "Commissioned",
    "manufacturer": "10B2",
    "model": "43310001",
    "hardware_version": "0001",
    "firmware_version": "00020104",
    "hub_device_id": "",
    "gpf_device_id": "00-DB-12-34-56-78-90-A3",
    "region": "4G South",
    "mpxn": "",
    "responsible_party": "Alder Energy",
    "network_party": "",
    "commissioned_on": "2021-03-15",
}
METER = {
    **HUB,
    "device_id": "f0-db-12-34-56-78-90-a0",
    "device_type": "ESME",
    "hub_device_id": HUB["device_id"],
    "gpf_device_id": "",
    "region": "",
    "mpxn": "1286197304370",
}
HEADER = ",".join(COLUMNS)


def line_of(row: dict[str, str]) -> str:
    return ",".join(row[name] for name in COLUMNS)


def csv_file(folder: Path, *lines: str | bytes, header: str = HEADER) -> Path:
    path = folder / "smi.csv"
    octets = [line if isinstance(line, bytes) else line.encode() for line in (header, *lines)]
    path.write_bytes(b"\n".join(octets) + b"\n")
    return path


def parquet_file(folder: Path, *rows: dict[str, object]) -> Path:
    path = folder / "smi.parquet"
    pq.write_table(pa.table({name: [row[name] for row in rows] for name in rows[0]}), path)
    return path


def rows_of(path: Path) -> list[SmiRow]:
    return [row for batch in read(path) for row in batch.rows]


def rejects_of(path: Path) -> list[Reject]:
    return [reject for batch in read(path) for reject in batch.rejects]


def test_a_row_is_read_in_the_words_of_the_house(tmp_path: Path) -> None:
    hub, meter = rows_of(csv_file(tmp_path, line_of(HUB), line_of(METER)))
    assert (hub.line, meter.line) == (2, 3)
    assert (hub.device_type, hub.status, hub.region) == (
        DeviceType.CHF,
        SmiStatus.COMMISSIONED,
        Region.SOUTH_4G,
    )
    assert (hub.hub_device_id, hub.mpxn, hub.network_party) == (None, None, None)
    assert hub.commissioned_on == date(2021, 3, 15)
    assert meter.device_id == "F0-DB-12-34-56-78-90-A0"
    assert meter.hub_device_id == hub.device_id
    assert meter.mpxn == "1286197304370"


def test_stored_codes_are_read_as_well_as_the_words_of_the_field(tmp_path: Path) -> None:
    coded = HUB | {"status": "INSTALLED_NOT_COMMISSIONED", "region": "NORTH"}
    worded = HUB | {"status": "InstalledNotCommissioned", "region": "North"}
    first, second = rows_of(csv_file(tmp_path, line_of(coded), line_of(worded)))
    assert first.status is second.status is SmiStatus.INSTALLED_NOT_COMMISSIONED
    assert first.region is second.region is Region.NORTH


@pytest.mark.parametrize(
    ("base", "column", "value", "words"),
    [
        (HUB, "device_id", "", "not a Device ID"),
        (HUB, "device_id", "00-DB-12-34-56-78", "not a Device ID"),
        (HUB, "device_id", "00:DB:12:34:56:78:90:A2", "not a Device ID"),
        (HUB, "device_id", "0G-DB-12-34-56-78-90-A2", "not a Device ID"),
        (HUB, "device_id", "é0-DB-12-34-56-78-90-A", "not a Device ID"),
        (HUB, "device_type", "SAPC", "no such Device type"),
        (HUB, "device_type", "", "no such Device type"),
        (HUB, "status", "Asleep", "no such status"),
        (HUB, "status", "", "status is missing"),
        (HUB, "manufacturer", "", "value is missing"),
        (HUB, "manufacturer", "M" * 31, "31 characters; at most 30"),
        (HUB, "model", "M" * 31, "at most 30"),
        (HUB, "model", "a\tb", "control character"),
        (HUB, "hardware_version", "1" * 31, "at most 30"),
        (HUB, "firmware_version", "000201040", "not a firmware version"),
        (HUB, "firmware_version", "00 2", "not a firmware version"),
        (HUB, "firmware_version", "", "firmware version is missing"),
        (HUB, "hub_device_id", "00-DB-12-34-56-78-90-A2", "is a hub itself"),
        (METER, "hub_device_id", "", "hub is missing"),
        (METER, "hub_device_id", "00-DB", "not a Device ID"),
        (HUB, "gpf_device_id", "", "GPF is missing"),
        (HUB, "gpf_device_id", "00-DB", "not a Device ID"),
        (METER, "gpf_device_id", "00-DB-12-34-56-78-90-A3", "Only a CHF names its GPF"),
        (HUB, "region", "SMETS1", "no such region"),
        (HUB, "region", "", "region is missing"),
        (METER, "region", "North", "Only a CHF has a region"),
        (HUB, "mpxn", "1286197304370", "CHF has no MPAN"),
        (METER, "mpxn", "128619730437", "exactly 13 digits"),
        (METER, "mpxn", "12861973043٣0", "exactly 13 digits"),
        (METER | {"device_type": "GSME"}, "mpxn", "12345678901", "1 to 10 digits"),
        (METER | {"device_type": "GPF"}, "mpxn", "12a", "1 to 10 digits"),
        (METER | {"device_type": "PPMID"}, "mpxn", "12345678901234", "1 to 13 digits"),
        (HUB, "responsible_party", "P" * 101, "at most 100"),
        (HUB, "network_party", "P" * 101, "at most 100"),
        (HUB, "commissioned_on", "15/03/2021", "not a date"),
        (HUB, "commissioned_on", "20210315", "not a date"),
        (HUB, "commissioned_on", "2021-02-30", "not a date"),
    ],
)
@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_every_fault_is_explained(
    *, tmp_path: Path, form: str, base: dict[str, str], column: str, value: str, words: str
) -> None:
    good, bad = HUB | {"device_id": "00-DB-12-34-56-78-90-B2"}, base | {column: value}
    if form == "csv":
        path, line = csv_file(tmp_path, line_of(good), line_of(bad), line_of(good)), 3
    else:
        path, line = parquet_file(tmp_path, good, bad, good), 2
    (batch,) = read(path)
    (reject,) = batch.rejects
    assert (reject.line, reject.column, reject.value) == (
        line,
        column,
        value[:100] + "..." * (len(value) > 100),
    )
    assert words in reject.reason
    assert [row.line for row in batch.rows] == [line - 1, line + 1]


@pytest.mark.parametrize(
    ("line", "column", "words"),
    [
        ("a,b,c", "", "The row has 3 columns; the header has 14."),
        (line_of(HUB) + ",", "", "15 columns"),
        (line_of(HUB | {"model": '"4331'}), "", "quotation marks do not pair"),
        (line_of(HUB | {"model": '"43"31'}), "", "quotation marks do not pair"),
        (line_of(HUB).encode() + b"\xff", "commissioned_on", "not UTF-8"),
        (line_of(HUB | {"model": "~"}).encode().replace(b"~", b"\xc3"), "model", "not UTF-8"),
        (line_of(HUB | {"model": "M" * 70_000}), "", "longer than 4,096 octets"),
    ],
)
def test_a_line_that_is_wrong_as_a_whole_spoils_no_other(
    tmp_path: Path, line: str | bytes, column: str, words: str
) -> None:
    path = csv_file(tmp_path, line_of(HUB), line, line_of(METER))
    (batch,) = read(path)
    (reject,) = batch.rejects
    assert (reject.line, reject.column) == (3, column)
    assert words in reject.reason
    assert len(reject.value) <= 103
    assert [row.line for row in batch.rows] == [2, 4]


def test_each_bad_row_has_one_reject_in_the_order_of_the_file(tmp_path: Path) -> None:
    bad = line_of(HUB | {"device_id": "?", "status": "?", "region": "?"})
    path = csv_file(tmp_path, bad, "x", line_of(HUB), bad, b"\xff")
    assert [(reject.line, reject.column) for reject in rejects_of(path)] == [
        (2, "device_id"),
        (3, ""),
        (5, "device_id"),
        (6, "device_id"),
    ]


def test_blank_lines_windows_ends_and_a_byte_order_mark_are_harmless(tmp_path: Path) -> None:
    path = tmp_path / "smi.csv"
    path.write_bytes(b"\xef\xbb\xbf" + "\r\n".join([HEADER, line_of(HUB), "", line_of(METER)]).encode())
    assert [row.line for row in rows_of(path)] == [2, 4]
    assert rejects_of(path) == []


def test_columns_may_stand_in_any_order_and_values_in_quotation_marks(tmp_path: Path) -> None:
    names = sorted(COLUMNS)
    party = 'Smith, "Jones" & Co'
    values = HUB | {"responsible_party": party}
    quoted = ",".join('"' + values[name].replace('"', '""') + '"' for name in names)
    (row,) = rows_of(csv_file(tmp_path, quoted, header=",".join(names)))
    assert row.responsible_party == party
    assert row.device_id == HUB["device_id"]


def test_displays_without_a_status_or_firmware_are_taken(tmp_path: Path) -> None:
    display = METER | {
        "device_type": "IHD",
        "status": "",
        "firmware_version": "",
        "mpxn": "",
        "commissioned_on": "",
    }
    (row,) = rows_of(csv_file(tmp_path, line_of(display)))
    assert (row.status, row.firmware_version, row.commissioned_on) == (None, None, None)


@pytest.mark.parametrize(
    ("header", "words"),
    [
        (HEADER.replace(",region", ""), "misses column region"),
        (HEADER.replace("region,mpxn,", ""), "misses columns region, mpxn"),
        (HEADER + ",colour", "has the unknown column colour"),
        (HEADER + ",model", "has twice the column model"),
        (HEADER.replace("region", "area"), "misses column region and has the unknown column area"),
    ],
)
def test_other_columns_refuse_the_file_and_are_named(tmp_path: Path, header: str, words: str) -> None:
    with pytest.raises(Invalid, match=words):
        rows_of(csv_file(tmp_path, line_of(HUB), header=header))


def test_other_columns_refuse_a_parquet_file_too(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="misses column region"):
        rows_of(parquet_file(tmp_path, {name: value for name, value in HUB.items() if name != "region"}))
    with pytest.raises(Invalid, match="column model holds list"):
        rows_of(parquet_file(tmp_path, {**HUB, "model": ["4331"]}))


def test_parquet_text_that_is_not_utf8_is_explained(tmp_path: Path) -> None:
    good, bad = (HUB | {"model": octets} for octets in (b"4331", b"43\xff1"))
    path = parquet_file(tmp_path, good, bad, good)
    assert [row.line for row in rows_of(path)] == [1, 3]
    (reject,) = rejects_of(path)
    assert (reject.line, reject.column, reject.value) == (2, "model", "43\\xff1")


def test_parquet_dates_numbers_and_dictionaries_are_read_as_text(tmp_path: Path) -> None:
    path = parquet_file(tmp_path, {**METER, "mpxn": 1286197304370, "commissioned_on": date(2020, 2, 29)})
    table = pq.read_table(path)
    pq.write_table(table.set_column(3, "manufacturer", table.column(3).dictionary_encode()), path)
    (row,) = rows_of(path)
    assert (row.mpxn, row.commissioned_on, row.manufacturer) == ("1286197304370", date(2020, 2, 29), "10B2")


def test_a_missing_file_and_an_empty_file_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"no file none\.csv"):
        rows_of(tmp_path / "none.csv")
    (tmp_path / "empty.csv").touch()
    with pytest.raises(Unreadable, match=r"empty\.csv is empty"):
        rows_of(tmp_path / "empty.csv")


@pytest.mark.parametrize("octets", [b"\x89PNG\xff\xfe" * 50, b"one\rtwo\rthree\n"])
def test_what_is_no_table_is_not_read_as_csv(tmp_path: Path, octets: bytes) -> None:
    (tmp_path / "photo.csv").write_bytes(octets)
    with pytest.raises(Unreadable, match="neither Parquet, gzip nor CSV"):
        rows_of(tmp_path / "photo.csv")


def many(count: int) -> Iterator[SmiRow]:
    for at in range(count):
        yield SmiRow(
            line=at,
            device_id=f"F0-00-00-00-00-{at // 65536:02X}-{at // 256 % 256:02X}-{at % 256:02X}",
            device_type=DeviceType.GSME,
            status=SmiStatus.SUSPENDED,
            manufacturer="10B2",
            model="43310001",
            hardware_version="",
            firmware_version="00020104",
            hub_device_id=HUB["device_id"],
            gpf_device_id=None,
            region=None,
            mpxn=str(at + 1),
            responsible_party="=HYPERLINK(A1)",
            network_party="'quoted'",
            commissioned_on=None,
        )


@pytest.mark.parametrize("name", ["smi.csv.gz", "smi.parquet"])
def test_a_damaged_archive_is_unreadable_in_a_sentence(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    (write_parquet if name.endswith("parquet") else write_csv)(path, many(3_000))
    whole = path.read_bytes()
    for damaged in (whole[:-400], whole[: len(whole) // 2], whole[:1000] + bytes(200) + whole[1200:]):
        path.write_bytes(damaged)
        with pytest.raises(Unreadable, match="cannot be read any further"):
            rows_of(path)


@pytest.mark.parametrize("name", ["smi.csv", "smi.csv.gz", "smi.parquet"])
def test_long_files_are_read_in_batches_that_say_how_far_they_are(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    written = (write_parquet if name.endswith("parquet") else write_csv)(path, many(45_000))
    batches = list(read(path, batch_rows=10_000))
    assert written == sum(len(batch.rows) for batch in batches) == 45_000
    assert max(len(batch.rows) for batch in batches) <= 10_000
    read_so_far = [batch.octets_read for batch in batches]
    assert read_so_far == sorted(read_so_far)
    assert read_so_far[-1] == batches[-1].octets_total == path.stat().st_size


def test_spreadsheets_find_no_formula_and_reading_finds_the_value(tmp_path: Path) -> None:
    path = tmp_path / "smi.csv"
    write_csv(path, many(3))
    assert ",'=HYPERLINK(A1),'quoted'," in path.read_text()
    assert {(row.responsible_party, row.network_party) for row in rows_of(path)} == {
        ("=HYPERLINK(A1)", "'quoted'")
    }


def test_a_gzip_file_holds_the_same_text_as_a_plain_one(tmp_path: Path) -> None:
    write_csv(tmp_path / "smi.csv", many(50))
    write_csv(tmp_path / "smi.csv.gz", many(50))
    assert gzip.decompress((tmp_path / "smi.csv.gz").read_bytes()) == (tmp_path / "smi.csv").read_bytes()


@pytest.mark.parametrize("write", [write_csv, write_parquet])
def test_a_failed_write_leaves_what_was_there(tmp_path: Path, write: object) -> None:
    def breaking() -> Iterator[SmiRow]:
        yield from many(10)
        raise RuntimeError("the store went away")

    path = tmp_path / "smi.csv"
    path.write_text("before")
    with pytest.raises(RuntimeError, match="went away"):
        write(path, breaking())  # type: ignore[operator]
    assert path.read_text() == "before"
    assert [one.name for one in tmp_path.iterdir()] == ["smi.csv"]


def test_rejects_are_written_for_a_spreadsheet(tmp_path: Path) -> None:
    path = tmp_path / "rejects.csv"
    assert write_rejects(path, [Reject(line=7, column="model", value='=1,"x"', reason="No.")]) == 1
    assert path.read_text() == 'line,column,value,reason\n7,model,"\'=1,""x""",No.\n'
