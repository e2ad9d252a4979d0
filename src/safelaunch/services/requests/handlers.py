"""Who does what: the handler of each Service Reference Variant that is served.

A handler stands in the module of its family, requires the transaction of `process`, and gives an `Answer`.
"""

from collections.abc import Mapping

from safelaunch.services.requests import firmware, inventory
from safelaunch.services.requests.received import Handler

HANDLERS: Mapping[str, Handler] = {
    "8.2": inventory.read_inventory,
    "11.1": firmware.update_firmware,
    "11.4": firmware.update_firmware,
}
"""By the SRV's code; an SRV without a handler is answered that it is not served."""
