-- list_activatable --
-- Devices of a firmware request that hold its image, as far as is known, and wait for their 11.3.
SELECT target.device_id
  FROM firmware_target AS target
 WHERE target.service_request_id = %(service_request_id)s
   AND CASE
           WHEN %(again)s THEN target.state = 'ACTIVATION_FAILED' AND target.reason = ANY(%(reasons)s)
           ELSE target.state = 'VERIFIED' OR (target.state = 'HAN_TRANSFERRED' AND target.device_type = 'HCALCS')
       END
 ORDER BY target.device_id
 LIMIT %(limit)s

-- list_activatable_requests --
-- Firmware requests of which a Device holds the image and waits for its first 11.3.
SELECT request.service_request_id
  FROM firmware_request AS request
 WHERE EXISTS (
           SELECT
             FROM firmware_target AS target
            WHERE target.service_request_id = request.service_request_id
              AND (target.state = 'VERIFIED' OR (target.state = 'HAN_TRANSFERRED' AND target.device_type = 'HCALCS'))
       )
 ORDER BY request.service_request_id

-- find_counter --
-- The highest counter that an originator has used.
SELECT counter
  FROM originator_counter
 WHERE originator = %(originator)s
   AND NOT is_top_up

-- list_activation_routes --
-- Those of some Devices whose firmware may be activated for a request, with the way to each.
SELECT target.device_id, target.hub_device_id, target.device_type, region.network
  FROM firmware_target AS target
  JOIN csp_region AS region USING (region_id)
 WHERE target.service_request_id = %(service_request_id)s
   AND target.device_id = ANY(%(device_ids)s)
   AND target.state = ANY(%(states)s)

-- add_bulk_requests --
-- Record the requests that signed Pre-Commands are, each acknowledged at once.
INSERT INTO service_request (
    originator, target, counter, is_signed_pre_command, command_variant, service_reference, service_reference_variant,
    body_name, schema_version, certificate_issuer, certificate_serial, was_reformatted, message_digest, state,
    received_at, response_code, answered_at, handed_over_at
)
SELECT %(originator)s, signed.device_id, signed.counter::numeric, TRUE, 5, '11.3', '11.3', 'SignedPreCommand',
       %(schema_version)s, '', '', FALSE, %(message_digest)s, %(state)s, %(at)s, %(code)s, %(at)s, %(at)s
  FROM unnest(%(device_ids)s::macaddr8[], %(counters)s::text[]) AS signed (device_id, counter)
    ON CONFLICT DO NOTHING
RETURNING service_request_id, target AS device_id

-- add_bulk_commands --
-- Queue the commands of those requests.
INSERT INTO device_command (
    device_command_id, service_request_id, user_id, srv, device_id, hub_device_id, network, message_code, originator,
    originator_counter, gbcs, state, send_at, expires_at
)
SELECT made.number, made.service_request_id, %(user_id)s, '11.3', made.device_id, made.hub_device_id, made.network,
       %(message_code)s, %(user_id)s, made.counter::numeric, made.gbcs, %(state)s, %(at)s, made.expires_at
  FROM unnest(
       %(numbers)s::bigint[], %(service_request_ids)s::bigint[], %(device_ids)s::macaddr8[],
       %(hub_device_ids)s::macaddr8[], %(networks)s::text[], %(counters)s::text[], %(gbcs)s::bytea[],
       %(expiries)s::timestamptz[]
       ) AS made (
       number, service_request_id, device_id, hub_device_id, network, counter, gbcs, expires_at
       )
