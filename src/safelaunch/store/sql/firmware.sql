-- lock_firmware_requests --
-- Let one firmware request be judged at a time: none may begin on a Device that another is about to take.
SELECT pg_advisory_xact_lock(hashtext('safelaunch.firmware_requests'))

-- create_firmware_known --
-- The Devices of a request with what the inventory has of each.
CREATE TEMP TABLE firmware_known (
    place integer, device_id macaddr8, hub_device_id macaddr8, device_type text, smi_status text,
    device_model_id integer, hub_model_id integer, region_id smallint, import_party_id smallint, gas_party_id smallint,
    is_in_progress boolean
) ON COMMIT DROP

-- find_firmware_devices --
-- Look each Device up until it is found: among those behind hubs, as a hub, as a GPF. Each look-up is one of an index,
-- whatever the planner believes of tables that hold the whole country.
INSERT INTO firmware_known (
    place, device_id, hub_device_id, device_type, smi_status, device_model_id, hub_model_id, region_id,
    import_party_id, gas_party_id, is_in_progress
)
SELECT named.place, named.device_id, known.hub_device_id, known.device_type, known.smi_status, known.device_model_id,
       known.hub_model_id, known.region_id, known.import_party_id, known.gas_party_id,
       target.device_id IS NOT NULL
  FROM unnest(%(places)s::integer[], %(device_ids)s::macaddr8[]) AS named (place, device_id)
  LEFT JOIN LATERAL (
       SELECT device.hub_device_id, device.device_type, device.smi_status, device.device_model_id,
              hub.device_model_id AS hub_model_id, hub.region_id, hub.import_party_id, hub.gas_party_id
         FROM device
         JOIN communications_hub AS hub ON hub.device_id = device.hub_device_id
        WHERE device.device_id = named.device_id
        UNION ALL
       SELECT hub.device_id, 'CHF', hub.smi_status, hub.device_model_id,
              hub.device_model_id, hub.region_id, hub.import_party_id, hub.gas_party_id
         FROM communications_hub AS hub
        WHERE hub.device_id = named.device_id
        UNION ALL
       SELECT hub.device_id, 'GPF', hub.smi_status, hub.device_model_id,
              hub.device_model_id, hub.region_id, hub.import_party_id, hub.gas_party_id
         FROM communications_hub AS hub
        WHERE hub.gpf_device_id = named.device_id
        LIMIT 1
       ) AS known ON TRUE
  LEFT JOIN firmware_target AS target ON target.device_id = named.device_id AND target.is_open

-- list_firmware_facts --
-- What the rules need to know of the Devices of a request, with the places of those that are alike in all of it. They
-- are gathered by numbers first: by the texts those stand for, fifty thousand Devices would be sorted.
WITH kind AS (
    SELECT device_type, smi_status, import_party_id, gas_party_id, device_model_id, hub_model_id, region_id,
           is_in_progress, array_agg(place) AS places
      FROM firmware_known
     GROUP BY device_type, smi_status, import_party_id, gas_party_id, device_model_id, hub_model_id, region_id,
           is_in_progress
)
SELECT kind.device_type, kind.smi_status, kind.import_party_id, kind.gas_party_id, model.manufacturer, model.model,
       model.hardware_version, model.firmware_version, hub_entry.gbcs_version AS hub_gbcs_version, region.network,
       kind.is_in_progress, kind.places
  FROM kind
  LEFT JOIN device_model AS model USING (device_model_id)
  LEFT JOIN cpl_entry AS hub_entry ON hub_entry.device_model_id = kind.hub_model_id
  LEFT JOIN csp_region AS region USING (region_id)

-- copy_firmware_image --
-- Keep an image.
COPY firmware_image (digest, manufacturer_image_hash, octets, stored_at) FROM STDIN (FORMAT binary)

-- add_firmware_targets --
-- Record what was judged of the Devices of a request; those that are not excluded are to have the firmware.
INSERT INTO firmware_target (
    service_request_id, device_id, hub_device_id, region_id, device_type, state, exclusion, state_changed_at
)
SELECT %(service_request_id)s, known.device_id, known.hub_device_id, known.region_id, known.device_type,
       CASE WHEN excluded.place IS NULL THEN %(requested)s ELSE %(excluded)s END, excluded.exclusion, %(at)s
  FROM firmware_known AS known
  LEFT JOIN unnest(%(places)s::integer[], %(exclusions)s::text[]) AS excluded (place, exclusion) USING (place)

-- list_supplier_users --
-- The User IDs of Parties in a supplier's User Roles.
SELECT user_id, party_id, role
  FROM party_user
 WHERE party_id = ANY(%(party_ids)s)
   AND role = ANY(%(roles)s)
 ORDER BY user_id, role

-- get_firmware_request --
-- A firmware request as it stands.
SELECT service_request_id, srv, firmware_version, party_id, user_id, requested_at, target_count, excluded_count,
       image_id AS image_digest, image.manufacturer_image_hash
  FROM firmware_request
  JOIN firmware_image AS image ON image.digest = firmware_request.image_id
 WHERE service_request_id = %(service_request_id)s

-- list_firmware_targets --
-- Devices of a firmware request by their Device IDs, a page at a time.
SELECT device_id, hub_device_id, device_type, state, exclusion, reason, attempt, state_changed_at, due_at
  FROM firmware_target
 WHERE service_request_id = %(service_request_id)s
   AND (%(after)s::macaddr8 IS NULL OR device_id > %(after)s)
 ORDER BY device_id
 LIMIT %(limit)s
