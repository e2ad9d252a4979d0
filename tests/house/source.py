"""What the house tests read: the project's own files, as syntax trees."""

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "safelaunch"
FLOORS = ("domain", "wire", "planning", "store", "gateways", "services", "interfaces", "config")

Definition = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Function:
    """A function or method, and where it stands."""

    module: Path
    name: str
    node: Definition
    is_method: bool
    is_public: bool

    @property
    def where(self) -> str:
        return f"{self.module.relative_to(ROOT)}:{self.node.lineno} {self.name}"

    @property
    def lines(self) -> int:
        return (self.node.end_lineno or self.node.lineno) - self.node.lineno + 1

    @property
    def decorators(self) -> set[str]:
        return {
            ast.unparse(decorator).split("(")[0].rsplit(".", 1)[-1] for decorator in self.node.decorator_list
        }


@cache
def tracked_files() -> tuple[Path, ...]:
    """Every file of the project: what git knows or would add; without git, what lies here."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
            cwd=ROOT,
            capture_output=True,
            check=True,
            text=True,
        ).stdout.split("\0")
        files = [ROOT / name for name in listed if name]
    except (OSError, subprocess.CalledProcessError):
        files = [
            path
            for path in ROOT.rglob("*")
            if not any(
                part.startswith(".") or part == "__pycache__" for part in path.relative_to(ROOT).parts[:-1]
            )
        ]
    return tuple(sorted(path for path in files if path.is_file()))


def modules(*floors: str) -> list[Path]:
    """The Python modules of some floors, or of the whole package; migrations are history and left out."""
    roots = [PACKAGE / floor for floor in floors] or [PACKAGE]
    return sorted(
        path
        for root in roots
        for path in root.rglob("*.py")
        if path.parent != PACKAGE / "store" / "migrations"
    )


@cache
def tree(module: Path) -> ast.Module:
    """A module's syntax tree."""
    return ast.parse(module.read_text(encoding="utf-8"), filename=str(module))


def functions(*floors: str) -> list[Function]:
    """Every function of some floors, nested ones too."""
    return [
        function for module in modules(*floors) for function in _within(module, tree(module), is_public=True)
    ]


def _within(module: Path, node: ast.AST, *, is_public: bool) -> Iterator[Function]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Definition):
            public = is_public and (not child.name.startswith("_") or child.name == "__post_init__")
            yield Function(module, child.name, child, isinstance(node, ast.ClassDef), public)
            yield from _within(module, child, is_public=False)
        elif isinstance(child, ast.ClassDef):
            yield from _within(module, child, is_public=is_public and not child.name.startswith("_"))
        else:
            yield from _within(module, child, is_public=is_public)


def report(found: list[str]) -> str:
    """One finding a line, for the reader of a failed test."""
    return "\n" + "\n".join(found)
