"""Which task waits for which, and in what order dates can be worked out.

Tasks take slots in the order in which they would start if nothing went wrong and no slot were short; of two that
would start on the same day, the first in the file. A circle of tasks that wait for one another is refused
and shown whole.
"""

from collections.abc import Mapping, Sequence
from datetime import date

from safelaunch.domain.refusals import Invalid
from safelaunch.planning.landscape.model import Task


class BadLandscape(Invalid):
    """A landscape file that cannot be used; the sentence names the file, the place and the reason."""


def find_circle(after: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """This function will find tasks that wait for one another: in order, the first again at the end; empty if none.

    Args:
        after: for each task, the tasks it waits for.
    """
    done: set[str] = set()
    for start in after:
        path: list[str] = []
        waiting: list[tuple[str, int]] = [(start, 0)]
        while waiting:
            name, at = waiting.pop()
            if at == 0:
                if name in path:
                    return (*path[path.index(name) :], name)
                if name in done:
                    continue
                path.append(name)
            if at < len(after[name]):
                waiting += [(name, at + 1), (after[name][at], 0)]
            else:
                path.remove(name)
                done.add(name)
    return ()


def in_order(tasks: Sequence[Task], *, today: date, releases: Mapping[str, date]) -> tuple[Task, ...]:
    """This function will put tasks in an order in which each stands behind all it waits for.

    Args:
        tasks: of one option.
        today: the file's day.
        releases: days by name.

    Raises:
        BadLandscape: there is a circle.
    """
    circle = find_circle({task.name: task.after for task in tasks})
    if circle:
        raise BadLandscape(
            f"These tasks wait for one another and none can start: {' waits for '.join(circle)}; take one step out."
        )
    starts: dict[str, float] = {}
    ends: dict[str, float] = {}
    left = list(tasks)
    while left:
        ready = [task for task in left if all(name in ends for name in task.after)]
        for task in ready:
            first = (task.not_before - today).days if task.not_before else 0
            starts[task.name] = max([first, *(ends[name] for name in task.after)])
            done = starts[task.name] + (task.days[1] if task.days else 0)
            ends[task.name] = max(done, (releases[task.release] - today).days) if task.release else done
        left = [task for task in left if task not in ready]
    place = {task.name: at for at, task in enumerate(tasks)}
    depth = _depths(tasks)
    return tuple(sorted(tasks, key=lambda task: (starts[task.name], depth[task.name], place[task.name])))


def _depths(tasks: Sequence[Task]) -> dict[str, int]:
    """Count the tasks in the longest chain before each: what takes no time still comes before what waits for it."""
    by_name = {task.name: task for task in tasks}
    found: dict[str, int] = {}

    def depth(name: str) -> int:
        if name not in found:
            found[name] = 1 + max((depth(other) for other in by_name[name].after), default=-1)
        return found[name]

    for task in tasks:
        depth(task.name)
    return found
