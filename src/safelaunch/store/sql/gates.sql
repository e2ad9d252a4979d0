-- count_outcomes --
-- Hubs per state of the tranches of some phases, from a night on.
SELECT count.state, sum(count.hub_count)::integer AS hub_count
  FROM tranche
  JOIN tranche_count AS count
    ON count.tranche_id = tranche.tranche_id
 WHERE tranche.campaign_id = %(campaign_id)s
   AND tranche.phase = ANY(%(phases)s)
   AND tranche.night >= %(from_night)s
 GROUP BY count.state

-- count_soaked --
-- Hubs of some phases whose outcome is known and that have had it for the soak.
SELECT count(*)::integer AS hub_count
  FROM hub_upgrade AS upgrade
  JOIN tranche
    ON tranche.tranche_id = upgrade.tranche_id
 WHERE upgrade.campaign_id = %(campaign_id)s
   AND tranche.phase = ANY(%(phases)s)
   AND upgrade.state = ANY(%(known_states)s)
   AND upgrade.state_since <= %(soaked_by)s

-- watch_upgraded --
-- Hub-days watched since each hub was activated, or sent when that is not known.
SELECT coalesce(sum(
           extract(EPOCH FROM greatest(
               least(
                   %(as_of)s - coalesce(upgrade.activated_at, chunk.sent_at), %(window)s::interval
               ),
               interval '0'
           ))
       ) / 86400, 0)::double precision AS hub_days
  FROM chunk
  JOIN hub_upgrade AS upgrade
    ON upgrade.chunk_id = chunk.chunk_id
  JOIN tranche
    ON tranche.tranche_id = upgrade.tranche_id
 WHERE chunk.campaign_id = %(campaign_id)s
   AND chunk.sent_at >= %(from_time)s
   AND tranche.phase = ANY(%(phases)s)
   AND upgrade.state <> 'PLANNED'

-- count_silent_upgraded --
-- Upgraded hubs that went silent while they were watched. Silences are few: each looks its own hub up by key.
WITH silence AS MATERIALIZED (
    SELECT device_id, happened_at
      FROM csp_event
     WHERE kind = 'SILENT'
       AND happened_at > %(from_time)s
       AND happened_at <= %(as_of)s
)
SELECT count(DISTINCT silence.device_id)::integer AS hub_count
  FROM silence
 CROSS JOIN LATERAL (
       SELECT chunk_id, tranche_id, activated_at
         FROM hub_upgrade
        WHERE hub_upgrade.campaign_id = %(campaign_id)s
          AND hub_upgrade.device_id = silence.device_id
          AND hub_upgrade.state <> 'PLANNED'
        LIMIT 1
       ) AS upgrade
  JOIN chunk
    ON chunk.chunk_id = upgrade.chunk_id
   AND chunk.sent_at >= %(from_time)s
  JOIN tranche
    ON tranche.tranche_id = upgrade.tranche_id
   AND tranche.phase = ANY(%(phases)s)
 WHERE silence.happened_at > coalesce(upgrade.activated_at, chunk.sent_at)
   AND silence.happened_at <= coalesce(upgrade.activated_at, chunk.sent_at) + %(window)s::interval

-- count_silent_controls --
-- Eligible hubs that the campaign has not touched and that went silent in the same days, each looked up by key.
WITH silence AS MATERIALIZED (
    SELECT DISTINCT device_id
      FROM csp_event
     WHERE kind = 'SILENT'
       AND happened_at > %(from_time)s
       AND happened_at <= %(as_of)s
)
SELECT count(*)::integer AS hub_count
  FROM silence
 CROSS JOIN LATERAL (
       SELECT device_model_id, is_in_use
         FROM communications_hub
        WHERE communications_hub.device_id = silence.device_id
        LIMIT 1
       ) AS hub
  LEFT JOIN LATERAL (
       SELECT campaign_id
         FROM hub_upgrade
        WHERE hub_upgrade.campaign_id = %(campaign_id)s
          AND hub_upgrade.device_id = silence.device_id
        LIMIT 1
       ) AS upgrade
    ON TRUE
 WHERE hub.is_in_use
   AND hub.device_model_id = ANY(%(from_model_ids)s)
   AND upgrade.campaign_id IS NULL
