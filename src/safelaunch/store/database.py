"""The database in use: embedded or given."""

from urllib.parse import urlsplit

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor


def is_embedded() -> bool:
    """This function will say whether the embedded server is in use."""
    return bool(settings.IS_EMBEDDED)


def shortage() -> str:
    """This function will say that the disk of the embedded database is full and what to do, or nothing."""
    return settings.EMBEDDED.shortage() if is_embedded() and settings.DATA.exists() else ""


def ensure_embedded_running() -> None:
    """This function will start the embedded server when it does not run, and close a connection that it outlived."""
    settings.EMBEDDED.ensure_running()
    connection.close_if_unusable_or_obsolete()


def pending_migrations() -> int:
    """This function will count the migrations that the database lacks."""
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def migrate() -> None:
    """This function will apply what is pending; no lock is waited for longer than five seconds."""
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '5s'")
    call_command("migrate", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("RESET lock_timeout")


def describe() -> str:
    """This function will name the database in use and where its data is."""
    if settings.IS_EMBEDDED:
        return f"embedded PostgreSQL in {settings.EMBEDDED.data}"
    parts = urlsplit(settings.DATABASE_URL)
    return f"PostgreSQL at {parts.hostname or 'a local socket'}{parts.path}"
