"""Who does what: the handler of each Service Reference Variant that is served.

A handler stands in the module of its family, requires the transaction of `process`, and gives an `Answer`.
"""

from collections.abc import Mapping

from safelaunch.services.requests import devices, inventory, plans
from safelaunch.services.requests.received import CampaignHandler, Handler

HANDLERS: Mapping[str, Handler] = {
    "1.1.1": plans.note_passed_on,
    "1.2.1": plans.note_passed_on,
    "1.6": plans.note_passed_on,
    "2.2": plans.note_passed_on,
    "3.2": devices.restrict_access,
    "5.1": plans.note_schedule,
    "5.2": plans.note_schedule,
    "5.3": plans.note_schedule,
    "6.23": plans.note_passed_on,
    "8.2": inventory.read_inventory,
    "11.2": devices.read_firmware_version,
    "11.3": devices.activate_firmware,
}
"""By the SRV's code; an SRV without a handler is answered that it is not served."""

CAMPAIGN_HANDLERS: Mapping[str, CampaignHandler] = {}
"""By the variant of the message set for hub campaigns, such as `SL1.1`; one without a handler likewise."""
