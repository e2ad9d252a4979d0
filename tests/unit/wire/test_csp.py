"""Messages between the DCC and a CSP survive the wire, and a message nobody signed is not read."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from safelaunch.domain.hub_upgrades import EventKind
from safelaunch.domain.refusals import Unreadable
from safelaunch.domain.smi import Network
from safelaunch.wire import csp
from safelaunch.wire.csp import MalformedMessage, UntrustedSignature

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(32))
AT = datetime(2026, 3, 2, 21, 0, tzinfo=UTC)
INSTRUCTION = csp.Instruction(
    instruction_id="chunk-17-2",
    campaign="CH-2026-01",
    epoch=3,
    attempt=2,
    firmware_version="0002",
    image_hash="ab" * 32,
    instructed_at=AT,
    device_ids=["00-DB-12-34-56-78-90-A2"],
)

reports = st.builds(
    csp.HubReport,
    number=st.integers(0, (1 << 63) - 1),
    device_id=st.just("00-DB-12-34-56-78-90-A2"),
    kind=st.sampled_from(EventKind),
    happened_at=st.integers(0, 10**6).map(lambda seconds: AT + timedelta(seconds=seconds)),
    campaign=st.none() | st.text(max_size=20),
    attempt=st.none() | st.integers(1, 14),
    firmware_version=st.none() | st.just("0002"),
    reason=st.none() | st.text(max_size=40),
)
messages = st.builds(
    csp.DeviceMessage,
    number=st.integers(0, (1 << 63) - 1),
    device_id=st.just("00-DB-12-34-56-78-90-A0"),
    gbcs=st.binary(max_size=200),
    happened_at=st.just(AT),
    command_id=st.none() | st.text(max_size=20),
)
batches = st.builds(
    csp.EventBatch,
    network=st.sampled_from(Network),
    batch=st.integers(0, 10**9),
    events=st.lists(reports, max_size=5),
    messages=st.lists(messages, max_size=5),
)
COMMAND = csp.Command(
    command_id="17",
    hub_device_id="00-DB-12-34-56-78-90-A2",
    device_id="00-DB-12-34-56-78-90-A0",
    gbcs=bytes.fromhex("DD0000"),
    expires_at=AT,
)


@given(batches)
def test_a_batch_of_events_survives_the_wire(batch):
    assert csp.read(csp.write(batch), csp.EventBatch) == batch


@pytest.mark.parametrize(
    "message",
    [
        INSTRUCTION,
        csp.Receipt(accepted=3, unknown_device_ids=["00-DB-12-34-56-78-90-A3"]),
        csp.Recall(campaign="CH-2026-01", epoch=4, recalled_at=AT),
        csp.RecallReceipt(recalled=9, unrecallable=1),
        csp.Read(read_id="read-1", campaign="CH-2026-01", read_at=AT, device_ids=[]),
        csp.Health(network=Network.NORTH, status="ok", waiting=0, epochs={"CH-2026-01": 3}),
        csp.StaleEpoch(title="Overtaken", epoch=4),
        csp.BatchReceipt(new=3, applied=2, kept={"LATE": 1}, messages=2),
        csp.CommandBatch(batch_id="b", sent_at=AT, commands=[COMMAND]),
        csp.CommandReceipt(accepted=1, refused={"18": csp.CommandRefusal.UNKNOWN_DEVICE}),
    ],
    ids=lambda message: type(message).__name__,
)
def test_every_message_survives_the_wire(message):
    assert csp.read(csp.write(message), type(message)) == message


def test_an_event_is_an_array_in_the_published_order():
    report = csp.HubReport(
        number=7, device_id="00-DB-12-34-56-78-90-A2", kind=EventKind.ACTIVATED, happened_at=AT, attempt=1
    )
    assert json.loads(csp.write(report)) == [
        *(7, "00-DB-12-34-56-78-90-A2", "ACTIVATED", "2026-03-02T21:00:00Z"),
        *(None, 1, None, None),
    ]


def test_a_device_message_is_an_array_with_its_octets_in_base64():
    message = csp.DeviceMessage(
        number=8, device_id="00-DB-12-34-56-78-90-A0", gbcs=b"\xdf\x09", happened_at=AT, command_id="17"
    )
    assert json.loads(csp.write(message)) == [
        *(8, "00-DB-12-34-56-78-90-A0", "3wk=", "2026-03-02T21:00:00Z", "17"),
    ]


def test_a_batch_of_a_csp_that_sends_no_device_messages_is_read_all_the_same():
    batch = csp.read(b'{"network": "NORTH", "batch": 4, "events": []}', csp.EventBatch)
    assert batch.messages == []


def test_a_command_whose_octets_are_not_base64_is_refused_with_its_place():
    body = csp.write(COMMAND).replace(b"3QAA", b"3Q~A")
    with pytest.raises(MalformedMessage, match=r"`\$.gbcs`"):
        csp.read(body, csp.Command)


def test_members_a_newer_neighbour_adds_are_ignored_and_missing_ones_are_named():
    body = json.loads(csp.write(INSTRUCTION))
    newer = json.dumps(body | {"urgency": "high"}).encode()
    assert csp.read(newer, csp.Instruction) == INSTRUCTION
    del body["epoch"]
    with pytest.raises(MalformedMessage, match="epoch"):
        csp.read(json.dumps(body).encode(), csp.Instruction)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"null", b"[]", b'{"accepted": "3"}', b"\xff", b'{"accepted": 3.5}']
)
def test_a_body_that_is_not_the_message_is_refused(body):
    with pytest.raises(MalformedMessage, match="The message is not a Receipt"):
        csp.read(body, csp.Receipt)


@given(st.binary(max_size=200))
def test_no_octets_whatever_get_past_the_reader_but_as_a_message_or_a_refusal(body):
    try:
        message = csp.read(body, csp.EventBatch)
    except MalformedMessage:
        return
    assert isinstance(message, csp.EventBatch)


def test_a_body_above_the_limit_is_not_even_parsed():
    with pytest.raises(MalformedMessage, match="16,777,217 octets"):
        csp.read(b" " * (csp.MAX_BODY_OCTETS + 1), csp.Receipt)


@given(st.binary(max_size=300), st.text("abcdefghij-0123456789", min_size=1, max_size=30))
def test_a_signature_is_accepted_from_its_key_and_no_other(body, message_id):
    signed = csp.sign(body=body, message_id=message_id, at=AT, key=KEY)
    assert csp.verify(body=signed.body, headers=signed.headers, key=KEY.public_key()) == message_id
    with pytest.raises(UntrustedSignature, match="does not match"):
        csp.verify(body=signed.body, headers=signed.headers, key=OTHER.public_key())


@given(st.binary(min_size=1, max_size=100), st.data())
def test_one_changed_bit_of_the_body_is_seen(body, data):
    signed = csp.sign(body=body, message_id="m-1", at=AT, key=KEY)
    index = data.draw(st.integers(0, len(body) - 1))
    changed = body[:index] + bytes([body[index] ^ 1]) + body[index + 1 :]
    with pytest.raises(UntrustedSignature):
        csp.verify(body=changed, headers=signed.headers, key=KEY.public_key())


@pytest.mark.parametrize("header", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_each_header_is_needed_and_covered(header):
    signed = csp.sign(body=b"{}", message_id="m-1", at=AT, key=KEY)
    without = {name: value for name, value in signed.headers.items() if name != header}
    with pytest.raises(UntrustedSignature, match="is not signed"):
        csp.verify(body=b"{}", headers=without, key=KEY.public_key())
    changed = signed.headers | {header: signed.headers[header] + "0"}
    with pytest.raises(UntrustedSignature):
        csp.verify(body=b"{}", headers=changed, key=KEY.public_key())


@pytest.mark.parametrize("scheme", ["v1", "v1b", "", "V1A"])
def test_only_the_scheme_agreed_is_accepted(scheme):
    signed = csp.sign(body=b"{}", message_id="m-1", at=AT, key=KEY)
    value = signed.headers["webhook-signature"].partition(",")[2]
    headers = signed.headers | {"webhook-signature": f"{scheme},{value}"}
    with pytest.raises(UntrustedSignature, match="is not accepted"):
        csp.verify(body=b"{}", headers=headers, key=KEY.public_key())


@given(st.text(max_size=120))
def test_no_signature_header_whatever_ends_in_anything_but_a_refusal(value):
    signed = csp.sign(body=b"{}", message_id="m-1", at=AT, key=KEY)
    headers = signed.headers | {"webhook-signature": value}
    with pytest.raises(UntrustedSignature):
        csp.verify(body=b"{}", headers=headers, key=KEY.public_key())


def test_the_signature_is_that_of_standard_webhooks():
    signed = csp.sign(body=b'{"a":1}', message_id="m-1", at=AT, key=KEY)
    octets = base64.b64decode(signed.headers["webhook-signature"].removeprefix("v1a,"))
    KEY.public_key().verify(octets, b'm-1.1772485200.{"a":1}')


def test_refusals_of_the_wire_belong_to_the_family_of_what_cannot_be_trusted():
    assert issubclass(MalformedMessage, Unreadable)
    assert issubclass(UntrustedSignature, Unreadable)
