"""`safelaunch user` and `safelaunch audit`, and the exit codes that scripts rely on."""

from django.db import connection

from safelaunch.services import people


def test_a_person_is_created_and_the_way_in_is_named(staffed, shell):
    done = shell("user", "create", "Ada  Approver", "--role", "approver")
    assert done.code == 0
    assert "Ada Approver is an approver. A way in: safelaunch user link 'Ada Approver'" in done.err


def test_a_supplier_needs_a_party_and_nobody_else_has_one(staffed, shell):
    without = shell("user", "create", "Sue", "--role", "supplier")
    assert without.code == 1
    assert "name it" in without.err
    done = shell("user", "create", "Sue", "--role", "supplier", "--party", "Alder Energy", "--json")
    assert (done.json["name"], done.json["role"], done.json["party_name"]) == (
        "Sue",
        "SUPPLIER",
        "Alder Energy",
    )
    assert shell("user", "create", "Eve", "--role", "operator", "--party", "Alder Energy").code == 1


def test_an_unknown_role_is_a_matter_of_usage(staffed, shell):
    assert shell("user", "create", "Eve", "--role", "king").code == 2


def test_everybody_is_listed(staffed, shell):
    assert [each["name"] for each in shell("user", "list", "--json").json["people"]] == [
        "Arthur",
        "Olivia",
        "Sam",
    ]
    table = shell("user", "list").out
    assert "Alder Energy" in table
    assert "never" in table


def test_with_nobody_there_the_list_says_how_to_begin(monday, shell):
    assert "safelaunch user create" in shell("user", "list").err


def test_a_link_stands_alone_on_standard_output_and_signs_in_once(staffed, shell):
    done = shell("user", "link", "Olivia", "--portal", "https://portal.example/")
    assert done.code == 0
    address = done.out.strip()
    assert address.startswith("https://portal.example/sign-in/")
    token = address.removesuffix("/").rsplit("/", 1)[1]
    assert people.redeem(token=token, at=staffed).name == "Olivia"


def test_a_link_says_in_json_until_when_it_works(staffed, shell):
    done = shell("user", "link", "Olivia", "--hours", "2", "--json")
    assert done.json["expires_at"] == "2026-01-05T11:00:00+00:00"
    assert shell("user", "link", "Nemo").code == 1


def test_a_whole_record_is_verified(staffed, shell):
    done = shell("audit", "verify", "--json")
    assert done.code == 0
    assert done.json["verified"] is True
    assert done.json["entries"] == 3
    assert f"It ends with {done.json['digest']}" in shell("audit", "verify").err


def test_a_record_that_was_tampered_with_is_not_verified(staffed, shell):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE record_entry DISABLE TRIGGER USER")
        cursor.execute("UPDATE record_entry SET cause = 'Nothing happened.' WHERE record_entry_id = 2")
        cursor.execute("ALTER TABLE record_entry ENABLE TRIGGER USER")
    done = shell("audit", "verify", "--json")
    assert done.code == 4
    assert done.json == {
        "verified": False,
        "entries": 0,
        "digest": None,
        "reason": "Entry 2 of the record does not follow the one before it.",
    }
    assert done.err.strip() == "Entry 2 of the record does not follow the one before it."


def test_a_record_of_many_pages_is_walked_to_its_end(staffed, shell, monkeypatch):
    monkeypatch.setattr("safelaunch.interfaces.cli.audit.PAGE", 2)
    assert shell("audit", "verify", "--json").json["entries"] == 3


def test_exit_codes_are_those_of_the_contract(staffed, shell):
    assert shell("user", "list").code == 0
    assert shell("campaign", "show", "CH-9").code == 1
    assert shell("campaign", "show").code == 2
    assert shell("nonsense").code == 2
