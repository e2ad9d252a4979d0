"""What is drawn for one Device alone is what is drawn for it among others."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from safelaunch.planning.chance import Draws, OneDraw, Stream

NUMBERS = st.integers(0, 2**64 - 1)


@given(
    seed=st.integers(0, 2**63 - 1),
    device_ids=st.lists(NUMBERS, min_size=1, max_size=5),
    turn=st.integers(0, 2**32 - 1),
)
def test_a_draw_depends_on_its_device_and_not_on_who_asks_with_it(seed, device_ids, turn):
    together = Draws(seed=seed, device_ids=np.array(device_ids, np.uint64), turn=turn)
    for stream in (Stream.ANSWER_LOST, Stream.MESSAGE_TWICE):
        shares, spans = together.uniform(stream), together.span(stream, (0.5, 240.0), unit=60_000)
        for place, device_id in enumerate(device_ids):
            alone = OneDraw(seed=seed, device_id=device_id, turn=turn)
            assert alone.uniform(stream) == shares[place]
            assert alone.span(stream, (0.5, 240.0), unit=60_000) == spans[place]
