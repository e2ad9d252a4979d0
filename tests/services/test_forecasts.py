"""Forecasts of a campaign on the database."""

from datetime import timedelta

import pytest

from safelaunch.services import forecasts
from safelaunch.services.forecasts import NothingToForecast
from tests import estate_factory as factory
from tests.estate_factory import evening, morning, night

pytestmark = pytest.mark.usefixtures("database")


def test_what_waits_for_people_is_not_forecast():
    factory.load_estate()
    factory.published()
    with pytest.raises(NothingToForecast, match="Campaign C1 is in NOTIFIED"):
        forecasts.forecast(reference="C1", at=evening(0))


def test_nights_that_were_make_the_nights_to_come():
    factory.load_estate()
    campaign = factory.rolling_out()
    factory.set_capacity(5)
    for day in range(6):
        factory.send_night(campaign, day)
    assert factory.upgrades(campaign)
    found = forecasts.forecast(reference="C1", at=morning(6))
    assert (found.from_night, found.nights_seen) == (night(6), 6)
    left = {name: days.p50 for name, days in found.finish.items() if days.p50}
    assert left
    assert max(left.values()) == left["all"] > night(6)
    twice = forecasts.forecast(reference="C1", at=morning(6), capacity=2.0)
    assert twice.finish["all"].p50 < found.finish["all"].p50
    week = [night(7) + timedelta(days=ahead) for ahead in range(7)]
    closed = forecasts.forecast(reference="C1", at=morning(6), closed=week)
    assert closed.finish["all"].p10 > found.finish["all"].p10


def test_trying_forecasts_yields_how_many_are_done_and_a_score():
    tried = []
    assert list(forecasts.calibrate(count=3, seed=1, into=tried)) == [1, 2, 3]
    assert forecasts.score(tried).campaigns == 3
