"""Who may ask what. Reading is everybody's who is signed in, of what they may see; whatever else is said here.

An act that is not here fails the matrix: somebody has to decide who may do it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.core.files.uploadedfile import SimpleUploadedFile

from tests.doors.matrix.addresses import Address
from tests.doors.matrix.estate import DCC, EVERYBODY, NEW_ENTRY, SUPPLIERS

PUBLIC = frozenset({"sign_in", "sign_in_link", "sign_out", "health_live", "health_ready"})
"""What needs nobody signed in."""
STOPPERS = SUPPLIERS | {"Olivia", "Arthur"}
PROPOSERS = frozenset({"Olivia", "Arthur"})
APPROVERS = frozenset({"Arthur"})


@dataclass(frozen=True)
class Rule:
    """Who may ask, for whom it is there at all, and what an act is sent with; a form's `file` becomes a file."""

    may: frozenset[str] = EVERYBODY
    seers: frozenset[str] = EVERYBODY
    form: Mapping[str, object] = field(default_factory=dict)

    def body(self) -> dict[str, object]:
        """The form, with a file that can be read once more."""
        return {
            name: SimpleUploadedFile("entries.csv", NEW_ENTRY.encode()) if name == "file" else value
            for name, value in self.form.items()
        }


_WITHDRAWAL = {"status": "Withdrawn", "because": "Recalled by its maker"}
_FILE = {"file": True, "because": "New meters", "propose": "yes"}

RULES: dict[str, Rule] = {
    # The DCC's own: to a Supplier they do not exist.
    "GET campaign_tranches": Rule(seers=DCC),
    "GET cpl_proposals": Rule(seers=DCC),
    "GET api:cpl_list_proposals": Rule(seers=DCC),
    # Acts in the portal
    "POST campaign_stop": Rule(STOPPERS, form={"because": "Homes report silence."}),
    "POST propose_resume": Rule(PROPOSERS, form={"reason": "The network was down."}),
    "POST approve_resume": Rule(APPROVERS),
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
