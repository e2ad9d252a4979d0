"""The page of state machines, drawn from the machines themselves: `python -m tests.house.machines` writes it."""

import importlib
import pkgutil

from safelaunch import domain
from safelaunch.domain.machine import Machine
from tests.house.source import ROOT

PAGE = ROOT / "docs" / "machines.md"
HEAD = """\
# State machines

Drawn from the tables in `src/safelaunch/domain` by `make docs`; a house test fails when this page is out of date.
Anything that is not an arrow here is refused.
"""


def find_machines() -> dict[str, Machine]:
    """Every machine of the domain, by the module it stands in."""
    found = {}
    for entry in pkgutil.iter_modules(domain.__path__):
        module = importlib.import_module(f"{domain.__name__}.{entry.name}")
        machines = [value for value in vars(module).values() if isinstance(value, Machine)]
        found |= {f"{entry.name}.{machine.name}": machine for machine in machines}
    return found


def page() -> str:
    """The whole page."""
    parts = [HEAD]
    for where, machine in sorted(find_machines().items()):
        module = where.partition(".")[0]
        parts.append(f"\n## {machine.name}\n\n`src/safelaunch/domain/{module}.py`\n")
        parts.append(f"\n```mermaid\n{machine.mermaid()}```\n")
        parts.append("\n| event | takes | to |\n|---|---|---|\n")
        parts += [
            f"| {move.event.value} | {', '.join(source.value for source in move.sources)} | {move.target.value} |\n"
            for move in machine.moves
        ]
    return "".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"Wrote {PAGE.relative_to(ROOT)}.")
