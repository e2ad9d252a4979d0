"""`safelaunch landscape`: no database, so the command runs in this process."""

import xml.etree.ElementTree as ET

import pytest

from safelaunch.config.command import COMMANDS
from safelaunch.interfaces.cli.main import run
from tests.doors.cli.running import Shell

SVG = "{http://www.w3.org/2000/svg}"


def test_json_holds_options_what_ifs_and_words(shell: Shell):
    found = shell(
        "landscape", "compare", "tabasc-2022", "--runs", "200", "--slip", "csp-build=10", "--json"
    ).json
    assert (found["runs"], found["seed"], found["today"]) == (200, 1, "2021-03-25")
    assert [option["name"] for option in found["options"]] == ["4", "2"]
    stage = found["options"][0]["stages"][1]
    assert (stage["stated"], stage["begins"]["p50"]) == ("Jun 2022", "2022-06-30")
    assert {one["title"] for one in found["what_ifs"]} >= {"CSP systems built 10 days more"}
    assert len(found["modifications"]) == 13
    assert len(found["summary"]) > 8


def test_text_chart_and_calendar_show_the_same(shell: Shell, tmp_path):
    chart, calendar = tmp_path / "chart.svg", tmp_path / "dates.ics"
    said = shell(
        "landscape", "compare", "tabasc-2022", "--runs", "200", "--chart", str(chart), "--calendar", str(calendar)
    )  # fmt: skip
    assert said.code == 0, said.err
    assert "Option 4: mass roll-out" in said.out
    assert "GBCS 3.2 four more months late at every CSP, option 2: days later" in said.out
    assert "What does not move: DSP systems and SEC changes" in said.err
    drawing = ET.fromstring(chart.read_text(encoding="utf-8"))  # noqa: S314 - our own drawing
    words = [element.text or "" for element in drawing.iter(f"{SVG}text")]
    assert any(word.startswith("Option 2: CSP systems and hub firmware") for word in words)
    assert len(list(drawing.iter(f"{SVG}polyline"))) == 4
    lines = calendar.read_bytes().decode().split("\r\n")
    assert lines[0] == "BEGIN:VCALENDAR"
    assert max(len(line.encode()) for line in lines) <= 75
    assert lines.count("BEGIN:VEVENT") == 6 + 2 * 4 * 2
    assert "SUMMARY:June 2022 SEC Release" in lines


def test_the_example_is_printed_to_be_changed_and_a_changed_one_is_refused_with_its_place(
    shell: Shell, tmp_path
):
    text = shell("landscape", "example").out
    path = tmp_path / "mine.toml"
    path.write_text(text.replace('after = ["gbcs-3.2-north"]', 'after = ["mass-north-dual"]'))
    refused = shell("landscape", "compare", str(path))
    assert (refused.code, refused.out) == (1, "")
    assert "mine.toml: tasks wait for one another" in refused.err
    assert "waits for mass-north-dual waits for pilot-north-dual" in refused.err


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("tabasc-2022", "--slip", "uit=3"), "There is no task 'uit' to slip"),
        (("tabasc-2022", "--slip", "csp-build"), "--slip csp-build cannot be read"),
        (("tabasc-2022", "--slip", "csp-build=-4"), "slip by -4 days"),
        (("nowhere.toml",), "There is no landscape file nowhere.toml"),
    ],
)
def test_what_cannot_be_compared_is_refused(shell: Shell, arguments, sentence):
    refused = shell("landscape", "compare", *arguments)
    assert refused.code == 1
    assert sentence in refused.err


def test_the_command_is_known():
    assert "landscape" in COMMANDS
    assert run(["landscape", "compare", "tabasc-2022", "--runs", "0"], table=COMMANDS) == 2


def test_calibration_is_printed_and_given_as_json(shell: Shell):
    found = shell("calibrate", "--campaigns", "4", "--seed", "2", "--json").json
    assert (found["campaigns"], found["outcomes"]) == (4, 16)
    assert "held share all" in shell("calibrate", "--campaigns", "2").out
