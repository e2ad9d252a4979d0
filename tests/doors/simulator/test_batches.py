import numpy as np

from safelaunch.domain.hub_upgrades import EventKind
from safelaunch.domain.smi import Network
from safelaunch.interfaces.simulator.batches import BATCH, Names, device_texts, write_batches
from safelaunch.interfaces.simulator.timeline import Strand, Taken
from safelaunch.planning.network import KINDS
from safelaunch.wire import csp

NOTHING = np.zeros(0, np.int64)


def strand(campaign: str | None, attempt: int | None) -> Strand:
    return Strand(
        NOTHING, NOTHING.astype(np.int8), NOTHING.astype(np.int32), NOTHING, NOTHING, campaign, attempt
    )


NAMES = Names(
    device_id=np.array([0x00DB_1234_5678_90A2, 0xF00D_0000_0000_0001], np.uint64),
    versions=["0001", "0002"],
    strands=[strand("C1", 2), strand(None, None)],
)


def taken(count: int) -> Taken:
    places = np.arange(count)
    kinds = [KINDS.index(EventKind.ACTIVATED), KINDS.index(EventKind.SILENT)]
    return Taken(
        strand=places % 2,
        position=places % 2,
        kind=np.array(kinds, np.int8)[places % 2],
        version=np.array([1, -1], np.int32)[places % 2],
        happened_at=1_772_452_800_000 + places,
        cursors=[],
    )


def write(count: int, *, share_repeated: float = 0.0) -> list[bytes]:
    return write_batches(
        taken(count),
        network=Network.SOUTH,
        first_number=10,
        first_batch=4,
        names=NAMES,
        share_repeated=share_repeated,
    )


def test_a_batch_reads_as_the_message_of_the_protocol() -> None:
    (body,) = write(2)
    batch = csp.read(body, csp.EventBatch)
    assert (batch.network, batch.batch) == (Network.SOUTH, 4)
    first, second = batch.events
    assert (first.number, first.device_id, first.kind) == (10, "00-DB-12-34-56-78-90-A2", EventKind.ACTIVATED)
    assert (first.campaign, first.attempt, first.firmware_version, first.reason) == ("C1", 2, "0002", None)
    assert (second.number, second.device_id, second.kind) == (11, "F0-0D-00-00-00-00-00-01", EventKind.SILENT)
    assert (second.campaign, second.attempt, second.firmware_version) == (None, None, None)
    assert first.happened_at.isoformat() == "2026-03-02T12:00:00+00:00"


def test_batches_are_full_but_for_the_last_and_numbers_run_through() -> None:
    batches = [csp.read(body, csp.EventBatch) for body in write(2_500)]
    assert [len(batch.events) for batch in batches] == [BATCH, BATCH, 500]
    assert [batch.batch for batch in batches] == [4, 5, 6]
    assert [event.number for batch in batches for event in batch.events] == list(range(10, 2_510))


def test_a_repeated_report_keeps_its_number_and_comes_after_the_first() -> None:
    events = [
        event for body in write(5_000, share_repeated=0.1) for event in csp.read(body, csp.EventBatch).events
    ]
    first: dict[int, tuple[int, csp.HubReport]] = {}
    distances = []
    for place, event in enumerate(events):
        if event.number in first:
            before, same = first[event.number]
            assert event == same
            distances.append(place - before)
        first.setdefault(event.number, (place, event))
    assert sorted(first) == list(range(10, 5_010))
    assert 400 < len(distances) < 600
    assert max(distances) > BATCH


def test_no_reports_make_no_batch() -> None:
    assert write(0) == []


def test_device_ids_are_written_in_the_form_of_the_field() -> None:
    assert device_texts(np.array([0, 2**64 - 1], np.uint64)) == [
        "00-00-00-00-00-00-00-00",
        "FF-FF-FF-FF-FF-FF-FF-FF",
    ]
