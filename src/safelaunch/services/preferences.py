"""Settling a pilot when it starts: what Suppliers preferred takes the place of the default (R-0024-5, 6, 24; Q3, Q4, Q18).

A building block of the timetable, not a use case itself. Where a Supplier sent a list in time, of its portfolio only the hubs
listed are piloted; a hub that one Supplier of a home listed is piloted whatever the other did; silence accepts the default.
"""

from datetime import datetime

from safelaunch.store.reads import pilot as reads
from safelaunch.store.reads.campaigns import CampaignFacts
from safelaunch.store.transactions import transaction_required
from safelaunch.store.writes import campaigns, pilot, record


@transaction_required
def settle_pilot(campaign: CampaignFacts, /, *, at: datetime) -> int:
    """This function will settle which hubs a campaign pilots, and give their number; its row is locked."""
    campaign_id = campaign.campaign_id
    dropped = pilot.drop_answered_pilot_hubs(campaign_id=campaign_id)
    added = pilot.add_preferred_pilot_hubs(campaign_id=campaign_id, lot_offset=campaign.lot_offset)
    if not dropped and not added:
        return campaign.pilot_size
    size = reads.count_pilot_hubs(campaign_id=campaign_id)
    campaigns.note_pilot_size(campaign_id=campaign_id, pilot_size=size, settled_at=at)
    record.append(
        act="SETTLE_PILOT",
        actor="Safelaunch",
        at=at,
        cause="Preferred Pilot Lists",
        campaign_id=campaign_id,
        detail={"hubs": size, "dropped": dropped, "added": added},
    )
    return size
