"""Registrations of homes, written as a file would have them."""

from datetime import datetime, timedelta

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.registrations import SINCE_EVER
from safelaunch.store.models import Device, Registration


def register(hub: Eui64, role: str, party: int | None, *, at: datetime) -> int | None:
    """State that a home's supply point is another Party's from an instant on, and give whose it is."""
    kind = {"IS": "ESME", "GS": "GSME"}[role]
    meter = Device.objects.get(hub_device_id=hub, device_type=kind)
    Registration.objects.get_or_create(
        mpxn=meter.mpxn,
        role=role,
        starts_at=SINCE_EVER,
        defaults={"party_id": meter.party_id, "known_at": at, "took_effect_at": at},
    )
    Registration.objects.create(
        mpxn=meter.mpxn, role=role, starts_at=at, party_id=party, known_at=at - timedelta(days=1)
    )
    return meter.party_id
