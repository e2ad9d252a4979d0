"""A receiver for responses and alerts, as a User's system has one: it checks, keeps and tells (`domain.md` 13.3).

- It answers 200 to what it could read and believe, 400 with a sentence to what not; both are kept.
- Delivery is at least once, so the same octets may come again: that is said, and kept once.
- It can be told to refuse the first messages with 503, to see whoever sends them come back later.
"""

import hashlib
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from safelaunch.domain.refusals import Conflict, Invalid, Unreadable
from safelaunch.interfaces.cli.duis_judging import Belief
from safelaunch.wire.duis.dialects import Dialect, dialect_of
from safelaunch.wire.duis.envelope import Response, read_response
from safelaunch.wire.duis.opening import Opened, open_response
from safelaunch.wire.duis.xml import MAX_BODY_OCTETS, parse

LOOPBACK = "127.0.0.1"
XML = "application/xml"

_SUBJECTS = {
    "ResponseMessage": "ServiceReferenceVariant",
    "SMETS1ResponseMessage": "ServiceReferenceVariant",
    "DCCAlertMessage": "DCCAlertCode",
    "DeviceAlertMessage": "AlertCode",
}
"""The element of each body that says what it is about."""
_NUMBERED = re.compile(r"([0-9]{4,9})-.*\.xml")
_UNFIT = re.compile(r"[^A-Za-z0-9.-]+")
_LONGEST_SUBJECT = 20
_PATIENCE = 30.0
"""Seconds to wait for a sender's next octets."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a sender is told: an HTTP status and, where it is a no, a sentence."""

    status: HTTPStatus
    sentence: str = ""


@dataclass
class Inbox:
    """Where messages come in: kept in `directory`, told to `tell` in a line each; safe to share between threads."""

    directory: Path
    belief: Belief
    tell: Callable[[str], None]
    refusals_left: int = 0
    _names: dict[bytes, str] = field(default_factory=dict)
    _number: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        """This function will make the directory, and count on from what lies in it.

        Raises:
            Invalid: the directory cannot be made or read.
        """
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
            names = [path.name for path in self.directory.iterdir()]
        except OSError as error:
            raise Invalid(f"{self.directory} cannot hold messages: {error.strerror}.") from error
        numbers = [int(found[1]) for found in map(_NUMBERED.fullmatch, names) if found]
        self._number = max(numbers, default=0)

    def take(self, octets: bytes, *, at: datetime) -> Answer:
        """This function will check, keep and tell one message, and give the answer to its sender."""
        with self._lock:
            if self.refusals_left > 0:
                self.refusals_left -= 1
                self.tell(f"{at:%H:%M:%S}  refused, as asked; {self.refusals_left} more will be")
                return Answer(
                    HTTPStatus.SERVICE_UNAVAILABLE, "This receiver was told to refuse; come back later."
                )
        try:
            opened = open_response_as(self.belief, octets, at=at)
        except Unreadable as error:
            name = self._keep(octets, what="unreadable")
            self.tell(f"{at:%H:%M:%S}  not accepted: {error}  {name}")
            return Answer(HTTPStatus.BAD_REQUEST, str(error))
        name = self._keep(octets, what=f"{opened.envelope.response_code}-{subject_of(opened.envelope)}")
        self.tell(f"{at:%H:%M:%S}  {line_of(opened, belief=self.belief)}  {name}")
        return Answer(HTTPStatus.OK)

    def _keep(self, octets: bytes, *, what: str) -> str:
        digest = hashlib.sha256(octets).digest()
        with self._lock:
            if digest in self._names:
                return f"again, see {self._names[digest]}"
            self._number += 1
            name = f"{self._number:04}-{_UNFIT.sub('_', what)}.xml"
            # It appears whole, for whoever watches the directory.
            aside = self.directory / f".{name}"
            aside.write_bytes(octets)
            aside.replace(self.directory / name)
            self._names[digest] = name
        return name


def open_response_as(belief: Belief, octets: bytes, *, at: datetime) -> Opened[Response]:
    """This function will open a response: signed or not, and unchecked where no certificate is believed.

    Raises:
        Unreadable: one of its kinds for each step (`wire.duis.opening`).
    """
    if belief.knows_certificates:
        return open_response(octets, trust=belief.trust, at=at, accepts_unsigned=True)
    root = parse(octets)
    if belief.trust.schema is not None and dialect_of(root) is Dialect.DUIS:
        belief.trust.schema.check(root)
    return Opened(read_response(root), None, was_reformatted=False)


def subject_of(response: Response) -> str:
    """This function will give what a response is about: its SRV, or the code of its alert."""
    found = parse(response.body_xml).findtext(f"{{{response.dialect}}}{_SUBJECTS[response.body_name]}")
    return (found or "unnamed")[:_LONGEST_SUBJECT]


def line_of(opened: Opened[Response], *, belief: Belief) -> str:
    """This function will tell a response or alert in a line: code, subject, whom it answers, who signed it."""
    response = opened.envelope
    subject = subject_of(response)
    if response.body_name.endswith("AlertMessage"):
        kind = "DCC Alert" if response.body_name == "DCCAlertMessage" else "Device Alert"
        subject = f"{kind} {subject}"
    answers = f" to {response.request_id}" if response.request_id else ""
    sender = f" from {response.response_id.originator}" if response.response_id else ""
    return f"{response.response_code}  {subject}{answers}{sender}, {how_signed(opened, belief=belief)}"


def how_signed(opened: Opened[Response], *, belief: Belief) -> str:
    """This function will say in a few words whether a response is signed, and by whom."""
    if not belief.knows_certificates:
        return "signature not checked"
    if opened.certificate is None:
        return "not signed"
    again = ", laid out anew after signing" if opened.was_reformatted else ""
    return f"signed by {opened.certificate.eui}{again}"


def make_server(inbox: Inbox, *, host: str, port: int) -> ThreadingHTTPServer:
    """This function will open the door to an inbox; port 0 takes any that is free.

    Raises:
        Conflict: the port is taken, or the address is none of this machine's.
    """
    handler = type("Handler", (_Handler,), {"inbox": inbox})
    try:
        return ThreadingHTTPServer((host, port), handler)
    except OSError as error:
        raise Conflict(
            f"{host}:{port} cannot be listened on: {error.strerror}. Another --port may be free."
        ) from error


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = _PATIENCE
    disable_nagle_algorithm = True
    inbox: Inbox

    def do_POST(self) -> None:
        """This function will take one message."""
        refusal = self._unfit()
        if refusal is not None:
            # What was announced is not read, so nothing more can be understood on this connection.
            self.close_connection = True
            self._answer(refusal)
            return
        octets = self.rfile.read(int(self.headers["content-length"]))
        self._answer(self.inbox.take(octets, at=datetime.now(UTC)))

    def log_message(self, *_: object) -> None:
        """This function will keep no log; the inbox tells what came."""

    def _unfit(self) -> Answer | None:
        length = self.headers.get("content-length", "")
        if not length.isascii() or not length.isdecimal() or self.headers.get("transfer-encoding"):
            return Answer(HTTPStatus.LENGTH_REQUIRED, "A Content-Length is expected, and no chunks.")
        if int(length[:20]) > MAX_BODY_OCTETS:
            return Answer(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"At most {MAX_BODY_OCTETS:,} octets are taken."
            )
        if self.headers.get_content_type() != XML or self.headers.get("content-encoding"):
            return Answer(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"Plain {XML} is expected.")
        return None

    def _answer(self, answer: Answer) -> None:
        octets = answer.sentence.encode()
        self.send_response(answer.status)
        self.send_header("content-type", "text/plain; charset=utf-8")
        self.send_header("content-length", str(len(octets)))
        self.end_headers()
        self.wfile.write(octets)
