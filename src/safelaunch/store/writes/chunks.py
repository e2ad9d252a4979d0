"""Handing chunks over, chasing what was not answered, closing what is settled."""

from dataclasses import dataclass
from datetime import datetime

from safelaunch.domain.campaigns import RUNNING
from safelaunch.domain.chunks import CHUNK, ChunkEvent
from safelaunch.domain.hub_upgrades import HUB_UPGRADE, IN_FLIGHT, MAX_ATTEMPTS, HubEvent, HubState
from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.smi import Network
from safelaunch.store import sql
from safelaunch.store.transactions import transaction_required
from safelaunch.store.writes.tranches import MovedCount, shift_moved

MAX_READS = 14
"""Read-backs sent to a hub that does not answer, one a day, before it is reported as unknown for good."""


@dataclass(frozen=True, slots=True)
class SendingChunk:
    """A chunk taken for sending, with the fence it carries."""

    chunk_id: int
    attempt: int
    epoch: int
    reference: str
    firmware_version: str
    network: str


@dataclass(frozen=True, slots=True)
class _Asked:
    network: str
    device_id: Eui64


@transaction_required
def begin_sending(*, campaign_id: int, chunk_ids: list[int], at: datetime) -> list[SendingChunk]:
    """This function will take chunks of a campaign for sending, move their hubs to instructed, and give those taken.

    None is when the campaign is held or has ended; one that was accepted already is left. A chunk left in SENDING by
    a worker that was killed is taken again under the present epoch.
    """
    taken = sql.fetch_all(
        "begin_sending",
        SendingChunk,
        campaign_id=campaign_id,
        chunk_ids=chunk_ids,
        from_states=CHUNK.sources(ChunkEvent.SEND),
        to_state=CHUNK.target(ChunkEvent.SEND),
        running_phases=[phase.value for phase in RUNNING],
        sent_at=at,
    )
    if taken:
        instruct_hubs(campaign_id=campaign_id, chunk_ids=[chunk.chunk_id for chunk in taken], at=at)
    return sorted(taken, key=lambda chunk: chunk.chunk_id)


@transaction_required
def share_campaign(*, campaign_id: int) -> None:
    """This function will wait for a stop under way and hold the next one, and deferrals, off until the transaction ends."""
    sql.fetch_value("share_campaign", campaign_id=campaign_id)


def instruct_hubs(*, campaign_id: int, chunk_ids: list[int], at: datetime) -> int:
    """This function will move the planned hubs of chunks to instructed and give their number."""
    rows = sql.fetch_all(
        "instruct_hubs",
        MovedCount,
        chunk_ids=chunk_ids,
        from_states=HUB_UPGRADE.sources(HubEvent.HAND_OVER),
        to_state=HUB_UPGRADE.target(HubEvent.HAND_OVER),
        at=at,
    )
    return shift_moved(campaign_id=campaign_id, to_state=HUB_UPGRADE.target(HubEvent.HAND_OVER), rows=rows)


@transaction_required
def accept_chunks(*, chunk_ids: list[int], at: datetime) -> None:
    """This function will record a network's receipts of chunks."""
    sql.execute(
        "accept_chunks",
        chunk_ids=chunk_ids,
        from_states=CHUNK.sources(ChunkEvent.ACCEPT),
        to_state=CHUNK.target(ChunkEvent.ACCEPT),
        accepted_at=at,
    )


@transaction_required
def mark_overdue_hubs(*, campaign_id: int, before: datetime, at: datetime) -> int:
    """This function will move hubs instructed before a time and silent since to unknown, and give their number."""
    rows = sql.fetch_all(
        "mark_overdue_hubs",
        MovedCount,
        campaign_id=campaign_id,
        before=before,
        at=at,
        from_states=HUB_UPGRADE.sources(HubEvent.NO_ANSWER),
        to_state=HUB_UPGRADE.target(HubEvent.NO_ANSWER),
    )
    return shift_moved(campaign_id=campaign_id, to_state=HUB_UPGRADE.target(HubEvent.NO_ANSWER), rows=rows)


@transaction_required
def take_read_backs(*, campaign_id: int, hub_count: int) -> dict[Network, list[Eui64]]:
    """This function will count one more read-back for up to `hub_count` unknown hubs and say whom to ask, by network."""
    rows = sql.fetch_all(
        "take_read_backs",
        _Asked,
        campaign_id=campaign_id,
        state=HubState.UNKNOWN,
        max_reads=MAX_READS,
        hub_count=hub_count,
    )
    asked: dict[Network, list[Eui64]] = {}
    for row in rows:
        asked.setdefault(Network(row.network), []).append(row.device_id)
    return asked


@transaction_required
def close_chunks(*, campaign_id: int) -> int:
    """This function will close chunks none of whose hubs waits for anything more, and give their number."""
    return sql.execute(
        "close_chunks",
        campaign_id=campaign_id,
        from_states=CHUNK.sources(ChunkEvent.CLOSE),
        to_state=CHUNK.target(ChunkEvent.CLOSE),
        in_flight_states=[state.value for state in (HubState.PLANNED, *IN_FLIGHT)],
        retry_states=HUB_UPGRADE.sources(HubEvent.RETRY),
        unknown_state=HubState.UNKNOWN,
        max_attempts=MAX_ATTEMPTS,
        max_reads=MAX_READS,
    )


@transaction_required
def withdraw(*, campaign_id: int, at: datetime) -> int:
    """This function will take back what an ended campaign has not sent, and give the number of hubs."""
    hubs = withdraw_hubs(campaign_id=campaign_id, at=at)
    withdraw_chunks(campaign_id=campaign_id)
    return hubs


def withdraw_hubs(*, campaign_id: int, at: datetime) -> int:
    """This function will withdraw hubs that wait for a night, and give their number."""
    rows = sql.fetch_all(
        "withdraw_hubs",
        MovedCount,
        campaign_id=campaign_id,
        to_state=HUB_UPGRADE.target(HubEvent.WITHDRAW),
        at=at,
    )
    return shift_moved(campaign_id=campaign_id, to_state=HUB_UPGRADE.target(HubEvent.WITHDRAW), rows=rows)


def withdraw_chunks(*, campaign_id: int) -> None:
    """This function will withdraw chunks that were never sent."""
    sql.execute(
        "withdraw_chunks",
        campaign_id=campaign_id,
        from_states=CHUNK.sources(ChunkEvent.WITHDRAW),
        to_state=CHUNK.target(ChunkEvent.WITHDRAW),
    )


@transaction_required
def withdraw_unfit_hubs(*, campaign_id: int, at: datetime) -> int:
    """This function will withdraw hubs whose retry has lost its ground, and give their number.

    A hub that is commissioned no more, or has come to another version by other ways, is not tried again.
    """
    rows = sql.fetch_all(
        "withdraw_unfit_hubs",
        MovedCount,
        campaign_id=campaign_id,
        retry_states=HUB_UPGRADE.sources(HubEvent.RETRY),
        to_state=HUB_UPGRADE.target(HubEvent.WITHDRAW),
        at=at,
    )
    return shift_moved(campaign_id=campaign_id, to_state=HUB_UPGRADE.target(HubEvent.WITHDRAW), rows=rows)
