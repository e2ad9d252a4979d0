"""Where an installation keeps its data when nobody says."""

import os
from pathlib import Path

import pytest

from safelaunch.config import environment


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
