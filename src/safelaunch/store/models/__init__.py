"""Tables, one noun per module."""

from safelaunch.store.models.alerts import AlertCount, DccAlert
from safelaunch.store.models.campaigns import Campaign, CampaignRegion, CampaignTarget, SupplierNotice
from safelaunch.store.models.cpl import CplEntryChange, CplProposal
from safelaunch.store.models.events import CspBatch, CspEvent
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
from safelaunch.store.models.parties import Party, PartyUser, Person, SignInLink
from safelaunch.store.models.record import RecordEntry, SteppedClock
from safelaunch.store.models.suspensions import AlertChunk, Suspension, SuspensionEpisode
from safelaunch.store.models.tranches import Chunk, HubUpgrade, PilotHub, SupplierCount, Tranche, TrancheCount

__all__ = [
    "AlertChunk",
    "AlertCount",
    "Campaign",
    "CampaignRegion",
    "CampaignTarget",
    "Chunk",
    "CommunicationsHub",
    "CplEntry",
    "CplEntryChange",
    "CplProposal",
    "CspBatch",
    "CspEvent",
    "CspRegion",
    "DccAlert",
    "Device",
    "DeviceModel",
    "GateDecision",
    "HubUpgrade",
    "Party",
    "PartyUser",
    "Person",
    "PilotHub",
    "PortfolioCount",
    "RecordEntry",
    "SignInLink",
    "SmiLoad",
    "SteppedClock",
    "SupplierCount",
    "SupplierNotice",
    "Suspension",
    "SuspensionEpisode",
    "Tranche",
    "TrancheCount",
]
