"""How a bench measures: figure and floor by turns, medians, and what else the machine was doing meanwhile.

The ratio is cost over the floor's cost in the same run: it survives a busy machine far better than seconds do. `ext` is
the number of cores that processes outside the bench (and its PostgreSQL) kept busy; above 0.1 the seconds, and less so
the ratios, are worse than the machine allows.
"""

import os
import resource
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.db import connection

_TICKS = os.sysconf("SC_CLK_TCK")
_MIB_OF_KIB = 1024


@dataclass(frozen=True, slots=True)
class Result:
    """One line of a bench: `ratio` is cost over floor cost, so smaller is better."""

    name: str
    figure: float
    unit: str
    floor: float
    floor_unit: str
    ratio: float
    goal_ratio: float
    rounds: int
    ext: float | None
    what: str
    floor_what: str

    def as_json(self) -> dict[str, Any]:
        """This function will give the result as JSON writes it, with the peak memory of the process so far."""
        return {**asdict(self), "peak_rss_mib": peak_rss_mib()}


def by_turns(
    figure: Callable[[], float],
    floor: Callable[[], float],
    *,
    rounds: int,
    prepare: Callable[[], None] | None = None,
) -> tuple[list[float], list[float]]:
    """This function will take figure and floor by turns and give what each returned, round by round."""
    figures, floors = [], []
    for _ in range(rounds):
        if prepare is not None:
            prepare()
        figures.append(figure())
        floors.append(floor())
    return figures, floors


def seconds(work: Callable[[], Any]) -> float:
    """This function will give the seconds that something takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def median(values: list[float]) -> float:
    """This function will give the median, to four significant digits."""
    return float(f"{statistics.median(values):.4g}")


def peak_rss_mib() -> int:
    """This function will give the most memory this process, or a process it has waited for, ever held."""
    who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return max(resource.getrusage(one).ru_maxrss for one in who) // _MIB_OF_KIB


class Load:
    """Counts the cores that others keep busy, from its making until `ext` is asked."""

    def __init__(self) -> None:
        """This function will begin to count; where there is no `/proc`, nothing is known."""
        self._postmaster = _postmaster()
        self._begun = self._ticks()
        self._at = time.monotonic()

    def ext(self) -> float | None:
        """This function will give the cores that others kept busy on average, or None when the system does not say."""
        now = self._ticks()
        if self._begun is None or now is None:
            return None
        others = (now[0] - self._begun[0]) - (now[1] - self._begun[1])
        return round(max(0.0, others / _TICKS / (time.monotonic() - self._at)), 2)

    def _ticks(self) -> tuple[int, int] | None:
        """Busy ticks of the machine, and of our processes with the server's."""
        try:
            words = Path("/proc/stat").read_text().split("\n", 1)[0].split()
        except OSError:
            return None
        busy = sum(int(words[place]) for place in (1, 2, 3, 6, 7))
        parents: dict[int, int] = {}
        used: dict[int, int] = {}
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            parents[int(entry.name)] = int(fields[1])
            used[int(entry.name)] = sum(int(ticks) for ticks in fields[11:15])
        roots = {os.getpid(), self._postmaster}
        return busy, sum(ticks for pid, ticks in used.items() if _descends(pid, roots, parents))


def _descends(pid: int, roots: set[int | None], parents: dict[int, int]) -> bool:
    while pid > 1:
        if pid in roots:
            return True
        pid = parents.get(pid, 0)
    return False


def _postmaster() -> int | None:
    """The server's first process, when it runs on this machine."""
    with connection.cursor() as cursor:
        backend = cursor.connection.info.backend_pid
    try:
        name, _, rest = Path(f"/proc/{backend}/stat").read_text().rpartition(")")
    except OSError:
        return None
    return int(rest.split()[1]) if "postgres" in name else None
