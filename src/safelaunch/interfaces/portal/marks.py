"""Words, tones and icons of codes. Status is never colour alone: an icon and a word stand with it."""

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

MARKS: dict[str, tuple[str, str]] = {
    "DRAFT": ("waiting", "Draft"),
    "NOTIFIED": ("waiting", "Notice given"),
    "PILOT": ("progress", "Pilot"),
    "SAFE_LAUNCH": ("progress", "Safe Launch"),
    "MASS_ROLL_OUT": ("progress", "Mass roll-out"),
    "COMPLETE": ("succeeded", "Complete"),
    "ABANDONED": ("deferred", "Abandoned"),
    "HELD": ("held", "Held"),
    "PLANNED": ("waiting", "Planned"),
    "INSTRUCTED": ("progress", "In flight"),
    "DEPLOYED": ("progress", "Delivered"),
    "UNKNOWN": ("unknown", "Unknown"),
    "UNREACHABLE": ("deferred", "Unreachable"),
    "FAILED": ("failed", "Failed"),
    "RECALLED": ("deferred", "Recalled"),
    "ACTIVATED": ("succeeded", "Activated"),
    "WITHDRAWN": ("deferred", "Withdrawn"),
    "PASS": ("succeeded", "Pass"),
    "FAIL": ("failed", "Fail"),
    "INSUFFICIENT": ("unknown", "Not enough yet"),
    "PROCEED": ("succeeded", "Proceed"),
    "HOLD": ("held", "Hold"),
    "GOOD": ("succeeded", "On course"),
    "DOUBT": ("unknown", "Too little known"),
    "BAD": ("failed", "Below the line"),
    "NONE": ("waiting", "No evidence yet"),
    "ACTIVE": ("succeeded", "Active"),
    "PENDING": ("waiting", "Pending"),
    "WHITELISTED": ("waiting", "Whitelisted"),
    "INSTALLED_NOT_COMMISSIONED": ("waiting", "Not commissioned"),
    "COMMISSIONED": ("succeeded", "Commissioned"),
    "DECOMMISSIONED": ("deferred", "Decommissioned"),
    "SUSPENDED": ("held", "Suspended"),
    "RECOVERY": ("unknown", "Recovery"),
    "RECOVERED": ("unknown", "Recovered"),
    "SENT": ("progress", "Sent"),
    "ACCEPTED": ("progress", "Taken over"),
    "DELIVERED": ("progress", "Delivered"),
    "ACTIVATION_FAILED": ("failed", "Activation failed"),
    "NOT_REACHED": ("deferred", "Not reached"),
    "VERSION_READ": ("progress", "Version read back"),
    "SILENT": ("unknown", "Fell silent"),
    "HEARD": ("succeeded", "Heard again"),
    "RESTORED": ("succeeded", "Restored"),
    "N28": ("held", "Alert N28"),
    "N29": ("succeeded", "Alert N29"),
    "N52": ("unknown", "Alert N52"),
    "N64": ("progress", "Alert N64"),
    "CLEARED": ("succeeded", "Should have cleared"),
    "HOLDS_OLD_DATA": ("failed", "Holds old data"),
    "CANNOT_KNOW": ("unknown", "Nobody can know"),
    "FIRMWARE": ("held", "Firmware without the feature"),
    "FIRMWARE_UNKNOWN": ("unknown", "Firmware that the CPL does not know"),
    "TO_ASK": ("waiting", "It has yet to ask"),
    "SOURCE_GONE": ("unknown", "The meter or its hub was replaced"),
    "TO_COME": ("waiting", "To come"),
    "DUE": ("progress", "Due now"),
    "IN_FORCE": ("succeeded", "In force"),
    "PAST": ("deferred", "Past"),
    "IS": ("waiting", "Import Supplier"),
    "GS": ("waiting", "Gas Supplier"),
    "WORKS": ("succeeded", "Works"),
    "DOES_NOT_INTEROPERATE": ("failed", "Does not interoperate"),
    "METER_SILENT": ("failed", "Meter silent"),
    "HALF_HOURLY_DATA_MISSING": ("failed", "Half-hourly data missing"),
    "TOP_UP_FAILED": ("failed", "Top-up failed"),
    "OTHER": ("unknown", "Something else"),
    "CANCELLED": ("deferred", "Cancelled"),
    "EXPIRED": ("unknown", "Expired"),
    "REQUESTED": ("waiting", "Waits for a decision"),
    "REFUSED": ("failed", "Refused"),
    "APPEALED": ("waiting", "Appealed to the Panel"),
    "DISMISSED": ("failed", "Dismissed by the Panel"),
    "RUNNING": ("progress", "Clock running"),
    "MET": ("succeeded", "Decided in time"),
    "BREACHED": ("held", "Decision late"),
    "TAKEN_DOWN": ("succeeded", "Taken down"),
    "AS_WISHED": ("succeeded", "As wished"),
    "ANOTHER_NIGHT": ("unknown", "Another night"),
    "WAITING": ("waiting", "Waiting"),
    "KEPT_BACK": ("deferred", "Kept back"),
    "LATE": ("unknown", "Late"),
    "LAPSED": ("deferred", "Lapsed"),
    "PROPOSED": ("waiting", "Waits for a second person"),
    "APPLYING": ("progress", "Being applied"),
    "APPLIED": ("succeeded", "Applied"),
    "DECLINED": ("deferred", "Put aside"),
    "ADD": ("succeeded", "Entered"),
    "CHANGE": ("progress", "Changed"),
    "REMOVE": ("held", "Removed"),
    "REINSTATE": ("succeeded", "Entered anew"),
    "ENDED": ("deferred", "Left service while Suspended"),
    "TOLD_PRENOTIFIED": ("waiting", "Announced (12.2)"),
    "TOLD_STATUS": ("progress", "Status told"),
    "TOLD_DETAILS": ("progress", "Details told"),
    "TOLD_MPXN": ("progress", "Meter point changed"),
    "TOLD_DELETED": ("deferred", "Deleted"),
    "TOLD_NOTED": ("waiting", "News noted"),
    "COMMAND_SENT": ("progress", "Command sent"),
    "COMMAND_ANSWERED": ("succeeded", "Command answered"),
    "COMMAND_PROMISED": ("progress", "Command kept for later"),
    "COMMAND_TIMED_OUT": ("unknown", "No answer to a command"),
    "COMMAND_UNDELIVERED": ("failed", "Command not delivered"),
    "COMMAND_CANCELLED": ("deferred", "Command taken back"),
    "CPL_REMOVED": ("held", "Its firmware left the CPL"),
    "UNLISTED_FIRMWARE": ("held", "It answered with firmware that the CPL does not list as Active"),
    "NEW_FIRMWARE": ("succeeded", "It showed firmware that the CPL lists as Active"),
    "CPL_REINSTATED": ("succeeded", "Its firmware was listed as Active again"),
    "LEFT_SERVICE": ("deferred", "It left service"),
}
"""Tone and word of every code a page may show; an unknown code is shown as it is, in grey."""

_ICONS = {
    "succeeded": '<circle cx="8" cy="8" r="7"/><path class="cut" d="M4.6 8.3 7 10.7l4.6-5"/>',
    "progress": '<circle cx="8" cy="8" r="7"/><path class="cut" d="M4.5 8h6.6M8.2 5.1 11.1 8l-2.9 2.9"/>',
    "waiting": '<circle class="ring" cx="8" cy="8" r="6"/><path class="ring" d="M8 4.6V8l2.3 1.6"/>',
    "unknown": '<path d="M8 0l8 8-8 8-8-8z"/><path class="cut" d="M5.9 6.3c0-1.5 1-2.3 2.2-2.3s2.1.8 2.1 2c0 1.6-2.1 1.6-2.1 3.2"/>'
    '<path class="cut" d="M8.1 11.7v.1"/>',
    "failed": '<path d="M1 13.8 8 1.4l7 12.4z"/><path class="cut" d="M8 6v4M8 11.7v.3"/>',
    "held": '<path d="M5 1h6l4 4v6l-4 4H5l-4-4V5z"/><path class="cut" d="M5 8h6"/>',
    "deferred": '<rect x="1" y="1" width="14" height="14" rx="3"/><path class="cut" d="M6 5v6M10 5v6"/>',
}


def tone_of(code: str) -> str:
    """This function will give the tone of a code."""
    return MARKS.get(code, ("waiting", code))[0]


def word_of(code: str) -> str:
    """This function will give the word people read for a code."""
    return MARKS.get(code, ("waiting", code.replace("_", " ").capitalize()))[1]


def meaning_of(text: str) -> str:
    """This function will give the word of a code, and any other text as it is."""
    return MARKS[text][1] if text in MARKS else text


def icon(tone: str) -> SafeString:
    """This function will draw the icon of a tone; the word beside it says the same, so it is hidden from readers."""
    shape = mark_safe(_ICONS[tone])  # noqa: S308 - the shapes are constants of this module
    return format_html('<svg class="icon" viewBox="0 0 16 16" aria-hidden="true">{}</svg>', shape)


def chip(code: str) -> SafeString:
    """This function will give the chip of a code: icon and word."""
    tone = tone_of(code)
    return format_html('<span class="chip is-{}">{}{}</span>', tone, icon(tone), word_of(code))
