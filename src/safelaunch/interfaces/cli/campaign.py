"""`safelaunch campaign`: create, publish, watch, stop, resume, abandon; what Suppliers found; why a hub is where it is."""

from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from safelaunch.domain.campaigns import Priority, Release, Severity
from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.refusals import Unreadable
from safelaunch.interfaces.cli.acting import actor_of, as_person, party_seen_by
from safelaunch.interfaces.cli.campaign_view import (
    as_feedback,
    as_object,
    find,
    print_feedback,
    print_list,
    print_one,
)
from safelaunch.interfaces.cli.database import needs_database
from safelaunch.interfaces.cli.terminal import as_json, out, print_json, say
from safelaunch.services import campaigns, explanations
from safelaunch.store.reads import clock, hub_feedback, progress

_REFERENCE = click.argument("reference")
_DAY = click.DateTime(formats=["%Y-%m-%d"])


def _date(_context: click.Context, _parameter: click.Parameter, value: datetime) -> date:
    return value.date()


def _choice(kind: type[Severity | Priority]) -> click.Choice[str]:
    return click.Choice([each.value for each in kind], case_sensitive=False)


@click.group()
def campaign() -> None:
    """Create, publish, watch, stop and resume campaigns."""


@campaign.command()
@_REFERENCE
@click.option("--firmware-version", required=True, help="The version hubs are to run, as on the CPL.")
@click.option("--title", required=True, help="What Suppliers read first.")
@click.option(
    "--pilot-starts-on", required=True, type=_DAY, callback=_date, help="First evening of the pilot."
)
@click.option("--deploy-by", required=True, type=_DAY, callback=_date, help="When every hub has the image.")
@click.option("--activate-by", required=True, type=_DAY, callback=_date, help="When every hub runs it.")
@click.option("--severity", default="MEDIUM", show_default=True, type=_choice(Severity), help="R-0024-2.")
@click.option("--priority", default="MEDIUM", show_default=True, type=_choice(Priority), help="R-0024-2.")
@click.option(
    "--model",
    "hub_models",
    multiple=True,
    metavar="MANUFACTURER/MODEL",
    help="Only these hub models; may be repeated. Default: all that the CPL's pathways allow.",
)
@click.option(
    "--release-note",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Text file that Suppliers can read.",
)
@as_person
@as_json
@needs_database
def create(
    *,
    reference: str,
    hub_models: tuple[str, ...],
    release_note: Path | None,
    person: str | None,
    as_json: bool,
    **release: Any,
) -> None:
    """Register a release as a campaign in DRAFT; nobody is told yet."""
    actor = actor_of(person)
    created = campaigns.create(
        reference=reference,
        release=Release(
            title=release["title"],
            firmware_version=release["firmware_version"],
            release_note=_read_note(release_note),
            severity=Severity(release["severity"]),
            priority=Priority(release["priority"]),
            pilot_starts_on=release["pilot_starts_on"],
            deploy_by=release["deploy_by"],
            activate_by=release["activate_by"],
        ),
        hub_models=list(hub_models),
        actor=actor,
        at=clock.now(),
    )
    if as_json:
        print_json(as_object(find(reference)))
        return
    say(
        f"Campaign {reference} is a draft for firmware {created.firmware_version}. Suppliers have not been told."
    )
    say(f"Next: safelaunch campaign publish {reference} --as '{actor.name}'")


def _read_note(path: Path | None) -> str:
    if path is None:
        return ""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Unreadable(
            f"The release note {path} cannot be read: {getattr(error, 'strerror', None) or 'it is not UTF-8 text'}."
        ) from error


@campaign.command()
@_REFERENCE
@as_person
@as_json
@needs_database
def publish(*, reference: str, person: str | None, as_json: bool) -> None:
    """Give notice to every affected Supplier and open the campaign's windows."""
    published = campaigns.publish(reference=reference, actor=actor_of(person), at=clock.now())
    if as_json:
        print_json(as_object(find(reference)))
        return
    say(f"Campaign {reference} is published: {published.eligible_count:,} hubs are eligible.")
    if published.list_closes_at and published.pilot_starts_at:
        say(
            f"Suppliers may answer until {published.list_closes_at:%d %B %Y %H:%M} UTC; the pilot starts on "
            f"{published.pilot_starts_at:%d %B %Y %H:%M} UTC."
        )


@campaign.command("list")
@as_person
@as_json
@needs_database
def list_(*, person: str | None, as_json: bool) -> None:
    """List campaigns, newest first; with a supplier's person, with their hubs only."""
    views = progress.list_campaign_views(party_id=party_seen_by(person))
    if as_json:
        print_json({"campaigns": [as_object(view) for view in views]})
    else:
        print_list(views)


@campaign.command()
@_REFERENCE
@as_person
@as_json
@needs_database
def show(*, reference: str, person: str | None, as_json: bool) -> None:
    """Show how a campaign stands: its state, hubs, regions and gates."""
    party_id = party_seen_by(person)
    view = find(reference, party_id=party_id)
    regions = progress.list_region_progress(campaign_id=view.campaign_id, party_id=party_id)
    steps = progress.list_gate_history(campaign_id=view.campaign_id) if party_id is None else []
    if as_json:
        print_json(
            {
                **as_object(view),
                "regions": [asdict(region) for region in regions],
                "gates": [asdict(step) for step in steps],
            }
        )
    else:
        print_one(view, regions=regions, steps=steps)


@campaign.command()
@_REFERENCE
@click.option("--because", default="", help="What everybody reads as the reason.")
@as_person
@as_json
@needs_database
def stop(*, reference: str, because: str, person: str | None, as_json: bool) -> None:
    """Stop a campaign at once. Nothing is asked back; one person is enough."""
    receipt = campaigns.stop_now(reference=reference, because=because, actor=actor_of(person), at=clock.now())
    if as_json:
        print_json(asdict(receipt))
        return
    say(
        f"Campaign {reference} was held already; its epoch is now {receipt.epoch}."
        if receipt.was_held
        else f"Campaign {reference} is stopped since {receipt.stopped_at:%d %B %Y %H:%M:%S} UTC, at epoch {receipt.epoch}."
    )
    say("Nothing more leaves for any network, and what has not reached a hub is being recalled.")


@campaign.command()
@_REFERENCE
@click.option(
    "--because", default="", help="The direction or the evidence it rests on; the first person gives it."
)
@as_person
@as_json
@needs_database
def resume(*, reference: str, because: str, person: str | None, as_json: bool) -> None:
    """Resume a held campaign: the first person proposes it, a second one approves."""
    actor, at = actor_of(person), clock.now()
    first = find(reference).resume_proposed_by
    if first is None:
        campaigns.propose_resume(reference=reference, reason=because, actor=actor, at=at)
    else:
        campaigns.approve_resume(reference=reference, actor=actor, at=at)
    if as_json:
        print_json({**as_object(find(reference)), "did": "PROPOSED" if first is None else "APPROVED"})
    elif first is None:
        say(f"{actor.name} proposes to resume campaign {reference}. It stays held until an approver agrees:")
        say(f"  safelaunch campaign resume {reference} --as NAME")
    else:
        say(
            f"{actor.name} approved what {first} proposed: campaign {reference} goes on, in {find(reference).state}."
        )


@campaign.command()
@_REFERENCE
@click.option("--because", default="", help="What Suppliers read as the reason.")
@as_person
@as_json
@needs_database
def abandon(*, reference: str, because: str, person: str | None, as_json: bool) -> None:
    """End a campaign for good: what is planned is withdrawn, what is on its way is recalled."""
    campaigns.abandon(reference=reference, because=because, actor=actor_of(person), at=clock.now())
    if as_json:
        print_json(as_object(find(reference)))
    else:
        say(f"Campaign {reference} is abandoned. Its hub models are free for another campaign.")


@campaign.command()
@_REFERENCE
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 1_000), help="Hubs to list.")
@as_person
@as_json
@needs_database
def feedback(*, reference: str, limit: int, person: str | None, as_json: bool) -> None:
    """Show what Suppliers found after the upgrade, and the hubs with something wrong."""
    party_id = party_seen_by(person)
    campaign_id = find(reference, party_id=party_id).campaign_id
    counts = hub_feedback.count_findings(campaign_id=campaign_id, party_id=party_id)
    faults = hub_feedback.list_faults_found(campaign_id=campaign_id, party_id=party_id, limit=limit)
    if as_json:
        print_json(
            {"findings": [asdict(one) for one in counts], "hubs": [as_feedback(one) for one in faults]}
        )
    else:
        print_feedback(reference, counts=counts, faults=faults)


@campaign.command()
@click.argument("hub_device_id")
@as_person
@as_json
@needs_database
def explain(*, hub_device_id: str, person: str | None, as_json: bool) -> None:
    """Say why a hub is, or is not, being upgraded, and what would change that."""
    device_id = Eui64.parse(hub_device_id)
    why = explanations.explain_hub(device_id=device_id, viewer_party_id=party_seen_by(person), at=clock.now())
    if as_json:
        print_json({"device_id": str(device_id), **asdict(why)})
        return
    out.print(f"{device_id}  {why.headline}", markup=False, soft_wrap=True)
    for reason in why.reasons:
        out.print(f"  {reason}", markup=False, soft_wrap=True)
    out.print(f"What would change it: {why.what_would_change_it}", markup=False, soft_wrap=True)
