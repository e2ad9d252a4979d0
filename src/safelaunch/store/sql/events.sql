-- add_batch --
-- Note a signed batch; a batch that is known already adds nothing.
INSERT INTO csp_batch (network, batch, event_count, body_digest, received_at)
VALUES (%(network)s, %(batch)s, %(event_count)s, %(body_digest)s, %(received_at)s)
    ON CONFLICT DO NOTHING

-- list_known_numbers --
-- Which of these event numbers have been taken in before.
SELECT number
  FROM csp_event
 WHERE network = %(network)s
   AND number = ANY(%(numbers)s)

-- lock_standing --
-- How the hubs stand that the reports speak of; locked in key order, so two batches never wait in a circle.
SELECT device_id, state, attempt, tranche_id, region_id, import_party_id, gas_party_id
  FROM hub_upgrade
 WHERE campaign_id = %(campaign_id)s
   AND device_id = ANY(%(device_ids)s)
 ORDER BY device_id
   FOR UPDATE

-- list_known_hubs --
-- Which of these Device IDs are hubs of the inventory.
SELECT device_id
  FROM communications_hub
 WHERE device_id = ANY(%(device_ids)s)

-- append_events --
-- Keep every report for good, with what it did.
COPY csp_event (
    network, number, device_id, happened_at, received_at, campaign_id, attempt, kind, effect, state,
    firmware_version, reason
) FROM STDIN

-- move_hubs --
-- Move hubs that are locked to their new states.
UPDATE hub_upgrade AS upgrade
   SET state = moved.state,
       state_since = moved.happened_at,
       activated_at = CASE WHEN moved.state = 'ACTIVATED' THEN moved.happened_at ELSE upgrade.activated_at END
  FROM unnest(%(device_ids)s::macaddr8[], %(states)s::text[], %(times)s::timestamptz[])
       AS moved (device_id, state, happened_at)
 WHERE upgrade.campaign_id = %(campaign_id)s
   AND upgrade.device_id = moved.device_id

-- activate_hubs --
-- The inventory follows: CHF and GPF change version together, and the portfolio roll-up with them, in key order.
WITH activated AS (
    UPDATE communications_hub AS hub
       SET device_model_id = target.to_model_id
      FROM campaign_target AS target
     WHERE hub.device_id = ANY(%(device_ids)s)
       AND target.campaign_id = %(campaign_id)s
       AND target.from_model_id = hub.device_model_id
 RETURNING target.from_model_id, target.to_model_id, hub.region_id, hub.smi_status, hub.is_in_use,
           coalesce(hub.import_party_id, 0) AS import_party_id, coalesce(hub.gas_party_id, 0) AS gas_party_id
),
change AS (
    SELECT from_model_id AS device_model_id, region_id, import_party_id, gas_party_id, smi_status, is_in_use,
           -1 AS hub_count
      FROM activated
     UNION ALL
    SELECT to_model_id, region_id, import_party_id, gas_party_id, smi_status, is_in_use, 1
      FROM activated
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

-- list_responsible_then --
-- Who was responsible for hubs at instants at which that was, or may have been, somebody else than whom they have now:
-- of a registration that has taken effect since, and of one whose instant had come and whose job has not.
WITH asked AS MATERIALIZED (
    SELECT *
      FROM unnest(%(device_ids)s::macaddr8[], %(times)s::timestamptz[]) AS asked (device_id, at)
),
coming AS (
    SELECT count(*) > 0 AS is_any
      FROM (SELECT FROM registration WHERE took_effect_at IS NULL AND starts_at <= %(latest)s LIMIT 1) AS due
),
told AS (
    SELECT asked.device_id, former.role, former.party_id, 0 AS place, former.until AS nearest, NULL::macaddr8 AS meter_id
      FROM asked
      JOIN former_supplier AS former
        ON former.device_id = asked.device_id
       AND former.until > asked.at
     UNION ALL
    SELECT asked.device_id, next.role, next.party_id,
           CASE WHEN coalesce(meter.status_before, meter.smi_status) = 'COMMISSIONED' THEN 1 ELSE 2 END,
           NULL, meter.device_id
      FROM asked
      JOIN device AS meter ON meter.hub_device_id = asked.device_id
     CROSS JOIN LATERAL (
           SELECT role, party_id
             FROM registration
            WHERE mpxn = meter.mpxn
              AND role = CASE meter.device_type WHEN 'ESME' THEN 'IS' WHEN 'GSME' THEN 'GS' END
              AND took_effect_at IS NULL
              AND starts_at <= asked.at
            ORDER BY starts_at DESC
            LIMIT 1
           ) AS next
     WHERE (SELECT is_any FROM coming)
)
SELECT DISTINCT ON (device_id, role) device_id, role, coalesce(party_id, 0) AS party_id
  FROM told
 ORDER BY device_id, role, place, nearest, meter_id

-- raise_activation_alerts --
-- N64 to the import Supplier of the ESME and the gas Supplier of the GSME, at each one's User ID (R-0024-26, Q5);
-- and to a Supplier that nominated the hub and lost it (Q4).
-- Says whether any of them has an address and is owed the message itself.
WITH activated AS MATERIALIZED (
    SELECT *
      FROM unnest(
           %(device_ids)s::macaddr8[], %(region_ids)s::integer[],
           %(import_party_ids)s::integer[], %(gas_party_ids)s::integer[]
           ) AS activated (device_id, region_id, import_party_id, gas_party_id)
),
responsible AS (
    SELECT activated.device_id, activated.region_id, supplier.role, supplier.party_id
      FROM activated
     CROSS JOIN LATERAL (VALUES (import_party_id, 'IS'), (gas_party_id, 'GS')) AS supplier (party_id, role)
     UNION ALL
    SELECT activated.device_id, activated.region_id, lapsed.role, lapsed.party_id
      FROM activated
      JOIN lapsed_nomination AS lapsed
        ON lapsed.campaign_id = %(campaign_id)s
       AND lapsed.device_id = activated.device_id
),
addressee AS (
    SELECT DISTINCT responsible.device_id, responsible.region_id, users.user_id, users.party_id,
           users.user_id IN (SELECT receiver.user_id FROM user_receiver AS receiver) AS is_owed
      FROM responsible
      JOIN party_user AS users
        ON users.party_id = responsible.party_id
       AND users.role = responsible.role
),
raised AS (
    INSERT INTO dcc_alert (code, device_id, user_id, party_id, campaign_id, firmware_version, raised_at, is_owed)
    SELECT %(code)s, device_id, user_id, party_id, %(campaign_id)s, %(firmware_version)s, %(raised_at)s, is_owed
      FROM addressee
),
counted AS (
    INSERT INTO alert_count (campaign_id, code, party_id, region_id, alert_count)
    SELECT %(campaign_id)s, %(code)s, party_id, region_id, count(*)::integer
      FROM addressee
     GROUP BY party_id, region_id
     ORDER BY party_id, region_id
        ON CONFLICT (campaign_id, code, party_id, region_id) DO UPDATE
       SET alert_count = alert_count.alert_count + excluded.alert_count
)
SELECT coalesce(bool_or(is_owed), FALSE) AS is_anybody_owed
  FROM addressee
