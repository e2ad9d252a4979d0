-- lock_record --
-- Let one writer at a time extend the chain.
SELECT pg_advisory_xact_lock(hashtext('safelaunch.record'))

-- last_record_digest --
-- The digest the next entry has to follow.
SELECT digest
  FROM record_entry
 ORDER BY record_entry_id DESC
 LIMIT 1

-- append_record_entry --
-- Add one act to the record.
INSERT INTO record_entry (campaign_id, act, actor, happened_at, cause, detail, previous_digest, digest)
VALUES (
    %(campaign_id)s, %(act)s, %(actor)s, %(happened_at)s, %(cause)s, %(detail)s::jsonb,
    %(previous_digest)s, %(digest)s
)

-- list_record --
-- The record after a given entry, oldest first.
SELECT record_entry_id, campaign_id, act, actor, happened_at, cause, detail, previous_digest, digest
  FROM record_entry
 WHERE record_entry_id > %(after)s
   AND (%(campaign_id)s::integer IS NULL OR campaign_id = %(campaign_id)s)
 ORDER BY record_entry_id
 LIMIT %(limit)s
