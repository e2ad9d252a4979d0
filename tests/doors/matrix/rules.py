"""Who may ask what. Reading is everybody's who is signed in, of what they may see; whatever else is said here.

An act that is not here fails the matrix: somebody has to decide who may do it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.core.files.uploadedfile import SimpleUploadedFile

from tests.doors.matrix.addresses import Address
from tests.doors.matrix.estate import DCC, EVERYBODY, LARKSPUR_USER, LARS, NEW_ENTRY, SUPPLIERS, ZOE
from tests.doors.portal.scene import HUB, REFERENCE, UNTOUCHED_HUB

PUBLIC = frozenset({"sign_in", "sign_in_link", "sign_out", "health_live", "health_ready", "calendar_feed"})
"""What needs nobody signed in."""
STOPPERS = SUPPLIERS | {"Olivia", "Arthur"}
PROPOSERS = frozenset({"Olivia", "Arthur"})
APPROVERS = frozenset({"Arthur"})
AGREEING = frozenset({"Arthur", "Gail"})


@dataclass(frozen=True)
class Rule:
    """Who may ask, for whom it is there at all, and what an act is sent with; a form's `file` becomes a file.

    `is_second`: whoever proposed is refused, though they may approve what others propose.
    """

    may: frozenset[str] = EVERYBODY
    seers: frozenset[str] = EVERYBODY
    form: Mapping[str, object] = field(default_factory=dict)
    is_second: bool = False

    def body(self) -> dict[str, object]:
        """The form, with a file that can be read once more."""
        return {
            name: SimpleUploadedFile("entries.csv", NEW_ENTRY.encode()) if name == "file" else value
            for name, value in self.form.items()
        }


_WITHDRAWAL = {"status": "Withdrawn", "because": "Recalled by its maker"}
_FILE = {"file": True, "because": "New meters", "propose": "yes"}

_LIST = {"device_ids": [str(UNTOUCHED_HUB)]}
_DEFERRAL = {"campaign": REFERENCE, "hubs": str(UNTOUCHED_HUB), "grounds": "Care at home"}
"""Of a campaign that does not concern Zephyr."""
_TRIAL = {
    "user_id": str(LARKSPUR_USER),
    "firmware_version": "00000001",
    "image": "eA==",
    "device_ids": [str(HUB)],
}
"""Of a User ID that is Larkspur's."""
_NIGHT = {"not_before": "2026-12-09T20:00:00Z", "not_after": "2026-12-09T22:00:00Z"}
_REFUSAL = {"decision": "REFUSE", "reason": "No vulnerability is named."}

RULES: dict[str, Rule] = {
    # The DCC's own: to a Supplier they do not exist.
    "GET campaign_tranches": Rule(seers=DCC),
    "GET cpl_proposals": Rule(seers=DCC),
    "GET api:cpl_list_proposals": Rule(seers=DCC),
    # A Supplier's choice is its own to see and to make.
    "GET wishes": Rule(SUPPLIERS),
    "GET api:wishes_list_standings": Rule(SUPPLIERS),
    "POST wishes": Rule(SUPPLIERS, form={"act": "withdraw"}),
    "POST api:wishes_nominate": Rule(SUPPLIERS, form=_LIST),
    "POST api:wishes_withdraw": Rule(SUPPLIERS, form=_LIST),
    "POST api:wishes_forward": Rule(SUPPLIERS, form={**_LIST, **_NIGHT}),
    "POST calendar": Rule(SUPPLIERS, form=_FILE),
    "POST api:calendars_tell": Rule(SUPPLIERS, form=_FILE),
    # Deferrals: Suppliers ask, and governance decides by two people.
    "POST deferrals": Rule(SUPPLIERS, EVERYBODY - {ZOE}, form=_DEFERRAL),
    "POST deferral_propose": Rule(DCC, form=_REFUSAL),
    "POST deferral_agree": Rule(AGREEING, is_second=True),
    "POST deferral_appeal": Rule(SUPPLIERS, form={"why": "Care at home"}),
    "POST deferral_withdraw": Rule(SUPPLIERS),
    "POST api:deferrals_request_deferral": Rule(SUPPLIERS, form={**_LIST, "grounds": "Care at home"}),
    "POST api:deferrals_propose": Rule(DCC, form=_REFUSAL),
    "POST api:deferrals_agree": Rule(AGREEING, is_second=True),
    "POST api:deferrals_appeal": Rule(SUPPLIERS, form={"why": "Care at home"}),
    "POST api:deferrals_withdraw": Rule(SUPPLIERS),
    "POST api:firmware_dry_run": Rule(seers=DCC | {LARS}, form=_TRIAL),
    # Acts in the portal
    "POST campaign_stop": Rule(STOPPERS, form={"because": "Homes report silence."}),
    "POST propose_resume": Rule(PROPOSERS, form={"reason": "The network was down."}),
    "POST approve_resume": Rule(APPROVERS, is_second=True),
    "POST decide_gate": Rule(PROPOSERS, form={"decision": "HOLD", "evidence_digest": "0" * 64}),
    "POST cpl_preview": Rule(PROPOSERS, form=_WITHDRAWAL),
    "POST cpl_propose": Rule(PROPOSERS, form=_WITHDRAWAL),
    "POST cpl_proposals": Rule(PROPOSERS, DCC, form=_FILE),
    "POST cpl_approve": Rule(APPROVERS),
    "POST cpl_decline": Rule(PROPOSERS),
    # Acts at the API
    "POST api:campaigns_stop_campaign": Rule(STOPPERS, form={"because": "Homes report silence."}),
    "POST api:cpl_preview_file": Rule(PROPOSERS, form=_FILE),
    "POST api:cpl_propose_file": Rule(PROPOSERS, form=_FILE),
    "PUT api:inventory_put_read_backs": Rule(frozenset({"Olivia"}), form={"attempts": 3}),
    "POST api:cpl_approve": Rule(APPROVERS),
    "POST api:cpl_reject": Rule(PROPOSERS),
    "POST api:cpl_preview_entry": Rule(PROPOSERS, form=_WITHDRAWAL),
    "POST api:cpl_propose_entry": Rule(PROPOSERS, form=_WITHDRAWAL),
}


def rule_of(address: Address) -> Rule:
    """The rule of an address."""
    key = f"{address.method} {address.name}"
    assert key in RULES or not address.is_act, f"Say in RULES who may ask {key!r} ({address})."
    return RULES.get(key, Rule())
