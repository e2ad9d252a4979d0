-- lock_log_updates --
-- Changes of hubs' logs on which these hubs' word, or the answers to these requests, still count; locked in their order.
SELECT han_log_update_id, service_request_id, kind, hub_device_id, device_id, mpxn, join_seconds, state, asked_at
  FROM han_log_update
 WHERE (hub_device_id = ANY(%(hub_device_ids)s) OR service_request_id = ANY(%(service_request_ids)s))
   AND state = ANY(%(states)s)
 ORDER BY han_log_update_id
   FOR UPDATE

-- move_log_update --
-- Move a change of a hub's log along one edge of its machine; until when it is waited for, if that is known anew.
UPDATE han_log_update
   SET state = %(to_state)s,
       due_at = coalesce(%(due_at)s::timestamptz, due_at),
       ended_at = %(ended_at)s::timestamptz
 WHERE han_log_update_id = %(han_log_update_id)s
   AND state = ANY(%(from_states)s)

-- doubt_log_updates --
-- Changes of hubs' logs whose time is over without a word become doubtful; those of which nothing went out are taken back.
WITH overdue AS MATERIALIZED (
    SELECT log_update.han_log_update_id,
           (
               EXISTS (
                   SELECT
                     FROM device_command AS command
                    WHERE command.service_request_id = log_update.service_request_id
                      AND command.state = 'CANCELLED'
               )
           ) AS is_cancelled
      FROM han_log_update AS log_update
     WHERE log_update.due_at <= %(at)s
       AND log_update.state = ANY(%(from_states)s)
     ORDER BY log_update.han_log_update_id
     LIMIT %(limit)s
       FOR UPDATE SKIP LOCKED
)
UPDATE han_log_update AS log_update
   SET state = CASE WHEN overdue.is_cancelled AND log_update.state = 'ASKED' THEN %(taken_back)s ELSE %(doubtful)s END,
       ended_at = %(at)s
  FROM overdue
 WHERE log_update.han_log_update_id = overdue.han_log_update_id
RETURNING log_update.service_request_id, log_update.kind, log_update.device_id, log_update.state

-- next_log_update_due --
-- When the next change of a hub's log is over its time.
SELECT min(due_at) AS due_at
  FROM han_log_update
 WHERE state IN ('ASKED', 'LOGGED')

-- find_log_update --
-- The latest change of a hub's log that concerns a Device and is not over, or is in doubt.
SELECT kind, state, due_at
  FROM han_log_update
 WHERE device_id = %(device_id)s
   AND kind IN ('ADD', 'REMOVE')
   AND state = ANY(%(states)s)
 ORDER BY asked_at DESC
 LIMIT 1

-- keep_log_backup --
-- What a hub told of its log, unless it has told of it later.
INSERT INTO hub_log_backup (hub_device_id, payload, told_at)
VALUES (%(hub_device_id)s, %(payload)s, %(told_at)s)
    ON CONFLICT (hub_device_id) DO UPDATE
   SET payload = excluded.payload,
       told_at = excluded.told_at
 WHERE hub_log_backup.told_at <= excluded.told_at

-- admit_device --
-- A Device enters the home of the hub that took it into its log. Whose it is follows from the registration of its meter point,
-- else from the hub, else it is whose User asked; its network is that of its neighbours, by the distributor in its MPAN or by
-- the region of its gas.
INSERT INTO device (
    hub_device_id, device_id, device_model_id, party_id, network_party_id, device_type, smi_status, status_before,
    suspension_id, mpxn
)
SELECT hub.device_id, %(device_id)s::macaddr8, %(device_model_id)s,
       CASE WHEN registered.starts_at IS NOT NULL THEN registered.party_id
            WHEN %(device_type)s = 'GSME' THEN coalesce(hub.gas_party_id, %(party_id)s)
            WHEN %(device_type)s = 'ESME' THEN coalesce(hub.import_party_id, %(party_id)s)
            ELSE coalesce(hub.import_party_id, hub.gas_party_id, %(party_id)s)
       END,
       CASE WHEN %(device_type)s = 'GSME' THEN transporter.party_id
            ELSE coalesce(distributor.party_id, beside.party_id)
       END,
       %(device_type)s, %(smi_status)s, %(status_before)s, %(suspension_id)s::integer, %(mpxn)s
  FROM communications_hub AS hub
  LEFT JOIN LATERAL (
       SELECT known.starts_at, known.party_id
         FROM registration AS known
        WHERE known.mpxn = %(mpxn)s
          AND known.role = CASE %(device_type)s WHEN 'GSME' THEN 'GS' ELSE 'IS' END
          AND known.starts_at <= %(at)s
        ORDER BY known.starts_at DESC
        LIMIT 1
       ) AS registered ON TRUE
  LEFT JOIN LATERAL (
       SELECT near.network_party_id AS party_id
         FROM device AS near
        WHERE near.device_type = 'ESME'
          AND near.mpxn >= %(area_from)s
          AND near.mpxn < %(area_until)s
        LIMIT 1
       ) AS distributor ON TRUE
  LEFT JOIN LATERAL (
       SELECT esme.network_party_id AS party_id
         FROM device AS esme
        WHERE esme.hub_device_id = hub.device_id
          AND esme.device_type = 'ESME'
        ORDER BY esme.device_id
        LIMIT 1
       ) AS beside ON TRUE
  LEFT JOIN LATERAL (
       SELECT near.network_party_id AS party_id
         FROM communications_hub AS neighbour
         JOIN device AS near
           ON near.hub_device_id = neighbour.device_id
          AND near.device_type = 'GSME'
        WHERE neighbour.region_id = hub.region_id
        LIMIT 1
       ) AS transporter ON TRUE
 WHERE hub.device_id = %(hub_device_id)s

-- rehome_device --
-- A Device that is in no log any more enters the home of the hub that took it into its own.
UPDATE device
   SET hub_device_id = %(hub_device_id)s,
       mpxn = coalesce(%(mpxn)s, mpxn)
 WHERE device_id = %(device_id)s

-- find_home_area --
-- Where a home is that nobody is in yet: the region of its neighbours by the distributor in its MPAN, one with such hubs first.
WITH near AS MATERIALIZED (
    SELECT hub_device_id
      FROM device
     WHERE device_type = 'ESME'
       AND mpxn >= %(area_from)s
       AND mpxn < %(area_until)s
     LIMIT %(limit)s
)
SELECT hub.region_id
  FROM near
  JOIN communications_hub AS hub ON hub.device_id = near.hub_device_id
 GROUP BY hub.region_id
 ORDER BY EXISTS (
              SELECT
                FROM portfolio_count AS tally
               WHERE tally.region_id = hub.region_id
                 AND tally.device_model_id = %(device_model_id)s
                 AND tally.hub_count > 0
          ) DESC,
          count(*) DESC,
          hub.region_id
 LIMIT 1
