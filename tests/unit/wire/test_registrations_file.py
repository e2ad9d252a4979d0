"""Registration data as a file: what a row means, and what is wrong with one."""

from datetime import UTC, datetime

import pytest

from safelaunch.domain.refusals import Invalid
from safelaunch.domain.smi import UserRole
from safelaunch.wire import registrations_file

HEADER = "mpxn,role,party,starts_at\n"


def read(tmp_path, *rows):
    path = tmp_path / "registrations.csv"
    path.write_text(HEADER + "\n".join(rows), encoding="utf-8")
    return registrations_file.read(path)


def test_dates_begin_at_midnight_in_the_united_kingdom_and_times_say_their_offset(tmp_path):
    rows, rejects = read(
        tmp_path,
        "1012345678901,is,Alder Energy,2026-07-01",
        "4321,GS,90-b3-d5-1f-30-01-00-00,2026-11-21T14:30:00+01:00",
        "4321,GS,,2026-11-22T00:00:00Z",
    )
    assert rejects == []
    assert [row.starts_at for row in rows] == [
        datetime(2026, 6, 30, 23, tzinfo=UTC),
        datetime(2026, 11, 21, 13, 30, tzinfo=UTC),
        datetime(2026, 11, 22, tzinfo=UTC),
    ]
    assert [(row.line, row.role, row.party) for row in rows] == [
        (2, UserRole.IS, "Alder Energy"),
        (3, UserRole.GS, "90-b3-d5-1f-30-01-00-00"),
        (4, UserRole.GS, ""),
    ]


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        ("12345,IS,Alder,2026-07-01", "mpxn", "exactly 13 digits"),
        ("1012345678901,GS,Alder,2026-07-01", "mpxn", "1 to 10 digits"),
        ("10123x,GS,Alder,2026-07-01", "mpxn", "neither an MPAN nor an MPRN"),
        ("٤٣٢١,GS,Alder,2026-07-01", "mpxn", "neither an MPAN nor an MPRN"),
        ("4321,ED,Alder,2026-07-01", "role", "One of IS, GS"),
        ("4321,GS,Alder,2026-13-01", "starts_at", "neither a date"),
        ("4321,GS,Alder,2026-07-01T10:00:00", "starts_at", "with its offset"),
        ("4321,GS,Alder,0001-01-01T00:00:00+23:00", "starts_at", "neither a date"),
        ("4321,GS,Alder,1999-07-01", "starts_at", "2000 to 2099"),
        ("4321,GS,Alder", "", "3 columns"),
    ],
)
def test_a_bad_row_is_explained_and_the_next_is_read(tmp_path, row, column, reason):
    rows, (reject,) = read(tmp_path, row, "4321,GS,Alder,2026-07-01")
    assert [one.line for one in rows] == [3]
    assert (reject.line, reject.column) == (2, column)
    assert reason in reject.reason


def test_a_file_of_something_else_is_refused(tmp_path):
    path = tmp_path / "smi.csv"
    path.write_text("mpxn,role\n1,IS\n", encoding="utf-8")
    with pytest.raises(Invalid, match="must be mpxn, role, party, starts_at"):
        registrations_file.read(path)
