"""What a transaction means: services open one, writes require one, network calls forbid one.

`transaction()` is the outermost and only one: it commits everything or nothing, with the jobs deferred in it
(procrastinate writes on the same connection). The idea is django-subatomic's, which needs a newer Python.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import InterfaceError, OperationalError, connection
from django.db.transaction import atomic

P = ParamSpec("P")
R = TypeVar("R")

DATABASE_TROUBLE = (OperationalError, InterfaceError)
"""What the database raises when it is away or busy: nothing was committed, and the same may be tried again."""


class TransactionMisuse(RuntimeError):
    """A bug: something ran inside, or outside, a transaction where it must not."""


@contextmanager
def transaction() -> Iterator[None]:
    """This function will run a block in one transaction of its own and commit it at the end.

    Raises:
        TransactionMisuse: a transaction is open already.
    """
    forbid()
    with atomic(durable=True):
        yield


@contextmanager
def savepoint() -> Iterator[None]:
    """This function will run a block that may fail without losing the transaction around it."""
    require()
    with atomic():
        yield


def require() -> None:
    """This function will insist that a transaction is open."""
    if not connection.in_atomic_block:
        raise TransactionMisuse("This write needs the transaction of a service around it.")


def forbid() -> None:
    """This function will insist that no transaction is open, as before a call over the network."""
    if connection.in_atomic_block:
        raise TransactionMisuse("A transaction is open here, and none may be.")


def transaction_required(function: Callable[P, R]) -> Callable[P, R]:
    """This function will make a write refuse to run outside a transaction."""

    @wraps(function)
    def inside(*args: P.args, **kwargs: P.kwargs) -> R:
        require()
        return function(*args, **kwargs)

    return inside
