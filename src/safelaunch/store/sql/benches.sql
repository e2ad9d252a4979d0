-- count_every_hub --
-- The floor of publishing: one pass over the inventory.
SELECT count(*)
  FROM communications_hub

-- create_bare_hubs --
-- Room for the floor of planning: the same columns, without a key, an index or a check.
CREATE TABLE bench_bare_hub AS SELECT * FROM hub_upgrade WITH NO DATA

-- append_bare_hubs --
-- The floor of planning: as many rows as a night holds, as wide as they are, into a table without a key.
INSERT INTO bench_bare_hub (
    campaign_id, device_id, chunk_id, state_since, tranche_id, region_id, from_model_id, import_party_id,
    gas_party_id, attempt, read_count, state
)
SELECT 1, device_id, 1, %(planned_at)s, 1, region_id, device_model_id, 1, 1, 1, 0, 'PLANNED'
  FROM communications_hub
 LIMIT %(hub_count)s

-- empty_bare_hubs --
-- Make room for the next round.
TRUNCATE bench_bare_hub

-- create_keyed_hubs --
-- Room for the floor of dispatch, with the key a table of upgrades has.
CREATE TABLE bench_keyed_hub (campaign_id integer, device_id macaddr8, state text, PRIMARY KEY (campaign_id, device_id))

-- append_keyed_hubs --
-- The floor of dispatch: the hubs of the night, into a table with a key.
INSERT INTO bench_keyed_hub (campaign_id, device_id, state)
SELECT campaign_id, device_id, state
  FROM hub_upgrade

-- empty_keyed_hubs --
-- Make room for the next round.
TRUNCATE bench_keyed_hub

-- create_bare_events --
-- Room for the floor of ingest, without a key.
CREATE TABLE bench_bare_event (number bigint, device_id macaddr8, kind text, happened_at timestamptz)

-- copy_bare_events --
-- The floor of ingest: a batch as it comes, into a table without a key.
COPY bench_bare_event (number, device_id, kind, happened_at) FROM STDIN

-- widen_capacity --
-- Let the networks carry a share of the fleet in one night, in proportion to their hubs.
UPDATE csp_region
   SET nightly_capacity = fleet.hub_count * %(share)s
  FROM (
        SELECT region_id, sum(hub_count) AS hub_count
          FROM portfolio_count
         GROUP BY region_id
       ) AS fleet
 WHERE fleet.region_id = csp_region.region_id

-- begin_nights_again --
-- Take every night back, so that the next round begins where this one did.
TRUNCATE hub_upgrade, chunk, tranche, tranche_count, supplier_count, procrastinate_jobs,
         procrastinate_events, procrastinate_periodic_defers

-- begin_turns_again --
-- Put every region back to its first place in the order of turns.
UPDATE campaign_region
   SET place = 0, is_exhausted = FALSE

-- list_instructed_hubs --
-- The hubs of the night in the order they were handed over, by network.
SELECT region.network, upgrade.device_id
  FROM hub_upgrade AS upgrade
  JOIN csp_region AS region USING (region_id)
 WHERE upgrade.state = 'INSTRUCTED'
 ORDER BY region.network, upgrade.chunk_id, upgrade.device_id

-- count_alerts_raised --
-- DCC Alerts raised so far.
SELECT count(*)
  FROM dcc_alert

-- count_miscounted_cells --
-- Cells of the roll-up that differ from a count of the rows they stand for.
SELECT count(*)
  FROM (
        SELECT tranche_id, state, count(*) AS hub_count
          FROM hub_upgrade
         GROUP BY tranche_id, state
       ) AS counted
  FULL JOIN tranche_count AS kept USING (tranche_id, state)
 WHERE coalesce(counted.hub_count, 0) <> coalesce(kept.hub_count, 0)

-- create_bare_devices --
-- Room for the floor of suspending: the same columns, without a key, an index or a check.
CREATE TABLE bench_bare_device AS SELECT * FROM device WITH NO DATA

-- append_bare_devices --
-- The floor of suspending: as many Devices, as wide as they are, into a table without a key.
INSERT INTO bench_bare_device (
    hub_device_id, device_id, device_model_id, commissioned_on, party_id, network_party_id, device_type, smi_status,
    mpxn, suspension_id, status_before
)
SELECT hub_device_id, device_id, device_model_id, commissioned_on, party_id, network_party_id, device_type, smi_status,
       mpxn, suspension_id, status_before
  FROM device
 LIMIT %(device_count)s

-- empty_bare_devices --
-- Make room for the next round.
TRUNCATE bench_bare_device

-- list_largest_models --
-- Active Device Models of meters by their Devices, the most common first, and how many Devices there are at all.
SELECT known.device_type, known.manufacturer, known.model, known.hardware_version, known.firmware_version,
       count(*)::integer AS device_count, (SELECT count(*) FROM device)::integer AS fleet_count
  FROM device
  JOIN device_model AS known USING (device_model_id)
  JOIN cpl_entry AS entry USING (device_model_id)
 WHERE entry.status = 'ACTIVE'
   AND known.device_type = 'ESME'
 GROUP BY known.device_model_id
 ORDER BY count(*) DESC, known.device_model_id

-- sample_devices --
-- Some Devices of the inventory, to be looked up while others are suspended.
SELECT device_id
  FROM device
 LIMIT %(limit)s

-- get_device_status --
-- One look-up by Device ID, as a reader makes it.
SELECT smi_status
  FROM device
 WHERE device_id = %(device_id)s
