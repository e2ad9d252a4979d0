"""What Suppliers find after a hub's upgrade: feedback, hub by hub (R-0024-7, Q6).

1. A Party speaks of hubs that it is responsible for now, and that a campaign has sent its firmware to; whether the hub
   answered, failed or runs the new version makes no difference. It may speak after the campaign has ended, too.
2. A hub works, or it shows faults, as many as there are; what is none of the usual faults is told in words.
3. What a Party says of a hub takes the place of what it said of it before in that campaign; both are kept.
"""

from enum import StrEnum

from safelaunch.domain.hub_upgrades import HubState


class Finding(StrEnum):
    """What was found."""

    WORKS = "WORKS"
    DOES_NOT_INTEROPERATE = "DOES_NOT_INTEROPERATE"
    METER_SILENT = "METER_SILENT"
    HALF_HOURLY_DATA_MISSING = "HALF_HOURLY_DATA_MISSING"
    TOP_UP_FAILED = "TOP_UP_FAILED"
    OTHER = "OTHER"


WORDS: dict[Finding, str] = {
    Finding.WORKS: "works",
    Finding.DOES_NOT_INTEROPERATE: "does not interoperate",
    Finding.METER_SILENT: "meter silent",
    Finding.HALF_HOURLY_DATA_MISSING: "half-hourly data missing",
    Finding.TOP_UP_FAILED: "top-up failed",
    Finding.OTHER: "other",
}
"""The findings as people read them."""


class FeedbackOutcome(StrEnum):
    """What became of feedback on one hub; all but the first are refusals."""

    TAKEN_DOWN = "TAKEN_DOWN"
    NOT_YOURS = "NOT_YOURS"
    NOT_SENT = "NOT_SENT"
    CONTRADICTED = "CONTRADICTED"


REASONS: dict[FeedbackOutcome, str] = {
    FeedbackOutcome.TAKEN_DOWN: "Taken down; the DCC reads it.",
    FeedbackOutcome.NOT_YOURS: "This is no Communications Hub that you are responsible for; a hub is named by its CHF.",
    FeedbackOutcome.NOT_SENT: "The campaign has not sent its firmware to this hub.",
    FeedbackOutcome.CONTRADICTED: "The same message says that this hub works and that it does not.",
}
"""The reasons as a Supplier reads them."""

_UNTOUCHED = frozenset({HubState.PLANNED, HubState.UNREACHABLE, HubState.RECALLED, HubState.WITHDRAWN})


def judge(*, is_own: bool, state: HubState | None, findings: frozenset[Finding]) -> FeedbackOutcome:
    """This function will say what becomes of feedback on one hub; the first refusal wins.

    Args:
        is_own: whether the Party is responsible for it now.
        state: of its upgrade in the campaign; None when it has none.
        findings: all that the message says of it.
    """
    if not is_own:
        return FeedbackOutcome.NOT_YOURS
    if state is None or state in _UNTOUCHED:
        return FeedbackOutcome.NOT_SENT
    if Finding.WORKS in findings and len(findings) > 1:
        return FeedbackOutcome.CONTRADICTED
    return FeedbackOutcome.TAKEN_DOWN
