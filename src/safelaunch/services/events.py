"""Taking in what the CSPs report (design 9): at least once on the wire, exactly once in effect, never dropped.

One transaction for a batch: the reports are logged, the hubs moved, the counts shifted, the inventory updated and the
alerts raised together. A constant number of statements, whatever the size of the batch.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from safelaunch.domain.events import Effect
from safelaunch.domain.hub_upgrades import REPORTED_AS, EventKind, HubState, Report, apply, judge_read_back
from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.refusals import Invalid
from safelaunch.domain.smi import Network
from safelaunch.services import firmware_evidence, firmware_journeys
from safelaunch.services.jobs import Job
from safelaunch.services.wake_ups import TELLING
from safelaunch.store import jobs, transactions
from safelaunch.store.reads import campaigns
from safelaunch.store.writes import counts, suspensions
from safelaunch.store.writes import device_commands as device_writes
from safelaunch.store.writes import events as writes
from safelaunch.store.writes import firmware_journeys as firmware_writes
from safelaunch.store.writes.counts import CountShift
from safelaunch.store.writes.events import Standing
from safelaunch.wire import csp

Judged = tuple[Report, Effect, HubState | None]

_KEPT = frozenset(Effect) - {Effect.APPLIED, Effect.NOTED}
_STATES = {state.value: state for state in HubState}


class TooManyEvents(Invalid):
    """The batch holds more events than the protocol allows."""


def take_in(*, batch: csp.EventBatch, body: bytes, at: datetime) -> csp.BatchReceipt:
    """This function will take in a batch whose signature the door has checked, and say what it did.

    Raises:
        TooManyEvents: more than `csp.MAX_EVENTS`.
        Invalid: a Device ID is malformed; nothing of the batch is taken in.
    """
    told = len(batch.events) + len(batch.messages) + len(batch.images)
    if told > csp.MAX_EVENTS:
        raise TooManyEvents(f"The batch holds {told:,} events; at most {csp.MAX_EVENTS:,} are taken.")
    with transactions.transaction():
        # Events are known by their own numbers, so a batch number used again for other events loses none of them.
        writes.add_batch(
            network=batch.network,
            batch=batch.batch,
            event_count=told,
            body_digest=hashlib.sha256(body).digest(),
            received_at=at,
        )
        judged = _judge_and_move(batch, at) if batch.events else []
        messages = _keep_messages(batch, at) if batch.messages else 0
        images = _follow_images(batch, at) if batch.images else 0
    effects = Counter(effect for _, effect, _ in judged)
    kept = {effect.value: effects[effect] for effect in Effect if effect in _KEPT and effects[effect]}
    return csp.BatchReceipt(
        new=len(judged), applied=effects[Effect.APPLIED], kept=kept, messages=messages, images=images
    )


def _keep_messages(batch: csp.EventBatch, at: datetime) -> int:
    """Keep what Devices said as it came; a job judges it, so that no message can hold up what hubs report."""
    told = [
        device_writes.Told(
            message.number,
            Eui64.parse(message.device_id),
            message.command_id,
            message.gbcs,
            message.happened_at,
        )
        for message in batch.messages
    ]
    new = device_writes.append_device_messages(network=batch.network, told=told, received_at=at)
    if new:
        jobs.defer_once(
            Job.TAKE_IN_DEVICE_MESSAGES,
            key=f"device-messages-{batch.network}",
            network=batch.network.value,
        )
    return new


def _follow_images(batch: csp.EventBatch, at: datetime) -> int:
    """Bring reports about images into the journeys of their Devices, each once."""
    known = firmware_writes.list_known_firmware_numbers(
        network=batch.network, numbers=[report.number for report in batch.images]
    )
    fresh = {report.number: report for report in batch.images if report.number not in known}
    firmware_journeys.take_in(
        sightings=[
            firmware_evidence.of_report(fresh[number], network=batch.network) for number in sorted(fresh)
        ],
        at=at,
    )
    return len(fresh)


def _judge_and_move(batch: csp.EventBatch, at: datetime) -> list[Judged]:
    known = writes.list_known_numbers(network=batch.network, numbers=[event.number for event in batch.events])
    versions = campaigns.find_ids(
        references=sorted({event.campaign for event in batch.events if event.campaign is not None})
    )
    fresh = {event.number: event for event in batch.events if event.number not in known}
    reports = [_report(event, versions) for event in sorted(fresh.values(), key=lambda event: event.number)]
    judged: list[Judged] = []
    for campaign_id, version in [(None, ""), *versions.values()]:
        mine = [report for report in reports if report.campaign_id == campaign_id]
        if mine:
            judged += _settle(
                mine, network=batch.network, campaign_id=campaign_id, firmware_version=version, at=at
            )
    writes.append_events(network=batch.network, received_at=at, judged=judged)
    return judged


def _report(event: csp.HubReport, versions: dict[str, tuple[int, str]]) -> Report:
    campaign_id, target_version = versions.get(event.campaign or "", (None, ""))
    move = REPORTED_AS.get(event.kind)
    if event.kind is EventKind.VERSION_READ and event.firmware_version:
        move = judge_read_back(version_read=event.firmware_version, target_version=target_version)
    return Report(
        number=event.number,
        device_id=Eui64.parse(event.device_id),
        kind=event.kind,
        happened_at=event.happened_at,
        campaign_id=campaign_id,
        attempt=event.attempt,
        event=move,
        firmware_version=event.firmware_version,
        reason=event.reason,
    )


def _settle(
    reports: Sequence[Report],
    *,
    network: Network,
    campaign_id: int | None,
    firmware_version: str,
    at: datetime,
) -> list[Judged]:
    standing: dict[Eui64, Standing] = {}
    if campaign_id is not None:
        speaking_of = {report.device_id for report in reports if report.event is not None}
        standing = writes.lock_standing(campaign_id=campaign_id, device_ids=speaking_of)
    # A hub with a row in the campaign is known; only the others have to be looked up.
    others = {report.device_id for report in reports if report.device_id not in standing}
    known = writes.list_known_hubs(device_ids=others) if others else set()
    was: dict[Eui64, str] = {}
    judged: list[Judged] = []
    for report in reports:
        hub = standing.get(report.device_id)
        effect, state = apply(
            report,
            state=_STATES[hub.state] if hub else None,
            attempt=hub.attempt if hub else None,
            is_known_hub=hub is not None or report.device_id in known,
        )
        judged.append((report, effect, state))
        if effect is Effect.APPLIED and hub and state:
            was.setdefault(report.device_id, hub.state)
            hub.state, hub.since = state.value, report.happened_at
    if campaign_id is not None and was:
        _record(standing, was=was, network=network, campaign_id=campaign_id, version=firmware_version, at=at)
    return judged


def _record(
    standing: Mapping[Eui64, Standing],
    *,
    was: Mapping[Eui64, str],
    network: Network,
    campaign_id: int,
    version: str,
    at: datetime,
) -> None:
    moved = [(hub, was[device_id]) for device_id, hub in standing.items() if device_id in was]
    writes.move_hubs(campaign_id=campaign_id, moved=[hub for hub, _ in moved])
    counts.shift(campaign_id=campaign_id, shifts=_shifts(moved))
    activated = [hub for hub, _ in moved if hub.state == HubState.ACTIVATED]
    if activated:
        writes.activate_hubs(campaign_id=campaign_id, device_ids=[hub.device_id for hub in activated])
        # A hub whose old firmware left the CPL meanwhile is back with the new (MP105).
        suspensions.restore_activated(device_ids=[hub.device_id for hub in activated], at=at)
        if writes.raise_activation_alerts(
            campaign_id=campaign_id, firmware_version=version, activated=activated, raised_at=at
        ):
            # With one key for all, the batches of two networks would wait for each other.
            jobs.defer_once(Job.TELL_USERS, key=f"tell-users-{network}", lock=TELLING)


def _shifts(moved: Iterable[tuple[Standing, str]]) -> list[CountShift]:
    """Hubs of the same cell that made the same move count together."""
    moves = Counter(
        (hub.tranche_id, hub.region_id, hub.import_party_id, hub.gas_party_id, was, hub.state)
        for hub, was in moved
    )
    return [
        CountShift(tranche, region, import_party, gas_party, state, change)
        for (tranche, region, import_party, gas_party, was, now), count in moves.items()
        for state, change in ((was, -count), (now, count))
    ]
