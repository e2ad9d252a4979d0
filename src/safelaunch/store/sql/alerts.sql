-- is_anybody_owed --
-- Whether an alert waits to be made into a message.
SELECT count(*) > 0 AS is_anybody_owed
  FROM (
        SELECT
          FROM dcc_alert
         WHERE is_owed
         LIMIT 1
       ) AS owed

-- take_owed_alerts --
-- The oldest alerts that are owed to Users with an address, taken: they are owed no longer.
WITH taken AS (
    UPDATE dcc_alert AS alert
       SET is_owed = FALSE
      FROM (
            SELECT dcc_alert_id
              FROM dcc_alert
             WHERE is_owed
             ORDER BY dcc_alert_id
             LIMIT %(limit)s
               FOR UPDATE
           ) AS oldest
     WHERE alert.dcc_alert_id = oldest.dcc_alert_id
 RETURNING alert.dcc_alert_id, alert.code, alert.device_id, alert.user_id, alert.firmware_version, alert.raised_at
)
SELECT taken.code, taken.device_id, taken.user_id, taken.firmware_version, taken.raised_at,
       coalesce(speaker.duis_version, '') AS duis_version
  FROM taken
  LEFT JOIN LATERAL (
       SELECT min(party_user.duis_version) AS duis_version
         FROM party_user
        WHERE party_user.user_id = taken.user_id
       ) AS speaker ON TRUE
 ORDER BY taken.dcc_alert_id
