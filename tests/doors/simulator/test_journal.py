from pathlib import Path

import pytest

from safelaunch.domain.refusals import Unreadable
from safelaunch.interfaces.simulator import journal, records
from safelaunch.interfaces.simulator.journal import Journal, JournalInUse

WRITTEN = [records.Opened(world={"seed": 1}), records.DayBegan(day=0), records.Acknowledged(batch=7)]


def filled(path: Path) -> Path:
    book = Journal(path)
    book.append(*WRITTEN)
    book.close()
    return path


def read_all(path: Path) -> list[records.AnyRecord]:
    book = Journal(path)
    try:
        return list(book.replay())
    finally:
        book.close()


def test_records_are_found_again_in_their_order(tmp_path: Path) -> None:
    assert read_all(filled(tmp_path / "new" / "north.journal")) == WRITTEN


@pytest.mark.parametrize("lost", range(1, 30, 4))
def test_a_last_line_torn_at_any_place_is_dropped_and_writing_goes_on_after_it(
    tmp_path: Path, lost: int
) -> None:
    path = filled(tmp_path / "north.journal")
    path.write_bytes(path.read_bytes()[:-lost])
    book = Journal(path)
    assert list(book.replay()) == WRITTEN[:-1]
    book.append(records.DayBegan(day=1))
    book.close()
    assert read_all(path) == [*WRITTEN[:-1], records.DayBegan(day=1)]


def test_damage_before_the_last_line_is_refused_with_its_place(tmp_path: Path) -> None:
    path = filled(tmp_path / "north.journal")
    path.write_bytes(path.read_bytes().replace(b'"day":0', b'"day":1'))
    with pytest.raises(Unreadable, match=r"Line 2 of north\.journal is damaged"):
        read_all(path)


def test_a_journal_has_one_writer_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "_PATIENCE", 0.1)
    first = Journal(tmp_path / "north.journal")
    with pytest.raises(JournalInUse, match="Another simulator writes"):
        Journal(tmp_path / "north.journal")
    first.close()
    Journal(tmp_path / "north.journal").close()
