"""The style sheet, the charts and the templates keep the rules of the portal's look."""

import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from safelaunch.domain.campaigns import Phase
from safelaunch.domain.hub_upgrades import EventKind, HubState
from safelaunch.domain.smi import SmiStatus
from safelaunch.interfaces import portal
from safelaunch.interfaces.portal import charts, marks
from safelaunch.interfaces.portal.charts import Part
from safelaunch.interfaces.portal.errors import status_of
from safelaunch.services.people import LinkRefused, NoSuchPerson
from safelaunch.store.reads.progress import NightCounts
from tests.doors.portal import scene

HERE = Path(portal.__file__).parent
SHEET = (HERE / "static/portal/portal.css").read_text()
TEMPLATES = sorted((HERE / "templates").rglob("*.html"))


def test_the_style_sheet_stays_under_thirty_kilobytes():
    assert len(SHEET.encode()) < 30_000


def test_colours_stand_in_the_token_layer_alone():
    rest = SHEET[SHEET.index("@layer base {") :]
    rest = rest[: rest.index("@layer print {")]
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b(?!\))", rest) == []


def test_there_are_four_sizes_of_type():
    sizes = set(re.findall(r"--(small|body|large|title): ([\d.]+)rem", SHEET))
    assert {float(size) * 16 for _, size in sizes} == {14, 16, 20, 28}


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    high, low = sorted((luminance(first), luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def palettes() -> list[dict[str, str]]:
    tokens = SHEET[: SHEET.index("@layer base {")]
    light, dark = tokens.split("@media (prefers-color-scheme: dark)")
    read = [dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", part)) for part in (light, dark)]
    return [read[0], read[0] | read[1]]


@pytest.mark.parametrize("palette", palettes(), ids=["light", "dark"])
def test_text_has_contrast_enough_in_light_and_dark(palette):
    tones = ("succeeded", "progress", "waiting", "unknown", "failed", "held", "deferred")
    pairs = [
        ("ink", "ground"),
        ("soft", "ground"),
        ("soft", "raised"),
        ("accent", "ground"),
        ("accent", "accent-wash"),
    ]
    pairs += [("on-accent", "accent"), ("on-stop", "stop"), ("on-stop", "stop-hover")]
    pairs += [(tone, f"{tone}-wash") for tone in tones] + [(tone, "ground") for tone in tones]
    weak = {pair: contrast(palette[pair[0]], palette[pair[1]]) for pair in pairs}
    assert {pair: round(ratio, 2) for pair, ratio in weak.items() if ratio < 4.5} == {}


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_templates_are_short_and_hold_no_style_and_no_script(template):
    text = template.read_text()
    assert len(text.splitlines()) <= 150
    assert not re.search(r"\sstyle=|<style|<script|\son[a-z]+=|javascript:|hx-on", text)
    assert not re.search(r"\|safe\b|autoescape off", text)


def test_every_post_form_carries_its_token():
    for template in TEMPLATES:
        text = template.read_text()
        assert len(re.findall(r'method="post"', text)) == text.count("{% csrf_token %}"), template.name


def test_every_code_a_page_may_show_has_an_icon_and_a_word():
    for code in (*Phase, *HubState, *SmiStatus, *EventKind):
        assert code.value in marks.MARKS
        assert "<svg" in marks.chip(code.value)


def test_a_refusal_answers_as_the_nearest_family_above_it():
    assert (status_of(LinkRefused("x")), status_of(NoSuchPerson("x"))) == (403, 404)


@given(st.lists(st.integers(0, 30_000_000), min_size=1, max_size=40))
def test_the_exposure_curve_stays_inside_its_frame_and_its_weight(counts):
    first = date(2026, 1, 1)
    nights = [
        NightCounts(first + timedelta(days=index), count, count // 2, count // 3, count // 7)
        for index, count in enumerate(counts)
    ]
    drawing = str(charts.exposure(nights))
    assert "nan" not in drawing
    for x, y in re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", drawing):
        assert charts.LEFT - 0.1 <= float(x) <= charts.WIDTH - charts.RIGHT + 0.1
        assert 0 <= float(y) <= charts.HEIGHT
    assert f"Sent {sum(counts):,}" in drawing


def test_half_a_year_of_nights_weighs_less_than_twenty_kilobytes():
    nights = [
        NightCounts(date(2026, 1, 1) + timedelta(days=index), 9 * index, 8 * index, index, index)
        for index in range(190)
    ]
    assert len(charts.exposure(nights).encode()) < 20_000


def test_no_nights_draw_nothing():
    assert charts.exposure([]) == ""


@given(st.integers(1, 10**9))
def test_a_scale_ends_at_or_above_its_largest_value_and_wastes_at_most_half(value):
    assert value <= charts.nice_ceiling(value) <= 2 * value


def test_a_part_that_is_there_is_seen_and_what_is_not_is_not():
    bar = charts.share_bar(
        [Part("failed", "Failed", 1), Part("unknown", "Unknown", 0)], total=10**7, label="North"
    )
    assert 'class="t-failed" x="0" width="4"' in bar
    assert "t-unknown" not in bar
    assert "North: failed 1, of 10,000,000" in bar


PAGES = {
    "/": 8,
    "/campaigns/": 5,
    "/campaigns/CH-2026-07/live/": 4,
    "/campaigns/CH-2026-07/": 21,
    "/campaigns/CH-2026-07/tranches/": 7,
    "/portfolio/": 8,
    "/portfolio.csv": 4,
    f"/hubs/{scene.HUB}/": 13,
}
"""The most statements a page may run, the session's and the clock's among them."""


@pytest.mark.parametrize("address", PAGES)
def test_a_page_runs_as_many_statements_for_much_as_for_little(database, sign_in, address):
    built = scene.build(hubs=1_000, nights=8)
    client = sign_in("Ada", "operator")
    with CaptureQueriesContext(connection) as few:
        assert client.get(address).status_code == 200
    scene.more(built, campaigns=12, nights=20)
    with CaptureQueriesContext(connection) as many:
        assert client.get(address).status_code == 200
    assert len(few) == len(many)
    assert len(many) <= PAGES[address]
