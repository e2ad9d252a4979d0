"""The record shows every change that was made to it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelaunch.domain.record import GENESIS, BrokenChain, RecordEntry, digest_of, verify

AT = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


def chain(length):
    entries, previous = [], GENESIS
    for number in range(1, length + 1):
        entry = RecordEntry(
            record_entry_id=number,
            campaign_id=7,
            act="STOP",
            actor="Ada",
            happened_at=AT + timedelta(minutes=number),
            cause="Häuser ohne Strom",
            detail={"epoch": number, "hubs": [1, 2]},
            previous_digest=previous,
            digest="",
        )
        entry = replace(entry, digest=digest(entry, previous))
        entries.append(entry)
        previous = entry.digest
    return entries


def digest(entry, previous):
    return digest_of(
        previous=previous,
        campaign_id=entry.campaign_id,
        act=entry.act,
        actor=entry.actor,
        happened_at=entry.happened_at,
        body={"cause": entry.cause, "detail": entry.detail},
    )


def test_an_unchanged_record_adds_up_whole_or_in_stretches():
    entries = chain(6)
    assert verify(entries) == entries[-1].digest
    middle = verify(entries[:3])
    assert verify(entries[3:], previous=middle) == entries[-1].digest
    assert verify([]) == GENESIS


@pytest.mark.parametrize(
    "change",
    [
        {"campaign_id": 8},
        {"campaign_id": None},
        {"act": "RESUME"},
        {"actor": "Bob"},
        {"happened_at": AT},
        {"cause": "Nothing"},
        {"detail": {"epoch": 3, "hubs": [2, 1]}},
        {"digest": GENESIS},
    ],
)
def test_any_change_to_an_entry_is_seen_at_that_entry(change):
    entries = chain(5)
    entries[2] = replace(entries[2], **change)
    with pytest.raises(BrokenChain, match="Entry 3 "):
        verify(entries)


@given(st.integers(0, 3))
def test_an_entry_taken_out_is_seen(index):
    entries = chain(5)
    del entries[index]
    with pytest.raises(BrokenChain, match=f"Entry {index + 2} "):
        verify(entries)


def test_two_entries_exchanged_are_seen():
    entries = chain(4)
    entries[1], entries[2] = entries[2], entries[1]
    with pytest.raises(BrokenChain, match="Entry 3 "):
        verify(entries)


def test_a_digest_does_not_depend_on_the_time_zone_or_the_order_of_the_detail():
    entry = chain(1)[0]
    elsewhere = replace(
        entry,
        happened_at=entry.happened_at.astimezone(timezone(timedelta(hours=5))),
        detail={"hubs": [1, 2], "epoch": 1},
    )
    assert verify([elsewhere]) == entry.digest
