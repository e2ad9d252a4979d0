import re

import pytest

from safelaunch.domain.refusals import NotFound
from safelaunch.planning.landscape import reading
from safelaunch.planning.landscape.network import BadLandscape, find_circle
from safelaunch.planning.landscape.scope import months_before, scopes
from tests.unit.planning.landscape.ground import SMALL, small


def test_the_example_holds_what_the_paper_holds():
    landscape = reading.load("tabasc-2022")
    assert [option.name for option in landscape.options] == ["4", "2"]
    assert [stage.number for stage in landscape.stages] == [1, 2, 3, 4]
    assert len(landscape.modifications) == 13
    assert {region.name: region.stated_months for region in landscape.regions} == {
        "NORTH": (6, 8),
        "CENTRAL": (7, 8),
        "SOUTH": (5, 7),
    }
    # One new firmware version per CSP at a time.
    builds = {slot.name: slot.count for slot in landscape.slots if slot.name.startswith("build")}
    assert builds == {"build-north": 1, "build-central": 1, "build-south": 1}
    four, two = landscape.options
    assert (four.task("csp-systems").release, two.task("csp-systems").release) == ("jun-22", "nov-22")


def test_modifications_have_the_versions_of_their_releases_and_a_day_of_decision():
    found = {one.name: one for one in scopes(reading.load("tabasc-2022"))}
    parts = found["SECMP0015"].parts
    assert [part.documents for part in parts] == [
        ("DUIS 5.1", "MMC 5.1"),
        ("GSMETS 4.x", "CHTS 1.x", "GBCS 4.x"),
    ]
    assert f"{found['MP141'].decide_by}" == "2022-02-03"
    assert f"{months_before(parts[0].day.replace(month=5, day=31), 3)}" == "2022-02-28"


def test_an_option_changes_only_what_it_says():
    calm, hasty = small().options
    assert calm.task("build").after == ()
    assert hasty.task("build").days == (10.0, 10.0, 10.0)
    assert hasty.task("test") == calm.task("test")


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("today = 2022-01-03", "today = 3", "small.toml: today is 3; a date such as 2022-06-30 is expected."),
        ("today = 2022-01-03", "today = 2022-01-03\ncolour = 1", "colour is not a key that landscapes have."),
        ("days = [20, 30, 60]", "days = [20, 10, 60]", "tasks[1].days is [20, 10, 60]; the least, the likely"),
        ("days = [20, 30, 60]", "days = [20, 30]", "tasks[1].days is [20, 30]; the least, the likely"),
        ('after = ["build"]', 'after = ["bulid"]', "tasks[2].after names 'bulid'; there is no such task"),
        ('slots = ["uit"]', 'slots = ["sit"]', "tasks[2].slots names 'sit'; there is no such slot"),
        ('release = "june"\nstage', 'release = "july"\nstage', "tasks[2].release names 'july'; there is no such release"),
        ('name = "test"', 'name = "build"', "tasks[2].name is 'build' for the second time"),
        ("stage = 2", "stage = 7", "tasks[3].stage is 7; there is no such stage"),
        ("share = 1.0", "share = 0.9", "regions have shares that sum to 0.900; 1 is expected"),
        ("count = 1", "count = 0", "slots[1].count is 0; a whole number from 1 to 100 is expected"),
        ("chance = 0.5", "chance = 5", "tasks[1].slip.chance is 5; a share from 0 to 1 is expected"),
        ('documents = ["DUIS"] }', 'documents = ["GBCS"] }', "parts[1].documents names 'GBCS', of which june brings no"),
        ("region = ", "days = 3\nregion = ", "tasks[3].days is given with region"),
        ('task = "build"', 'task = "bulid"', "options[2].changes[1].task names 'bulid'"),
        ("build = 30", "bulid = 30", "what_ifs[1].days_more.bulid is not a key"),
        ('release = "june"\nstage', "release = []\nstage", "tasks[2].release names 0 of them; the name of one release"),
        ("number = 2", "number = 3", "tasks[3].stage is 2; there is no such stage"),
    ],
)  # fmt: skip
def test_a_bad_file_is_refused_with_the_place_and_the_reason(old, new, sentence):
    assert old in SMALL
    with pytest.raises(BadLandscape, match=re.escape(sentence)) as refused:
        reading.read(SMALL.replace(old, new, 1).encode(), source="small.toml")
    assert str(refused.value).startswith("small.toml: ")


def test_a_circle_is_shown_as_the_circle():
    round_trip = SMALL.replace('title = "Build"', 'title = "Build"\nafter = ["roll"]')
    with pytest.raises(
        BadLandscape,
        match=r"tasks wait for one another .*: build waits for roll waits for test waits for build",
    ):
        reading.read(round_trip.encode(), source="small.toml")
    by_option = SMALL.replace('"build", days = 10', '"build", after = ["test"]')
    with pytest.raises(
        BadLandscape, match=r"options\[2\].changes wait .*: build waits for test waits for build"
    ):
        reading.read(by_option.encode(), source="small.toml")
    assert find_circle({"a": ["b"], "b": ["a"], "c": []}) == ("a", "b", "a")
    assert find_circle({"a": ["b", "c"], "b": ["c"], "c": []}) == ()
    assert find_circle({"a": ["a"]}) == ("a", "a")


def test_what_does_not_exist_or_is_no_toml_is_refused(tmp_path):
    with pytest.raises(NotFound, match="no landscape 'next-year'; choose tabasc-2022"):
        reading.load("next-year")
    with pytest.raises(NotFound, match="no landscape file"):
        reading.load(str(tmp_path / "none.toml"))
    with pytest.raises(BadLandscape, match="not a TOML file"):
        reading.read(b"tasks = [", source="x.toml")
