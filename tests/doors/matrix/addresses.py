"""Everything that can be asked at the portal and the API, read from their own tables: a new address cannot be forgotten."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from urllib.parse import quote, urlencode

from django.test import Client

from safelaunch.interfaces.api.urls import api
from safelaunch.interfaces.portal import urls as portal

_PROBE = "PROBE"


@dataclass(frozen=True)
class Address:
    """One thing that can be asked: a page or an operation, with a method of its own.

    Attributes:
        name: of the page in the URL table, or of the operation with `api:` before it.
        path: with its parameters in braces.
        parameters: those the path and, of an operation, the query must have.
    """

    name: str
    method: str
    path: str
    parameters: tuple[str, ...]
    is_api: bool

    @property
    def is_act(self) -> bool:
        return self.method not in {"GET", "HEAD", "OPTIONS"}

    def fill(self, values: Mapping[str, str]) -> str:
        """The address with its parameters filled in, those that the path does not have as a query."""
        path = re.sub(r"{(\w+)}", lambda found: quote(values[found[1]], safe="-"), self.path)
        query = {name: values[name] for name in self.parameters if f"{{{name}}}" not in self.path}
        return f"{path}?{urlencode(query)}" if query else path

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


@cache
def addresses() -> tuple[Address, ...]:
    return (*_pages(), *_operations())


def _pages() -> Iterator[Address]:
    """Pages with the methods that each names itself when it is asked with one that nobody knows."""
    client = Client(SERVER_NAME="localhost")
    for pattern in portal.urlpatterns:
        path = "/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", str(pattern.pattern))
        asked = client.generic(_PROBE, re.sub(r"{\w+}", "1", path))
        assert asked.status_code == 405, f"{path} does not say which methods it takes"
        for method in asked.headers["Allow"].split(", "):
            if method != "HEAD":
                yield Address(
                    str(pattern.name), method, path, tuple(pattern.pattern.converters), is_api=False
                )


def _operations() -> Iterator[Address]:
    for path, operations in api.get_openapi_schema()["paths"].items():
        for method, operation in operations.items():
            needed = tuple(
                one["name"]
                for one in operation.get("parameters", ())
                if one["required"] and one["in"] != "header"
            )
            yield Address(f"api:{operation['operationId']}", method.upper(), path, needed, is_api=True)
