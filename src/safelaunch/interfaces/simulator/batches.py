"""Reports into batches: numbers, repeats and the bytes of `EventBatch`, a column at a time.

The bytes are those `wire.csp.write` would give; building 100,000 message objects a second is what is avoided.
"""

from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray

from safelaunch.domain.hub_upgrades import EventKind
from safelaunch.domain.smi import Network
from safelaunch.interfaces.simulator import instants
from safelaunch.interfaces.simulator.timeline import Strand, Taken
from safelaunch.planning.chance import Draws, Stream
from safelaunch.planning.network import KINDS

BATCH = 1_000
"""The most events in one batch."""

_EUI_TEXT = 24
_REPEATED_WITHIN = 1_500
_REASON = {
    EventKind.ACTIVATION_FAILED: "The hub refused to activate the image.",
    EventKind.NOT_REACHED: "The hub did not answer on the wide area network.",
}
_KIND_WORDS = [kind.value for kind in KINDS]
_KIND_REASONS = [_REASON.get(kind) for kind in KINDS]


@dataclass(frozen=True, slots=True)
class Names:
    """What the numbers in reports stand for: Device IDs by position, versions and strands by number."""

    device_id: NDArray[np.uint64]
    versions: list[str]
    strands: list[Strand]


def write_batches(
    taken: Taken,
    *,
    network: Network,
    first_number: int,
    first_batch: int,
    names: Names,
    share_repeated: float,
) -> list[bytes]:
    """This function will number reports in their order and write them as batches of at most 1,000.

    A share of the reports is repeated, under the same number, up to 1,500 places later.
    """
    order = _with_repeats(len(taken.position), first_number=first_number, share=share_repeated)
    rows = _rows(taken, first_number=first_number, names=names)
    encode = msgspec.json.encode
    bodies = []
    for place, start in enumerate(range(0, len(order), BATCH)):
        events = [rows[at] for at in order[start : start + BATCH].tolist()]
        bodies.append(encode({"network": network.value, "batch": first_batch + place, "events": events}))
    return bodies


def device_texts(device_ids: NDArray[np.uint64]) -> list[str]:
    """This function will write Device IDs in the field's form, 00-DB-12-34-56-78-90-A2."""
    text = device_ids.astype(">u8").tobytes().hex("-").upper()
    return [text[start : start + _EUI_TEXT - 1] for start in range(0, len(text), _EUI_TEXT)]


def _rows(taken: Taken, *, first_number: int, names: Names) -> list[tuple[object, ...]]:
    """Give the members of each `HubReport`, in its order."""
    whose, of_strand = np.unique(taken.strand, return_inverse=True)
    strands = [names.strands[number] for number in whose.tolist()]
    of = of_strand.tolist()
    campaigns, attempts = [strand.campaign for strand in strands], [strand.attempt for strand in strands]
    versions = [*names.versions, None]
    kinds = taken.kind.tolist()
    columns = (
        range(first_number, first_number + len(kinds)),
        device_texts(names.device_id[taken.position]),
        [_KIND_WORDS[kind] for kind in kinds],
        instants.to_texts(taken.happened_at),
        [campaigns[at] for at in of],
        [attempts[at] for at in of],
        [versions[version] for version in taken.version.tolist()],
        [_KIND_REASONS[kind] for kind in kinds],
    )
    return list(zip(*columns, strict=True))


def _with_repeats(reports: int, *, first_number: int, share: float) -> NDArray[np.int64]:
    """Give the order of sending, in which some reports stand twice."""
    numbers = np.arange(first_number, first_number + reports).astype(np.uint64)
    repeated = np.flatnonzero(Draws(seed=0, device_ids=numbers, turn=0).uniform(Stream.REPEAT) < share)
    place = Draws(seed=0, device_ids=numbers[repeated], turn=0).uniform(Stream.REPEAT_PLACE)
    later = repeated + 1 + place * _REPEATED_WITHIN
    keys = np.concatenate([np.arange(reports, dtype=np.float64), later])
    both = np.concatenate([np.arange(reports), repeated])
    return both[np.argsort(keys, kind="stable")]
