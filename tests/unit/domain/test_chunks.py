"""A chunk may be sent again after a crash, and withdrawn only while nothing has left."""

import pytest

from safelaunch.domain.chunks import CHUNK, ChunkEvent, ChunkState


def test_a_chunk_goes_from_plan_to_close():
    state = CHUNK.initial
    for event in (ChunkEvent.SEND, ChunkEvent.ACCEPT, ChunkEvent.CLOSE):
        state = CHUNK.next(state, event)
    assert state is ChunkState.CLOSED


def test_a_chunk_whose_worker_was_killed_is_sent_again():
    assert CHUNK.next(ChunkState.SENDING, ChunkEvent.SEND) is ChunkState.SENDING


@pytest.mark.parametrize("state", [state for state in ChunkState if state is not ChunkState.PLANNED])
def test_what_may_have_left_is_never_withdrawn(state):
    assert not CHUNK.may(state, ChunkEvent.WITHDRAW)


@pytest.mark.parametrize("state", [ChunkState.CLOSED, ChunkState.WITHDRAWN])
@pytest.mark.parametrize("event", list(ChunkEvent))
def test_a_chunk_that_is_over_stays_so(state, event):
    assert not CHUNK.may(state, event)


def test_a_chunk_that_was_handed_over_is_never_sent_again():
    assert not CHUNK.may(ChunkState.HANDED_OVER, ChunkEvent.SEND)
