"""CHECK constraints that list the legal codes of a column, from the enum that owns them."""

from enum import StrEnum

from django.db import models


def one_of(table: str, column: str, codes: type[StrEnum]) -> models.CheckConstraint:
    """This function will build the constraint `<table>_<column>_code`."""
    return models.CheckConstraint(
        condition=models.Q(**{f"{column}__in": [code.value for code in codes]}), name=f"{table}_{column}_code"
    )
