-- find_bench_upgrade --
-- The first firmware of meters on the CPL, and the version that it may follow.
SELECT entry.device_model_id, model.manufacturer, model.firmware_version, former.device_model_id AS former_model_id
  FROM cpl_entry AS entry
  JOIN device_model AS model USING (device_model_id)
  JOIN device_model AS former
    ON (former.device_type, former.manufacturer, former.model, former.hardware_version)
     = (model.device_type, model.manufacturer, model.model, model.hardware_version)
   AND former.firmware_version = ANY(entry.predecessors)
 WHERE model.device_type = 'ESME'
   AND entry.status = 'ACTIVE'
 ORDER BY entry.device_model_id
 LIMIT 1

-- find_bench_supplier --
-- The first User ID in the User Role of an import Supplier, and its Party.
SELECT user_id, party_id
  FROM party_user
 WHERE role = 'IS'
 ORDER BY party_id, user_id
 LIMIT 1

-- list_bench_image --
-- List an image on the CPL for a Device Model.
UPDATE cpl_entry
   SET image_hash = %(image_hash)s
 WHERE device_model_id = %(device_model_id)s

-- give_bench_meters --
-- Make meters all over the country those of one Supplier, of one model, and fit to be upgraded.
WITH chosen AS (
    SELECT device.hub_device_id, device.device_id
      FROM communications_hub AS hub
      JOIN device ON device.hub_device_id = hub.device_id
     WHERE device.device_type = 'ESME'
     ORDER BY hub.lot
     LIMIT %(device_count)s
),
supplied AS (
    UPDATE communications_hub AS hub
       SET import_party_id = %(party_id)s
      FROM chosen
     WHERE hub.device_id = chosen.hub_device_id
)
UPDATE device
   SET device_model_id = %(device_model_id)s,
       party_id = %(party_id)s,
       smi_status = 'COMMISSIONED'
  FROM chosen
 WHERE (device.hub_device_id, device.device_id) = (chosen.hub_device_id, chosen.device_id)
RETURNING device.device_id

-- forget_requests --
-- Forget every request and whatever came of it, so that the next round begins where this one did.
TRUNCATE service_request, service_message, firmware_request, firmware_target, firmware_image, outgoing_message,
         procrastinate_jobs
CASCADE

-- create_bare_octets --
-- Room for the floor of firmware requests: messages and images, without a key.
CREATE TABLE bench_bare_octets (octets bytea)

-- create_bare_targets --
-- Room for the Devices of that floor: the same columns, without a key, an index or a check.
CREATE TABLE bench_bare_target AS SELECT * FROM firmware_target WITH NO DATA

-- copy_bare_octets --
-- The floor of keeping a message and its image.
COPY bench_bare_octets (octets) FROM STDIN (FORMAT binary)

-- copy_bare_targets --
-- The floor of recording the Devices of a request.
COPY bench_bare_target (
    service_request_id, device_id, hub_device_id, device_type, state, state_changed_at
) FROM STDIN (FORMAT binary)

-- empty_bare_requests --
-- Make room for the next round.
TRUNCATE bench_bare_octets, bench_bare_target
