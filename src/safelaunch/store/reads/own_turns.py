"""Turns that hubs have of their own."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from safelaunch.domain import lots
from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.own_turns import BLOCKING, CLASH_MARGIN
from safelaunch.store import sql

_STEP = timedelta(minutes=15)
"""Hubs go together that may go within the same quarter of an hour."""


@dataclass(frozen=True, slots=True)
class OwnTurnRow:
    """A hub that may go tonight, and from when; None is from any time."""

    device_id: Eui64
    not_before: datetime | None

    def starts_at(self, planned_at: datetime) -> datetime:
        """This function will give the quarter of an hour from which it may go, or when the night is planned, if later."""
        if self.not_before is None or self.not_before <= planned_at:
            return planned_at
        past = (self.not_before - self.not_before.replace(minute=0, second=0, microsecond=0)) % _STEP
        return self.not_before + (_STEP - past) % _STEP


@dataclass(frozen=True, slots=True)
class HubTurn:
    """One cause of a hub's own turn; `is_own` of whoever looks."""

    cause: str
    not_before: datetime
    not_after: datetime | None
    planned_kind: str | None
    asked_at: datetime | None
    deferral_state: str | None
    is_own: bool


def has_own_turns(*, campaign_id: int) -> bool:
    """This function will say whether any hub of a campaign has a turn of its own."""
    return bool(sql.fetch_value("has_own_turns", campaign_id=campaign_id))


def may_be_kept(*, campaign_id: int, at: datetime, until: datetime) -> bool:
    """This function will say whether hubs have to be looked at before they are handed over; for most campaigns not."""
    return bool(
        sql.fetch_value(
            "may_be_kept",
            campaign_id=campaign_id,
            busy_from=at - CLASH_MARGIN,
            busy_until=until + CLASH_MARGIN,
            kinds=[kind.value for kind in BLOCKING],
        )
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnsAsked:
    """Whose own turns are asked for: a region of a campaign, as far as its order of lots has come."""

    campaign_id: int
    region_id: int
    from_model_ids: list[int]
    lot_offset: int
    place: int
    is_pilot: bool


def list_own_turns(asked: TurnsAsked, /, *, until: datetime, hub_count: int) -> list[OwnTurnRow]:
    """This function will list hubs with turns of their own that may go before a moment, the longest waiting first."""
    return sql.fetch_all(
        "list_own_turns",
        OwnTurnRow,
        campaign_id=asked.campaign_id,
        region_id=asked.region_id,
        from_model_ids=asked.from_model_ids,
        lot_offset=asked.lot_offset,
        lots=lots.LOTS,
        place=asked.place,
        is_pilot=asked.is_pilot,
        until=until,
        hub_count=hub_count,
    )


def list_turns_of_hub(*, reference: str, device_id: Eui64, party_id: int | None) -> list[HubTurn]:
    """This function will list why a hub has a turn of its own in a campaign, the latest time first."""
    return sql.fetch_all(
        "list_turns_of_hub", HubTurn, reference=reference, device_id=device_id, party_id=party_id
    )
