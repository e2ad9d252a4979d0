"""Tables, one noun per module."""

from safelaunch.store.models.alerts import AlertCount, DccAlert
from safelaunch.store.models.campaign_wishes import CampaignNomination, CampaignWish, CampaignWishHub
from safelaunch.store.models.campaigns import Campaign, CampaignRegion, CampaignTarget, SupplierNotice
from safelaunch.store.models.certificates import SmkiCertificate
from safelaunch.store.models.cpl import CplEntryChange, CplProposal
from safelaunch.store.models.deliveries import OutgoingMessage
from safelaunch.store.models.device_commands import (
    DeviceCertificate,
    DeviceCommand,
    DeviceMessage,
    PartyReadBacks,
)
from safelaunch.store.models.events import CspBatch, CspEvent
from safelaunch.store.models.firmware import FirmwareEvent, FirmwareImage, FirmwareRequest, FirmwareTarget
from safelaunch.store.models.gates import GateDecision
from safelaunch.store.models.han_logs import HanLogUpdate, HubLogBackup
from safelaunch.store.models.hub_feedback import HubFeedback
from safelaunch.store.models.hubs import (
    CommunicationsHub,
    CplEntry,
    CspRegion,
    Device,
    DeviceModel,
    PortfolioCount,
    SmiLoad,
)
from safelaunch.store.models.inventory_requests import InventoryChange, PrenotifiedDevice
from safelaunch.store.models.own_turns import Deferral, DeferralFile, OwnTurn
from safelaunch.store.models.parties import Party, PartyUser, Person, SignInLink, UserReceiver
from safelaunch.store.models.planned_events import PlannedEvent
from safelaunch.store.models.record import RecordEntry, SteppedClock
from safelaunch.store.models.registrations import FormerSupplier, LapsedNomination, Registration
from safelaunch.store.models.service_requests import OriginatorCounter, ServiceMessage, ServiceRequest
from safelaunch.store.models.suspensions import AlertChunk, Suspension, SuspensionEpisode
from safelaunch.store.models.tenancies import Tenancy, TenancyDisplay, TenancySource
from safelaunch.store.models.tranches import Chunk, HubUpgrade, PilotHub, SupplierCount, Tranche, TrancheCount

__all__ = [
    "AlertChunk",
    "AlertCount",
    "Campaign",
    "CampaignNomination",
    "CampaignRegion",
    "CampaignTarget",
    "CampaignWish",
    "CampaignWishHub",
    "Chunk",
    "CommunicationsHub",
    "CplEntry",
    "CplEntryChange",
    "CplProposal",
    "CspBatch",
    "CspEvent",
    "CspRegion",
    "DccAlert",
    "Deferral",
    "DeferralFile",
    "Device",
    "DeviceCertificate",
    "DeviceCommand",
    "DeviceMessage",
    "DeviceModel",
    "FirmwareEvent",
    "FirmwareImage",
    "FirmwareRequest",
    "FirmwareTarget",
    "FormerSupplier",
    "GateDecision",
    "HanLogUpdate",
    "HubFeedback",
    "HubLogBackup",
    "HubUpgrade",
    "InventoryChange",
    "LapsedNomination",
    "OriginatorCounter",
    "OutgoingMessage",
    "OwnTurn",
    "Party",
    "PartyReadBacks",
    "PartyUser",
    "Person",
    "PilotHub",
    "PlannedEvent",
    "PortfolioCount",
    "PrenotifiedDevice",
    "RecordEntry",
    "Registration",
    "ServiceMessage",
    "ServiceRequest",
    "SignInLink",
    "SmiLoad",
    "SmkiCertificate",
    "SteppedClock",
    "SupplierCount",
    "SupplierNotice",
    "Suspension",
    "SuspensionEpisode",
    "Tenancy",
    "TenancyDisplay",
    "TenancySource",
    "Tranche",
    "TrancheCount",
    "UserReceiver",
]
