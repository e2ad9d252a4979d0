"""Tests run on a real PostgreSQL: the embedded one, or the one at SAFELAUNCH_DATABASE_URL (a scratch database there)."""

import os
import shutil
import tempfile
from collections.abc import Iterator
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
    """Take everything out of the database but what migrations put there."""
    from django.db import connection

    if connection.needs_rollback or connection.in_atomic_block:
        connection.close()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(format('%I', tablename), ', ') FROM pg_tables "
            "WHERE schemaname = 'public' AND tablename <> 'django_migrations'"
        )
        tables = cursor.fetchone()[0]
        cursor.execute(f"TRUNCATE {tables} RESTART IDENTITY CASCADE")
