"""`safelaunch devices firmware`: firmware on its way to Devices, what is stuck and why, waiting for hubs, taking back."""

from dataclasses import fields
from typing import Any, BinaryIO, TextIO

import click
from django.conf import settings

from safelaunch.domain.firmware_journeys import Reason, TargetState
from safelaunch.domain.firmware_requests import FIRMWARE, PPMID_FIRMWARE, Exclusion
from safelaunch.domain.identifiers import Eui64
from safelaunch.interfaces.cli.acting import actor_of, as_person, party_seen_by
from safelaunch.interfaces.cli.database import needs_database
from safelaunch.interfaces.cli.terminal import as_json, print_json, print_table, say
from safelaunch.services import firmware_distribution, firmware_dry_runs
from safelaunch.services import firmware_tracking as service
from safelaunch.services.firmware_dry_runs import Excluded, Trial
from safelaunch.services.firmware_tracking import Stood, Way
from safelaunch.store.reads import clock

_REASONS = [*Reason, *Exclusion]
_LIMIT = click.option(
    "--limit", default=50, show_default=True, type=click.IntRange(1, 10_000), help="Lines to show."
)


class _DeviceId(click.ParamType):  # type: ignore[type-arg]  # generic in its stubs only
    name = "device id"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Eui64:  # noqa: ARG002 - click's signature
        """This function will read a Device ID that somebody typed."""
        return value if isinstance(value, Eui64) else Eui64.parse(str(value))


@click.group()
def devices() -> None:
    """Devices behind Communications Hubs."""


@devices.group()
def firmware() -> None:
    """Firmware that Suppliers send to meters, displays and load controllers (11.1, 11.4, 11.3)."""


@firmware.command("list")
@click.option("--before", type=int, help="The last number of the page before.")
@_LIMIT
@as_person
@as_json
@needs_database
def list_(*, before: int | None, limit: int, person: str | None, as_json: bool) -> None:
    """List firmware requests, newest first, with how their Devices stand."""
    found = service.list_requests(viewer_party_id=party_seen_by(person), before=before, limit=limit)
    if as_json:
        print_json({"requests": [_flat(one) for one in found]})
        return
    print_table(
        title="Firmware requests",
        columns=(
            *("Request", "SRV", "Version", "Supplier", "At", "Devices", "Under way", "Runs it"),
            *("Excluded", "Unknown", "Failed"),
        ),
        rows=[
            (
                *(str(one.service_request_id), one.srv, one.firmware_version, one.party, one.requested_at),
                *(one.target_count, one.open_count, one.activated_count),
                *(one.excluded_count, one.unknown_count, one.failed_count),
            )
            for one in found
        ],
    )


@firmware.command()
@click.argument("request", type=int)
@as_person
@as_json
@needs_database
def show(*, request: int, person: str | None, as_json: bool) -> None:
    """Show how far the Devices of a request have come, leg by leg, and where they stand now."""
    seen = service.funnel(service_request_id=request, viewer_party_id=party_seen_by(person), at=clock.now())
    if as_json:
        print_json(
            {
                "request": request,
                "srv": seen.request.srv,
                "firmware_version": seen.request.firmware_version,
                "targets": seen.request.target_count,
                "came_to": seen.came_to,
                "standings": [_as_object(one) for one in seen.standings],
            }
        )
        return
    print_table(
        title=f"Firmware request {request}: {seen.request.srv} to {seen.request.firmware_version}",
        columns=("Came to", "Devices"),
        rows=[("named", seen.request.target_count), *seen.came_to.items()],
    )
    _print_standings("Where they stand", seen.standings)


@firmware.command("devices")
@click.argument("request", type=int)
@click.option("--state", type=click.Choice([one.value for one in TargetState]), help="Where they stand.")
@click.option("--reason", type=click.Choice([one.value for one in _REASONS]), help="Why.")
@click.option("--after", type=_DeviceId(), help="The last Device ID of the page before.")
@_LIMIT
@as_person
@as_json
@needs_database
def devices_(*, request: int, person: str | None, as_json: bool, **asked: Any) -> None:
    """List Devices of a request by where they stand or why, each with its next step."""
    found = service.list_devices(service_request_id=request, viewer_party_id=party_seen_by(person), **asked)
    if as_json:
        print_json({"devices": [{**_flat(facts), **_flat(advice)} for facts, advice in found]})
        return
    print_table(
        title=f"Devices of firmware request {request}",
        columns=("Device", "Type", "Stands", "Since", "Why", "Next step"),
        rows=[
            (
                *(str(facts.device_id), facts.device_type, _words(facts.state), facts.state_changed_at),
                *(advice.why, advice.next_step),
            )
            for facts, advice in found
        ],
    )


@firmware.command()
@click.argument("device", type=_DeviceId())
@as_person
@as_json
@needs_database
def follow(*, device: Eui64, person: str | None, as_json: bool) -> None:
    """Show one Device's firmware: each request, its timeline with the evidence, why it stands there, and the next step."""
    ways = service.follow(device_id=device, viewer_party_id=party_seen_by(person))
    if as_json:
        print_json({"device": device, "journeys": [_way_as_object(one) for one in ways]})
        return
    for one in ways:
        _print_way(one)


def _print_way(way: Way) -> None:
    journey = way.journey
    rows = [(journey.requested_at, "REQUEST", "REQUESTED", "SUPPLIER", "", "")]
    rows += [
        (
            *(event.happened_at, event.event, event.state or "kept, moved nothing", event.leg),
            *(event.reason or "", f"{event.network} {event.number}" if event.network else ""),
        )
        for event in way.events
    ]
    print_table(
        title=f"{journey.srv} to {journey.firmware_version}, request {journey.service_request_id} of {journey.party}",
        columns=("When", "Event", "Led to", "Says", "Reason", "Evidence"),
        rows=rows,
    )
    say(f"{_words(journey.state)}. {way.advice.why} Next: {way.advice.next_step}\n")


@firmware.command()
@as_person
@as_json
@needs_database
def stuck(*, person: str | None, as_json: bool) -> None:
    """Say which Devices do not get on, why, and what would bring them on; the most first."""
    found = service.list_stuck(viewer_party_id=party_seen_by(person), at=clock.now())
    if as_json:
        print_json({"standings": [_as_object(one) for one in found]})
        return
    if not found:
        say("Nothing is stuck: no Device waits for firmware, and none failed.")
        return
    _print_standings("What does not get on", found)


@firmware.command()
@click.argument("request", type=int)
@as_person
@as_json
@needs_database
def wait(*, request: int, person: str | None, as_json: bool) -> None:
    """Have Devices that were excluded by the age of their hubs wait for the hub campaign; they then go by themselves."""
    count = firmware_distribution.wait_for_hubs(
        service_request_id=request, actor=actor_of(person), at=clock.now()
    )
    _say_done(f"{count:,} Devices wait for their hubs.", count=count, as_json=as_json)


@firmware.command()
@click.argument("request", type=int)
@as_person
@as_json
@needs_database
def cancel(*, request: int, person: str | None, as_json: bool) -> None:
    """Take back what of a request has not left for a network."""
    count = firmware_distribution.cancel(service_request_id=request, actor=actor_of(person), at=clock.now())
    _say_done(f"{count:,} Devices were taken back.", count=count, as_json=as_json)


@firmware.command("dry-run")
@click.argument("image", type=click.File("rb"))
@click.argument("listed", metavar="DEVICES", type=click.File())
@click.option(
    "--user",
    "user_id",
    type=_DeviceId(),
    metavar="USER ID",
    required=True,
    help="Who would send the request.",
)
@click.option("--version", "firmware_version", required=True, help="The firmware version that it would name.")
@click.option(
    "--srv",
    default=FIRMWARE,
    show_default=True,
    type=click.Choice([FIRMWARE, PPMID_FIRMWARE]),
    help="11.4 is for displays.",
)
@as_person
@as_json
@needs_database
def dry_run(*, image: BinaryIO, listed: TextIO, person: str | None, as_json: bool, **asked: Any) -> None:
    """Say what a firmware request would be answered, Device by Device, without doing anything.

    DEVICES is a file of Device IDs, one a line or with commas between them; - reads standard input.
    """
    trial = Trial(
        image=image.read(),
        device_ids=[Eui64.parse(text) for text in listed.read().replace(",", " ").split()],
        compares_image_version="versions" not in settings.DUIS_FORGIVES,
        enforces_validity="dates" not in settings.DUIS_FORGIVES,
        **asked,
    )
    answered = firmware_dry_runs.dry_run(trial, viewer_party_id=party_seen_by(person), at=clock.now())
    if as_json:
        print_json(
            {
                "code": answered.code,
                "objection": answered.objection and _flat(answered.objection),
                "accepted": answered.accepted,
                "excluded": [_excluded_as_object(one) for one in answered.excluded],
                "devices": [
                    {"device_id": device_id, "exclusion": exclusion}
                    for device_id, exclusion in answered.devices
                ],
            }
        )
        return
    if answered.objection is not None:
        say(f"{answered.code}: {answered.objection.why} Next: {answered.objection.next_step}")
        return
    print_table(
        title=f"{answered.code}: {answered.accepted:,} Devices would have the firmware",
        columns=("Excluded", "List", "Why", "What would change it"),
        rows=[
            (one.device_count, _words(one.warning_list), one.advice.why, one.advice.next_step)
            for one in answered.excluded
        ],
    )


def _excluded_as_object(one: Excluded) -> dict[str, Any]:
    flat = _flat(one)
    advice = flat.pop("advice")
    return {**flat, **_flat(advice)}


def _say_done(sentence: str, *, count: int, as_json: bool) -> None:
    if as_json:
        print_json({"devices": count})
    say(sentence)


def _print_standings(title: str, standings: list[Stood]) -> None:
    print_table(
        title=title,
        columns=("Devices", "Type", "Stand", "Overdue", "Why", "What would bring them on"),
        rows=[
            (
                *(one.count.device_count, one.count.device_type or "unknown", _words(one.count.state)),
                *(one.count.overdue_count, one.advice.why, one.advice.next_step),
            )
            for one in standings
        ],
    )


def _as_object(one: Stood) -> dict[str, Any]:
    return {**_flat(one.count), **_flat(one.advice)}


def _way_as_object(way: Way) -> dict[str, Any]:
    events = [_flat(event) for event in way.events]
    return {**_flat(way.journey), **_flat(way.advice), "events": events}


def _flat(value: Any) -> dict[str, Any]:
    """Give the members of a value as they are, so that a Device ID is written as one."""
    return {member.name: getattr(value, member.name) for member in fields(value)}


def _words(code: str) -> str:
    return code.replace("_", " ").capitalize()
