"""Running a Communications Hub campaign: create, publish, stop, resume, abandon (SECMP0024, design 3)."""

from datetime import datetime

from safelaunch.domain import calendar, lots, people
from safelaunch.domain.campaigns import (
    CAMPAIGN,
    OPEN,
    CampaignEvent,
    Phase,
    Release,
    check_dates,
    judge_notice,
)
from safelaunch.domain.identifiers import read_firmware_version
from safelaunch.domain.people import Act, Actor
from safelaunch.domain.refusals import Conflict, Invalid
from safelaunch.domain.smi import CplStatus
from safelaunch.planning import bank_holidays
from safelaunch.services import holds
from safelaunch.services.jobs import Job
from safelaunch.store import jobs, transactions
from safelaunch.store.reads import campaigns as reads
from safelaunch.store.reads import tranches
from safelaunch.store.reads.campaigns import CampaignFacts, TargetOption
from safelaunch.store.writes import campaigns as writes
from safelaunch.store.writes import chunks, record


class NothingToUpgrade(Invalid):
    """No hub model on the CPL can become this firmware version."""


class UnknownHubModel(Invalid):
    """A hub model named is not in the inventory."""


class NotOnCpl(Conflict):
    """A target Device Model is not ACTIVE on the CPL."""


class NoticeAfterCpl(Conflict):
    """The new Device Model came onto the CPL before Suppliers were told."""


NotRunning = holds.NotRunning
StopReceipt = holds.StopReceipt


def create(
    *, reference: str, release: Release, hub_models: list[str], actor: Actor, at: datetime
) -> CampaignFacts:
    """This function will register a release as a campaign in DRAFT (R-0024-2).

    `hub_models` (`manufacturer/model`) narrows the release; empty means every model the CPL's pathways allow.

    Raises:
        Forbidden, UnknownHubModel, NothingToUpgrade, DateInThePast, DatesOutOfOrder, ReferenceTaken.
    """
    people.require(actor, Act.PREPARE)
    read_firmware_version(release.firmware_version)
    check_dates(release, on=calendar.london_date(at))
    options = _choose(hub_models, firmware_version=release.firmware_version)
    with transactions.transaction():
        campaign_id = writes.create(
            reference=reference,
            release=release,
            lot_offset=lots.offset_of(reference),
            targets=[(option.from_model_id, option.to_model_id) for option in options],
            at=at,
        )
        record.append(
            act="CREATE",
            actor=actor.name,
            at=at,
            cause=release.title,
            campaign_id=campaign_id,
            detail={"firmware_version": release.firmware_version, "device_models": len(options)},
        )
    return reads.get(reference=reference)


def _choose(hub_models: list[str], *, firmware_version: str) -> list[TargetOption]:
    known = reads.list_hub_models()
    unknown = [name for name in hub_models if name not in known]
    if unknown:
        raise UnknownHubModel(
            f"{', '.join(unknown)}: no such hub model. The inventory holds {', '.join(known) or 'no hubs yet'}."
        )
    options = [
        option
        for option in reads.list_target_options(firmware_version=firmware_version)
        if not hub_models or f"{option.manufacturer}/{option.model}" in hub_models
    ]
    if not options:
        raise NothingToUpgrade(
            f"No hub model can become firmware {firmware_version}: the CPL has no entry for it that names a version "
            "in the field as its predecessor. Import the CPL entry first (safelaunch cpl import)."
        )
    return options


def publish(*, reference: str, actor: Actor, at: datetime) -> CampaignFacts:
    """This function will give notice to every affected Supplier and open the campaign's windows (R-0024-1, Q1, Q2).

    Writes no row per hub: regions get a place in the order of lots, Suppliers a notice with their own numbers.

    Raises:
        Forbidden, NoSuchCampaign, NoSuchMove, NoticeTooShort, NoticeAfterCpl, NotOnCpl, ModelsClaimed.
    """
    people.require(actor, Act.PREPARE)
    campaign = reads.get(reference=reference)
    CAMPAIGN.next(campaign.phase, CampaignEvent.PUBLISH)
    notice = judge_notice(
        _release_of(campaign), published_at=at, holidays=bank_holidays.around(campaign.pilot_starts_on)
    )
    _check_cpl(campaign, at=at)
    with transactions.transaction():
        campaign_id = campaign.campaign_id
        writes.move(campaign_id=campaign_id, phase=campaign.phase, event=CampaignEvent.PUBLISH, at=at)
        writes.claim_models(campaign_id=campaign_id)
        # A region without an eligible hub today may have one tomorrow, and that hub is due its turn too.
        eligible = {region.region_id: 0 for region in tranches.list_regions()}
        for count in reads.count_eligible(campaign_id=campaign_id):
            eligible[count.region_id] += count.hub_count
        writes.publish(campaign_id=campaign_id, notice=notice, eligible_by_region=eligible, at=at)
        suppliers = writes.send_supplier_notices(campaign_id=campaign_id, sent_at=at)
        record.append(
            act="PUBLISH",
            actor=actor.name,
            at=at,
            cause="Notice to Suppliers",
            campaign_id=campaign_id,
            detail={"eligible_hubs": sum(eligible.values()), "suppliers": suppliers},
        )
        jobs.defer(Job.COMPILE_PILOT, lock=f"campaign-{campaign_id}", campaign_id=campaign_id)
    return reads.get(reference=reference)


def _release_of(campaign: CampaignFacts) -> Release:
    return Release(
        title=campaign.title,
        firmware_version=campaign.firmware_version,
        release_note=campaign.release_note,
        severity=campaign.severity,
        priority=campaign.priority,
        deploy_by=campaign.deploy_by,
        activate_by=campaign.activate_by,
        pilot_starts_on=campaign.pilot_starts_on,
        rules=campaign.rules,
    )


def _check_cpl(campaign: CampaignFacts, *, at: datetime) -> None:
    today = calendar.london_date(at)
    for target in reads.list_targets(campaign_id=campaign.campaign_id):
        name = f"{target.manufacturer}/{target.model} {campaign.firmware_version}"
        if target.cpl_status != CplStatus.ACTIVE:
            raise NotOnCpl(f"{name} is {target.cpl_status} on the CPL; it has to be ACTIVE.")
        # R-0024-1: notice is due no later than the moment the new Device Model comes onto the CPL.
        if calendar.london_date(target.cpl_added_at) < today:
            raise NoticeAfterCpl(
                f"{name} came onto the CPL on {target.cpl_added_at:%d %B %Y}, before this notice; Suppliers are due "
                "notice no later than the CPL entry. Record the late notice with the Panel and enter the Device "
                "Model on the CPL anew."
            )


def stop_now(*, reference: str, because: str, actor: Actor, at: datetime) -> StopReceipt:
    """This function will stop a campaign at once; one person is enough and nothing is asked back (R-0024-13).

    When it returns, nothing more leaves for any network: the epoch has risen, senders have been waited for, and a
    recall of what is already handed over is on its way. A stop by a Supplier opens a Severity 1 incident.

    Raises:
        Forbidden, NoSuchCampaign; NotRunning when the campaign has not begun or has ended.
    """
    people.require(actor, Act.STOP)
    with transactions.transaction():
        return holds.stop(reference=reference, because=because, actor=actor, at=at)


def propose_resume(*, reference: str, reason: str, actor: Actor, at: datetime) -> CampaignFacts:
    """This function will note that one person wants a held campaign to go on; a second has to approve (Q9).

    Raises:
        Forbidden, NoSuchCampaign, NotRunning; Invalid without a reason.
    """
    people.require(actor, Act.PROPOSE)
    if not reason.strip():
        raise Invalid("A resume needs a reason: the direction or the evidence it rests on.")
    with transactions.transaction():
        campaign = _lock_held(reference)
        writes.propose_resume(
            campaign_id=campaign.campaign_id, person_id=_person(actor), reason=reason.strip()
        )
        record.append(
            act="PROPOSE_RESUME",
            actor=actor.name,
            at=at,
            cause=reason.strip(),
            campaign_id=campaign.campaign_id,
        )
    return reads.get(reference=reference)


def approve_resume(*, reference: str, actor: Actor, at: datetime) -> CampaignFacts:
    """This function will let a held campaign go on, when a second person agrees (Q9).

    Raises:
        Forbidden, SamePerson, NoSuchCampaign, NotRunning when nobody has proposed it.
    """
    people.require(actor, Act.APPROVE)
    with transactions.transaction():
        campaign = _lock_held(reference)
        if campaign.resume_proposed_by_id is None:
            raise NotRunning(
                f"Nobody has proposed to resume campaign {reference} yet; one person has to propose it."
            )
        people.require_second_person(proposer_id=campaign.resume_proposed_by_id, approver=actor)
        writes.release_hold(campaign_id=campaign.campaign_id)
        record.append(
            act="RESUME",
            actor=actor.name,
            at=at,
            cause=campaign.resume_reason or "",
            campaign_id=campaign.campaign_id,
            detail={"epoch": campaign.epoch, "phase": campaign.phase.value},
        )
    return reads.get(reference=reference)


def abandon(*, reference: str, because: str, actor: Actor, at: datetime) -> CampaignFacts:
    """This function will end a campaign for good: what is planned is withdrawn, what is handed over is recalled.

    Raises:
        Forbidden, NoSuchCampaign, NoSuchMove; Invalid without a reason.
    """
    people.require(actor, Act.PREPARE)
    if not because.strip():
        raise Invalid("Abandoning a campaign needs a reason; Suppliers will read it.")
    campaign = reads.get(reference=reference)
    CAMPAIGN.next(campaign.phase, CampaignEvent.ABANDON)
    with transactions.transaction():
        locked = reads.lock(campaign_id=campaign.campaign_id)
        if locked.phase is not Phase.DRAFT:
            holds.hold(campaign=locked, because=because.strip(), actor=actor, at=at)
        writes.move(campaign_id=locked.campaign_id, phase=locked.phase, event=CampaignEvent.ABANDON, at=at)
        withdrawn = chunks.withdraw(campaign_id=locked.campaign_id, at=at)
        record.append(
            act="ABANDON",
            actor=actor.name,
            at=at,
            cause=because.strip(),
            campaign_id=locked.campaign_id,
            detail={"withdrawn_hubs": withdrawn},
        )
    return reads.get(reference=reference)


def _lock_held(reference: str) -> CampaignFacts:
    campaign = reads.lock(campaign_id=reads.get(reference=reference).campaign_id)
    if not campaign.is_held or campaign.phase not in OPEN:
        raise NotRunning(f"Campaign {reference} is {campaign.state}; only a held campaign can be resumed.")
    return campaign


def _person(actor: Actor) -> int:
    if actor.person_id is None:
        raise Invalid("Only a person can propose or approve; a rule cannot.")
    return actor.person_id
