"""`safelaunch demo`: a whole campaign on a generated estate, from notice to completion."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click
import httpx
from django.conf import settings
from rich.console import Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from safelaunch.domain.campaigns import HELD
from safelaunch.domain.refusals import Invalid
from safelaunch.interfaces.cli import firmware_demo, stage
from safelaunch.interfaces.cli.director import Turn
from safelaunch.interfaces.cli.occupation import occupy
from safelaunch.interfaces.cli.stage import REFERENCE, Play, Stage
from safelaunch.interfaces.cli.terminal import as_json, err, print_json, print_table, say
from safelaunch.planning import network, scenarios
from safelaunch.store.reads import gates, progress
from safelaunch.store.reads.progress import CampaignView

MOST_TURNS = 1_200
_HUBS = 100_000
_NOT_VERIFIED = 4
_BAR = 16


def check_scenario(_: click.Context, __: click.Parameter, value: str) -> str:
    """This function will refuse a scenario that cannot be played, before anything is started."""
    hidden = network.cannot_show(scenarios.load(value))
    if hidden:
        raise Invalid(hidden)
    return value


@click.command()
@click.option(
    "--hubs",
    type=click.IntRange(500, 20_000_000),
    help="Hubs of the estate; 100,000, or 20,000 for device-firmware.",
)
@click.option(
    "--devices",
    default=20_000,
    show_default=True,
    type=click.IntRange(50, 200_000),
    help="Devices to update, at most; for device-firmware alone.",
)
@click.option(
    "--scenario", default="healthy", show_default=True, callback=check_scenario, help="Name, or a file."
)
@click.option(
    "--seed",
    default=1,
    show_default=True,
    type=click.IntRange(0, 2**63 - 1),
    help="Seed of estate and networks.",
)
@click.option(
    "--data", type=click.Path(file_okay=False), expose_value=False, help="Data directory; emptied first."
)
@as_json
def demo(*, hubs: int | None, devices: int, scenario: str, seed: int, as_json: bool) -> int:
    """Run a whole Communications Hub campaign on a generated estate, and show what came of it.

    The services, jobs and signed CSP gateway are those of production, on an accelerated clock; the networks are the
    simulator, a process of its own behind its HTTP door. The scenario device-firmware plays Suppliers instead, who bring
    firmware to Devices, and compares their receivers with the simulator's truth: exit code 4 when they differ.
    """
    begun = time.monotonic()
    if scenario == firmware_demo.SCENARIO:
        return _play_firmware(hubs=hubs or firmware_demo.HUBS, devices=devices, seed=seed, as_json=as_json)
    hubs = hubs or _HUBS
    play = Play(hubs=hubs, scenario=scenario, seed=seed)
    say(f"Setting up {hubs:,} hubs, scenario {scenario}, seed {seed}.")
    with occupy(settings.DATA, as_what="a demonstration"):
        stage.prepare(play)
        with stage.set_up(play, host="127.0.0.1", port=None) as set_stage:
            _play(set_stage)
            outcome = _outcome(set_stage, play)
    outcome["seconds"] = round(time.monotonic() - begun, 1)
    if as_json:
        print_json(outcome)
    else:
        _close(outcome)
    return 0


def _play_firmware(*, hubs: int, devices: int, seed: int, as_json: bool) -> int:
    """Bring firmware to Devices, and say by the exit code whether the Suppliers hold what they are entitled to."""
    say(f"Setting up {hubs:,} hubs, scenario {firmware_demo.SCENARIO}, seed {seed}.")
    with occupy(settings.DATA, as_what="a demonstration"):
        outcome = firmware_demo.play(hubs=hubs, devices=devices, seed=seed)
    if as_json:
        print_json(outcome)
    else:
        firmware_demo.show(outcome)
    return 0 if outcome["is_equal"] else _NOT_VERIFIED


def _play(set_stage: Stage) -> None:
    with board() as show:
        for turn in set_stage.director.play(most_turns=MOST_TURNS):
            show(turn)


@contextmanager
def board() -> Iterator[Callable[[Turn], None]]:
    """This function will show turns: on a terminal as a live board, elsewhere a line for each phase and 25 nights."""
    if err.is_terminal:
        with Live(console=err, refresh_per_second=8, transient=True) as live:
            yield lambda turn: live.update(_picture(turn))
        return
    seen: dict[str, Any] = {"state": "", "turns": 0}

    def line(turn: Turn) -> None:
        seen["turns"] += 1
        if turn.campaign.state != seen["state"] or seen["turns"] % 50 == 0:
            seen["state"] = turn.campaign.state
            view = _view(turn.campaign.reference)
            say(f"{turn.at:%d %b %Y %H:%M}  {turn.campaign.state:<14} {_counts(view)}")

    yield line


def _view(reference: str) -> CampaignView:
    view = progress.find_campaign_view(party_id=None, reference=reference)
    assert view is not None  # noqa: S101 - the stage has just published it
    return view


def _counts(view: CampaignView) -> str:
    return (
        f"sent {view.sent:,}  activated {view.activated:,}  in flight {view.in_flight:,}  failed {view.failed:,}  "
        f"unknown {view.unknown:,}  unreachable {view.unreachable:,}"
    )


def _picture(turn: Turn) -> Group:
    view = _view(turn.campaign.reference)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in (
        "region",
        "",
        "eligible",
        "activated",
        "in flight",
        "failed",
        "unknown",
        "retry",
    ):
        table.add_column(column, justify="left" if column in {"region", ""} else "right")
    for region in progress.list_region_progress(campaign_id=view.campaign_id, party_id=None):
        share = region.activated / region.eligible_count if region.eligible_count else 0.0
        filled = min(_BAR, round(share * _BAR))
        counts = (region.eligible_count, region.activated, region.in_flight, region.failed, region.unknown)
        table.add_row(
            region.region,
            "█" * filled + "░" * (_BAR - filled),
            *(f"{n:,}" for n in (*counts, region.came_back)),
        )
    head = Text.assemble(
        (f"{turn.at:%A %d %B %Y, %H:%M} UTC   ", ""), (turn.campaign.state.replace("_", " ").title(), "bold")
    )
    return Group(head, Text(_counts(view)), table)


def _outcome(set_stage: Stage, play: Play) -> dict[str, Any]:
    view = _view(REFERENCE)
    asked = f"{set_stage.simulator_url}/simulator/truth"
    truth = httpx.get(asked, params={"campaign": REFERENCE}, timeout=60, trust_env=False).json()
    return {
        "hubs": play.hubs,
        "eligible": view.eligible_count,
        "campaign": REFERENCE,
        "state": view.state,
        "pilot_size": view.pilot_size,
        "activated": view.activated,
        "failed": view.failed,
        "unknown": view.unknown,
        "unreachable": view.unreachable,
        "in_flight": view.in_flight,
        "stopped": view.state == HELD,
        "hubs_exposed": view.sent - view.recalled,
        "hubs_harmed": truth["harmed"],
        "gates": _gates(view.campaign_id),
        "alerts_n64": progress.count_alerts(campaign_id=view.campaign_id),
        "nights": len(progress.list_nights(campaign_id=view.campaign_id)),
        "scenario": play.scenario,
        "seed": play.seed,
        "portal_url": None,
    }


def _gates(campaign_id: int) -> list[dict[str, Any]]:
    """The last decision at each gate: what opened it, or what stopped the campaign there."""
    last = {decision.phase: decision for decision in gates.list_decisions(campaign_id=campaign_id)}
    return [
        {"name": one.phase, "verdict": one.verdict, "decision": one.decision, "reasons": one.reasons}
        for one in last.values()
    ]


def _close(outcome: dict[str, Any]) -> None:
    labels = {
        "hubs": "hubs in the estate",
        "eligible": "eligible when published",
        "pilot_size": "pilot",
        "hubs_exposed": "sent to a hub",
        "activated": "activated",
        "failed": "failed",
        "unknown": "unknown",
        "unreachable": "not reached",
        "hubs_harmed": "harmed (the simulator's own truth)",
        "alerts_n64": "N64 alerts to Responsible Suppliers",
        "nights": "nights",
        "seconds": "seconds",
    }
    print_table(
        title=f"Campaign {outcome['campaign']}: {outcome['state'].replace('_', ' ').lower()}",
        columns=("what", "count"),
        rows=[(label, outcome[name]) for name, label in labels.items()],
    )
    for gate in outcome["gates"]:
        say(
            f"\nGate after {gate['name'].replace('_', ' ').lower()}: {gate['verdict']}, {gate['decision'].lower()}."
        )
        for reason in gate["reasons"]:
            say(f"  {reason}")
    say(
        "\nWhere to look next: safelaunch up --demo shows a campaign while it runs; docs/cli.md has every command."
    )
