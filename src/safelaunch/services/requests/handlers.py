"""Who does what: the handler of each Service Reference Variant that is served.

A handler stands in the module of its family, requires the transaction of `process`, and gives an `Answer`.
"""

from collections.abc import Mapping

from safelaunch.services.requests import hub_status, inventory, inventory_changes
from safelaunch.services.requests.received import Handler

HANDLERS: Mapping[str, Handler] = {
    "8.2": inventory.read_inventory,
    "8.4": inventory_changes.update_inventory,
    "8.14.1": hub_status.note_installation,
    "8.14.2": hub_status.note_installation,
    "8.14.3": hub_status.note_return,
    "8.14.4": hub_status.note_return,
    "12.2": inventory_changes.prenotify,
}
"""By the SRV's code; an SRV without a handler is answered that it is not served."""
