"""`safelaunch demo --scenario device-firmware`: Suppliers bring firmware to their Devices, from the request to the last answer.

Three Suppliers ask over DUIS for firmware for their meters, displays and load controllers, and activate what was verified;
one home in five has an old hub, whose displays wait until the hub campaign reaches it. In the end each Supplier's receiver
is compared with the simulator's own truth, alert by alert, and each Device's journey with what the Device runs.
"""

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from django.conf import settings

from safelaunch.domain.firmware_journeys import TargetState
from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.people import Actor
from safelaunch.domain.refusals import Unreachable
from safelaunch.gateways import gbcs_keys, xml_keys
from safelaunch.interfaces.cli import firmware_truth, stage
from safelaunch.interfaces.cli.acting import actor_of
from safelaunch.interfaces.cli.duis_sending import post
from safelaunch.interfaces.cli.firmware_receivers import Receivers
from safelaunch.interfaces.cli.firmware_requests import write_update
from safelaunch.interfaces.cli.firmware_truth import Comparison
from safelaunch.interfaces.cli.stage import APPROVER, PROPOSER, STARTS_AT, Play, Stage
from safelaunch.interfaces.cli.terminal import print_table, say
from safelaunch.planning import estate
from safelaunch.services import (
    bulk_activations,
    certificates,
    deliveries,
    estates,
    firmware_demonstrations,
    firmware_distribution,
    firmware_tracking,
    wake_ups,
)
from safelaunch.services.firmware_demonstrations import Plan
from safelaunch.services.jobs import Job
from safelaunch.store.reads import bulk_activations as reads
from safelaunch.store.reads import clock, jobs

SCENARIO = "device-firmware"
HUBS = 20_000
"""Enough homes for as many Devices of three Suppliers."""

_SUPPLIERS = (1, 2, 3)
_MODERN = 0.8
_HUB_CAMPAIGN_DAY = 6
_LAST_DAY = 40
_BREATH = timedelta(minutes=30)
_TURN = timedelta(hours=24)
_PATIENCE = 120.0
_TIMEOUT = 60.0


@dataclass
class _Playing:
    """A demonstration under way: its processes, its plan, and what was asked so far."""

    set_stage: Stage
    plan: Plan
    receivers: Receivers
    version: str
    at: datetime = STARTS_AT
    requests: list[int] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)
    keys: dict[Eui64, EllipticCurvePrivateKey] = field(default_factory=dict)


def play(*, hubs: int, devices: int, seed: int) -> dict[str, Any]:
    """This function will play the demonstration, and give what came of it.

    Raises:
        Refused, Unreachable: it cannot be set up, or a process stays away.
    """
    begun = time.monotonic()
    played = Play(hubs=hubs, scenario=SCENARIO, seed=seed)
    stage.prepare(played)
    with (
        Receivers() as receivers,
        stage.set_up(played, host="127.0.0.1", port=None, with_campaign=False) as set_stage,
    ):
        playing = _Playing(
            set_stage=set_stage,
            plan=firmware_demonstrations.plan(party_ids=_SUPPLIERS, devices=devices),
            receivers=receivers,
            version=estates.eligible_version(estate.describe(hubs=hubs, seed=seed)),
        )
        _introduce(playing)
        _modernise(playing, share=_MODERN)
        say(f"{time.monotonic() - begun:5.1f} s  The stage is set.")
        _ask(playing)
        say(f"{time.monotonic() - begun:5.1f} s  {len(playing.requests)} requests: {dict(playing.answers)}.")
        for day in _days(playing):
            say(f"{time.monotonic() - begun:5.1f} s  {day:%d %b}  {_words(playing)}")
        _wait_for_receivers(playing)
        outcome = _outcome(playing)
    outcome |= {"hubs": hubs, "seed": seed, "seconds": round(time.monotonic() - begun, 1)}
    return outcome


def _introduce(playing: _Playing) -> None:
    """File the certificates of the Suppliers, give them receive addresses, and have the CPL list their images."""
    actor, keys_dir = Actor(name="Demonstration"), settings.DATA / "keys"
    for user_id in sorted(set(playing.plan.users.values())):
        pair = gbcs_keys.load_or_create_supplier(keys_dir, eui=user_id, agrees_keys=False)
        playing.keys[user_id] = pair.key
        xml_keys.load_or_create_user(keys_dir, eui=user_id)
        _, filed = xml_keys.paths_of_user(keys_dir, eui=user_id)
        pem = (keys_dir / f"org-{user_id}-ds.crt.pem".lower()).read_bytes()
        certificates.import_certificates(files=[pem, filed.read_bytes()], actor=actor, at=STARTS_AT)
        address = playing.receivers.address_of(user_id)
        deliveries.set_receiver(user_id=user_id, actor=actor, at=STARTS_AT, address=address)
    entries = {update.entry.device_model_id: update.entry for update in playing.plan.updates}
    firmware_demonstrations.list_images(
        images={
            update.entry.device_model_id: firmware_demonstrations.image_of(
                update, key=playing.keys[update.user_id]
            )
            for update in playing.plan.updates
        },
        entries=list(entries.values()),
        proposer=actor_of(PROPOSER),
        approver=actor_of(APPROVER),
        at=STARTS_AT,
    )


def _modernise(playing: _Playing, *, share: float) -> None:
    """Have hubs run the release that a hub campaign brings, in the inventory and in the networks."""
    changed = firmware_demonstrations.modernise_hubs(share=share, firmware_version=playing.version)
    asked = {
        "at": playing.at.isoformat(),
        "firmware_version": playing.version,
        "device_ids": [str(one) for one in changed],
    }
    answer = httpx.post(
        f"{playing.set_stage.simulator_url}/simulator/hubs", json=asked, timeout=_TIMEOUT, trust_env=False
    )
    answer.raise_for_status()


def _ask(playing: _Playing) -> None:
    """Send the requests of all Suppliers, signed, over DUIS; what an old hub stands before is to wait for it."""
    address = f"{playing.set_stage.portal_url}/api/v1/serviceD"
    keys_dir = settings.DATA / "keys"
    for number, update in enumerate(playing.plan.updates, start=1):
        image = firmware_demonstrations.image_of(update, key=playing.keys[update.user_id])
        document = write_update(
            update,
            image=image,
            dsp_id=settings.DSP_ID,
            counter=number * 100_000,
            signer=xml_keys.load_or_create_user(keys_dir, eui=update.user_id),
        )
        reply = post(document, address=address, timeout=_TIMEOUT)
        playing.answers[_code_of(reply.octets)] += 1
    everything = firmware_tracking.list_requests(viewer_party_id=None, before=None, limit=1_000)
    playing.requests = [one.service_request_id for one in everything]
    for one in everything:
        if one.excluded_count and one.srv == "11.4":
            _wait_for_hubs(one.service_request_id, at=playing.at)


def _wait_for_hubs(service_request_id: int, *, at: datetime) -> None:
    try:
        firmware_distribution.wait_for_hubs(
            service_request_id=service_request_id, actor=actor_of(PROPOSER), at=at
        )
    except firmware_distribution.NothingToDo:
        return


def _code_of(octets: bytes) -> str:
    return octets.partition(b"ResponseCode>")[2].partition(b"<")[0].decode()


def _days(playing: _Playing) -> Iterator[datetime]:
    """Let days pass until nothing is under way: each Supplier activates what was verified, and goes on."""
    director = playing.set_stage.director
    last = STARTS_AT + timedelta(days=_LAST_DAY)
    while playing.at < last:
        if playing.at == STARTS_AT + timedelta(days=_HUB_CAMPAIGN_DAY):
            _modernise(playing, share=1.0)
        director.pass_to(playing.at + _BREATH)
        playing.at += _TURN
        director.pass_to(playing.at)
        for request in reads.list_activatable_requests():
            _activate(playing, request)
        yield playing.at
        if not _is_under_way(playing):
            break
    director.pass_to(playing.at + _BREATH)


def _activate(playing: _Playing, service_request_id: int) -> None:
    drafts = bulk_activations.draft(service_request_id=service_request_id)
    key = playing.keys[bulk_activations.signatory_of(service_request_id=service_request_id)]
    bulk_activations.send(
        service_request_id=service_request_id,
        signed=[bulk_activations.sign(one, key=key) for one in drafts],
        at=playing.at,
    )


def _is_under_way(playing: _Playing) -> bool:
    standings = firmware_tracking.list_stuck(viewer_party_id=None, at=playing.at)
    return any(one.count.is_open or one.count.state == TargetState.UNKNOWN for one in standings)


def _words(playing: _Playing) -> str:
    counts: Counter[str] = Counter()
    for one in firmware_tracking.count_all(at=playing.at):
        counts[one.state] += one.device_count
    return "  ".join(f"{name.replace('_', ' ').lower()} {count:,}" for name, count in counts.most_common(6))


def _wait_for_receivers(playing: _Playing) -> None:
    """Wait until the Suppliers were told everything: receivers live in real time."""
    deadline = time.monotonic() + _PATIENCE
    # A job is not deferred while its like ends, so what is left lying is looked for until nothing is.
    while jobs.is_job_waiting(but=(Job.SWEEP, Job.WAKE)) or wake_ups.sweep(at=clock.wall_now()):
        playing.set_stage.children.require_alive()
        if time.monotonic() > deadline:
            raise Unreachable("The messages for the Suppliers do not get out; look at the worker's log.")
        time.sleep(0.02)


def _outcome(playing: _Playing) -> dict[str, Any]:
    asked = f"{playing.set_stage.simulator_url}/simulator/firmware"
    truth = httpx.get(asked, timeout=_TIMEOUT, trust_env=False).json()
    ends = list(firmware_tracking.walk_ends())
    comparison = firmware_truth.compare(
        playing.receivers.alerts(),
        entitled_to=firmware_truth.entitled(
            playing.plan,
            told=[tuple(one) for one in truth["told"]],
            given_up=[(str(one.user_id), str(one.device_id)) for one in ends if one.is_given_up],
        ),
    )
    wrong = [
        one
        for one in ends
        if (one.state == TargetState.ACTIVATED)
        != (truth["versions"].get(str(one.device_id)) == one.firmware_version)
    ]
    states = Counter(one.state for one in ends)
    return {
        "scenario": SCENARIO,
        "devices": sum(len(update.devices) for update in playing.plan.updates),
        "types": dict(
            Counter(device.device_type for update in playing.plan.updates for device in update.devices)
        ),
        "requests": len(playing.requests),
        "answers": dict(playing.answers),
        "states": dict(states),
        "messages": len(playing.receivers.bodies),
        "alerts": _alerts(comparison),
        "missing": [one._asdict() for one in comparison.missing[:20]],
        "surplus": [one._asdict() for one in comparison.surplus[:20]],
        "states_unlike_truth": [f"{one.device_id} {one.state}" for one in wrong[:20]],
        "is_equal": comparison.is_equal and not wrong,
        "until": playing.at.isoformat(),
    }


def _alerts(comparison: Comparison) -> list[dict[str, Any]]:
    names = sorted({*comparison.held, *comparison.entitled})
    return [
        {
            "user_id": user_id,
            "code": code,
            "held": comparison.held.get((user_id, code), 0),
            "entitled": comparison.entitled.get((user_id, code), 0),
        }
        for user_id, code in names
    ]


def show(outcome: dict[str, Any]) -> None:
    """This function will print what came of the demonstration: where Devices stand, and the comparison."""
    print_table(
        title=f"{outcome['devices']:,} Devices in {outcome['requests']} requests, {outcome['seconds']} s",
        columns=("Stand", "Devices"),
        rows=sorted(outcome["states"].items()),
    )
    print_table(
        title="Alerts that each Supplier holds, and is entitled to by the simulator's truth",
        columns=("User ID", "Alert", "Held", "Entitled to"),
        rows=[(one["user_id"], one["code"], one["held"], one["entitled"]) for one in outcome["alerts"]],
    )
    if outcome["is_equal"]:
        say(
            "Each receiver holds exactly the alerts it is entitled to, and every journey ended as the Device says."
        )
        return
    say("The receivers or the journeys differ from the truth; the first of each:")
    for name in ("missing", "surplus", "states_unlike_truth"):
        for one in outcome[name]:
            say(f"  {name.replace('_', ' ')}: {one}")
