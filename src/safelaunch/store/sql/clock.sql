-- stepped_clock_shows --
-- What the stepped clock of a demonstration shows.
SELECT shows
  FROM stepped_clock

-- set_stepped_clock --
-- Set the stepped clock; it never goes back.
INSERT INTO stepped_clock (stepped_clock_id, shows)
VALUES (1, %(shows)s)
    ON CONFLICT (stepped_clock_id) DO UPDATE
   SET shows = greatest(stepped_clock.shows, excluded.shows)
