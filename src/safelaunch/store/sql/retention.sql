-- forget_messages_taken --
-- Delete the oldest messages that Users took.
DELETE FROM outgoing_message
 WHERE outgoing_message_id IN (
           SELECT outgoing_message_id
             FROM outgoing_message
            WHERE state = 'DELIVERED'
              AND settled_at < %(before)s
            ORDER BY settled_at
            LIMIT %(limit)s
       )

-- forget_service_messages --
-- Delete the oldest octets of requests, but for those of requests that are not done.
DELETE FROM service_message
 WHERE digest IN (
           SELECT digest
             FROM service_message AS message
            WHERE kept_since < %(before)s
              AND NOT EXISTS (
                      SELECT
                        FROM service_request AS request
                       WHERE request.state IN ('ACCEPTED', 'ACKNOWLEDGED')
                         AND request.message_digest = message.digest
                  )
            ORDER BY kept_since
            LIMIT %(limit)s
       )
