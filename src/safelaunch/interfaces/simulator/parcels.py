"""What Devices said and what became of images, into batches under numbers of the network's."""

from collections.abc import Callable, Iterator, Sequence

from safelaunch.domain.smi import Network
from safelaunch.interfaces.simulator.device_speech import Saying
from safelaunch.interfaces.simulator.images import ImageNews
from safelaunch.wire import csp

PARCEL = 500
"""The most messages of Devices in one batch."""


def write_parcels(
    said: Sequence[Saying | ImageNews],
    *,
    write: Callable[..., csp.DeviceMessage],
    network: Network,
    first_number: int,
    first_batch: int,
) -> Iterator[bytes]:
    """This function will number what was said in its order, and write it in batches.

    Args:
        said: in the order in which it was heard; what comes twice stands twice, under one number.
        write: signs and writes what a Device said, under a `number`.
        network: whose Devices.
        first_number: the network's next number for what is reported.
        first_batch: its next number for a batch.
    """
    for place, start in enumerate(range(0, len(said), PARCEL)):
        messages: list[csp.DeviceMessage] = []
        images = []
        for number, one in enumerate(said[start : start + PARCEL], first_number + start):
            if isinstance(one, ImageNews):
                images.append(one.write(number=number))
            else:
                messages += [write(one, number=number)] * (1 + one.is_twice)
        batch = csp.EventBatch(
            network=network, batch=first_batch + place, events=[], messages=messages, images=images
        )
        yield csp.write(batch)
