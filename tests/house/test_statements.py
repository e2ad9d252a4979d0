"""SQL stands in files, by name, once; every statement has one caller and fits the migrated schema (ADR 0003)."""

import re
from collections import Counter

import pytest
from django.db import connection

from safelaunch.store import sql, transactions
from tests.house.source import ROOT, modules, report
from tests.house.sql_style import violations
from tests.house.statements import FOLDER, HEADER, Statement, find_calls, find_statements

STATEMENTS = find_statements()
LINES = 60
PLACEHOLDER = re.compile(r"%\((?P<name>[a-z0-9_]+)\)s")
UTILITY = re.compile(r"(CREATE|DROP|SET|LOCK|TRUNCATE|ANALYZE|ALTER|NOTIFY|CALL|DO)\b")
COPY_IN = re.compile(r"COPY (?P<table>\w+)\s*\((?P<columns>[^)]*)\)\s+FROM STDIN", re.DOTALL)
COPY_OUT = re.compile(r"COPY\s*\((?P<query>.*)\)\s*TO STDOUT", re.DOTALL)


def body(statement):
    """The statement without its comments."""
    return "\n".join(
        line for line in statement.text.splitlines() if not line.lstrip().startswith("--")
    ).strip()


def test_the_loader_and_these_tests_see_the_same_statements():
    assert {statement.name: statement.text for statement in STATEMENTS} == sql.statements()
    print(f"{len(STATEMENTS)} statements")


def test_nothing_stands_before_the_first_header_of_a_file():
    stray = [path.name for path in FOLDER.glob("*.sql") if not HEADER.match(path.read_text(encoding="utf-8"))]
    assert stray == []


def test_every_statement_opens_with_its_intent():
    mute = [
        f"{statement.file}:{statement.line} {statement.name}"
        for statement in STATEMENTS
        if not re.match(r"-- [A-Z].*[.:;?]?$", statement.text.partition("\n")[0])
        or HEADER.match(statement.text.partition("\n")[0])
    ]
    assert mute == [], report(mute)


def test_no_statement_is_longer_than_its_budget():
    long = [
        f"{statement.file}:{statement.line} {statement.name}: {lines}"
        for statement in STATEMENTS
        if (lines := statement.text.count("\n") + 1) > LINES
    ]
    assert long == [], report(long)


def test_every_statement_is_one_statement_with_named_parameters_only():
    odd = [
        f"{statement.file}:{statement.line} {statement.name}"
        for statement in STATEMENTS
        if ";" in re.sub(r"'[^']*'", "", body(statement))
        or re.search(r"%(?!\([a-z0-9_]+\)s)", body(statement).replace("%%", ""))
    ]
    assert odd == [], report(odd)


def test_every_statement_has_exactly_one_caller_and_it_bears_its_name():
    calls = find_calls()
    unnamed = [call.where for call in calls if call.statement is None]
    assert unnamed == [], report(unnamed)
    callers = Counter(call.statement for call in calls)
    odd = [f"{name}: {callers[name]} callers" for name in sorted(sql.statements()) if callers[name] != 1]
    odd += [f"{name}: called, and no such statement" for name in callers if name not in sql.statements()]
    odd += [
        f"{call.where} runs {call.statement}"
        for call in calls
        if call.statement is not None and not call.is_own
    ]
    assert odd == [], report(odd)


def test_no_sql_hides_in_python():
    hidden = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in modules()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if re.search(r"[\"'](SELECT|INSERT INTO|UPDATE \w+ SET|DELETE FROM|WITH \w+ AS)\b", line)
        # One asks a server that has no database yet; the other is where named statements are run.
        and path not in {FOLDER.parent / "embedded.py", FOLDER / "__init__.py"}
    ]
    assert hidden == [], report(hidden)


def test_the_linter_of_sql_does_speak_up():
    bad = Statement("bad.sql", "bad", 1, "-- Lower case.\nselect 1 as one")
    assert any("bad.sql:3" in fault or "bad.sql:2" in fault for fault in violations([bad]))


@pytest.mark.parametrize("statement", STATEMENTS, ids=lambda statement: statement.name)
def test_every_statement_fits_the_migrated_schema(statement, database):
    with transactions.transaction():
        for staging in STATEMENTS:
            if staging is not statement and body(staging).startswith(("CREATE TEMP", "CREATE TABLE")):
                run(body(staging))
        # What builds a key finds it there already; its twin takes it away first.
        if (twin := statement.name.replace("build_", "drop_", 1)) != statement.name:
            run(body(next(each for each in STATEMENTS if each.name == twin)))
        prepare(body(statement))
        connection.set_rollback(True)


def prepare(text):
    """Have PostgreSQL parse, analyse and type the statement without running it."""
    if (copied := COPY_IN.search(text)) is not None:
        return run(f"SELECT {copied['columns']} FROM {copied['table']} LIMIT 0")
    if (copied := COPY_OUT.search(text)) is not None:
        text = copied["query"]
    if UTILITY.match(text):
        return run(text)
    names = list(dict.fromkeys(match["name"] for match in PLACEHOLDER.finditer(text)))
    numbered = PLACEHOLDER.sub(lambda match: f"${names.index(match['name']) + 1}", text).replace("%%", "%")
    run(f"PREPARE house_check AS {numbered}")
    return run("DEALLOCATE house_check")


def run(text):
    with connection.cursor() as cursor:
        cursor.execute(text)
