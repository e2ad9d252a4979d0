"""The schema of the messages for hub campaigns, which is part of the package (`safelaunch-1.xsd`)."""

from functools import cache
from importlib import resources

from safelaunch.wire.duis.schema import Schema, compiled

FILE = "safelaunch-1.xsd"
"""The schema's file; Suppliers' developers may take it from the package."""


def schema_octets() -> bytes:
    """This function will give the schema's file as it is published."""
    return resources.files("safelaunch.wire.duis.extension").joinpath(FILE).read_bytes()


@cache
def campaign_schema() -> Schema:
    """This function will give the schema, compiled once."""
    return compiled(schema_octets(), name=FILE)
