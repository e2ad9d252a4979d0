"""Intervals for the threshold gates of Q7.

share      the exact interval of Clopper and Pearson: never surer than the data, however few
rate       Byar's approximation to the exact Poisson limits, good from zero events on
increase   the difference of two rates by MOVER (Newcombe's square-and-add on the two intervals)
"""

from math import exp, lgamma, log, log1p, sqrt
from statistics import NormalDist

from safelaunch.domain.gates import Estimate

_HALVINGS = 50
_NEGLIGIBLE = 1e-15


def share(*, hits: int, total: int, confidence: float) -> Estimate | None:
    """This function will estimate a share in 0..1 with its two-sided interval, or give None without observations."""
    if total == 0:
        return None
    tail = (1 - confidence) / 2
    misses = total - hits
    return Estimate(
        value=hits / total,
        low=1 - _upper_limit(misses, total, tail=tail) if hits else 0.0,
        high=_upper_limit(hits, total, tail=tail) if misses else 1.0,
    )


def _upper_limit(hits: int, total: int, *, tail: float) -> float:
    """The share at which `hits` or fewer would be seen with probability `tail`."""
    low, high = hits / total, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if _at_most(hits, total, share=middle) > tail:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _at_most(hits: int, total: int, *, share: float) -> float:
    """The binomial probability of `hits` or fewer: a sum over its largest terms, falling away from `hits`."""
    log_term = (
        lgamma(total + 1)
        - lgamma(hits + 1)
        - lgamma(total - hits + 1)
        + hits * log(share)
        + (total - hits) * log1p(-share)
    )
    term = exp(log_term)
    summed, odds = term, (1 - share) / share
    for count in range(hits, 0, -1):
        term *= count / (total - count + 1) * odds
        summed += term
        if term < summed * _NEGLIGIBLE:
            break
    return summed


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
