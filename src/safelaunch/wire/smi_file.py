"""Inventory files: one row a Device, as CSV (plain or gzip) or Parquet, read and written in a steady stream.

What a row must look like is in `smi_rows.py`. Reading never stops at a bad row: it is explained and the next is
read. It stops where nothing further can be trusted: another file than it says, a damaged archive, other columns.
A CSV row is one line, so a broken quotation mark spoils its own line and no other.

A value that a spreadsheet would run as a formula is written with an apostrophe before it, and read back without.
"""

import csv
import gzip
import io
import os
import tempfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import islice, pairwise
from operator import attrgetter
from pathlib import Path
from typing import Any, BinaryIO, cast

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from safelaunch.domain.refusals import Invalid, NotFound, Unreadable
from safelaunch.wire.smi_rows import (
    COLUMNS,
    REGION_WORDS,
    STATUS_WORDS,
    Columns,
    Reject,
    SmiRow,
    judge_rows,
    shown,
)

__all__ = [
    "COLUMNS",
    "Batch",
    "Reject",
    "SmiRow",
    "read",
    "write",
    "write_csv",
    "write_parquet",
    "write_rejects",
]

BATCH_ROWS = 20_000
"""How many rows are read at a time; a few tens of megabytes."""

# Twice what the widest good row needs, so that a file of long lines cannot fill the memory.
_MAX_LINE_OCTETS = 4 * 1024
_GZIP_MAGIC = b"\x1f\x8b"
_PARQUET_MAGIC = b"PAR1"
_FORMULA = frozenset("=+-@\t\r\n")
_ARMED = _FORMULA | {"'"}
_DISTINCT = frozenset({"device_id", "hub_device_id", "gpf_device_id", "mpxn"})
_NOT_UTF8 = "The text is not UTF-8; save the file as UTF-8."


@dataclass(frozen=True, slots=True)
class Batch:
    """The next rows of a file, the rejects among them, and how far reading has come (octets of the file)."""

    rows: list[SmiRow]
    rejects: list[Reject]
    octets_read: int
    octets_total: int


def read(path: Path, *, batch_rows: int = BATCH_ROWS) -> Iterator[Batch]:
    """This function will read an inventory file, told apart by its first octets: Parquet, gzip or plain CSV.

    Args:
        path: the file.
        batch_rows: how many rows a batch reads at most, good and bad together.

    Raises:
        NotFound: there is no such file.
        Invalid: a column is missing, unknown or named twice; the sentence names it.
        Unreadable: the file is empty or damaged; batches given before it was noticed are sound.
    """
    try:
        with path.open("rb") as file:
            magic = file.read(4)
            file.seek(0)
            if not magic:
                raise Unreadable(f"{path.name} is empty; a header line and rows are expected.")
            if magic == _PARQUET_MAGIC:
                yield from _read_parquet(file, name=path.name, batch_rows=batch_rows)
            else:
                yield from _read_csv(file, name=path.name, batch_rows=batch_rows)
    except FileNotFoundError as error:
        raise NotFound(f"There is no file {path.name}; check its name and folder.") from error
    except (OSError, EOFError, zlib.error, pa.ArrowException) as error:
        raise Unreadable(f"{path.name} cannot be read any further: {error}. Ask for it again.") from error


def _read_csv(file: BinaryIO, *, name: str, batch_rows: int) -> Iterator[Batch]:
    zipped = file.read(2) == _GZIP_MAGIC
    file.seek(0)
    total = os.fstat(file.fileno()).st_size
    stream = cast("BinaryIO", gzip.GzipFile(fileobj=file)) if zipped else file
    header = _header(b"".join(_next_lines(stream, count=1)), name=name)
    line = 1
    while raw := _next_lines(stream, count=batch_rows):
        columns, lines, spoilt = _split(raw, header=header, first_line=line + 1)
        rows, rejects = judge_rows(columns, lines=lines)
        rejects = sorted([*spoilt, *rejects], key=attrgetter("line"))
        line += len(raw)
        yield Batch(rows=rows, rejects=rejects, octets_read=file.tell(), octets_total=total)


def _next_lines(stream: BinaryIO, *, count: int) -> list[bytes]:
    """Read some lines; of a line too long to be a row, the head is kept and the rest passed over."""
    raw = list(islice(iter(partial(stream.readline, _MAX_LINE_OCTETS), b""), count))
    if not any(map(_is_cut, raw)):
        return raw
    last = raw[-1]
    while _is_cut(last):
        last = stream.readline(_MAX_LINE_OCTETS)
    return [line for before, line in pairwise([b"", *raw]) if not _is_cut(before)]


def _is_cut(line: bytes) -> bool:
    return len(line) == _MAX_LINE_OCTETS and not line.endswith(b"\n")


def _header(raw: bytes, *, name: str) -> list[str]:
    try:
        names = next(csv.reader([raw.decode("utf-8-sig").rstrip("\r\n")]), [])
    except (UnicodeDecodeError, csv.Error) as error:
        raise Unreadable(f"{name} is neither Parquet, gzip nor CSV text in UTF-8.") from error
    _accept_columns(names, name=name)
    return names


def _accept_columns(names: Sequence[str], *, name: str) -> None:
    """Refuse a file that has not exactly the columns expected, in whatever order."""
    missing = [column for column in COLUMNS if column not in names]
    unknown = [shown(column) for column in names if column not in COLUMNS]
    twice = sorted({column for column in names if names.count(column) > 1})
    parts = (("misses", missing), ("has the unknown", unknown), ("has twice the", twice))
    said = [f"{verb} column{'s' * (len(some) > 1)} {', '.join(some)}" for verb, some in parts if some]
    if said:
        raise Invalid(f"{name} {' and '.join(said)}; its columns must be {', '.join(COLUMNS)}, in any order.")


def _split(
    raw: list[bytes], *, header: list[str], first_line: int
) -> tuple[Columns, list[int], list[Reject]]:
    """Split lines into columns; give the lines that are whole and a reject for each of the others."""
    block = b"".join(raw)
    if b'"' not in block and max(map(len, raw)) < _MAX_LINE_OCTETS:
        columns = _plain_columns(block, header=header, expected=len(raw))
        if columns is not None:
            return columns, list(range(first_line, first_line + len(raw))), []
    return _split_by_line(raw, header=header, first_line=first_line)


def _plain_columns(block: bytes, *, header: list[str], expected: int) -> Columns | None:
    """Split lines that hold no quotation mark all at once, or give None where any of them needs a closer look."""
    try:
        table = pa_csv.read_csv(
            pa.BufferReader(block),
            read_options=pa_csv.ReadOptions(
                use_threads=False, column_names=header, block_size=len(block) + 1
            ),
            parse_options=pa_csv.ParseOptions(quote_char=False),
            convert_options=pa_csv.ConvertOptions(column_types=dict.fromkeys(header, pa.string())),
        )
    except pa.ArrowInvalid:
        return None
    # Blank lines and stray carriage returns change the count; line numbers need them back.
    if table.num_rows != expected:
        return None
    columns: Columns = {name: _listed(table.column(name).combine_chunks(), name=name) for name in header}
    if b"'" in block:
        columns = {name: list(map(_disarmed, values)) for name, values in columns.items()}
    return columns


def _listed(values: Any, *, name: str) -> list[str]:
    """List an Arrow column; a value that repeats becomes one string, which makes judging it quick."""
    if name in _DISTINCT:
        return cast("list[str]", values.to_numpy(zero_copy_only=False).tolist())
    encoded = values.dictionary_encode()
    texts = encoded.dictionary.to_numpy(zero_copy_only=False)
    return cast("list[str]", texts.take(encoded.indices.to_numpy(zero_copy_only=False)).tolist())


def _split_by_line(
    raw: list[bytes], *, header: list[str], first_line: int
) -> tuple[Columns, list[int], list[Reject]]:
    fields: list[list[str]] = []
    lines: list[int] = []
    rejects: list[Reject] = []
    for line, octets in enumerate(raw, start=first_line):
        if not octets.strip():
            continue
        try:
            row = _fields(octets, expected=len(header))
        except UnicodeDecodeError:
            rejects.append(_not_utf8(octets, header=header, line=line))
        except ValueError as error:
            value = shown(octets.decode("utf-8", "backslashreplace").rstrip("\r\n"))
            rejects.append(Reject(line=line, column="", value=value, reason=str(error)))
        else:
            fields.append(row)
            lines.append(line)
    columns = zip(*fields, strict=True) if fields else iter([()] * len(header))
    return dict(zip(header, columns, strict=True)), lines, rejects


def _fields(octets: bytes, *, expected: int) -> list[str]:
    """Split one line; a ValueError's sentence says what is wrong with the line as a whole."""
    if len(octets) >= _MAX_LINE_OCTETS:
        raise ValueError(f"The line is longer than {_MAX_LINE_OCTETS:,} octets.")
    text = octets.decode().rstrip("\r\n")
    if '"' in text:
        try:
            row = next(csv.reader([text], strict=True))
        except csv.Error as error:
            raise ValueError(
                "The quotation marks do not pair; double each one inside a value, and close each value."
            ) from error
    else:
        row = text.split(",")
    if len(row) != expected:
        raise ValueError(f"The row has {len(row)} columns; the header has {expected}.")
    return [_disarmed(value) for value in row] if "'" in text else row


def _not_utf8(octets: bytes, *, header: list[str], line: int) -> Reject:
    """Name the column that is not UTF-8, as far as commas tell."""
    for name, value in zip(header, octets.rstrip(b"\r\n").split(b","), strict=False):
        text = value.decode("utf-8", "backslashreplace")
        if text.encode() != value:
            return Reject(line=line, column=name, value=shown(text), reason=_NOT_UTF8)
    text = octets.decode("utf-8", "backslashreplace").rstrip("\r\n")
    return Reject(line=line, column="", value=shown(text), reason=_NOT_UTF8)


def _read_parquet(file: BinaryIO, *, name: str, batch_rows: int) -> Iterator[Batch]:
    total = os.fstat(file.fileno()).st_size
    with pq.ParquetFile(file, buffer_size=1 << 20, pre_buffer=False) as parquet:
        _accept_columns(parquet.schema_arrow.names, name=name)
        all_rows = max(parquet.metadata.num_rows, 1)
        row = 0
        for batch in parquet.iter_batches(batch_rows, columns=list(COLUMNS), use_threads=False):
            columns, spoilt = _texts(batch, first_row=row + 1, name=name)
            whole = [at for at in range(batch.num_rows) if at not in spoilt]
            if spoilt:
                columns = {column: [values[at] for at in whole] for column, values in columns.items()}
            rows, rejects = judge_rows(columns, lines=[row + 1 + at for at in whole])
            rejects = sorted([*spoilt.values(), *rejects], key=attrgetter("line"))
            row += batch.num_rows
            yield Batch(rows=rows, rejects=rejects, octets_read=total * row // all_rows, octets_total=total)


def _texts(batch: Any, *, first_row: int, name: str) -> tuple[Columns, dict[int, Reject]]:
    """Give a record batch as text by column, and a reject at each place that holds no text."""
    columns: Columns = {}
    spoilt: dict[int, Reject] = {}
    for column in COLUMNS:
        values = batch.column(column)
        try:
            if pa.types.is_dictionary(values.type):
                values = values.dictionary_decode()
            texts = _listed(values.cast(pa.string()).fill_null(""), name=column)
        except pa.ArrowNotImplementedError as error:
            raise Invalid(f"{name}: column {column} holds {values.type}; text is expected.") from error
        except (UnicodeDecodeError, pa.ArrowInvalid):
            octets = values.cast(pa.binary()).fill_null(b"").to_pylist()
            texts = [one.decode("utf-8", "backslashreplace") for one in octets]
            for at, (one, text) in enumerate(zip(octets, texts, strict=True)):
                if text.encode() != one:
                    reject = Reject(line=first_row + at, column=column, value=shown(text), reason=_NOT_UTF8)
                    spoilt.setdefault(at, reject)
        columns[column] = texts
    return columns, spoilt


def write(path: Path, rows: Iterable[SmiRow]) -> Iterator[int]:
    """This function will write rows in the form the name's ending asks for, yielding their number so far.

    The file appears under its name once it is whole; until then, and if writing fails, what was there stays.

    Raises:
        Invalid: the name ends neither in .csv, .csv.gz nor .parquet.
    """
    if path.suffix == ".parquet":
        return _parquet_steps(path, rows)
    if path.name.endswith((".csv", ".csv.gz")):
        return _table_steps(path, names=COLUMNS, rows=map(_words, rows))
    raise Invalid(f"{path.name} says no form of file; end its name in .csv, .csv.gz or .parquet.")


def write_csv(path: Path, rows: Iterable[SmiRow]) -> int:
    """This function will write rows as CSV, gzip if the name ends so, and give their number."""
    return max(_table_steps(path, names=COLUMNS, rows=map(_words, rows)), default=0)


def write_parquet(path: Path, rows: Iterable[SmiRow]) -> int:
    """This function will write rows as Parquet and give their number."""
    return max(_parquet_steps(path, rows), default=0)


def write_rejects(path: Path, rejects: Iterable[Reject]) -> int:
    """This function will write rejects as CSV (`line,column,value,reason`) and give their number."""
    rows = ((str(one.line), one.column, one.value, one.reason) for one in rejects)
    return max(_table_steps(path, names=("line", "column", "value", "reason"), rows=rows), default=0)


def _parquet_steps(path: Path, rows: Iterable[SmiRow]) -> Iterator[int]:
    schema = pa.schema(
        [(name, pa.date32() if name == "commissioned_on" else pa.string()) for name in COLUMNS]
    )
    source = iter(rows)
    count = 0
    with _replacing(path) as file, pq.ParquetWriter(file, schema, compression="zstd") as writer:
        while some := list(islice(source, BATCH_ROWS)):
            columns = list(zip(*map(_words, some), strict=True))
            columns[-1] = tuple(row.commissioned_on for row in some)
            arrays = [
                pa.array([value or None for value in values], field.type)
                for values, field in zip(columns, schema, strict=True)
            ]
            writer.write_batch(pa.record_batch(arrays, schema=schema))
            count += len(some)
            yield count


def _words(row: SmiRow) -> tuple[str, ...]:
    """Give a row as the file's words, in the order of `COLUMNS`."""
    return (
        row.device_id,
        row.device_type.value,
        STATUS_WORDS[row.status] if row.status is not None else "",
        row.manufacturer,
        row.model,
        row.hardware_version,
        row.firmware_version or "",
        row.hub_device_id or "",
        row.gpf_device_id or "",
        REGION_WORDS[row.region] if row.region is not None else "",
        row.mpxn or "",
        row.responsible_party or "",
        row.network_party or "",
        row.commissioned_on.isoformat() if row.commissioned_on is not None else "",
    )


def _table_steps(path: Path, *, names: Sequence[str], rows: Iterable[tuple[str, ...]]) -> Iterator[int]:
    count = 0
    source = iter(rows)
    with _replacing(path) as file:
        zipped = gzip.GzipFile(fileobj=file, mode="wb", mtime=0) if path.suffix == ".gz" else None
        text = io.TextIOWrapper(cast("BinaryIO", zipped or file), encoding="utf-8", newline="")
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(names)
        while some := list(islice(source, BATCH_ROWS)):
            writer.writerows(map(_armed, row) for row in some)
            count += len(some)
            yield count
        text.flush()
        text.detach()
        if zipped is not None:
            zipped.close()


def _armed(value: str) -> str:
    """Keep a spreadsheet from running a value as a formula; `_disarmed` undoes it."""
    if value and (value[0] in _FORMULA or (value[0] == "'" and value[1:2] in _ARMED)):
        return f"'{value}"
    return value


def _disarmed(value: str) -> str:
    return value[1:] if value[:1] == "'" and value[1:2] in _ARMED else value


@contextmanager
def _replacing(path: Path) -> Iterator[BinaryIO]:
    """Open a file beside the one named, and put it in its place when all has been written."""
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        try:
            yield cast("BinaryIO", file)
            file.flush()
            os.fsync(file.fileno())
            Path(file.name).replace(path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise
