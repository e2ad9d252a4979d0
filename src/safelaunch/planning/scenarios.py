"""Scenarios: what a simulated network does to the hubs, read from TOML (`gates.md` 2.1, `design.md` 8.4).

A scenario file states what differs from `baseline.toml`: rates that hold for every hub, faults of the messages,
delivery times by kind of network, defects of the new firmware, and outages that hit old and new hubs alike.

    [[defects]]  effect = "silent"  prevalence = 0.03  delay_days = [0, 3]  where = { region = [...] }
    [[outages]]  start_days, lasting_days, where, masts, hubs

`where` narrows a defect or outage: to one region or hub model by its name, or to one of a list, drawn by the seed.
Reading is strict: a key that is unknown, missing or out of range is refused with its file, its place and why.
"""

import tomllib
from dataclasses import dataclass
from enum import StrEnum
from importlib import resources
from pathlib import Path
from typing import Any

from safelaunch.domain.refusals import NotFound
from safelaunch.domain.smi import Region
from safelaunch.planning.scenario_table import BadScenario, Span, Table

__all__ = ["BadScenario", "Span", "load", "names", "read"]

_BASELINE = "baseline"
_ALIASES = {"bricking": "catastrophe"}


class Effect(StrEnum):
    """What a defect does to a hub that has activated the firmware."""

    SILENT = "silent"


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
class DeviceManners:
    """How Devices behind hubs answer commands; a lost answer is lost after the Device has done as it was told."""

    answers_lost: float
    activation_answers_lost: float
    answers_late: float
    late_minutes: Span
    answer_seconds: Span
    wake_minutes: Span
    activation_failed: float
    activation_seconds: Span


@dataclass(frozen=True, slots=True)
class Where:
    """Which hubs are meant: one of these regions and one of these hub models, drawn by the seed; empty means any."""

    regions: tuple[Region, ...] = ()
    hub_models: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Defect:
    """What the new firmware does to some of the hubs that activate it, after a delay."""

    effect: Effect
    prevalence: float
    delay_days: Span
    where: Where


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
    messages: Messages
    delivery: dict[Carriage, Delivery]
    timing: Timing
    devices: DeviceManners
    defects: tuple[Defect, ...]
    outages: tuple[Outage, ...]


def names() -> tuple[str, ...]:
    """This function will list the scenarios that ship, in alphabetical order, without aliases."""
    stems = (
        entry.name.removesuffix(".toml") for entry in _shipped().iterdir() if entry.name.endswith(".toml")
    )
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
    stated = _parse(octets, source=source)
    baseline = _parse((_shipped() / f"{_BASELINE}.toml").read_bytes(), source=f"{_BASELINE}.toml")
    root = Table(_laid_over(stated, baseline), source=source, place="")
    scenario = Scenario(
        name=name,
        title=root.text("title"),
        rates=_rates(root.table("rates")),
        messages=_messages(root.table("messages")),
        delivery=_deliveries(root.table("delivery")),
        timing=_timing(root.table("timing")),
        devices=_devices(root.table("devices")),
        defects=tuple(_defect(table) for table in root.tables("defects")),
        outages=tuple(_outage(table) for table in root.tables("outages")),
    )
    root.close()
    return scenario


def _rates(table: Table) -> Rates:
    reach = table.table("not_reached")
    rates = Rates(
        activation_failed=table.share("activation_failed"),
        silent_per_week=table.share("silent_per_week"),
        not_reached=(reach.share("good"), reach.share("fair"), reach.share("poor")),
    )
    reach.close()
    table.close()
    return rates


def _messages(table: Table) -> Messages:
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


def _deliveries(table: Table) -> dict[Carriage, Delivery]:
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


def _timing(table: Table) -> Timing:
    timing = Timing(
        activation_minutes=table.span("activation_minutes"),
        give_up_hours=table.hours("give_up_hours"),
        silence_seen_hours=table.hours("silence_seen_hours"),
        silence_mean_hours=table.hours("silence_mean_hours"),
        read_answer_minutes=table.span("read_answer_minutes"),
    )
    table.close()
    return timing


def _devices(table: Table) -> DeviceManners:
    manners = DeviceManners(
        answers_lost=table.share("answers_lost"),
        activation_answers_lost=table.share("activation_answers_lost"),
        answers_late=table.share("answers_late"),
        late_minutes=table.span("late_minutes"),
        answer_seconds=table.span("answer_seconds"),
        wake_minutes=table.span("wake_minutes"),
        activation_failed=table.share("activation_failed"),
        activation_seconds=table.span("activation_seconds"),
    )
    table.close()
    return manners


def _defect(table: Table) -> Defect:
    word = table.text("effect")
    if word not in list(Effect):
        raise table.refuse("effect", f"is {word!r}; one of {', '.join(Effect)} is expected")
    defect = Defect(
        effect=Effect(word),
        prevalence=table.share("prevalence"),
        delay_days=table.span("delay_days"),
        where=_where(table.table("where")),
    )
    table.close()
    return defect


def _outage(table: Table) -> Outage:
    outage = Outage(
        start_days=table.span("start_days"),
        lasting_days=table.span("lasting_days"),
        masts=table.share("masts"),
        hubs=table.share("hubs"),
        where=_where(table.table("where")),
    )
    table.close()
    return outage


def _where(table: Table) -> Where:
    regions = table.words("region")
    for word in regions:
        if word not in list(Region):
            raise table.refuse("region", f"names {word!r}; one of {', '.join(Region)} is expected")
    where = Where(regions=tuple(map(Region, regions)), hub_models=table.words("hub_model"))
    table.close()
    return where


def _parse(octets: bytes, *, source: str) -> dict[str, Any]:
    try:
        return tomllib.loads(octets.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadScenario(f"{source}: this is not a TOML file: {error}.") from error


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
