import pytest

from safelaunch.planning import lanes


def test_works_done_side_by_side_give_their_results_in_order():
    assert lanes.side_by_side([lambda at=at: at * at for at in range(20)]) == [at * at for at in range(20)]
    assert lanes.side_by_side([]) == []
    assert lanes.ahead(lambda: 3).result() == 3


def test_a_failure_is_raised_when_all_are_done():
    done = []

    def fail() -> None:
        raise ValueError("the second")

    with pytest.raises(ValueError, match="the second"):
        lanes.side_by_side([lambda: done.append(1), fail, lambda: done.append(3)])
    assert set(done) == {1, 3}


def test_a_process_may_stay_alone(monkeypatch):
    monkeypatch.setattr(lanes, "_ALONE", [])
    lanes.stay_alone()
    assert lanes.processors() == 1
    assert lanes.side_by_side([lambda: 1, lambda: 2]) == [1, 2]
