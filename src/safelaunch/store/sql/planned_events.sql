-- find_homes --
-- The hubs behind which Devices stand that a Party named and is responsible for; a Device of another home has none.
SELECT asked.device_id, hub.device_id AS hub_device_id
  FROM unnest(%(device_ids)s::macaddr8[]) AS asked (device_id)
  LEFT JOIN device
    ON device.device_id = asked.device_id
  LEFT JOIN communications_hub AS hub
    ON hub.device_id = coalesce(device.hub_device_id, asked.device_id)
   AND %(party_id)s IN (hub.import_party_id, hub.gas_party_id)

-- copy_planned_events --
-- What a Supplier tells that it plans.
COPY planned_event (device_id, hub_device_id, kind, planned_from, planned_until, party_id, note) FROM STDIN

-- take_back_told_events --
-- What a Supplier told in files and is not over gives way to another file.
UPDATE planned_event
   SET cancelled_at = %(at)s
 WHERE party_id = %(party_id)s
   AND cancelled_at IS NULL
   AND planned_until > %(at)s

-- list_planned_days --
-- What is planned for homes between two moments, a row a day and kind; a Party sees its own homes.
SELECT (plan.planned_from AT TIME ZONE 'Europe/London')::date AS day, plan.kind,
       count(DISTINCT plan.hub_device_id)::integer AS hub_count
  FROM planned_event AS plan
  JOIN communications_hub AS hub
    ON hub.device_id = plan.hub_device_id
   AND (%(party_id)s::integer IS NULL OR %(party_id)s IN (hub.import_party_id, hub.gas_party_id))
 WHERE tstzrange(plan.planned_from, plan.planned_until) && tstzrange(%(begins)s, %(ends)s)
   AND plan.planned_from >= %(begins)s
   AND plan.cancelled_at IS NULL
 GROUP BY 1, 2
 ORDER BY 1, 2

-- list_hub_nights --
-- Nights on which hubs go, by campaign and region; a Party sees its own hubs.
SELECT tranche.night, campaign.reference, campaign.title, region.name AS region, count(*)::integer AS hub_count
  FROM tranche
  JOIN campaign
    ON campaign.campaign_id = tranche.campaign_id
  JOIN csp_region AS region
    ON region.region_id = tranche.region_id
  JOIN chunk
    ON chunk.tranche_id = tranche.tranche_id
  JOIN hub_upgrade AS upgrade
    ON upgrade.chunk_id = chunk.chunk_id
   AND (%(party_id)s::integer IS NULL OR %(party_id)s IN (upgrade.import_party_id, upgrade.gas_party_id))
 WHERE tranche.night >= %(from_night)s
   AND tranche.night < %(until_night)s
 GROUP BY tranche.night, campaign.reference, campaign.title, region.name
 ORDER BY tranche.night, campaign.reference, region.name

-- list_turn_nights --
-- Hubs with turns of their own to come, by campaign, night and cause; a Party sees its own hubs.
SELECT (turn.not_before AT TIME ZONE 'Europe/London' - interval '7 hours')::date AS night, campaign.reference, turn.cause,
       turn.planned_kind, count(*)::integer AS hub_count
  FROM own_turn AS turn
  JOIN campaign
    ON campaign.campaign_id = turn.campaign_id
  JOIN communications_hub AS hub
    ON hub.device_id = turn.device_id
   AND turn.party_id IN (0, hub.import_party_id, hub.gas_party_id)
   AND (%(party_id)s::integer IS NULL OR %(party_id)s IN (hub.import_party_id, hub.gas_party_id))
 WHERE turn.not_before > %(at)s
 GROUP BY 1, 2, 3, 4
 ORDER BY 1, 2, 3, 4
