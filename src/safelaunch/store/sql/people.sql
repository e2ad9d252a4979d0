-- lock_people --
-- Let one writer at a time decide whether anybody exists yet.
LOCK TABLE person IN SHARE ROW EXCLUSIVE MODE

-- use_sign_in_link --
-- Use a link up, if it is unused and still valid, and say whose it was.
UPDATE sign_in_link
   SET used_at = %(at)s
 WHERE token_digest = %(token_digest)s
   AND used_at IS NULL
   AND expires_at > %(at)s
RETURNING person_id

-- list_people --
-- Everybody who may sign in, with their Party and their latest sign-in.
SELECT person.person_id,
       person.name,
       person.role,
       person.party_id,
       party.name AS party_name,
       person.created_at,
       max(link.used_at) AS signed_in_at
  FROM person
  LEFT JOIN party
    ON party.party_id = person.party_id
  LEFT JOIN sign_in_link AS link
    ON link.person_id = person.person_id
 WHERE (%(person_id)s::integer IS NULL OR person.person_id = %(person_id)s)
   AND (%(name)s::text IS NULL OR person.name = %(name)s)
 GROUP BY person.person_id, party.name
 ORDER BY person.name
