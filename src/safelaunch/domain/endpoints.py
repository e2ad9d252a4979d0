"""What is watched on every hub, upgraded or not, in the same way (`gates.md` 5.1).

An endpoint is a thing that happens to a hub or does not. Its definition, weight, unit of harm and owner are data:
whoever wants another one adds a line here, and its statistics, budgets and pages follow.

    WAN         no traffic for 48 hours and four probes unanswered
    HAN         a joined Device lost for 24 hours or more; one that is back within 24 hours of a reboot is not lost
    PREPAY      a top-up not confirmed on the meter in time; only premises that prepay can have it
    HALF_HOURS  more half-hours missing in a day than are allowed

Failed activation has no control group and is judged against a ceiling instead (`gates.md` 5.6).
"""

from dataclasses import dataclass
from enum import StrEnum


class EndpointName(StrEnum):
    """The endpoints, by the name under which evidence is kept."""

    WAN = "WAN"
    HAN = "HAN"
    PREPAY = "PREPAY"
    HALF_HOURS = "HALF_HOURS"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A thing that happens to a hub or does not.

    Attributes:
        definition: what counts, in words.
        harm: what one event means for a household.
        owner: who answers for the definition.
        weight: its share of the budget for false alarms; weights sum to 1.
        seen_after_days: how many days after it happened everybody's events of a day are known.
        prepay_only: only premises that prepay can have it.
    """

    name: EndpointName
    definition: str
    harm: str
    owner: str
    weight: float
    seen_after_days: int
    prepay_only: bool = False


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        name=EndpointName.WAN,
        definition="no traffic for 48 hours and four probes unanswered",
        harm="a home that cannot be reached",
        owner="DCC",
        weight=0.30,
        seen_after_days=2,
    ),
    Endpoint(
        name=EndpointName.HAN,
        definition="a joined Device lost for 24 hours or more",
        harm="a home whose meter or display has lost its hub",
        owner="DCC",
        weight=0.35,
        seen_after_days=1,
    ),
    Endpoint(
        name=EndpointName.PREPAY,
        definition="a top-up not confirmed on the meter in time",
        harm="a home that may go off supply",
        owner="the import or gas Supplier",
        weight=0.15,
        seen_after_days=1,
        prepay_only=True,
    ),
    Endpoint(
        name=EndpointName.HALF_HOURS,
        definition="more half-hours missing in a day than are allowed",
        harm="a home billed on estimates",
        owner="the import Supplier",
        weight=0.20,
        seen_after_days=1,
    ),
)
"""In the order in which evidence is kept."""
