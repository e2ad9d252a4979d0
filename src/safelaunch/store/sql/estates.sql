-- copy_hubs --
-- Load Communications Hubs.
COPY communications_hub (
    device_id, gpf_device_id, lot, device_model_id, commissioned_on, region_id, import_party_id, gas_party_id, smi_status
) FROM STDIN (FORMAT binary)

-- copy_devices --
-- Load the Devices behind hubs.
COPY device (
    hub_device_id, device_id, device_model_id, commissioned_on, party_id, network_party_id, device_type,
    smi_status, mpxn
) FROM STDIN (FORMAT binary)

-- is_inventory_empty --
-- Whether no hub and no Party is known yet.
SELECT NOT EXISTS (SELECT FROM communications_hub)
   AND NOT EXISTS (SELECT FROM party)

-- drop_hub_keys --
-- Load into a heap without keys: several times quicker for millions of rows, and undone with the transaction.
ALTER TABLE communications_hub DROP CONSTRAINT communications_hub_pkey

-- drop_hub_turns --
-- The order of turns is built after the load.
DROP INDEX communications_hub_turn

-- drop_hub_gpfs --
-- The look-up by the GPF's Device ID is built after the load.
DROP INDEX communications_hub_gpf

-- drop_device_keys --
-- Load into a heap without keys.
ALTER TABLE device DROP CONSTRAINT device_pkey

-- drop_device_ids --
-- The look-up by Device ID is built after the load.
DROP INDEX device_by_id

-- drop_device_mpxns --
-- The look-up by meter point is built after the load.
DROP INDEX device_by_mpxn

-- build_hub_keys --
-- One hub for each Device ID.
ALTER TABLE communications_hub ADD CONSTRAINT communications_hub_pkey PRIMARY KEY (device_id)

-- build_hub_turns --
-- The order of turns.
CREATE INDEX communications_hub_turn ON communications_hub (region_id, lot)

-- build_hub_gpfs --
-- Look-up by the GPF's Device ID.
CREATE INDEX communications_hub_gpf ON communications_hub (gpf_device_id)

-- build_device_keys --
-- One Device for each hub and Device ID.
ALTER TABLE device ADD CONSTRAINT device_pkey PRIMARY KEY (hub_device_id, device_id)

-- build_device_ids --
-- Look-up by Device ID.
CREATE INDEX device_by_id ON device (device_id)

-- build_device_mpxns --
-- Look-up by meter point.
CREATE INDEX device_by_mpxn ON device (mpxn) WHERE mpxn IS NOT NULL

-- empty_portfolio_counts --
-- Forget the portfolio roll-up before it is counted anew.
DELETE FROM portfolio_count

-- count_portfolio --
-- Count the portfolio roll-up from the fleet.
INSERT INTO portfolio_count (
    device_model_id, region_id, import_party_id, gas_party_id, smi_status, is_in_use, hub_count
)
SELECT device_model_id, region_id, coalesce(import_party_id, 0), coalesce(gas_party_id, 0), smi_status,
       is_in_use, count(*)::integer
  FROM communications_hub
 GROUP BY device_model_id, region_id, coalesce(import_party_id, 0), coalesce(gas_party_id, 0), smi_status,
          is_in_use

-- analyze_hubs --
-- Let the planner know what was loaded.
ANALYZE communications_hub

-- analyze_devices --
-- Let the planner know what was loaded.
ANALYZE device
