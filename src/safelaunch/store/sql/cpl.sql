-- add_cpl_models --
-- Add the Device Models of CPL entries that are not known yet.
INSERT INTO device_model (device_type, manufacturer, model, hardware_version, firmware_version)
SELECT listed.device_type, listed.manufacturer, listed.model, listed.hardware_version, listed.firmware_version
  FROM unnest(
           %(device_types)s::text[], %(manufacturers)s::text[], %(models)s::text[], %(hardware_versions)s::text[],
           %(firmware_versions)s::text[]
       ) AS listed (device_type, manufacturer, model, hardware_version, firmware_version)
 WHERE NOT EXISTS (
       SELECT FROM device_model AS known
        WHERE known.device_type = listed.device_type
          AND known.manufacturer = listed.manufacturer
          AND known.model = listed.model
          AND known.hardware_version = listed.hardware_version
          AND known.firmware_version = listed.firmware_version
       )

-- put_cpl_entries --
-- Enter Device Models on the CPL or change their entries; only what differs is written and returned.
-- The moment of an entry is kept when the file names the same day; lists travel as texts, one for each entry.
INSERT INTO cpl_entry AS entry (
    device_model_id, smets_chts_version, gbcs_version, image_hash, predecessors, status, added_at, removed_at
)
SELECT known.device_model_id, listed.smets_chts_version, listed.gbcs_version,
       decode(nullif(listed.image_hash, ''), 'hex'), string_to_array(listed.predecessors, ' '), listed.status,
       listed.added_at, CASE WHEN listed.status <> 'ACTIVE' THEN %(at)s::timestamptz END
  FROM unnest(
           %(device_types)s::text[], %(manufacturers)s::text[], %(models)s::text[], %(hardware_versions)s::text[],
           %(firmware_versions)s::text[], %(smets_chts_versions)s::text[], %(gbcs_versions)s::text[],
           %(image_hashes)s::text[], %(predecessors)s::text[], %(statuses)s::text[], %(added_at)s::timestamptz[]
       ) AS listed (
           device_type, manufacturer, model, hardware_version, firmware_version, smets_chts_version, gbcs_version,
           image_hash, predecessors, status, added_at
       )
  JOIN device_model AS known USING (device_type, manufacturer, model, hardware_version, firmware_version)
    ON CONFLICT (device_model_id) DO UPDATE
   SET smets_chts_version = excluded.smets_chts_version,
       gbcs_version = excluded.gbcs_version,
       image_hash = excluded.image_hash,
       predecessors = excluded.predecessors,
       status = excluded.status,
       added_at = CASE
                      WHEN (entry.added_at AT TIME ZONE 'Europe/London')::date
                         = (excluded.added_at AT TIME ZONE 'Europe/London')::date THEN entry.added_at
                      ELSE excluded.added_at
                  END,
       removed_at = CASE WHEN excluded.status <> 'ACTIVE' THEN coalesce(entry.removed_at, excluded.removed_at) END
 WHERE (entry.smets_chts_version, entry.gbcs_version, entry.image_hash, entry.predecessors, entry.status)
       IS DISTINCT FROM (
           excluded.smets_chts_version, excluded.gbcs_version, excluded.image_hash, excluded.predecessors,
           excluded.status
       )
    OR (entry.added_at AT TIME ZONE 'Europe/London')::date
       <> (excluded.added_at AT TIME ZONE 'Europe/London')::date
RETURNING entry.xmax = 0 AS is_new

-- list_cpl_entries --
-- The CPL in the order of names from after one entry on; of one type, one status, with one text in a name, or one alone.
SELECT known.device_model_id, known.device_type, known.manufacturer, known.model, known.hardware_version,
       known.firmware_version, entry.smets_chts_version, entry.gbcs_version,
       coalesce(encode(entry.image_hash, 'hex'), '') AS image_hash, entry.predecessors, entry.status, entry.added_at,
       entry.removed_at
  FROM cpl_entry AS entry
  JOIN device_model AS known USING (device_model_id)
  LEFT JOIN device_model AS last ON last.device_model_id = %(after)s
 WHERE (%(device_model_id)s::integer IS NULL OR known.device_model_id = %(device_model_id)s)
   AND (%(device_type)s::text IS NULL OR known.device_type = %(device_type)s)
   AND (%(status)s::text IS NULL OR entry.status = %(status)s)
   AND (%(search)s::text IS NULL
        OR strpos(
               lower(concat_ws(' ', known.manufacturer, known.model, known.hardware_version, known.firmware_version)),
               lower(%(search)s)
           ) > 0)
   AND (%(after)s::integer IS NULL
        OR (known.device_type, known.manufacturer, known.model, known.hardware_version, known.firmware_version)
           > (last.device_type, last.manufacturer, last.model, last.hardware_version, last.firmware_version))
 ORDER BY known.device_type, known.manufacturer, known.model, known.hardware_version, known.firmware_version
 LIMIT %(limit)s

-- list_upgrade_paths --
-- Versions that the CPL lists as Active and lets a Device Model become (MP231); a switch of hardware is none.
SELECT listed.device_model_id, listed.firmware_version, entry.gbcs_version
  FROM device_model AS known
  JOIN device_model AS listed
    ON (listed.device_type, listed.manufacturer, listed.model, listed.hardware_version)
       = (known.device_type, known.manufacturer, known.model, known.hardware_version)
  JOIN cpl_entry AS entry
    ON entry.device_model_id = listed.device_model_id
   AND entry.status = 'ACTIVE'
   AND known.firmware_version = ANY(entry.predecessors)
 WHERE known.device_model_id = %(device_model_id)s
 ORDER BY entry.added_at DESC, listed.firmware_version DESC

-- match_cpl_models --
-- Which Device Models some entries are about, as far as they are known, with what the CPL says of them now.
SELECT listed.place::integer AS place, known.device_model_id, entry.smets_chts_version, entry.gbcs_version,
       coalesce(encode(entry.image_hash, 'hex'), '') AS image_hash, entry.predecessors, entry.status, entry.added_at
  FROM unnest(
           %(device_types)s::text[], %(manufacturers)s::text[], %(models)s::text[], %(hardware_versions)s::text[],
           %(firmware_versions)s::text[]
       ) WITH ORDINALITY AS listed (device_type, manufacturer, model, hardware_version, firmware_version, place)
  LEFT JOIN device_model AS known USING (device_type, manufacturer, model, hardware_version, firmware_version)
  LEFT JOIN cpl_entry AS entry USING (device_model_id)
 ORDER BY listed.place

-- list_cpl_history --
-- What happened to entries and what each said from then on, newest first; of one type of Device, or of one entry.
SELECT change.happened_at, change.actor, change.act, known.device_type, known.manufacturer, known.model,
       known.hardware_version, known.firmware_version, change.status_before, change.status_after,
       change.cpl_proposal_id, change.detail ->> 'smets_chts_version' AS smets_chts_version,
       change.detail ->> 'gbcs_version' AS gbcs_version, change.detail ->> 'image_hash' AS image_hash,
       array(SELECT jsonb_array_elements_text(change.detail -> 'predecessors')) AS predecessors
  FROM cpl_entry_change AS change
  JOIN device_model AS known USING (device_model_id)
 WHERE (%(device_type)s::text IS NULL OR known.device_type = %(device_type)s)
   AND (%(device_model_id)s::integer IS NULL OR known.device_model_id = %(device_model_id)s)
 ORDER BY change.cpl_entry_change_id DESC
 LIMIT %(limit)s

-- list_cpl_proposals --
-- Proposed changes, newest first from before a number on, with how many entries and Devices each is about.
SELECT proposal.cpl_proposal_id, proposal.source, proposal.because, proposal.state, proposal.proposed_by_id,
       proposer.name AS proposed_by, proposal.proposed_at, decider.name AS decided_by, proposal.decided_at,
       jsonb_array_length(proposal.consequences -> 'changes') AS entry_count,
       coalesce(touched.suspended, 0)::integer AS suspended, coalesce(touched.restored, 0)::integer AS restored
  FROM cpl_proposal AS proposal
  JOIN person AS proposer ON proposer.person_id = proposal.proposed_by_id
  LEFT JOIN person AS decider ON decider.person_id = proposal.decided_by_id
 CROSS JOIN LATERAL (
       SELECT sum((one ->> 'device_count')::integer) FILTER (WHERE one ->> 'effect' = 'SUSPEND') AS suspended,
              sum((one ->> 'device_count')::integer) FILTER (WHERE one ->> 'effect' = 'RESTORE') AS restored
         FROM jsonb_array_elements(proposal.consequences -> 'touched') AS one
       ) AS touched
 WHERE (%(state)s::text IS NULL OR proposal.state = %(state)s)
   AND (%(before)s::integer IS NULL OR proposal.cpl_proposal_id < %(before)s)
 ORDER BY proposal.cpl_proposal_id DESC
 LIMIT %(limit)s

-- hold_proposal --
-- Show to everybody that a proposal is being applied, until the transaction ends however it ends.
SELECT pg_advisory_xact_lock(%(space)s, %(cpl_proposal_id)s)

-- proposal_applied_since --
-- Since when a proposal is being applied by somebody whose transaction has not ended; nothing when it is not.
SELECT min(activity.xact_start)
  FROM pg_locks AS held
  JOIN pg_stat_activity AS activity ON activity.pid = held.pid
 WHERE held.locktype = 'advisory'
   AND held.granted
   AND held.database = (SELECT oid FROM pg_database WHERE datname = current_database())
   AND (held.classid, held.objid, held.objsubid) = (%(space)s::integer::oid, %(cpl_proposal_id)s::integer::oid, 2)

-- list_proposal_suspensions --
-- What an applied proposal suspended, by entry, and how many of the alerts to tell of it have been written.
SELECT known.device_type, known.manufacturer, known.model, known.hardware_version, known.firmware_version,
       act.device_count, coalesce(told.owed_count, 0)::integer AS owed_count,
       coalesce(told.told_count, 0)::integer AS told_count
  FROM cpl_entry_change AS change
  JOIN suspension AS act
    ON act.device_model_id = change.device_model_id
   AND act.suspended_at = change.happened_at
  JOIN device_model AS known ON known.device_model_id = act.device_model_id
 CROSS JOIN LATERAL (
       SELECT sum(chunk.device_count) AS owed_count, sum(chunk.told_count) AS told_count
         FROM alert_chunk AS chunk
        WHERE chunk.suspension_id = act.suspension_id
          AND chunk.code = 'N28'
          AND chunk.is_owed
       ) AS told
 WHERE change.cpl_proposal_id = %(cpl_proposal_id)s
 ORDER BY known.device_type, known.manufacturer, known.model, known.hardware_version, known.firmware_version
