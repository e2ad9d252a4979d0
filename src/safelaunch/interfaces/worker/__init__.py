"""The worker's door: one task for each job name, the timetable, and the rescue of jobs whose worker died."""
