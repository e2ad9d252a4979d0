"""What else is planned for a home, for the calendar of conflicts (R-0024-16, Q12).

- A request that is seen says what its User means to do and when; whether it is done here or elsewhere changes nothing.
- One that is cancelled was planned by the same User, for the same Device and with the same kind.
- A plan without an end stands open: a schedule runs until it is deleted.
- A Supplier tells of what no request shows in a file: its own firmware campaigns, bulk reads, visits (R-0024-16).
"""

from datetime import timedelta
from enum import StrEnum


class PlannedKind(StrEnum):
    """What is planned."""

    TARIFF = "TARIFF"
    PRICE = "PRICE"
    PAYMENT_MODE = "PAYMENT_MODE"
    TOP_UP = "TOP_UP"
    CHANGE_OF_TENANCY = "CHANGE_OF_TENANCY"
    CHANGE_OF_SUPPLIER = "CHANGE_OF_SUPPLIER"
    SCHEDULE = "SCHEDULE"
    VERSION_READ = "VERSION_READ"
    ACTIVATION = "ACTIVATION"
    OWN_FIRMWARE = "OWN_FIRMWARE"
    BULK_READ = "BULK_READ"
    VISIT = "VISIT"


UPLOADED = (
    PlannedKind.TARIFF,
    PlannedKind.PRICE,
    PlannedKind.PAYMENT_MODE,
    PlannedKind.TOP_UP,
    PlannedKind.CHANGE_OF_TENANCY,
    PlannedKind.CHANGE_OF_SUPPLIER,
    PlannedKind.OWN_FIRMWARE,
    PlannedKind.BULK_READ,
    PlannedKind.VISIT,
)
"""What a Supplier may tell of in a file; the others are known from its requests."""

LONGEST_PLAN = timedelta(days=14)
"""The longest period that a row of a file may block a home for."""

KIND_OF: dict[str, PlannedKind] = {
    "1.1.1": PlannedKind.TARIFF,
    "1.2.1": PlannedKind.PRICE,
    "1.6": PlannedKind.PAYMENT_MODE,
    "2.2": PlannedKind.TOP_UP,
    "3.2": PlannedKind.CHANGE_OF_TENANCY,
    "5.1": PlannedKind.SCHEDULE,
    "5.3": PlannedKind.SCHEDULE,
    "6.23": PlannedKind.CHANGE_OF_SUPPLIER,
    "11.2": PlannedKind.VERSION_READ,
    "11.3": PlannedKind.ACTIVATION,
}
"""The kind of every Service Reference Variant that plans something, or takes a plan back."""
