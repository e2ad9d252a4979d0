"""`safelaunch smi`: generate, import, export the inventory, and say what it holds."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

import click

from safelaunch.domain.people import Actor
from safelaunch.domain.read_backs import HOUSE_POLICY, ReadBackPolicy
from safelaunch.interfaces.cli.database import needs_database
from safelaunch.interfaces.cli.faults import acting_as, listing_faults
from safelaunch.interfaces.cli.homes import device, home
from safelaunch.interfaces.cli.registrations import registrations
from safelaunch.interfaces.cli.tenancy import tenancy
from safelaunch.interfaces.cli.terminal import as_json, print_json, print_table, say, with_progress
from safelaunch.services import estates, inventory, parties, read_backs
from safelaunch.services.inventory import Imported
from safelaunch.store.reads import clock

_FILE = click.Path(path_type=Path)


@click.group()
def smi() -> None:
    """Generate, import, export the inventory, and explain a Device."""


smi.add_command(registrations)
smi.add_command(tenancy)
smi.add_command(device)
smi.add_command(home)


@smi.command()
@click.option("--hubs", required=True, type=click.IntRange(min=1), help="How many Communications Hubs.")
@click.option(
    "--seed", default=1, show_default=True, type=click.IntRange(min=0), help="Which of the possible estates."
)
@needs_database
def generate(*, hubs: int, seed: int) -> None:
    """Fill an empty inventory with a generated, GB-like estate."""
    steps = estates.generate(hubs=hubs, seed=seed, at=clock.now())
    loaded = max(with_progress(steps, what="Generating hubs", total=hubs))
    say(f"Generated an estate of {loaded:,} hubs with seed {seed}.")


@smi.command("import")
@click.argument("file", type=_FILE)
@click.option("--rejects", type=_FILE, help="Where to explain rejected rows; beside the file otherwise.")
@acting_as
@as_json
@needs_database
def import_(*, file: Path, rejects: Path | None, actor: Actor, as_json: bool) -> None:
    """Import a CSV (plain or gzip) or Parquet file: good rows are kept, bad rows are explained."""
    done: list[Imported] = []

    def octets() -> Iterator[int]:
        for progress in inventory.import_smi(path=file, rejects_path=rejects, actor=actor, at=clock.now()):
            if progress.imported is not None:
                done.append(progress.imported)
            yield progress.octets_read

    for _ in with_progress(octets(), what=f"Reading {file.name}", total=_size(file)):
        pass
    imported = done[0]
    if as_json:
        print_json(asdict(imported))
    for sentence in _sentences(imported):
        say(sentence)


def _size(file: Path) -> int | None:
    try:
        return file.stat().st_size
    except OSError:
        return None


def _sentences(imported: Imported) -> Iterator[str]:
    yield (
        f"Imported {imported.hubs:,} hubs and {imported.devices:,} other Devices: {imported.new:,} new, "
        f"{imported.changed:,} changed, {imported.unchanged:,} unchanged."
    )
    if imported.gpf_rows:
        yield f"{imported.gpf_rows:,} rows of GPFs agree with their hubs and add nothing."
    if imported.hubs_following:
        yield f"{imported.hubs_following:,} known hubs follow the new Suppliers of their meters."
    if imported.new_models:
        yield f"{imported.new_models:,} Device Models were not known yet; they are not on the CPL."
    if imported.new_regions:
        yield (
            f"{imported.new_regions:,} regions were not known yet; each is taken to carry a fortieth of its hubs "
            "in a night."
        )
    if imported.rejects_path is not None:
        yield f"{imported.rejected:,} rows were rejected; {imported.rejects_path} explains each."


@smi.command()
@click.argument("file", type=_FILE)
@needs_database
def export(*, file: Path) -> None:
    """Write the whole inventory as CSV, CSV.gz or Parquet, by the ending of the name."""
    steps = inventory.export_smi(path=file)
    first = next(steps)
    counts = (step.written for step in (first, *steps))
    written = max(with_progress(counts, what=f"Writing {file.name}", total=first.total))
    say(f"Wrote {written:,} Devices to {file}.")


@smi.command()
@as_json
@needs_database
def status(*, as_json: bool) -> None:
    """Count the inventory by region, type and status, and list its latest loads."""
    holdings = inventory.describe()
    if as_json:
        print_json(asdict(holdings))
        return
    print_table(
        title="Hubs",
        columns=("Region", "Status", "Hubs"),
        rows=((one.region, _words(one.smi_status), one.hub_count) for one in holdings.hubs),
    )
    print_table(
        title="Devices behind hubs",
        columns=("Type", "Status", "Devices"),
        rows=((one.device_type, _words(one.smi_status), one.device_count) for one in holdings.devices),
    )
    print_table(
        title="Latest loads",
        columns=("When", "Source", "Hubs", "Other Devices", "Rejected"),
        rows=(
            (one.loaded_at, one.source, one.hub_count, one.device_count, one.reject_count)
            for one in holdings.loads
        ),
    )


def _words(code: str) -> str:
    return code.replace("_", " ").capitalize()


@smi.command("parties")
@click.argument("file", type=_FILE)
@acting_as
@as_json
@needs_database
def parties_(*, file: Path, actor: Actor, as_json: bool) -> None:
    """Make SEC Parties and their User IDs known from a CSV of name, kind, user_id, role, duis_version."""
    with listing_faults():
        added = parties.import_parties(path=file, actor=actor, at=clock.now())
    if as_json:
        print_json(asdict(added))
    say(
        f"{added.new_parties:,} Parties and {added.new_users:,} User IDs are new; {added.known_users:,} were known."
    )


@smi.command("read-backs")
@click.argument("party", required=False)
@click.option("--wait", type=int, help="Minutes from the time-out to the first read-back.")
@click.option("--attempts", type=int, help="Read-backs for one lost answer; 0 makes none.")
@click.option("--daily", type=int, help="Read-backs for the Party in a day.")
@acting_as
@as_json
@needs_database
def read_backs_(
    *,
    party: str | None,
    wait: int | None,
    attempts: int | None,
    daily: int | None,
    actor: Actor,
    as_json: bool,
) -> None:
    """Show how lost answers to 11.3 are made good, or set it for a PARTY; what is not said is as the house has it."""
    if party is not None:
        policy = ReadBackPolicy(
            wait=HOUSE_POLICY.wait if wait is None else timedelta(minutes=wait),
            attempts=HOUSE_POLICY.attempts if attempts is None else attempts,
            daily_budget=HOUSE_POLICY.daily_budget if daily is None else daily,
        )
        read_backs.set_policy(party_name=party, policy=policy, actor=actor, at=clock.now())
    elif (wait, attempts, daily) != (None, None, None):
        raise click.UsageError("Name the Party whose lost answers are meant.")
    rows = [
        (
            one.party_name,
            one.policy.wait // timedelta(minutes=1),
            one.policy.attempts,
            one.policy.daily_budget,
        )
        for one in read_backs.policies()
    ]
    if as_json:
        print_json({"policies": [dict(zip(_POLICY, row, strict=True)) for row in rows]})
        return
    print_table(title="Read-backs", columns=("Party", "First after, minutes", "Attempts", "A day"), rows=rows)


_POLICY = ("party", "wait_minutes", "attempts", "daily_budget")
