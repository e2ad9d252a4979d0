"""How the command line shows campaigns: as objects for programs, as tables for people."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from safelaunch.domain.hub_feedback import WORDS, Finding
from safelaunch.interfaces.cli.terminal import out, print_table, say
from safelaunch.store.reads import progress
from safelaunch.store.reads.campaigns import NoSuchCampaign
from safelaunch.store.reads.hub_feedback import Feedback, FindingCount
from safelaunch.store.reads.progress import CampaignView, GateStep, RegionProgress

_COUNTS = ("planned", "in_flight", "activated", "failed", "unknown", "unreachable", "recalled", "withdrawn")


def find(reference: str, *, party_id: int | None = None) -> CampaignView:
    """This function will find a campaign that a reader may see.

    Raises:
        NoSuchCampaign: there is none, or none that this reader may see.
    """
    view = progress.find_campaign_view(party_id=party_id, reference=reference)
    if view is None:
        known = ", ".join(each.reference for each in progress.list_campaign_views(party_id=party_id, limit=5))
        raise NoSuchCampaign(
            f"There is no campaign {reference!r}. "
            + (f"The latest are {known}." if known else "None has been created yet.")
        )
    return view


def as_object(view: CampaignView) -> dict[str, Any]:
    """This function will give a campaign as one flat object: its facts, state and counts of hubs."""
    return {**asdict(view), "state": view.state, "sent": view.sent}


def print_list(views: Sequence[CampaignView]) -> None:
    """This function will print campaigns as a table, newest first."""
    if not views:
        say("There are no campaigns yet. Register a release: safelaunch campaign create --help")
        return
    print_table(
        title="Campaigns",
        columns=(
            "reference",
            "state",
            "firmware",
            "eligible",
            "activated",
            "in flight",
            "failed",
        ),
        rows=[
            (
                *(view.reference, view.state, view.firmware_version),
                *(view.eligible_count, view.activated, view.in_flight, view.failed),
            )
            for view in views
        ],
    )


def print_one(view: CampaignView, *, regions: Sequence[RegionProgress], steps: Sequence[GateStep]) -> None:
    """This function will print all there is to know of a campaign at a glance."""
    out.print(f"{view.reference}  {view.title}", style="bold", markup=False, soft_wrap=True)
    for line in _sentences(view):
        out.print(line, markup=False, soft_wrap=True)
    out.print()
    counts = [(name.replace("_", " "), getattr(view, name)) for name in _COUNTS if getattr(view, name)]
    print_table(title="Hubs", columns=("state", "count"), rows=[("eligible", view.eligible_count), *counts])
    if regions:
        out.print()
        _print_regions(regions)
    if steps:
        out.print()
        print_table(
            title="Gates",
            columns=("phase", "verdict", "decision", "by", "when"),
            rows=[
                (step.phase, step.verdict, step.decision, step.decided_by, step.decided_at) for step in steps
            ],
        )


def _sentences(view: CampaignView) -> list[str]:
    state = view.state.replace("_", " ").lower()
    standing = f"severity {view.severity.lower()}, priority {view.priority.lower()}, epoch {view.epoch}"
    ends = f"deployed by {view.deploy_by:%d %B %Y}, activated by {view.activate_by:%d %B %Y}"
    lines = [
        f"Firmware {view.firmware_version}; {view.state}, {standing}.",
        f"Pilot from {view.pilot_starts_on:%d %B %Y}, {ends}.",
    ]
    if view.held_at is not None:
        because = f": {view.held_because.rstrip('.')}" if view.held_because else ""
        phase = view.phase.replace("_", " ").lower()
        lines.append(f"It is {state} in its {phase} since {view.held_at:%d %B %Y %H:%M} UTC{because}.")
        if view.held_by:
            lines.append(f"It was stopped by {view.held_by}.")
    if view.resume_proposed_by:
        reason = (view.resume_reason or "").rstrip(".")
        lines.append(
            f"{view.resume_proposed_by} proposes to resume it: {reason}. A second person has to approve."
        )
    return lines


def _print_regions(regions: Sequence[RegionProgress]) -> None:
    print_table(
        title="Regions",
        columns=("region", "eligible", "planned", "in flight", "activated", "failed", "unknown", "came back"),
        rows=[
            (
                *(region.region, region.eligible_count, region.planned, region.in_flight),
                *(region.activated, region.failed, region.unknown, region.came_back),
            )
            for region in regions
        ],
    )


def as_feedback(one: Feedback) -> dict[str, Any]:
    """This function will give what a Supplier found of a hub as one flat object."""
    return {**asdict(one), "device_id": str(one.device_id)}


def print_feedback(reference: str, *, counts: Sequence[FindingCount], faults: Sequence[Feedback]) -> None:
    """This function will print what Suppliers found in a campaign, then the hubs with something wrong."""
    if not counts:
        say(f"No Supplier has said yet what it found of the hubs of campaign {reference}.")
        return
    order = list(Finding)
    print_table(
        title="What Suppliers found",
        columns=("found", "hubs", "suppliers", "last said"),
        rows=[
            (WORDS[Finding(one.finding)], one.hub_count, one.supplier_count, one.last_given_at)
            for one in sorted(counts, key=lambda one: order.index(Finding(one.finding)))
        ],
    )
    if faults:
        out.print()
        print_table(
            title="Hubs with something wrong",
            columns=("hub", "found", "words", "supplier", "said"),
            rows=[
                (
                    *(str(one.device_id), WORDS[Finding(one.finding)], one.words or ""),
                    *(one.supplier, one.given_at),
                )
                for one in faults
            ],
        )
