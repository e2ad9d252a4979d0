"""Request IDs and Response IDs: who asks, who is asked, and the asker's counter (`domain.md` 4.2)."""

import re
from dataclasses import dataclass
from typing import Self

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.refusals import Invalid

MAX_COUNTER = 2**64 - 1
"""The largest counter; the schema's pattern ends at exactly this number."""

_PARTS = re.compile(r"([0-9A-Fa-f-]{23}):([0-9A-Fa-f-]{23}):(0|[1-9][0-9]{0,19})")


@dataclass(frozen=True, slots=True, order=True)
class RequestId:
    """A Request ID or a Response ID: `<originator EUI-64>:<target EUI-64>:<counter>`."""

    originator: Eui64
    target: Eui64
    counter: int

    def __post_init__(self) -> None:
        """This function will refuse a counter outside of 0 to 2^64 - 1.

        Raises:
            Invalid: the counter does not fit.
        """
        if not 0 <= self.counter <= MAX_COUNTER:
            raise Invalid(f"A counter lies between 0 and {MAX_COUNTER}; {self.counter} was given.")

    @classmethod
    def parse(cls, text: str) -> Self:
        """This function will read the field's form, strictly: hexadecimal in either case, no leading zeros.

        Raises:
            Invalid: the text has another form, or the counter is above 2^64 - 1.
        """
        found = _PARTS.fullmatch(text)
        if found is None:
            raise Invalid(
                f"{text[:80]!r} is not a Request ID: two EUI-64s and a counter joined by colons are expected, "
                "such as 90-B3-D5-1F-30-01-00-00:00-DB-12-34-56-78-90-A2:1000."
            )
        return cls(Eui64.parse(found[1]), Eui64.parse(found[2]), int(found[3]))

    def answered(self) -> Self:
        """This function will give the Response ID of a Device's answer: the two ends swapped, the same counter."""
        return type(self)(self.target, self.originator, self.counter)

    def __str__(self) -> str:
        return f"{self.originator}:{self.target}:{self.counter}"
