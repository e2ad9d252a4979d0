-- is_anybody_owed --
-- Whether an alert waits to be made into a message, alone or in a chunk.
SELECT count(*) > 0 AS is_anybody_owed
  FROM (
        SELECT
          FROM dcc_alert
         WHERE is_owed
         UNION ALL
        SELECT
          FROM alert_chunk
         WHERE is_owed
         LIMIT 1
       ) AS waiting

-- take_owed_alerts --
-- The oldest alerts that are owed to Users with an address, taken: they are owed no longer.
-- Those that were raised after a chunk is owed to the same User wait for it.
WITH taken AS (
    UPDATE dcc_alert AS alert
       SET is_owed = FALSE
      FROM (
            SELECT dcc_alert_id
              FROM dcc_alert
             WHERE is_owed
               AND raised_at < coalesce(
                       (
                        SELECT min(chunk.raised_at)
                          FROM alert_chunk AS chunk
                         WHERE chunk.is_owed
                           AND chunk.user_id = dcc_alert.user_id
                       ),
                       'infinity'
                   )
             ORDER BY dcc_alert_id
             LIMIT %(limit)s
               FOR UPDATE
           ) AS oldest
     WHERE alert.dcc_alert_id = oldest.dcc_alert_id
 RETURNING alert.dcc_alert_id, alert.code, alert.device_id, alert.user_id, alert.firmware_version,
           alert.smi_firmware_version, alert.raised_at, alert.hub_device_id, alert.service_request_id,
           alert.happened_at, alert.outcome
)
SELECT taken.code, taken.device_id, taken.user_id, taken.firmware_version, taken.smi_firmware_version, taken.raised_at,
       coalesce(speaker.duis_version, '') AS duis_version, taken.hub_device_id, taken.happened_at, taken.outcome,
       request.originator, request.target, request.counter
  FROM taken
  LEFT JOIN service_request AS request USING (service_request_id)
  LEFT JOIN LATERAL (
       SELECT min(party_user.duis_version) AS duis_version
         FROM party_user
        WHERE party_user.user_id = taken.user_id
       ) AS speaker ON TRUE
 ORDER BY taken.dcc_alert_id

-- take_owed_chunk --
-- The next Devices of the oldest chunk that is owed to a User who keeps up; after the last it is owed no longer.
WITH keeping_up AS MATERIALIZED (
    SELECT addressee.user_id
      FROM (
            SELECT DISTINCT user_id
              FROM alert_chunk
             WHERE is_owed
           ) AS addressee
     WHERE (
            SELECT count(*)
              FROM (
                    SELECT
                      FROM outgoing_message AS message
                     WHERE message.user_id = addressee.user_id
                       AND message.state = 'QUEUED'
                     LIMIT %(most_waiting)s
                   ) AS waiting
           ) < %(most_waiting)s
),
oldest AS (
    SELECT alert_chunk_id, told_count
      FROM alert_chunk
     WHERE is_owed
       AND user_id IN (SELECT user_id FROM keeping_up)
     ORDER BY raised_at, alert_chunk_id
     LIMIT 1
       FOR UPDATE
),
taken AS (
    UPDATE alert_chunk AS chunk
       SET told_count = least(oldest.told_count + %(limit)s::integer, chunk.device_count),
           is_owed = oldest.told_count + %(limit)s::integer < chunk.device_count
      FROM oldest
     WHERE chunk.alert_chunk_id = oldest.alert_chunk_id
 RETURNING chunk.code, chunk.user_id, chunk.raised_at,
           chunk.device_ids[oldest.told_count + 1:chunk.told_count] AS device_ids
)
SELECT taken.code, part.device_id, taken.user_id, NULL AS firmware_version, NULL AS smi_firmware_version,
       taken.raised_at, coalesce(speaker.duis_version, '') AS duis_version
  FROM taken
 CROSS JOIN LATERAL (
       SELECT min(party_user.duis_version) AS duis_version
         FROM party_user
        WHERE party_user.user_id = taken.user_id
       ) AS speaker
 CROSS JOIN LATERAL unnest(taken.device_ids) WITH ORDINALITY AS part (device_id, place)
 ORDER BY part.place
