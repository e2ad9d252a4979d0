import json

FIELDS = {
    *("hubs", "scenario", "policy", "seed", "runs", "seconds", "peak_rss_mib"),
    *("harmed_mean", "harmed_p95", "exposed_mean", "detected_share", "false_stop_share"),
    *("quarantined_mean", "days_mean", "nights_mean", "finish"),
    *("play_seconds", "floor_seconds", "floor_ratio"),
}


def test_json_holds_the_fields_of_the_contract_and_nothing_else_is_said(run):
    said = run("rehearse", "--hubs", 10_000, "--scenario", "catastrophe", "--runs", 2, "--seed", 7, "--json")
    assert said.returncode == 0, said.stderr
    found = json.loads(said.stdout)
    assert set(found) == FIELDS
    assert (found["hubs"], found["scenario"], found["policy"], found["seed"], found["runs"]) == (
        10_000,
        "catastrophe",
        "evidence",
        7,
        2,
    )
    assert found["detected_share"] == 1.0
    assert set(found["finish"]["NORTH"]) == {"p10", "p50", "p90"}


def test_a_scenario_of_one_s_own_is_rehearsed_from_its_file(run, tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text('title = "Half fall silent"\n[[defects]]\neffect = "silent"\nprevalence = 0.5\n')
    said = run("rehearse", "--hubs", 10_000, "--scenario", path, "--policy", "hawkbit")
    assert said.returncode == 0, said.stderr
    assert "Half fall silent: 10,000 hubs, policy hawkbit, runs: 1." in said.stderr
    assert "Day of the last hub" in said.stdout


def test_an_unknown_scenario_is_refused_and_an_unknown_policy_is_bad_usage(run):
    unknown = run("rehearse", "--scenario", "doom")
    assert (unknown.returncode, unknown.stdout) == (1, "")
    assert "There is no scenario 'doom'" in unknown.stderr
    assert run("rehearse", "--policy", "gut-feeling").returncode == 2


def test_a_demonstration_refuses_what_its_networks_cannot_show(run):
    said = run("demo", "--scenario", "prepay-delay")
    assert said.returncode == 1
    assert "Rehearse it instead" in said.stderr
