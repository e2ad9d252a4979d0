"""Where an installation keeps its data when nobody says."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from safelaunch.config import environment
from safelaunch.domain.refusals import Invalid


@pytest.fixture(autouse=True)
def _nothing_is_said(monkeypatch):
    monkeypatch.delenv("SAFELAUNCH_DATA", raising=False)
    monkeypatch.setenv("HOME", "/somebodys/home")


def test_a_user_keeps_data_at_home(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1_000)
    assert environment.data_directory() == Path("/somebodys/home/.local/share/safelaunch")


def test_root_keeps_data_where_the_servers_own_user_may_enter(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert environment.data_directory() == Path("/var/lib/safelaunch")


@pytest.mark.parametrize("user", [0, 1_000])
def test_what_is_said_holds_for_everybody(monkeypatch, user):
    monkeypatch.setattr(os, "geteuid", lambda: user)
    monkeypatch.setenv("SAFELAUNCH_DATA", "~/elsewhere")
    assert environment.data_directory() == Path("/somebodys/home/elsewhere")


@pytest.mark.parametrize("said", ["6", "0", "-90", "90.5", "\u0669\u0660", "many", "36501", "9" * 5_000])
def test_a_time_to_keep_messages_that_is_out_of_reason_is_refused(monkeypatch, said):
    monkeypatch.setenv("SAFELAUNCH_KEEP_DAYS", said)
    with pytest.raises(Invalid, match="SAFELAUNCH_KEEP_DAYS"):
        environment.keep_messages()


def test_messages_are_kept_for_ninety_days_unless_said_otherwise(monkeypatch):
    monkeypatch.delenv("SAFELAUNCH_KEEP_DAYS", raising=False)
    assert environment.keep_messages() == timedelta(days=90)
    monkeypatch.setenv("SAFELAUNCH_KEEP_DAYS", "365")
    assert environment.keep_messages() == timedelta(days=365)
