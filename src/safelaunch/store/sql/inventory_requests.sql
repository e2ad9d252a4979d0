-- find_model_on_cpl --
-- A Device Model by what a User knows of it, and what the CPL says; the hardware version that was there is kept if it can be.
SELECT model.device_model_id, entry.status AS cpl_status, entry.smets_chts_version
  FROM device_model AS model
  LEFT JOIN cpl_entry AS entry
    ON entry.device_model_id = model.device_model_id
 WHERE model.device_type = %(device_type)s
   AND model.manufacturer = %(manufacturer)s
   AND model.model = %(model)s
   AND model.firmware_version = %(firmware_version)s
 ORDER BY entry.status IS DISTINCT FROM 'ACTIVE',
          model.hardware_version IS DISTINCT FROM %(hardware_version)s::text,
          model.device_model_id
 LIMIT 1

-- change_hub --
-- A hub, CHF and GPF together, takes another status or Device Model, and the portfolio roll-up follows, in key order.
WITH before AS (
    SELECT device_id, device_model_id, smi_status, is_in_use
      FROM communications_hub
     WHERE device_id = %(device_id)s
       FOR UPDATE
),
changed AS (
    UPDATE communications_hub AS hub
       SET smi_status = coalesce(%(smi_status)s::text, hub.smi_status),
           status_before = CASE WHEN %(smi_status)s::text IS NULL THEN hub.status_before END,
           suspension_id = CASE WHEN %(smi_status)s::text IS NULL THEN hub.suspension_id END,
           device_model_id = coalesce(%(device_model_id)s::integer, hub.device_model_id),
           commissioned_on = coalesce(%(commissioned_on)s::date, hub.commissioned_on)
      FROM before
     WHERE hub.device_id = before.device_id
 RETURNING before.device_model_id AS old_model_id, before.smi_status AS old_status,
           before.is_in_use AS was_in_use, hub.device_model_id, hub.smi_status, hub.is_in_use, hub.region_id,
           coalesce(hub.import_party_id, 0) AS import_party_id, coalesce(hub.gas_party_id, 0) AS gas_party_id
),
change AS (
    SELECT old_model_id AS device_model_id, region_id, import_party_id, gas_party_id, old_status AS smi_status,
           was_in_use AS is_in_use, -1 AS hub_count
      FROM changed
     UNION ALL
    SELECT device_model_id, region_id, import_party_id, gas_party_id, smi_status, is_in_use, 1
      FROM changed
)
INSERT INTO portfolio_count (
    device_model_id, region_id, import_party_id, gas_party_id, smi_status, is_in_use, hub_count
)
SELECT device_model_id, region_id, import_party_id, gas_party_id, smi_status, is_in_use, sum(hub_count)::integer
  FROM change
 GROUP BY device_model_id, region_id, import_party_id, gas_party_id, smi_status, is_in_use
HAVING sum(hub_count) <> 0
 ORDER BY device_model_id, region_id, import_party_id, gas_party_id, smi_status, is_in_use
    ON CONFLICT (device_model_id, region_id, import_party_id, gas_party_id, smi_status, is_in_use) DO UPDATE
   SET hub_count = portfolio_count.hub_count + excluded.hub_count

-- admit_hub --
-- An announced hub joins the fleet in the region and with the Suppliers of its home, or of one that nobody was in before; the
-- portfolio roll-up follows.
WITH admitted AS (
    INSERT INTO communications_hub (
        device_id, gpf_device_id, lot, device_model_id, commissioned_on, region_id, import_party_id, gas_party_id,
        smi_status, status_before, suspension_id
    )
    SELECT %(device_id)s::macaddr8, %(gpf_device_id)s::macaddr8, %(lot)s, %(device_model_id)s, %(commissioned_on)s::date,
           place.region_id, place.import_party_id, place.gas_party_id, %(smi_status)s, %(status_before)s,
           %(suspension_id)s::integer
      FROM (
            SELECT home.region_id, home.import_party_id, home.gas_party_id
              FROM communications_hub AS home
             WHERE home.device_id = %(home_device_id)s
             UNION ALL
            SELECT %(region_id)s::smallint, %(import_party_id)s::smallint, %(gas_party_id)s::smallint
             WHERE %(home_device_id)s::macaddr8 IS NULL
           ) AS place
 RETURNING device_model_id, region_id, smi_status, is_in_use,
           coalesce(import_party_id, 0) AS import_party_id, coalesce(gas_party_id, 0) AS gas_party_id
)
INSERT INTO portfolio_count (
    device_model_id, region_id, import_party_id, gas_party_id, smi_status, is_in_use, hub_count
)
SELECT device_model_id, region_id, import_party_id, gas_party_id, smi_status, is_in_use, 1
  FROM admitted
    ON CONFLICT (device_model_id, region_id, import_party_id, gas_party_id, smi_status, is_in_use) DO UPDATE
   SET hub_count = portfolio_count.hub_count + excluded.hub_count

-- move_home --
-- What is behind a hub, what is planned there, what waits to be sent and its tenancy go to the hub that takes its place.
WITH tenanted AS (
    UPDATE tenancy
       SET hub_device_id = %(to_device_id)s
     WHERE hub_device_id = %(from_device_id)s
       AND NOT EXISTS (SELECT FROM tenancy AS other WHERE other.hub_device_id = %(to_device_id)s)
 RETURNING epoch
),
told AS (
    UPDATE tenancy_source
       SET hub_device_id = %(to_device_id)s
     WHERE hub_device_id = %(from_device_id)s
       AND EXISTS (SELECT FROM tenanted)
),
marked AS (
    UPDATE tenancy_display
       SET hub_device_id = %(to_device_id)s
     WHERE hub_device_id = %(from_device_id)s
       AND EXISTS (SELECT FROM tenanted)
),
planned AS (
    UPDATE planned_event
       SET hub_device_id = %(to_device_id)s
     WHERE hub_device_id = %(from_device_id)s
       AND cancelled_at IS NULL
),
waiting AS (
    UPDATE device_command
       SET hub_device_id = %(to_device_id)s
      FROM device
     WHERE device.hub_device_id = %(from_device_id)s
       AND device_command.device_id = device.device_id
       AND device_command.state = 'WAITING'
)
UPDATE device
   SET hub_device_id = %(to_device_id)s
 WHERE hub_device_id = %(from_device_id)s

-- lock_home --
-- Keep the Devices behind a hub where they are, locked before its upgrades and itself, as when they change hands.
SELECT count(*) AS device_count
  FROM (
        SELECT
          FROM device
         WHERE hub_device_id = %(hub_device_id)s
         ORDER BY device_id
           FOR UPDATE
       ) AS locked

-- withdraw_leaving --
-- A hub that leaves service is a target of no campaign any more; gives what changes in the counts. Reports lock it alike.
WITH standing AS MATERIALIZED (
    SELECT campaign_id, device_id, state
      FROM hub_upgrade
     WHERE campaign_id IN (SELECT campaign_id FROM campaign)
       AND device_id = %(device_id)s
     ORDER BY campaign_id, device_id
       FOR UPDATE
)
UPDATE hub_upgrade AS upgrade
   SET state = %(to_state)s, state_since = %(at)s
  FROM standing
 WHERE upgrade.campaign_id = standing.campaign_id
   AND upgrade.device_id = standing.device_id
   AND standing.state = ANY(%(from_states)s)
RETURNING upgrade.campaign_id, upgrade.tranche_id, upgrade.region_id, upgrade.import_party_id, upgrade.gas_party_id,
          standing.state

-- delete_hub --
-- A hub that never was in a home leaves the inventory, and the portfolio roll-up.
WITH deleted AS (
    DELETE FROM communications_hub
     WHERE device_id = %(device_id)s
 RETURNING device_model_id, region_id, smi_status, is_in_use,
           coalesce(import_party_id, 0) AS import_party_id, coalesce(gas_party_id, 0) AS gas_party_id
)
UPDATE portfolio_count AS tally
   SET hub_count = tally.hub_count - 1
  FROM deleted
 WHERE tally.device_model_id = deleted.device_model_id
   AND tally.region_id = deleted.region_id
   AND tally.import_party_id = deleted.import_party_id
   AND tally.gas_party_id = deleted.gas_party_id
   AND tally.smi_status = deleted.smi_status
   AND tally.is_in_use = deleted.is_in_use

-- lock_device --
-- A Device of the inventory for a change, kept from others until the transaction ends: a hub by either of its Device IDs.
SELECT hub.device_id,
       hub.gpf_device_id,
       CASE WHEN hub.device_id = %(device_id)s THEN 'CHF' ELSE 'GPF' END AS device_type,
       hub.device_id AS hub_device_id,
       hub.smi_status,
       hub.status_before,
       hub.device_model_id,
       NULL::text AS mpxn,
       (SELECT count(*) FROM device WHERE device.hub_device_id = hub.device_id)::integer AS devices_behind
  FROM communications_hub AS hub
 WHERE hub.device_id = %(device_id)s
    OR hub.gpf_device_id = %(device_id)s
   FOR UPDATE

-- lock_device_behind --
-- A Device behind a hub for a change, kept from others until the transaction ends.
SELECT device_id,
       NULL::macaddr8 AS gpf_device_id,
       device_type,
       hub_device_id,
       smi_status,
       status_before,
       device_model_id,
       mpxn,
       0 AS devices_behind
  FROM device
 WHERE device_id = %(device_id)s
   FOR UPDATE
