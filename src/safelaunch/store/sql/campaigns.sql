-- list_target_options --
-- Which hub Device Models the CPL lets become a firmware version: same hardware, version among the predecessors.
SELECT old.device_model_id AS from_model_id,
       new.device_model_id AS to_model_id,
       new.manufacturer,
       new.model,
       old.firmware_version AS from_version,
       entry.status AS cpl_status,
       entry.added_at AS cpl_added_at
  FROM device_model AS new
  JOIN cpl_entry AS entry
    ON entry.device_model_id = new.device_model_id
  JOIN device_model AS old
    ON old.device_type = 'CHF'
   AND old.manufacturer = new.manufacturer
   AND old.model = new.model
   AND old.hardware_version = new.hardware_version
   AND old.firmware_version = ANY(entry.predecessors)
 WHERE new.device_type = 'CHF'
   AND new.firmware_version = %(firmware_version)s
 ORDER BY old.device_model_id

-- list_targets --
-- The Device Models a campaign upgrades.
SELECT target.from_model_id,
       target.to_model_id,
       new.manufacturer,
       new.model,
       old.firmware_version AS from_version,
       entry.status AS cpl_status,
       entry.added_at AS cpl_added_at
  FROM campaign_target AS target
  JOIN device_model AS old
    ON old.device_model_id = target.from_model_id
  JOIN device_model AS new
    ON new.device_model_id = target.to_model_id
  JOIN cpl_entry AS entry
    ON entry.device_model_id = target.to_model_id
 WHERE target.campaign_id = %(campaign_id)s
 ORDER BY target.from_model_id

-- list_hub_models --
-- Hub models there are, whatever their firmware.
SELECT DISTINCT manufacturer || '/' || model AS name
  FROM device_model
 WHERE device_type = 'CHF'
 ORDER BY name

-- count_eligible --
-- Eligible hubs per region and pair of Suppliers, from the portfolio roll-up.
SELECT count.region_id,
       count.import_party_id,
       count.gas_party_id,
       sum(count.hub_count)::integer AS hub_count
  FROM campaign_target AS target
  JOIN cpl_entry AS entry
    ON entry.device_model_id = target.to_model_id
   AND entry.status = 'ACTIVE'
  JOIN portfolio_count AS count
    ON count.device_model_id = target.from_model_id
   AND count.is_in_use
 WHERE target.campaign_id = %(campaign_id)s
 GROUP BY count.region_id, count.import_party_id, count.gas_party_id
HAVING sum(count.hub_count) > 0
 ORDER BY count.region_id, count.import_party_id, count.gas_party_id

-- lock_campaign_sending --
-- Share the right to send for a campaign; an emergency stop waits for it and then keeps everyone out.
SELECT pg_advisory_lock_shared(hashtext('safelaunch.sending'), %(campaign_id)s)

-- unlock_campaign_sending --
-- Give the shared right to send back.
SELECT pg_advisory_unlock_shared(hashtext('safelaunch.sending'), %(campaign_id)s)

-- lock_campaign_stopping --
-- Wait until nobody is sending for a campaign, and keep everyone out until the transaction ends.
SELECT pg_advisory_xact_lock(hashtext('safelaunch.sending'), %(campaign_id)s)

-- limit_lock_wait --
-- Wait for locks no longer than this in the present transaction.
SELECT set_config('lock_timeout', %(milliseconds)s::text, TRUE)

-- send_supplier_notices --
-- Notify every affected Supplier with its own number of hubs; a dual-fuel hub counts once for each Supplier.
INSERT INTO supplier_notice (campaign_id, party_id, hub_count, sent_at)
SELECT %(campaign_id)s, role.party_id, sum(count.hub_count)::integer, %(sent_at)s
  FROM campaign_target AS target
  JOIN portfolio_count AS count
    ON count.device_model_id = target.from_model_id
   AND count.is_in_use
 CROSS JOIN LATERAL (
        SELECT count.import_party_id AS party_id
         UNION
        SELECT count.gas_party_id
       ) AS role
 WHERE target.campaign_id = %(campaign_id)s
   AND role.party_id <> 0
 GROUP BY role.party_id
HAVING sum(count.hub_count) > 0
