"""Homes asked for one by one are those of the estate, however they were made."""

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelaunch.domain.refusals import Invalid
from safelaunch.planning import estate
from safelaunch.planning.estate import Block, device_ids_of
from safelaunch.planning.homes import Homes

HUBS = 600
ESTATE = estate.describe(hubs=HUBS, seed=3)
HOMES = Homes(ESTATE)


@given(st.integers(0, HUBS - 1))
def test_a_home_is_the_same_alone_and_cut_from_a_piece(index):
    alone, cut = ESTATE.block(index, index + 1), HOMES.at(index)
    for field in fields(Block):
        one, other = (np.atleast_1d(getattr(block, field.name)) for block in (alone, cut))
        # By their octets: a day that there is none of is not equal to itself.
        assert (one.dtype, one.tobytes()) == (other.dtype, other.tobytes()), field.name


@given(st.integers(0, HUBS - 1))
def test_every_device_of_a_home_leads_back_to_it(index):
    for device_id in device_ids_of(HOMES.at(index)):
        assert HOMES.of(device_id) == index


@given(st.integers(0, 2**64 - 1))
def test_a_stranger_has_no_home(device_id):
    index = HOMES.of(device_id)
    assert index == -1 or device_id in device_ids_of(ESTATE.block(index, index + 1))


def test_there_is_no_home_beyond_the_last():
    with pytest.raises(Invalid):
        HOMES.at(HUBS + 1_000)
