-- count_waiting_jobs --
-- Jobs that are still to be done or being done.
SELECT count(*)::integer AS job_count
  FROM procrastinate_jobs
 WHERE status IN ('todo', 'doing')

-- list_parked_jobs --
-- Jobs that were tried for the last time, newest first.
SELECT id AS job_id, task_name, attempts
  FROM procrastinate_jobs
 WHERE status = 'failed'
 ORDER BY id DESC
 LIMIT 100
