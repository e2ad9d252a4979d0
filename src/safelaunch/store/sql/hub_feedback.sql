-- copy_hub_feedback --
-- What a Supplier found, hub by hub.
COPY hub_feedback (campaign_id, party_id, service_request_id, device_id, finding, words, given_at) FROM STDIN

-- count_findings --
-- What was found in a campaign, by the last word of each Supplier on each hub.
WITH latest AS (
    SELECT party_id, device_id, finding, given_at,
           rank() OVER (PARTITION BY party_id, device_id ORDER BY given_at DESC) AS place
      FROM hub_feedback
     WHERE campaign_id = %(campaign_id)s
       AND (%(party_id)s::integer IS NULL OR party_id = %(party_id)s)
)
SELECT finding,
       count(DISTINCT device_id)::integer AS hub_count,
       count(DISTINCT party_id)::integer AS supplier_count,
       max(given_at) AS last_given_at
  FROM latest
 WHERE place = 1
 GROUP BY finding

-- list_faults_found --
-- The hubs of which a Supplier last said that something is wrong, the latest first.
WITH latest AS (
    SELECT hub_feedback_id, party_id, device_id, finding, words, given_at,
           rank() OVER (PARTITION BY party_id, device_id ORDER BY given_at DESC) AS place
      FROM hub_feedback
     WHERE campaign_id = %(campaign_id)s
       AND (%(party_id)s::integer IS NULL OR party_id = %(party_id)s)
)
SELECT latest.device_id, latest.finding, latest.words, latest.given_at, party.name AS supplier,
       NULL::text AS campaign
  FROM latest
  JOIN party
    ON party.party_id = latest.party_id
 WHERE latest.place = 1
   AND latest.finding <> 'WORKS'
 ORDER BY latest.given_at DESC, latest.hub_feedback_id DESC
 LIMIT %(limit)s

-- list_feedback_on_hub --
-- All that Suppliers found of a hub, the latest first.
SELECT feedback.device_id, feedback.finding, feedback.words, feedback.given_at, party.name AS supplier,
       campaign.reference AS campaign
  FROM hub_feedback AS feedback
  JOIN party
    ON party.party_id = feedback.party_id
  JOIN campaign
    ON campaign.campaign_id = feedback.campaign_id
 WHERE feedback.device_id = %(device_id)s
   AND (%(party_id)s::integer IS NULL OR feedback.party_id = %(party_id)s)
 ORDER BY feedback.given_at DESC, feedback.hub_feedback_id DESC
 LIMIT %(limit)s
