-- begin_sending --
-- Take chunks of a running campaign for sending and fence them with the campaign's epoch.
UPDATE chunk
   SET state = %(to_state)s, epoch = campaign.epoch, sent_at = %(sent_at)s
  FROM campaign, csp_region AS region
 WHERE chunk.chunk_id = ANY(%(chunk_ids)s)
   AND chunk.campaign_id = %(campaign_id)s
   AND chunk.state = ANY(%(from_states)s)
   AND (chunk.not_before IS NULL OR chunk.not_before <= %(sent_at)s)
   AND campaign.campaign_id = chunk.campaign_id
   AND campaign.held_at IS NULL
   AND campaign.phase = ANY(%(running_phases)s)
   AND region.region_id = chunk.region_id
RETURNING chunk.chunk_id, chunk.attempt, chunk.epoch, campaign.reference, campaign.firmware_version, region.network

-- may_still_send --
-- Whether no stop has overtaken the fence under which chunks were taken for sending.
SELECT held_at IS NULL AND epoch = %(epoch)s AS may_still_send
  FROM campaign
 WHERE campaign_id = %(campaign_id)s

-- share_campaign --
-- Wait for a stop that is under way, and keep the campaign from being stopped until this transaction ends.
SELECT campaign_id
  FROM campaign
 WHERE campaign_id = %(campaign_id)s
   FOR SHARE

-- instruct_hubs --
-- Move the hubs of chunks to instructed, locked in key order as reports lock them; gives what changes in the counts.
WITH planned AS MATERIALIZED (
    SELECT campaign_id, device_id
      FROM hub_upgrade
     WHERE chunk_id = ANY(%(chunk_ids)s)
       AND state = ANY(%(from_states)s)
     ORDER BY device_id
       FOR UPDATE
),
moved AS (
    UPDATE hub_upgrade AS upgrade
       SET state = %(to_state)s, state_since = %(at)s
      FROM planned
     WHERE upgrade.campaign_id = planned.campaign_id
       AND upgrade.device_id = planned.device_id
 RETURNING upgrade.tranche_id, upgrade.region_id, upgrade.import_party_id, upgrade.gas_party_id
)
SELECT tranche_id, region_id, import_party_id, gas_party_id, 'PLANNED' AS from_state, count(*)::integer AS hub_count
  FROM moved
 GROUP BY tranche_id, region_id, import_party_id, gas_party_id

-- list_hubs_of_chunks --
-- The Device IDs each chunk hands over, in the field's form; a row a chunk, for a thousand cost more to fetch than to read.
SELECT chunk_id,
       array_to_string(array_agg(upper(replace(device_id::text, ':', '-')) ORDER BY device_id), ' ') AS device_ids
  FROM hub_upgrade
 WHERE chunk_id = ANY(%(chunk_ids)s)
   AND state = ANY(%(states)s)
 GROUP BY chunk_id

-- accept_chunks --
-- Record a network's receipts.
UPDATE chunk
   SET state = %(to_state)s, accepted_at = %(accepted_at)s
 WHERE chunk_id = ANY(%(chunk_ids)s)
   AND state = ANY(%(from_states)s)

-- mark_overdue_hubs --
-- Hubs that have not answered in time become unknown: neither success nor failure. Those answering now are left.
WITH overdue AS MATERIALIZED (
    SELECT upgrade.device_id, upgrade.state
      FROM chunk
      JOIN hub_upgrade AS upgrade
        ON upgrade.chunk_id = chunk.chunk_id
     WHERE chunk.campaign_id = %(campaign_id)s
       AND chunk.state IN ('SENDING', 'HANDED_OVER')
       AND chunk.sent_at <= %(before)s
       AND upgrade.state = ANY(%(from_states)s)
       FOR UPDATE OF upgrade SKIP LOCKED
),
moved AS (
    UPDATE hub_upgrade AS upgrade
       SET state = %(to_state)s, state_since = %(at)s
      FROM overdue
     WHERE upgrade.campaign_id = %(campaign_id)s
       AND upgrade.device_id = overdue.device_id
       AND upgrade.state = overdue.state
 RETURNING upgrade.tranche_id, upgrade.region_id, upgrade.import_party_id, upgrade.gas_party_id, overdue.state
)
SELECT tranche_id, region_id, import_party_id, gas_party_id, state AS from_state, count(*)::integer AS hub_count
  FROM moved
 GROUP BY tranche_id, region_id, import_party_id, gas_party_id, state

-- take_read_backs --
-- Count one more read-back for hubs that are unknown, and say whom to ask.
WITH asked AS MATERIALIZED (
    SELECT upgrade.device_id, chunk.region_id
      FROM chunk
      JOIN hub_upgrade AS upgrade
        ON upgrade.chunk_id = chunk.chunk_id
     WHERE chunk.campaign_id = %(campaign_id)s
       AND chunk.state IN ('SENDING', 'HANDED_OVER')
       AND upgrade.state = %(state)s
       AND upgrade.read_count < %(max_reads)s
     ORDER BY upgrade.device_id
     LIMIT %(hub_count)s
       FOR UPDATE OF upgrade SKIP LOCKED
),
counted AS (
    UPDATE hub_upgrade AS upgrade
       SET read_count = read_count + 1
      FROM asked
     WHERE upgrade.campaign_id = %(campaign_id)s
       AND upgrade.device_id = asked.device_id
)
SELECT region.network, asked.device_id
  FROM asked
  JOIN csp_region AS region
    ON region.region_id = asked.region_id
 ORDER BY region.network, asked.device_id

-- close_chunks --
-- Close chunks none of whose hubs waits for anything more.
UPDATE chunk
   SET state = %(to_state)s
 WHERE chunk.campaign_id = %(campaign_id)s
   AND chunk.state = ANY(%(from_states)s)
   AND NOT EXISTS (
       SELECT FROM hub_upgrade AS upgrade
        WHERE upgrade.chunk_id = chunk.chunk_id
          AND (
              upgrade.state = ANY(%(in_flight_states)s)
              OR (upgrade.state = ANY(%(retry_states)s) AND upgrade.attempt < %(max_attempts)s)
              OR (upgrade.state = %(unknown_state)s AND upgrade.read_count < %(max_reads)s)
              )
       )

-- count_open_chunks --
-- Chunks that still wait for something.
SELECT count(*)::integer AS chunk_count
  FROM chunk
 WHERE campaign_id = %(campaign_id)s
   AND state NOT IN ('CLOSED', 'WITHDRAWN')

-- withdraw_chunks --
-- Take back every chunk of an ended campaign that was never sent.
UPDATE chunk
   SET state = %(to_state)s
 WHERE campaign_id = %(campaign_id)s
   AND state = ANY(%(from_states)s)

-- withdraw_hubs --
-- Take back the hubs of an ended campaign that wait for a night.
WITH waiting AS MATERIALIZED (
    SELECT upgrade.device_id
      FROM chunk
      JOIN hub_upgrade AS upgrade
        ON upgrade.chunk_id = chunk.chunk_id
       AND upgrade.state = 'PLANNED'
     WHERE chunk.campaign_id = %(campaign_id)s
       AND chunk.state NOT IN ('CLOSED')
     ORDER BY upgrade.device_id
       FOR UPDATE OF upgrade
),
moved AS (
    UPDATE hub_upgrade AS upgrade
       SET state = %(to_state)s, state_since = %(at)s
      FROM waiting
     WHERE upgrade.campaign_id = %(campaign_id)s
       AND upgrade.device_id = waiting.device_id
 RETURNING upgrade.tranche_id, upgrade.region_id, upgrade.import_party_id, upgrade.gas_party_id
)
SELECT tranche_id, region_id, import_party_id, gas_party_id, 'PLANNED' AS from_state, count(*)::integer AS hub_count
  FROM moved
 GROUP BY tranche_id, region_id, import_party_id, gas_party_id

-- withdraw_unfit_hubs --
-- Take back hubs that wait for another attempt and are in use no more, or on another version by other ways.
WITH unfit AS MATERIALIZED (
    SELECT upgrade.device_id, upgrade.state
      FROM chunk
      JOIN hub_upgrade AS upgrade
        ON upgrade.chunk_id = chunk.chunk_id
       AND upgrade.state = ANY(%(retry_states)s)
      JOIN communications_hub AS hub
        ON hub.device_id = upgrade.device_id
     WHERE chunk.campaign_id = %(campaign_id)s
       AND chunk.state NOT IN ('CLOSED', 'WITHDRAWN')
       AND (NOT hub.is_in_use OR hub.device_model_id <> upgrade.from_model_id)
     ORDER BY upgrade.device_id
       FOR UPDATE OF upgrade SKIP LOCKED
),
moved AS (
    UPDATE hub_upgrade AS upgrade
       SET state = %(to_state)s, state_since = %(at)s
      FROM unfit
     WHERE upgrade.campaign_id = %(campaign_id)s
       AND upgrade.device_id = unfit.device_id
 RETURNING upgrade.tranche_id, upgrade.region_id, upgrade.import_party_id, upgrade.gas_party_id, unfit.state
)
SELECT tranche_id, region_id, import_party_id, gas_party_id, state AS from_state, count(*)::integer AS hub_count
  FROM moved
 GROUP BY tranche_id, region_id, import_party_id, gas_party_id, state
