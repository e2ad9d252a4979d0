"""Intervals for the threshold gates of Q7.

    share      Wilson's score interval
    rate       Byar's approximation to the exact Poisson limits, good from zero events on
    increase   the difference of two rates by MOVER (Newcombe's square-and-add on the two intervals)
"""

from math import sqrt
from statistics import NormalDist

from safelaunch.domain.gates import Estimate


def share(*, hits: int, total: int, confidence: float) -> Estimate | None:
    """This function will estimate a share in 0..1 with its two-sided interval, or give None without observations."""
    if total == 0:
        return None
    z = _z(confidence)
    observed = hits / total
    centre = (observed + z * z / (2 * total)) / (1 + z * z / total)
    spread = z / (1 + z * z / total) * sqrt(observed * (1 - observed) / total + (z / (2 * total)) ** 2)
    return Estimate(value=observed, low=max(0.0, centre - spread), high=min(1.0, centre + spread))


def rate(*, events: int, exposure: float, confidence: float) -> Estimate | None:
    """This function will estimate events per unit of exposure, or give None without exposure."""
    if exposure <= 0:
        return None
    z = _z(confidence)
    low = events * (1 - 1 / (9 * events) - z / (3 * sqrt(events))) ** 3 if events else 0.0
    more = events + 1
    high = more * (1 - 1 / (9 * more) + z / (3 * sqrt(more))) ** 3
    return Estimate(value=events / exposure, low=max(0.0, low) / exposure, high=high / exposure)


def increase(*, treated: Estimate | None, control: Estimate | None, per: float) -> Estimate | None:
    """This function will estimate how much larger the treated rate is, per `per` units of exposure.

    Gives None when either arm is missing: nothing can be said without a control.
    """
    if treated is None or control is None:
        return None
    difference = treated.value - control.value
    below = sqrt((treated.value - treated.low) ** 2 + (control.high - control.value) ** 2)
    above = sqrt((treated.high - treated.value) ** 2 + (control.value - control.low) ** 2)
    return Estimate(value=per * difference, low=per * (difference - below), high=per * (difference + above))


def _z(confidence: float) -> float:
    return NormalDist().inv_cdf(0.5 + confidence / 2)
