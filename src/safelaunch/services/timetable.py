"""What is due at a moment. The worker looks every few minutes; a demonstration looks at every turn of the day.

Looking twice does no harm: a night is planned once, a day is reviewed once, and a job that waits is not deferred again.
"""

from datetime import datetime

from safelaunch.domain import calendar
from safelaunch.domain.campaigns import RUNNING, CampaignEvent, Phase
from safelaunch.services import (
    deferrals,
    firmware_distribution,
    follow_up,
    gates,
    handovers,
    preferences,
)
from safelaunch.services.jobs import Job
from safelaunch.services.requests import device_logs
from safelaunch.store import jobs, transactions
from safelaunch.store.reads import campaigns, device_commands, read_backs, registrations, tenancy, tranches
from safelaunch.store.reads import han_logs as han_log_reads
from safelaunch.store.reads.campaigns import CampaignFacts
from safelaunch.store.writes import campaigns as writes
from safelaunch.store.writes import clock, record


def step_clock(*, to: datetime) -> None:
    """This function will move the stepped clock of a demonstration forward."""
    with transactions.transaction():
        clock.set_stepped_clock(shows=to)


def look(*, at: datetime) -> int:
    """This function will defer what is due for each open campaign, and give the number of campaigns looked at.

    Each campaign has its own transaction, so one that fails does not hold up the others' alarms.
    """
    _defer_commands(at=at)
    if read_backs.is_read_back_due(at=at):
        with transactions.transaction():
            jobs.defer_once(Job.READ_BACK_DEVICES, key="read-backs")
    next_at = registrations.next_registration_due()
    if next_at is not None and next_at <= at:
        with transactions.transaction():
            handovers.defer_next(at=at)
    if tenancy.is_look_due(at=at):
        with transactions.transaction():
            jobs.defer_once(Job.LOOK_AT_DISPLAYS, key="displays")
    with transactions.transaction():
        deferrals.expire(at=at)
    due_at = han_log_reads.next_log_update_due()
    if due_at is not None and due_at <= at:
        with transactions.transaction():
            jobs.defer_once(Job.LOOK_AT_HAN_LOGS, key=device_logs.WATCH)
    firmware_distribution.defer_due(at=at)
    open_campaigns = campaigns.list_open()
    for campaign in open_campaigns:
        with transactions.transaction():
            _defer_due(campaigns.lock(campaign_id=campaign.campaign_id), at=at)
    return len(open_campaigns)


def _defer_commands(*, at: datetime) -> None:
    networks = device_commands.list_networks_due(at=at)
    if networks:
        with transactions.transaction():
            for network in networks:
                key = f"device-commands-{network}"
                jobs.defer_once(Job.SEND_DEVICE_COMMANDS, key=key, network=network.value)


def _defer_due(campaign: CampaignFacts, *, at: datetime) -> None:
    if campaign.is_held and campaign.phase is Phase.NOTIFIED:
        return
    if campaign.phase is Phase.NOTIFIED and campaign.pilot_starts_at and campaign.pilot_starts_at <= at:
        writes.move(
            campaign_id=campaign.campaign_id,
            phase=campaign.phase,
            event=CampaignEvent.START_PILOT,
            at=campaign.pilot_starts_at,
        )
        record.append(
            act="START_PILOT",
            actor="Safelaunch",
            at=at,
            cause="The notice period has passed",
            campaign_id=campaign.campaign_id,
        )
        preferences.settle_pilot(campaign, at=at)
        campaign = campaigns.get_by_id(campaign_id=campaign.campaign_id)
    if campaign.phase not in RUNNING:
        return
    key = f"campaign-{campaign.campaign_id}"
    today, night = calendar.london_date(at), calendar.night_open(at)
    if campaign.last_reviewed_on != today:
        jobs.defer_once(Job.REVIEW, key=f"{key}-review", campaign_id=campaign.campaign_id)
    is_due = campaign.last_planned_night != night or tranches.has_chunk_of_the_hour(
        campaign_id=campaign.campaign_id, at=at
    )
    if night is not None and not campaign.is_held and is_due:
        jobs.defer_once(
            Job.PLAN_TONIGHT, key=f"{key}-plan", campaign_id=campaign.campaign_id, night=night.isoformat()
        )


def review(*, campaign_id: int, at: datetime) -> None:
    """This function will make a campaign's daily review: stop it if it fails, chase what is owed, settle what is done."""
    gates.stop_if_failing(campaign_id=campaign_id, at=at)
    follow_up.chase(campaign_id=campaign_id, at=at)
    follow_up.settle(campaign_id=campaign_id, at=at)
