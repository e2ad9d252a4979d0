"""The tree holds what belongs to the project and nothing of the machine it was written on."""

import re
import subprocess
import tomllib

import pytest

import safelaunch
from tests.house.source import PACKAGE, ROOT, modules, report, tracked_files

TEXT = {
    "",
    ".cfg",
    ".css",
    ".csv",
    ".html",
    ".in",
    ".js",
    ".json",
    ".md",
    ".py",
    ".sh",
    ".sql",
    ".svg",
    ".toml",
    ".txt",
    ".xml",
    ".xsd",
    ".yaml",
    ".yml",
}
# Written in pieces, so that this file does not hold what it looks for.
SLASH = "/"
FOREIGN = [
    *(f"{SLASH}{root}{SLASH}" for root in ("work", "root", "Users")),
    *(f"{SLASH}tmp{SLASH}{place}" for place in ("wt", "venv", "brief", "house")),
    *(
        f"{host}.{end}"
        for host, end in (("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("npmjs", "com"))
    ),
    *(f"{first}{second}" for first, second in (("index", "-url"), ("arti", "factory"), ("dev", "pi"))),
    *(
        f"{first}{second}"
        for first, second in (("Clau", "de"), ("Anthro", "pic"), ("chat", "gpt"), ("co", "pilot"))
    ),
]
MAY_NAME_AN_INDEX = {"Makefile"}
"""The target that writes the lock files tells uv to leave the index out."""
NOWHERE = {"utils", "util", "helpers", "helper", "common", "misc", "tools"}
NOTES = re.compile(r"\b(?:" + "|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK")) + r")\b")


def texts():
    for path in tracked_files():
        if path.suffix in TEXT:
            yield path, path.read_text(encoding="utf-8")


def test_there_is_something_to_read():
    names = {str(path.relative_to(ROOT)) for path, _ in texts()}
    assert {"Makefile", "README.md", "pyproject.toml", "src/safelaunch/__init__.py"} <= names


def test_no_file_knows_the_machine_it_was_written_on():
    found = [
        f"{path.relative_to(ROOT)}:{number}: {pattern}"
        for path, text in texts()
        for number, line in enumerate(text.splitlines(), start=1)
        for pattern in FOREIGN
        if pattern.lower() in line.lower() and path.name not in MAY_NAME_AN_INDEX
    ]
    assert found == [], report(found)


def test_no_file_holds_a_note_to_self():
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path, text in texts()
        for number, line in enumerate(text.splitlines(), start=1)
        if path.name
        not in {"LICENSE", "requirements.txt", "requirements-dev.txt", "requirements-browser.txt"}
        and NOTES.search(line)
    ]
    assert found == [], report(found)


def test_no_module_is_named_for_nothing():
    found = [str(path.relative_to(ROOT)) for path in modules() if NOWHERE & {path.stem, path.parent.name}]
    assert found == [], report(found)


def test_modules_of_one_noun_stay_together():
    """`make room NAME=gates` finds the domain's noun on another floor for most nouns, or the names have drifted."""
    nouns = {path.stem for path in modules("domain")} - {"__init__", "refusals", "machine", "identifiers"}
    elsewhere = {path.stem for path in modules("store", "services", "interfaces", "wire", "planning")}
    shared = nouns & elsewhere
    print(f"nouns on more than one floor: {', '.join(sorted(shared))}")
    assert {"campaigns", "tranches", "events"} <= shared


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt", "requirements-browser.txt"])
def test_every_package_is_pinned_and_hashed(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    requirements = [line for line in text.splitlines() if line and not line.startswith((" ", "#"))]
    assert len(requirements) > 20
    assert all(re.match(r"[a-z0-9][a-z0-9.-]*(\[[a-z,-]+\])?==[^ ]+ ", line) for line in requirements), (
        requirements
    )
    blocks = re.split(r"\n(?=[a-z0-9])", text)
    assert all("--hash=sha256:" in block for block in blocks if block.strip())


def test_the_tools_run_on_the_packages_that_users_get():
    def pins(name):
        text = (ROOT / name).read_text(encoding="utf-8")
        return dict(re.findall(r"^([a-z0-9.-]+)==([^ ]+)", text, re.MULTILINE))

    runtime, dev = pins("requirements.txt"), pins("requirements-dev.txt")
    assert runtime.items() <= dev.items()


def test_the_lock_files_hold_every_package_the_project_names():
    with (ROOT / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)["project"]
    files = [ROOT / "requirements-dev.txt", ROOT / "requirements-browser.txt"]
    locked = {
        name for file in files for name in re.findall(r"^([a-z0-9.-]+)==", file.read_text(), re.MULTILINE)
    }
    extras = [requirement for each in project["optional-dependencies"].values() for requirement in each]
    named = {re.match(r"[A-Za-z0-9._-]+", line)[0].lower() for line in [*project["dependencies"], *extras]}
    assert named - locked == set()


def test_every_dependency_has_its_reason():
    with (ROOT / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)["project"]
    reasons = (ROOT / "docs" / "adr" / "0007-dependencies.md").read_text(encoding="utf-8")
    extras = [requirement for each in project["optional-dependencies"].values() for requirement in each]
    named = {re.match(r"[A-Za-z0-9._-]+", line)[0].lower() for line in [*project["dependencies"], *extras]}
    unexplained = sorted(name for name in named if f"`{name}`" not in reasons)
    assert unexplained == []


def test_records_of_decisions_are_numbered_without_a_gap_and_follow_the_form():
    records = sorted((ROOT / "docs" / "adr").glob("[0-9]*.md"))
    assert [int(path.name[:4]) for path in records] == list(range(1, len(records) + 1))
    for path in records:
        text = path.read_text(encoding="utf-8")
        assert re.match(rf"# {int(path.name[:4])}\. [A-Z]", text), path.name
        for heading in ("## Context", "## Decision", "## Consequences"):
            assert heading in text, f"{path.name}: {heading}"


def test_every_page_the_code_cites_exists():
    cited = {
        (str(path.relative_to(ROOT)), page)
        for path, text in texts()
        if path.suffix == ".py"
        for page in re.findall(r"`(docs/[a-z0-9/-]+\.md)`", text)
    }
    assert cited
    missing = sorted(f"{where}: {page}" for where, page in cited if not (ROOT / page).exists())
    # A page of a door is due when the door opens.
    if not (PACKAGE / "interfaces" / "csp" / "errors.py").exists():
        missing = [line for line in missing if not line.endswith("docs/csp-gateway.md")]
    assert missing == [], report(missing)


def test_the_changelog_keeps_its_form_and_says_what_is_new():
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    unreleased = text.partition("## [Unreleased]")[2].partition("\n## [")[0]
    assert re.search(r"^### (Added|Changed|Deprecated|Removed|Fixed|Security)$", unreleased, re.MULTILINE)
    assert unreleased.count("\n- ") >= 1
    released = re.findall(r"^## \[([0-9.]+)\] - \d{4}-\d\d-\d\d$", text, re.MULTILINE)
    assert released == [] or released[0] == safelaunch.__version__


def test_the_changelog_is_touched_whenever_the_package_is():
    """A branch that changes a use case says so; on the main branch itself, what is not committed yet does."""
    try:
        base = subprocess.run(
            ["git", "merge-base", "HEAD", "main"], cwd=ROOT, capture_output=True, check=True, text=True
        ).stdout.strip()
        changed = subprocess.run(
            ["git", "diff", "--name-only", base], cwd=ROOT, capture_output=True, check=True, text=True
        ).stdout.split()
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no git history with a main branch here")
    if any(name.startswith("src/safelaunch/services/") for name in changed):
        assert "CHANGELOG.md" in changed, "A use case has changed on this branch; CHANGELOG.md should say so."
