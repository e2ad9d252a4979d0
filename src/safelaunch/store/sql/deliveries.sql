-- next_alert_numbers --
-- As many numbers for alerts as are wanted, none of them used before.
SELECT array_agg(nextval('dcc_alert_number'))
  FROM generate_series(1, %(count)s::integer)

-- queue --
-- Queue messages in the order given; their numbers rise with it.
INSERT INTO outgoing_message (
    user_id, device_id, service_request_id, code, octets, is_signed, state, refusals
)
SELECT message.user_id, message.device_id::macaddr8, message.service_request_id, message.code, message.octets,
       message.is_signed, %(state)s, 0
  FROM unnest(
       %(user_ids)s::macaddr8[], %(device_ids)s::text[], %(service_request_ids)s::bigint[],
       %(codes)s::text[], %(octets)s::bytea[], %(are_signed)s::boolean[]
       ) WITH ORDINALITY AS message (user_id, device_id, service_request_id, code, octets, is_signed, place)
 ORDER BY message.place

-- note_signed --
-- Keep the signed octets of messages that were queued unsigned.
UPDATE outgoing_message AS message
   SET octets = signed.octets, is_signed = TRUE
  FROM unnest(%(numbers)s::bigint[], %(octets)s::bytea[]) AS signed (number, octets)
 WHERE message.outgoing_message_id = signed.number

-- list_users_waiting --
-- Users with an address for whom a message waits that may go now.
SELECT receiver.user_id
  FROM user_receiver AS receiver
 WHERE (receiver.next_try_at IS NULL OR receiver.next_try_at <= %(at)s)
   AND EXISTS (
           SELECT
             FROM outgoing_message AS message
            WHERE message.user_id = receiver.user_id
              AND message.state = 'QUEUED'
              AND (message.next_try_at IS NULL OR message.next_try_at <= %(at)s)
       )
 ORDER BY receiver.user_id

-- list_heads --
-- Messages of a User that may go now, oldest first: of those about one Device only the oldest that waits.
SELECT outgoing_message_id, octets, is_signed, refusals
  FROM outgoing_message AS message
 WHERE user_id = %(user_id)s
   AND state = 'QUEUED'
   AND (next_try_at IS NULL OR next_try_at <= %(at)s)
   AND NOT EXISTS (
           SELECT
             FROM outgoing_message AS earlier
            WHERE earlier.user_id = message.user_id
              AND earlier.state = 'QUEUED'
              AND earlier.device_id = message.device_id
              AND earlier.outgoing_message_id < message.outgoing_message_id
       )
 ORDER BY outgoing_message_id
 LIMIT %(limit)s

-- park_stale_messages --
-- Park what has waited too long for its User, and give the number of messages parked.
UPDATE outgoing_message
   SET state = 'PARKED', settled_at = %(at)s, last_problem = %(problem)s
 WHERE user_id = %(user_id)s
   AND state = 'QUEUED'
   AND queued_at < %(before)s

-- replay_messages --
-- Queue parked messages of a User again, one of them or all, and give their number.
UPDATE outgoing_message
   SET state = 'QUEUED', settled_at = NULL, queued_at = now(), refusals = 0, next_try_at = NULL
 WHERE user_id = %(user_id)s
   AND state = 'PARKED'
   AND (%(outgoing_message_id)s::bigint IS NULL OR outgoing_message_id = %(outgoing_message_id)s::bigint)

-- list_receivers --
-- Every User ID with its address and what waits for it.
SELECT users.user_id, users.party_name, users.duis_version, receiver.address, receiver.failures,
       receiver.next_try_at, receiver.last_problem, receiver.last_heard_at,
       coalesce(waiting.queued, 0) AS queued, coalesce(waiting.parked, 0) AS parked, waiting.oldest_queued_at
  FROM (
        SELECT party_user.user_id, min(party.name) AS party_name, min(party_user.duis_version) AS duis_version
          FROM party_user
          JOIN party USING (party_id)
         GROUP BY party_user.user_id
       ) AS users
  LEFT JOIN user_receiver AS receiver USING (user_id)
  LEFT JOIN (
        SELECT user_id, count(*) FILTER (WHERE state = 'QUEUED') AS queued,
               count(*) FILTER (WHERE state = 'PARKED') AS parked,
               min(queued_at) FILTER (WHERE state = 'QUEUED') AS oldest_queued_at
          FROM outgoing_message
         WHERE state IN ('QUEUED', 'PARKED')
         GROUP BY user_id
       ) AS waiting USING (user_id)
 ORDER BY users.party_name, users.user_id

-- list_parked_messages --
-- Messages that nobody took, newest first.
SELECT outgoing_message_id, user_id, device_id, code, settled_at, last_problem
  FROM outgoing_message
 WHERE state = 'PARKED'
   AND (%(user_id)s::macaddr8 IS NULL OR user_id = %(user_id)s::macaddr8)
 ORDER BY outgoing_message_id DESC
 LIMIT %(limit)s
