"""`safelaunch campaign` from draft to its end, as people type it."""

from datetime import UTC, datetime

import pytest

from safelaunch.planning import estate
from safelaunch.services import estates
from safelaunch.store import sql
from safelaunch.store.models import Campaign, CommunicationsHub, HubFeedback, Party
from tests.doors.cli.running import Answer, Shell

VERSION = estates.eligible_version(estate.describe(hubs=600, seed=3))
NOON = datetime(2026, 2, 3, 12, tzinfo=UTC)
DATES = {"--pilot-starts-on": "2026-02-02", "--deploy-by": "2026-06-01", "--activate-by": "2026-07-01"}


def create(shell: Shell, reference: str, *more: str, **dates: str) -> Answer:
    chosen = {**DATES, **{f"--{name.replace('_', '-')}": value for name, value in dates.items()}}
    words = [word for pair in chosen.items() for word in pair]
    return shell(
        *("campaign", "create", reference, "--title", "A release", "--firmware-version", VERSION),
        *words,
        *("--as", "Olivia", *more),
    )


@pytest.fixture
def published(staffed, shell) -> Shell:
    assert create(shell, "CH-1").code == 0
    assert shell("campaign", "publish", "CH-1", "--as", "Olivia").code == 0
    return shell


def test_a_campaign_is_created_as_a_draft_and_the_next_command_is_named(staffed, shell):
    done = create(shell, "CH-1")
    assert done.code == 0
    assert done.out == ""
    assert "is a draft for firmware" in done.err
    assert "safelaunch campaign publish CH-1 --as 'Olivia'" in done.err


def test_created_as_json_it_is_one_object_with_what_was_given(staffed, shell, tmp_path):
    note = tmp_path / "note.txt"
    note.write_text("Adds a thing.\n", encoding="utf-8")
    done = create(
        *(shell, "CH-1", "--json", "--release-note", str(note), "--severity", "critical"),
        *("--priority", "IMMEDIATE", "--model", "10A1/4E420001"),
    )
    assert done.code == 0
    assert done.json["state"] == "DRAFT"
    assert done.json["release_note"] == "Adds a thing.\n"
    assert done.json["severity"] == "CRITICAL"
    assert done.json["priority"] == "IMMEDIATE"
    assert done.json["pilot_starts_on"] == "2026-02-02"


def test_a_model_that_nobody_knows_is_refused_with_those_that_are_known(staffed, shell):
    done = create(shell, "CH-1", "--model", "FFFF/00000001")
    assert done.code == 1
    assert "FFFF/00000001: no such hub model. The inventory holds 10A1/4E420001" in done.err


def test_a_date_in_the_past_is_refused_with_both_dates(staffed, shell):
    done = create(shell, "CH-1", pilot_starts_on="2025-12-01")
    assert done.code == 1
    assert "01 December 2025, which is not after today, 05 January 2026" in done.err


def test_a_notice_that_is_too_short_is_refused_with_the_earliest_date(staffed, shell):
    assert create(shell, "CH-1", pilot_starts_on="2026-01-20").code == 0
    done = shell("campaign", "publish", "CH-1", "--as", "Olivia")
    assert done.code == 1
    assert "the earliest date is 02 February 2026" in done.err


def test_a_day_that_is_none_is_a_matter_of_usage(staffed, shell):
    assert create(shell, "CH-1", pilot_starts_on="tomorrow").code == 2


def test_a_release_note_that_cannot_be_read_is_refused_by_its_name(staffed, shell, tmp_path):
    done = create(shell, "CH-1", "--release-note", str(tmp_path / "none.txt"))
    assert done.code == 1
    assert "none.txt cannot be read: No such file or directory." in done.err
    scrambled = tmp_path / "scrambled.txt"
    scrambled.write_bytes(b"\xff\xfe")
    assert "it is not UTF-8 text" in create(shell, "CH-1", "--release-note", str(scrambled)).err


def test_publishing_says_how_many_hubs_and_when(staffed, shell):
    create(shell, "CH-1")
    done = shell("campaign", "publish", "CH-1", "--as", "Olivia")
    assert done.code == 0
    assert "hubs are eligible." in done.err
    assert "the pilot starts on 02 February 2026 18:00 UTC" in done.err


def test_nobody_acts_unless_named(published):
    done = published("campaign", "stop", "CH-1")
    assert done.code == 2
    assert "--as NAME or SAFELAUNCH_PERSON" in done.err


def test_an_unknown_person_is_refused_with_those_who_exist(published):
    done = published("campaign", "stop", "CH-1", "--as", "Nemo")
    assert done.code == 1
    assert "Nobody is called 'Nemo'. There are Arthur, Olivia, Sam." in done.err


def test_the_variable_says_who_acts(published, monkeypatch):
    monkeypatch.setenv("SAFELAUNCH_PERSON", "Arthur")
    done = published("campaign", "stop", "CH-1", "--json")
    assert done.code == 0
    assert published("campaign", "show", "CH-1", "--json").json["held_by"] == "Arthur"


def test_who_may_not_prepare_is_told_who_may(staffed, shell):
    create(shell, "CH-1")
    done = shell("campaign", "publish", "CH-1", "--as", "Arthur")
    assert done.code == 1
    assert done.err.strip() == "Arthur may not prepare, publish or abandon a campaign; operator may."


def test_stop_asks_nothing_and_says_epoch_and_time(published):
    done = published("campaign", "stop", "CH-1", "--as", "Olivia")
    assert done.code == 0
    assert "is stopped since 05 January 2026 09:00:00 UTC, at epoch 2." in done.err
    again = published("campaign", "stop", "CH-1", "--as", "Arthur")
    assert "was held already; its epoch is now 3." in again.err
    as_json = published("campaign", "stop", "CH-1", "--as", "Arthur", "--json").json
    assert as_json == {
        "reference": "CH-1",
        "epoch": 4,
        "stopped_at": "2026-01-05T09:00:00+00:00",
        "was_held": True,
    }


def test_a_draft_cannot_be_stopped(staffed, shell):
    create(shell, "CH-1")
    done = shell("campaign", "stop", "CH-1", "--as", "Olivia")
    assert done.code == 1
    assert "only a published campaign can be stopped" in done.err


def test_the_first_person_proposes_and_the_second_approves(published):
    published("campaign", "stop", "CH-1", "--as", "Olivia", "--because", "Doubt.")
    assert "needs a reason" in published("campaign", "resume", "CH-1", "--as", "Olivia").err
    first = published("campaign", "resume", "CH-1", "--as", "Olivia", "--because", "Direction 7")
    assert first.code == 0
    assert "Olivia proposes to resume campaign CH-1. It stays held" in first.err
    shown = published("campaign", "show", "CH-1").out
    assert "It is held in its notified since" in shown
    assert "Olivia proposes to resume it: Direction 7. A second person has to approve." in shown
    alone = published("campaign", "resume", "CH-1", "--as", "Olivia")
    assert alone.code == 1
    second = published("campaign", "resume", "CH-1", "--as", "Arthur")
    assert second.code == 0
    assert "Arthur approved what Olivia proposed: campaign CH-1 goes on, in NOTIFIED." in second.err


def test_resume_says_in_json_what_it_did(published):
    published("campaign", "stop", "CH-1", "--as", "Olivia")
    first = published("campaign", "resume", "CH-1", "--as", "Olivia", "--because", "Well", "--json").json
    second = published("campaign", "resume", "CH-1", "--as", "Arthur", "--json").json
    assert (first["did"], first["state"]) == ("PROPOSED", "HELD")
    assert (second["did"], second["state"]) == ("APPROVED", "NOTIFIED")


def test_what_suppliers_found_is_counted_and_faults_are_listed(published):
    assert "No Supplier has said yet" in published("campaign", "feedback", "CH-1").err
    assert published("campaign", "feedback", "CH-1", "--json").json == {"findings": [], "hubs": []}
    campaign, party = Campaign.objects.get(), Party.objects.filter(kind="SUPPLIER").first()
    hubs = CommunicationsHub.objects.values_list("device_id", flat=True)[:3]
    for hub, finding, words in zip(hubs, ("WORKS", "OTHER", "WORKS"), (None, "Hums.", None), strict=True):
        HubFeedback.objects.create(
            campaign=campaign, party=party, device_id=hub, finding=finding, words=words, given_at=NOON
        )
    found = published("campaign", "feedback", "CH-1", "--json").json
    assert {one["finding"]: one["hub_count"] for one in found["findings"]} == {"WORKS": 2, "OTHER": 1}
    (fault,) = found["hubs"]
    assert (fault["device_id"], fault["words"], fault["supplier"]) == (str(hubs[1]), "Hums.", party.name)
    shown = published("campaign", "feedback", "CH-1").out
    assert "works" in shown
    assert "Hums." in shown


def test_a_campaign_that_is_not_held_cannot_be_resumed(published):
    done = published("campaign", "resume", "CH-1", "--as", "Arthur", "--because", "Why not")
    assert done.code == 1
    assert "only a held campaign can be resumed" in done.err


def test_abandoning_needs_a_reason_and_frees_the_models(published):
    assert published("campaign", "abandon", "CH-1", "--as", "Olivia").code == 1
    done = published("campaign", "abandon", "CH-1", "--as", "Olivia", "--because", "Superseded")
    assert done.code == 0
    assert "is abandoned" in done.err
    assert published("campaign", "show", "CH-1", "--json").json["state"] == "ABANDONED"
    create(published, "CH-2")
    assert published("campaign", "publish", "CH-2", "--as", "Olivia").code == 0


def test_the_list_is_a_table_for_people_and_an_object_for_programs(published):
    create(published, "CH-2")
    table = published("campaign", "list").out
    assert "CH-1" in table
    assert "NOTIFIED" in table
    listed = published("campaign", "list", "--json").json["campaigns"]
    assert [(each["reference"], each["state"]) for each in listed] == [
        ("CH-2", "DRAFT"),
        ("CH-1", "NOTIFIED"),
    ]


def test_an_empty_list_says_how_to_begin(monday, shell):
    done = shell("campaign", "list")
    assert done.code == 0
    assert "campaign create --help" in done.err


def test_a_supplier_sees_its_own_hubs_and_no_drafts(published):
    create(published, "CH-2")
    mine = published("campaign", "list", "--json", "--as", "Sam").json["campaigns"]
    everyone = published("campaign", "show", "CH-1", "--json").json
    assert [each["reference"] for each in mine] == ["CH-1"]
    assert 0 < mine[0]["eligible_count"] < everyone["eligible_count"]
    assert published("campaign", "show", "CH-2", "--as", "Sam").code == 1


def test_an_unknown_campaign_is_refused_with_the_latest(published):
    done = published("campaign", "show", "CH-9")
    assert done.code == 1
    assert done.err.strip() == "There is no campaign 'CH-9'. The latest are CH-1."


def test_a_hub_is_explained_in_words_and_as_json(published):
    device_id = sql.fetch_value("stepped_clock_shows") and _some_hub()
    said = published("campaign", "explain", device_id)
    assert said.code == 0
    assert said.out.startswith(device_id)
    assert "What would change it: " in said.out
    as_json = published("campaign", "explain", device_id, "--json").json
    assert as_json["device_id"] == device_id
    assert as_json["headline"] in said.out


def test_a_device_id_that_is_none_and_one_that_nobody_has_are_refused(published):
    assert "is not a Device ID" in published("campaign", "explain", "hub-1").err
    unknown = published("campaign", "explain", "00-00-00-00-00-00-00-01")
    assert unknown.code == 1
    assert "There is no Communications Hub 00-00-00-00-00-00-00-01" in unknown.err


def _some_hub() -> str:
    block = next(iter(estate.describe(hubs=600, seed=3).blocks(size=1)))
    return block.device_id[:1].astype(">u8").tobytes().hex("-").upper()
