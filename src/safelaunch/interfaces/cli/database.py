"""Commands that need the database start the embedded one when no other is set, and say where its data is."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from safelaunch.services import installation

P = ParamSpec("P")
R = TypeVar("R")


def needs_database(command: Callable[P, R]) -> Callable[P, R]:
    """This function will make a command start the embedded database, migrated, before it runs."""

    @wraps(command)
    def ready(*args: P.args, **kwargs: P.kwargs) -> R:
        installation.ensure_database()
        return command(*args, **kwargs)

    return ready
