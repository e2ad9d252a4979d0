"""Rows as CSV: what a reader reads is what was written, but that no cell begins like a formula."""

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from safelaunch.wire.csv_rows import write_lines

cells = st.one_of(st.integers(), st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))


@given(st.lists(st.tuples(cells, cells)))
def test_every_cell_is_read_back_and_none_is_a_formula(rows):
    lines = list(write_lines(("first", "second"), rows))
    assert lines[0] == "first,second\r\n"
    read = list(csv.reader(io.StringIO("".join(lines), newline="")))[1:]
    assert len(lines) == 1 + len(rows)
    for row, found in zip(rows, read, strict=True):
        for cell, text in zip(row, found, strict=True):
            is_armed = isinstance(cell, str) and cell[:1] in "=+-@\t\r" and cell
            assert text == (f"'{cell}" if is_armed else str(cell))


def test_what_is_not_there_is_an_empty_cell():
    assert list(write_lines(("a", "b"), [(None, -1)]))[1] == ",-1\r\n"
