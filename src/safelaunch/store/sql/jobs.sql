-- is_job_waiting --
-- Whether any job is still to be done or being done.
SELECT count(*) > 0 AS is_waiting
  FROM (
        SELECT
          FROM procrastinate_jobs
         WHERE status IN ('todo', 'doing')
         LIMIT 1
       ) AS waiting

-- list_parked_jobs --
-- Jobs that were tried for the last time, newest first.
SELECT id AS job_id, task_name, attempts
  FROM procrastinate_jobs
 WHERE status = 'failed'
 ORDER BY id DESC
 LIMIT 100
