"""Taking down what a Supplier found after hubs were upgraded, hub by hub; for whichever door it came through.

A building block of use cases, not one itself: it runs in the transaction of its caller. The rules are
`domain/hub_feedback.py`. Statements are constant in number, whatever the number of hubs.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence

from safelaunch.domain import hub_feedback as rules
from safelaunch.domain.hub_feedback import FeedbackOutcome, Finding
from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.people import Actor
from safelaunch.store.reads import campaign_wishes as reads
from safelaunch.store.transactions import transaction_required
from safelaunch.store.writes import hub_feedback as writes
from safelaunch.store.writes import record
from safelaunch.store.writes.hub_feedback import Found, Giver


@transaction_required
def take_down(*, giver: Giver, found: Sequence[Found], actor: Actor) -> dict[Eui64, FeedbackOutcome]:
    """This function will judge what was found of each hub, keep what may be kept, note it, and give each hub's outcome.

    Args:
        giver: who says it, of which campaign.
        found: what; a hub that shows several faults stands there several times.
        actor: who says it, for the record.
    """
    said: dict[Eui64, set[Finding]] = defaultdict(set)
    for one in found:
        said[one.device_id].add(one.finding)
    facts = reads.list_wished_hubs(
        campaign_id=giver.campaign_id, party_id=giver.party_id, device_ids=list(said)
    )
    outcomes = {}
    for known in facts:
        hub = known.as_hub()
        outcomes[known.device_id] = rules.judge(
            is_own=hub.is_own, state=hub.state, findings=frozenset(said[known.device_id])
        )
    kept = [one for one in dict.fromkeys(found) if outcomes[one.device_id] is FeedbackOutcome.TAKEN_DOWN]
    writes.copy_hub_feedback(giver=giver, found=kept)
    record.append(
        act="FEEDBACK",
        actor=actor.name,
        at=giver.given_at,
        cause="What a Supplier found",
        campaign_id=giver.campaign_id,
        detail={finding.value: count for finding, count in Counter(one.finding for one in kept).items()},
    )
    return outcomes
