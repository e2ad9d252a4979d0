"""What becomes of a report from a CSP: applied, or kept unapplied with the reason. None is ever dropped."""

from enum import StrEnum


class Effect(StrEnum):
    """What a report did."""

    APPLIED = "APPLIED"
    NOTED = "NOTED"
    LATE = "LATE"
    UNKNOWN_HUB = "UNKNOWN_HUB"
    NOT_INSTRUCTED = "NOT_INSTRUCTED"


WORDS: dict[Effect, str] = {
    Effect.APPLIED: "moved the hub",
    Effect.NOTED: "recorded as evidence",
    Effect.LATE: "says nothing new, or speaks of an earlier attempt",
    Effect.UNKNOWN_HUB: "names a Device ID that is not in the inventory",
    Effect.NOT_INSTRUCTED: "speaks of an upgrade that was never instructed",
}
