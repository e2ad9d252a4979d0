"""Devices as a change of the inventory finds them, and what the CPL says of the Device Model it would have."""

from dataclasses import dataclass
from datetime import datetime

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.inventory_requests import OUT_OF_SERVICE, ChangeKind, Standing
from safelaunch.domain.smi import DeviceType, SmiStatus
from safelaunch.store import sql
from safelaunch.store.models import Device, DeviceModel, InventoryChange, PrenotifiedDevice
from safelaunch.store.transactions import transaction_required


@dataclass(frozen=True, slots=True)
class StandingDevice:
    """A Device of the inventory that is locked for a change; for a hub `device_id` is its CHF's, by whichever it was named."""

    device_id: Eui64
    gpf_device_id: Eui64 | None
    device_type: str
    hub_device_id: Eui64
    smi_status: str
    status_before: str | None
    device_model_id: int
    mpxn: str | None
    devices_behind: int

    @property
    def held(self) -> SmiStatus:
        """This function will give the status that it has, or would have again if it were not Suspended."""
        return SmiStatus(self.status_before or self.smi_status)

    def as_standing(self) -> Standing:
        """This function will give what the rules look at."""
        return Standing(DeviceType(self.device_type), SmiStatus(self.smi_status), self.devices_behind)


@dataclass(frozen=True, slots=True)
class Announced:
    """A Device that was pre-notified and is in no home yet."""

    device_id: Eui64
    device_type: DeviceType
    smi_status: SmiStatus
    manufacturer: str
    model: str
    firmware_version: str | None
    smets_chts_version: str | None
    esme_variant: str | None
    gpf_device_id: Eui64 | None
    mpxn: str | None
    party_id: int
    prenotified_at: datetime

    def as_standing(self) -> Standing:
        """This function will give what the rules look at."""
        return Standing(self.device_type, self.smi_status)


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """A Device Model by its words, hardware version included."""

    device_type: str
    manufacturer: str
    model: str
    hardware_version: str
    firmware_version: str


@dataclass(frozen=True, slots=True)
class ModelOnCpl:
    """A Device Model by number, and what the CPL says of it; None where it says nothing."""

    device_model_id: int
    cpl_status: str | None
    smets_chts_version: str | None


@transaction_required
def lock_standing(*, device_id: Eui64) -> StandingDevice | None:
    """This function will give a Device of a home and keep others from changing it, or nothing when no home has it."""
    return lock_device(device_id=device_id) or lock_device_behind(device_id=device_id)


def lock_device(*, device_id: Eui64) -> StandingDevice | None:
    """This function will lock a hub by its own Device ID or its GPF's."""
    return sql.fetch_one("lock_device", StandingDevice, device_id=device_id)


def lock_device_behind(*, device_id: Eui64) -> StandingDevice | None:
    """This function will lock a Device behind a hub."""
    return sql.fetch_one("lock_device_behind", StandingDevice, device_id=device_id)


@transaction_required
def lock_announced(*, device_id: Eui64) -> Announced | None:
    """This function will give a pre-notified Device and keep others from changing it, or nothing."""
    row = PrenotifiedDevice.objects.select_for_update().filter(pk=device_id).first()
    return None if row is None else _announced(row)


def find_announced(*, device_id: Eui64) -> Announced | None:
    """This function will give a pre-notified Device, or the hub that a GPF was announced with, or nothing."""
    row = (
        PrenotifiedDevice.objects.filter(pk=device_id).first()
        or PrenotifiedDevice.objects.filter(gpf_device_id=device_id).first()
    )
    return None if row is None else _announced(row)


def find_status_since(*, device_id: Eui64) -> datetime | None:
    """This function will say since when a Device has its status, if anybody told so."""
    told = InventoryChange.objects.filter(
        device_id=device_id, kind__in=[ChangeKind.PRENOTIFIED, ChangeKind.STATUS]
    )
    return told.order_by("-happened_at").values_list("happened_at", flat=True).first()


def _announced(row: PrenotifiedDevice) -> Announced:
    return Announced(
        device_id=row.device_id,
        device_type=DeviceType(row.device_type),
        smi_status=SmiStatus(row.smi_status),
        manufacturer=row.manufacturer,
        model=row.model,
        firmware_version=row.firmware_version,
        smets_chts_version=row.smets_chts_version,
        esme_variant=row.esme_variant,
        gpf_device_id=row.gpf_device_id,
        mpxn=row.mpxn,
        party_id=row.party_id,
        prenotified_at=row.prenotified_at,
    )


def get_model(*, device_model_id: int) -> ModelFacts:
    """This function will give a Device Model by its number."""
    row = DeviceModel.objects.get(pk=device_model_id)
    return ModelFacts(
        row.device_type, row.manufacturer, row.model, row.hardware_version, row.firmware_version
    )


def find_model_on_cpl(
    *, device_type: str, manufacturer: str, model: str, firmware_version: str, hardware_version: str | None
) -> ModelOnCpl | None:
    """This function will find a Device Model by what a User knows of it, the one that is ACTIVE on the CPL first."""
    return sql.fetch_one(
        "find_model_on_cpl",
        ModelOnCpl,
        device_type=device_type,
        manufacturer=manufacturer,
        model=model,
        firmware_version=firmware_version,
        hardware_version=hardware_version,
    )


def is_meter_point_taken(*, mpxn: str, device_type: str, device_id: Eui64) -> bool:
    """This function will say whether another Device of the same type that is in service has a meter point."""
    others = Device.objects.filter(mpxn=mpxn, device_type=device_type).exclude(smi_status__in=OUT_OF_SERVICE)
    return others.exclude(device_id=device_id).exists()
