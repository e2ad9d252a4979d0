-- create_registration_stage --
-- The registrations of a file, as they stand in it.
CREATE TEMP TABLE registration_stage (
    line integer,
    mpxn text,
    role text,
    party_id smallint,
    starts_at timestamptz
) ON COMMIT DROP

-- copy_registration_stage --
-- Stage registrations of a file.
COPY registration_stage (line, mpxn, role, party_id, starts_at) FROM STDIN

-- analyze_registration_stage --
-- Let the planner know what was staged.
ANALYZE registration_stage

-- lock_registrations --
-- Let one at a time state registrations, or carry them out.
SELECT pg_advisory_xact_lock(hashtext('safelaunch.registrations'))

-- list_known_registrations --
-- What is known of the supply point of each staged registration, at its instant.
SELECT stage.line,
       meter.mpxn IS NOT NULL AS is_point,
       settled.starts_at AS settled_from,
       stated.mpxn IS NOT NULL AS is_stated,
       stated.party_id AS stated_party_id,
       earlier.starts_at AS held_since,
       CASE WHEN earlier.starts_at IS NULL THEN meter.party_id ELSE earlier.party_id END AS held_by
  FROM registration_stage AS stage
  LEFT JOIN LATERAL (
       SELECT device.mpxn, device.party_id
         FROM device
        WHERE device.mpxn = stage.mpxn
          AND device.device_type = CASE stage.role WHEN 'IS' THEN 'ESME' ELSE 'GSME' END
        ORDER BY coalesce(device.status_before, device.smi_status) <> 'COMMISSIONED', device.device_id
        LIMIT 1
       ) AS meter ON TRUE
  LEFT JOIN LATERAL (
       SELECT max(known.starts_at) AS starts_at
         FROM registration AS known
        WHERE known.mpxn = stage.mpxn
          AND known.role = stage.role
          AND known.took_effect_at IS NOT NULL
       ) AS settled ON TRUE
  LEFT JOIN registration AS stated
    ON stated.mpxn = stage.mpxn
   AND stated.role = stage.role
   AND stated.starts_at = stage.starts_at
  LEFT JOIN LATERAL (
       SELECT known.starts_at, known.party_id
         FROM registration AS known
        WHERE known.mpxn = stage.mpxn
          AND known.role = stage.role
          AND known.starts_at < stage.starts_at
        ORDER BY known.starts_at DESC
        LIMIT 1
       ) AS earlier ON TRUE

-- count_consequences --
-- What staged registrations touch as things stand: hubs, those of them on their way to new firmware, and waiting commands.
WITH hub AS (
    SELECT DISTINCT device.hub_device_id
      FROM registration_stage AS stage
      JOIN device
        ON device.mpxn = stage.mpxn
       AND device.device_type = CASE stage.role WHEN 'IS' THEN 'ESME' ELSE 'GSME' END
     WHERE stage.line = ANY(%(lines)s)
)
SELECT (SELECT count(*) FROM hub)::integer AS hubs,
       (
        SELECT count(*)
          FROM hub
          JOIN hub_upgrade AS upgrade
            ON upgrade.device_id = hub.hub_device_id
           AND upgrade.campaign_id IN (SELECT campaign_id FROM campaign)
         WHERE upgrade.state = ANY(%(under_way)s)
       )::integer AS hubs_under_way,
       (
        SELECT count(*)
          FROM hub
          JOIN device ON device.hub_device_id = hub.hub_device_id
          JOIN device_command AS command
            ON command.device_id = device.device_id
           AND command.state IN ('WAITING', 'PROMISED')
           AND command.read_back_of_id IS NULL
       )::integer AS open_commands

-- keep_registrations --
-- Keep staged registrations, and of supply points that had none the Supplier of their meter until now.
WITH kept AS (
    SELECT mpxn, role, party_id, starts_at
      FROM registration_stage
     WHERE line = ANY(%(lines)s)
),
baseline AS (
    INSERT INTO registration (mpxn, role, starts_at, party_id, known_at, took_effect_at)
    SELECT DISTINCT ON (kept.mpxn, kept.role)
           kept.mpxn, kept.role, %(since_ever)s::timestamptz, device.party_id, %(at)s::timestamptz, %(at)s::timestamptz
      FROM kept
      JOIN device
        ON device.mpxn = kept.mpxn
       AND device.device_type = CASE kept.role WHEN 'IS' THEN 'ESME' ELSE 'GSME' END
     WHERE NOT EXISTS (SELECT FROM registration AS known WHERE known.mpxn = kept.mpxn AND known.role = kept.role)
     ORDER BY kept.mpxn, kept.role, coalesce(device.status_before, device.smi_status) <> 'COMMISSIONED',
              device.device_id
)
INSERT INTO registration (mpxn, role, starts_at, party_id, known_at)
SELECT mpxn, role, starts_at, party_id, %(at)s
  FROM kept
    ON CONFLICT (mpxn, role, starts_at) DO UPDATE
   SET party_id = excluded.party_id,
       known_at = excluded.known_at
 WHERE registration.took_effect_at IS NULL

-- note_smi_registrations --
-- Meters that a file of the inventory gives to another Supplier change hands now; before that their last one is kept.
WITH moved AS (
    SELECT DISTINCT ON (device.mpxn, role.code)
           device.mpxn, role.code AS role, device.party_id AS losing, stated.party_id AS gaining
      FROM smi_device AS stated
      JOIN device ON device.device_id = stated.device_id
      JOIN (VALUES ('ESME', 'IS'), ('GSME', 'GS')) AS role (device_type, code)
        ON role.device_type = device.device_type
     WHERE device.mpxn = stated.mpxn
       AND device.party_id IS DISTINCT FROM stated.party_id
     ORDER BY device.mpxn, role.code, device.device_id
),
baseline AS (
    INSERT INTO registration (mpxn, role, starts_at, party_id, known_at, took_effect_at)
    SELECT moved.mpxn, moved.role, %(since_ever)s::timestamptz, moved.losing, %(at)s::timestamptz, %(at)s::timestamptz
      FROM moved
     WHERE NOT EXISTS (SELECT FROM registration AS known WHERE known.mpxn = moved.mpxn AND known.role = moved.role)
)
INSERT INTO registration (mpxn, role, starts_at, party_id, known_at)
SELECT mpxn, role, %(at)s, gaining, %(at)s
  FROM moved
    ON CONFLICT (mpxn, role, starts_at) DO UPDATE
   SET party_id = excluded.party_id,
       took_effect_at = NULL

-- next_registration_due --
-- When the next registration that is to come begins.
SELECT min(starts_at) AS due_at
  FROM registration
 WHERE took_effect_at IS NULL

-- take_due_registrations --
-- Registrations whose instant has come, the first of each supply point and role, and whom each takes it from; they take effect.
-- What begins earlier comes earlier, so the first of each is among them.
WITH come AS MATERIALIZED (
    SELECT mpxn, role, starts_at, party_id
      FROM registration
     WHERE took_effect_at IS NULL
       AND starts_at <= %(at)s
     ORDER BY starts_at, mpxn, role
     LIMIT %(limit)s
),
due AS MATERIALIZED (
    SELECT DISTINCT ON (mpxn, role) mpxn, role, starts_at, party_id
      FROM come
     ORDER BY mpxn, role, starts_at
),
taken AS (
    UPDATE registration
       SET took_effect_at = %(at)s
      FROM due
     WHERE registration.mpxn = due.mpxn
       AND registration.role = due.role
       AND registration.starts_at = due.starts_at
)
SELECT due.mpxn, due.role, due.starts_at, due.party_id AS gaining, earlier.party_id AS losing
  FROM due
  LEFT JOIN LATERAL (
       SELECT known.party_id
         FROM registration AS known
        WHERE known.mpxn = due.mpxn
          AND known.role = due.role
          AND known.starts_at < due.starts_at
        ORDER BY known.starts_at DESC
        LIMIT 1
       ) AS earlier ON TRUE
 ORDER BY due.starts_at, due.mpxn, due.role

-- hand_over_devices --
-- Meters take the Suppliers that are responsible for them now, and so do the Devices of a home that had their meter's Supplier.
WITH changed AS (
    SELECT mpxn, role, nullif(losing, 0) AS losing, nullif(gaining, 0) AS gaining
      FROM unnest(%(mpxns)s::text[], %(roles)s::text[], %(losing)s::integer[], %(gaining)s::integer[])
           AS given (mpxn, role, losing, gaining)
),
meter AS MATERIALIZED (
    SELECT device.hub_device_id, device.device_id, changed.role, changed.losing, changed.gaining
      FROM changed
      JOIN device
        ON device.mpxn = changed.mpxn
       AND device.device_type = CASE changed.role WHEN 'IS' THEN 'ESME' ELSE 'GSME' END
),
follower AS (
    SELECT DISTINCT ON (device.device_id) device.hub_device_id, device.device_id, meter.gaining
      FROM meter
      JOIN device
        ON device.hub_device_id = meter.hub_device_id
       AND device.device_type NOT IN ('ESME', 'GSME')
       AND device.party_id = meter.losing
     WHERE meter.role = 'IS'
        OR NOT EXISTS (
           SELECT FROM device AS esme
            WHERE esme.hub_device_id = meter.hub_device_id
              AND esme.device_type = 'ESME'
              AND esme.party_id = meter.losing
           )
     ORDER BY device.device_id, meter.role DESC, meter.gaining
),
concerned AS (
    SELECT hub_device_id, device_id, gaining
      FROM meter
     UNION ALL
    SELECT hub_device_id, device_id, gaining
      FROM follower
),
locked AS MATERIALIZED (
    SELECT device.hub_device_id, device.device_id, concerned.gaining
      FROM concerned
      JOIN device
        ON device.hub_device_id = concerned.hub_device_id
       AND device.device_id = concerned.device_id
       AND device.party_id IS DISTINCT FROM concerned.gaining
     ORDER BY device.device_id
       FOR UPDATE OF device
),
updated AS (
    UPDATE device
       SET party_id = locked.gaining
      FROM locked
     WHERE device.hub_device_id = locked.hub_device_id
       AND device.device_id = locked.device_id
)
SELECT hub_device_id, role, losing, gaining
  FROM meter
 ORDER BY hub_device_id, role, device_id

-- list_hub_pairs --
-- Who is responsible for hubs now: the Suppliers of their meters, commissioned ones first (domain.md 2.3).
WITH meter AS (
    SELECT hub_device_id,
           bool_or(device_type = 'ESME') AS has_esme,
           bool_or(device_type = 'GSME') AS has_gsme,
           (array_agg(party_id ORDER BY coalesce(status_before, smi_status) <> 'COMMISSIONED', device_id)
            FILTER (WHERE device_type = 'ESME'))[1] AS import_party_id,
           (array_agg(party_id ORDER BY coalesce(status_before, smi_status) <> 'COMMISSIONED', device_id)
            FILTER (WHERE device_type = 'GSME'))[1] AS gas_party_id
      FROM device
     WHERE hub_device_id = ANY(%(hub_device_ids)s)
       AND device_type IN ('ESME', 'GSME')
     GROUP BY hub_device_id
)
SELECT hub.device_id,
       CASE WHEN meter.has_esme THEN meter.import_party_id ELSE hub.import_party_id END AS import_party_id,
       CASE WHEN meter.has_gsme THEN meter.gas_party_id ELSE hub.gas_party_id END AS gas_party_id
  FROM communications_hub AS hub
  JOIN meter ON meter.hub_device_id = hub.device_id
 WHERE hub.device_id = ANY(%(hub_device_ids)s)
 ORDER BY hub.device_id

-- lock_open_campaigns --
-- Keep campaigns from planning hubs while these change hands; what is sent and reported goes on.
SELECT campaign_id, reference, deploy_by
  FROM campaign
 WHERE phase = ANY(%(phases)s)
 ORDER BY campaign_id
   FOR NO KEY UPDATE

-- lock_hub_upgrades --
-- The upgrades of hubs, in the order in which reports lock them.
SELECT count(*) AS upgrade_count
  FROM (
        SELECT
          FROM hub_upgrade
         WHERE campaign_id IN (SELECT campaign_id FROM campaign)
           AND device_id = ANY(%(hub_device_ids)s)
         ORDER BY campaign_id, device_id
           FOR UPDATE
       ) AS locked

-- hand_over_upgrades --
-- Upgrades follow their hubs to other Suppliers, and the roll-up by pairs of Suppliers with them, in key order.
WITH given AS (
    SELECT *
      FROM unnest(%(hub_device_ids)s::macaddr8[], %(import_party_ids)s::integer[], %(gas_party_ids)s::integer[])
           AS given (device_id, import_party_id, gas_party_id)
),
was AS MATERIALIZED (
    SELECT upgrade.campaign_id, upgrade.device_id, upgrade.import_party_id, upgrade.gas_party_id, upgrade.region_id,
           upgrade.state, given.import_party_id AS new_import_party_id, given.gas_party_id AS new_gas_party_id
      FROM given
      JOIN hub_upgrade AS upgrade
        ON upgrade.device_id = given.device_id
       AND upgrade.campaign_id IN (SELECT campaign_id FROM campaign)
     WHERE (upgrade.import_party_id, upgrade.gas_party_id) <> (given.import_party_id, given.gas_party_id)
),
moved AS (
    UPDATE hub_upgrade AS upgrade
       SET import_party_id = was.new_import_party_id,
           gas_party_id = was.new_gas_party_id
      FROM was
     WHERE upgrade.campaign_id = was.campaign_id
       AND upgrade.device_id = was.device_id
),
change AS (
    SELECT campaign_id, import_party_id, gas_party_id, region_id, state, -1 AS hub_count
      FROM was
     UNION ALL
    SELECT campaign_id, new_import_party_id, new_gas_party_id, region_id, state, 1
      FROM was
)
INSERT INTO supplier_count (campaign_id, import_party_id, gas_party_id, region_id, state, hub_count)
SELECT campaign_id, import_party_id, gas_party_id, region_id, state, sum(hub_count)::integer
  FROM change
 GROUP BY campaign_id, import_party_id, gas_party_id, region_id, state
HAVING sum(hub_count) <> 0
 ORDER BY campaign_id, import_party_id, gas_party_id, region_id, state
    ON CONFLICT (campaign_id, import_party_id, gas_party_id, region_id, state) DO UPDATE
   SET hub_count = supplier_count.hub_count + excluded.hub_count

-- keep_former_suppliers --
-- Who was responsible until now for hubs whose upgrades are under way: what these did before is told to them (Q4).
INSERT INTO former_supplier (device_id, role, until, party_id)
SELECT DISTINCT ON (meter.hub_device_id, given.role, given.until)
       meter.hub_device_id, given.role, given.until, nullif(given.losing, 0)
  FROM unnest(%(mpxns)s::text[], %(roles)s::text[], %(untils)s::timestamptz[], %(losing)s::integer[])
       AS given (mpxn, role, until, losing)
  JOIN device AS meter
    ON meter.mpxn = given.mpxn
   AND meter.device_type = CASE given.role WHEN 'IS' THEN 'ESME' ELSE 'GSME' END
 WHERE EXISTS (
       SELECT FROM hub_upgrade AS upgrade
        WHERE upgrade.campaign_id IN (SELECT campaign_id FROM campaign)
          AND upgrade.device_id = meter.hub_device_id
          AND upgrade.state = ANY(%(under_way)s)
       )
 ORDER BY meter.hub_device_id, given.role, given.until,
          coalesce(meter.status_before, meter.smi_status) <> 'COMMISSIONED', meter.device_id
    ON CONFLICT DO NOTHING

-- hand_over_hubs --
-- Hubs take their Responsible Suppliers, and the portfolio roll-up follows, in key order.
WITH was AS MATERIALIZED (
    SELECT hub.device_id, hub.device_model_id, hub.region_id, hub.smi_status, hub.is_in_use,
           coalesce(hub.import_party_id, 0) AS import_party_id, coalesce(hub.gas_party_id, 0) AS gas_party_id,
           given.import_party_id AS new_import_party_id, given.gas_party_id AS new_gas_party_id
      FROM unnest(%(hub_device_ids)s::macaddr8[], %(import_party_ids)s::integer[], %(gas_party_ids)s::integer[])
           AS given (device_id, import_party_id, gas_party_id)
      JOIN communications_hub AS hub ON hub.device_id = given.device_id
     WHERE (coalesce(hub.import_party_id, 0), coalesce(hub.gas_party_id, 0))
           <> (given.import_party_id, given.gas_party_id)
     ORDER BY hub.device_id
       FOR UPDATE OF hub
),
moved AS (
    UPDATE communications_hub AS hub
       SET import_party_id = nullif(was.new_import_party_id, 0),
           gas_party_id = nullif(was.new_gas_party_id, 0)
      FROM was
     WHERE hub.device_id = was.device_id
),
change AS (
    SELECT device_model_id, region_id, import_party_id, gas_party_id, smi_status, is_in_use, -1 AS hub_count
      FROM was
     UNION ALL
    SELECT device_model_id, region_id, new_import_party_id, new_gas_party_id, smi_status, is_in_use, 1
      FROM was
)
INSERT INTO portfolio_count (
    device_model_id, region_id, import_party_id, gas_party_id, smi_status, is_in_use, hub_count
)
SELECT device_model_id, region_id, import_party_id, gas_party_id, smi_status, is_in_use, sum(hub_count)::integer
  FROM change
 GROUP BY device_model_id, region_id, import_party_id, gas_party_id, smi_status, is_in_use
HAVING sum(hub_count) <> 0
 ORDER BY device_model_id, region_id, import_party_id, gas_party_id, smi_status, is_in_use
    ON CONFLICT (device_model_id, region_id, import_party_id, gas_party_id, smi_status, is_in_use) DO UPDATE
   SET hub_count = portfolio_count.hub_count + excluded.hub_count

-- shift_supplier_notices --
-- Parties that came to hubs of open campaigns have notice of them, and those that left them have fewer.
WITH net AS (
    SELECT campaign.campaign_id, shift.party_id, sum(shift.change)::integer AS change
      FROM unnest(%(hub_device_ids)s::macaddr8[], %(party_ids)s::integer[], %(changes)s::integer[])
           AS shift (device_id, party_id, change)
      JOIN communications_hub AS hub ON hub.device_id = shift.device_id
      JOIN campaign ON campaign.campaign_id = ANY(%(campaign_ids)s)
     WHERE EXISTS (
               SELECT FROM hub_upgrade AS upgrade
                WHERE upgrade.campaign_id = campaign.campaign_id
                  AND upgrade.device_id = hub.device_id
               )
        OR hub.is_in_use AND EXISTS (
               SELECT FROM campaign_target AS target
                WHERE target.campaign_id = campaign.campaign_id
                  AND target.from_model_id = hub.device_model_id
               )
     GROUP BY campaign.campaign_id, shift.party_id
),
fewer AS (
    UPDATE supplier_notice AS notice
       SET hub_count = greatest(0, notice.hub_count + net.change)
      FROM net
     WHERE notice.campaign_id = net.campaign_id
       AND notice.party_id = net.party_id
       AND net.change < 0
),
more AS (
    INSERT INTO supplier_notice (campaign_id, party_id, hub_count, sent_at)
    SELECT campaign_id, party_id, change, %(at)s
      FROM net
     WHERE change > 0
     ORDER BY campaign_id, party_id
        ON CONFLICT (campaign_id, party_id) DO UPDATE
       SET hub_count = supplier_notice.hub_count + excluded.hub_count
)
SELECT net.campaign_id, party.name AS party, net.change AS hub_count
  FROM net
  JOIN party USING (party_id)
 WHERE net.change > 0
 ORDER BY net.campaign_id, party.name

-- lapse_nominations --
-- Nominations of Suppliers that have lost the hub lapse; each is remembered, for its Supplier is told of the activation (Q4).
WITH lapsed AS (
    DELETE FROM campaign_nomination AS nomination
     USING unnest(%(hub_device_ids)s::macaddr8[], %(party_ids)s::integer[], %(roles)s::text[])
           AS lost (device_id, party_id, role)
     WHERE nomination.campaign_id IN (SELECT campaign_id FROM campaign)
       AND nomination.party_id = lost.party_id
       AND nomination.device_id = lost.device_id
 RETURNING nomination.campaign_id, nomination.device_id, nomination.party_id, lost.role
)
INSERT INTO lapsed_nomination (campaign_id, device_id, party_id, role, lapsed_at)
SELECT campaign_id, device_id, party_id, role, %(at)s
  FROM lapsed
    ON CONFLICT DO NOTHING

-- lock_open_commands --
-- Commands to Devices of some homes that Users of some Parties asked for and that are still to be done, a row a User Role.
WITH home AS (
    SELECT device_id AS hub_device_id, device_id, 'CHF' AS device_type
      FROM communications_hub
     WHERE device_id = ANY(%(hub_device_ids)s)
     UNION ALL
    SELECT device_id, gpf_device_id, 'GPF'
      FROM communications_hub
     WHERE device_id = ANY(%(hub_device_ids)s)
     UNION ALL
    SELECT hub_device_id, device_id, device_type
      FROM device
     WHERE hub_device_id = ANY(%(hub_device_ids)s)
)
SELECT command.device_command_id AS number, command.service_request_id, home.hub_device_id, home.device_type,
       users.party_id::integer AS party_id, users.role, command.state
  FROM home
  JOIN device_command AS command
    ON command.device_id = home.device_id
   AND command.state IN ('WAITING', 'PROMISED')
   AND command.read_back_of_id IS NULL
  JOIN party_user AS users
    ON users.user_id = command.user_id
   AND users.party_id = ANY(%(party_ids)s)
 ORDER BY command.device_command_id
   FOR UPDATE OF command

-- list_open_plans --
-- What Users of some Parties plan for Devices of some homes and have not taken back, a row a User Role.
SELECT plan.planned_event_id AS number, plan.service_request_id, plan.hub_device_id,
       CASE WHEN plan.device_id = hub.device_id THEN 'CHF'
            WHEN plan.device_id = hub.gpf_device_id THEN 'GPF'
            ELSE device.device_type
       END AS device_type,
       users.party_id::integer AS party_id, users.role, 'PLANNED' AS state
  FROM planned_event AS plan
  JOIN communications_hub AS hub ON hub.device_id = plan.hub_device_id
  LEFT JOIN device
    ON device.hub_device_id = plan.hub_device_id
   AND device.device_id = plan.device_id
  JOIN party_user AS users
    ON users.user_id = plan.user_id
   AND users.party_id = ANY(%(party_ids)s)
 WHERE plan.hub_device_id = ANY(%(hub_device_ids)s)
   AND plan.cancelled_at IS NULL
   AND (plan.planned_until IS NULL OR plan.planned_until > %(at)s)
 ORDER BY plan.planned_event_id

-- lapse_plans --
-- What was planned for homes that their Users have lost is planned no more.
UPDATE planned_event
   SET cancelled_at = %(at)s
 WHERE planned_event_id = ANY(%(planned_event_ids)s)
   AND cancelled_at IS NULL

-- list_home_registrations --
-- The registrations of every meter behind a hub; where none is kept, the Supplier that the inventory has.
WITH meter AS (
    SELECT coalesce(device.mpxn, device.device_id::text) AS mpxn, role.code AS role, device.party_id
      FROM device
      JOIN (VALUES ('ESME', 'IS'), ('GSME', 'GS')) AS role (device_type, code)
        ON role.device_type = device.device_type
     WHERE device.hub_device_id = %(hub_device_id)s
     UNION ALL
    SELECT 'hub', role.code, role.party_id
      FROM communications_hub AS hub
     CROSS JOIN LATERAL (
           VALUES ('ESME', 'IS', hub.import_party_id), ('GSME', 'GS', hub.gas_party_id)
           ) AS role (device_type, code, party_id)
     WHERE hub.device_id = %(hub_device_id)s
       AND NOT EXISTS (
           SELECT FROM device
            WHERE device.hub_device_id = hub.device_id
              AND device.device_type = role.device_type
           )
),
known AS (
    SELECT mpxn, role, party_id, starts_at,
           lead(starts_at) OVER (PARTITION BY mpxn, role ORDER BY starts_at) AS ends_at
      FROM registration
     WHERE (mpxn, role) IN (SELECT mpxn, role FROM meter)
)
SELECT mpxn, role, party_id, starts_at, ends_at
  FROM known
 UNION ALL
SELECT DISTINCT meter.mpxn, meter.role, meter.party_id, %(since_ever)s::timestamptz, NULL::timestamptz
  FROM meter
 WHERE NOT EXISTS (SELECT FROM known WHERE (known.mpxn, known.role) = (meter.mpxn, meter.role))
 ORDER BY mpxn, role, starts_at

-- list_registrations_of --
-- The registrations of a supply point with their Parties' names, oldest first; where none is kept, what the inventory has.
-- A Party that has none of them learns nothing, and the names of others are not for it.
WITH meter AS (
    SELECT DISTINCT CASE device_type WHEN 'ESME' THEN 'IS' ELSE 'GS' END AS role, party_id
      FROM device
     WHERE mpxn = %(mpxn)s
       AND device_type IN ('ESME', 'GSME')
),
known AS (
    SELECT role, party_id, starts_at, lead(starts_at) OVER (PARTITION BY role ORDER BY starts_at) AS ends_at,
           known_at, took_effect_at
      FROM registration
     WHERE mpxn = %(mpxn)s
),
listed AS (
    SELECT role, party_id, starts_at, ends_at, known_at, took_effect_at
      FROM known
     UNION ALL
    SELECT meter.role, meter.party_id, %(since_ever)s::timestamptz, NULL, NULL, %(since_ever)s::timestamptz
      FROM meter
     WHERE NOT EXISTS (SELECT FROM known WHERE known.role = meter.role)
)
SELECT listed.role,
       CASE WHEN %(party_id)s::integer IS NULL OR listed.party_id = %(party_id)s THEN party.name
            WHEN listed.party_id IS NOT NULL THEN %(another)s
       END AS party,
       listed.starts_at, listed.ends_at, listed.known_at, listed.took_effect_at
  FROM listed
  LEFT JOIN party USING (party_id)
 WHERE %(party_id)s::integer IS NULL
    OR %(party_id)s IN (SELECT listed.party_id FROM listed)
 ORDER BY listed.role DESC, listed.starts_at
