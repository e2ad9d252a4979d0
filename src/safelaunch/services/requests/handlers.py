"""Who does what: the handler of each Service Reference Variant that is served.

A handler stands in the module of its family, requires the transaction of `process`, and gives an `Answer`.
"""

from collections.abc import Mapping

from safelaunch.services.requests import (
    campaigns,
    change_of_supplier,
    commissioning,
    decommissioning,
    device_logs,
    devices,
    firmware,
    hub_status,
    inventory,
    inventory_changes,
    plans,
)
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
    "6.23": change_of_supplier.change_supplier,
    "8.1.1": commissioning.commission_device,
    "8.2": inventory.read_inventory,
    "8.3": decommissioning.decommission,
    "8.4": inventory_changes.update_inventory,
    "8.11": device_logs.update_device_log,
    "8.12.1": device_logs.restore_hub_log,
    "8.12.2": device_logs.restore_gpf_log,
    "8.14.1": hub_status.note_installation,
    "8.14.2": hub_status.note_installation,
    "8.14.3": hub_status.note_return,
    "8.14.4": hub_status.note_return,
    "11.1": firmware.update_firmware,
    "11.2": devices.read_firmware_version,
    "11.3": devices.activate_firmware,
    "11.4": firmware.update_firmware,
    "12.2": inventory_changes.prenotify,
}
"""By the SRV's code; an SRV without a handler is answered that it is not served."""

CAMPAIGN_HANDLERS: Mapping[str, CampaignHandler] = {
    "SL1.1": campaigns.nominate,
    "SL1.2": campaigns.withdraw,
    "SL2": campaigns.bring_forward,
    "SL3": campaigns.defer,
    "SL4": campaigns.stop,
    "SL5": campaigns.ask_results,
    "SL6": campaigns.give_feedback,
}
"""By the variant of the message set for hub campaigns; one without a handler likewise."""
