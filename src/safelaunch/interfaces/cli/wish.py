"""`safelaunch wish`: nominate hubs, give them an earlier night or hour, take that back, and see how it stands."""

from datetime import datetime
from pathlib import Path

import click

from safelaunch.domain.calendar import LONDON
from safelaunch.domain.campaign_wishes import STANDING_WORDS, Slot, Standing, WishKind
from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.refusals import Invalid
from safelaunch.interfaces.cli.acting import actor_of, as_person
from safelaunch.interfaces.cli.database import needs_database
from safelaunch.interfaces.cli.deferral import outcomes_of, print_outcomes
from safelaunch.interfaces.cli.lists import hubs_argument, hubs_of, list_option
from safelaunch.interfaces.cli.terminal import as_json, print_json, print_table, say
from safelaunch.services import wishes
from safelaunch.services.wishes import TakenDown, Wished
from safelaunch.store.reads import clock

_TIME = click.DateTime(["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"])
_from_option = click.option(
    "--from", "not_before", type=_TIME, help="From when, in UK time, such as 2026-03-30T20:00."
)
_to_option = click.option("--to", "not_after", type=_TIME, help="Until when, in UK time.")


@click.group()
def wish() -> None:
    """Choose pilot homes and nights for a Supplier's hubs."""


@wish.command()
@click.argument("campaign")
@hubs_argument
@list_option
@click.option(
    "--replace", "replaces", is_flag=True, help="Take the place of the list, instead of joining it."
)
@_from_option
@_to_option
@as_person
@as_json
@needs_database
def nominate(
    *,
    campaign: str,
    hubs: tuple[str, ...],
    list_file: Path | None,
    replaces: bool,
    not_before: datetime | None,
    not_after: datetime | None,
    person: str | None,
    as_json: bool,
) -> None:
    """Put hubs on the Preferred Pilot List, or have them go early in mass roll-out."""
    taken = wishes.ask(
        WishKind.NOMINATE,
        Wished(hubs_of(hubs, list_file=list_file), _slot(not_before, not_after), replaces),
        reference=campaign,
        actor=actor_of(person),
        at=clock.now(),
    )
    _tell(taken, as_json=as_json)


@wish.command()
@click.argument("campaign")
@hubs_argument
@list_option
@_from_option
@_to_option
@as_person
@as_json
@needs_database
def forward(
    *,
    campaign: str,
    hubs: tuple[str, ...],
    list_file: Path | None,
    not_before: datetime | None,
    not_after: datetime | None,
    person: str | None,
    as_json: bool,
) -> None:
    """Ask for a night or hour of their own for hubs, within the window of the campaign."""
    slot = _slot(not_before, not_after)
    if slot is None:
        raise click.UsageError("Say when, with --from and --to.")
    taken = wishes.ask(
        WishKind.BRING_FORWARD,
        Wished(hubs_of(hubs, list_file=list_file), slot),
        reference=campaign,
        actor=actor_of(person),
        at=clock.now(),
    )
    _tell(taken, as_json=as_json)


@wish.command()
@click.argument("campaign")
@hubs_argument
@list_option
@as_person
@as_json
@needs_database
def withdraw(
    *, campaign: str, hubs: tuple[str, ...], list_file: Path | None, person: str | None, as_json: bool
) -> None:
    """Take hubs off the Preferred Pilot List; all of them when none is named."""
    named = hubs_of(hubs, list_file=list_file)
    taken = wishes.ask(
        WishKind.WITHDRAW,
        Wished(named or None),
        reference=campaign,
        actor=actor_of(person),
        at=clock.now(),
    )
    _tell(taken, as_json=as_json)


@wish.command()
@click.argument("campaign")
@click.option("--after", help="Begin after this Device ID.")
@click.option(
    "--limit", default=100, show_default=True, type=click.IntRange(1, 50_000), help="Hubs listed at most."
)
@as_person
@as_json
@needs_database
def show(*, campaign: str, after: str | None, limit: int, person: str | None, as_json: bool) -> None:
    """Show how it stands with every hub that something was wished for."""
    found = wishes.list_standings(
        reference=campaign,
        actor=actor_of(person),
        at=clock.now(),
        after=Eui64.parse(after) if after else None,
        limit=limit,
    )
    if as_json:
        print_json(
            {"hubs": [{name: getattr(one, name) for name in one.__dataclass_fields__} for one in found]}
        )
        return
    if not found:
        say("Nothing is wished for any hub.")
        return
    print_table(
        title=f"Wishes of campaign {campaign}",
        columns=("Hub", "From", "To", "Night", "Standing", "Which means"),
        rows=(
            (
                *(str(one.device_id), one.not_before, one.not_after, one.night, one.standing),
                STANDING_WORDS[Standing(one.standing)],
            )
            for one in found
        ),
    )


def _slot(not_before: datetime | None, not_after: datetime | None) -> Slot | None:
    if not_before is None and not_after is None:
        return None
    if not_before is None or not_after is None or not_after <= not_before:
        raise Invalid("A time of their own has a beginning and, after it, an end; give --from and --to.")
    return Slot(not_before.replace(tzinfo=LONDON), not_after.replace(tzinfo=LONDON))


def _tell(taken: TakenDown, *, as_json: bool) -> None:
    if as_json:
        print_json(outcomes_of(taken))
        return
    print_outcomes(taken)
    say(
        f"{taken.taken:,} of {len(taken.judged):,} hubs were taken down; safelaunch wish show tells how it stands."
    )
