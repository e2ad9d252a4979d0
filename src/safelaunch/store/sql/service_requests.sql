-- copy_service_message --
-- Keep the signed octets of a request.
COPY service_message (digest, octets) FROM STDIN (FORMAT binary)

-- raise_counter --
-- Raise an originator's counter, if it rises: whoever comes second with the same one touches no row.
INSERT INTO originator_counter (originator, is_top_up, counter)
VALUES (%(originator)s, %(is_top_up)s, %(counter)s)
    ON CONFLICT (originator, is_top_up) DO UPDATE
   SET counter = excluded.counter
 WHERE originator_counter.counter < excluded.counter

-- complete_all_requests --
-- Note the outcomes of requests that were acknowledged; a second outcome touches nothing.
UPDATE service_request AS request
   SET state = %(to_state)s,
       outcome_code = outcome.code,
       completed_at = %(at)s
  FROM unnest(%(service_request_ids)s::bigint[], %(codes)s::text[]) AS outcome (service_request_id, code)
 WHERE request.service_request_id = outcome.service_request_id
   AND request.state = ANY(%(from_states)s)
RETURNING request.service_request_id

-- find_target --
-- The Device that a request is for, and the Parties responsible for its home.
WITH found AS (
    SELECT device_id AS hub_device_id, 'CHF' AS device_type, smi_status, device_model_id
      FROM communications_hub
     WHERE device_id = %(device_id)s
     UNION ALL
    SELECT device_id, 'GPF', smi_status, device_model_id
      FROM communications_hub
     WHERE gpf_device_id = %(device_id)s
     UNION ALL
    SELECT hub_device_id, device_type, smi_status, device_model_id
      FROM device
     WHERE device_id = %(device_id)s
)
SELECT found.hub_device_id, found.device_type, found.smi_status, hub.import_party_id, hub.gas_party_id,
       meters.electricity_network_party_id, meters.gas_network_party_id, entry.smets_chts_version
  FROM found
  JOIN communications_hub AS hub ON hub.device_id = found.hub_device_id
  LEFT JOIN cpl_entry AS entry ON entry.device_model_id = found.device_model_id
 CROSS JOIN LATERAL (
       SELECT min(network_party_id) FILTER (WHERE device_type = 'ESME') AS electricity_network_party_id,
              min(network_party_id) FILTER (WHERE device_type = 'GSME') AS gas_network_party_id
         FROM device
        WHERE device.hub_device_id = found.hub_device_id
       ) AS meters
 LIMIT 1
