"""What gates are decided on: counts of outcomes and hub-days watched."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from safelaunch.domain.campaigns import Phase
from safelaunch.domain.hub_upgrades import HubState
from safelaunch.store import sql
from safelaunch.store.models import GateDecision


@dataclass(frozen=True, slots=True)
class Watched:
    """Hub-days watched and hubs that went silent in them."""

    hub_days: float
    silent_count: int


@dataclass(frozen=True, slots=True)
class _StateCount:
    state: str
    hub_count: int


@dataclass(frozen=True, slots=True)
class DecisionFacts:
    """A decision taken at a gate; `person_id` None is a rule of the house."""

    phase: str
    verdict: str
    decision: str
    reasons: list[str]
    evidence_digest: str
    person_id: int | None
    person_name: str | None
    note: str
    decided_at: datetime


KNOWN = (HubState.ACTIVATED, HubState.FAILED)
"""States that say how an upgrade ended."""


def count_outcomes(*, campaign_id: int, phases: Sequence[Phase], from_night: date) -> Mapping[HubState, int]:
    """This function will count hubs per state, for tranches of some phases from a night on."""
    rows = sql.fetch_all(
        "count_outcomes", _StateCount, campaign_id=campaign_id, phases=list(phases), from_night=from_night
    )
    return {HubState(row.state): row.hub_count for row in rows}


def count_soaked(*, campaign_id: int, phases: Sequence[Phase], soaked_by: datetime) -> int:
    """This function will count hubs whose outcome has been known since before `soaked_by`."""
    return int(
        sql.fetch_value(
            "count_soaked",
            campaign_id=campaign_id,
            phases=list(phases),
            known_states=list(KNOWN),
            soaked_by=soaked_by,
        )
    )


def watch(
    *, campaign_id: int, phases: Sequence[Phase], from_time: datetime, window: timedelta, as_of: datetime
) -> Watched:
    """This function will add up the hub-days of upgraded hubs, each for at most `window`, and their silences."""
    scope = {
        "campaign_id": campaign_id,
        "phases": list(phases),
        "from_time": from_time,
        "window": window,
        "as_of": as_of,
    }
    return Watched(hub_days=watch_upgraded(**scope), silent_count=count_silent_upgraded(**scope))


def watch_upgraded(**scope: Any) -> float:
    """This function will add up the hub-days for which upgraded hubs have been watched."""
    return float(sql.fetch_value("watch_upgraded", **scope))


def count_silent_upgraded(**scope: Any) -> int:
    """This function will count upgraded hubs that went silent while they were watched."""
    return int(sql.fetch_value("count_silent_upgraded", **scope))


def count_silent_controls(
    *, campaign_id: int, from_model_ids: list[int], from_time: datetime, as_of: datetime
) -> int:
    """This function will count untouched eligible hubs that went silent in a period."""
    return int(
        sql.fetch_value(
            "count_silent_controls",
            campaign_id=campaign_id,
            from_model_ids=from_model_ids,
            from_time=from_time,
            as_of=as_of,
        )
    )


def list_decisions(*, campaign_id: int, phase: Phase | None = None) -> list[DecisionFacts]:
    """This function will list the decisions of a campaign's gates, oldest first."""
    rows = GateDecision.objects.filter(campaign_id=campaign_id).select_related("person")
    if phase is not None:
        rows = rows.filter(phase=phase)
    return [
        DecisionFacts(
            phase=row.phase,
            verdict=row.verdict,
            decision=row.decision,
            reasons=row.reasons,
            evidence_digest=row.evidence_digest,
            person_id=row.person_id,
            person_name=row.person.name if row.person else None,
            note=row.note,
            decided_at=row.decided_at,
        )
        for row in rows.order_by("gate_decision_id")
    ]
