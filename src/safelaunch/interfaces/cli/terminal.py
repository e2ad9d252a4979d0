"""What commands write: sentences and progress to standard error, results to standard output.

Colour and moving bars appear on a terminal only. With `--json`, standard output holds one JSON object and nothing else.
"""

import json
import sys
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

# A pipe has no width; a table in it is not to be cut at the 80 columns of a terminal that is not there.
out = Console(highlight=False, width=None if sys.stdout.isatty() else 200)
err = Console(stderr=True, highlight=False)

as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON object on standard output.")


def say(sentence: str) -> None:
    """This function will tell the person something, on standard error."""
    err.print(sentence, markup=False, soft_wrap=True)


def print_json(value: dict[str, Any]) -> None:
    """This function will print one JSON object on standard output."""
    sys.stdout.write(json.dumps(value, default=_plain, ensure_ascii=False) + "\n")


def print_table(*, title: str, columns: Iterable[str], rows: Iterable[Iterable[Any]]) -> None:
    """This function will print a table on standard output; numbers stand on the right."""
    lines = [list(row) for row in rows]
    table = Table(
        title=title, title_justify="left", title_style="bold", header_style="bold", box=None, pad_edge=False
    )
    for number, column in enumerate(columns):
        numeric = bool(lines) and all(isinstance(line[number], int | float) for line in lines)
        table.add_column(column, justify="right" if numeric else "left")
    for line in lines:
        table.add_row(*(_shown(value) for value in line))
    out.print(table)


def with_progress(done: Iterable[int], *, what: str, total: int | None) -> Iterator[int]:
    """This function will show a bar on standard error while `done` counts up to `total`."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as progress:
        task = progress.add_task(what, total=total)
        for count in done:
            progress.update(task, completed=count)
            yield count


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, datetime):
        return f"{value:%d %b %Y %H:%M}"
    if isinstance(value, date):
        return f"{value:%d %b %Y}"
    return "" if value is None else str(value)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)
