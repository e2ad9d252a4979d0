-- lock_firmware_requests --
-- Let one firmware request be judged at a time: none may begin on a Device that another is about to take.
SELECT pg_advisory_xact_lock(hashtext('safelaunch.firmware_requests'))

-- create_firmware_stage --
-- The Devices of a request, in its order.
CREATE TEMP TABLE firmware_stage (place integer, device_id macaddr8) ON COMMIT DROP

-- copy_firmware_stage --
-- Take the Devices in.
COPY firmware_stage (place, device_id) FROM STDIN (FORMAT binary)

-- analyze_firmware_stage --
-- Tell the planner whether one Device is named or fifty thousand.
ANALYZE firmware_stage

-- list_firmware_facts --
-- What the rules need to know of the Devices of a request, with the places of those that are alike in all of it.
-- Hubs and GPFs are Devices of another type.
WITH known AS (
    SELECT staged.place, device.hub_device_id, device.device_type, device.smi_status, device.device_model_id
      FROM firmware_stage AS staged
      JOIN device USING (device_id)
     UNION ALL
    SELECT staged.place, hub.device_id, 'CHF', hub.smi_status, hub.device_model_id
      FROM firmware_stage AS staged
      JOIN communications_hub AS hub USING (device_id)
     UNION ALL
    SELECT staged.place, hub.device_id, 'GPF', hub.smi_status, hub.device_model_id
      FROM firmware_stage AS staged
      JOIN communications_hub AS hub ON hub.gpf_device_id = staged.device_id
),
described AS (
    SELECT DISTINCT ON (known.place)
           known.place, known.device_type, known.smi_status, hub.import_party_id, hub.gas_party_id,
           model.manufacturer, model.model, model.hardware_version, model.firmware_version,
           hub_entry.gbcs_version AS hub_gbcs_version, region.network
      FROM known
      JOIN communications_hub AS hub ON hub.device_id = known.hub_device_id
      JOIN device_model AS model ON model.device_model_id = known.device_model_id
      JOIN csp_region AS region ON region.region_id = hub.region_id
      LEFT JOIN cpl_entry AS hub_entry ON hub_entry.device_model_id = hub.device_model_id
     ORDER BY known.place
)
SELECT described.device_type, described.smi_status, described.import_party_id, described.gas_party_id,
       described.manufacturer, described.model, described.hardware_version, described.firmware_version,
       described.hub_gbcs_version, described.network, target.device_id IS NOT NULL AS is_in_progress,
       array_agg(staged.place) AS places
  FROM firmware_stage AS staged
  LEFT JOIN described USING (place)
  LEFT JOIN firmware_target AS target ON target.device_id = staged.device_id AND target.state = 'REQUESTED'
 GROUP BY described.device_type, described.smi_status, described.import_party_id, described.gas_party_id,
       described.manufacturer, described.model, described.hardware_version, described.firmware_version,
       described.hub_gbcs_version, described.network, target.device_id IS NOT NULL

-- add_firmware_image --
-- Keep an image, if it is new.
INSERT INTO firmware_image (digest, manufacturer_image_hash, octets, stored_at)
VALUES (%(digest)s, %(manufacturer_image_hash)s, %(octets)s, %(at)s)
    ON CONFLICT DO NOTHING

-- add_firmware_targets --
-- Record what was judged of the Devices staged, in their order; empty text excludes nobody.
INSERT INTO firmware_target (
    service_request_id, device_id, hub_device_id, device_type, state, exclusion, state_changed_at
)
SELECT %(service_request_id)s, staged.device_id, known.hub_device_id, known.device_type,
       CASE verdict.exclusion WHEN '' THEN %(requested)s ELSE %(excluded)s END, nullif(verdict.exclusion, ''), %(at)s
  FROM firmware_stage AS staged
  JOIN unnest(%(exclusions)s::text[]) WITH ORDINALITY AS verdict (exclusion, number)
    ON verdict.number = staged.place + 1
  LEFT JOIN LATERAL (
       SELECT device.hub_device_id, device.device_type
         FROM device
        WHERE device.device_id = staged.device_id
        LIMIT 1
       ) AS known ON TRUE

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
SELECT device_id, hub_device_id, device_type, state, exclusion, state_changed_at
  FROM firmware_target
 WHERE service_request_id = %(service_request_id)s
   AND (%(after)s::macaddr8 IS NULL OR device_id > %(after)s)
 ORDER BY device_id
 LIMIT %(limit)s
