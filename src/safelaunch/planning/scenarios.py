"""Scenarios: what a simulated network does to the hubs, read from TOML (`gates.md` 2.1, `design.md` 8.4).

A scenario file states what differs from `baseline.toml`: rates that hold for every hub, faults of the messages,
delivery times by kind of network, defects of the new firmware, and outages that hit old and new hubs alike.

    [[defects]]  effect = "silent"  prevalence = 0.03  delay_days = [0, 3]  where = { region = [...] }
                 also daily and from_day; effects han-loss, prepay-delay, missing-half-hours
    [[outages]]  start_days, lasting_days, where, masts, hubs

`where` narrows a defect or outage: to one region or hub model by its name, or to one of a list, drawn by the seed;
to a cell of hub model and meter or display, drawn among those with a share of the fleet; to premises that prepay.
Reading is strict: a key that is unknown, missing or out of range is refused with its file, its place and why.
"""

from dataclasses import dataclass
from enum import StrEnum
from importlib import resources
from pathlib import Path
from typing import Any

from safelaunch.domain.refusals import NotFound
from safelaunch.domain.smi import Region
from safelaunch.planning.device_manners import DeviceManners, HanManners, read_devices, read_han
from safelaunch.planning.strict_toml import BadScenario, Span, StrictTable, parse

__all__ = ["BadScenario", "Span", "load", "names", "read"]

_BASELINE = "baseline"
_ALIASES = {"bricking": "catastrophe"}


class Effect(StrEnum):
    """What a defect does to a hub that has activated the firmware."""

    SILENT = "silent"
    HAN_LOSS = "han-loss"
    PREPAY_DELAY = "prepay-delay"
    MISSING_HALF_HOURS = "missing-half-hours"


class CellOf(StrEnum):
    """The Device whose model makes a cell together with the hub's model."""

    ESME = "esme"
    GSME = "gsme"
    PPMID = "ppmid"


class Carriage(StrEnum):
    """The kinds of wide area network, by which delivery times differ (`domain.md` 10.5)."""

    CELLULAR = "cellular"
    RADIO = "radio"
    LTE = "lte"


CARRIAGE_OF: dict[Region, Carriage] = {
    Region.NORTH: Carriage.RADIO,
    Region.CENTRAL: Carriage.CELLULAR,
    Region.SOUTH: Carriage.CELLULAR,
    Region.NORTH_4G: Carriage.LTE,
    Region.CENTRAL_4G: Carriage.LTE,
    Region.SOUTH_4G: Carriage.LTE,
}


@dataclass(frozen=True, slots=True)
class Rates:
    """What befalls hubs whatever the firmware; `not_reached` is for reach good, fair and poor, per attempt."""

    activation_failed: float
    silent_per_week: float
    han_lost_per_week: float
    prepay_delayed_per_day: float
    half_hours_missing_per_day: float
    not_reached: tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Messages:
    """The faults of the reports: shares of all reports, unless said otherwise."""

    confirmations_lost: float
    reads_answered: float
    duplicated: float
    late: float
    late_hours: Span
    reordered: float
    reordered_minutes: Span


@dataclass(frozen=True, slots=True)
class Delivery:
    """How long an image takes to reach a hub: a lognormal law by its median and 95th percentile, in hours."""

    median_hours: float
    p95_hours: float


@dataclass(frozen=True, slots=True)
class Timing:
    """How long things take and how long the CSP waits before it speaks."""

    activation_minutes: Span
    give_up_hours: float
    silence_seen_hours: float
    silence_mean_hours: float
    read_answer_minutes: Span


@dataclass(frozen=True, slots=True)
class Spread:
    """How much rates differ: standard deviations of their logarithms, between meter models, regions and hubs."""

    meter_models: float
    regions: float
    hubs: float


@dataclass(frozen=True, slots=True)
class Where:
    """Which hubs are meant; what is not stated narrows nothing.

    Attributes:
        regions: one of these, drawn by the seed.
        hub_models: one of these, drawn by the seed; the single name * draws among all there are.
        cell: one cell of hub model and this Device's model, drawn by the seed.
        share: the cell's share of the fleet lies between these.
        prepay: only premises that prepay.
    """

    regions: tuple[Region, ...] = ()
    hub_models: tuple[str, ...] = ()
    cell: CellOf | None = None
    share: Span = (0.0, 1.0)
    prepay: bool = False


@dataclass(frozen=True, slots=True)
class Defect:
    """What the new firmware does to some of the hubs that activate it, after a delay.

    With `daily` 0 it happens once, `delay_days` after activation. Otherwise a hub that has the fault is hit with
    that chance every day: again and again, or, if it falls silent or loses its HAN, once and for good. Nothing
    happens before day `from_day` of the campaign.
    """

    effect: Effect
    prevalence: float
    delay_days: Span
    where: Where
    daily: float = 0.0
    from_day: int = 0


@dataclass(frozen=True, slots=True)
class Outage:
    """Masts that fail on one day: hubs behind them go silent, whatever firmware they run."""

    start_days: Span
    lasting_days: Span
    masts: float
    hubs: float
    where: Where


@dataclass(frozen=True, slots=True)
class Scenario:
    """Everything a simulated network needs to know about its world."""

    name: str
    title: str
    rates: Rates
    spread: Spread
    messages: Messages
    delivery: dict[Carriage, Delivery]
    timing: Timing
    devices: DeviceManners
    han: HanManners
    defects: tuple[Defect, ...]
    outages: tuple[Outage, ...]


def names() -> tuple[str, ...]:
    """This function will list the scenarios that ship, in alphabetical order, without aliases."""
    stems = (Path(entry.name).stem for entry in _shipped().iterdir() if entry.name.endswith(".toml"))
    return tuple(sorted(stem for stem in stems if stem != _BASELINE))


def load(name_or_path: str) -> Scenario:
    """This function will read a scenario that ships, by its name or alias, or any file ending in `.toml`.

    Raises:
        NotFound: no such scenario ships, or there is no such file.
        BadScenario: the file is not TOML, or a key is unknown, missing or out of range.
    """
    if name_or_path.endswith(".toml"):
        path = Path(name_or_path)
        if not path.is_file():
            raise NotFound(
                f"There is no scenario file {name_or_path}; give a file that exists, or one of {_known()}."
            )
        return read(path.read_bytes(), name=path.stem, source=path.name)
    name = _ALIASES.get(name_or_path, name_or_path)
    if name not in names():
        raise NotFound(
            f"There is no scenario {name_or_path!r}; choose {_known()}, or a file ending in .toml."
        )
    return read((_shipped() / f"{name}.toml").read_bytes(), name=name, source=f"{name}.toml")


def read(octets: bytes, *, name: str, source: str) -> Scenario:
    """This function will read the octets of a scenario file over the baseline; `source` names it in refusals.

    Raises:
        BadScenario: as for `load`.
    """
    stated = parse(octets, source=source)
    baseline = parse((_shipped() / f"{_BASELINE}.toml").read_bytes(), source=f"{_BASELINE}.toml")
    root = StrictTable(_laid_over(stated, baseline), source=source, place="")
    scenario = Scenario(
        name=name,
        title=root.text("title"),
        rates=_rates(root.table("rates")),
        spread=_spread(root.table("spread")),
        messages=_messages(root.table("messages")),
        delivery=_deliveries(root.table("delivery")),
        timing=_timing(root.table("timing")),
        devices=read_devices(root.table("devices")),
        han=read_han(root.table("han")),
        defects=tuple(_defect(table) for table in root.tables("defects")),
        outages=tuple(_outage(table) for table in root.tables("outages")),
    )
    root.close()
    return scenario


def _rates(table: StrictTable) -> Rates:
    reach = table.table("not_reached")
    rates = Rates(
        activation_failed=table.share("activation_failed"),
        silent_per_week=table.share("silent_per_week"),
        han_lost_per_week=table.share("han_lost_per_week"),
        prepay_delayed_per_day=table.share("prepay_delayed_per_day"),
        half_hours_missing_per_day=table.share("half_hours_missing_per_day"),
        not_reached=(reach.share("good"), reach.share("fair"), reach.share("poor")),
    )
    reach.close()
    table.close()
    return rates


def _spread(table: StrictTable) -> Spread:
    expected = "a number from 0 to 2"
    spread = Spread(
        meter_models=table.number("meter_models", most=2, expected=expected),
        regions=table.number("regions", most=2, expected=expected),
        hubs=table.number("hubs", most=2, expected=expected),
    )
    table.close()
    return spread


def _messages(table: StrictTable) -> Messages:
    messages = Messages(
        confirmations_lost=table.share("confirmations_lost"),
        reads_answered=table.share("reads_answered"),
        duplicated=table.share("duplicated"),
        late=table.share("late"),
        late_hours=table.span("late_hours"),
        reordered=table.share("reordered"),
        reordered_minutes=table.span("reordered_minutes"),
    )
    table.close()
    return messages


def _deliveries(table: StrictTable) -> dict[Carriage, Delivery]:
    deliveries = {}
    for carriage in Carriage:
        law = table.table(carriage.value)
        delivery = Delivery(median_hours=law.hours("median_hours"), p95_hours=law.hours("p95_hours"))
        if delivery.p95_hours < delivery.median_hours:
            raise law.refuse("p95_hours", "is below median_hours; the 95th percentile cannot be")
        law.close()
        deliveries[carriage] = delivery
    table.close()
    return deliveries


def _timing(table: StrictTable) -> Timing:
    timing = Timing(
        activation_minutes=table.span("activation_minutes"),
        give_up_hours=table.hours("give_up_hours"),
        silence_seen_hours=table.hours("silence_seen_hours"),
        silence_mean_hours=table.hours("silence_mean_hours"),
        read_answer_minutes=table.span("read_answer_minutes"),
    )
    table.close()
    return timing


def _defect(table: StrictTable) -> Defect:
    word = table.text("effect")
    if word not in list(Effect):
        raise table.refuse("effect", f"is {word!r}; one of {', '.join(Effect)} is expected")
    defect = Defect(
        effect=Effect(word),
        prevalence=table.share("prevalence"),
        delay_days=table.span("delay_days") if table.has("delay_days") else (0.0, 0.0),
        where=_where(table.table("where")),
        daily=table.share("daily") if table.has("daily") else 0.0,
        from_day=_day(table),
    )
    table.close()
    return defect


def _day(table: StrictTable) -> int:
    if not table.has("from_day"):
        return 0
    return int(table.number("from_day", most=3_650, expected="a day of the campaign from 0 to 3,650"))


def _outage(table: StrictTable) -> Outage:
    outage = Outage(
        start_days=table.span("start_days"),
        lasting_days=table.span("lasting_days"),
        masts=table.share("masts"),
        hubs=table.share("hubs"),
        where=_where(table.table("where")),
    )
    table.close()
    return outage


def _where(table: StrictTable) -> Where:
    regions = table.words("region")
    for word in regions:
        if word not in list(Region):
            raise table.refuse("region", f"names {word!r}; one of {', '.join(Region)} is expected")
    cells = table.words("cell")
    for word in cells:
        if word not in list(CellOf) or len(cells) > 1:
            raise table.refuse("cell", f"names {word!r}; one of {', '.join(CellOf)} is expected")
    where = Where(
        regions=tuple(map(Region, regions)),
        hub_models=table.words("hub_model"),
        cell=CellOf(cells[0]) if cells else None,
        share=table.span("share") if cells and table.has("share") else (0.0, 1.0),
        prepay=table.switch("prepay"),
    )
    table.close()
    return where


def _laid_over(stated: dict[str, Any], baseline: dict[str, Any]) -> dict[str, Any]:
    """Lay tables over tables; anything else that is stated replaces the baseline's."""
    laid = dict(baseline)
    for key, value in stated.items():
        below = laid.get(key)
        laid[key] = _laid_over(value, below) if isinstance(value, dict) and isinstance(below, dict) else value
    return laid


def _shipped() -> Any:
    return resources.files("safelaunch.planning") / "data" / "scenarios"


def _known() -> str:
    return ", ".join(names())
