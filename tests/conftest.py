"""Tests run on a real PostgreSQL: the embedded one, or the one at SAFELAUNCH_DATABASE_URL (a scratch database there)."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

_SCRATCH = Path(tempfile.mkdtemp(prefix="safelaunch-tests-"))
_SCRATCH.chmod(0o755)
os.environ["SAFELAUNCH_DATA"] = str(_SCRATCH)
os.environ["DJANGO_SETTINGS_MODULE"] = "safelaunch.config.settings"
os.environ["SAFELAUNCH_CLOCK"] = "stepped"
_GIVEN_URL = os.environ.get("SAFELAUNCH_DATABASE_URL")
if _GIVEN_URL:
    os.environ["SAFELAUNCH_DATABASE_URL"] = urlunsplit(urlsplit(_GIVEN_URL)._replace(path="/safelaunch_test"))

import django  # noqa: E402 - the environment has to stand first

django.setup()


@pytest.fixture(scope="session")
def migrated_database() -> Iterator[None]:
    """A migrated database for the whole run."""
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection

    if settings.IS_EMBEDDED:
        settings.EMBEDDED.ensure_running()
        with connection.cursor() as cursor:
            # Nothing here outlives the run. Tests that kill PostgreSQL have servers of their own, which wait for the disk.
            cursor.execute("ALTER SYSTEM SET fsync = off")
            cursor.execute("SELECT pg_reload_conf()")
    else:
        with psycopg.connect(_GIVEN_URL, autocommit=True) as server:
            server.execute("DROP DATABASE IF EXISTS safelaunch_test")
            server.execute("CREATE DATABASE safelaunch_test")
    call_command("migrate", verbosity=0)
    yield
    connection.close()
    if settings.IS_EMBEDDED:
        settings.EMBEDDED.destroy()
    shutil.rmtree(_SCRATCH, ignore_errors=True)


@pytest.fixture
def database(migrated_database: None) -> Iterator[None]:
    """An empty, migrated database; whatever a test commits is gone after it."""
    yield
    empty()


def empty() -> None:
    """Take everything out of the database but what migrations put there, and number anew from 1."""
    from django.db import connection

    if connection.needs_rollback or connection.in_atomic_block:
        connection.close()
    with connection.cursor() as cursor:
        # A file is made anew for each table that is truncated; most tests fill a few of them.
        cursor.execute(_which_hold_rows())
        filled = ", ".join(row[0] for row in cursor.fetchall())
        if filled:
            cursor.execute(f"TRUNCATE {filled} CASCADE")
        cursor.execute(
            "SELECT setval(format('%I', sequencename)::regclass, start_value, FALSE) FROM pg_sequences "
            "WHERE schemaname = 'public' AND last_value IS NOT NULL"
        )


@cache
def _which_hold_rows() -> str:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(format('SELECT %L WHERE EXISTS (SELECT FROM %1$I)', tablename), ' UNION ALL ') "
            "FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'django_migrations'"
        )
        return cursor.fetchone()[0]
