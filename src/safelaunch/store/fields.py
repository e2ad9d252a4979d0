"""Device IDs in PostgreSQL: the type `macaddr8` on disk, `Eui64` in Python (`docs/adr/0002-macaddr8.md`).

`macaddr8` silently widens a six-octet MAC address and prints colons in lower case, so every value goes through
`Eui64` on the way in and comes back as `Eui64` from any cursor, the ORM's or a raw one.
"""

from typing import TYPE_CHECKING, Any

import psycopg
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg.adapt import Buffer, Dumper, Loader
from psycopg.pq import Format

from safelaunch.domain.identifiers import Eui64

MACADDR8_OID = psycopg.postgres.types["macaddr8"].oid


class _Eui64TextLoader(Loader):
    format = Format.TEXT

    def load(self, data: Buffer) -> Eui64:
        return Eui64(int(bytes(data).replace(b":", b""), 16))


class _Eui64BinaryLoader(Loader):
    format = Format.BINARY

    def load(self, data: Buffer) -> Eui64:
        return Eui64.from_bytes(bytes(data))


class _Eui64TextDumper(Dumper):
    oid = MACADDR8_OID
    format = Format.TEXT

    def dump(self, obj: Eui64) -> bytes:
        return str(obj).encode()


class _Eui64BinaryDumper(Dumper):
    oid = MACADDR8_OID
    format = Format.BINARY

    def dump(self, obj: Eui64) -> bytes:
        return obj.to_bytes()


def register() -> None:
    """This function will teach every psycopg connection opened from now on to speak `Eui64`."""
    adapters = psycopg.adapters
    adapters.register_loader(MACADDR8_OID, _Eui64TextLoader)
    adapters.register_loader(MACADDR8_OID, _Eui64BinaryLoader)
    adapters.register_dumper(Eui64, _Eui64TextDumper)
    adapters.register_dumper(Eui64, _Eui64BinaryDumper)


# Django's fields take type parameters in its stubs only.
if TYPE_CHECKING:
    _Field = models.Field[Any, Any]
else:
    _Field = models.Field


class Eui64Field(_Field):
    """A Device ID or User ID column."""

    description = "EUI-64"

    def db_type(self, connection: BaseDatabaseWrapper) -> str:  # noqa: ARG002 - Django passes it by name
        """This function will name the column type."""
        return "macaddr8"

    def to_python(self, value: object) -> Eui64 | None:
        """This function will read a value from a form, a lookup or the database."""
        if value is None or isinstance(value, Eui64):
            return value
        return Eui64.parse(str(value))

    def get_prep_value(self, value: object) -> Eui64 | None:
        """This function will give psycopg an `Eui64`, so that nothing reaches the database unparsed."""
        return self.to_python(super().get_prep_value(value))
