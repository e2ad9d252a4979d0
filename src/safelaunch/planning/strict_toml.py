"""TOML that is taken key by key, so that whatever is unknown, missing or out of range can be refused with its place."""

import tomllib
from typing import Any, Self

from safelaunch.domain.refusals import Invalid

Span = tuple[float, float]
"""A range from which a number is drawn evenly: (at least, at most)."""


class BadScenario(Invalid):
    """A scenario file that cannot be used; the sentence names the file, the key and the reason."""


class StrictTable:
    """A TOML table that is taken key by key, so that what is left over at the end can be refused.

    A kind of file with refusals and keys of its own derives from it.
    """

    bad: type[Invalid] = BadScenario
    files = "scenarios"

    def __init__(self, values: dict[str, Any], *, source: str, place: str) -> None:
        """This function will hold the values of one table of a file."""
        self._values = dict(values)
        self._source = source
        self._place = place

    def refuse(self, key: str, reason: str) -> Invalid:
        """This function will make the refusal of a key, with its file and place."""
        return self.bad(f"{self._source}: {self._place}{key} {reason}.")

    def take(self, key: str, expected: str) -> Any:
        """This function will take a key that has to be there."""
        if key not in self._values:
            raise self.refuse(key, f"is missing; {expected} is expected")
        return self._values.pop(key)

    def text(self, key: str) -> str:
        """This function will take a sentence."""
        value = self.take(key, "a sentence")
        if not isinstance(value, str) or not value.strip():
            raise self.refuse(key, f"is {value!r}; a sentence is expected")
        return value

    def number(self, key: str, *, most: float, expected: str) -> float:
        """This function will take a number from 0 to `most`."""
        value = self.take(key, expected)
        if not _is_number(value) or not 0 <= value <= most:
            raise self.refuse(key, f"is {value!r}; {expected} is expected")
        return float(value)

    def has(self, key: str) -> bool:
        """This function will be true while a key is there to be taken."""
        return key in self._values

    def switch(self, key: str) -> bool:
        """This function will take true or false; false if the key is absent."""
        value = self._values.pop(key, False)
        if not isinstance(value, bool):
            raise self.refuse(key, f"is {value!r}; true or false is expected")
        return value

    def share(self, key: str) -> float:
        """This function will take a share from 0 to 1."""
        return self.number(key, most=1, expected="a share from 0 to 1")

    def hours(self, key: str) -> float:
        """This function will take a number of hours above 0."""
        value = self.number(key, most=10_000, expected="a number of hours from 0 to 10,000")
        if value == 0:
            raise self.refuse(key, "is 0; a number of hours above 0 is expected")
        return value

    def numbers(self, key: str, value: object, *, count: int, expected: str) -> list[float]:
        """This function will read a list of so many numbers from a value that was taken."""
        if not isinstance(value, list) or len(value) != count or not all(map(_is_number, value)):
            raise self.refuse(key, f"is {value!r}; {expected}, is expected")
        return value

    def span(self, key: str) -> Span:
        """This function will take a pair: at least, at most."""
        expected = "a pair of numbers, at least and at most, such as [0, 3]"
        value = self.take(key, expected)
        low, high = self.numbers(key, value, count=2, expected=expected)
        if not 0 <= low <= high:
            raise self.refuse(
                key, f"is {value!r}; the first number may be neither negative nor above the second"
            )
        return float(low), float(high)

    def words(self, key: str) -> tuple[str, ...]:
        """This function will take a name or a list of names; none if the key is absent."""
        value = self._values.pop(key, [])
        words = [value] if isinstance(value, str) else value
        if not isinstance(words, list) or not all(isinstance(word, str) and word for word in words):
            raise self.refuse(key, f"is {value!r}; a name, or a list of names to draw from, is expected")
        return tuple(words)

    def table(self, key: str) -> Self:
        """This function will take a table; an empty one if the key is absent."""
        value = self._values.pop(key, {})
        if not isinstance(value, dict):
            raise self.refuse(key, "is not a table")
        return type(self)(value, source=self._source, place=f"{self._place}{key}.")

    def tables(self, key: str) -> list[Self]:
        """This function will take a list of tables; none if the key is absent."""
        values = self._values.pop(key, [])
        if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
            raise self.refuse(key, f"is not a list of tables; write it as [[{key}]]")
        return [
            type(self)(value, source=self._source, place=f"{self._place}{key}[{at}].")
            for at, value in enumerate(values, start=1)
        ]

    def close(self) -> None:
        """This function will refuse what has not been taken."""
        for key in self._values:
            raise self.refuse(key, f"is not a key that {self.files} have")


def parse(octets: bytes, *, source: str, bad: type[Invalid] = BadScenario) -> dict[str, Any]:
    """This function will read TOML, or refuse the file by its name."""
    try:
        return tomllib.loads(octets.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise bad(f"{source}: this is not a TOML file: {error}.") from error


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
