"""Reading a landscape file: TOML, strictly (`domain.md` 11.6; the shipped example is `data/landscapes/`).

Whatever is unknown, missing, out of range or refers to something that is not there is refused with the file, the
place and the reason. An option states only what differs from the tasks of the file:

    [[options]]
    name = "2"
    title = "Everything with the November release"
    changes = [{ task = "csp-systems", release = "nov-22" }]
"""

import math
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date, datetime
from importlib import resources
from pathlib import Path
from typing import Any

from safelaunch.domain.refusals import NotFound
from safelaunch.planning.landscape.model import (
    Approval,
    Estate,
    Feature,
    Landscape,
    Modification,
    Option,
    Part,
    Region,
    Release,
    Slip,
    Slot,
    Spread,
    Stage,
    Task,
    WhatIf,
)
from safelaunch.planning.landscape.network import BadLandscape, find_circle
from safelaunch.planning.strict_toml import StrictTable, parse

_MOST_DAYS = 3_650
_MOST_HUBS = 100_000_000
_MOST_SLOTS = 100
_WEEK = 7
_ROUNDING = 0.001
"""Shares of three digits may not sum to one exactly."""


class _Table(StrictTable):
    """A table of a landscape file."""

    bad = BadLandscape
    files = "landscapes"

    def day(self, key: str) -> date:
        value = self.take(key, "a date such as 2022-06-30")
        if not isinstance(value, date) or isinstance(value, datetime):
            raise self.refuse(key, f"is {value!r}; a date such as 2022-06-30 is expected")
        return value

    def spread(self, key: str, *, most: float) -> Spread:
        expected = f"the least, the likely and the most, such as [20, 30, 60], none above {most:,.15g}"
        value = self.take(key, expected)
        if isinstance(value, int | float) and not isinstance(value, bool):
            value = [value] * 3
        least, likely, highest = self.numbers(key, value, count=3, expected=expected)
        if not 0 <= least <= likely <= highest <= most:
            raise self.refuse(key, f"is {value!r}; {expected}, in this order, is expected")
        return float(least), float(likely), float(highest)

    def whole(self, key: str, *, least: int, most: int) -> int:
        value = self.take(key, f"a whole number from {least} to {most:,}")
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise self.refuse(key, f"is {value!r}; a whole number from {least} to {most:,} is expected")
        return value

    def known(self, key: str, among: Collection[str], *, what: str) -> tuple[str, ...]:
        found = self.words(key)
        for word in found:
            if word not in among:
                raise self.refuse(key, f"names {word!r}; there is no such {what} in the file")
        return found

    def one(self, key: str, among: Collection[str], *, what: str) -> str:
        found = self.known(key, among, what=what)
        if len(found) != 1:
            raise self.refuse(key, f"names {len(found)} of them; the name of one {what} is expected")
        return found[0]


def names() -> tuple[str, ...]:
    """This function will list the landscapes that ship."""
    return tuple(sorted(entry.name.removesuffix(".toml") for entry in _shipped().iterdir()))


def shipped(name: str) -> bytes:
    """This function will give the octets of a landscape that ships, to be changed and given back.

    Raises:
        NotFound: none of this name ships.
    """
    if name not in names():
        raise NotFound(
            f"There is no landscape {name!r}; choose {', '.join(names())}, or a file ending in .toml."
        )
    octets: bytes = (_shipped() / f"{name}.toml").read_bytes()
    return octets


def load(name_or_path: str) -> Landscape:
    """This function will read a landscape that ships, by its name, or any file ending in `.toml`.

    Raises:
        NotFound: no such landscape ships, or there is no such file.
        BadLandscape: the file cannot be used.
    """
    if not name_or_path.endswith(".toml"):
        return read(shipped(name_or_path), source=f"{name_or_path}.toml")
    path = Path(name_or_path)
    if not path.is_file():
        raise NotFound(
            f"There is no landscape file {name_or_path}; give a file that exists, or {', '.join(names())}."
        )
    return read(path.read_bytes(), source=path.name)


def read(octets: bytes, *, source: str) -> Landscape:
    """This function will read the octets of a landscape file; `source` names it in refusals.

    Raises:
        BadLandscape: the file is not TOML; a key is unknown, missing or out of range; a name is used twice or for
            nothing; or tasks wait for one another in a circle.
    """
    root = _Table(parse(octets, source=source, bad=BadLandscape), source=source, place="")
    documents = root.words("documents")
    releases = _listed(root, "releases", lambda table, name: _release(table, name, documents))
    approvals = _listed(
        root,
        "approvals",
        lambda table, name: Approval(
            name, table.text("title"), table.spread("working_days", most=_MOST_DAYS)
        ),
    )
    slots = _listed(
        root,
        "slots",
        lambda table, name: Slot(name, table.text("title"), table.whole("count", least=1, most=_MOST_SLOTS)),
    )
    modifications = _listed(
        root, "modifications", lambda table, name: _modification(table, name, releases, documents)
    )
    estate = _estate(root.table("estate"))
    regions = _regions(root)
    stages = tuple(_stage(table) for table in root.tables("stages"))
    names = {
        "slots": set(slots),
        "approvals": set(approvals),
        "releases": set(releases),
        "regions": {region.name for region in regions},
        "stages": {str(stage.number) for stage in stages},
    }
    tasks = _tasks(root, names)
    landscape = Landscape(
        title=root.text("title"),
        source=root.text("source"),
        today=root.day("today"),
        documents=documents,
        releases=tuple(releases.values()),
        approvals=tuple(approvals.values()),
        slots=tuple(slots.values()),
        modifications=tuple(modifications.values()),
        estate=estate,
        regions=regions,
        stages=stages,
        features=tuple(_listed(root, "features", lambda table, name: _feature(table, name, tasks)).values()),
        options=tuple(
            _listed(root, "options", lambda table, name: _option(table, name, tasks, names)).values()
        ),
        what_ifs=tuple(_what_if(table, tasks) for table in root.tables("what_ifs")),
    )
    root.close()
    _check(landscape, source=source)
    return landscape


def _listed(root: _Table, key: str, make: Any) -> dict[str, Any]:
    """Read a list of named things; a name may be given once."""
    found: dict[str, Any] = {}
    for table in root.tables(key):
        name = table.text("name")
        if name in found:
            raise table.refuse("name", f"is {name!r} for the second time; each name may be given once")
        found[name] = make(table, name)
        table.close()
    return found


def _release(table: _Table, name: str, documents: tuple[str, ...]) -> Release:
    versions = table.table("versions")
    release = Release(
        name=name,
        title=table.text("title"),
        day=table.day("day"),
        closes_days=table.whole("closes_days", least=0, most=_MOST_DAYS),
        versions={document: versions.text(document) for document in documents if versions.has(document)},
    )
    versions.close()
    return release


def _modification(
    table: _Table, name: str, releases: dict[str, Release], documents: tuple[str, ...]
) -> Modification:
    parts = []
    for part in table.tables("parts"):
        release = part.one("release", releases, what="release")
        touched = part.known("documents", documents, what="document")
        for document in touched:
            if document not in releases[release].versions:
                raise part.refuse("documents", f"names {document!r}, of which {release} brings no version")
        part.close()
        parts.append(Part(release, touched))
    return Modification(
        name=name,
        title=table.text("title"),
        parts=tuple(parts),
        lead_months=table.whole("lead_months", least=0, most=60),
        note=table.text("note") if table.has("note") else "",
    )


def _estate(table: _Table) -> Estate:
    estate = Estate(
        day=table.day("day"),
        hubs=table.spread("hubs", most=_MOST_HUBS),
        per_month=table.spread("per_month", most=_MOST_HUBS),
        old_stock_months=table.spread("old_stock_months", most=60),
        nights_per_week=table.whole("nights_per_week", least=1, most=_WEEK),
        repeats=table.spread("repeats", most=0.9),
    )
    table.close()
    return estate


def _regions(root: _Table) -> tuple[Region, ...]:
    regions = tuple(_listed(root, "regions", _region).values())
    total = sum(region.share for region in regions)
    if regions and not math.isclose(total, 1, abs_tol=_ROUNDING):
        raise root.refuse("regions", f"have shares that sum to {total:.3f}; 1 is expected")
    return regions


def _region(table: _Table, name: str) -> Region:
    return Region(
        name=name,
        share=table.share("share"),
        per_night=table.spread("per_night", most=_MOST_HUBS),
        stated_months=table.span("stated_months") if table.has("stated_months") else None,
    )


def _stage(table: _Table) -> Stage:
    stage = Stage(
        number=table.whole("number", least=1, most=99),
        title=table.text("title"),
        effect=table.text("effect"),
        from_start=table.switch("from_start"),
    )
    table.close()
    return stage


def _tasks(root: _Table, names: dict[str, set[str]]) -> dict[str, Task]:
    tables = root.tables("tasks")
    known: list[str] = []
    found: dict[str, Task] = {}
    for table in tables:
        name = table.text("name")
        if name in known:
            raise table.refuse("name", f"is {name!r} for the second time; each name may be given once")
        known.append(name)
    if not known:
        raise root.refuse("tasks", "is missing; at least one [[tasks]] is expected")
    for name, table in zip(known, tables, strict=True):
        bare = Task(name, table.text("title"), (0.0, 0.0, 0.0), None, (), (), (), None, None, None, None, 0.0)
        found[name] = _arranged(table, bare, tasks=known, names=names)
        if found[name].is_rollout and table.has("days"):
            raise table.refuse("days", "is given with region; the days of a roll-out follow from its hubs")
        table.close()
    _refuse_circle(root, "tasks", found.values())
    return found


def _arranged(table: _Table, task: Task, *, tasks: Collection[str], names: dict[str, set[str]]) -> Task:
    """Read what a table says of a task; what it does not say stays as it is."""
    said: dict[str, Any] = {}
    if table.has("region"):
        region = table.one("region", names["regions"], what="region")
        said |= {"region": region, "share": table.share("share"), "days": None}
    elif table.has("days"):
        said["days"] = table.spread("days", most=_MOST_DAYS)
    if table.has("not_before"):
        said["not_before"] = table.day("not_before")
    for key, among, what in (
        ("after", tasks, "task"),
        ("slots", names["slots"], "slot"),
        ("approvals", names["approvals"], "approval"),
    ):
        if table.has(key):
            said[key] = table.known(key, among, what=what)
    if table.has("release"):
        said["release"] = table.one("release", names["releases"], what="release")
    if table.has("stage"):
        number = table.whole("stage", least=1, most=99)
        if str(number) not in names["stages"]:
            raise table.refuse("stage", f"is {number}; there is no such stage in the file")
        said["stage"] = number
    if table.has("slip"):
        slip = table.table("slip")
        said["slip"] = Slip(slip.share("chance"), slip.spread("days", most=_MOST_DAYS))
        slip.close()
    return replace(task, **said)


def _feature(table: _Table, name: str, tasks: dict[str, Task]) -> Feature:
    return Feature(
        name=name,
        title=table.text("title"),
        tasks=table.known("tasks", tasks, what="task"),
        on_hubs=table.switch("on_hubs"),
    )


def _option(table: _Table, name: str, tasks: dict[str, Task], names: dict[str, set[str]]) -> Option:
    changed = dict(tasks)
    for change in table.tables("changes"):
        task = change.one("task", tasks, what="task")
        changed[task] = _arranged(change, changed[task], tasks=tasks, names=names)
        change.close()
    stated = table.table("stated")
    option = Option(
        name=name,
        title=table.text("title"),
        tasks=tuple(changed.values()),
        stated={int(number): stated.text(number) for number in sorted(names["stages"]) if stated.has(number)},
    )
    stated.close()
    _refuse_circle(table, "changes", option.tasks)
    return option


def _refuse_circle(table: _Table, key: str, tasks: Iterable[Task]) -> None:
    circle = find_circle({task.name: task.after for task in tasks})
    if circle:
        raise table.refuse(
            key, f"wait for one another and none of them can start: {' waits for '.join(circle)}"
        )


def _what_if(table: _Table, tasks: dict[str, Task]) -> WhatIf:
    more = table.table("days_more")
    found = {
        name: more.number(name, most=_MOST_DAYS, expected=f"days from 0 to {_MOST_DAYS:,}")
        for name in tasks
        if more.has(name)
    }
    more.close()
    what_if = WhatIf(table.text("title"), found)
    table.close()
    return what_if


def _check(landscape: Landscape, *, source: str) -> None:
    """Insist on what only the whole file can show."""
    if not landscape.options:
        raise BadLandscape(f"{source}: options is missing; at least one [[options]] is expected.")
    if len(landscape.releases) == 0 and any(task.release for task in landscape.options[0].tasks):
        raise BadLandscape(f"{source}: releases is missing; a task goes live with one.")
    if not landscape.stages:
        raise BadLandscape(f"{source}: stages is missing; at least one [[stages]] is expected.")
    for stage in landscape.stages:
        if not any(task.stage == stage.number for task in landscape.options[0].tasks):
            raise BadLandscape(f"{source}: stages: no task belongs to stage {stage.number}; give one to it.")
    for region in landscape.regions:
        if not any(task.region == region.name for task in landscape.options[0].tasks):
            raise BadLandscape(f"{source}: regions: no task rolls out in {region.name}; give it one.")


def _shipped() -> Any:
    return resources.files("safelaunch.planning") / "data" / "landscapes"
