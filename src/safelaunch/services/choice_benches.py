"""What the benches of choice and calendar do in their scratch database."""

from collections.abc import Sequence
from datetime import timedelta

from safelaunch.domain.campaign_wishes import LONGEST_LIST, WishKind
from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.people import Actor, Role
from safelaunch.services import own_turns, wishes
from safelaunch.services.benches import NIGHT, PLANNED_AT, STARTS_AT
from safelaunch.services.wishes import Wished
from safelaunch.store import scratch, transactions
from safelaunch.store.reads import campaigns as campaign_reads
from safelaunch.store.reads import choice_benches as reads
from safelaunch.store.writes import choice_benches as writes


def longest_list() -> tuple[Actor, list[Eui64]]:
    """This function will give a Supplier, and as many of its hubs as a list may name."""
    scratch.require()
    found = reads.list_hubs_of_a_supplier(limit=LONGEST_LIST)
    return Actor(name="Bench", role=Role.SUPPLIER, party_id=found[0].party_id), [
        one.device_id for one in found
    ]


def answer_list(*, reference: str, actor: Actor, device_ids: Sequence[Eui64]) -> int:
    """This function will take a Preferred Pilot List down, in the place of the one before: what `lists` measures."""
    taken = wishes.ask(
        WishKind.NOMINATE,
        Wished(device_ids, replaces=True),
        reference=reference,
        actor=actor,
        at=STARTS_AT + timedelta(days=1),
    )
    return len(taken.judged)


def make_homes_busy(*, share: float, hubs: int) -> int:
    """This function will plan something for a share of all homes on the night, and give their number."""
    scratch.require()
    with transactions.transaction():
        return writes.make_homes_busy(
            hub_count=round(share * hubs), planned_from=PLANNED_AT + timedelta(hours=4)
        )


def look_conflicts_up(*, campaign_id: int) -> None:
    """This function will find the hubs whose homes are busy on the night, and keep them back: what `calendar` measures."""
    with transactions.transaction():
        own_turns.begin_night(campaign_reads.get_by_id(campaign_id=campaign_id), night=NIGHT, at=PLANNED_AT)
