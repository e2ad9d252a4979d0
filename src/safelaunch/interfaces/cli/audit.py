"""`safelaunch audit`: check that the record is whole."""

import click

from safelaunch.domain import record
from safelaunch.domain.record import BrokenChain
from safelaunch.interfaces.cli.database import needs_database
from safelaunch.interfaces.cli.terminal import as_json, print_json, say
from safelaunch.store.reads import record as reads

PAGE = 1_000


@click.group()
def audit() -> None:
    """Check the record."""


@audit.command()
@as_json
@needs_database
def verify(*, as_json: bool) -> None:
    """Walk the whole record and recompute its chain; exit code 4 when an entry was changed, removed or put in."""
    checked, digest = 0, record.GENESIS
    try:
        last = 0
        while page := reads.list_record(after=last, limit=PAGE):
            digest = record.verify(page, previous=digest)
            last, checked = page[-1].record_entry_id, checked + len(page)
    except BrokenChain as broken:
        if as_json:
            print_json({"verified": False, "entries": checked, "digest": None, "reason": str(broken)})
        raise
    if as_json:
        print_json({"verified": True, "entries": checked, "digest": digest, "reason": None})
    else:
        say(f"The record holds {checked:,} entries, and each follows the one before it.")
        say(f"It ends with {digest}; keep that somewhere else to notice a record that was cut short.")
