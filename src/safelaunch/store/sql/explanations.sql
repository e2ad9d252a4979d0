-- get_hub --
-- One hub of the inventory; whether the viewer may see it is the rule of domain/responsibility.py.
SELECT hub.device_id,
       hub.gpf_device_id,
       hub.lot,
       model.manufacturer,
       model.model,
       model.hardware_version,
       model.firmware_version,
       entry.gbcs_version,
       region.name AS region,
       region.network,
       hub.smi_status,
       hub.is_in_use,
       hub.commissioned_on,
       CASE WHEN %(party_id)s::integer IS NULL OR hub.import_party_id = %(party_id)s THEN import_party.name
            WHEN hub.import_party_id IS NOT NULL THEN 'another Supplier'
       END AS import_supplier,
       CASE WHEN %(party_id)s::integer IS NULL OR hub.gas_party_id = %(party_id)s THEN gas_party.name
            WHEN hub.gas_party_id IS NOT NULL THEN 'another Supplier'
       END AS gas_supplier
  FROM communications_hub AS hub
  JOIN device_model AS model
    ON model.device_model_id = hub.device_model_id
  JOIN csp_region AS region
    ON region.region_id = hub.region_id
  LEFT JOIN cpl_entry AS entry
    ON entry.device_model_id = hub.device_model_id
  LEFT JOIN party AS import_party
    ON import_party.party_id = hub.import_party_id
  LEFT JOIN party AS gas_party
    ON gas_party.party_id = hub.gas_party_id
 WHERE hub.device_id = %(device_id)s

-- list_hub_devices --
-- The Devices behind a hub, meters first.
SELECT device.device_id,
       device.device_type,
       model.manufacturer,
       model.model,
       model.firmware_version,
       device.smi_status,
       CASE WHEN %(party_id)s::integer IS NULL OR device.party_id = %(party_id)s THEN device.mpxn END AS mpxn,
       CASE WHEN %(party_id)s::integer IS NULL OR device.party_id = %(party_id)s THEN party.name
            WHEN device.party_id IS NOT NULL THEN 'another Supplier'
       END AS supplier
  FROM device
  JOIN device_model AS model
    ON model.device_model_id = device.device_model_id
  LEFT JOIN party
    ON party.party_id = device.party_id
 WHERE device.hub_device_id = %(device_id)s
 ORDER BY array_position(ARRAY['ESME', 'GSME', 'PPMID', 'HCALCS', 'IHD', 'CAD'], device.device_type),
          device.device_id

-- list_hub_happenings --
-- What happened to a hub: planned, sent, reported, announced, suspended, restored; newest first.
WITH attempt AS (
    SELECT chunk.planned_at, chunk.sent_at, chunk.accepted_at, chunk.attempt, chunk.chunk_id, campaign.reference
      FROM hub_upgrade
      JOIN chunk
        ON chunk.chunk_id = hub_upgrade.chunk_id
      JOIN campaign
        ON campaign.campaign_id = hub_upgrade.campaign_id
     WHERE hub_upgrade.device_id = %(device_id)s
       AND hub_upgrade.campaign_id IN (SELECT campaign_id FROM campaign)
)
SELECT planned_at AS happened_at, 'plan' AS source, 'PLANNED' AS what,
       'Attempt ' || attempt || ', chunk ' || chunk_id AS detail, reference AS campaign
  FROM attempt
 UNION ALL
SELECT sent_at, 'plan', 'SENT', 'Attempt ' || attempt || ', chunk ' || chunk_id, reference
  FROM attempt
 WHERE sent_at IS NOT NULL
 UNION ALL
SELECT accepted_at, 'network', 'ACCEPTED', 'The network took over chunk ' || chunk_id, reference
  FROM attempt
 WHERE accepted_at IS NOT NULL
 UNION ALL
SELECT event.happened_at, 'network', event.kind,
       concat_ws('; ', event.firmware_version, event.reason,
                 CASE event.effect WHEN 'APPLIED' THEN NULL ELSE 'kept as ' || lower(replace(event.effect, '_', ' ')) END),
       campaign.reference
  FROM csp_event AS event
  LEFT JOIN campaign
    ON campaign.campaign_id = event.campaign_id
 WHERE event.device_id = %(device_id)s
 UNION ALL
SELECT alert.raised_at, 'alert', alert.code,
       'To ' || CASE WHEN %(party_id)s::integer IS NULL OR alert.party_id = %(party_id)s THEN party.name
                     ELSE 'another Supplier' END,
       campaign.reference
  FROM dcc_alert AS alert
  JOIN party
    ON party.party_id = alert.party_id
  LEFT JOIN campaign
    ON campaign.campaign_id = alert.campaign_id
 WHERE alert.device_id = %(device_id)s
 UNION ALL
SELECT turn.happened_at, 'inventory', turn.what, turn.detail, NULL
  FROM (
        SELECT suspended_at, ended_at, state
          FROM suspension_episode
         WHERE device_id = %(device_id)s
         UNION ALL
        SELECT act.suspended_at, NULL, NULL
          FROM communications_hub AS hub
          JOIN suspension AS act USING (suspension_id)
         WHERE hub.device_id = %(device_id)s
       ) AS episode
 CROSS JOIN LATERAL (
       VALUES (episode.suspended_at, 'SUSPENDED', 'Its firmware left the CPL'), (episode.ended_at, episode.state, NULL)
       ) AS turn (happened_at, what, detail)
 WHERE turn.happened_at IS NOT NULL
 ORDER BY happened_at DESC
 LIMIT %(limit)s

-- get_hub_standing --
-- The campaign that concerns a hub most: one that sent it, else one that targets its model, else the newest open one.
SELECT campaign.reference,
       campaign.firmware_version,
       campaign.phase,
       campaign.rules,
       campaign.held_at IS NOT NULL AS is_held,
       CASE WHEN %(party_id)s::integer IS NULL OR campaign.held_by_party_id IS NULL
              OR campaign.held_by_party_id = %(party_id)s THEN campaign.held_because
            ELSE 'a Responsible Supplier stopped it'
       END AS held_because,
       campaign.pilot_starts_at,
       campaign.lot_offset,
       campaign.pilot_size,
       target.from_model_id IS NOT NULL AS is_target_model,
       entry.status AS target_cpl_status,
       coalesce(progress.place, 0) AS region_place,
       coalesce(progress.is_exhausted, FALSE) AS region_is_exhausted,
       pilot.place AS pilot_place,
       upgrade.state,
       upgrade.state_since,
       upgrade.attempt,
       upgrade.read_count,
       upgrade.activated_at,
       tranche.night
  FROM communications_hub AS hub
 CROSS JOIN campaign
  LEFT JOIN hub_upgrade AS upgrade
    ON upgrade.campaign_id = campaign.campaign_id
   AND upgrade.device_id = hub.device_id
  LEFT JOIN tranche
    ON tranche.tranche_id = upgrade.tranche_id
  LEFT JOIN campaign_target AS target
    ON target.campaign_id = campaign.campaign_id
   AND target.from_model_id = hub.device_model_id
  LEFT JOIN cpl_entry AS entry
    ON entry.device_model_id = target.to_model_id
  LEFT JOIN campaign_region AS progress
    ON progress.campaign_id = campaign.campaign_id
   AND progress.region_id = hub.region_id
  LEFT JOIN pilot_hub AS pilot
    ON pilot.campaign_id = campaign.campaign_id
   AND pilot.device_id = hub.device_id
 WHERE hub.device_id = %(device_id)s
   AND campaign.phase <> 'DRAFT'
   AND (upgrade.device_id IS NOT NULL OR target.from_model_id IS NOT NULL
        OR campaign.phase NOT IN ('COMPLETE', 'ABANDONED'))
 ORDER BY campaign.phase IN ('COMPLETE', 'ABANDONED'),
          upgrade.device_id IS NULL,
          target.from_model_id IS NULL,
          campaign.campaign_id DESC
 LIMIT 1
