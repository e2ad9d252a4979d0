"""Every page and every operation, asked by everybody about everything: by rule, and without a word of anybody else's."""

import re
from collections.abc import Iterator
from difflib import unified_diff
from functools import partial

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.conftest import empty
from tests.doors.matrix import estate
from tests.doors.matrix.addresses import Address, addresses
from tests.doors.matrix.estate import BEA, NOBODY, QUERIES, ROLES, TESS, ZOE, Subject, subjects_of
from tests.doors.matrix.rules import PUBLIC, RULES, rule_of

Choice = dict[str, Subject]
Answers = dict[str, tuple[object, ...]]
PROBLEM = "application/problem+json"
ODD = (
    "0",
    str(2**31),
    str(2**70),
    "9" * 5_000,
    "\0",
    "'",
    "%",
    "..",
    "<b>",
    "\N{SNOWMAN}",
    "-1",
    "x y",
    "a/b",
)
"""What no address names anything by."""
NOT_THERE, NOT_THEIRS = 404, 403


@pytest.fixture(scope="module")
def clients(migrated_database: None) -> Iterator[dict[str, Client]]:
    yield estate.furnish()
    empty()


def ask(client: Client, address: Address, choice: Choice, **query: str):
    path = address.fill(_named(choice))
    if not address.is_act:
        return client.get(path, query or None)
    body = rule_of(address).body()
    send = getattr(client, address.method.lower())
    is_json = address.is_api and "file" not in body
    return send(path, body, **({"content_type": "application/json"} if is_json else {}))


def octets(answer) -> bytes:
    return answer.getvalue() if answer.streaming else answer.content


def guarded() -> list[Address]:
    return [address for address in addresses() if address.name not in PUBLIC]


def refusals(address: Address, who: str, choice: Choice) -> set[int]:
    """How somebody may be refused; not at all when it is theirs to ask.

    Whoever may not do a thing at all may be told so before anybody looks whether the thing is there.
    """
    rule = rule_of(address)
    is_hidden = who not in rule.seers or any(who not in subject.seers for subject in choice.values())
    return ({NOT_THERE} if is_hidden else set()) | (set() if who in rule.may else {NOT_THEIRS})


def test_everybody_is_answered_by_rule_and_a_refusal_changes_nothing(clients):
    wrong, asked = [], 0
    for address in guarded():
        for choice in subjects_of(address):
            for who in ROLES:
                due = refusals(address, who, choice)
                with CaptureQueriesContext(connection) as run:
                    answer = ask(clients[who], address, choice)
                asked += 1
                answers = {200, 201, 302, 409, 422} if address.is_act else {200, 302}
                allowed = due or answers | ({NOT_THEIRS} if rule_of(address).is_second else set())
                if answer.status_code not in allowed or (due and any(_writes(each["sql"]) for each in run)):
                    wrong.append(f"{who}: {address} {_named(choice)} -> {answer.status_code}, not {allowed}")
                elif address.is_api and answer.status_code >= 400:
                    assert answer.headers["Content-Type"] == PROBLEM, address
    print(f"{asked} questions at {len(guarded())} addresses")
    assert wrong == [], "\n".join(wrong)


def test_nobody_gets_further_than_the_door_and_a_foreign_form_nowhere(clients):
    strict = Client(SERVER_NAME="localhost", enforce_csrf_checks=True)
    strict.cookies = clients["Arthur"].cookies
    for address in guarded():
        choice = next(subjects_of(address))
        answer = ask(clients[NOBODY], address, choice)
        if address.is_api:
            assert (answer.status_code, answer.headers["Content-Type"]) == (401, PROBLEM), address
        else:
            assert answer.status_code == 302, address
            assert answer.headers["Location"].startswith("/sign-in/"), address
        if address.is_act:
            foreign = ask(strict, address, choice)
            assert foreign.status_code == 403, address
            assert not address.is_api or foreign.headers["Content-Type"] == PROBLEM, address


def test_every_page_forbids_foreign_parts_and_stays_out_of_caches(clients):
    for address in guarded():
        if not address.is_act:
            answer = ask(clients["Olivia"], address, next(subjects_of(address)))
            assert "no-store" in answer.headers["Cache-Control"], address
            if not address.is_api:
                assert "default-src 'none'" in answer.headers["Content-Security-Policy"], address


def test_a_suppliers_answers_stay_the_same_to_the_byte_when_all_that_is_anothers_is_gone(clients):
    """Were anything of Larkspur's in them, in body, header, count, error or number of statements, they would change."""
    looks = {who: partial(_answers, clients[who], who) for who in (BEA, TESS, ZOE)}
    before = {who: look() for who, look in looks.items()}
    assert estate.take_away("Larkspur Power") >= 8
    for who, look in looks.items():
        after = look()
        leaking = [address for address, answer in before[who].items() if after[address] != answer]
        assert leaking == [], (
            f"{who} learns of others at {leaking}:\n{_changes(before[who], after, leaking[0])}"
        )


def _answers(client: Client, who: str) -> Answers:
    """What somebody is answered: to everything that can be read, and to every act that is refused."""
    found = {}
    for address in guarded():
        for choice in subjects_of(address):
            if address.is_act and not refusals(address, who, choice):
                continue
            for query in ({}, *QUERIES.get(address.name, ())):
                with CaptureQueriesContext(connection) as run:
                    answer = ask(client, address, choice, **query)
                text = re.sub(
                    r'(csrfmiddlewaretoken" value="|/calendar/)[^"]+', r"\1", octets(answer).decode()
                )
                found[f"{address} {_named(choice) | query}"] = (
                    answer.status_code,
                    dict(answer.headers),
                    text,
                    len(run),
                )
    return found


def _named(choice: Choice) -> dict[str, str]:
    return {name: subject.value for name, subject in choice.items()}


def _changes(before: Answers, after: Answers, address: str) -> str:
    lines = [
        [line for part in found[address] for line in str(part).splitlines()] for found in (before, after)
    ]
    return "\n".join(unified_diff(*lines, n=0, lineterm=""))


def _writes(statement: str) -> bool:
    is_write = re.search(r"\b(INSERT INTO|UPDATE|DELETE FROM|TRUNCATE)\s+(\S+)", statement)
    return is_write is not None and "django_session" not in statement


def test_whatever_an_address_names_no_answer_is_a_fault(clients):
    for address in guarded():
        who = next(name for name in ROLES if name in rule_of(address).may)
        for value in ODD if address.parameters else ():
            answer = ask(clients[who], address, dict.fromkeys(address.parameters, Subject(value)))
            assert answer.status_code in {404, 409, 422}, (address, value)
            if answer.status_code == 404 and not address.is_api:
                assert b"<h1" in answer.content, (address, value)


def test_every_rule_is_of_an_address():
    known = {f"{address.method} {address.name}" for address in addresses()}
    assert set(RULES) - known == set()
    assert PUBLIC - {address.name for address in addresses()} == set()
