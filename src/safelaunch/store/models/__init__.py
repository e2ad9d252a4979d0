"""Tables, one noun per module."""

from safelaunch.store.models.alerts import AlertCount, DccAlert
from safelaunch.store.models.campaigns import Campaign, CampaignRegion, CampaignTarget, SupplierNotice
from safelaunch.store.models.certificates import SmkiCertificate
from safelaunch.store.models.deliveries import OutgoingMessage
from safelaunch.store.models.events import CspBatch, CspEvent
from safelaunch.store.models.firmware import FirmwareImage, FirmwareRequest, FirmwareTarget
from safelaunch.store.models.gates import GateDecision
from safelaunch.store.models.hubs import (
    CommunicationsHub,
    CplEntry,
    CspRegion,
    Device,
    DeviceModel,
    PortfolioCount,
    SmiLoad,
)
from safelaunch.store.models.parties import Party, PartyUser, Person, SignInLink, UserReceiver
from safelaunch.store.models.record import RecordEntry, SteppedClock
from safelaunch.store.models.service_requests import OriginatorCounter, ServiceMessage, ServiceRequest
from safelaunch.store.models.tranches import Chunk, HubUpgrade, PilotHub, SupplierCount, Tranche, TrancheCount

__all__ = [
    "AlertCount",
    "Campaign",
    "CampaignRegion",
    "CampaignTarget",
    "Chunk",
    "CommunicationsHub",
    "CplEntry",
    "CspBatch",
    "CspEvent",
    "CspRegion",
    "DccAlert",
    "Device",
    "DeviceModel",
    "FirmwareImage",
    "FirmwareRequest",
    "FirmwareTarget",
    "GateDecision",
    "HubUpgrade",
    "OriginatorCounter",
    "OutgoingMessage",
    "Party",
    "PartyUser",
    "Person",
    "PilotHub",
    "PortfolioCount",
    "RecordEntry",
    "ServiceMessage",
    "ServiceRequest",
    "SignInLink",
    "SmiLoad",
    "SmkiCertificate",
    "SteppedClock",
    "SupplierCount",
    "SupplierNotice",
    "Tranche",
    "TrancheCount",
    "UserReceiver",
]
