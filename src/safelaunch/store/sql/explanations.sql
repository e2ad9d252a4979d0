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

-- get_device --
-- A Device of a home by its own Device ID; CHF and GPF are the hub's row. Whether the viewer may see it is its hub's rule.
WITH found AS (
    SELECT device_id, 'CHF' AS device_type, device_id AS hub_device_id, device_model_id, smi_status, status_before,
           commissioned_on, NULL::smallint AS party_id, NULL::smallint AS network_party_id, NULL::text AS mpxn
      FROM communications_hub
     WHERE device_id = %(device_id)s
     UNION ALL
    SELECT gpf_device_id, 'GPF', device_id, device_model_id, smi_status, status_before, commissioned_on, NULL, NULL, NULL
      FROM communications_hub
     WHERE gpf_device_id = %(device_id)s
     UNION ALL
    SELECT device_id, device_type, hub_device_id, device_model_id, smi_status, status_before, commissioned_on,
           party_id, network_party_id, mpxn
      FROM device
     WHERE device_id = %(device_id)s
)
SELECT found.device_id, found.device_type, found.hub_device_id, found.device_model_id, model.manufacturer, model.model,
       model.hardware_version, model.firmware_version, entry.smets_chts_version, entry.gbcs_version,
       entry.status AS cpl_status, found.smi_status, found.status_before, found.commissioned_on, region.name AS region,
       found.party_id::integer AS party_id,
       CASE WHEN %(party_id)s::integer IS NULL OR found.party_id = %(party_id)s THEN found.mpxn END AS mpxn,
       CASE WHEN %(party_id)s::integer IS NULL OR found.party_id = %(party_id)s THEN supplier.name
            WHEN found.party_id IS NOT NULL THEN 'another Supplier'
       END AS supplier,
       operator.name AS network_operator
  FROM found
  JOIN device_model AS model ON model.device_model_id = found.device_model_id
  JOIN communications_hub AS hub ON hub.device_id = found.hub_device_id
  JOIN csp_region AS region ON region.region_id = hub.region_id
  LEFT JOIN cpl_entry AS entry ON entry.device_model_id = found.device_model_id
  LEFT JOIN party AS supplier ON supplier.party_id = found.party_id
  LEFT JOIN party AS operator ON operator.party_id = found.network_party_id
 LIMIT 1

-- list_device_happenings --
-- What happened to a Device behind a hub: suspended, restored, announced, changed, commanded; newest first.
WITH episode AS (
    SELECT coalesce(past.suspended_at, act.suspended_at) AS suspended_at, past.ended_at, past.state, past.ended_because,
           act.cause, past.suspension_id, act.bucket_count
      FROM (
            SELECT suspended_at, ended_at, state, ended_because, suspension_id
              FROM suspension_episode
             WHERE device_id = %(device_id)s
             UNION ALL
            SELECT NULL, NULL, NULL, NULL, suspension_id
              FROM device
             WHERE device_id = %(device_id)s
               AND smi_status = 'SUSPENDED'
           ) AS past
      LEFT JOIN suspension AS act USING (suspension_id)
),
told AS (
    SELECT raised_at, code, party_id
      FROM dcc_alert
     WHERE device_id = %(device_id)s
     UNION ALL
    SELECT chunk.raised_at, chunk.code, chunk.party_id
      FROM (SELECT DISTINCT suspension_id, bucket_count FROM episode) AS known
      JOIN alert_chunk AS chunk
        ON chunk.suspension_id = coalesce(known.suspension_id, 0)
       AND chunk.bucket = (hashmacaddr8(%(device_id)s::macaddr8) & 2147483647)
                          %% coalesce(known.bucket_count, %(buckets)s::integer)
     WHERE %(device_id)s = ANY(chunk.device_ids)
)
SELECT suspended_at AS happened_at, 'inventory' AS source, 'SUSPENDED' AS what, cause AS detail, NULL AS campaign
  FROM episode
 WHERE suspended_at IS NOT NULL
 UNION ALL
SELECT ended_at, 'inventory', state, ended_because, NULL
  FROM episode
 WHERE ended_at IS NOT NULL
 UNION ALL
SELECT told.raised_at, 'alert', told.code,
       'To ' || CASE WHEN %(party_id)s::integer IS NULL OR told.party_id = %(party_id)s OR party.kind <> 'SUPPLIER'
                     THEN party.name ELSE 'another Supplier' END, NULL
  FROM told
  JOIN party ON party.party_id = told.party_id
 UNION ALL
SELECT happened_at, 'inventory', 'TOLD_' || kind,
       CASE WHEN kind <> 'MPXN' THEN concat_ws(' > ', before, after) END, NULL
  FROM inventory_change
 WHERE device_id = %(device_id)s
 UNION ALL
SELECT turn.happened_at, 'command', 'COMMAND_' || turn.state, 'Service Request ' || command.srv, NULL
  FROM device_command AS command
 CROSS JOIN LATERAL (
       VALUES (command.sent_at, 'SENT'), (command.settled_at, command.state)
       ) AS turn (happened_at, state)
 WHERE command.device_id = %(device_id)s
   AND turn.happened_at IS NOT NULL
 ORDER BY happened_at DESC
 LIMIT %(limit)s
