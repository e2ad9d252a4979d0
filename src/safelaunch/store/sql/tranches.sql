-- list_regions --
-- Regions, their networks and what they carry in a night.
SELECT region_id, code, name, network, nightly_capacity
  FROM csp_region
 ORDER BY region_id

-- list_campaign_regions --
-- Where each region of a campaign has got to.
SELECT progress.region_id,
       region.code,
       region.name,
       region.network,
       region.nightly_capacity,
       progress.place,
       progress.eligible_count,
       progress.is_exhausted
  FROM campaign_region AS progress
  JOIN csp_region AS region
    ON region.region_id = progress.region_id
 WHERE progress.campaign_id = %(campaign_id)s
 ORDER BY progress.region_id

-- count_committed --
-- What a night has to carry already in each region: all it was given, and what other nights left and may go tonight.
SELECT chunk.region_id, sum(chunk.hub_count)::integer AS hub_count
  FROM chunk
  JOIN tranche
    ON tranche.tranche_id = chunk.tranche_id
  JOIN campaign
    ON campaign.campaign_id = chunk.campaign_id
 WHERE (tranche.night = %(night)s AND chunk.state <> 'WITHDRAWN')
    OR (chunk.state IN ('PLANNED', 'SENDING') AND campaign.held_at IS NULL)
 GROUP BY chunk.region_id

-- lock_nights --
-- Let one campaign plan at a time: all share what the networks carry in a night.
SELECT pg_advisory_xact_lock(hashtext('safelaunch.nights'))

-- list_taken_at_lot --
-- Hubs of a lot that have had their turn: some of those that share a lot may have gone a night before the others.
SELECT hub.device_id
  FROM communications_hub AS hub
  JOIN hub_upgrade AS upgrade
    ON upgrade.campaign_id = %(campaign_id)s
   AND upgrade.device_id = hub.device_id
 WHERE hub.region_id = %(region_id)s
   AND hub.lot = %(lot)s

-- count_sent --
-- Hubs that have had their turn, per region.
SELECT region_id, sum(hub_count)::integer AS hub_count
  FROM supplier_count
 WHERE campaign_id = %(campaign_id)s
 GROUP BY region_id

-- count_proven --
-- Hubs of tranches that have soaked whose outcome is known.
SELECT coalesce(sum(count.hub_count), 0)::integer AS hub_count
  FROM tranche
  JOIN tranche_count AS count
    ON count.tranche_id = tranche.tranche_id
   AND count.state IN ('ACTIVATED', 'FAILED')
 WHERE tranche.campaign_id = %(campaign_id)s
   AND tranche.night <= %(soaked_by)s

-- count_left_behind --
-- Eligible hubs still on an old version that no row of the campaign speaks of.
SELECT (
        SELECT coalesce(sum(count.hub_count), 0)
          FROM campaign_target AS target
          JOIN portfolio_count AS count
            ON count.device_model_id = target.from_model_id
           AND count.is_in_use
         WHERE target.campaign_id = %(campaign_id)s
       )::integer - (
        SELECT coalesce(sum(hub_count), 0)
          FROM supplier_count
         WHERE campaign_id = %(campaign_id)s
           AND state <> 'ACTIVATED'
       )::integer AS hub_count

-- is_anyone_left_behind --
-- Whether an eligible hub has no row in the campaign: asked of the fleet itself, once every region has come round.
SELECT count(*) > 0 AS is_anyone_left
  FROM (
        SELECT
          FROM campaign_target AS target
          JOIN cpl_entry AS entry
            ON entry.device_model_id = target.to_model_id
           AND entry.status = 'ACTIVE'
          JOIN communications_hub AS hub
            ON hub.device_model_id = target.from_model_id
           AND hub.is_in_use
         WHERE target.campaign_id = %(campaign_id)s
           AND NOT EXISTS (
               SELECT FROM hub_upgrade AS upgrade
                WHERE upgrade.campaign_id = %(campaign_id)s
                  AND upgrade.device_id = hub.device_id
               )
         LIMIT 1
       ) AS left_behind

-- open_tranche --
-- Open the tranche of a region and night, once.
INSERT INTO tranche (campaign_id, region_id, night, phase, planned_at)
VALUES (%(campaign_id)s, %(region_id)s, %(night)s, %(phase)s, %(planned_at)s)
RETURNING tranche_id

-- select_hubs_by_lot --
-- Give the next hubs in the order of lots their turn tonight: rows, chunks and counts in one statement.
WITH picked AS (
    SELECT hub.device_id, hub.lot, hub.device_model_id,
           coalesce(hub.import_party_id, 0) AS import_party_id, coalesce(hub.gas_party_id, 0) AS gas_party_id,
           (row_number() OVER (ORDER BY hub.lot) - 1) / %(chunk_size)s AS slot
      FROM communications_hub AS hub
     WHERE hub.region_id = %(region_id)s
       AND hub.lot >= %(from_lot)s
       AND hub.lot < %(until_lot)s
       AND hub.is_in_use
       AND hub.device_model_id = ANY(%(from_model_ids)s)
       AND hub.device_id <> ALL(%(taken)s)
       AND (%(is_second_pass)s OR NOT EXISTS (
           SELECT FROM pilot_hub
            WHERE pilot_hub.campaign_id = %(campaign_id)s
              AND pilot_hub.device_id = hub.device_id
           ))
       AND (NOT %(is_second_pass)s OR NOT EXISTS (
           SELECT FROM hub_upgrade
            WHERE hub_upgrade.campaign_id = %(campaign_id)s
              AND hub_upgrade.device_id = hub.device_id
           ))
       AND (NOT %(has_own_turns)s OR NOT EXISTS (
           SELECT FROM own_turn
            WHERE own_turn.campaign_id = %(campaign_id)s
              AND own_turn.device_id = hub.device_id
           ))
     ORDER BY hub.lot, hub.device_id
     LIMIT %(hub_count)s
),
slots AS MATERIALIZED (
    SELECT slot, count(*)::integer AS hub_count,
           nextval(pg_get_serial_sequence('chunk', 'chunk_id')) AS chunk_id
      FROM picked
     GROUP BY slot
),
chunks AS (
    INSERT INTO chunk (chunk_id, tranche_id, campaign_id, region_id, attempt, hub_count, state, planned_at)
    SELECT chunk_id, %(tranche_id)s, %(campaign_id)s, %(region_id)s, 1, hub_count, 'PLANNED', %(planned_at)s
      FROM slots
),
planned AS (
    INSERT INTO hub_upgrade (
        campaign_id, device_id, chunk_id, state_since, tranche_id, region_id, from_model_id,
        import_party_id, gas_party_id, attempt, read_count, state
    )
    SELECT %(campaign_id)s, picked.device_id, slots.chunk_id, %(planned_at)s, %(tranche_id)s, %(region_id)s,
           picked.device_model_id, picked.import_party_id, picked.gas_party_id, 1, 0, 'PLANNED'
      FROM picked
      JOIN slots USING (slot)
)
SELECT import_party_id, gas_party_id, count(*)::integer AS hub_count, max(lot) AS last_lot
  FROM picked
 GROUP BY import_party_id, gas_party_id

-- select_pilot_hubs --
-- Give the next hubs of the Default Pilot List their turn tonight.
WITH picked AS (
    SELECT hub.device_id, hub.lot, hub.device_model_id,
           coalesce(hub.import_party_id, 0) AS import_party_id, coalesce(hub.gas_party_id, 0) AS gas_party_id,
           (row_number() OVER (ORDER BY pilot_hub.place) - 1) / %(chunk_size)s AS slot
      FROM pilot_hub
      JOIN communications_hub AS hub
        ON hub.device_id = pilot_hub.device_id
     WHERE pilot_hub.campaign_id = %(campaign_id)s
       AND pilot_hub.region_id = %(region_id)s
       AND hub.is_in_use
       AND hub.device_model_id = ANY(%(from_model_ids)s)
       AND NOT EXISTS (
           SELECT FROM hub_upgrade
            WHERE hub_upgrade.campaign_id = %(campaign_id)s
              AND hub_upgrade.device_id = hub.device_id
           )
       AND (NOT %(has_own_turns)s OR NOT EXISTS (
           SELECT FROM own_turn
            WHERE own_turn.campaign_id = %(campaign_id)s
              AND own_turn.device_id = hub.device_id
           ))
     ORDER BY pilot_hub.place
     LIMIT %(hub_count)s
),
slots AS MATERIALIZED (
    SELECT slot, count(*)::integer AS hub_count,
           nextval(pg_get_serial_sequence('chunk', 'chunk_id')) AS chunk_id
      FROM picked
     GROUP BY slot
),
chunks AS (
    INSERT INTO chunk (chunk_id, tranche_id, campaign_id, region_id, attempt, hub_count, state, planned_at)
    SELECT chunk_id, %(tranche_id)s, %(campaign_id)s, %(region_id)s, 1, hub_count, 'PLANNED', %(planned_at)s
      FROM slots
),
planned AS (
    INSERT INTO hub_upgrade (
        campaign_id, device_id, chunk_id, state_since, tranche_id, region_id, from_model_id,
        import_party_id, gas_party_id, attempt, read_count, state
    )
    SELECT %(campaign_id)s, picked.device_id, slots.chunk_id, %(planned_at)s, %(tranche_id)s, %(region_id)s,
           picked.device_model_id, picked.import_party_id, picked.gas_party_id, 1, 0, 'PLANNED'
      FROM picked
      JOIN slots USING (slot)
)
SELECT import_party_id, gas_party_id, count(*)::integer AS hub_count, max(lot) AS last_lot
  FROM picked
 GROUP BY import_party_id, gas_party_id

-- plan_retries --
-- Put hubs that failed, were not reached or were recalled into tonight's plan for their next attempt (Q16).
-- A hub that is being reported on at this moment is left for another night.
WITH waiting AS MATERIALIZED (
    SELECT upgrade.device_id, upgrade.attempt, upgrade.state
      FROM chunk
      JOIN hub_upgrade AS upgrade
        ON upgrade.chunk_id = chunk.chunk_id
     WHERE chunk.campaign_id = %(campaign_id)s
       AND chunk.region_id = %(region_id)s
       AND chunk.state NOT IN ('CLOSED', 'WITHDRAWN')
       AND upgrade.state = ANY(%(retry_states)s)
       AND upgrade.attempt < %(max_attempts)s
       AND upgrade.state_since <= %(before)s
       AND (NOT %(has_own_turns)s OR NOT EXISTS (
           SELECT FROM own_turn
            WHERE own_turn.campaign_id = %(campaign_id)s
              AND own_turn.device_id = upgrade.device_id
              AND own_turn.not_before > %(planned_at)s
           ))
     ORDER BY upgrade.state_since, upgrade.device_id
     LIMIT %(hub_count)s
       FOR UPDATE OF upgrade SKIP LOCKED
),
placed AS (
    SELECT waiting.*,
           (row_number() OVER (PARTITION BY attempt ORDER BY device_id) - 1) / %(chunk_size)s AS slot
      FROM waiting
),
slots AS MATERIALIZED (
    SELECT attempt, slot, count(*)::integer AS hub_count,
           nextval(pg_get_serial_sequence('chunk', 'chunk_id')) AS chunk_id
      FROM placed
     GROUP BY attempt, slot
),
chunks AS (
    INSERT INTO chunk (chunk_id, tranche_id, campaign_id, region_id, attempt, hub_count, state, planned_at)
    SELECT chunk_id, %(tranche_id)s, %(campaign_id)s, %(region_id)s, attempt + 1, hub_count, 'PLANNED',
           %(planned_at)s
      FROM slots
),
moved AS (
    UPDATE hub_upgrade AS upgrade
       SET state = %(to_state)s, chunk_id = slots.chunk_id, attempt = upgrade.attempt + 1,
           read_count = 0, state_since = %(planned_at)s
      FROM placed
      JOIN slots USING (attempt, slot)
     WHERE upgrade.campaign_id = %(campaign_id)s
       AND upgrade.device_id = placed.device_id
 RETURNING upgrade.tranche_id, upgrade.region_id, upgrade.import_party_id, upgrade.gas_party_id, placed.state
)
SELECT tranche_id, region_id, import_party_id, gas_party_id, state AS from_state, count(*)::integer AS hub_count
  FROM moved
 GROUP BY tranche_id, region_id, import_party_id, gas_party_id, state

-- shift_tranche_counts --
-- Add changes to the counts per tranche, in key order so that two writers never wait for each other in a circle.
INSERT INTO tranche_count (tranche_id, state, hub_count)
SELECT shift.tranche_id, shift.state, sum(shift.change)::integer
  FROM unnest(%(tranche_ids)s::integer[], %(states)s::text[], %(changes)s::integer[])
       AS shift (tranche_id, state, change)
 GROUP BY shift.tranche_id, shift.state
HAVING sum(shift.change) <> 0
 ORDER BY shift.tranche_id, shift.state
    ON CONFLICT (tranche_id, state) DO UPDATE
   SET hub_count = tranche_count.hub_count + excluded.hub_count

-- shift_supplier_counts --
-- Add changes to the counts per pair of Suppliers, in key order.
INSERT INTO supplier_count (campaign_id, import_party_id, gas_party_id, region_id, state, hub_count)
SELECT %(campaign_id)s, shift.import_party_id, shift.gas_party_id, shift.region_id, shift.state,
       sum(shift.change)::integer
  FROM unnest(
       %(import_party_ids)s::integer[], %(gas_party_ids)s::integer[], %(region_ids)s::integer[],
       %(states)s::text[], %(changes)s::integer[]
       ) AS shift (import_party_id, gas_party_id, region_id, state, change)
 GROUP BY shift.import_party_id, shift.gas_party_id, shift.region_id, shift.state
HAVING sum(shift.change) <> 0
 ORDER BY shift.import_party_id, shift.gas_party_id, shift.region_id, shift.state
    ON CONFLICT (campaign_id, import_party_id, gas_party_id, region_id, state) DO UPDATE
   SET hub_count = supplier_count.hub_count + excluded.hub_count

-- advance_region --
-- Remember how far a region has come.
UPDATE campaign_region
   SET place = %(place)s, is_exhausted = %(is_exhausted)s
 WHERE campaign_id = %(campaign_id)s
   AND region_id = %(region_id)s

-- list_waiting_chunks --
-- Chunks that may go now: planned, or being sent when somebody stopped.
SELECT chunk.chunk_id, chunk.hub_count, region.network
  FROM chunk
  JOIN csp_region AS region
    ON region.region_id = chunk.region_id
 WHERE chunk.campaign_id = %(campaign_id)s
   AND chunk.state IN ('PLANNED', 'SENDING')
   AND (chunk.not_before IS NULL OR chunk.not_before <= %(at)s)
 ORDER BY region.network, chunk.chunk_id

-- has_chunk_of_the_hour --
-- Whether a chunk whose hubs had an hour of their own may go now.
SELECT count(*) > 0 AS has_chunk
  FROM (
        SELECT FROM chunk
         WHERE campaign_id = %(campaign_id)s
           AND state = 'PLANNED'
           AND not_before <= %(at)s
         LIMIT 1
       ) AS one

-- reopen_regions --
-- Give every region another pass over its lots.
UPDATE campaign_region
   SET is_exhausted = FALSE
 WHERE campaign_id = %(campaign_id)s

-- has_outgrown_statistics --
-- Whether the rows of hubs in campaigns have doubled since the planner last looked at them.
SELECT count(*) > 0 AS has_outgrown
  FROM pg_class
 WHERE oid = 'hub_upgrade'::regclass
   AND pg_relation_size(oid) > 2 * current_setting('block_size')::bigint * greatest(relpages, 8)

-- renew_statistics --
-- Let the planner know how far campaigns have come; every session then plans its prepared statements anew.
ANALYZE hub_upgrade, chunk, tranche_count, supplier_count
