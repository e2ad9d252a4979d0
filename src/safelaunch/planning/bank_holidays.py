"""Bank holidays of England and Wales, from the well-kept package `holidays`."""

from datetime import date
from functools import cache

import holidays


@cache
def england_and_wales(*, first_year: int, last_year: int) -> frozenset[date]:
    """This function will give the bank holidays of a span of years, both ends included."""
    return frozenset(holidays.country_holidays("GB", subdiv="ENG", years=range(first_year, last_year + 1)))


def around(day: date) -> frozenset[date]:
    """This function will give the bank holidays of the year before a day, its own and the next."""
    return england_and_wales(first_year=day.year - 1, last_year=day.year + 1)
