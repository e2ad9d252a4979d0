"""Broken messages against the door for Users, over WSGI: each is answered in DUIS or by a plain no, never by a 500.

The door answers E48 where a fault of ours is caught, so what it logs as an error counts as a fault here too.
"""

import io
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain

import pytest
from django.core.wsgi import get_wsgi_application
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from safelaunch.domain.srv import WebService
from safelaunch.services import timetable
from safelaunch.wire.duis.opening import Trust, open_response
from safelaunch.wire.smki import CertificateSet
from tests import estate_factory, pki
from tests.conftest import empty
from tests.doors.dcc.serving import AT, dsp, trust_users
from tests.fuzz.mutations import HEAVY, broken, corpus
from tests.fuzz.running import ROUND, guarded, measured, rounds

NOT_IN_DUIS = {400, 411, 413, 415}
"""Statuses of what cannot be answered in DUIS."""

SERVICES = st.sampled_from([service.value for service in WebService])


@dataclass(frozen=True)
class Answer:
    status: int
    octets: bytes

    @property
    def code(self) -> str:
        """The response code in the DSP's own hand."""
        trust = Trust(CertificateSet.of([dsp().certificate]).find, enforces_validity=False)
        return open_response(self.octets, trust=trust, at=AT).envelope.response_code


class Errors(logging.Handler):
    """Whatever is logged as an error."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.found.append(logging.Formatter().format(record))


class Door:
    """The web application in this process."""

    def __init__(self, application: Callable[..., object]) -> None:
        self._application = application
        self.errors = Errors()

    def post(self, service: str, body: bytes) -> Answer:
        environ = {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": f"/api/v1/{service}",
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "CONTENT_TYPE": "application/xml",
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_HOST": "127.0.0.1",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": io.StringIO(),
            "wsgi.url_scheme": "http",
        }
        statuses: list[str] = []
        response = self._application(environ, lambda status, _headers, _info=None: statuses.append(status))
        try:
            octets = b"".join(chain(response))
        finally:
            response.close()
        return Answer(int(statuses[0].split()[0]), octets)

    def judge(self, service: str, body: bytes) -> str:
        """Post a message, and give its response code or status; anything but an answer is a fault."""
        answer = self.post(service, body)
        assert self.errors.found == [], self.errors.found.pop()
        if answer.status in NOT_IN_DUIS:
            return str(answer.status)
        assert answer.status == 200
        return answer.code


@pytest.fixture(scope="module")
def door(migrated_database: None) -> Iterator[Door]:
    estate_factory.load_estate()
    timetable.step_clock(to=AT)
    trust_users(pki.supplier().der, pki.other_supplier().der)
    opened = Door(get_wsgi_application())
    logging.getLogger().addHandler(opened.errors)
    # Django warns of every no; here they are the rule.
    logging.getLogger("django.request").setLevel(logging.ERROR)
    yield opened
    logging.getLogger("django.request").setLevel(logging.NOTSET)
    logging.getLogger().removeHandler(opened.errors)
    empty()


def forget() -> None:
    """Let the same message come again as if it never had."""
    with connection.cursor() as cursor:
        # With all that a request left behind: what only grows refuses to be deleted row by row.
        cursor.execute(
            "TRUNCATE outgoing_message, service_request, service_message, originator_counter CASCADE"
        )


def test_the_messages_were_answered_before_they_were_broken(door):
    codes = set()
    for body in corpus():
        codes |= {door.judge(service.value, body) for service in WebService}
        forget()
    print(f"answers: {', '.join(sorted(codes))}")
    assert {"I0", "E65", "E12"} <= codes


def test_broken_messages_are_answered(door):
    counts: dict[str, int] = {}

    def answer(service: str, body: bytes) -> None:
        code = door.judge(service, body)
        counts[code] = counts.get(code, 0) + 1

    @settings(max_examples=ROUND, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(SERVICES, broken())
    def throw(service: str, body: bytes) -> None:
        forget()
        measured(lambda: answer(service, body))

    with guarded():
        for _ in rounds():
            throw()
    print(f"{sum(counts.values()):,} broken messages: {dict(sorted(counts.items()))}")
    assert {"E65", "E100"} <= counts.keys()


@pytest.mark.parametrize("name", HEAVY)
def test_a_message_of_legal_size_costs_no_more_than_it_may(door, name):
    body = HEAVY[name]()
    with guarded():
        taken = measured(lambda: door.judge("serviceD", body))
    print(f"{name}: {taken:.2f} s")
    forget()
