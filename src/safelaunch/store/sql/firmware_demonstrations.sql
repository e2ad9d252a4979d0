-- choose_demonstration_devices --
-- Devices of some Parties that an Active entry of the CPL may follow on, up to a number of each type, all over the country.
WITH path AS (
    SELECT DISTINCT ON (former.device_model_id) former.device_model_id AS from_model_id,
           model.device_model_id AS to_model_id
      FROM cpl_entry AS entry
      JOIN device_model AS model USING (device_model_id)
      JOIN device_model AS former
        ON (former.device_type, former.manufacturer, former.model, former.hardware_version)
         = (model.device_type, model.manufacturer, model.model, model.hardware_version)
       AND former.firmware_version = ANY(entry.predecessors)
     WHERE entry.status = 'ACTIVE'
       AND model.device_type = ANY(%(device_types)s)
     ORDER BY former.device_model_id, model.firmware_version DESC
),
fit AS (
    SELECT device.device_id, device.device_type, path.to_model_id, hub.import_party_id, hub.gas_party_id,
           CASE WHEN device.device_type = 'GSME' THEN hub.gas_party_id ELSE hub.import_party_id END AS party_id,
           row_number() OVER (PARTITION BY device.device_type ORDER BY hashmacaddr8(device.device_id), device.device_id) AS turn
      FROM device
      JOIN path ON path.from_model_id = device.device_model_id
      JOIN communications_hub AS hub ON hub.device_id = device.hub_device_id
     WHERE device.smi_status = 'COMMISSIONED'
       AND CASE WHEN device.device_type = 'GSME' THEN hub.gas_party_id ELSE hub.import_party_id END
           = ANY(%(party_ids)s)
)
SELECT fit.device_id, fit.device_type, fit.to_model_id, fit.import_party_id, fit.gas_party_id, fit.party_id
  FROM fit
  JOIN unnest(%(device_types)s::text[], %(counts)s::integer[]) AS wanted (device_type, device_count)
    ON wanted.device_type = fit.device_type
 WHERE fit.turn <= wanted.device_count
 ORDER BY fit.party_id, fit.to_model_id, fit.device_id

-- modernise_hubs --
-- Have a share of the hubs, in the order of their lots, run the release that a campaign would bring.
UPDATE communications_hub AS hub
   SET device_model_id = newer.device_model_id
  FROM device_model AS model
  JOIN device_model AS newer
    ON (newer.device_type, newer.manufacturer, newer.model, newer.hardware_version)
     = (model.device_type, model.manufacturer, model.model, model.hardware_version)
   AND newer.firmware_version = %(firmware_version)s
 WHERE model.device_model_id = hub.device_model_id
   AND newer.device_model_id <> hub.device_model_id
   AND hub.lot <= (
           SELECT percentile_disc(%(share)s) WITHIN GROUP (ORDER BY lot)
             FROM communications_hub
       )
RETURNING hub.device_id
