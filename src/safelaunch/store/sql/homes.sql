-- find_home_of_mpxn --
-- The hub of the home that a meter point belongs to; of meters that were exchanged the one in service says it.
SELECT hub_device_id
  FROM device
 WHERE mpxn = %(mpxn)s
 ORDER BY smi_status IN ('DECOMMISSIONED', 'WITHDRAWN')
 LIMIT 1

-- find_network --
-- The network that carries a hub.
SELECT region.network
  FROM communications_hub AS hub
  JOIN csp_region AS region
    ON region.region_id = hub.region_id
 WHERE hub.device_id = %(hub_device_id)s

-- list_home_devices --
-- The hub, its GPF and every Device behind it, with what the CPL says of each.
WITH home AS (
    SELECT 0 AS place, device_id, 'CHF' AS device_type, smi_status, device_model_id, commissioned_on,
           NULL AS mpxn, region_id
      FROM communications_hub
     WHERE device_id = %(hub_device_id)s
     UNION ALL
    SELECT 1, gpf_device_id, 'GPF', smi_status, device_model_id, commissioned_on, NULL, NULL
      FROM communications_hub
     WHERE device_id = %(hub_device_id)s
     UNION ALL
    SELECT 2, device_id, device_type, smi_status, device_model_id, commissioned_on, mpxn, NULL
      FROM device
     WHERE hub_device_id = %(hub_device_id)s
)
SELECT home.device_id, home.device_type, home.smi_status, model.manufacturer, model.model, model.firmware_version,
       entry.smets_chts_version, entry.gbcs_version, entry.status AS cpl_status, home.commissioned_on, home.mpxn,
       region.code AS region
  FROM home
  JOIN device_model AS model USING (device_model_id)
  LEFT JOIN cpl_entry AS entry USING (device_model_id)
  LEFT JOIN csp_region AS region ON region.region_id = home.region_id
 ORDER BY home.place, home.device_type, home.device_id
