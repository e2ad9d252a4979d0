-- owe_read_backs --
-- Activations that were not answered in time: when their Devices are to be read back, by the policy of each one's Party.
UPDATE device_command AS command
   SET read_at = %(at)s::timestamptz + policy.wait
  FROM (
        SELECT timed_out.device_command_id, coalesce(min(stated.wait), %(wait)s::interval) AS wait,
               coalesce(min(stated.attempts), %(attempts)s::integer) AS attempts
          FROM device_command AS timed_out
          LEFT JOIN party_user AS users ON users.user_id = timed_out.user_id
          LEFT JOIN party_read_backs AS stated ON stated.party_id = users.party_id
         WHERE timed_out.device_command_id = ANY(%(device_command_ids)s)
           AND timed_out.message_code = %(message_code)s
           AND timed_out.read_back_of_id IS NULL
         GROUP BY timed_out.device_command_id
       ) AS policy
 WHERE command.device_command_id = policy.device_command_id
   AND policy.attempts > 0

-- is_read_back_due --
-- Whether a Device is to be read back by now.
SELECT count(*) > 0 AS is_due
  FROM (
        SELECT
          FROM device_command
         WHERE read_at <= %(at)s
         LIMIT 1
       ) AS due

-- take_due_read_backs --
-- The next Devices to be read back, with their route and the place of each in what its Party has left for the day.
WITH due AS MATERIALIZED (
    SELECT device_command_id, device_id, hub_device_id, network, user_id, originator_counter, service_request_id,
           read_count, read_at
      FROM device_command
     WHERE read_at <= %(at)s
     ORDER BY read_at, device_command_id
     LIMIT %(limit)s
       FOR UPDATE SKIP LOCKED
),
holder AS (
    SELECT user_id, min(party_id) AS party_id
      FROM party_user
     GROUP BY user_id
),
used AS (
    SELECT holder.party_id, count(*) AS read_backs
      FROM device_command AS made
      JOIN holder USING (user_id)
     WHERE made.read_back_of_id IS NOT NULL
       AND made.send_at >= %(day_start)s
     GROUP BY holder.party_id
)
SELECT due.device_command_id, due.service_request_id, due.device_id, due.hub_device_id, due.network, due.user_id,
       due.originator_counter, due.read_count, found.device_type,
       coalesce(stated.wait, %(wait)s::interval) AS wait,
       coalesce(stated.attempts, %(attempts)s::integer) AS attempts,
       row_number() OVER (PARTITION BY holder.party_id ORDER BY due.read_at, due.device_command_id)
           + coalesce(used.read_backs, 0) <= coalesce(stated.daily_budget, %(daily_budget)s::integer) AS is_in_budget
  FROM due
  LEFT JOIN holder ON holder.user_id = due.user_id
  LEFT JOIN used ON used.party_id = holder.party_id
  LEFT JOIN party_read_backs AS stated ON stated.party_id = holder.party_id
  LEFT JOIN device AS found ON found.device_id = due.device_id
 ORDER BY due.read_at, due.device_command_id

-- note_read_backs --
-- Commands whose Devices were read back once more, or are to wait for another day, with when it is their turn again.
UPDATE device_command AS command
   SET read_count = noted.read_count,
       read_at = noted.read_at
  FROM unnest(%(device_command_ids)s::bigint[], %(read_counts)s::integer[], %(times)s::timestamptz[])
       AS noted (device_command_id, read_count, read_at)
 WHERE command.device_command_id = noted.device_command_id

-- end_read_backs --
-- Devices that have said their version: nothing is left to be asked.
UPDATE device_command
   SET read_at = NULL
 WHERE device_id = ANY(%(device_ids)s)
   AND read_at IS NOT NULL
