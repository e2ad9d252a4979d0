"""Instants: the model counts milliseconds since 1970 in UTC, messages carry aware datetimes."""

from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def to_instant(moment: datetime) -> int:
    """This function will give an aware datetime as milliseconds since 1970."""
    return (moment - _EPOCH) // _MILLISECOND


def to_datetime(instant: int) -> datetime:
    """This function will give milliseconds since 1970 as a datetime in UTC."""
    return _EPOCH + instant * _MILLISECOND


def to_texts(instants: NDArray[np.int64]) -> list[str]:
    """This function will write instants in RFC 3339, in UTC, to the millisecond."""
    texts = np.datetime_as_string(instants.view("datetime64[ms]"), unit="ms")
    return [f"{text}Z" for text in texts.tolist()]


def now() -> datetime:
    """This function will read the real clock; the simulator is a door and may."""
    return datetime.now(UTC)


def second(at: int) -> datetime:
    """This function will give the second in which an instant lies, for GBCS writes no fractions."""
    return to_datetime(at).replace(microsecond=0)
