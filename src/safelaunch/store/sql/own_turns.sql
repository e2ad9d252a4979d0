-- release_conflicts --
-- Conflicts that were to keep hubs back are looked at anew; a hub whose lot has not come needs no memory of one.
WITH forgotten AS (
    DELETE FROM own_turn AS turn
     USING communications_hub AS hub, campaign_region AS progress
     WHERE turn.campaign_id = %(campaign_id)s
       AND turn.cause = 'CONFLICT'
       AND hub.device_id = turn.device_id
       AND progress.campaign_id = turn.campaign_id
       AND progress.region_id = hub.region_id
       AND (hub.lot - %(lot_offset)s + %(lots)s) %% %(lots)s >= progress.place
       AND NOT EXISTS (
           SELECT FROM hub_upgrade AS upgrade
            WHERE upgrade.campaign_id = turn.campaign_id
              AND upgrade.device_id = turn.device_id
           )
)
UPDATE own_turn
   SET not_before = %(at)s
 WHERE campaign_id = %(campaign_id)s
   AND cause = 'CONFLICT'
   AND not_before > %(at)s

-- note_conflicts --
-- Hubs of a campaign that wait for their turn and whose homes are busy tonight: kept back until an hour after.
INSERT INTO own_turn (campaign_id, device_id, cause, party_id, not_before, planned_kind)
SELECT target.campaign_id, hub.device_id, 'CONFLICT', 0, max(plan.planned_until) + %(margin)s,
       (array_agg(plan.kind ORDER BY plan.planned_until DESC))[1]
  FROM planned_event AS plan
  JOIN communications_hub AS hub
    ON hub.device_id = plan.hub_device_id
  JOIN campaign_target AS target
    ON target.campaign_id = %(campaign_id)s
   AND target.from_model_id = hub.device_model_id
 WHERE tstzrange(plan.planned_from, plan.planned_until) && tstzrange(%(busy_from)s, %(busy_until)s)
   AND plan.cancelled_at IS NULL
   AND plan.kind = ANY(%(kinds)s)
   AND NOT EXISTS (
       SELECT FROM hub_upgrade AS upgrade
        WHERE upgrade.campaign_id = target.campaign_id
          AND upgrade.device_id = hub.device_id
          AND upgrade.state NOT IN ('FAILED', 'UNREACHABLE', 'RECALLED')
       )
 GROUP BY target.campaign_id, hub.device_id
    ON CONFLICT (campaign_id, device_id, cause, party_id) DO UPDATE
   SET not_before = excluded.not_before, planned_kind = excluded.planned_kind

-- note_conflicts_of_chunks --
-- Hubs about to be handed over whose homes have become busy since the night was planned.
INSERT INTO own_turn (campaign_id, device_id, cause, party_id, not_before, planned_kind)
SELECT upgrade.campaign_id, upgrade.device_id, 'CONFLICT', 0, max(plan.planned_until) + %(margin)s,
       (array_agg(plan.kind ORDER BY plan.planned_until DESC))[1]
  FROM hub_upgrade AS upgrade
  JOIN planned_event AS plan
    ON plan.hub_device_id = upgrade.device_id
 WHERE upgrade.campaign_id = %(campaign_id)s
   AND upgrade.chunk_id = ANY(%(chunk_ids)s)
   AND upgrade.state = 'PLANNED'
   AND plan.planned_from < %(busy_until)s
   AND plan.planned_until > %(busy_from)s
   AND plan.cancelled_at IS NULL
   AND plan.kind = ANY(%(kinds)s)
 GROUP BY upgrade.campaign_id, upgrade.device_id
    ON CONFLICT (campaign_id, device_id, cause, party_id) DO UPDATE
   SET not_before = excluded.not_before, planned_kind = excluded.planned_kind

-- has_own_turns --
-- Whether any hub of a campaign has a turn of its own.
SELECT count(*) > 0 AS has_own_turns
  FROM (SELECT FROM own_turn WHERE campaign_id = %(campaign_id)s LIMIT 1) AS one

-- may_be_kept --
-- Whether a campaign's hubs have to be looked at before they are handed over: some have turns of their own, or are busy.
SELECT EXISTS (SELECT FROM own_turn WHERE campaign_id = %(campaign_id)s)
       OR EXISTS (
          SELECT FROM planned_event
           WHERE tstzrange(planned_from, planned_until) && tstzrange(%(busy_from)s, %(busy_until)s)
             AND cancelled_at IS NULL
             AND kind = ANY(%(kinds)s)
          ) AS may_be_kept

-- list_own_turns --
-- Hubs of a region with turns of their own that may go tonight, and from when; a former Supplier's cause counts no more.
SELECT hub.device_id,
       max(turn.not_before) FILTER (
           WHERE turn.party_id IN (0, hub.import_party_id, hub.gas_party_id)
       ) AS not_before
  FROM own_turn AS turn
  JOIN communications_hub AS hub
    ON hub.device_id = turn.device_id
 WHERE turn.campaign_id = %(campaign_id)s
   AND hub.region_id = %(region_id)s
   AND hub.is_in_use
   AND hub.device_model_id = ANY(%(from_model_ids)s)
   AND NOT EXISTS (
       SELECT FROM hub_upgrade AS upgrade
        WHERE upgrade.campaign_id = turn.campaign_id
          AND upgrade.device_id = turn.device_id
       )
   AND (NOT %(is_pilot)s OR EXISTS (
       SELECT FROM pilot_hub
        WHERE pilot_hub.campaign_id = turn.campaign_id
          AND pilot_hub.device_id = turn.device_id
       ))
 GROUP BY hub.device_id
HAVING coalesce(max(turn.not_before) FILTER (
           WHERE turn.party_id IN (0, hub.import_party_id, hub.gas_party_id)
       ) < %(until)s, TRUE)
   AND (
       %(is_pilot)s
       OR (hub.lot - %(lot_offset)s + %(lots)s) %% %(lots)s < %(place)s
       OR bool_or(turn.cause = 'WISH' AND turn.party_id IN (hub.import_party_id, hub.gas_party_id))
       )
 ORDER BY not_before NULLS FIRST, hub.lot, hub.device_id
 LIMIT %(hub_count)s

-- take_own_turns --
-- Give hubs with turns of their own their turn tonight, those of one hour together.
WITH picked AS (
    SELECT hub.device_id, hub.lot, hub.device_model_id, turn.not_before,
           coalesce(hub.import_party_id, 0) AS import_party_id, coalesce(hub.gas_party_id, 0) AS gas_party_id,
           (row_number() OVER (PARTITION BY turn.not_before ORDER BY turn.place) - 1) / %(chunk_size)s AS slot
      FROM unnest(%(device_ids)s::macaddr8[], %(not_befores)s::timestamptz[])
           WITH ORDINALITY AS turn (device_id, not_before, place)
      JOIN communications_hub AS hub
        ON hub.device_id = turn.device_id
),
slots AS MATERIALIZED (
    SELECT not_before, slot, count(*)::integer AS hub_count,
           nextval(pg_get_serial_sequence('chunk', 'chunk_id')) AS chunk_id
      FROM picked
     GROUP BY not_before, slot
),
chunks AS (
    INSERT INTO chunk (
        chunk_id, tranche_id, campaign_id, region_id, attempt, hub_count, state, planned_at, not_before
    )
    SELECT chunk_id, %(tranche_id)s, %(campaign_id)s, %(region_id)s, 1, hub_count, 'PLANNED', %(planned_at)s,
           nullif(not_before, %(planned_at)s)
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
      JOIN slots USING (not_before, slot)
)
SELECT import_party_id, gas_party_id, count(*)::integer AS hub_count, max(lot) AS last_lot
  FROM picked
 GROUP BY import_party_id, gas_party_id

-- take_back_kept_hubs --
-- Take hubs out of chunks that may not go yet: one never sent waits anew, one sent before waits for another attempt.
WITH kept AS MATERIALIZED (
    SELECT upgrade.device_id, upgrade.chunk_id, upgrade.attempt
      FROM chunk
      JOIN hub_upgrade AS upgrade
        ON upgrade.chunk_id = chunk.chunk_id
       AND upgrade.state = 'PLANNED'
      JOIN communications_hub AS hub
        ON hub.device_id = upgrade.device_id
     WHERE chunk.campaign_id = %(campaign_id)s
       AND chunk.state IN ('PLANNED', 'SENDING')
       AND (%(chunk_ids)s::bigint[] IS NULL OR chunk.chunk_id = ANY(%(chunk_ids)s))
       AND EXISTS (
           SELECT FROM own_turn AS turn
            WHERE turn.campaign_id = upgrade.campaign_id
              AND turn.device_id = upgrade.device_id
              AND turn.not_before > greatest(chunk.not_before, %(at)s)
              AND turn.party_id IN (0, hub.import_party_id, hub.gas_party_id)
           )
     ORDER BY upgrade.device_id
       FOR UPDATE OF upgrade
),
shrunk AS (
    UPDATE chunk
       SET hub_count = chunk.hub_count - gone.hub_count
      FROM (SELECT chunk_id, count(*) AS hub_count FROM kept GROUP BY chunk_id) AS gone
     WHERE chunk.chunk_id = gone.chunk_id
),
removed AS (
    DELETE FROM hub_upgrade AS upgrade
     USING kept
     WHERE upgrade.campaign_id = %(campaign_id)s
       AND upgrade.device_id = kept.device_id
       AND kept.attempt = 1
 RETURNING upgrade.tranche_id, upgrade.region_id, upgrade.import_party_id, upgrade.gas_party_id, NULL AS to_state
),
waiting AS (
    UPDATE hub_upgrade AS upgrade
       SET state = %(to_state)s, state_since = %(at)s
      FROM kept
     WHERE upgrade.campaign_id = %(campaign_id)s
       AND upgrade.device_id = kept.device_id
       AND kept.attempt > 1
 RETURNING upgrade.tranche_id, upgrade.region_id, upgrade.import_party_id, upgrade.gas_party_id, upgrade.state
)
SELECT tranche_id, region_id, import_party_id, gas_party_id, to_state, count(*)::integer AS hub_count
  FROM (SELECT * FROM removed UNION ALL SELECT * FROM waiting) AS moved
 GROUP BY tranche_id, region_id, import_party_id, gas_party_id, to_state

-- put_turns_of_wish --
-- What was taken down of a wish gives its hubs a time of their own; without a slot it is the time given here.
INSERT INTO own_turn (campaign_id, device_id, cause, party_id, not_before, not_after, campaign_wish_id)
SELECT %(campaign_id)s, device_id, %(cause)s, %(party_id)s, coalesce(not_before, %(not_before)s), not_after,
       campaign_wish_id
  FROM campaign_wish_hub
 WHERE campaign_wish_id = %(campaign_wish_id)s
   AND outcome = 'TAKEN_DOWN'
   AND coalesce(not_before, %(not_before)s) IS NOT NULL
    ON CONFLICT (campaign_id, device_id, cause, party_id) DO UPDATE
   SET not_before = excluded.not_before,
       not_after = excluded.not_after,
       campaign_wish_id = excluded.campaign_wish_id

-- drop_wished_turns --
-- Times that a Supplier wished for and takes back with its list; those of hubs that have gone are left.
DELETE FROM own_turn AS turn
 WHERE turn.campaign_id = %(campaign_id)s
   AND turn.party_id = %(party_id)s
   AND turn.cause = 'WISH'
   AND (
       %(campaign_wish_id)s::bigint IS NULL
       AND turn.campaign_wish_id IN (
           SELECT wish.campaign_wish_id
             FROM campaign_wish AS wish
            WHERE wish.campaign_id = %(campaign_id)s
              AND wish.party_id = %(party_id)s
              AND wish.kind = 'NOMINATE'
           )
       OR turn.device_id IN (
           SELECT device_id
             FROM campaign_wish_hub
            WHERE campaign_wish_id = %(campaign_wish_id)s
              AND outcome = 'TAKEN_DOWN'
           )
       )
   AND NOT EXISTS (
       SELECT FROM hub_upgrade AS upgrade
        WHERE upgrade.campaign_id = turn.campaign_id
          AND upgrade.device_id = turn.device_id
       )

-- move_turns_of_wish --
-- Let the hubs of a deferral go from another time on: at once when it is lifted, later when it holds again.
UPDATE own_turn
   SET not_before = %(not_before)s
 WHERE campaign_wish_id = %(campaign_wish_id)s

-- list_turns_of_hub --
-- Why a hub has a turn of its own in the open campaign for its model, as one may see it who looks.
SELECT turn.cause, turn.not_before, turn.not_after, turn.planned_kind, wish.asked_at, deferral.state AS deferral_state,
       turn.party_id = 0 OR %(party_id)s::integer IS NULL OR turn.party_id = %(party_id)s AS is_own
  FROM communications_hub AS hub
  JOIN campaign
    ON campaign.reference = %(reference)s
  JOIN own_turn AS turn
    ON turn.campaign_id = campaign.campaign_id
   AND turn.device_id = hub.device_id
   AND turn.party_id IN (0, hub.import_party_id, hub.gas_party_id)
  LEFT JOIN campaign_wish AS wish
    ON wish.campaign_wish_id = turn.campaign_wish_id
  LEFT JOIN deferral
    ON deferral.campaign_wish_id = turn.campaign_wish_id
 WHERE hub.device_id = %(device_id)s
 ORDER BY turn.not_before DESC
