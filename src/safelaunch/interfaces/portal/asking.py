"""What a page's address asks for, read without trust: whatever cannot be meant asks for nothing."""

from django.http import HttpRequest

LARGEST_INTEGER = 2**31 - 1
LARGEST_SMALLINT = 2**15 - 1
"""What PostgreSQL's columns hold."""


def number_asked(request: HttpRequest, name: str, *, largest: int = LARGEST_INTEGER) -> int | None:
    """This function will give a whole number from 0 to `largest` that the address asks for, or nothing."""
    text = request.GET.get(name, "")
    # Length first: a number of a million digits takes long to read.
    if not text.isascii() or not text.isdecimal() or len(text) > len(str(largest)):
        return None
    number = int(text)
    return number if number <= largest else None
