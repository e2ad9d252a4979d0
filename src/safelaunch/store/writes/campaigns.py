"""Writing campaigns: one row by the ORM, locks and sets by statement."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date, datetime

from django.db import IntegrityError, OperationalError

from safelaunch.domain.campaigns import CAMPAIGN, CampaignEvent, Notice, Phase, Release
from safelaunch.domain.refusals import Conflict
from safelaunch.store import sql
from safelaunch.store.models import Campaign, CampaignRegion, CampaignTarget
from safelaunch.store.transactions import forbid, savepoint, transaction_required


class ReferenceTaken(Conflict):
    """Another campaign has this reference."""


class ModelsClaimed(Conflict):
    """Another open campaign upgrades some of the same Device Models."""


@transaction_required
def create(
    *, reference: str, release: Release, lot_offset: int, targets: list[tuple[int, int]], at: datetime
) -> int:
    """This function will create a campaign in DRAFT with its targets (from, to) and give its number.

    Raises:
        ReferenceTaken: the reference is in use.
    """
    try:
        campaign = _insert(reference=reference, release=release, lot_offset=lot_offset, at=at)
    except IntegrityError as error:
        raise ReferenceTaken(f"A campaign {reference!r} exists already; choose another reference.") from error
    CampaignTarget.objects.bulk_create(
        CampaignTarget(campaign_id=campaign.campaign_id, from_model_id=old, to_model_id=new)
        for old, new in targets
    )
    return campaign.campaign_id


def _insert(*, reference: str, release: Release, lot_offset: int, at: datetime) -> Campaign:
    return Campaign.objects.create(
        reference=reference,
        title=release.title,
        firmware_version=release.firmware_version,
        release_note=release.release_note,
        severity=release.severity,
        priority=release.priority,
        pilot_starts_on=release.pilot_starts_on,
        deploy_by=release.deploy_by,
        activate_by=release.activate_by,
        rules=asdict(release.rules),
        lot_offset=lot_offset,
        phase_since=at,
        created_at=at,
    )


@transaction_required
def claim_models(*, campaign_id: int) -> None:
    """This function will claim a campaign's Device Models: one open campaign for each (TABASC, one version at a time).

    Raises:
        ModelsClaimed: another open campaign holds some of them.
    """
    wanted = CampaignTarget.objects.filter(campaign_id=campaign_id).values("from_model_id")
    other = CampaignTarget.objects.filter(is_open=True, from_model_id__in=wanted).first()
    if other is not None:
        holder = Campaign.objects.get(campaign_id=other.campaign_id)
        raise ModelsClaimed(
            f"Campaign {holder.reference} is upgrading some of the same hub models; one version at a time is rolled "
            "out. Complete or abandon it first."
        )
    try:
        CampaignTarget.objects.filter(campaign_id=campaign_id).update(is_open=True)
    except IntegrityError as error:
        raise ModelsClaimed(
            "Another campaign has just claimed some of the same hub models; one version at a time is rolled out."
        ) from error


@transaction_required
def publish(*, campaign_id: int, notice: Notice, eligible_by_region: dict[int, int], at: datetime) -> None:
    """This function will open a campaign's windows and the order of turns of each region."""
    Campaign.objects.filter(campaign_id=campaign_id).update(
        published_at=at,
        list_closes_at=notice.list_closes_at,
        pilot_starts_at=notice.pilot_starts_at,
        eligible_count=sum(eligible_by_region.values()),
    )
    CampaignRegion.objects.bulk_create(
        CampaignRegion(campaign_id=campaign_id, region_id=region, eligible_count=count)
        for region, count in eligible_by_region.items()
    )


@transaction_required
def send_supplier_notices(*, campaign_id: int, sent_at: datetime) -> int:
    """This function will notify every affected Supplier and give their number (R-0024-1, R-0024-17)."""
    return sql.execute("send_supplier_notices", campaign_id=campaign_id, sent_at=sent_at)


@transaction_required
def move(*, campaign_id: int, phase: Phase, event: CampaignEvent, at: datetime) -> Phase:
    """This function will move a campaign along its machine, if it still is in the phase it was read in.

    Raises:
        Conflict: the event does not apply, or somebody else moved the campaign first.
    """
    target = CAMPAIGN.next(phase, event)
    moved = Campaign.objects.filter(campaign_id=campaign_id, phase=phase).update(phase=target, phase_since=at)
    if moved != 1:
        raise Conflict("The campaign has just been moved by somebody else; look at it again.")
    if target in {Phase.COMPLETE, Phase.ABANDONED}:
        CampaignTarget.objects.filter(campaign_id=campaign_id).update(is_open=False)
    return target


@transaction_required
def hold(
    *, campaign_id: int, because: str, by: str, party_id: int | None, is_sev1: bool, at: datetime
) -> int:
    """This function will hold a campaign and raise its epoch, and give the new epoch."""
    campaign = Campaign.objects.select_for_update().get(campaign_id=campaign_id)
    campaign.epoch += 1
    if campaign.held_at is None:
        campaign.held_at, campaign.held_because, campaign.held_by = at, because, by
        campaign.held_by_party_id = party_id
    campaign.is_sev1_open = campaign.is_sev1_open or is_sev1
    campaign.resume_proposed_by_id = None
    campaign.resume_reason = None
    campaign.save()
    return campaign.epoch


@transaction_required
def propose_resume(*, campaign_id: int, person_id: int, reason: str) -> None:
    """This function will note that one person wants a held campaign to go on."""
    Campaign.objects.filter(campaign_id=campaign_id).update(
        resume_proposed_by_id=person_id, resume_reason=reason
    )


@transaction_required
def release_hold(*, campaign_id: int) -> None:
    """This function will let a held campaign go on where it was."""
    Campaign.objects.filter(campaign_id=campaign_id).update(
        held_at=None,
        held_because=None,
        held_by=None,
        held_by_party_id=None,
        is_sev1_open=False,
        resume_proposed_by_id=None,
        resume_reason=None,
    )


@transaction_required
def note_planned(*, campaign_id: int, night: date) -> None:
    """This function will note that a night has been planned."""
    Campaign.objects.filter(campaign_id=campaign_id).update(last_planned_night=night)


@transaction_required
def note_reviewed(*, campaign_id: int, on: date) -> None:
    """This function will note that a day's review has been made."""
    Campaign.objects.filter(campaign_id=campaign_id).update(last_reviewed_on=on)


@transaction_required
def note_pilot_size(*, campaign_id: int, pilot_size: int, settled_at: datetime | None = None) -> None:
    """This function will note how many hubs the pilot holds, and when Preferred Pilot Lists were taken into it."""
    Campaign.objects.filter(campaign_id=campaign_id).update(
        pilot_size=pilot_size, pilot_settled_at=settled_at
    )


@contextmanager
def sending(*, campaign_id: int) -> Iterator[None]:
    """This function will hold the shared right to send for a campaign, outside any transaction.

    Whoever sends takes this lock, then reads the campaign under its row lock. A stop takes the row first and then
    waits for this lock, so nobody can read a campaign as running and send after the stop has committed (design 3.1).
    """
    forbid()
    sql.fetch_value("lock_campaign_sending", campaign_id=campaign_id)
    try:
        yield
    finally:
        sql.fetch_value("unlock_campaign_sending", campaign_id=campaign_id)


@transaction_required
def wait_for_senders(*, campaign_id: int, milliseconds: int) -> bool:
    """This function will wait until nobody sends for a campaign that this transaction has locked.

    Gives False when a sender hangs for longer than `milliseconds`: what hangs had left before the stop, and a stop
    does not wait for a network that does not answer.
    """
    try:
        with savepoint():
            limit_lock_wait(milliseconds=milliseconds)
            lock_campaign_stopping(campaign_id=campaign_id)
            limit_lock_wait(milliseconds=0)
    except OperationalError:
        return False
    return True


def limit_lock_wait(*, milliseconds: int) -> None:
    """This function will bound waits for locks until the savepoint ends."""
    sql.fetch_value("limit_lock_wait", milliseconds=milliseconds)


def lock_campaign_stopping(*, campaign_id: int) -> None:
    """This function will take the right to send for itself until the transaction ends."""
    sql.fetch_value("lock_campaign_stopping", campaign_id=campaign_id)
