import pytest

from safelaunch.domain.refusals import Invalid, NotFound
from safelaunch.services import rehearsals


def prepare(**changed):
    asked = {"hubs": 20_000, "scenario": "catastrophe", "policy": "evidence", "seed": 1, "runs": 2}
    return rehearsals.prepare(**{**asked, **changed})


def test_a_rehearsal_loads_plays_and_sums_up():
    rehearsal = prepare()
    assert list(rehearsal.load())[-1] == 20_000
    assert list(rehearsal.play()) == [1, 2]
    figures = rehearsal.figures()
    assert figures.detected_share == 1.0
    assert figures.false_stop_share is None
    assert 0 < figures.harmed_mean <= figures.harmed_p95 <= 100
    assert set(figures.finish) == {"NORTH", "CENTRAL", "SOUTH", "NORTH_4G", "CENTRAL_4G", "SOUTH_4G"}


def test_the_same_seed_gives_the_same_figures():
    found = []
    for _ in range(2):
        rehearsal = prepare(policy="aws", runs=1)
        list(rehearsal.play())
        found.append(rehearsal.figures())
    assert found[0] == found[1]


def test_several_processes_give_what_one_gives():
    figures = []
    for processors in (1, 2):
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(rehearsals.lanes, "processors", lambda count=processors: count)
            rehearsal = prepare(runs=3)
            list(rehearsal.play())
            assert rehearsal.processes == processors
            figures.append(rehearsal.figures())
    assert figures[0] == figures[1]
    # The fleet keeps 5 octets of a hub, and a campaign 17 more.
    assert rehearsal.pass_over() > 20 * 15_000


def test_what_cannot_be_rehearsed_is_refused():
    with pytest.raises(Invalid, match="no policy 'gut-feeling'; choose evidence, hawkbit"):
        prepare(policy="gut-feeling")
    with pytest.raises(Invalid, match="0 runs"):
        prepare(runs=0)
    with pytest.raises(NotFound, match="choose benign-shift"):
        prepare(scenario="doom")
    with pytest.raises(Invalid, match="No campaign has been played yet"):
        prepare().figures()
