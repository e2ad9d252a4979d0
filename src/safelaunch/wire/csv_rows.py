"""Rows as CSV for people who open them in a spreadsheet, a line at a time.

A spreadsheet would run a cell that begins like a formula, and a manufacturer's name may: such a cell is written with an
apostrophe before it.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

_FORMULAE = ("=", "+", "-", "@", "\t", "\r")


def write_lines(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """This function will write a heading and rows, each as the text of its own line; None is an empty cell."""
    line = io.StringIO()
    writer = csv.writer(line)
    for cells in chain([columns], rows):
        writer.writerow([_plain(cell) for cell in cells])
        yield line.getvalue()
        line.seek(0)
        line.truncate()


def _plain(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULAE) else cell
