"""Why a hub is, or is not, being upgraded: one object that every door shows (design 2.6).

The first of these that holds is the explanation:

    1  the hub has a row in the campaign: what has happened to it speaks for itself
    2  it is not eligible: the first refusal of `domain/eligibility.py`
    3  the campaign is over, or held
    4  its phase has not come: notice, pilot, gate
    5  its lot has not come: where its lot lies, and how far its region has got (`domain/lots.py`)

A Device that is Suspended has an explanation of its own (MP105): since when, which CPL entry, and what it gets back.

An explanation also says what would change it. The light of a campaign is the same idea for the whole: one word and
its reason, from the counts alone; it informs, and never opens a gate.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from safelaunch.domain import calendar, lots
from safelaunch.domain.campaigns import RUNNING, CampaignRules, Phase
from safelaunch.domain.eligibility import Eligibility, HubFacts, judge
from safelaunch.domain.hub_upgrades import ANSWER_DUE, MAX_ATTEMPTS, HubState, may_retry
from safelaunch.domain.smi import SmiStatus
from safelaunch.domain.suspension import SuspensionCause, status_to_restore


@dataclass(frozen=True, slots=True)
class UpgradeFacts:
    """The upgrade of the hub, once its night is firm; `night` is the evening's date of its tranche."""

    state: HubState
    since: datetime
    attempt: int
    read_count: int
    night: date | None
    activated_at: datetime | None


@dataclass(frozen=True, slots=True)
class CampaignStanding:
    """Where the campaign stands for this hub.

    Attributes:
        held_because: why it is held, in words this reader may see; None when it is not held.
        region_place: places of the order below this have had their turn in the hub's region, 0..lots.LOTS.
        pilot_place: the hub's place in the Default Pilot List from 0, or None when it is not in the pilot.
    """

    reference: str
    firmware_version: str
    phase: Phase
    rules: CampaignRules
    held_because: str | None
    pilot_starts_at: datetime | None
    lot_offset: int
    region_name: str
    region_place: int
    region_is_exhausted: bool
    pilot_place: int | None
    pilot_size: int


@dataclass(frozen=True, slots=True)
class Story:
    """Everything an explanation is made from."""

    lot: int
    hub: HubFacts
    campaign: CampaignStanding | None
    upgrade: UpgradeFacts | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a hub is where it is: a headline, the reasons, and what would change it (sentences)."""

    headline: str
    reasons: tuple[str, ...]
    what_would_change_it: str


@dataclass(frozen=True, slots=True)
class SuspensionFacts:
    """A Device that is Suspended; `cause` and `since` are None when it came into the inventory so.

    Attributes:
        entry: the CPL entry, in words, whose Devices were suspended, or that the Device's firmware lacks.
        status_before: what it held, None when nobody knows.
    """

    entry: str
    cause: SuspensionCause | None
    since: datetime | None
    status_before: SmiStatus | None
    commissioned_on: date | None
    is_hub: bool


class Light(StrEnum):
    """The evidence of a campaign in one word."""

    NONE = "NONE"
    GOOD = "GOOD"
    DOUBT = "DOUBT"
    BAD = "BAD"


def explain(story: Story, *, at: datetime) -> Explanation:
    """This function will say why a hub is, or is not, being upgraded (design 2.6)."""
    campaign = story.campaign
    if campaign is None:
        version = story.hub.firmware_version
        runs = f"Its firmware {version} is" if version else "Its firmware version is unknown, so it is"
        return Explanation(
            "No campaign concerns this hub.",
            (f"{runs} not among those that a published release upgrades.",),
            "A published campaign whose release upgrades its Device Model.",
        )
    if story.upgrade is not None:
        is_gone = story.hub.smi_status is SmiStatus.DECOMMISSIONED
        if is_gone and story.upgrade.state is HubState.WITHDRAWN:
            return Explanation(
                "Withdrawn: the hub is in use no more.",
                (f"Campaign {campaign.reference} let go of it on {say_time(story.upgrade.since)}.",),
                "Nothing; a hub that took its place is a target of its own.",
            )
        return _what_happened(campaign, story.upgrade, at=at)
    verdict = judge(story.hub, firmware_version=campaign.firmware_version)
    if verdict is not Eligibility.ELIGIBLE:
        return _not_eligible(verdict, story.hub, campaign)
    return _waiting(story, campaign, at=at)


def explain_suspension(facts: SuspensionFacts, /) -> Explanation:
    """This function will say why a Device is Suspended, what that means, and what restores it to what (MP105)."""
    since = f" since {say_time(facts.since)}" if facts.since is not None else ""
    because = {
        SuspensionCause.CPL_REMOVED: f"CPL entry {facts.entry} was removed",
        SuspensionCause.UNLISTED_FIRMWARE: f"it answered with {facts.entry}, which the CPL does not list as Active",
        None: "the inventory was told so when the Device was entered",
    }[facts.cause]
    back = _words(status_to_restore(facts.status_before, commissioned_on=facts.commissioned_on))
    whose = (
        "CHF and GPF are one, and suspended together."
        if facts.is_hub
        else "The other Devices are not concerned."
    )
    seen = "its network reports" if facts.is_hub else "an answer to 11.2 or 11.3 shows"
    return Explanation(
        f"Suspended{since}, because {because}.",
        (
            "Critical Service Requests, 6.23 and what reads or updates firmware reach it; others are refused (E5).",
            whose,
        ),
        f"It is restored to {back} when {seen} firmware that the CPL lists as Active, or when its own is listed again.",
    )


def explain_former(*, ended_at: datetime) -> Explanation:
    """This function will say to a former Supplier of a hub why it sees no more than its own time (Q4)."""
    return Explanation(
        f"You have not been responsible for this hub since {say_time(ended_at)}.",
        ("You see what happened to it while you were; what has happened since is its Supplier's.",),
        "A registration that makes you responsible for one of its meters again.",
    )


def light(*, activated: int, failed: int, unknown: int, rules: CampaignRules) -> Light:
    """This function will sum a campaign's counts of hubs up in one word; with nothing known it is NONE."""
    known = activated + failed
    if known == 0:
        return Light.DOUBT if unknown else Light.NONE
    if activated / known < rules.activation_success_min:
        return Light.BAD
    if known / (known + unknown) < rules.known_share_min:
        return Light.DOUBT
    return Light.GOOD


def say_time(at: datetime) -> str:
    """This function will say a moment in UK time: `Thursday 3 December 2026 at 21:04`."""
    local = at.astimezone(calendar.LONDON)
    return f"{local:%A} {local.day} {local:%B %Y} at {local:%H:%M}"


def _say_night(night: date) -> str:
    return f"the night of {night:%A} {night.day} {night:%B %Y}"


def _pilot_reasons(campaign: CampaignStanding) -> tuple[str, ...]:
    if campaign.pilot_place is None:
        return ()
    where = f"place {campaign.pilot_place + 1:,} of {campaign.pilot_size:,}"
    cover = (
        "the list is chosen to cover the hub models, meters and displays in use with as few homes as possible"
    )
    return (
        f"It is in the Default Pilot List, {where}: {cover}.",
        f"Its place comes up on day {_pilot_day(campaign)} of the pilot, counted from 0.",
    )


def _pilot_day(campaign: CampaignStanding) -> int:
    # The same rounding as `domain.tranches.ceiling`.
    steps = sorted(campaign.rules.pilot_steps)
    place = campaign.pilot_place or 0
    return next((day for day, share in steps if place < round(share * campaign.pilot_size)), steps[-1][0])


def _what_happened(campaign: CampaignStanding, upgrade: UpgradeFacts, *, at: datetime) -> Explanation:
    night = f" in {_say_night(upgrade.night)}" if upgrade.night else ""
    attempt = f"This is attempt {upgrade.attempt} of at most {MAX_ATTEMPTS}."
    pilot = _pilot_reasons(campaign)
    state = upgrade.state
    if state is HubState.ACTIVATED:
        return Explanation(
            f"Activated: it runs {campaign.firmware_version}.",
            (f"The new version was reported on {say_time(upgrade.activated_at or upgrade.since)}.", *pilot),
            "Nothing; this campaign is done with it.",
        )
    if state is HubState.PLANNED:
        return _planned(campaign, upgrade, night=night, pilot=pilot)
    if state in (HubState.INSTRUCTED, HubState.DEPLOYED):
        due = upgrade.since + ANSWER_DUE
        word = "delivered to the hub" if state is HubState.DEPLOYED else "handed to the network"
        late = " That time has passed, so it is about to be read back." if at >= due else ""
        return Explanation(
            "In flight: sent, and not yet answered.",
            (
                f"The firmware was {word} on {say_time(upgrade.since)}. {attempt}",
                f"Without an answer by {say_time(due)} its state is unknown.{late}",
                *pilot,
            ),
            "A report of its activation, or of its failure.",
        )
    if state is HubState.UNKNOWN:
        return Explanation(
            "Unknown: it has not said what became of the upgrade.",
            (
                f"Unknown since {say_time(upgrade.since)}: silence counts neither as success nor as failure.",
                f"Its firmware version has been read back {upgrade.read_count:,} times so far. {attempt}",
                *pilot,
            ),
            "An answer to a read-back: it then counts as activated or failed.",
        )
    return _came_back(upgrade, campaign, attempt=attempt, pilot=pilot)


def _planned(
    campaign: CampaignStanding, upgrade: UpgradeFacts, *, night: str, pilot: tuple[str, ...]
) -> Explanation:
    first = (
        f"Its upgrade is planned{night}."
        if upgrade.attempt == 1
        else f"It was first sent{night} and gets another night: attempt {upgrade.attempt} of at most {MAX_ATTEMPTS}."
    )
    if campaign.held_because is not None:
        return Explanation(
            "Planned, and waiting because the campaign is held.",
            (first, _held_reason(campaign), *pilot),
            "Two people resuming the campaign.",
        )
    return Explanation(
        f"Planned{night}." if upgrade.attempt == 1 else "Planned again.",
        (first, *pilot),
        "A stop of the campaign before it is handed over; anyone entitled may press it.",
    )


_CAME_BACK: dict[HubState, tuple[str, str]] = {
    HubState.UNREACHABLE: ("Unreachable: the network could not reach it.", "could not be reached"),
    HubState.FAILED: ("Failed: the new version is not running.", "reported a failed activation"),
    HubState.RECALLED: ("Recalled: the instruction was taken back in time.", "was recalled before it acted"),
    HubState.WITHDRAWN: ("Withdrawn: this campaign will not send to it again.", "was withdrawn"),
}


def _came_back(
    upgrade: UpgradeFacts, campaign: CampaignStanding, *, attempt: str, pilot: tuple[str, ...]
) -> Explanation:
    headline, verb = _CAME_BACK[upgrade.state]
    reasons = (f"It {verb} on {say_time(upgrade.since)}. {attempt}", *pilot)
    if campaign.phase not in RUNNING:
        return Explanation(headline, reasons, "Another campaign; this one is over.")
    if not may_retry(state=upgrade.state, attempt=upgrade.attempt):
        ending = "A new campaign, or a visit to the home; it gets no further attempt in this campaign."
        return Explanation(headline, reasons, ending)
    if campaign.held_because is not None:
        return Explanation(headline, (*reasons, _held_reason(campaign)), "Two people resuming the campaign.")
    return Explanation(headline, reasons, "Another attempt, due in the next night its region has room.")


def _not_eligible(verdict: Eligibility, hub: HubFacts, campaign: CampaignStanding) -> Explanation:
    headline, reason, change = {
        Eligibility.NOT_IN_INVENTORY: (
            "Not eligible: it is not in the inventory.",
            "The Smart Metering Inventory holds no status for it.",
            "A load of the inventory that names it.",
        ),
        Eligibility.ALREADY_ON_VERSION: (
            f"Not eligible: it runs {campaign.firmware_version} already.",
            "This campaign did not send it; the inventory says it runs the version.",
            "Nothing; it needs no upgrade.",
        ),
        Eligibility.MODEL_NOT_IN_RELEASE: (
            "Not eligible: the release does not upgrade its Device Model.",
            f"The release does not start from its hardware and firmware {hub.firmware_version or 'unknown'} (MP231).",
            "A release whose pathway starts from its version, or another upgrade before this one.",
        ),
        Eligibility.TARGET_NOT_ON_CPL: (
            "Not eligible: the new version is not active on the Central Products List.",
            "A hub may be given only what the CPL lists as active.",
            "The CPL listing the new Device Model as active.",
        ),
        Eligibility.NOT_COMMISSIONED: (
            "Not eligible: it is not commissioned.",
            f"Its status in the inventory is {_words(hub.smi_status)}.",
            "Its status becoming commissioned.",
        ),
    }[verdict]
    return Explanation(headline, (reason, f"The campaign asked about is {campaign.reference}."), change)


def _words(code: StrEnum | None) -> str:
    return code.value.replace("_", " ").lower() if code is not None else "unknown"


def _held_reason(campaign: CampaignStanding) -> str:
    because = (campaign.held_because or "").rstrip(".")
    return f"The campaign is held: {because}." if because else "The campaign is held."


def _waiting(story: Story, campaign: CampaignStanding, *, at: datetime) -> Explanation:
    pilot = _pilot_reasons(campaign)
    if campaign.phase in (Phase.COMPLETE, Phase.ABANDONED):
        return Explanation(
            f"Not upgraded: campaign {campaign.reference} is over.",
            (f"The campaign is {_words(campaign.phase)} and sends to no more hubs.",),
            "Another campaign.",
        )
    eligible = "It is eligible: in use, its Device Model is in the release and the new one is on the CPL."
    if campaign.held_because is not None:
        return Explanation(
            "Eligible, and waiting because the campaign is held.",
            (eligible, _held_reason(campaign), *pilot),
            "Two people resuming the campaign.",
        )
    if campaign.phase in (Phase.DRAFT, Phase.NOTIFIED):
        starts = campaign.pilot_starts_at
        when = f"The pilot starts on {say_time(starts)}." if starts else "The pilot has no date yet."
        return Explanation(
            "Eligible, and waiting for the notice period to end.",
            (eligible, when, *pilot),
            "The pilot starting.",
        )
    if campaign.phase is Phase.PILOT and campaign.pilot_place is None:
        return Explanation(
            "Eligible, and waiting for the pilot to prove the release.",
            (eligible, "It is not in the pilot; the campaign is in its pilot."),
            "The pilot's gate opening, and then its turn in the order of lots.",
        )
    if campaign.phase is Phase.PILOT:
        return Explanation(
            "Eligible, in the pilot, and waiting for its step.",
            (eligible, *pilot),
            f"Day {_pilot_day(campaign)} of the pilot, and room on its network that night.",
        )
    return _lot_order(story, campaign, eligible=eligible, at=at)


def _lot_order(story: Story, campaign: CampaignStanding, *, eligible: str, at: datetime) -> Explanation:
    place = lots.place(lot=story.lot, offset=campaign.lot_offset)
    reached = campaign.region_place
    passed = place < reached or campaign.region_is_exhausted
    where = (
        f"Its lot is {_round(place)} of the way round; region {campaign.region_name} has reached {_round(reached)}. "
        "Lots are drawn at random and say nothing of Supplier, age or place."
    )
    if passed:
        return Explanation(
            "Eligible, but its turn has passed.",
            (eligible, where, "It was not eligible, or was claimed elsewhere, when its lot came up."),
            "The sweep for late comers at the end of the roll-out, or its Supplier nominating it.",
        )
    when = f"As of {say_time(at)} exposure grows only as upgraded hubs prove themselves."
    return Explanation(
        "Eligible, and waiting for its turn.",
        (eligible, where, when),
        "Its lot coming up: the region reaches it as more hubs are proven and exposure grows.",
    )


def _round(place: int) -> str:
    return f"{100 * min(place, lots.LOTS) / lots.LOTS:.0f} %"
