"""What is written to an inventory file is what is read from it, and no line of text stops the reading."""

import tempfile
from datetime import date
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.smi import DeviceType, Region, SmiStatus
from safelaunch.wire.smi_file import COLUMNS, SmiRow, read, write_csv, write_parquet

EUIS = st.integers(0, 2**64 - 1).map(lambda value: str(Eui64(value)))
PRINTABLE = st.characters(categories=("L", "N", "P", "S")) | st.sampled_from(" '=+-@\",")
NAMES = st.text(PRINTABLE, min_size=1, max_size=30)
VERSIONS = st.text("0123456789ABCDEFabcdef.-_", min_size=1, max_size=8)


@st.composite
def smi_rows(draw: st.DrawFn) -> SmiRow:
    kind = draw(st.sampled_from(DeviceType))
    is_hub, is_type_2 = kind is DeviceType.CHF, kind in (DeviceType.IHD, DeviceType.CAD)
    digits = {
        DeviceType.ESME: (13, 13),
        DeviceType.HCALCS: (13, 13),
        DeviceType.GSME: (1, 10),
        DeviceType.GPF: (1, 10),
    }
    shortest, longest = digits.get(kind, (1, 13))
    return SmiRow(
        line=0,
        device_id=draw(EUIS),
        device_type=kind,
        status=draw(st.sampled_from(SmiStatus) | (st.none() if is_type_2 else st.nothing())),
        manufacturer=draw(NAMES),
        model=draw(NAMES),
        hardware_version=draw(NAMES | st.just("")),
        firmware_version=draw(VERSIONS | (st.none() if is_type_2 else st.nothing())),
        hub_device_id=None if is_hub else draw(EUIS),
        gpf_device_id=draw(EUIS) if is_hub else None,
        region=draw(st.sampled_from(Region)) if is_hub else None,
        mpxn=None if is_hub else draw(st.none() | st.text("0123456789", min_size=shortest, max_size=longest)),
        responsible_party=draw(st.none() | NAMES),
        network_party=draw(st.none() | NAMES),
        commissioned_on=draw(st.none() | st.dates(date(2000, 1, 1), date(2099, 12, 31))),
    )


@given(rows=st.lists(smi_rows(), max_size=12), form=st.sampled_from(["csv", "csv.gz", "parquet"]))
@settings(max_examples=120, deadline=None)
def test_rows_come_back_as_they_were_written(rows: list[SmiRow], form: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"smi.{form}"
        assert (write_parquet if form == "parquet" else write_csv)(path, rows) == len(rows)
        batches = list(read(path, batch_rows=5))
    assert [reject for batch in batches for reject in batch.rejects] == []
    found = [row for batch in batches for row in batch.rows]
    words = [[getattr(row, name) for name in COLUMNS] for row in found]
    assert words == [[getattr(row, name) for name in COLUMNS] for row in rows]
    first = 1 if form == "parquet" else 2
    assert [row.line for row in found] == list(range(first, first + len(rows)))


@given(lines=st.lists(st.binary(max_size=60).map(lambda octets: octets.replace(b"\n", b"")), max_size=8))
@settings(max_examples=150, deadline=None)
def test_every_line_becomes_a_row_a_reject_or_was_blank(lines: list[bytes]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "smi.csv"
        path.write_bytes(b"\n".join([",".join(COLUMNS).encode(), *lines]) + b"\n")
        batches = list(read(path, batch_rows=3))
    told = [one.line for batch in batches for one in (*batch.rows, *batch.rejects)]
    assert sorted(told) == [at for at, octets in enumerate(lines, start=2) if octets.strip()]
    assert all(reject.reason for batch in batches for reject in batch.rejects)
