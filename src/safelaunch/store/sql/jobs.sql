-- is_job_waiting --
-- Whether any job is being done or due; one that is tried again counts, one deferred for later does not yet.
SELECT count(*) > 0 AS is_waiting
  FROM (
        SELECT
          FROM procrastinate_jobs
         WHERE (status = 'doing' OR (status = 'todo' AND (attempts > 0 OR scheduled_at IS NULL OR scheduled_at <= now())))
           AND task_name <> ALL(%(but)s)
         LIMIT 1
       ) AS waiting

-- list_parked_jobs --
-- Jobs that were tried for the last time, newest first.
SELECT id AS job_id, task_name, attempts
  FROM procrastinate_jobs
 WHERE status = 'failed'
 ORDER BY id DESC
 LIMIT 100
