-- lock_smi_import --
-- Let one import run at a time.
SELECT pg_advisory_xact_lock(hashtext('safelaunch.smi_import'))

-- watch_smi_client --
-- Give up within a second when the importing process has died, so that another import can begin.
SELECT set_config('client_connection_check_interval', '1s', TRUE)

-- limit_smi_lock_wait --
-- Wait for locks no longer than this in the present transaction.
SELECT set_config('lock_timeout', %(milliseconds)s::text, TRUE)

-- widen_smi_memory --
-- Let the few large joins and sorts of an import stay in memory.
SELECT set_config('work_mem', '256MB', TRUE)

-- create_smi_stage --
-- The rows of a file, as they stand in it.
CREATE TEMP TABLE smi_stage (
    line integer,
    device_id macaddr8,
    device_type text,
    smi_status text,
    manufacturer text,
    model text,
    hardware_version text,
    firmware_version text,
    hub_device_id macaddr8,
    gpf_device_id macaddr8,
    region text,
    mpxn text,
    responsible_party text,
    network_party text,
    commissioned_on date,
    lot integer
) ON COMMIT DROP

-- create_smi_reject --
-- The rows that are not taken, and why.
CREATE TEMP TABLE smi_reject (line integer, "column" text, value text, reason text) ON COMMIT DROP

-- create_smi_hub --
-- The file's hubs, in the numbers of the inventory.
CREATE TEMP TABLE smi_hub (
    device_id macaddr8,
    gpf_device_id macaddr8,
    lot integer,
    device_model_id integer,
    commissioned_on date,
    region_id smallint,
    party_id smallint,
    smi_status text
) ON COMMIT DROP

-- create_smi_device --
-- The file's other Devices, in the numbers of the inventory.
CREATE TEMP TABLE smi_device (
    hub_device_id macaddr8,
    device_id macaddr8,
    device_model_id integer,
    commissioned_on date,
    party_id smallint,
    network_party_id smallint,
    device_type text,
    smi_status text,
    mpxn text
) ON COMMIT DROP

-- create_smi_supplier --
-- The hubs whose Responsible Suppliers may change: first which, then who.
CREATE TEMP TABLE smi_supplier (
    hub_device_id macaddr8,
    loses_esme boolean,
    loses_gsme boolean,
    is_settled boolean,
    import_party_id smallint,
    gas_party_id smallint
) ON COMMIT DROP

-- copy_smi_stage --
-- Stage rows of a file.
COPY smi_stage (
    line, device_id, device_type, smi_status, manufacturer, model, hardware_version, firmware_version, hub_device_id,
    gpf_device_id, region, mpxn, responsible_party, network_party, commissioned_on, lot
) FROM STDIN

-- copy_smi_rejects --
-- Keep the rows that broke a rule of form.
COPY smi_reject (line, "column", value, reason) FROM STDIN

-- analyze_smi_stage --
-- Let the planner know what was staged.
ANALYZE smi_stage

-- analyze_smi_hub --
-- Let the planner know what was staged.
ANALYZE smi_hub

-- analyze_smi_device --
-- Let the planner know what was staged.
ANALYZE smi_device

-- analyze_smi_supplier --
-- Let the planner know what was staged.
ANALYZE smi_supplier

-- reject_repeated_ids --
-- Reject the later row when two claim one Device ID; a GPF's own row repeats what its hub's row says.
WITH claim AS (
    SELECT line, device_id AS claimed, 'device_id' AS claimed_as, device_type = 'GPF' AS is_gpf_row
      FROM smi_stage
     UNION ALL
    SELECT line, gpf_device_id, 'gpf_device_id', FALSE
      FROM smi_stage
     WHERE gpf_device_id IS NOT NULL
),
repeated AS (
    SELECT claimed, is_gpf_row, min(line) AS first_line, min(line) = max(line) AS is_within_one
      FROM claim
     GROUP BY claimed, is_gpf_row
    HAVING count(*) > 1
),
late AS (
    SELECT DISTINCT ON (claim.line) claim.line, claim.claimed, claim.claimed_as, repeated.first_line
      FROM claim
      JOIN repeated USING (claimed, is_gpf_row)
     WHERE claim.line > repeated.first_line
        OR (repeated.is_within_one AND claim.claimed_as = 'gpf_device_id')
     ORDER BY claim.line, claim.claimed_as
),
rejected AS (
    DELETE FROM smi_stage AS stage
     USING late
     WHERE stage.line = late.line
 RETURNING late.line, late.claimed, late.claimed_as, late.first_line
)
INSERT INTO smi_reject (line, "column", value, reason)
SELECT line, claimed_as, upper(replace(claimed::text, ':', '-')), format(%(reason)s::text, first_line)
  FROM rejected

-- reject_unknown_suppliers --
-- Reject rows whose responsible party is no known Supplier.
WITH rejected AS (
    DELETE FROM smi_stage AS stage
     WHERE responsible_party IS NOT NULL
       AND NOT EXISTS (
           SELECT FROM party
            WHERE party.name = stage.responsible_party
              AND party.kind = 'SUPPLIER'
           )
 RETURNING line, responsible_party
)
INSERT INTO smi_reject (line, "column", value, reason)
SELECT line, 'responsible_party', responsible_party, %(reason)s
  FROM rejected

-- reject_unknown_networks --
-- Reject rows whose network party is no known network operator.
WITH rejected AS (
    DELETE FROM smi_stage AS stage
     WHERE network_party IS NOT NULL
       AND NOT EXISTS (
           SELECT FROM party
            WHERE party.name = stage.network_party
              AND party.kind = 'NETWORK_OPERATOR'
           )
 RETURNING line, network_party
)
INSERT INTO smi_reject (line, "column", value, reason)
SELECT line, 'network_party', network_party, %(reason)s
  FROM rejected

-- reject_other_types --
-- Reject rows whose Device ID the inventory knows as another type of Device.
WITH known AS (
    SELECT stage.line, 'CHF' AS device_type
      FROM smi_stage AS stage
      JOIN communications_hub AS hub ON hub.device_id = stage.device_id
     UNION ALL
    SELECT stage.line, 'GPF'
      FROM smi_stage AS stage
      JOIN communications_hub AS hub ON hub.gpf_device_id = stage.device_id
     UNION ALL
    SELECT stage.line, device.device_type
      FROM smi_stage AS stage
      JOIN device ON device.device_id = stage.device_id
),
rejected AS (
    DELETE FROM smi_stage AS stage
     USING known
     WHERE stage.line = known.line
       AND stage.device_type <> known.device_type
 RETURNING stage.line, stage.device_type, known.device_type AS known_type
)
INSERT INTO smi_reject (line, "column", value, reason)
SELECT line, 'device_type', device_type, format(%(reason)s::text, known_type)
  FROM rejected

-- reject_taken_gpfs --
-- Reject hubs whose GPF's Device ID the inventory knows as something else.
WITH taken AS (
    SELECT stage.line
      FROM smi_stage AS stage
      JOIN communications_hub AS hub
        ON hub.gpf_device_id = stage.gpf_device_id
       AND hub.device_id <> stage.device_id
     UNION ALL
    SELECT stage.line
      FROM smi_stage AS stage
      JOIN communications_hub AS hub ON hub.device_id = stage.gpf_device_id
     UNION ALL
    SELECT stage.line
      FROM smi_stage AS stage
      JOIN device ON device.device_id = stage.gpf_device_id
),
rejected AS (
    DELETE FROM smi_stage AS stage
     USING taken
     WHERE stage.line = taken.line
 RETURNING stage.line, stage.gpf_device_id
)
INSERT INTO smi_reject (line, "column", value, reason)
SELECT line, 'gpf_device_id', upper(replace(gpf_device_id::text, ':', '-')), %(reason)s
  FROM rejected

-- reject_unknown_hubs --
-- Reject Devices whose hub is neither among the good rows nor in the inventory.
WITH rejected AS (
    DELETE FROM smi_stage AS stage
     WHERE hub_device_id IS NOT NULL
       AND NOT EXISTS (
           SELECT FROM smi_stage AS hub
            WHERE hub.device_id = stage.hub_device_id
              AND hub.device_type = 'CHF'
           )
       AND NOT EXISTS (
           SELECT FROM communications_hub AS hub
            WHERE hub.device_id = stage.hub_device_id
           )
 RETURNING line, hub_device_id
)
INSERT INTO smi_reject (line, "column", value, reason)
SELECT line, 'hub_device_id', upper(replace(hub_device_id::text, ':', '-')), %(reason)s
  FROM rejected

-- reject_other_gpfs --
-- Reject a GPF's own row when it differs from what its hub's row says (CHF and GPF are one, domain.md 3.5).
WITH stated AS (
    SELECT gpf.line, hub.gpf_device_id, hub.manufacturer, hub.model, hub.hardware_version, hub.firmware_version
      FROM smi_stage AS gpf
      JOIN smi_stage AS hub
        ON hub.device_id = gpf.hub_device_id
       AND hub.device_type = 'CHF'
     WHERE gpf.device_type = 'GPF'
     UNION ALL
    SELECT gpf.line, hub.gpf_device_id, known.manufacturer, known.model, known.hardware_version,
           known.firmware_version
      FROM smi_stage AS gpf
      JOIN communications_hub AS hub ON hub.device_id = gpf.hub_device_id
      JOIN device_model AS known USING (device_model_id)
     WHERE gpf.device_type = 'GPF'
       AND NOT EXISTS (SELECT FROM smi_stage WHERE smi_stage.device_id = gpf.hub_device_id)
),
rejected AS (
    DELETE FROM smi_stage AS gpf
     USING stated
     WHERE gpf.line = stated.line
       AND (gpf.device_id, gpf.manufacturer, gpf.model, gpf.hardware_version, gpf.firmware_version)
           IS DISTINCT FROM (
               stated.gpf_device_id, stated.manufacturer, stated.model, stated.hardware_version,
               stated.firmware_version
           )
 RETURNING gpf.line,
           gpf.firmware_version,
           gpf.device_id AS claimed,
           gpf.device_id <> stated.gpf_device_id AS is_other
)
INSERT INTO smi_reject (line, "column", value, reason)
SELECT line,
       CASE WHEN is_other THEN 'device_id' ELSE 'firmware_version' END,
       CASE WHEN is_other THEN upper(replace(claimed::text, ':', '-')) ELSE firmware_version END,
       CASE WHEN is_other THEN %(other_gpf)s::text ELSE %(other_model)s::text END
  FROM rejected

-- lock_fleet --
-- Keep every other writer of the fleet out until the transaction ends; readers go on.
LOCK TABLE communications_hub, device IN SHARE ROW EXCLUSIVE MODE

-- is_fleet_empty --
-- Whether no Device is known yet.
SELECT NOT EXISTS (SELECT FROM communications_hub)
   AND NOT EXISTS (SELECT FROM device)

-- empty_fleet --
-- Give empty tables back what an import that died left behind; the planner would take it for rows.
TRUNCATE communications_hub, device

-- add_device_models --
-- Add the Device Models that are not known yet; they are not on the CPL.
INSERT INTO device_model (device_type, manufacturer, model, hardware_version, firmware_version)
SELECT device_type, manufacturer, model, hardware_version, coalesce(firmware_version, '')
  FROM smi_stage
 WHERE device_type <> 'GPF'
 GROUP BY 1, 2, 3, 4, 5
EXCEPT
SELECT device_type, manufacturer, model, hardware_version, firmware_version
  FROM device_model

-- analyze_device_models --
-- Let the planner know of new Device Models.
ANALYZE device_model

-- add_regions --
-- Add the regions that hold hubs and are not known yet, able to carry a fixed part of their hubs in a night.
INSERT INTO csp_region (code, name, network, nightly_capacity)
SELECT known.code, known.name, known.network, greatest(1, count(*) / %(nights)s::integer)
  FROM smi_stage AS stage
  JOIN unnest(%(codes)s::text[], %(names)s::text[], %(networks)s::text[])
       WITH ORDINALITY AS known (code, name, network, place)
    ON known.code = stage.region
 WHERE NOT EXISTS (SELECT FROM csp_region AS region WHERE region.code = known.code)
 GROUP BY known.code, known.name, known.network, known.place
 ORDER BY known.place

-- resolve_smi_hubs --
-- Give the file's hubs the numbers of the inventory.
INSERT INTO smi_hub (
    device_id, gpf_device_id, lot, device_model_id, commissioned_on, region_id, party_id, smi_status
)
SELECT stage.device_id, stage.gpf_device_id, stage.lot, known.device_model_id, stage.commissioned_on,
       region.region_id, party.party_id, stage.smi_status
  FROM smi_stage AS stage
  JOIN device_model AS known
    ON known.device_type = stage.device_type
   AND known.manufacturer = stage.manufacturer
   AND known.model = stage.model
   AND known.hardware_version = stage.hardware_version
   AND known.firmware_version = stage.firmware_version
  JOIN csp_region AS region ON region.code = stage.region
  LEFT JOIN party ON party.name = stage.responsible_party
 WHERE stage.device_type = 'CHF'

-- resolve_smi_devices --
-- Give the file's other Devices the numbers of the inventory.
INSERT INTO smi_device (
    hub_device_id, device_id, device_model_id, commissioned_on, party_id, network_party_id, device_type, smi_status,
    mpxn
)
SELECT stage.hub_device_id, stage.device_id, known.device_model_id, stage.commissioned_on, party.party_id,
       network.party_id, stage.device_type, stage.smi_status, stage.mpxn
  FROM smi_stage AS stage
  JOIN device_model AS known
    ON known.device_type = stage.device_type
   AND known.manufacturer = stage.manufacturer
   AND known.model = stage.model
   AND known.hardware_version = stage.hardware_version
   AND known.firmware_version = coalesce(stage.firmware_version, '')
  LEFT JOIN party ON party.name = stage.responsible_party
  LEFT JOIN party AS network ON network.name = stage.network_party
 WHERE stage.device_type NOT IN ('CHF', 'GPF')

-- find_smi_suppliers --
-- Find the hubs whose Suppliers may change: those of the file, of its meters, and those that meters leave.
INSERT INTO smi_supplier (hub_device_id, loses_esme, loses_gsme, is_settled)
SELECT hub_device_id, bool_or(loses_esme), bool_or(loses_gsme), FALSE
  FROM (
        SELECT device_id AS hub_device_id, FALSE AS loses_esme, FALSE AS loses_gsme
          FROM smi_hub
         UNION ALL
        SELECT hub_device_id, FALSE, FALSE
          FROM smi_device
         WHERE device_type IN ('ESME', 'GSME')
         UNION ALL
        SELECT device.hub_device_id, device.device_type = 'ESME', device.device_type = 'GSME'
          FROM device
          JOIN smi_device AS moved
            ON moved.device_id = device.device_id
           AND moved.hub_device_id <> device.hub_device_id
       ) AS touched
 GROUP BY hub_device_id

-- update_devices --
-- Bring known Devices to what the file says, moved to another hub if it says so; what is Suspended keeps its memory.
UPDATE device
   SET hub_device_id = stated.hub_device_id,
       device_model_id = stated.device_model_id,
       commissioned_on = stated.commissioned_on,
       party_id = stated.party_id,
       network_party_id = stated.network_party_id,
       smi_status = stated.smi_status,
       mpxn = stated.mpxn,
       status_before = CASE WHEN stated.smi_status <> 'SUSPENDED' THEN NULL
                            WHEN device.smi_status = 'SUSPENDED' THEN device.status_before
                            ELSE device.smi_status
                       END,
       suspension_id = CASE WHEN stated.smi_status = 'SUSPENDED' AND device.smi_status = 'SUSPENDED' THEN device.suspension_id END
  FROM smi_device AS stated
 WHERE device.device_id = stated.device_id
   AND (
        device.hub_device_id, device.device_model_id, device.commissioned_on, device.party_id,
        device.network_party_id, device.smi_status, device.mpxn
       ) IS DISTINCT FROM (
        stated.hub_device_id, stated.device_model_id, stated.commissioned_on, stated.party_id,
        stated.network_party_id, stated.smi_status, stated.mpxn
       )

-- insert_devices --
-- Add the Devices that are not known yet.
INSERT INTO device (
    hub_device_id, device_id, device_model_id, commissioned_on, party_id, network_party_id, device_type,
    smi_status, mpxn
)
SELECT hub_device_id, device_id, device_model_id, commissioned_on, party_id, network_party_id, device_type,
       smi_status, mpxn
  FROM smi_device AS stated
 WHERE NOT EXISTS (SELECT FROM device WHERE device.device_id = stated.device_id)

-- settle_smi_suppliers --
-- Say who is responsible for each hub: the Suppliers of its meters, commissioned ones first (domain.md 2.3); without an
-- ESME the Supplier that the hub's own row names.
WITH meter AS (
    SELECT hub_device_id,
           bool_or(device.device_type = 'ESME') AS has_esme,
           bool_or(device.device_type = 'GSME') AS has_gsme,
           (array_agg(device.party_id ORDER BY coalesce(device.status_before, device.smi_status) <> 'COMMISSIONED', device.device_id)
            FILTER (WHERE device.device_type = 'ESME'))[1] AS import_party_id,
           (array_agg(device.party_id ORDER BY coalesce(device.status_before, device.smi_status) <> 'COMMISSIONED', device.device_id)
            FILTER (WHERE device.device_type = 'GSME'))[1] AS gas_party_id
      FROM device
      JOIN smi_supplier USING (hub_device_id)
     WHERE device.device_type IN ('ESME', 'GSME')
     GROUP BY hub_device_id
)
INSERT INTO smi_supplier (hub_device_id, is_settled, import_party_id, gas_party_id)
SELECT touched.hub_device_id,
       TRUE,
       CASE
           WHEN meter.has_esme THEN meter.import_party_id
           WHEN stated.device_id IS NOT NULL THEN stated.party_id
           WHEN NOT touched.loses_esme THEN known.import_party_id
       END,
       CASE
           WHEN meter.has_gsme THEN meter.gas_party_id
           WHEN NOT touched.loses_gsme THEN known.gas_party_id
       END
  FROM smi_supplier AS touched
  LEFT JOIN meter ON meter.hub_device_id = touched.hub_device_id
  LEFT JOIN smi_hub AS stated ON stated.device_id = touched.hub_device_id
  LEFT JOIN communications_hub AS known ON known.device_id = touched.hub_device_id
 WHERE NOT touched.is_settled

-- update_hubs --
-- Bring known hubs to what the file says; what is Suspended keeps its memory.
UPDATE communications_hub AS hub
   SET gpf_device_id = stated.gpf_device_id,
       device_model_id = stated.device_model_id,
       commissioned_on = stated.commissioned_on,
       region_id = stated.region_id,
       smi_status = stated.smi_status,
       status_before = CASE WHEN stated.smi_status <> 'SUSPENDED' THEN NULL
                            WHEN hub.smi_status = 'SUSPENDED' THEN hub.status_before
                            ELSE hub.smi_status
                       END,
       suspension_id = CASE WHEN stated.smi_status = 'SUSPENDED' AND hub.smi_status = 'SUSPENDED' THEN hub.suspension_id END
  FROM smi_hub AS stated
 WHERE hub.device_id = stated.device_id
   AND (hub.gpf_device_id, hub.device_model_id, hub.commissioned_on, hub.region_id, hub.smi_status)
       IS DISTINCT FROM (
           stated.gpf_device_id, stated.device_model_id, stated.commissioned_on, stated.region_id, stated.smi_status
       )

-- update_hub_suppliers --
-- Let known hubs follow the Suppliers of their meters.
UPDATE communications_hub AS hub
   SET import_party_id = settled.import_party_id,
       gas_party_id = settled.gas_party_id
  FROM smi_supplier AS settled
 WHERE settled.is_settled
   AND hub.device_id = settled.hub_device_id
   AND (hub.import_party_id, hub.gas_party_id)
       IS DISTINCT FROM (settled.import_party_id, settled.gas_party_id)

-- insert_hubs --
-- Add the hubs that are not known yet.
INSERT INTO communications_hub (
    device_id, gpf_device_id, lot, device_model_id, commissioned_on, region_id, import_party_id, gas_party_id,
    smi_status
)
SELECT stated.device_id, stated.gpf_device_id, stated.lot, stated.device_model_id, stated.commissioned_on,
       stated.region_id, settled.import_party_id, settled.gas_party_id, stated.smi_status
  FROM smi_hub AS stated
  JOIN smi_supplier AS settled
    ON settled.hub_device_id = stated.device_id
   AND settled.is_settled
 WHERE NOT EXISTS (SELECT FROM communications_hub AS hub WHERE hub.device_id = stated.device_id)

-- count_smi_staged --
-- How many good rows there are, by what they are.
SELECT count(*) FILTER (WHERE device_type = 'CHF') AS hubs,
       count(*) FILTER (WHERE device_type = 'GPF') AS gpfs,
       count(*) FILTER (WHERE device_type NOT IN ('CHF', 'GPF')) AS devices
  FROM smi_stage

-- copy_out_smi_rejects --
-- The rows that are not taken, in the order of the file.
COPY (
    SELECT line, "column", value, reason
      FROM smi_reject
     ORDER BY line
) TO STDOUT

-- copy_out_inventory --
-- Every Device in the words of a file: each hub, then what is behind it.
COPY (
    SELECT upper(replace(listed.device_id::text, ':', '-')),
           known.device_type,
           listed.smi_status,
           known.manufacturer,
           known.model,
           known.hardware_version,
           nullif(known.firmware_version, ''),
           CASE WHEN listed.place = 1 THEN upper(replace(listed.hub_device_id::text, ':', '-')) END,
           upper(replace(listed.gpf_device_id::text, ':', '-')),
           region.code,
           listed.mpxn,
           party.name,
           network.name,
           listed.commissioned_on
      FROM (
            SELECT device_id AS hub_device_id, 0 AS place, device_id, gpf_device_id, region_id, device_model_id,
                   smi_status, NULL AS mpxn, import_party_id AS party_id, NULL::smallint AS network_party_id,
                   commissioned_on
              FROM communications_hub
             UNION ALL
            SELECT hub_device_id, 1, device_id, NULL, NULL, device_model_id,
                   smi_status, mpxn, party_id, network_party_id, commissioned_on
              FROM device
           ) AS listed
      JOIN device_model AS known USING (device_model_id)
      LEFT JOIN csp_region AS region USING (region_id)
      LEFT JOIN party ON party.party_id = listed.party_id
      LEFT JOIN party AS network ON network.party_id = listed.network_party_id
     ORDER BY listed.hub_device_id, listed.place, listed.device_id
) TO STDOUT

-- count_devices_kept --
-- How many Devices the inventory holds, hubs among them (their GPFs are not counted apart).
SELECT (SELECT coalesce(sum(hub_count), 0) FROM portfolio_count) + (SELECT count(*) FROM device)

-- list_hub_totals --
-- Hubs by region and status, from the portfolio roll-up; of one Party if it is given.
SELECT region.name AS region, count.smi_status, sum(count.hub_count)::integer AS hub_count
  FROM portfolio_count AS count
  JOIN csp_region AS region USING (region_id)
 WHERE (%(party_id)s::integer IS NULL OR %(party_id)s IN (count.import_party_id, count.gas_party_id))
 GROUP BY region.region_id, region.name, count.smi_status
HAVING sum(count.hub_count) > 0
 ORDER BY region.region_id, count.smi_status

-- list_device_totals --
-- Devices behind hubs by type and status; of one Party if it is given.
SELECT device_type, smi_status, count(*)::integer AS device_count
  FROM device
 WHERE (%(party_id)s::integer IS NULL OR party_id = %(party_id)s)
 GROUP BY device_type, smi_status
 ORDER BY device_type, smi_status

-- list_smi_loads --
-- The latest loads, newest first.
SELECT source, seed, hub_count, device_count, reject_count, loaded_at
  FROM smi_load
 ORDER BY smi_load_id DESC
 LIMIT %(limit)s
