-- list_wished_hubs --
-- How the hubs stand that a Supplier named; what is no hub, or not its own, is found so.
SELECT asked.device_id,
       hub.device_id IS NOT NULL AS is_own,
       target.from_model_id IS NOT NULL AS is_target,
       coalesce(hub.is_in_use, FALSE) AS is_in_use,
       upgrade.state,
       nomination.device_id IS NOT NULL AS is_nominated,
       asked.device_id IN (
           SELECT earlier.device_id
             FROM campaign_wish_hub AS earlier
             JOIN campaign_wish AS wish
               ON wish.campaign_wish_id = earlier.campaign_wish_id
            WHERE earlier.outcome = 'TAKEN_DOWN'
              AND wish.campaign_id = %(campaign_id)s
              AND wish.kind = 'DEFER'
       ) AS was_deferred
  FROM unnest(%(device_ids)s::macaddr8[]) AS asked (device_id)
  LEFT JOIN communications_hub AS hub
    ON hub.device_id = asked.device_id
   AND %(party_id)s IN (hub.import_party_id, hub.gas_party_id)
  LEFT JOIN campaign_target AS target
    ON target.campaign_id = %(campaign_id)s
   AND target.from_model_id = hub.device_model_id
  LEFT JOIN hub_upgrade AS upgrade
    ON upgrade.campaign_id = %(campaign_id)s
   AND upgrade.device_id = hub.device_id
  LEFT JOIN campaign_nomination AS nomination
    ON nomination.campaign_id = %(campaign_id)s
   AND nomination.party_id = %(party_id)s
   AND nomination.device_id = asked.device_id

-- copy_wish_hubs --
-- What became of a wish, hub by hub.
COPY campaign_wish_hub (campaign_wish_id, device_id, outcome, not_before, not_after) FROM STDIN

-- clear_nominations --
-- A Supplier's list gives way to another.
DELETE FROM campaign_nomination
 WHERE campaign_id = %(campaign_id)s
   AND party_id = %(party_id)s

-- nominate_hubs --
-- What was taken down of a nomination joins the Supplier's list; a hub that is there takes its new slot.
INSERT INTO campaign_nomination (campaign_id, party_id, device_id, campaign_wish_id, not_before, not_after)
SELECT %(campaign_id)s, %(party_id)s, device_id, campaign_wish_id, not_before, not_after
  FROM campaign_wish_hub
 WHERE campaign_wish_id = %(campaign_wish_id)s
   AND outcome = 'TAKEN_DOWN'
    ON CONFLICT (campaign_id, party_id, device_id) DO UPDATE
   SET campaign_wish_id = excluded.campaign_wish_id,
       not_before = excluded.not_before,
       not_after = excluded.not_after

-- withdraw_nominations --
-- What was taken down of a withdrawal leaves the Supplier's list.
DELETE FROM campaign_nomination AS nomination
 USING campaign_wish_hub AS wished
 WHERE wished.campaign_wish_id = %(campaign_wish_id)s
   AND wished.outcome = 'TAKEN_DOWN'
   AND nomination.campaign_id = %(campaign_id)s
   AND nomination.party_id = %(party_id)s
   AND nomination.device_id = wished.device_id

-- list_named_results --
-- How it stands with the hubs that a Supplier named, in the order of their Device IDs.
SELECT asked.device_id,
       CASE WHEN hub.device_id IS NULL THEN 'NOT_YOURS'
            WHEN upgrade.state IS NOT NULL THEN upgrade.state
            WHEN target.from_model_id IS NULL THEN 'NOT_CONCERNED'
            ELSE 'WAITING'
       END AS state,
       tranche.night
  FROM unnest(%(device_ids)s::macaddr8[]) AS asked (device_id)
  LEFT JOIN communications_hub AS hub
    ON hub.device_id = asked.device_id
   AND %(party_id)s IN (hub.import_party_id, hub.gas_party_id)
  LEFT JOIN campaign_target AS target
    ON target.campaign_id = %(campaign_id)s
   AND target.from_model_id = hub.device_model_id
  LEFT JOIN hub_upgrade AS upgrade
    ON upgrade.campaign_id = %(campaign_id)s
   AND upgrade.device_id = hub.device_id
  LEFT JOIN tranche
    ON tranche.tranche_id = upgrade.tranche_id
 WHERE %(since)s::timestamptz IS NULL
    OR upgrade.state_since >= %(since)s
 ORDER BY asked.device_id

-- list_own_results --
-- How it stands with a Supplier's hubs whose night is firm or that have been upgraded, in the order of their Device IDs.
SELECT upgrade.device_id,
       upgrade.state,
       tranche.night
  FROM hub_upgrade AS upgrade
  JOIN communications_hub AS hub
    ON hub.device_id = upgrade.device_id
   AND %(party_id)s IN (hub.import_party_id, hub.gas_party_id)
  JOIN tranche
    ON tranche.tranche_id = upgrade.tranche_id
 WHERE upgrade.campaign_id = %(campaign_id)s
   AND (%(since)s::timestamptz IS NULL OR upgrade.state_since >= %(since)s)
 ORDER BY upgrade.device_id
 LIMIT %(limit)s

-- list_wish_standings --
-- How it stands with what a Supplier nominated or wished a time for, in the order of the Device IDs.
SELECT wished.device_id, turn.not_before, turn.not_after, upgrade.state, tranche.night,
       CASE WHEN upgrade.device_id IS NOT NULL AND (
                     turn.not_after IS NULL
                     OR tranche.night BETWEEN (turn.not_before AT TIME ZONE 'Europe/London' - interval '7 hours')::date
                                          AND (turn.not_after AT TIME ZONE 'Europe/London')::date
                     ) THEN 'AS_WISHED'
            WHEN upgrade.device_id IS NOT NULL THEN 'ANOTHER_NIGHT'
            WHEN hub.device_id IS NULL THEN 'LAPSED'
            WHEN NOT hub.is_in_use OR target.from_model_id IS NULL THEN 'NOT_CONCERNED'
            WHEN EXISTS (
                SELECT FROM own_turn AS other
                 WHERE other.campaign_id = %(campaign_id)s
                   AND other.device_id = hub.device_id
                   AND other.party_id IN (0, hub.import_party_id, hub.gas_party_id)
                   AND other.not_before > greatest(turn.not_before, %(at)s)
                 ) THEN 'KEPT_BACK'
            WHEN turn.not_after <= %(at)s THEN 'LATE'
            ELSE 'WAITING'
       END AS standing
  FROM (
        SELECT device_id
          FROM campaign_nomination
         WHERE campaign_id = %(campaign_id)s
           AND party_id = %(party_id)s
         UNION
        SELECT device_id
          FROM own_turn
         WHERE campaign_id = %(campaign_id)s
           AND party_id = %(party_id)s
           AND cause = 'WISH'
       ) AS wished
  LEFT JOIN own_turn AS turn
    ON turn.campaign_id = %(campaign_id)s
   AND turn.device_id = wished.device_id
   AND turn.cause = 'WISH'
   AND turn.party_id = %(party_id)s
  LEFT JOIN communications_hub AS hub
    ON hub.device_id = wished.device_id
   AND %(party_id)s IN (hub.import_party_id, hub.gas_party_id)
  LEFT JOIN campaign_target AS target
    ON target.campaign_id = %(campaign_id)s
   AND target.from_model_id = hub.device_model_id
  LEFT JOIN hub_upgrade AS upgrade
    ON upgrade.campaign_id = %(campaign_id)s
   AND upgrade.device_id = wished.device_id
  LEFT JOIN tranche
    ON tranche.tranche_id = upgrade.tranche_id
 WHERE (%(after)s::macaddr8 IS NULL OR wished.device_id > %(after)s)
 ORDER BY wished.device_id
 LIMIT %(limit)s
