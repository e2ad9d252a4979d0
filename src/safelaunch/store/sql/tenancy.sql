-- list_listed_gbcs --
-- The GBCS versions that the CPL knows; a handful.
SELECT DISTINCT gbcs_version
  FROM cpl_entry

-- keep_moments --
-- Moments that ESMEs and GPFs said they keep, where they take the place of what was known (`takes_its_place`).
WITH told AS (
    SELECT device_id, restricted_at, number, cause, told_at
      FROM unnest(
           %(device_ids)s::macaddr8[], %(moments)s::timestamptz[], %(numbers)s::bigint[], %(causes)s::text[],
           %(told_at)s::timestamptz[]
           ) AS told (device_id, restricted_at, number, cause, told_at)
),
placed AS (
    SELECT esme.hub_device_id, esme.device_type, told.device_id, told.restricted_at, told.number, told.cause, told.told_at
      FROM told
      JOIN device AS esme
        ON esme.device_id = told.device_id
       AND esme.device_type = 'ESME'
     UNION ALL
    SELECT hub.device_id, 'GPF', told.device_id, told.restricted_at, told.number, told.cause, told.told_at
      FROM told
      JOIN communications_hub AS hub
        ON hub.gpf_device_id = told.device_id
)
INSERT INTO tenancy_source AS kept (
    hub_device_id, device_type, device_id, restricted_at, number, cause, told_at
)
SELECT hub_device_id, device_type, device_id, restricted_at, number, cause, told_at
  FROM placed
 ORDER BY hub_device_id, device_id
    ON CONFLICT (hub_device_id, device_id) DO UPDATE
   SET restricted_at = excluded.restricted_at,
       number = greatest(kept.number, excluded.number),
       cause = excluded.cause,
       told_at = excluded.told_at
 WHERE (kept.restricted_at < excluded.restricted_at
        AND (kept.number < excluded.number OR excluded.restricted_at <= %(at)s))
    OR (kept.restricted_at > excluded.restricted_at
        AND kept.number < excluded.number
        AND kept.restricted_at > excluded.told_at)
RETURNING hub_device_id

-- begin_epochs --
-- Epochs of some premises: a new one where the latest moment has moved on.
INSERT INTO tenancy AS premises (hub_device_id, epoch, began_at, cause, noted_at, look_at)
SELECT DISTINCT ON (hub_device_id) hub_device_id, 1, restricted_at, cause, %(at)s, %(look_at)s
  FROM tenancy_source
 WHERE hub_device_id = ANY(%(hub_device_ids)s)
 ORDER BY hub_device_id, restricted_at DESC, device_type
    ON CONFLICT (hub_device_id) DO UPDATE
   SET epoch = premises.epoch + (premises.began_at < excluded.began_at)::integer,
       began_at = excluded.began_at,
       cause = excluded.cause,
       noted_at = CASE WHEN premises.began_at < excluded.began_at THEN excluded.noted_at ELSE premises.noted_at END,
       look_at = excluded.look_at

-- drop_replaced_sources --
-- ESMEs and GPFs that have left some homes, where the one in their place keeps a moment as late.
WITH replaced AS (
    DELETE FROM tenancy_source AS gone
     USING tenancy_source AS heir
     WHERE gone.hub_device_id = ANY(%(hub_device_ids)s)
       AND heir.hub_device_id = gone.hub_device_id
       AND heir.device_type = gone.device_type
       AND heir.device_id <> gone.device_id
       AND heir.restricted_at >= gone.restricted_at
       AND NOT EXISTS (
           SELECT
             FROM device
            WHERE device.hub_device_id = gone.hub_device_id
              AND device.device_id = gone.device_id
       )
       AND NOT EXISTS (
           SELECT
             FROM communications_hub AS hub
            WHERE hub.device_id = gone.hub_device_id
              AND hub.gpf_device_id = gone.device_id
       )
 RETURNING gone.hub_device_id, gone.device_id
)
DELETE FROM tenancy_display AS mark
 USING replaced
 WHERE mark.hub_device_id = replaced.hub_device_id
   AND mark.source_device_id = replaced.device_id

-- mark_displays --
-- The displays of some premises that may hold data from before a moment; one that joined after its day never did.
INSERT INTO tenancy_display (hub_device_id, device_id, source_device_id)
SELECT source.hub_device_id, display.device_id, source.device_id
  FROM tenancy_source AS source
  JOIN device AS display
    ON display.hub_device_id = source.hub_device_id
 WHERE source.hub_device_id = ANY(%(hub_device_ids)s)
   AND display.device_type = ANY(%(display_types)s)
   AND display.smi_status <> ALL(%(gone)s)
   AND (display.commissioned_on IS NULL
        OR display.commissioned_on <= (source.restricted_at AT TIME ZONE 'Europe/London')::date)
 ORDER BY source.hub_device_id, display.device_id, source.device_id
    ON CONFLICT DO NOTHING

-- note_abilities --
-- Displays of some premises whose firmware has come to be there, or is gone again; what should have cleared stays so.
WITH able AS (
    SELECT device_type, gbcs_version
      FROM unnest(%(able_types)s::text[], %(able_versions)s::text[]) AS able (device_type, gbcs_version)
),
judged AS (
    SELECT mark.hub_device_id, mark.device_id, mark.source_device_id,
           (
               ('CHF', hub_entry.gbcs_version) IN (SELECT device_type, gbcs_version FROM able)
               AND (display.device_type, display_entry.gbcs_version) IN (SELECT device_type, gbcs_version FROM able)
               AND (
                   hub.gpf_device_id = source.device_id
                   OR ('ESME', meter_entry.gbcs_version) IN (SELECT device_type, gbcs_version FROM able)
               )
           ) IS TRUE AS is_able
      FROM tenancy_display AS mark
      JOIN tenancy_source AS source
        ON source.hub_device_id = mark.hub_device_id
       AND source.device_id = mark.source_device_id
      JOIN communications_hub AS hub
        ON hub.device_id = mark.hub_device_id
      JOIN device AS display
        ON display.hub_device_id = mark.hub_device_id
       AND display.device_id = mark.device_id
      LEFT JOIN device AS meter
        ON meter.hub_device_id = mark.hub_device_id
       AND meter.device_id = mark.source_device_id
      LEFT JOIN cpl_entry AS hub_entry
        ON hub_entry.device_model_id = hub.device_model_id
      LEFT JOIN cpl_entry AS display_entry
        ON display_entry.device_model_id = display.device_model_id
      LEFT JOIN cpl_entry AS meter_entry
        ON meter_entry.device_model_id = meter.device_model_id
     WHERE mark.hub_device_id = ANY(%(hub_device_ids)s)
       AND (mark.able_since IS NULL
            OR greatest(mark.able_since, source.told_at, source.restricted_at) + %(asks_every)s::interval > %(at)s)
)
UPDATE tenancy_display AS mark
   SET able_since = CASE WHEN judged.is_able THEN %(at)s::timestamptz END
  FROM judged
 WHERE mark.hub_device_id = judged.hub_device_id
   AND mark.device_id = judged.device_id
   AND mark.source_device_id = judged.source_device_id
   AND judged.is_able = (mark.able_since IS NULL)

-- is_look_due --
-- Whether the firmware of a home is to be looked at by now.
SELECT count(*) > 0 AS is_due
  FROM (
        SELECT
          FROM tenancy
         WHERE look_at <= %(at)s
         LIMIT 1
       ) AS due

-- take_due_looks --
-- The next homes whose firmware is to be looked at, locked.
SELECT hub_device_id
  FROM tenancy
 WHERE look_at <= %(at)s
 ORDER BY look_at, hub_device_id
 LIMIT %(limit)s
   FOR UPDATE SKIP LOCKED

-- set_next_looks --
-- When some homes are to be looked at again; never, where every display that is there should have cleared.
UPDATE tenancy AS premises
   SET look_at = CASE WHEN EXISTS (
           SELECT
             FROM tenancy_display AS mark
             JOIN tenancy_source AS source
               ON source.hub_device_id = mark.hub_device_id
              AND source.device_id = mark.source_device_id
             JOIN device AS display
               ON display.hub_device_id = mark.hub_device_id
              AND display.device_id = mark.device_id
            WHERE mark.hub_device_id = ANY(%(hub_device_ids)s)
              AND mark.hub_device_id = premises.hub_device_id
              AND display.smi_status <> ALL(%(gone)s)
              AND (mark.able_since IS NULL
                   OR greatest(mark.able_since, source.told_at, source.restricted_at) + %(asks_every)s::interval > %(at)s)
       ) THEN %(next_at)s::timestamptz END
 WHERE premises.hub_device_id = ANY(%(hub_device_ids)s)

-- list_tenancy_displays --
-- Displays by fuel, in order of hubs: those that may hold old data now, or all of one home; only of the viewer's homes.
-- Each limit of one lets the planner know that nothing is multiplied, so that it follows the key and stops at the page.
SELECT mark.hub_device_id, mark.device_id, mark.source_device_id, premises.epoch, premises.began_at,
       source.device_type AS source_type, source.restricted_at, source.cause, source.told_at, mark.able_since,
       display.device_type, hub.device_model_id AS hub_model_id, display.device_model_id,
       CASE WHEN hub.gpf_device_id = mark.source_device_id THEN hub.device_model_id
            ELSE meter.device_model_id
       END AS source_model_id
  FROM tenancy_display AS mark
 CROSS JOIN LATERAL (
       SELECT device_model_id, gpf_device_id, import_party_id, gas_party_id
         FROM communications_hub
        WHERE device_id = mark.hub_device_id
        LIMIT 1
       ) AS hub
 CROSS JOIN LATERAL (
       SELECT device_type, restricted_at, cause, told_at
         FROM tenancy_source
        WHERE hub_device_id = mark.hub_device_id
          AND device_id = mark.source_device_id
        LIMIT 1
       ) AS source
 CROSS JOIN LATERAL (
       SELECT device_type, device_model_id, smi_status
         FROM device
        WHERE hub_device_id = mark.hub_device_id
          AND device_id = mark.device_id
        LIMIT 1
       ) AS display
  LEFT JOIN LATERAL (
       SELECT device_model_id
         FROM device
        WHERE hub_device_id = mark.hub_device_id
          AND device_id = mark.source_device_id
        LIMIT 1
       ) AS meter ON TRUE
  JOIN tenancy AS premises
    ON premises.hub_device_id = mark.hub_device_id
 WHERE (%(party_id)s::integer IS NULL OR %(party_id)s IN (hub.import_party_id, hub.gas_party_id))
   AND display.smi_status <> ALL(%(gone)s)
   AND source.restricted_at <= %(at)s
   AND (%(hub_device_id)s::macaddr8 IS NULL OR mark.hub_device_id = %(hub_device_id)s)
   AND (%(hub_device_id)s::macaddr8 IS NOT NULL
        OR mark.able_since IS NULL
        OR greatest(mark.able_since, source.told_at, source.restricted_at) + %(asks_every)s::interval > %(at)s)
   AND (mark.hub_device_id, mark.device_id, mark.source_device_id)
       > (%(after_hub)s::macaddr8, %(after_display)s::macaddr8, %(after_source)s::macaddr8)
 ORDER BY mark.hub_device_id, mark.device_id, mark.source_device_id
 LIMIT %(limit)s

-- count_tenancy_displays --
-- How many displays by fuel may hold old data now, by the Device Models that have a part in it; only of the viewer's homes.
SELECT source.device_type AS source_type, hub.device_model_id AS hub_model_id, display.device_model_id,
       CASE WHEN hub.gpf_device_id = mark.source_device_id THEN hub.device_model_id
            ELSE meter.device_model_id
       END AS source_model_id,
       count(*)::integer AS line_count
  FROM tenancy_display AS mark
 CROSS JOIN LATERAL (
       SELECT device_model_id, gpf_device_id, import_party_id, gas_party_id
         FROM communications_hub
        WHERE device_id = mark.hub_device_id
        LIMIT 1
       ) AS hub
 CROSS JOIN LATERAL (
       SELECT device_type, restricted_at, told_at
         FROM tenancy_source
        WHERE hub_device_id = mark.hub_device_id
          AND device_id = mark.source_device_id
        LIMIT 1
       ) AS source
 CROSS JOIN LATERAL (
       SELECT device_model_id, smi_status
         FROM device
        WHERE hub_device_id = mark.hub_device_id
          AND device_id = mark.device_id
        LIMIT 1
       ) AS display
  LEFT JOIN LATERAL (
       SELECT device_model_id
         FROM device
        WHERE hub_device_id = mark.hub_device_id
          AND device_id = mark.source_device_id
        LIMIT 1
       ) AS meter ON TRUE
 WHERE (%(party_id)s::integer IS NULL OR %(party_id)s IN (hub.import_party_id, hub.gas_party_id))
   AND display.smi_status <> ALL(%(gone)s)
   AND source.restricted_at <= %(at)s
   AND (mark.able_since IS NULL
        OR greatest(mark.able_since, source.told_at, source.restricted_at) + %(asks_every)s::interval > %(at)s)
 GROUP BY 1, 2, 3, 4

-- list_tenancy_models --
-- Some Device Models and what the CPL says of each, with every Active entry of the same model and hardware.
SELECT model.device_model_id, model.device_type, model.manufacturer, model.model, model.firmware_version,
       entry.gbcs_version, other.firmware_version AS listed_version, other_entry.gbcs_version AS listed_gbcs,
       other_entry.predecessors
  FROM device_model AS model
  LEFT JOIN cpl_entry AS entry
    ON entry.device_model_id = model.device_model_id
  LEFT JOIN (device_model AS other
             JOIN cpl_entry AS other_entry
               ON other_entry.device_model_id = other.device_model_id
              AND other_entry.status = 'ACTIVE')
    ON other.device_type = model.device_type
   AND other.manufacturer = model.manufacturer
   AND other.model = model.model
   AND other.hardware_version = model.hardware_version
 WHERE model.device_model_id = ANY(%(device_model_ids)s)
