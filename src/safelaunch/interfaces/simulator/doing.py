"""What a network does with records about Devices and images, now and when the journal is read again."""

from typing import Any

from safelaunch.interfaces.simulator import records
from safelaunch.interfaces.simulator.account import Account
from safelaunch.interfaces.simulator.devices import Devices

DeviceRecord = (
    records.Commanded
    | records.DevicesBrought
    | records.ImagesHeld
    | records.ImageKept
    | records.Distributed
    | records.HubsRun
)


def do(record: DeviceRecord, /, *, devices: Devices, account: Account) -> Any:
    """This function will do what a record says, and give what whoever asked for it is told."""
    match record:
        case records.Commanded(batch=batch, dropped=dropped, instant=instant):
            return devices.take_on(batch, dropped=dropped, at=instant)
        case records.DevicesBrought(devices=brought):
            return devices.bring(brought)
        case records.ImagesHeld(images=images, instant=instant):
            return devices.hand_over(images, at=instant)
        case records.ImageKept(image=image):
            return devices.images.keep(image)
        case records.Distributed(distribution=distribution, instant=instant):
            return devices.images.take_on(distribution, at=instant)
        case records.HubsRun(device_ids=device_ids, firmware_version=version, instant=instant):
            return account.run_on(device_ids, firmware_version=version, at=instant)
