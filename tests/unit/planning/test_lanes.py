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


def test_a_work_beside_another_does_in_turn_what_it_asks_for(monkeypatch):
    monkeypatch.setattr(lanes, "processors", lambda: 2)
    works = [lambda: lanes.side_by_side([lambda: 1, lambda: 2]), lambda: [3]]
    assert lanes.side_by_side(works) == [[1, 2], [3]]


def test_alone_a_work_ahead_is_done_at_once_and_fails_where_its_result_is_wanted(monkeypatch):
    monkeypatch.setattr(lanes, "processors", lambda: 1)
    done = []
    lanes.ahead(lambda: done.append(1))
    assert done == [1]

    def fail() -> None:
        raise ValueError("later")

    late = lanes.ahead(fail)
    with pytest.raises(ValueError, match="later"):
        late.result()
