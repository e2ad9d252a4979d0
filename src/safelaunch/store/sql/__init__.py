"""Named SQL: one file per noun, statements under `-- name --` headers, run by name.

A statement's first line is a comment of intent. Parameters are `%(named)s` only; nothing is ever spliced in.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from importlib import resources
from typing import Any, TypeVar

import psycopg
from django.db import DataError, connection
from django.db.backends.utils import CursorWrapper
from psycopg.rows import class_row

from safelaunch.domain.refusals import Invalid

RowT = TypeVar("RowT")

_HEADER = re.compile(r"^-- (?P<name>[a-z0-9_]+) --$", re.MULTILINE)


class UnwritableText(Invalid):
    """A text holds a character that PostgreSQL cannot hold."""


@cache
def statements() -> dict[str, str]:
    """This function will load every statement of the folder, by name."""
    found: dict[str, str] = {}
    for file in sorted(resources.files(__name__).iterdir(), key=lambda entry: entry.name):
        if not file.name.endswith(".sql"):
            continue
        parts = _HEADER.split(file.read_text(encoding="utf-8"))[1:]
        for name, text in zip(parts[::2], parts[1::2], strict=True):
            if name in found:
                raise ValueError(f"Two statements are named {name}.")
            found[name] = text.strip()
    return found


def fetch_all(name: str, kind: type[RowT], /, **parameters: Any) -> list[RowT]:
    """This function will run a statement and give its rows as values of `kind`."""
    with connection.cursor() as cursor:
        cursor.cursor.row_factory = class_row(kind)
        _run(cursor, name, parameters)
        return list(cursor.fetchall())


def fetch_one(name: str, kind: type[RowT], /, **parameters: Any) -> RowT | None:
    """This function will run a statement that gives at most one row."""
    rows = fetch_all(name, kind, **parameters)
    return rows[0] if rows else None


def fetch_value(name: str, /, **parameters: Any) -> Any:
    """This function will run a statement and give the first column of its first row, or None."""
    with connection.cursor() as cursor:
        _run(cursor, name, parameters)
        row = cursor.fetchone()
        return row[0] if row else None


def execute(name: str, /, **parameters: Any) -> int:
    """This function will run a statement for its effect and give the number of rows it touched."""
    with connection.cursor() as cursor:
        _run(cursor, name, parameters)
        return int(cursor.rowcount)


def _run(cursor: CursorWrapper, name: str, parameters: Mapping[str, Any]) -> None:
    try:
        cursor.execute(statements()[name], parameters)
    except DataError:
        if any(isinstance(value, str) and "\0" in value for value in parameters.values()):
            raise UnwritableText(
                "What was asked holds the character NUL, which no name and no text here has; leave it out."
            ) from None
        raise


@contextmanager
def _copying(name: str) -> Iterator[psycopg.Copy]:
    # COPY bypasses Django's translation of database errors, so it is wrapped by hand.
    with (
        connection.cursor() as cursor,
        connection.wrap_database_errors,
        cursor.copy(statements()[name]) as copy,
    ):
        yield copy


def copy_rows(name: str, rows: Iterable[Sequence[Any]], /) -> None:
    """This function will feed rows to a `COPY ... FROM STDIN` statement in text form."""
    with _copying(name) as copy:
        for row in rows:
            copy.write_row(row)


def copy_octets(name: str, blocks: Iterable[bytes], /) -> None:
    """This function will feed ready octets to a `COPY ... FROM STDIN (FORMAT binary)` statement."""
    with _copying(name) as copy:
        for block in blocks:
            copy.write(block)


def copy_out(name: str, /, **parameters: Any) -> Iterator[bytes]:
    """This function will stream a `COPY (...) TO STDOUT` statement, a buffer at a time."""
    with (
        connection.cursor() as cursor,
        connection.wrap_database_errors,
        cursor.copy(statements()[name], parameters or None) as copy,
    ):
        for block in copy:
            yield bytes(block)


def follow_sequence(*, table: str, column: str) -> None:
    """This function will move an identity column's sequence past the keys that stand in the table."""
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT setval(pg_get_serial_sequence(%s, %s), (SELECT max({quote(column)}) FROM {quote(table)}))",  # noqa: S608 - quoted names of our own models
            [table, column],
        )
