"""What a landscape file holds (`domain.md` 10, 11, 11.6).

A task is work of some days. It starts when the tasks before it are done, its day has come and its slots are free; it
ends with its approvals and notices; with a release it goes live on the release's day, or on the next one's if it was
not ready when the release closed. Each option is the same landscape with some tasks arranged differently.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

Spread = tuple[float, float, float]
"""The least, the most likely and the most: a triangular law."""


@dataclass(frozen=True, slots=True)
class Release:
    """A SEC Release: its day, how many days before it closes for late work, and the document versions it brings."""

    name: str
    title: str
    day: date
    closes_days: int
    versions: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Part:
    """What a modification changes in one release."""

    release: str
    documents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Modification:
    """A modification, its parts by release, and the months before a release by which it has to be decided."""

    name: str
    title: str
    parts: tuple[Part, ...]
    lead_months: int
    note: str


@dataclass(frozen=True, slots=True)
class Approval:
    """An agreement or a notice: working days between having the work and being allowed to use it."""

    name: str
    title: str
    working_days: Spread


@dataclass(frozen=True, slots=True)
class Slot:
    """Something of which only so much can be used at a time: a CSP's build, a test environment, a network."""

    name: str
    title: str
    count: int


@dataclass(frozen=True, slots=True)
class Slip:
    """A delay that may or may not come: its chance, and its days if it does."""

    chance: float
    days: Spread


@dataclass(frozen=True, slots=True)
class Task:
    """A task.

    Attributes:
        name, title: how it is written in the file, and how people call it.
        days: its work; None for mass roll-out, whose length follows from hubs and capacity.
        not_before: a day before which it does not start.
        after: tasks that have to be done.
        slots: what it occupies while it is worked on.
        approvals: agreements and notices after the work, one after another.
        release: the release it goes live with, or None.
        slip: a delay it may suffer.
        stage: the stage it belongs to, or None.
        region, share: for mass roll-out: the region, and the share of its hubs.
    """

    name: str
    title: str
    days: Spread | None
    not_before: date | None
    after: tuple[str, ...]
    slots: tuple[str, ...]
    approvals: tuple[str, ...]
    release: str | None
    slip: Slip | None
    stage: int | None
    region: str | None
    share: float

    @property
    def is_rollout(self) -> bool:
        """This function will be true of mass roll-out."""
        return self.days is None


@dataclass(frozen=True, slots=True)
class Region:
    """A CSP region: its share of the hubs, what its network upgrades in a night, and the months its CSP stated."""

    name: str
    share: float
    per_night: Spread
    stated_months: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Estate:
    """The hubs to be upgraded.

    Attributes:
        day, hubs: so many hubs in all on that day.
        per_month: hubs that are added in a month.
        old_stock_months: months after a roll-out's start in which new hubs still come with the old firmware.
        nights_per_week: nights on which hubs are upgraded.
        repeats: the share of a night's upgrades that have to be done again.
    """

    day: date
    hubs: Spread
    per_month: Spread
    old_stock_months: Spread
    nights_per_week: int
    repeats: Spread


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage: number, title, what it changes for Users, and from when it counts.

    With `from_start` it counts from the day on which its first task begins, otherwise from that on which the first
    is done.
    """

    number: int
    title: str
    effect: str
    from_start: bool


@dataclass(frozen=True, slots=True)
class Feature:
    """Something Users wait for.

    Attributes:
        name, title: how it is called.
        tasks: tasks that have to be live.
        on_hubs: whether it comes premises by premises, as hubs are upgraded, or for all at once.
    """

    name: str
    title: str
    tasks: tuple[str, ...]
    on_hubs: bool


@dataclass(frozen=True, slots=True)
class Option:
    """A way to arrange the tasks: some of them changed, and the months stated for the stages."""

    name: str
    title: str
    tasks: tuple[Task, ...]
    stated: Mapping[int, str]

    def task(self, name: str) -> Task:
        """This function will give a task by its name."""
        return next(task for task in self.tasks if task.name == name)


@dataclass(frozen=True, slots=True)
class WhatIf:
    """A question: what moves, if these tasks take so many days more?"""

    title: str
    days_more: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Landscape:
    """A whole landscape file."""

    title: str
    source: str
    today: date
    documents: tuple[str, ...]
    releases: tuple[Release, ...]
    approvals: tuple[Approval, ...]
    slots: tuple[Slot, ...]
    modifications: tuple[Modification, ...]
    estate: Estate
    regions: tuple[Region, ...]
    stages: tuple[Stage, ...]
    features: tuple[Feature, ...]
    options: tuple[Option, ...]
    what_ifs: tuple[WhatIf, ...]
