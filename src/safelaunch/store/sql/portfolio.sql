-- list_portfolio_rows --
-- Hubs by Device Model, region and status from the roll-up; for a Supplier only its own.
SELECT model.manufacturer,
       model.model,
       model.hardware_version,
       model.firmware_version,
       region.name AS region,
       tally.smi_status,
       sum(tally.hub_count)::integer AS hub_count
  FROM portfolio_count AS tally
  JOIN device_model AS model
    ON model.device_model_id = tally.device_model_id
  JOIN csp_region AS region
    ON region.region_id = tally.region_id
 WHERE (%(party_id)s::integer IS NULL OR %(party_id)s IN (tally.import_party_id, tally.gas_party_id))
   AND (%(region)s::text IS NULL OR region.name = %(region)s)
   AND (%(smi_status)s::text IS NULL OR tally.smi_status = %(smi_status)s)
 GROUP BY model.device_model_id, region.region_id, tally.smi_status
HAVING sum(tally.hub_count) > 0
 ORDER BY model.manufacturer, model.model, model.hardware_version, model.firmware_version,
          region.region_id, tally.smi_status

-- list_portfolio_suppliers --
-- Suppliers to choose from, by name.
SELECT party_id, name
  FROM party
 WHERE kind = 'SUPPLIER'
 ORDER BY name

-- list_portfolio_regions --
-- Regions to choose from.
SELECT name
  FROM csp_region
 ORDER BY region_id
