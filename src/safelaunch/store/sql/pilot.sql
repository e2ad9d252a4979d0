-- compile_pilot_list --
-- Choose the Default Pilot List: a share of every hub model and region, and one hub of every HAN topology (Q8).
WITH stratum AS (
    SELECT count.device_model_id, count.region_id, sum(count.hub_count) AS hub_count,
           sum(sum(count.hub_count)) OVER (PARTITION BY count.device_model_id) AS model_count
      FROM campaign_target AS target
      JOIN portfolio_count AS count
        ON count.device_model_id = target.from_model_id
       AND count.is_in_use
     WHERE target.campaign_id = %(campaign_id)s
     GROUP BY count.device_model_id, count.region_id
    HAVING sum(count.hub_count) > 0
),
quota AS (
    SELECT device_model_id, region_id,
           ceil(least(%(share)s * model_count, %(cap)s) * hub_count / model_count)::integer AS hub_count
      FROM stratum
),
candidate AS (
    SELECT quota.device_model_id, quota.region_id, quota.hub_count, hub.device_id, hub.lot,
           row_number() OVER (
               PARTITION BY quota.device_model_id, quota.region_id
               ORDER BY (hub.lot - %(lot_offset)s + %(lots)s) %% %(lots)s
           ) AS turn
      FROM quota
     CROSS JOIN LATERAL (
           (SELECT device_id, lot
              FROM communications_hub
             WHERE communications_hub.region_id = quota.region_id AND communications_hub.lot >= %(lot_offset)s
               AND communications_hub.device_model_id = quota.device_model_id
               AND communications_hub.is_in_use
             ORDER BY communications_hub.region_id, communications_hub.lot
             LIMIT quota.hub_count * %(oversample)s + 100)
             UNION ALL
           (SELECT device_id, lot
              FROM communications_hub
             WHERE communications_hub.region_id = quota.region_id AND communications_hub.lot < %(lot_offset)s
               AND communications_hub.device_model_id = quota.device_model_id
               AND communications_hub.is_in_use
             ORDER BY communications_hub.region_id, communications_hub.lot
             LIMIT quota.hub_count * %(oversample)s + 100)
           ) AS hub
),
topology AS (
    SELECT candidate.*, behind.devices,
           row_number() OVER (
               PARTITION BY candidate.device_model_id, behind.devices ORDER BY candidate.turn, candidate.device_id
           ) AS turn_in_topology
      FROM candidate
     CROSS JOIN LATERAL (
           SELECT string_agg(DISTINCT device_type, '+') AS devices
             FROM device
            WHERE device.hub_device_id = candidate.device_id
           ) AS behind
)
INSERT INTO pilot_hub (campaign_id, device_id, region_id, place)
SELECT %(campaign_id)s, device_id, region_id,
       row_number() OVER (PARTITION BY region_id ORDER BY turn, device_id) - 1
  FROM topology
 WHERE turn <= hub_count
    OR turn_in_topology = 1

-- count_pilot_waiting --
-- Eligible hubs of the Default Pilot List that have not had their turn, per region.
SELECT pilot_hub.region_id, count(*)::integer AS hub_count
  FROM pilot_hub
  JOIN communications_hub AS hub
    ON hub.device_id = pilot_hub.device_id
   AND hub.is_in_use
  JOIN campaign_target AS target
    ON target.campaign_id = pilot_hub.campaign_id
   AND target.from_model_id = hub.device_model_id
  JOIN cpl_entry AS entry
    ON entry.device_model_id = target.to_model_id
   AND entry.status = 'ACTIVE'
 WHERE pilot_hub.campaign_id = %(campaign_id)s
   AND NOT EXISTS (
       SELECT FROM hub_upgrade
        WHERE hub_upgrade.campaign_id = %(campaign_id)s
          AND hub_upgrade.device_id = pilot_hub.device_id
       )
   AND NOT EXISTS (
       SELECT FROM own_turn AS turn
        WHERE turn.campaign_id = %(campaign_id)s
          AND turn.device_id = pilot_hub.device_id
          AND turn.not_before >= %(until)s
          AND turn.party_id IN (0, hub.import_party_id, hub.gas_party_id)
       )
 GROUP BY pilot_hub.region_id

-- drop_answered_pilot_hubs --
-- Hubs of Suppliers that sent a Preferred Pilot List leave the pilot, unless one of the home's Suppliers listed them (R-0024-5).
DELETE FROM pilot_hub
 USING communications_hub AS hub
 WHERE pilot_hub.campaign_id = %(campaign_id)s
   AND hub.device_id = pilot_hub.device_id
   AND EXISTS (
       SELECT FROM campaign_nomination AS nomination
        WHERE nomination.campaign_id = %(campaign_id)s
          AND nomination.party_id IN (hub.import_party_id, hub.gas_party_id)
       )
   AND NOT EXISTS (
       SELECT FROM campaign_nomination AS nomination
        WHERE nomination.campaign_id = %(campaign_id)s
          AND nomination.device_id = pilot_hub.device_id
          AND nomination.party_id IN (hub.import_party_id, hub.gas_party_id)
       )

-- add_preferred_pilot_hubs --
-- Hubs that a Supplier of the home listed join the pilot in the order of lots, whatever the other Supplier did (Q3).
INSERT INTO pilot_hub (campaign_id, device_id, region_id, place)
SELECT target.campaign_id, hub.device_id, hub.region_id,
       row_number() OVER (
           PARTITION BY hub.region_id
           ORDER BY (hub.lot - %(lot_offset)s + %(lots)s) %% %(lots)s, hub.device_id
       ) - 1
  FROM campaign_nomination AS nomination
  JOIN communications_hub AS hub
    ON hub.device_id = nomination.device_id
   AND hub.is_in_use
   AND nomination.party_id IN (hub.import_party_id, hub.gas_party_id)
  JOIN campaign_target AS target
    ON target.campaign_id = nomination.campaign_id
   AND target.from_model_id = hub.device_model_id
 WHERE nomination.campaign_id = %(campaign_id)s
    ON CONFLICT (campaign_id, device_id) DO NOTHING

-- count_pilot_hubs --
-- Hubs of a campaign's pilot.
SELECT count(*)::integer AS hub_count
  FROM pilot_hub
 WHERE campaign_id = %(campaign_id)s
