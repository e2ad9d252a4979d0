-- list_deferrals --
-- Deferrals as one may see them who looks, newest first; all of one Party's, or everybody's.
SELECT deferral.campaign_wish_id AS number, campaign.reference, wish.party_id, party.name AS supplier, deferral.state,
       deferral.hub_count, wish.grounds, wish.duty, wish.asked_at, deferral.held_until, deferral.decision_due_at,
       deferral.proposed_decision, deferral.proposed_reason, deferral.proposed_by_id, proposer.name AS proposed_by,
       deferral.proposed_at, deferral.direction, decider.name AS decided_by, deferral.decided_at, deferral.reason,
       deferral.appeal, deferral.ended_at
  FROM deferral
  JOIN campaign_wish AS wish
    ON wish.campaign_wish_id = deferral.campaign_wish_id
  JOIN campaign
    ON campaign.campaign_id = wish.campaign_id
  JOIN party
    ON party.party_id = wish.party_id
  LEFT JOIN person AS proposer
    ON proposer.person_id = deferral.proposed_by_id
  LEFT JOIN person AS decider
    ON decider.person_id = deferral.decided_by_id
 WHERE (%(party_id)s::integer IS NULL OR wish.party_id = %(party_id)s)
   AND (%(number)s::bigint IS NULL OR deferral.campaign_wish_id = %(number)s)
   AND (%(before)s::bigint IS NULL OR deferral.campaign_wish_id < %(before)s)
   AND (%(states)s::text[] IS NULL OR deferral.state = ANY(%(states)s))
 ORDER BY deferral.campaign_wish_id DESC
 LIMIT %(limit)s

-- list_deferred_by_others --
-- How many of a Supplier's hubs the other Supplier of the home has deferred, by campaign; not why, and not by whom.
SELECT campaign.reference, count(*)::integer AS hub_count, max(turn.not_before) AS until
  FROM own_turn AS turn
  JOIN communications_hub AS hub
    ON hub.device_id = turn.device_id
   AND %(party_id)s IN (hub.import_party_id, hub.gas_party_id)
   AND turn.party_id IN (hub.import_party_id, hub.gas_party_id)
  JOIN campaign
    ON campaign.campaign_id = turn.campaign_id
 WHERE turn.cause = 'DEFERRAL'
   AND turn.not_before > %(at)s
   AND turn.party_id <> %(party_id)s
 GROUP BY campaign.reference
 ORDER BY campaign.reference

-- list_deferred_hubs --
-- The hubs of a deferral with what became of the wish for each.
SELECT wished.device_id, wished.outcome, upgrade.state
  FROM campaign_wish_hub AS wished
  JOIN campaign_wish AS wish
    ON wish.campaign_wish_id = wished.campaign_wish_id
  LEFT JOIN hub_upgrade AS upgrade
    ON upgrade.campaign_id = wish.campaign_id
   AND upgrade.device_id = wished.device_id
 WHERE wished.campaign_wish_id = %(number)s
   AND (%(after)s::macaddr8 IS NULL OR wished.device_id > %(after)s)
 ORDER BY wished.device_id
 LIMIT %(limit)s

-- list_deferral_files --
-- What speaks for a deferral, without the content.
SELECT deferral_file_id, name, media_type, sha256, octet_length(content) AS octets
  FROM deferral_file
 WHERE campaign_wish_id = %(number)s
 ORDER BY deferral_file_id

-- expire_deferrals --
-- Deferrals whose last day is over: their holds have ended with it.
UPDATE deferral
   SET state = %(to_state)s, ended_at = %(at)s
 WHERE state = ANY(%(from_states)s)
   AND held_until < %(today)s
RETURNING campaign_wish_id AS number, hub_count
