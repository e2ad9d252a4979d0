"""What has to hold of a finished campaign, however often its processes were killed."""

from tests.e2e.running import Installation

REFERENCE = "CH-DEMO-1"

ENDED = ("ACTIVATED", "FAILED", "UNKNOWN", "UNREACHABLE")

ELIGIBLE_WITHOUT_ROW = """
SELECT count(*)
  FROM communications_hub AS hub
  JOIN campaign_target AS target
    ON target.from_model_id = hub.device_model_id
 WHERE hub.smi_status = 'COMMISSIONED'
   AND NOT EXISTS (SELECT 1 FROM hub_upgrade WHERE hub_upgrade.device_id = hub.device_id)
"""

ON_NEW_VERSION_OTHERWISE_THAN_BY_ACTIVATION = """
SELECT count(*)
  FROM hub_upgrade AS upgrade
  JOIN communications_hub AS hub
    ON hub.device_id = upgrade.device_id
  JOIN device_model AS model
    ON model.device_model_id = hub.device_model_id
  JOIN campaign
    ON campaign.campaign_id = upgrade.campaign_id
 WHERE (model.firmware_version = campaign.firmware_version) <> (upgrade.state = 'ACTIVATED')
"""

TRANCHE_COUNTS_THAT_DIFFER = """
WITH recounted AS (
    SELECT tranche_id, state, count(*)::integer AS hub_count
      FROM hub_upgrade
     GROUP BY tranche_id, state
)
SELECT count(*)
  FROM recounted
  FULL JOIN (SELECT * FROM tranche_count WHERE hub_count <> 0) AS kept USING (tranche_id, state)
 WHERE recounted.hub_count IS DISTINCT FROM kept.hub_count
"""

SUPPLIER_COUNTS_THAT_DIFFER = """
WITH recounted AS (
    SELECT campaign_id, import_party_id, gas_party_id, region_id, state, count(*)::integer AS hub_count
      FROM hub_upgrade
     GROUP BY campaign_id, import_party_id, gas_party_id, region_id, state
)
SELECT count(*)
  FROM recounted
  FULL JOIN (SELECT * FROM supplier_count WHERE hub_count <> 0) AS kept
 USING (campaign_id, import_party_id, gas_party_id, region_id, state)
 WHERE recounted.hub_count IS DISTINCT FROM kept.hub_count
"""

PORTFOLIO_COUNTS_THAT_DIFFER = """
WITH recounted AS (
    SELECT device_model_id, region_id, coalesce(import_party_id, 0) AS import_party_id,
           coalesce(gas_party_id, 0) AS gas_party_id, smi_status, is_in_use, count(*)::integer AS hub_count
      FROM communications_hub
     GROUP BY 1, 2, 3, 4, 5, 6
)
SELECT count(*)
  FROM recounted
  FULL JOIN (SELECT * FROM portfolio_count WHERE hub_count <> 0) AS kept
 USING (device_model_id, region_id, import_party_id, gas_party_id, smi_status, is_in_use)
 WHERE recounted.hub_count IS DISTINCT FROM kept.hub_count
"""

EVENT_NUMBERS_WITH_GAPS = """
SELECT count(*)
  FROM (SELECT network FROM csp_event GROUP BY network HAVING count(*) <> max(number)) AS gappy
"""

ALERT_COUNTS_THAT_DIFFER = """
SELECT (SELECT count(*) FROM dcc_alert) - (SELECT coalesce(sum(alert_count), 0) FROM alert_count)
"""

ACTIVATIONS_ALERTED_TWICE = """
SELECT count(*)
  FROM (SELECT 1 FROM dcc_alert GROUP BY device_id, user_id, code HAVING count(*) > 1) AS twice
"""

PARKED_JOBS = "SELECT count(*) FROM procrastinate_jobs WHERE status = 'failed'"


def assert_everything_adds_up(installed: Installation) -> None:
    """Every eligible hub once, roll-ups equal recounts, the inventory and the simulator agree."""
    eligible = installed.value("SELECT eligible_count FROM campaign")
    assert installed.value("SELECT count(*) FROM hub_upgrade") == eligible
    assert installed.count(*ENDED) == eligible
    for what, query in QUERIES.items():
        assert installed.value(query) == 0, what
    assert_the_simulator_agrees(installed)
    done = installed.run("audit", "verify")
    assert done.returncode == 0, done.stderr


def assert_the_simulator_agrees(installed: Installation) -> None:
    truth = installed.simulator("truth", campaign=REFERENCE)
    instructed = installed.instructed()
    assert [key for key, times in instructed.items() if times > 1] == []
    assert truth["instructed"] == len({device_id for device_id, _ in instructed})
    assert truth["instructed"] == installed.value("SELECT count(*) FROM hub_upgrade")
    assert truth["activated"] == installed.count("ACTIVATED")
    print(f"the simulator's truth: {truth}; {sum(instructed.values()):,} instructions to hubs")


QUERIES = {
    "eligible hubs that no tranche took": ELIGIBLE_WITHOUT_ROW,
    "hubs whose version and state disagree": ON_NEW_VERSION_OTHERWISE_THAN_BY_ACTIVATION,
    "counts of tranches": TRANCHE_COUNTS_THAT_DIFFER,
    "counts of Suppliers": SUPPLIER_COUNTS_THAT_DIFFER,
    "counts of the portfolio": PORTFOLIO_COUNTS_THAT_DIFFER,
    "numbers of events": EVENT_NUMBERS_WITH_GAPS,
    "counts of alerts": ALERT_COUNTS_THAT_DIFFER,
    "alerts raised twice": ACTIVATIONS_ALERTED_TWICE,
    "parked jobs": PARKED_JOBS,
}
"""What is to be nought, by what it would mean."""
