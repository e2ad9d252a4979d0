"""Small files that are taken whole or not at all: who hands them in, and every fault of every row."""

import getpass
from collections.abc import Iterator
from contextlib import contextmanager

import click

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.people import Actor
from safelaunch.domain.refusals import Invalid
from safelaunch.interfaces.cli.terminal import err
from safelaunch.wire.table_file import FaultyTable


def _actor(_context: click.Context, _parameter: click.Parameter, name: str | None) -> Actor:
    return Actor(name=name or getpass.getuser())


acting_as = click.option(
    "--as",
    "actor",
    metavar="NAME",
    callback=_actor,
    help="Who does this, for the record; else the login name.",
)


def user_id_of(text: str) -> Eui64:
    """This function will read a User ID, or the EUI-64 of another organisation, that somebody typed.

    Raises:
        Invalid: it is none.
    """
    try:
        return Eui64.parse(text)
    except Invalid as error:
        raise Invalid(
            f"{text[:60]!r} is not a User ID: eight pairs of hexadecimal digits joined by hyphens are expected, such as "
            "90-B3-D5-1F-30-01-00-00; safelaunch delivery list shows all."
        ) from error


@contextmanager
def listing_faults() -> Iterator[None]:
    """This function will print every bad row on standard error before the refusal is reported."""
    try:
        yield
    except FaultyTable as refusal:
        for fault in refusal.faults:
            place = f"line {fault.line}" + (f", {fault.column} {fault.value!r}" if fault.column else "")
            err.print(f"{place}: {fault.reason}", markup=False, soft_wrap=True)
        raise
