-- list_hubs_of_a_supplier --
-- Hubs of the Supplier that has most, as many as a list may name.
SELECT hub.device_id, busiest.party_id
  FROM (
        SELECT import_party_id AS party_id
          FROM portfolio_count
         WHERE import_party_id <> 0
         GROUP BY import_party_id
         ORDER BY sum(hub_count) DESC
         LIMIT 1
       ) AS busiest
  JOIN communications_hub AS hub
    ON hub.import_party_id = busiest.party_id
 ORDER BY hub.device_id
 LIMIT %(limit)s

-- make_homes_busy --
-- Have a change of tariff planned for as many homes, late in the evening.
INSERT INTO planned_event (device_id, hub_device_id, kind, planned_from, planned_until, party_id)
SELECT device_id, device_id, 'TARIFF', %(planned_from)s::timestamptz, %(planned_from)s::timestamptz + interval '1 hour', 1
  FROM communications_hub
 LIMIT %(hub_count)s
