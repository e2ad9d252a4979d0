-- lock_firmware_journeys --
-- The latest journey of each Device that was not excluded, locked in the order of the Devices.
SELECT target.service_request_id, target.device_id, target.hub_device_id, target.device_type, target.state,
       target.reason, target.attempt, target.due_at, request.firmware_version, request.user_id,
       image.manufacturer_image_hash
  FROM unnest(%(device_ids)s::macaddr8[]) AS named (device_id)
 CROSS JOIN LATERAL (
       SELECT service_request_id
         FROM firmware_target
        WHERE device_id = named.device_id
          AND state NOT IN ('EXCLUDED', 'CANCELLED')
        ORDER BY service_request_id DESC
        LIMIT 1
       ) AS latest
  JOIN firmware_target AS target
    ON target.service_request_id = latest.service_request_id
   AND target.device_id = named.device_id
  JOIN firmware_request AS request ON request.service_request_id = latest.service_request_id
  JOIN firmware_image AS image ON image.digest = request.image_id
 ORDER BY target.device_id
   FOR UPDATE OF target

-- lock_firmware_at --
-- The journeys under way to a Device, or to any Device behind a hub, locked in the order of the Devices.
SELECT target.service_request_id, target.device_id, target.hub_device_id, target.device_type, target.state,
       target.reason, target.attempt, target.due_at, request.firmware_version, request.user_id,
       image.manufacturer_image_hash
  FROM firmware_target AS target
  JOIN firmware_request AS request USING (service_request_id)
  JOIN firmware_image AS image ON image.digest = request.image_id
 WHERE target.is_open
   AND target.device_id IN (
           SELECT device_id
             FROM device
            WHERE hub_device_id = %(device_id)s
            UNION ALL
           SELECT %(device_id)s::macaddr8
       )
 ORDER BY target.device_id
   FOR UPDATE OF target

-- move_firmware_behind --
-- Journeys under way go on behind the hub that their Devices are behind now.
UPDATE firmware_target AS target
   SET hub_device_id = hub.device_id,
       region_id = hub.region_id
  FROM communications_hub AS hub
 WHERE hub.device_id = %(hub_device_id)s
   AND target.is_open
   AND target.device_id = ANY(%(device_ids)s)

-- lock_due_firmware --
-- Journeys whose clocks have run out, the longest overdue first, locked.
SELECT target.service_request_id, target.device_id, target.hub_device_id, target.device_type, target.state,
       target.reason, target.attempt, target.due_at, request.firmware_version, request.user_id,
       image.manufacturer_image_hash
  FROM firmware_target AS target
  JOIN firmware_request AS request USING (service_request_id)
  JOIN firmware_image AS image ON image.digest = request.image_id
 WHERE target.due_at <= %(at)s
 ORDER BY target.due_at, target.device_id
 LIMIT %(limit)s
   FOR UPDATE OF target SKIP LOCKED

-- list_known_firmware_numbers --
-- Which reports of a network are in a timeline already.
SELECT number
  FROM firmware_event
 WHERE network = %(network)s
   AND number = ANY(%(numbers)s)

-- move_firmware_journeys --
-- Bring Devices to where their journeys stand now.
UPDATE firmware_target AS target
   SET state = moved.state,
       reason = moved.reason,
       attempt = moved.attempt,
       state_changed_at = moved.changed_at,
       due_at = moved.due_at
  FROM unnest(
       %(service_request_ids)s::bigint[], %(device_ids)s::macaddr8[], %(states)s::text[], %(reasons)s::text[],
       %(attempts)s::integer[], %(times)s::timestamptz[], %(dues)s::timestamptz[]
       ) AS moved (service_request_id, device_id, state, reason, attempt, changed_at, due_at)
 WHERE target.service_request_id = moved.service_request_id
   AND target.device_id = moved.device_id

-- append_firmware_events --
-- What happened on the way, in its order.
INSERT INTO firmware_event (
    service_request_id, device_id, event, state, leg, reason, attempt, happened_at, recorded_at, network, number
)
SELECT happened.service_request_id, happened.device_id, happened.event, happened.state, happened.leg, happened.reason,
       happened.attempt, happened.happened_at, %(at)s, happened.network, happened.number
  FROM unnest(
       %(service_request_ids)s::bigint[], %(device_ids)s::macaddr8[], %(events)s::text[], %(states)s::text[],
       %(legs)s::text[], %(reasons)s::text[], %(attempts)s::integer[], %(times)s::timestamptz[],
       %(networks)s::text[], %(numbers)s::bigint[]
       ) WITH ORDINALITY AS happened (
       service_request_id, device_id, event, state, leg, reason, attempt, happened_at, network, number, place
       )
 ORDER BY happened.place
    ON CONFLICT DO NOTHING

-- raise_firmware_alerts --
-- Raise alerts to those who asked for firmware; those whose User has an address are owed.
WITH raised AS (
    INSERT INTO dcc_alert (
        code, device_id, user_id, party_id, firmware_version, hub_device_id, service_request_id, happened_at, outcome,
        raised_at, is_owed
    )
    SELECT told.code, told.device_id, told.user_id, holder.party_id, told.firmware_version, told.hub_device_id,
           told.service_request_id, told.happened_at, nullif(told.outcome, ''), %(at)s, receiver.user_id IS NOT NULL
      FROM unnest(
           %(codes)s::text[], %(device_ids)s::macaddr8[], %(user_ids)s::macaddr8[], %(firmware_versions)s::text[],
           %(hub_device_ids)s::macaddr8[], %(service_request_ids)s::bigint[], %(times)s::timestamptz[],
           %(outcomes)s::text[]
           ) WITH ORDINALITY AS told (
           code, device_id, user_id, firmware_version, hub_device_id, service_request_id, happened_at, outcome, place
           )
      JOIN (
            SELECT user_id, min(party_id) AS party_id
              FROM party_user
             GROUP BY user_id
           ) AS holder ON holder.user_id = told.user_id
      LEFT JOIN user_receiver AS receiver ON receiver.user_id = told.user_id
     ORDER BY told.place
 RETURNING is_owed
)
SELECT coalesce(bool_or(is_owed), FALSE) AS is_anybody_owed
  FROM raised

-- raise_display_alerts --
-- Raise what displays said of their firmware to both Suppliers of the home, one that is both once.
WITH raised AS (
    INSERT INTO dcc_alert (
        code, device_id, user_id, party_id, firmware_version, hub_device_id, service_request_id, happened_at, outcome,
        raised_at, is_owed
    )
    SELECT DISTINCT ON (told.place, users.user_id) %(code)s, told.device_id, users.user_id, users.party_id,
           told.firmware_version, told.hub_device_id, told.service_request_id, told.happened_at,
           nullif(told.outcome, ''), %(at)s::timestamptz, receiver.user_id IS NOT NULL
      FROM unnest(
           %(device_ids)s::macaddr8[], %(firmware_versions)s::text[], %(hub_device_ids)s::macaddr8[],
           %(service_request_ids)s::bigint[], %(times)s::timestamptz[], %(outcomes)s::text[]
           ) WITH ORDINALITY AS told (
           device_id, firmware_version, hub_device_id, service_request_id, happened_at, outcome, place
           )
      JOIN communications_hub AS hub ON hub.device_id = told.hub_device_id
     CROSS JOIN LATERAL (VALUES (hub.import_party_id, 'IS'), (hub.gas_party_id, 'GS')) AS responsible (party_id, role)
      JOIN party_user AS users
        ON users.party_id = responsible.party_id
       AND users.role = responsible.role
      LEFT JOIN user_receiver AS receiver ON receiver.user_id = users.user_id
     ORDER BY told.place, users.user_id, users.party_id
 RETURNING is_owed
)
SELECT coalesce(bool_or(is_owed), FALSE) AS is_anybody_owed
  FROM raised

-- take_firmware_to_send --
-- The next Devices to be sent their image by a network: Suspended ones first, then each Party in turn; as many as its
-- regions have permits for; none in a home whose hub is being upgraded.
WITH region AS MATERIALIZED (
    SELECT region_id,
           %(permits)s - (
               SELECT count(*)
                 FROM firmware_target AS carried
                WHERE carried.region_id = csp_region.region_id
                  AND carried.state = 'SENT_TO_CSP'
           ) AS room
      FROM csp_region
     WHERE network = %(network)s
),
ready AS MATERIALIZED (
    SELECT target.service_request_id, target.device_id, target.region_id,
           row_number() OVER (
               PARTITION BY target.region_id, request.party_id
               ORDER BY coalesce(device.smi_status, '') <> 'SUSPENDED', target.service_request_id, target.device_id
           ) AS turn
      FROM region
      JOIN firmware_target AS target USING (region_id)
      JOIN firmware_request AS request USING (service_request_id)
      LEFT JOIN device
        ON device.hub_device_id = target.hub_device_id
       AND device.device_id = target.device_id
     WHERE target.state = 'REQUESTED'
       AND region.room > 0
       AND NOT EXISTS (
               SELECT
                 FROM campaign
                 JOIN hub_upgrade USING (campaign_id)
                WHERE hub_upgrade.device_id = target.hub_device_id
                  AND hub_upgrade.state = ANY(%(hub_states)s)
           )
),
chosen AS (
    SELECT ready.service_request_id, ready.device_id
      FROM (
            SELECT service_request_id, device_id, region_id, turn,
                   row_number() OVER (PARTITION BY region_id ORDER BY turn, service_request_id, device_id) AS place
              FROM ready
           ) AS ready
      JOIN region USING (region_id)
     WHERE ready.place <= region.room
     ORDER BY ready.turn, ready.service_request_id, ready.device_id
     LIMIT %(limit)s
)
SELECT target.service_request_id, target.device_id, target.hub_device_id, target.device_type, target.state,
       target.reason, target.attempt, target.due_at, request.firmware_version, request.user_id, request.srv,
       request.image_id AS image_digest
  FROM chosen
  JOIN firmware_target AS target
    ON target.service_request_id = chosen.service_request_id
   AND target.device_id = chosen.device_id
  JOIN firmware_request AS request ON request.service_request_id = chosen.service_request_id
 WHERE target.state = 'REQUESTED'
 ORDER BY target.service_request_id, target.attempt, target.device_id

-- list_networks_with_firmware --
-- Networks for whose Devices an image waits to be sent.
SELECT DISTINCT region.network
  FROM csp_region AS region
 WHERE EXISTS (
           SELECT
             FROM firmware_target AS target
            WHERE target.region_id = region.region_id
              AND target.state = 'REQUESTED'
       )

-- is_firmware_due --
-- Whether the clock of a journey has run out, or one waits for a hub.
SELECT EXISTS (SELECT FROM firmware_target WHERE due_at <= %(at)s)
    OR EXISTS (SELECT FROM firmware_target WHERE state = 'WAITING_FOR_HUB' AND is_open) AS is_firmware_due

-- list_waiting_hub_kinds --
-- The GBCS versions and networks of the hubs that firmware waits for.
SELECT DISTINCT entry.gbcs_version AS hub_gbcs_version, region.network
  FROM firmware_target AS target
  JOIN communications_hub AS hub ON hub.device_id = target.hub_device_id
  JOIN csp_region AS region ON region.region_id = hub.region_id
  LEFT JOIN cpl_entry AS entry ON entry.device_model_id = hub.device_model_id
 WHERE target.state = 'WAITING_FOR_HUB'

-- lock_firmware_that_waited --
-- Devices whose hub is of a kind that passes images on by now, locked.
SELECT target.service_request_id, target.device_id, target.hub_device_id, target.device_type, target.state,
       target.reason, target.attempt, target.due_at, request.firmware_version, request.user_id,
       image.manufacturer_image_hash
  FROM unnest(%(gbcs_versions)s::text[], %(networks)s::text[]) AS ready (gbcs_version, network)
  JOIN csp_region AS region ON region.network = ready.network
  JOIN communications_hub AS hub ON hub.region_id = region.region_id
  JOIN cpl_entry AS entry
    ON entry.device_model_id = hub.device_model_id
   AND entry.gbcs_version = ready.gbcs_version
  JOIN firmware_target AS target ON target.hub_device_id = hub.device_id
  JOIN firmware_request AS request USING (service_request_id)
  JOIN firmware_image AS image ON image.digest = request.image_id
 WHERE target.state = 'WAITING_FOR_HUB'
 ORDER BY target.device_id
 LIMIT %(limit)s
   FOR UPDATE OF target SKIP LOCKED

-- lock_firmware_request_in --
-- The Devices of a request that stand somewhere, locked; of those that a hub's age excluded only such as are free.
SELECT target.service_request_id, target.device_id, target.hub_device_id, target.device_type, target.state,
       target.reason, target.attempt, target.due_at, request.firmware_version, request.user_id,
       image.manufacturer_image_hash
  FROM firmware_target AS target
  JOIN firmware_request AS request USING (service_request_id)
  JOIN firmware_image AS image ON image.digest = request.image_id
 WHERE target.service_request_id = %(service_request_id)s
   AND target.state = ANY(%(states)s)
   AND (target.exclusion IS NULL OR target.exclusion = %(exclusion)s)
   AND (
           target.is_open
           OR NOT EXISTS (
                  SELECT
                    FROM firmware_target AS other
                   WHERE other.device_id = target.device_id
                     AND other.is_open
              )
       )
 ORDER BY target.device_id
   FOR UPDATE OF target
