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
-- The CPL, or its entries of one type of Device.
SELECT known.device_model_id, known.device_type, known.manufacturer, known.model, known.hardware_version,
       known.firmware_version, entry.smets_chts_version, entry.gbcs_version,
       coalesce(encode(entry.image_hash, 'hex'), '') AS image_hash, entry.predecessors, entry.status, entry.added_at,
       entry.removed_at
  FROM cpl_entry AS entry
  JOIN device_model AS known USING (device_model_id)
 WHERE (%(device_type)s::text IS NULL OR known.device_type = %(device_type)s)
 ORDER BY known.device_type, known.manufacturer, known.model, known.hardware_version, known.firmware_version

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
-- What happened to entries, newest first; of one type of Device if it is given.
SELECT change.happened_at, change.actor, change.act, known.device_type, known.manufacturer, known.model,
       known.hardware_version, known.firmware_version, change.status_before, change.status_after,
       change.cpl_proposal_id
  FROM cpl_entry_change AS change
  JOIN device_model AS known USING (device_model_id)
 WHERE (%(device_type)s::text IS NULL OR known.device_type = %(device_type)s)
 ORDER BY change.cpl_entry_change_id DESC
 LIMIT %(limit)s
