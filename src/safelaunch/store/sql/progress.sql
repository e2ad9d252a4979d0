-- list_campaign_views --
-- Campaigns as a viewer may see them, newest first: a Supplier's are those that concern its homes, with its numbers.
SELECT campaign.campaign_id, campaign.reference, campaign.title, campaign.firmware_version, campaign.release_note,
       campaign.severity, campaign.priority, campaign.phase, campaign.phase_since, campaign.epoch, campaign.rules,
       campaign.created_at, campaign.published_at, campaign.list_closes_at, campaign.pilot_starts_on,
       campaign.pilot_starts_at, campaign.deploy_by, campaign.activate_by, campaign.held_at,
       CASE WHEN seen.may_know_why THEN campaign.held_because END AS held_because,
       CASE WHEN seen.may_know_why THEN campaign.held_by ELSE 'another Responsible Supplier' END AS held_by,
       CASE WHEN seen.sees_all THEN campaign.resume_proposed_by_id END AS resume_proposed_by_id,
       CASE WHEN seen.sees_all THEN proposer.name END AS resume_proposed_by,
       CASE WHEN seen.sees_all THEN campaign.resume_reason END AS resume_reason,
       CASE WHEN seen.sees_all THEN campaign.eligible_count
            ELSE greatest(notice.hub_count, counted.hub_count) END AS eligible_count,
       CASE WHEN seen.sees_all THEN campaign.pilot_size END AS pilot_size,
       counted.planned, counted.in_flight, counted.activated, counted.failed, counted.unknown, counted.unreachable,
       counted.recalled, counted.withdrawn,
       proposal.person_id AS gate_proposed_by_id,
       proposal.name AS gate_proposed_by
  FROM campaign
 CROSS JOIN LATERAL (
        SELECT %(party_id)s::integer IS NULL AS sees_all,
               %(party_id)s::integer IS NULL OR campaign.held_by_party_id IS NULL
               OR campaign.held_by_party_id = %(party_id)s AS may_know_why
       ) AS seen
 CROSS JOIN LATERAL (
        SELECT coalesce(sum(hub_count), 0)::integer AS hub_count,
               coalesce(sum(hub_count) FILTER (WHERE state = 'PLANNED'), 0)::integer AS planned,
               coalesce(sum(hub_count) FILTER (WHERE state IN ('INSTRUCTED', 'DEPLOYED')), 0)::integer AS in_flight,
               coalesce(sum(hub_count) FILTER (WHERE state = 'ACTIVATED'), 0)::integer AS activated,
               coalesce(sum(hub_count) FILTER (WHERE state = 'FAILED'), 0)::integer AS failed,
               coalesce(sum(hub_count) FILTER (WHERE state = 'UNKNOWN'), 0)::integer AS unknown,
               coalesce(sum(hub_count) FILTER (WHERE state = 'UNREACHABLE'), 0)::integer AS unreachable,
               coalesce(sum(hub_count) FILTER (WHERE state = 'RECALLED'), 0)::integer AS recalled,
               coalesce(sum(hub_count) FILTER (WHERE state = 'WITHDRAWN'), 0)::integer AS withdrawn
          FROM supplier_count
         WHERE supplier_count.campaign_id = campaign.campaign_id
           AND (%(party_id)s::integer IS NULL OR %(party_id)s IN (import_party_id, gas_party_id))
       ) AS counted
  LEFT JOIN supplier_notice AS notice
    ON notice.campaign_id = campaign.campaign_id AND notice.party_id = %(party_id)s
  LEFT JOIN person AS proposer
    ON proposer.person_id = campaign.resume_proposed_by_id
  LEFT JOIN LATERAL (
        SELECT decision.person_id, person.name
          FROM gate_decision AS decision
          JOIN person USING (person_id)
         WHERE seen.sees_all AND decision.decision = 'PROCEED'
           AND decision.campaign_id = campaign.campaign_id AND decision.phase = campaign.phase
         ORDER BY decision.gate_decision_id DESC
         LIMIT 1
       ) AS proposal ON TRUE
 WHERE (%(reference)s::text IS NULL OR campaign.reference = %(reference)s)
   AND (seen.sees_all OR campaign.phase <> 'DRAFT' AND (notice.party_id IS NOT NULL OR counted.hub_count > 0))
 ORDER BY campaign.campaign_id DESC
 LIMIT %(limit)s

-- list_region_progress --
-- A campaign's hubs per region and group of states; for a Supplier only its own.
WITH counted AS (
    SELECT region_id,
           sum(hub_count) FILTER (WHERE state = 'PLANNED') AS planned,
           sum(hub_count) FILTER (WHERE state IN ('INSTRUCTED', 'DEPLOYED')) AS in_flight,
           sum(hub_count) FILTER (WHERE state = 'ACTIVATED') AS activated,
           sum(hub_count) FILTER (WHERE state = 'FAILED') AS failed,
           sum(hub_count) FILTER (WHERE state = 'UNKNOWN') AS unknown,
           sum(hub_count) FILTER (WHERE state IN ('UNREACHABLE', 'RECALLED', 'WITHDRAWN')) AS came_back
      FROM supplier_count
     WHERE campaign_id = %(campaign_id)s
       AND (%(party_id)s::integer IS NULL OR %(party_id)s IN (import_party_id, gas_party_id))
     GROUP BY region_id
), waiting AS (
    SELECT roll_up.region_id, sum(roll_up.hub_count) AS hub_count
      FROM campaign_target AS target
      JOIN portfolio_count AS roll_up
        ON roll_up.device_model_id = target.from_model_id
       AND roll_up.is_in_use
     WHERE target.campaign_id = %(campaign_id)s
       AND %(party_id)s::integer IS NOT NULL
       AND %(party_id)s IN (roll_up.import_party_id, roll_up.gas_party_id)
     GROUP BY roll_up.region_id
)
SELECT region.name AS region,
       region.network,
       CASE WHEN %(party_id)s::integer IS NULL THEN progress.eligible_count
            ELSE (coalesce(waiting.hub_count, 0) + coalesce(counted.activated, 0))::integer END AS eligible_count,
       coalesce(counted.planned, 0)::integer AS planned,
       coalesce(counted.in_flight, 0)::integer AS in_flight,
       coalesce(counted.activated, 0)::integer AS activated,
       coalesce(counted.failed, 0)::integer AS failed,
       coalesce(counted.unknown, 0)::integer AS unknown,
       coalesce(counted.came_back, 0)::integer AS came_back
  FROM campaign_region AS progress
  JOIN csp_region AS region
    ON region.region_id = progress.region_id
  LEFT JOIN counted
    ON counted.region_id = progress.region_id
  LEFT JOIN waiting
    ON waiting.region_id = progress.region_id
 WHERE progress.campaign_id = %(campaign_id)s
 ORDER BY region.region_id

-- list_nights --
-- What each night's tranches have come to, oldest first, from the roll-up.
SELECT tranche.night,
       coalesce(sum(tally.hub_count) FILTER (WHERE tally.state NOT IN ('PLANNED', 'WITHDRAWN')), 0)::integer AS sent,
       coalesce(sum(tally.hub_count) FILTER (WHERE tally.state = 'ACTIVATED'), 0)::integer AS activated,
       coalesce(sum(tally.hub_count) FILTER (WHERE tally.state = 'FAILED'), 0)::integer AS failed,
       coalesce(sum(tally.hub_count) FILTER (WHERE tally.state = 'UNKNOWN'), 0)::integer AS unknown
  FROM tranche
  LEFT JOIN tranche_count AS tally
    ON tally.tranche_id = tranche.tranche_id
 WHERE tranche.campaign_id = %(campaign_id)s
 GROUP BY tranche.night
 ORDER BY tranche.night

-- list_tranche_rows --
-- A page of a campaign's tranches that hold hubs, newest night first, after a given place in that order.
SELECT tranche.tranche_id,
       tranche.night,
       tranche.phase,
       region.name AS region,
       tally.hub_count,
       tally.planned,
       tally.in_flight,
       tally.activated,
       tally.failed,
       tally.unknown,
       tally.came_back
  FROM tranche
  JOIN csp_region AS region
    ON region.region_id = tranche.region_id
 CROSS JOIN LATERAL (
        SELECT coalesce(sum(hub_count), 0)::integer AS hub_count,
               coalesce(sum(hub_count) FILTER (WHERE state = 'PLANNED'), 0)::integer AS planned,
               coalesce(sum(hub_count) FILTER (WHERE state IN ('INSTRUCTED', 'DEPLOYED')), 0)::integer AS in_flight,
               coalesce(sum(hub_count) FILTER (WHERE state = 'ACTIVATED'), 0)::integer AS activated,
               coalesce(sum(hub_count) FILTER (WHERE state = 'FAILED'), 0)::integer AS failed,
               coalesce(sum(hub_count) FILTER (WHERE state = 'UNKNOWN'), 0)::integer AS unknown,
               coalesce(sum(hub_count) FILTER (WHERE state IN ('UNREACHABLE', 'RECALLED', 'WITHDRAWN')), 0)::integer
                   AS came_back
          FROM tranche_count
         WHERE tranche_count.tranche_id = tranche.tranche_id
       ) AS tally
 WHERE tranche.campaign_id = %(campaign_id)s
   AND tally.hub_count > 0
   AND (%(before_night)s::date IS NULL
        OR (tranche.night, tranche.tranche_id) < (%(before_night)s::date, %(before_id)s::integer))
 ORDER BY tranche.night DESC, tranche.tranche_id DESC
 LIMIT %(limit)s

-- list_planned_regions --
-- Hubs whose night is firm and that have not been sent yet, per campaign and region; for a Supplier only its own.
SELECT campaign.reference,
       campaign.held_at IS NOT NULL AS is_held,
       region.name AS region,
       sum(planned.hub_count)::integer AS hub_count
  FROM campaign
  JOIN supplier_count AS planned
    ON planned.campaign_id = campaign.campaign_id
   AND planned.state = 'PLANNED'
   AND (%(party_id)s::integer IS NULL OR %(party_id)s IN (planned.import_party_id, planned.gas_party_id))
  JOIN csp_region AS region
    ON region.region_id = planned.region_id
 WHERE campaign.phase IN ('PILOT', 'SAFE_LAUNCH', 'MASS_ROLL_OUT')
 GROUP BY campaign.campaign_id, region.region_id
HAVING sum(planned.hub_count) > 0
 ORDER BY campaign.campaign_id, region.region_id

-- list_kept_events --
-- Reports that named an unknown hub or one never instructed, counted by effect up to a limit.
SELECT effect, count(*)::integer AS event_count, max(received_at) AS latest_at
  FROM (
        SELECT effect, received_at
          FROM csp_event
         WHERE effect IN ('UNKNOWN_HUB', 'NOT_INSTRUCTED')
         ORDER BY received_at DESC
         LIMIT %(limit)s
       ) AS kept
 GROUP BY effect
 ORDER BY effect

-- list_gate_history --
-- Everything people decided at a campaign's gates, oldest first.
SELECT decision.phase,
       decision.verdict,
       decision.decision,
       decision.evidence_digest,
       decision.note,
       decision.decided_at,
       decision.person_id,
       coalesce(person.name, 'Safelaunch') AS decided_by
  FROM gate_decision AS decision
  LEFT JOIN person
    ON person.person_id = decision.person_id
 WHERE decision.campaign_id = %(campaign_id)s
 ORDER BY decision.gate_decision_id

-- count_alerts --
-- DCC Alerts a campaign has raised.
SELECT coalesce(sum(alert_count), 0)::integer AS alert_count
  FROM alert_count
 WHERE campaign_id = %(campaign_id)s
