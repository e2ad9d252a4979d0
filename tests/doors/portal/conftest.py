"""Browsers that are signed in."""

import re
from collections.abc import Callable

import pytest
from django.test import Client

from safelaunch.services import people
from tests.doors.portal import scene
from tests.doors.portal.scene import Scene

SignIn = Callable[..., Client]


@pytest.fixture
def country(database: None) -> Scene:
    """A campaign in mass roll-out."""
    return scene.build(nights=20)


@pytest.fixture
def sign_in(database: None) -> SignIn:
    """Create somebody and sign them in as a browser would, by a one-time link."""

    def sign_in(name: str, role: str, party_name: str | None = None) -> Client:
        scene.person(name=name, role=role, party_name=party_name)
        client = Client(SERVER_NAME="localhost")
        token = people.issue_link(name=name, at=scene.AT)
        assert client.post(f"/sign-in/{token}/").status_code == 302
        return client

    return sign_in


def shown(response) -> str:
    """The page as text, without the form tokens that differ each time."""
    return re.sub(r'(csrfmiddlewaretoken" value=")[^"]+', r"\1", response.content.decode())
