"""A scratch database beside the real one: made for a bench, dropped after it.

The real database is only asked to make and drop it; nothing in it is read or written.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
from django.conf import settings
from django.db import connection
from psycopg import sql

from safelaunch.domain.refusals import Conflict, Refused
from safelaunch.store.database import ensure_embedded_running, is_embedded

NAME = "safelaunch_bench"


class NoScratchDatabase(Refused):
    """A scratch database cannot be made; the sentence says why."""


class ScratchInUse(Conflict):
    """Another run uses the scratch database."""


class NotScratch(Conflict):
    """What only a scratch database may suffer was asked of another one."""


@contextmanager
def database() -> Iterator[str]:
    """This function will make an empty scratch database on the server in use, give its address, and drop it.

    Raises:
        NoScratchDatabase: the server does not let us.
        ScratchInUse: another run is measuring.
    """
    if is_embedded():
        ensure_embedded_running()
    _drop()
    try:
        _on_server(sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'"))
    except psycopg.Error as error:
        raise NoScratchDatabase(
            f"A bench needs a scratch database, {NAME}, beside the real one, and the server refuses: "
            f"{str(error).strip()}. Give the user of SAFELAUNCH_DATABASE_URL the right CREATEDB, or unset it to measure "
            "on the embedded server."
        ) from error
    try:
        yield urlunsplit(urlsplit(settings.DATABASE_URL)._replace(path=f"/{NAME}", netloc=_netloc()))
    finally:
        _drop()


def require() -> None:
    """This function will insist that the database in use is a scratch database.

    Raises:
        NotScratch: it is another one, which a bench would spoil.
    """
    if connection.settings_dict["NAME"] != NAME:
        raise NotScratch("A bench empties and fills its database; it only runs in the one it makes itself.")


def vacuum() -> None:
    """This function will do at once what autovacuum does in time; no transaction may be open.

    Raises:
        NotScratch: the database in use is not a scratch database.
    """
    require()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")


def _netloc() -> str:
    netloc = urlsplit(settings.DATABASE_URL).netloc
    return netloc or "@"


def _drop() -> None:
    try:
        _on_server(sql.SQL("DROP DATABASE IF EXISTS {}"))
    except psycopg.errors.ObjectInUse as error:
        raise ScratchInUse(
            f"Another bench is running in the scratch database {NAME}; wait for it to end."
        ) from error
    except psycopg.Error as error:
        raise NoScratchDatabase(
            f"The scratch database {NAME} cannot be dropped: {str(error).strip()}. Drop it by hand, then run again."
        ) from error


def _on_server(statement: sql.SQL) -> None:
    parameters: dict[str, Any] = connection.get_connection_params()
    wanted = ("dbname", "user", "password", "host", "port", "sslmode", "options")
    # Neither runs in a transaction, and Django's own connection may hold one.
    with psycopg.connect(
        **{key: value for key, value in parameters.items() if key in wanted}, autocommit=True
    ) as server:
        server.execute(statement.format(sql.Identifier(NAME)))
