"""Registrations of homes, written as a file would have them."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.registrations import SINCE_EVER
from safelaunch.store.models import Device, Registration

_METER_OF = {"IS": "ESME", "GS": "GSME"}


def register(hub: Eui64, role: str, party: int | None, *, at: datetime) -> int | None:
    """State that a home's supply point is another Party's from an instant on, and give whose it is."""
    return register_all({hub: party}, role, at=at)[hub]


def register_all(gaining: Mapping[Eui64, int | None], role: str, *, at: datetime) -> dict[Eui64, int | None]:
    """The same of many homes that never changed hands before, by their hubs."""
    meters = list(Device.objects.filter(hub_device_id__in=list(gaining), device_type=_METER_OF[role]))
    Registration.objects.bulk_create(
        Registration(mpxn=meter.mpxn, role=role, starts_at=starts_at, party_id=party_id, **known)
        for meter in meters
        for starts_at, party_id, known in (
            (SINCE_EVER, meter.party_id, {"known_at": at, "took_effect_at": at}),
            (at, gaining[Eui64(meter.hub_device_id.value)], {"known_at": at - timedelta(days=1)}),
        )
    )
    return {meter.hub_device_id: meter.party_id for meter in meters}
