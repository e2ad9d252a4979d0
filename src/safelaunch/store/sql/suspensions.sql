-- count_touched_hubs --
-- Hubs that a change of the CPL would suspend or restore, by pair of Suppliers; from the roll-up.
SELECT wanted.device_model_id, wanted.effect, nullif(tally.import_party_id, 0)::integer AS party_id,
       nullif(tally.gas_party_id, 0)::integer AS other_party_id, sum(tally.hub_count)::integer AS device_count
  FROM unnest(%(device_model_ids)s::integer[], %(effects)s::text[]) AS wanted (device_model_id, effect)
  JOIN portfolio_count AS tally USING (device_model_id)
 WHERE tally.smi_status = ANY(CASE wanted.effect WHEN 'SUSPEND' THEN %(suspendable)s::text[] ELSE ARRAY['SUSPENDED'] END)
 GROUP BY wanted.device_model_id, wanted.effect, tally.import_party_id, tally.gas_party_id
HAVING sum(tally.hub_count) > 0

-- count_touched_meters --
-- Meters and switches that a change of the CPL would suspend or restore, by Supplier; one plain pass over the Devices.
WITH held AS (
    SELECT device_model_id, party_id, smi_status, count(*) AS device_count
      FROM device
     WHERE device_model_id = ANY(%(device_model_ids)s)
     GROUP BY device_model_id, party_id, smi_status
)
SELECT wanted.device_model_id, wanted.effect, held.party_id::integer AS party_id, NULL::integer AS other_party_id,
       sum(held.device_count)::integer AS device_count
  FROM unnest(%(device_model_ids)s::integer[], %(effects)s::text[]) AS wanted (device_model_id, effect)
  JOIN held USING (device_model_id)
 WHERE held.smi_status = ANY(CASE wanted.effect WHEN 'SUSPEND' THEN %(suspendable)s::text[] ELSE ARRAY['SUSPENDED'] END)
 GROUP BY wanted.device_model_id, wanted.effect, held.party_id

-- count_touched_displays --
-- Displays that a change of the CPL would suspend or restore; they are the concern of both Suppliers of their hub.
WITH held AS (
    SELECT device.device_model_id, hub.import_party_id, hub.gas_party_id, device.smi_status, count(*) AS device_count
      FROM device
      LEFT JOIN communications_hub AS hub ON hub.device_id = device.hub_device_id
     WHERE device.device_model_id = ANY(%(device_model_ids)s)
     GROUP BY device.device_model_id, hub.import_party_id, hub.gas_party_id, device.smi_status
)
SELECT wanted.device_model_id, wanted.effect, held.import_party_id::integer AS party_id,
       held.gas_party_id::integer AS other_party_id, sum(held.device_count)::integer AS device_count
  FROM unnest(%(device_model_ids)s::integer[], %(effects)s::text[]) AS wanted (device_model_id, effect)
  JOIN held USING (device_model_id)
 WHERE held.smi_status = ANY(CASE wanted.effect WHEN 'SUSPEND' THEN %(suspendable)s::text[] ELSE ARRAY['SUSPENDED'] END)
 GROUP BY wanted.device_model_id, wanted.effect, held.import_party_id, held.gas_party_id

-- suspend_meters --
-- Suspend every meter and switch of some Device Models, remembering its status, with N28 in chunks; count by Supplier.
WITH turned AS (
    UPDATE device
       SET status_before = device.smi_status, smi_status = 'SUSPENDED', suspension_id = act.suspension_id
      FROM unnest(%(device_model_ids)s::integer[], %(suspension_ids)s::integer[], %(bucket_counts)s::integer[])
           AS act (device_model_id, suspension_id, bucket_count)
     WHERE device.device_model_id = ANY(%(device_model_ids)s)
       AND device.device_model_id = act.device_model_id
       AND device.smi_status = ANY(%(suspendable)s)
 RETURNING device.device_id, device.device_type, device.party_id, device.network_party_id, device.device_model_id, act.suspension_id,
           (hashmacaddr8(device.device_id) & 2147483647) %% act.bucket_count AS bucket
),
told AS (
    SELECT suspension_id, bucket, device_type, party_id, TRUE AS is_supplier, array_agg(device_id) AS device_ids
      FROM turned
     WHERE party_id IS NOT NULL
     GROUP BY suspension_id, bucket, device_type, party_id
     UNION ALL
    SELECT suspension_id, bucket, device_type, network_party_id, FALSE, array_agg(device_id)
      FROM turned
     WHERE network_party_id IS NOT NULL
     GROUP BY suspension_id, bucket, device_type, network_party_id
),
raised AS (
    INSERT INTO alert_chunk (user_id, raised_at, suspension_id, bucket, party_id, device_count, code, device_ids, is_owed)
    SELECT users.user_id, %(at)s, told.suspension_id, told.bucket, told.party_id, cardinality(told.device_ids),
           %(code)s, told.device_ids, receiver.user_id IS NOT NULL
      FROM told
      JOIN unnest(%(receiver_types)s::text[], %(receiver_roles)s::text[]) AS entitled (device_type, role)
        ON entitled.device_type = told.device_type
       AND (entitled.role IN ('IS', 'GS')) = told.is_supplier
      JOIN party_user AS users
        ON users.party_id = told.party_id
       AND users.role = entitled.role
      LEFT JOIN user_receiver AS receiver ON receiver.user_id = users.user_id
)
SELECT device_model_id, %(effect)s::text AS effect, party_id::integer AS party_id,
       NULL::integer AS other_party_id, count(*)::integer AS device_count
  FROM turned
 GROUP BY device_model_id, party_id

-- suspend_displays --
-- Suspend every display of some Device Models, with N28 to both Suppliers of its hub; count by those.
WITH turned AS (
    UPDATE device
       SET status_before = device.smi_status, smi_status = 'SUSPENDED', suspension_id = act.suspension_id
      FROM unnest(%(device_model_ids)s::integer[], %(suspension_ids)s::integer[], %(bucket_counts)s::integer[])
           AS act (device_model_id, suspension_id, bucket_count)
     WHERE device.device_model_id = ANY(%(device_model_ids)s)
       AND device.device_model_id = act.device_model_id
       AND device.smi_status = ANY(%(suspendable)s)
 RETURNING device.device_id, device.hub_device_id, device.device_model_id, act.suspension_id,
           (hashmacaddr8(device.device_id) & 2147483647) %% act.bucket_count AS bucket
),
shared AS (
    SELECT turned.*, hub.import_party_id, hub.gas_party_id
      FROM turned
      LEFT JOIN communications_hub AS hub ON hub.device_id = turned.hub_device_id
),
told AS (
    SELECT shared.suspension_id, shared.bucket, users.party_id, users.user_id,
           array_agg(DISTINCT shared.device_id) AS device_ids
      FROM shared
     CROSS JOIN LATERAL (VALUES (shared.import_party_id, 'IS'), (shared.gas_party_id, 'GS')) AS responsible (party_id, role)
      JOIN party_user AS users
        ON users.party_id = responsible.party_id
       AND users.role = responsible.role
     GROUP BY shared.suspension_id, shared.bucket, users.party_id, users.user_id
),
raised AS (
    INSERT INTO alert_chunk (user_id, raised_at, suspension_id, bucket, party_id, device_count, code, device_ids, is_owed)
    SELECT told.user_id, %(at)s, told.suspension_id, told.bucket, told.party_id, cardinality(told.device_ids), %(code)s,
           told.device_ids, receiver.user_id IS NOT NULL
      FROM told
      LEFT JOIN user_receiver AS receiver ON receiver.user_id = told.user_id
)
SELECT device_model_id, %(effect)s::text AS effect, import_party_id::integer AS party_id,
       gas_party_id::integer AS other_party_id, count(*)::integer AS device_count
  FROM shared
 GROUP BY device_model_id, import_party_id, gas_party_id

-- suspend_hubs --
-- Suspend every hub of some Device Models, CHF and GPF in one, with N28; count by Responsible Suppliers.
WITH turned AS (
    UPDATE communications_hub AS hub
       SET status_before = hub.smi_status, smi_status = 'SUSPENDED', suspension_id = act.suspension_id
      FROM unnest(%(device_model_ids)s::integer[], %(suspension_ids)s::integer[], %(bucket_counts)s::integer[])
           AS act (device_model_id, suspension_id, bucket_count)
     WHERE hub.device_model_id = ANY(%(device_model_ids)s)
       AND hub.device_model_id = act.device_model_id
       AND hub.smi_status = ANY(%(suspendable)s)
 RETURNING hub.device_id, hub.import_party_id, hub.gas_party_id, hub.device_model_id, act.suspension_id,
           (hashmacaddr8(hub.device_id) & 2147483647) %% act.bucket_count AS bucket
),
told AS (
    SELECT turned.suspension_id, turned.bucket, users.party_id, users.user_id,
           array_agg(DISTINCT turned.device_id) AS device_ids
      FROM turned
     CROSS JOIN LATERAL (VALUES (turned.import_party_id, 'IS'), (turned.gas_party_id, 'GS')) AS responsible (party_id, role)
      JOIN party_user AS users
        ON users.party_id = responsible.party_id
       AND users.role = responsible.role
     GROUP BY turned.suspension_id, turned.bucket, users.party_id, users.user_id
),
raised AS (
    INSERT INTO alert_chunk (user_id, raised_at, suspension_id, bucket, party_id, device_count, code, device_ids, is_owed)
    SELECT told.user_id, %(at)s, told.suspension_id, told.bucket, told.party_id, cardinality(told.device_ids), %(code)s,
           told.device_ids, receiver.user_id IS NOT NULL
      FROM told
      LEFT JOIN user_receiver AS receiver ON receiver.user_id = told.user_id
)
SELECT device_model_id, %(effect)s::text AS effect, import_party_id::integer AS party_id,
       gas_party_id::integer AS other_party_id, count(*)::integer AS device_count
  FROM turned
 GROUP BY device_model_id, import_party_id, gas_party_id

-- suspend_portfolio --
-- The roll-up follows: the cells of some Device Models move into their neighbours that are Suspended.
WITH emptied AS (
    UPDATE portfolio_count AS tally
       SET hub_count = 0
      FROM portfolio_count AS was
     WHERE was.device_model_id = ANY(%(device_model_ids)s)
       AND was.smi_status = ANY(%(suspendable)s)
       AND was.hub_count > 0
       AND (was.device_model_id, was.region_id, was.import_party_id, was.gas_party_id, was.smi_status)
           = (tally.device_model_id, tally.region_id, tally.import_party_id, tally.gas_party_id, tally.smi_status)
       AND was.is_in_use = tally.is_in_use
 RETURNING was.device_model_id, was.region_id, was.import_party_id, was.gas_party_id, was.is_in_use, was.hub_count
)
INSERT INTO portfolio_count (
    device_model_id, region_id, import_party_id, gas_party_id, smi_status, is_in_use, hub_count
)
SELECT device_model_id, region_id, import_party_id, gas_party_id, 'SUSPENDED', is_in_use, sum(hub_count)::integer
  FROM emptied
 GROUP BY device_model_id, region_id, import_party_id, gas_party_id, is_in_use
 ORDER BY device_model_id, region_id, import_party_id, gas_party_id, is_in_use
    ON CONFLICT (device_model_id, region_id, import_party_id, gas_party_id, smi_status, is_in_use) DO UPDATE
   SET hub_count = portfolio_count.hub_count + excluded.hub_count

-- restore_meters --
-- Give the Suspended meters and switches of some Device Models back what they held, with N29; count by Supplier.
WITH turned AS (
    UPDATE device
       SET smi_status = coalesce(
               device.status_before,
               CASE WHEN device.commissioned_on IS NULL THEN 'INSTALLED_NOT_COMMISSIONED' ELSE 'COMMISSIONED' END
           ),
           status_before = NULL,
           suspension_id = NULL
      FROM (
            SELECT suspension_id, suspended_at, bucket_count
              FROM suspension
             UNION ALL
            SELECT 0, NULL, %(buckets)s::integer
           ) AS act
     WHERE device.device_model_id = ANY(%(device_model_ids)s)
       AND device.smi_status = 'SUSPENDED'
       AND act.suspension_id = coalesce(device.suspension_id, 0)
 RETURNING device.device_id, device.device_type, device.party_id, device.network_party_id, device.device_model_id, device.smi_status, act.suspended_at, act.suspension_id,
           (hashmacaddr8(device.device_id) & 2147483647) %% act.bucket_count AS bucket
),
closed AS (
    INSERT INTO suspension_episode (
        device_id, ended_at, suspended_at, suspension_id, status_before, state, ended_because
    )
    SELECT device_id, %(at)s, suspended_at, nullif(suspension_id, 0), smi_status, 'RESTORED', %(ended_because)s
      FROM turned
),
told AS (
    SELECT suspension_id, bucket, device_type, party_id, TRUE AS is_supplier, array_agg(device_id) AS device_ids
      FROM turned
     WHERE party_id IS NOT NULL
     GROUP BY suspension_id, bucket, device_type, party_id
     UNION ALL
    SELECT suspension_id, bucket, device_type, network_party_id, FALSE, array_agg(device_id)
      FROM turned
     WHERE network_party_id IS NOT NULL
     GROUP BY suspension_id, bucket, device_type, network_party_id
),
raised AS (
    INSERT INTO alert_chunk (user_id, raised_at, suspension_id, bucket, party_id, device_count, code, device_ids, is_owed)
    SELECT users.user_id, %(at)s, told.suspension_id, told.bucket, told.party_id, cardinality(told.device_ids),
           %(code)s, told.device_ids, receiver.user_id IS NOT NULL
      FROM told
      JOIN unnest(%(receiver_types)s::text[], %(receiver_roles)s::text[]) AS entitled (device_type, role)
        ON entitled.device_type = told.device_type
       AND (entitled.role IN ('IS', 'GS')) = told.is_supplier
      JOIN party_user AS users
        ON users.party_id = told.party_id
       AND users.role = entitled.role
      LEFT JOIN user_receiver AS receiver ON receiver.user_id = users.user_id
)
SELECT device_model_id, %(effect)s::text AS effect, party_id::integer AS party_id,
       NULL::integer AS other_party_id, count(*)::integer AS device_count
  FROM turned
 GROUP BY device_model_id, party_id

-- restore_displays --
-- Give the Suspended displays of some Device Models back what they held, with N29; count by Suppliers.
WITH turned AS (
    UPDATE device
       SET smi_status = coalesce(
               device.status_before,
               CASE WHEN device.commissioned_on IS NULL THEN 'INSTALLED_NOT_COMMISSIONED' ELSE 'COMMISSIONED' END
           ),
           status_before = NULL,
           suspension_id = NULL
      FROM (
            SELECT suspension_id, suspended_at, bucket_count
              FROM suspension
             UNION ALL
            SELECT 0, NULL, %(buckets)s::integer
           ) AS act
     WHERE device.device_model_id = ANY(%(device_model_ids)s)
       AND device.smi_status = 'SUSPENDED'
       AND act.suspension_id = coalesce(device.suspension_id, 0)
 RETURNING device.device_id, device.hub_device_id, device.device_model_id, device.smi_status, act.suspended_at, act.suspension_id,
           (hashmacaddr8(device.device_id) & 2147483647) %% act.bucket_count AS bucket
),
closed AS (
    INSERT INTO suspension_episode (
        device_id, ended_at, suspended_at, suspension_id, status_before, state, ended_because
    )
    SELECT device_id, %(at)s, suspended_at, nullif(suspension_id, 0), smi_status, 'RESTORED', %(ended_because)s
      FROM turned
),
shared AS (
    SELECT turned.*, hub.import_party_id, hub.gas_party_id
      FROM turned
      LEFT JOIN communications_hub AS hub ON hub.device_id = turned.hub_device_id
),
told AS (
    SELECT shared.suspension_id, shared.bucket, users.party_id, users.user_id,
           array_agg(DISTINCT shared.device_id) AS device_ids
      FROM shared
     CROSS JOIN LATERAL (VALUES (shared.import_party_id, 'IS'), (shared.gas_party_id, 'GS')) AS responsible (party_id, role)
      JOIN party_user AS users
        ON users.party_id = responsible.party_id
       AND users.role = responsible.role
     GROUP BY shared.suspension_id, shared.bucket, users.party_id, users.user_id
),
raised AS (
    INSERT INTO alert_chunk (user_id, raised_at, suspension_id, bucket, party_id, device_count, code, device_ids, is_owed)
    SELECT told.user_id, %(at)s, told.suspension_id, told.bucket, told.party_id, cardinality(told.device_ids), %(code)s,
           told.device_ids, receiver.user_id IS NOT NULL
      FROM told
      LEFT JOIN user_receiver AS receiver ON receiver.user_id = told.user_id
)
SELECT device_model_id, %(effect)s::text AS effect, import_party_id::integer AS party_id,
       gas_party_id::integer AS other_party_id, count(*)::integer AS device_count
  FROM shared
 GROUP BY device_model_id, import_party_id, gas_party_id

-- restore_hubs --
-- Give the Suspended hubs of some Device Models back what they held, with N29; count by cells of the roll-up.
WITH turned AS (
    UPDATE communications_hub AS hub
       SET smi_status = coalesce(
               hub.status_before,
               CASE WHEN hub.commissioned_on IS NULL THEN 'INSTALLED_NOT_COMMISSIONED' ELSE 'COMMISSIONED' END
           ),
           status_before = NULL,
           suspension_id = NULL
      FROM (
            SELECT suspension_id, suspended_at, bucket_count
              FROM suspension
             UNION ALL
            SELECT 0, NULL, %(buckets)s::integer
           ) AS act
     WHERE hub.device_model_id = ANY(%(device_model_ids)s)
       AND hub.smi_status = 'SUSPENDED'
       AND act.suspension_id = coalesce(hub.suspension_id, 0)
 RETURNING hub.device_id, hub.import_party_id, hub.gas_party_id, hub.region_id, hub.device_model_id, hub.smi_status,
           act.suspended_at, act.suspension_id,
           (hashmacaddr8(hub.device_id) & 2147483647) %% act.bucket_count AS bucket
),
closed AS (
    INSERT INTO suspension_episode (
        device_id, ended_at, suspended_at, suspension_id, status_before, state, ended_because
    )
    SELECT device_id, %(at)s, suspended_at, nullif(suspension_id, 0), smi_status, 'RESTORED', %(ended_because)s
      FROM turned
),
told AS (
    SELECT turned.suspension_id, turned.bucket, users.party_id, users.user_id,
           array_agg(DISTINCT turned.device_id) AS device_ids
      FROM turned
     CROSS JOIN LATERAL (VALUES (turned.import_party_id, 'IS'), (turned.gas_party_id, 'GS')) AS responsible (party_id, role)
      JOIN party_user AS users
        ON users.party_id = responsible.party_id
       AND users.role = responsible.role
     GROUP BY turned.suspension_id, turned.bucket, users.party_id, users.user_id
),
raised AS (
    INSERT INTO alert_chunk (user_id, raised_at, suspension_id, bucket, party_id, device_count, code, device_ids, is_owed)
    SELECT told.user_id, %(at)s, told.suspension_id, told.bucket, told.party_id, cardinality(told.device_ids), %(code)s,
           told.device_ids, receiver.user_id IS NOT NULL
      FROM told
      LEFT JOIN user_receiver AS receiver ON receiver.user_id = told.user_id
)
SELECT device_model_id, region_id, coalesce(import_party_id, 0) AS import_party_id,
       coalesce(gas_party_id, 0) AS gas_party_id, smi_status, count(*)::integer AS hub_count
  FROM turned
 GROUP BY device_model_id, region_id, coalesce(import_party_id, 0), coalesce(gas_party_id, 0), smi_status

-- enter_fleet --
-- Wait until a change of the CPL is done, and let none begin before this transaction ends; readers and answers go on.
LOCK TABLE communications_hub, device IN ROW EXCLUSIVE MODE

-- lock_answering --
-- The Devices that answered, or whose GPF did, with what the inventory knows of them; locked in one order.
SELECT device.device_id, asked.target_id, device.device_type, device.smi_status, device.status_before,
       device.suspension_id, act.suspended_at, device.commissioned_on, device.device_model_id, model.firmware_version,
       device.party_id, device.network_party_id, hub.import_party_id, hub.gas_party_id,
       asked.target_id <> device.device_id AS is_behind_gpf
  FROM (
        SELECT target_id, target_id AS device_id, NULL::macaddr8 AS hub_device_id
          FROM unnest(%(target_ids)s::macaddr8[]) AS target (target_id)
         UNION ALL
        SELECT known.gpf_device_id, gas.device_id, gas.hub_device_id
          FROM communications_hub AS known
          JOIN device AS gas
            ON gas.hub_device_id = known.device_id
           AND gas.device_type = 'GSME'
         WHERE known.gpf_device_id = ANY(%(target_ids)s)
       ) AS asked
  JOIN device ON device.device_id = asked.device_id
  JOIN device_model AS model USING (device_model_id)
  JOIN communications_hub AS hub ON hub.device_id = device.hub_device_id
  LEFT JOIN suspension AS act ON act.suspension_id = device.suspension_id
 ORDER BY device.device_id
   FOR UPDATE OF device

-- add_answered_models --
-- Add the Device Models that differ from known ones in the firmware version of an answer, where there is none yet.
INSERT INTO device_model (device_type, manufacturer, model, hardware_version, firmware_version)
SELECT DISTINCT was.device_type, was.manufacturer, was.model, was.hardware_version, answered.firmware_version
  FROM unnest(%(device_model_ids)s::integer[], %(firmware_versions)s::text[])
       AS answered (device_model_id, firmware_version)
  JOIN device_model AS was USING (device_model_id)
    ON CONFLICT DO NOTHING

-- list_answered_models --
-- The Device Models that Devices of known ones have become by the firmware version of an answer, with their CPL status.
SELECT was.device_model_id AS from_model_id, become.firmware_version, become.device_model_id,
       coalesce(entry.status = 'ACTIVE', FALSE) AS is_active
  FROM unnest(%(device_model_ids)s::integer[], %(firmware_versions)s::text[])
       AS answered (device_model_id, firmware_version)
  JOIN device_model AS was USING (device_model_id)
  JOIN device_model AS become
    ON become.device_type = was.device_type
   AND become.manufacturer = was.manufacturer
   AND become.model = was.model
   AND become.hardware_version = was.hardware_version
   AND become.firmware_version = answered.firmware_version
  LEFT JOIN cpl_entry AS entry ON entry.device_model_id = become.device_model_id

-- settle_devices --
-- Bring Devices that are locked to what their answers have shown.
UPDATE device
   SET device_model_id = shown.device_model_id,
       smi_status = shown.smi_status,
       status_before = nullif(shown.status_before, ''),
       suspension_id = nullif(shown.suspension_id, 0)
  FROM unnest(
           %(device_ids)s::macaddr8[], %(device_model_ids)s::integer[], %(statuses)s::text[],
           %(statuses_before)s::text[], %(suspension_ids)s::integer[]
       ) AS shown (device_id, device_model_id, smi_status, status_before, suspension_id)
 WHERE device.device_id = shown.device_id

-- raise_device_alerts --
-- Raise alerts about single Devices, at each User ID that the addressees hold in their User Roles (Q5).
INSERT INTO dcc_alert (code, device_id, user_id, party_id, firmware_version, smi_firmware_version, raised_at, is_owed)
SELECT DISTINCT told.code, told.device_id, users.user_id, users.party_id, nullif(told.firmware_version, ''),
       nullif(told.smi_firmware_version, ''), %(at)s::timestamptz, receiver.user_id IS NOT NULL
  FROM unnest(
           %(codes)s::text[], %(device_ids)s::macaddr8[], %(party_ids)s::integer[], %(roles)s::text[],
           %(firmware_versions)s::text[], %(smi_firmware_versions)s::text[]
       ) AS told (code, device_id, party_id, role, firmware_version, smi_firmware_version)
  JOIN party_user AS users
    ON users.party_id = told.party_id
   AND users.role = told.role
  LEFT JOIN user_receiver AS receiver ON receiver.user_id = users.user_id
 ORDER BY told.code, told.device_id, users.user_id

-- restore_single_hubs --
-- Give hubs that came to run firmware of the CPL back what they held, with N29 about each and the roll-up following.
WITH turned AS (
    UPDATE communications_hub AS hub
       SET smi_status = coalesce(
               hub.status_before,
               CASE WHEN hub.commissioned_on IS NULL THEN 'INSTALLED_NOT_COMMISSIONED' ELSE 'COMMISSIONED' END
           ),
           status_before = NULL,
           suspension_id = NULL
      FROM (
            SELECT suspension_id, suspended_at
              FROM suspension
             UNION ALL
            SELECT 0, NULL
           ) AS act
     WHERE hub.device_id = ANY(%(device_ids)s)
       AND hub.smi_status = 'SUSPENDED'
       AND act.suspension_id = coalesce(hub.suspension_id, 0)
       AND EXISTS (
           SELECT FROM cpl_entry AS entry
            WHERE entry.device_model_id = hub.device_model_id
              AND entry.status = 'ACTIVE'
           )
 RETURNING hub.device_id, hub.device_model_id, hub.region_id, hub.import_party_id, hub.gas_party_id, hub.smi_status,
           act.suspension_id, act.suspended_at
),
closed AS (
    INSERT INTO suspension_episode (
        device_id, ended_at, suspended_at, suspension_id, status_before, state, ended_because
    )
    SELECT device_id, %(at)s, suspended_at, nullif(suspension_id, 0), smi_status, 'RESTORED', %(ended_because)s
      FROM turned
),
raised AS (
    INSERT INTO dcc_alert (code, device_id, user_id, party_id, raised_at, is_owed)
    SELECT DISTINCT %(code)s, turned.device_id, users.user_id, users.party_id, %(at)s::timestamptz,
           receiver.user_id IS NOT NULL
      FROM turned
     CROSS JOIN LATERAL (VALUES (turned.import_party_id, 'IS'), (turned.gas_party_id, 'GS')) AS told (party_id, role)
      JOIN party_user AS users USING (party_id, role)
      LEFT JOIN user_receiver AS receiver ON receiver.user_id = users.user_id
)
SELECT device_model_id, region_id, coalesce(import_party_id, 0) AS import_party_id,
       coalesce(gas_party_id, 0) AS gas_party_id, smi_status, count(*)::integer AS hub_count
  FROM turned
 GROUP BY device_model_id, region_id, coalesce(import_party_id, 0), coalesce(gas_party_id, 0), smi_status

-- end_by_leaving_service --
-- The suspension of a Device that leaves service is over, and nobody is told that it is back, for it is not.
INSERT INTO suspension_episode (
    device_id, suspension_id, suspended_at, ended_at, status_before, state, ended_because
)
SELECT held.device_id, held.suspension_id, act.suspended_at, %(at)s, coalesce(held.status_before, 'COMMISSIONED'),
       %(state)s, %(because)s
  FROM (
        SELECT device_id, suspension_id, status_before, smi_status
          FROM communications_hub
         UNION ALL
        SELECT device_id, suspension_id, status_before, smi_status
          FROM device
       ) AS held
  LEFT JOIN suspension AS act
    ON act.suspension_id = held.suspension_id
 WHERE held.device_id = %(device_id)s
   AND held.smi_status = 'SUSPENDED'

-- restore_portfolio --
-- The roll-up follows hubs that were restored, in key order: they leave the cells of Suspended hubs for others.
-- Whether they are in use does not change by it.
INSERT INTO portfolio_count (
    device_model_id, region_id, import_party_id, gas_party_id, smi_status, is_in_use, hub_count
)
SELECT back.device_model_id, back.region_id, back.import_party_id, back.gas_party_id, turn.smi_status,
       back.smi_status = 'COMMISSIONED' AS is_in_use, sum(turn.sign * back.hub_count)::integer
  FROM unnest(
           %(device_model_ids)s::integer[], %(region_ids)s::integer[], %(import_party_ids)s::integer[],
           %(gas_party_ids)s::integer[], %(statuses)s::text[], %(hub_counts)s::integer[]
       ) AS back (device_model_id, region_id, import_party_id, gas_party_id, smi_status, hub_count)
 CROSS JOIN LATERAL (VALUES (back.smi_status, 1), ('SUSPENDED', -1)) AS turn (smi_status, sign)
 GROUP BY back.device_model_id, back.region_id, back.import_party_id, back.gas_party_id, turn.smi_status, is_in_use
 ORDER BY back.device_model_id, back.region_id, back.import_party_id, back.gas_party_id, turn.smi_status, is_in_use
    ON CONFLICT (device_model_id, region_id, import_party_id, gas_party_id, smi_status, is_in_use) DO UPDATE
   SET hub_count = portfolio_count.hub_count + excluded.hub_count

-- list_home_suspensions --
-- The Suspended Devices of a home, the hub first, each with why and since when.
SELECT held.device_id, held.status_before, held.commissioned_on, act.cause, act.suspended_at, model.device_type,
       model.manufacturer, model.model, model.hardware_version, model.firmware_version
  FROM (
        SELECT 0 AS place, device_id, smi_status, status_before, suspension_id, device_model_id, commissioned_on
          FROM communications_hub
         WHERE device_id = %(hub_device_id)s
         UNION ALL
        SELECT 1, device_id, smi_status, status_before, suspension_id, device_model_id, commissioned_on
          FROM device
         WHERE hub_device_id = %(hub_device_id)s
       ) AS held
  LEFT JOIN suspension AS act USING (suspension_id)
  JOIN device_model AS model ON model.device_model_id = coalesce(act.device_model_id, held.device_model_id)
 WHERE held.smi_status = 'SUSPENDED'
 ORDER BY held.place, model.device_type, held.device_id

-- list_suspension_history --
-- The episodes of a Device, the one that is open among them, newest first.
SELECT coalesce(episode.suspended_at, act.suspended_at) AS suspended_at, episode.ended_at, episode.state,
       episode.status_before, episode.ended_because, act.cause
  FROM (
        SELECT suspended_at, ended_at, state, status_before, ended_because, suspension_id
          FROM suspension_episode
         WHERE device_id = %(device_id)s
         UNION ALL
        SELECT NULL, NULL, 'SUSPENDED', status_before, NULL, suspension_id
          FROM communications_hub
         WHERE device_id = %(device_id)s
           AND smi_status = 'SUSPENDED'
         UNION ALL
        SELECT NULL, NULL, 'SUSPENDED', status_before, NULL, suspension_id
          FROM device
         WHERE device_id = %(device_id)s
           AND smi_status = 'SUSPENDED'
       ) AS episode
  LEFT JOIN suspension AS act USING (suspension_id)
 ORDER BY episode.ended_at DESC NULLS FIRST

-- list_alerts_about --
-- N28 and N29 about a Device: single ones, and those that stand in a chunk with many more.
WITH episode AS (
    SELECT suspension_id
      FROM suspension_episode
     WHERE device_id = %(device_id)s
     UNION
    SELECT suspension_id
      FROM communications_hub
     WHERE device_id = %(device_id)s
     UNION
    SELECT suspension_id
      FROM device
     WHERE device_id = %(device_id)s
)
SELECT alert.raised_at, alert.code, alert.user_id, alert.party_id
  FROM dcc_alert AS alert
 WHERE alert.device_id = %(device_id)s
   AND alert.code IN ('N28', 'N29')
 UNION ALL
SELECT chunk.raised_at, chunk.code, chunk.user_id, chunk.party_id
  FROM episode
  LEFT JOIN suspension AS act USING (suspension_id)
  JOIN alert_chunk AS chunk
    ON chunk.suspension_id = coalesce(episode.suspension_id, 0)
   AND chunk.bucket = (hashmacaddr8(%(device_id)s::macaddr8) & 2147483647) %% coalesce(act.bucket_count, %(buckets)s::integer)
 WHERE %(device_id)s = ANY(chunk.device_ids)
 ORDER BY raised_at, code, user_id
