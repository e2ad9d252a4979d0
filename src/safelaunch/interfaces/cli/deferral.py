"""`safelaunch deferral`: ask that hubs are not upgraded for now, see what came of it, decide on it."""

import mimetypes
import re
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from safelaunch.domain import campaign_wishes, deferrals
from safelaunch.domain.deferrals import Decision, Proposed
from safelaunch.domain.refusals import Invalid, Unreadable
from safelaunch.interfaces.cli.acting import actor_of, as_person, party_seen_by
from safelaunch.interfaces.cli.database import needs_database
from safelaunch.interfaces.cli.lists import hubs_argument, hubs_of, list_option
from safelaunch.interfaces.cli.terminal import as_json, print_json, print_table, say
from safelaunch.services import deferrals as service
from safelaunch.services.deferrals import Asked, Made
from safelaunch.services.wishes import TakenDown
from safelaunch.store.reads import clock
from safelaunch.store.reads import deferrals as reads
from safelaunch.store.reads.deferrals import DeferralView

_NUMBER = re.compile(r"[Dd]?([0-9]{1,18})")


@click.group()
def deferral() -> None:
    """Hold hubs back from a campaign, and decide on it."""


@deferral.command("request")
@click.argument("campaign")
@hubs_argument
@list_option
@click.option("--grounds", required=True, help="Which material vulnerability there is, and why it matters.")
@click.option("--duty", help="The regulatory duty at risk.")
@click.option(
    "--until", type=click.DateTime(["%Y-%m-%d"]), help="The last day of the hold; else as long as it may be."
)
@click.option("--evidence", multiple=True, type=click.Path(path_type=Path), help="A file that speaks for it.")
@as_person
@as_json
@needs_database
def request_(
    *,
    campaign: str,
    hubs: tuple[str, ...],
    list_file: Path | None,
    grounds: str,
    duty: str | None,
    until: datetime | None,
    evidence: tuple[Path, ...],
    person: str | None,
    as_json: bool,
) -> None:
    """Ask that hubs are not upgraded for now; they are held when this returns."""
    asked = Asked(
        grounds=grounds,
        duty=duty,
        until=until.date() if until else None,
        files=[_file(path) for path in evidence],
    )
    made = service.request(
        reference=campaign,
        device_ids=hubs_of(hubs, list_file=list_file),
        asked=asked,
        actor=actor_of(person),
        at=clock.now(),
    )
    if as_json:
        print_json({"deferral": made.number, "held_until": made.held_until, **outcomes_of(made.taken)})
        return
    _say_made(made)


def _file(path: Path) -> tuple[str, str, bytes]:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise Unreadable(f"{path.name} cannot be read: {error.strerror or error}.") from error
    return path.name, mimetypes.guess_type(path.name)[0] or "application/octet-stream", content


def _say_made(made: Made) -> None:
    print_outcomes(made.taken)
    if not made.taken.taken:
        raise Invalid("No hub could be deferred; each has its reason above.")
    say(
        f"Deferral D{made.number} holds {made.taken.taken:,} hubs until {made.held_until:%d %B %Y}, unless it is refused: "
        "none of them is sent. Governance decides; safelaunch deferral show tells what came of it."
    )


def outcomes_of(taken: TakenDown) -> dict[str, Any]:
    """This function will give what became of each hub of a wish, for JSON."""
    return {
        "taken": taken.taken,
        "hubs": [{"device_id": str(one.device_id), "outcome": one.outcome.value} for one in taken.judged],
    }


def print_outcomes(taken: TakenDown) -> None:
    """This function will print what became of a wish, one line an outcome."""
    counted = Counter(one.outcome for one in taken.judged)
    print_table(
        title="What became of it",
        columns=("Hubs", "Outcome", "Reason", "First"),
        rows=(
            (
                count,
                outcome.value,
                campaign_wishes.WORDS[outcome],
                next(str(one.device_id) for one in taken.judged if one.outcome is outcome),
            )
            for outcome, count in counted.most_common()
        ),
    )


@deferral.command("list")
@click.option("--all", "is_all", is_flag=True, help="Ended ones too.")
@as_person
@as_json
@needs_database
def list_(*, is_all: bool, person: str | None, as_json: bool) -> None:
    """List deferrals with their clocks, newest first; a Supplier's own, or all."""
    states = (
        None if is_all else [state.value for state in (*deferrals.HOLDING, deferrals.DeferralState.REFUSED)]
    )
    found = reads.list_deferrals(party_id=party_seen_by(person), states=states)
    at = clock.now()
    if as_json:
        print_json({"deferrals": [_as_json(one, at=at) for one in found]})
        return
    if not found:
        say("No deferral is open.")
        return
    print_table(
        title="Deferrals",
        columns=("Deferral", "Campaign", "Supplier", "State", "Hubs", "Held until", "Decision due", "Clock"),
        rows=(
            (
                *(one.name, one.reference, one.supplier, one.state, one.hub_count, one.held_until),
                *(one.decision_due_at, one.clock(at).value),
            )
            for one in found
        ),
    )


def _as_json(one: DeferralView, *, at: datetime) -> dict[str, Any]:
    fields = {name: getattr(one, name) for name in one.__dataclass_fields__ if not name.endswith("_id")}
    return {**fields, "clock": one.clock(at).value}


@deferral.command()
@click.argument("number", callback=lambda _context, _parameter, text: number_of(text))
@as_person
@as_json
@needs_database
def show(*, number: int, person: str | None, as_json: bool) -> None:
    """Show a deferral, its evidence and its hubs."""
    one = reads.get(number=number, party_id=party_seen_by(person))
    files, hubs = (
        reads.list_deferral_files(number=number),
        reads.list_deferred_hubs(number=number, limit=50_000),
    )
    at = clock.now()
    if as_json:
        print_json(
            {
                **_as_json(one, at=at),
                "files": [
                    {"name": file.name, "octets": file.octets, "sha256": file.sha256} for file in files
                ],
                "hubs": [
                    {"device_id": hub.device_id, "outcome": hub.outcome, "state": hub.state} for hub in hubs
                ],
            }
        )
        return
    print_table(
        title=f"Deferral {one.name} of campaign {one.reference}",
        columns=("What", "It says"),
        rows=[(what, said) for what, said in _facts(one, at=at) if said is not None],
    )
    for file in files:
        say(f"Evidence: {file.name}, {file.octets:,} octets, SHA-256 {file.sha256}.")
    counted = Counter(hub.outcome for hub in hubs)
    say("; ".join(f"{count:,} hubs {outcome}" for outcome, count in counted.items()) + ".")


def _facts(one: DeferralView, *, at: datetime) -> list[tuple[str, object]]:
    return [
        ("State", one.state),
        ("Supplier", one.supplier),
        ("Grounds", one.grounds),
        ("Duty at risk", one.duty),
        ("Asked", one.asked_at),
        ("Hubs held", one.hub_count),
        ("Held until", one.held_until),
        ("Decision due", f"{one.decision_due_at:%d %b %Y %H:%M}, {one.clock(at).value.lower()}"),
        ("Proposed", _proposal(one)),
        ("Decided by", one.decided_by),
        ("Reason", one.reason),
        ("Appeal", one.appeal),
        ("Direction", one.direction),
    ]


def _proposal(one: DeferralView) -> str | None:
    if one.proposed_decision is None:
        return None
    return f"{one.proposed_decision}, by {one.proposed_by}: {one.proposed_reason}"


@deferral.command()
@click.argument("number", callback=lambda _context, _parameter, text: number_of(text))
@click.argument("decision", type=click.Choice([one.value for one in Decision], case_sensitive=False))
@click.option("--reason", required=True, help="Why; its Supplier reads it.")
@click.option("--direction", help="The Panel's direction, on which an appeal is decided.")
@as_person
@as_json
@needs_database
def propose(
    *, number: int, decision: str, reason: str, direction: str | None, person: str | None, as_json: bool
) -> None:
    """Propose to accept or refuse a deferral; a second person has to agree."""
    proposed = Proposed(Decision(decision.upper()), reason.strip(), direction)
    one = service.propose(number=number, proposed=proposed, actor=actor_of(person), at=clock.now())
    _tell(
        one,
        as_json=as_json,
        sentence=f"{one.name}: {decision.upper()} is proposed; a second person has to agree.",
    )


@deferral.command()
@click.argument("number", callback=lambda _context, _parameter, text: number_of(text))
@as_person
@as_json
@needs_database
def agree(*, number: int, person: str | None, as_json: bool) -> None:
    """Decide a deferral as another person proposed."""
    one = service.agree(number=number, actor=actor_of(person), at=clock.now())
    _tell(one, as_json=as_json, sentence=f"{one.name} is {one.state}.")


@deferral.command()
@click.argument("number", callback=lambda _context, _parameter, text: number_of(text))
@click.option("--because", "why", required=True, help="What the Panel is to consider.")
@as_person
@as_json
@needs_database
def appeal(*, number: int, why: str, person: str | None, as_json: bool) -> None:
    """Appeal a refusal to the Panel; the hubs are held again."""
    one = service.appeal(number=number, why=why, actor=actor_of(person), at=clock.now())
    _tell(
        one,
        as_json=as_json,
        sentence=f"{one.name} is appealed and holds again until {one.held_until:%d %B %Y}.",
    )


@deferral.command()
@click.argument("number", callback=lambda _context, _parameter, text: number_of(text))
@as_person
@as_json
@needs_database
def withdraw(*, number: int, person: str | None, as_json: bool) -> None:
    """Withdraw a deferral; its hubs may go again."""
    one = service.withdraw(number=number, actor=actor_of(person), at=clock.now())
    _tell(one, as_json=as_json, sentence=f"{one.name} is withdrawn; its hubs may go again.")


def number_of(text: str) -> int:
    """This function will read the number of a deferral, with or without the D before it.

    Raises:
        BadParameter: it is none.
    """
    found = _NUMBER.fullmatch(text)
    if found is None:
        raise click.BadParameter(f"{text[:30]!r} is no deferral; D12 is meant so.")
    return int(found[1])


def _tell(one: DeferralView, *, as_json: bool, sentence: str) -> None:
    if as_json:
        print_json(_as_json(one, at=clock.now()))
    else:
        say(sentence)
