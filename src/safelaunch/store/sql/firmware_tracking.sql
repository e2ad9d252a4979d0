-- list_firmware_requests --
-- Firmware requests, newest first, a page at a time, with how their Devices stand.
SELECT request.service_request_id, request.srv, request.firmware_version, party.name AS party, request.requested_at,
       request.target_count, counted.open_count, counted.activated_count, counted.excluded_count,
       counted.unknown_count, counted.failed_count
  FROM (
        SELECT *
          FROM firmware_request
         WHERE (%(party_id)s::integer IS NULL OR party_id = %(party_id)s)
           AND (%(before)s::bigint IS NULL OR service_request_id < %(before)s)
         ORDER BY service_request_id DESC
         LIMIT %(limit)s
       ) AS request
  JOIN party USING (party_id)
 CROSS JOIN LATERAL (
       SELECT count(*) FILTER (WHERE is_open) AS open_count,
              count(*) FILTER (WHERE state = 'ACTIVATED') AS activated_count,
              count(*) FILTER (WHERE state IN ('EXCLUDED', 'CANCELLED')) AS excluded_count,
              count(*) FILTER (WHERE state = 'UNKNOWN') AS unknown_count,
              count(*) FILTER (
                  WHERE NOT is_open
                    AND state NOT IN ('ACTIVATED', 'EXCLUDED', 'CANCELLED', 'UNKNOWN')
              ) AS failed_count
         FROM firmware_target AS target
        WHERE target.service_request_id = request.service_request_id
       ) AS counted
 ORDER BY request.service_request_id DESC

-- count_firmware_standings --
-- How many Devices stand where and why, of one request or of all that are not done.
SELECT target.state, target.device_type, target.exclusion, target.reason, target.is_open, count(*) AS device_count,
       count(*) FILTER (WHERE target.due_at <= %(at)s) AS overdue_count, min(target.due_at) AS first_due_at,
       min(target.state_changed_at) AS oldest_since
  FROM firmware_target AS target
  JOIN firmware_request AS request USING (service_request_id)
 WHERE (%(service_request_id)s::bigint IS NULL OR target.service_request_id = %(service_request_id)s)
   AND (%(party_id)s::integer IS NULL OR request.party_id = %(party_id)s)
 GROUP BY target.state, target.device_type, target.exclusion, target.reason, target.is_open
 ORDER BY target.state, target.device_type, target.exclusion, target.reason

-- list_firmware_devices --
-- Devices of a firmware request that stand somewhere for a reason, by Device ID, a page at a time.
SELECT target.device_id, target.hub_device_id, target.device_type, target.state, target.exclusion, target.reason,
       target.attempt, target.state_changed_at, target.due_at
  FROM firmware_target AS target
  JOIN firmware_request AS request USING (service_request_id)
 WHERE target.service_request_id = %(service_request_id)s
   AND (%(party_id)s::integer IS NULL OR request.party_id = %(party_id)s)
   AND (%(state)s::text IS NULL OR target.state = %(state)s)
   AND (%(reason)s::text IS NULL OR %(reason)s IN (target.reason, target.exclusion))
   AND (%(after)s::macaddr8 IS NULL OR target.device_id > %(after)s)
 ORDER BY target.device_id
 LIMIT %(limit)s

-- list_device_journeys --
-- The firmware requests of a Device, newest first, with where each one stands.
SELECT target.service_request_id, request.srv, request.firmware_version, party.name AS party, request.requested_at,
       target.hub_device_id, target.device_type, target.state, target.exclusion, target.reason, target.attempt,
       target.state_changed_at, target.due_at
  FROM firmware_target AS target
  JOIN firmware_request AS request USING (service_request_id)
  JOIN party USING (party_id)
 WHERE target.device_id = %(device_id)s
   AND (%(party_id)s::integer IS NULL OR request.party_id = %(party_id)s)
 ORDER BY target.service_request_id DESC
 LIMIT %(limit)s

-- list_firmware_events --
-- The timeline of a Device's firmware requests, in the order in which things were heard of.
SELECT service_request_id, event, state, leg, reason, attempt, happened_at, recorded_at, network, number
  FROM firmware_event
 WHERE service_request_id = ANY(%(service_request_ids)s)
   AND device_id = %(device_id)s
 ORDER BY firmware_event_id

-- walk_firmware_ends --
-- Where every Device that set out stands, and whether its image did not get there and is not sent again.
SELECT target.service_request_id, target.device_id, target.device_type, target.state, request.firmware_version,
       request.user_id,
       (target.state = ANY(%(failed)s) AND NOT target.is_open)
           OR (target.state = 'EXPIRED' AND target.reason = %(left_hub)s) AS is_given_up
  FROM firmware_target AS target
  JOIN firmware_request AS request USING (service_request_id)
 WHERE target.state NOT IN ('EXCLUDED', 'CANCELLED', 'WAITING_FOR_HUB')
   AND (target.service_request_id, target.device_id) > (%(after_request)s, %(after_device)s)
 ORDER BY target.service_request_id, target.device_id
 LIMIT %(limit)s
