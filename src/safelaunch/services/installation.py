"""The installation: its database and whether it is ready."""

from safelaunch.domain.refusals import Conflict
from safelaunch.store import database


class NotMigrated(Conflict):
    """The database belongs to another release."""


def ensure_database() -> None:
    """This function will start the embedded database when it is the one in use, migrated; another is only checked.

    Raises:
        EmbeddedUnavailable: the embedded server cannot run here.
        NotMigrated: the database given is not at this release.
    """
    if database.is_embedded():
        database.ensure_embedded_running()
        if database.pending_migrations():
            database.migrate()
    elif database.pending_migrations():
        raise NotMigrated("The database is not at this release; run safelaunch migrate once.")


def migrate() -> int:
    """This function will bring the database to this release, and give the number of migrations applied."""
    if database.is_embedded():
        database.ensure_embedded_running()
    pending = database.pending_migrations()
    database.migrate()
    return pending


def explain_failure(error: Exception) -> str:
    """This function will say in a sentence or two why the database did not do what was asked."""
    return database.shortage() or f"The database does not answer: {error}".strip()


def describe_database() -> str:
    """This function will say which database is in use and where its data is, without a password."""
    return database.describe()
