-- find_route --
-- The network that carries a Device's commands, and the GBCS version of its Device Model.
WITH found AS (
    SELECT device_id AS hub_device_id, device_model_id
      FROM communications_hub
     WHERE device_id = %(hub_device_id)s
       AND %(device_id)s IN (device_id, gpf_device_id)
     UNION ALL
    SELECT hub_device_id, device_model_id
      FROM device
     WHERE hub_device_id = %(hub_device_id)s
       AND device_id = %(device_id)s
)
SELECT region.network, cpl_entry.gbcs_version
  FROM found
  JOIN communications_hub AS hub ON hub.device_id = found.hub_device_id
  JOIN csp_region AS region ON region.region_id = hub.region_id
  LEFT JOIN cpl_entry ON cpl_entry.device_model_id = found.device_model_id
 LIMIT 1

-- draw_command_number --
-- The number of the next command; it is also the counter under which the ACB speaks.
SELECT nextval(pg_get_serial_sequence('device_command', 'device_command_id'))

-- draw_command_numbers --
-- As many of those numbers as are wanted, rising.
SELECT array_agg(nextval(pg_get_serial_sequence('device_command', 'device_command_id')))
  FROM generate_series(1, %(count)s::integer)

-- list_networks_due --
-- Networks for which a command waits that is due, or one is open whose time is up.
SELECT DISTINCT network
  FROM device_command
 WHERE (state = 'WAITING' AND send_at <= %(at)s)
    OR (state IN ('WAITING', 'SENT') AND expires_at <= %(at)s)

-- list_due_commands --
-- Commands of a network whose time has come, in the order in which they were asked for.
SELECT device_command_id, service_request_id, device_id, hub_device_id, gbcs, expires_at
  FROM device_command
 WHERE network = %(network)s
   AND state = 'WAITING'
   AND send_at <= %(at)s
   AND expires_at > %(at)s
 ORDER BY send_at, device_command_id
 LIMIT %(limit)s

-- next_command_due --
-- When a network's commands next want to be looked at: to be sent, or because their time is up.
SELECT min(CASE WHEN state = 'WAITING' AND send_at > %(at)s THEN send_at ELSE expires_at END) AS due_at
  FROM device_command
 WHERE network = %(network)s
   AND state IN ('WAITING', 'SENT')

-- lock_overdue_commands --
-- Commands of a network that nobody answered in time, locked.
SELECT device_command_id, service_request_id
  FROM device_command
 WHERE network = %(network)s
   AND state IN ('WAITING', 'SENT')
   AND expires_at <= %(at)s
 ORDER BY device_command_id
 LIMIT %(limit)s
   FOR UPDATE SKIP LOCKED

-- lock_waiting_commands --
-- The commands that wait for a Device, with the requests that they carry out; locked in the order of their numbers.
SELECT device_command_id, service_request_id
  FROM device_command
 WHERE device_id = %(device_id)s
   AND state = 'WAITING'
 ORDER BY device_command_id
   FOR UPDATE

-- lock_commands --
-- Open commands by number, locked in the order of their numbers.
SELECT device_command_id, service_request_id
  FROM device_command
 WHERE device_command_id = ANY(%(device_command_ids)s)
   AND state IN ('WAITING', 'SENT')
 ORDER BY device_command_id
   FOR UPDATE

-- move_commands --
-- Move commands along one edge of their machine.
UPDATE device_command
   SET state = %(to_state)s,
       sent_at = CASE WHEN %(to_state)s = 'SENT' THEN %(at)s ELSE sent_at END,
       settled_at = CASE WHEN %(to_state)s = 'SENT' THEN settled_at ELSE %(at)s END
 WHERE device_command_id = ANY(%(device_command_ids)s)
   AND state = ANY(%(from_states)s)

-- lock_matching_commands --
-- The commands that messages speak of, by Device, originator, counter and message code; locked in their order.
SELECT command.device_command_id, command.service_request_id, command.device_id, command.originator,
       command.originator_counter, command.message_code, command.state, command.execute_at,
       command.read_back_of_id IS NOT NULL AS is_read_back,
       (
           EXISTS (
               SELECT
                 FROM device_command AS earlier
                WHERE earlier.device_id = command.device_id
                  AND earlier.message_code = command.message_code
                  AND earlier.device_command_id < command.device_command_id
                  AND earlier.state = 'TIMED_OUT'
           )
       ) AS is_retry,
       (
           EXISTS (
               SELECT
                 FROM device_message AS heard
                WHERE heard.device_command_id = command.device_command_id
           )
           OR EXISTS (
               SELECT
                 FROM device_command AS later
                WHERE later.device_id = command.device_id
                  AND later.device_command_id > command.device_command_id
                  AND later.state = 'ANSWERED'
           )
       ) AS is_overtaken
  FROM unnest(
       %(device_ids)s::macaddr8[], %(originators)s::macaddr8[], %(counters)s::text[], %(message_codes)s::integer[]
       ) AS spoken (device_id, originator, counter, message_code)
  JOIN device_command AS command
    ON command.device_id = spoken.device_id
   AND command.originator = spoken.originator
   AND command.originator_counter = spoken.counter::numeric
   AND command.message_code = spoken.message_code
 ORDER BY command.device_command_id
   FOR UPDATE OF command

-- cancel_promises --
-- A Device keeps one future-dated command of a kind at a time: forget the others that it promised.
UPDATE device_command
   SET state = 'CANCELLED',
       settled_at = %(at)s
 WHERE device_id = ANY(%(device_ids)s)
   AND message_code = %(message_code)s
   AND state = 'PROMISED'

-- cancel_commands --
-- Take back a User's commands to a Device that wait for their time.
UPDATE device_command
   SET state = 'CANCELLED',
       settled_at = %(at)s
 WHERE user_id = %(user_id)s
   AND device_id = %(device_id)s
   AND srv = %(srv)s
   AND state = 'WAITING'
   AND send_at > %(at)s
RETURNING service_request_id

-- append_device_messages --
-- Keep the messages of Devices that are new.
INSERT INTO device_message (network, number, device_id, command_name, gbcs, happened_at, received_at)
SELECT %(network)s, number, device_id, command_name, gbcs, happened_at, %(received_at)s
  FROM unnest(
       %(numbers)s::bigint[], %(device_ids)s::macaddr8[], %(command_names)s::text[], %(gbcs)s::bytea[],
       %(times)s::timestamptz[]
       ) AS told (number, device_id, command_name, gbcs, happened_at)
    ON CONFLICT DO NOTHING

-- list_networks_unjudged --
-- Networks whose Devices said something that has not been judged.
SELECT DISTINCT network
  FROM device_message
 WHERE effect IS NULL

-- list_unjudged_messages --
-- Messages of a network that have not been judged, the first ones first.
SELECT number, device_id, gbcs, happened_at
  FROM device_message
 WHERE network = %(network)s
   AND effect IS NULL
 ORDER BY number
 LIMIT %(limit)s

-- judge_messages --
-- Note what messages did, once.
UPDATE device_message AS message
   SET effect = judged.effect,
       device_command_id = judged.device_command_id,
       is_verified = judged.is_verified
  FROM unnest(
       %(numbers)s::bigint[], %(effects)s::text[], %(device_command_ids)s::bigint[], %(are_verified)s::boolean[]
       ) AS judged (number, effect, device_command_id, is_verified)
 WHERE message.network = %(network)s
   AND message.number = judged.number
   AND message.effect IS NULL

-- list_device_certificates --
-- The certificates of Devices that are kept here.
SELECT device_id, use, der
  FROM device_certificate
 WHERE device_id = ANY(%(device_ids)s)

-- keep_device_certificates --
-- Keep certificates of Devices; a newer one takes the place of an older one.
INSERT INTO device_certificate (device_id, use, der, fetched_at)
SELECT device_id, use, der, %(fetched_at)s
  FROM unnest(%(device_ids)s::macaddr8[], %(uses)s::text[], %(ders)s::bytea[]) AS found (device_id, use, der)
    ON CONFLICT (device_id, use) DO UPDATE
   SET der = excluded.der,
       fetched_at = excluded.fetched_at

-- cancel_planned_events --
-- What a User planned for a Device and takes back.
UPDATE planned_event
   SET cancelled_at = %(at)s
 WHERE user_id = %(user_id)s
   AND device_id = %(device_id)s
   AND kind = %(kind)s
   AND cancelled_at IS NULL
   AND (planned_until IS NULL OR planned_until > %(at)s)
