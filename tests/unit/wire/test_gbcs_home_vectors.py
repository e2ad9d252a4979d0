"""The messages that a home is put together with, by the Reference Test Data where it lies beside the project, and by hand.

The vectors are not part of the project; these tests read them from `../shared/gbcs`.
"""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.refusals import Invalid
from safelaunch.domain.smi import DeviceType
from safelaunch.wire.gbcs.catalogue import OpaquePayload, read, write
from safelaunch.wire.gbcs.clocks import Ecs70Command, Ecs70Response, Gcs28Command, Gcs28Response
from safelaunch.wire.gbcs.device_log import (
    Ccs01Command,
    Ccs01Response,
    Ccs02Command,
    Ccs02Response,
    Ccs03Command,
    HubLogAlert,
    LogBackup,
    LoggedDevice,
)
from safelaunch.wire.gbcs.gpf_log import Gcs59Command, Gcs59Response, GpfEntry, GpfLogAlert, LogType
from safelaunch.wire.gbcs.octets import MalformedGbcs
from safelaunch.wire.gbcs.times import DlmsTime

VECTORS = Path(__file__).resolve().parents[4] / "shared" / "gbcs"
FOLDERS = (
    "8.1.1_ECS70Commission",
    "8.1.1_GCS28Commission",
    "8.11_CCS01",
    "8.11_CCS02",
    "8.12.1_CCS03",
    "8.12.2_GCS59",
    "NA_CS14",
    "NA_GCS62",
)
THERE = sorted(path for folder in FOLDERS for path in (VECTORS / folder).glob("*.HEX"))

ESME, GSME = Eui64.parse("00-DB-12-34-56-78-90-A0"), Eui64.parse("00-DB-12-34-56-78-90-A1")
NEW_YEAR = datetime(2030, 1, 1, tzinfo=UTC)
SOON = datetime(2030, 1, 1, 0, 1, tzinfo=UTC)
LOG = LogBackup(bytes(range(8)), (LoggedDevice(ESME, bytes(range(16))),))


@pytest.mark.skipif(not THERE, reason="the vectors do not lie beside the project (../shared/gbcs)")
@pytest.mark.parametrize("path", THERE, ids=lambda path: path.stem)
def test_a_vector_is_understood_and_written_back_as_the_same_octets(path):
    octets = bytes.fromhex("".join(path.read_text(encoding="ascii").split()))
    message = read(octets)
    assert not isinstance(message.payload, OpaquePayload)
    assert write(message) == octets


@pytest.mark.parametrize(
    ("payload", "octets"),
    [
        (
            Ccs01Command(5, ESME, bytes(range(6)), 90),
            (
                "D920000005 0003 03006800001E0300FF01 02006800001E0300FF03 02006800001E0300FF02 03 0204"
                "090800DB1234567890A0 1601 0906000102030405 1600 12005A 03FF"
            ),
        ),
        (Ccs01Response(5, (0, 1, 250)), "DA20000005 0000 03000000 03 0300 0201 02FA"),
        (Ccs02Command(5, ESME), "D920000005 0001 03006800001E0300FF02 01 090800DB1234567890A0"),
        (Ccs02Response(5, (1,)), "DA20000005 0000 0100 01 0301"),
        (
            Ccs03Command(5, LOG),
            (
                "D920000005 0001 03006800001E0300FF05 01 0202 09080001020304050607 0101"
                "0202 090800DB1234567890A0 0910000102030405060708090A0B0C0D0E0F"
            ),
        ),
        (
            HubLogAlert(5, DlmsTime.at_moment(NEW_YEAR), DlmsTime.at_moment(NEW_YEAR), LOG),
            (
                "0F20000005 000203 128F12 090C07EE0101FF000000008000FF 0203 090C07EE0101FF000000008000FF"
                "09080001020304050607 0101 0202 090800DB1234567890A0 0910000102030405060708090A0B0C0D0E0F"
            ),
        ),
        (Gcs59Command((GpfEntry(GSME, LogType.GSME),)), "3011 300F 300D 040800DB1234567890A1 020100"),
        (
            Gcs59Response(((GpfEntry(GSME, LogType.GSME), 3),)),
            "3016 3014 3012 300D 040800DB1234567890A1 020100 020103",
        ),
        (
            GpfLogAlert(NEW_YEAR, (GpfEntry(ESME, LogType.of(DeviceType.CAD)),)),
            "3027 0203008071 180F32303330303130313030303030305A 300F 300D 040800DB1234567890A0 020106",
        ),
        (
            Ecs70Command(5, DlmsTime.at_moment(NEW_YEAR), DlmsTime.at_moment(SOON)),
            (
                "D920000005 0005 0200080000010000FF09 0300080000010000FF05 0300080000010000FF04"
                "0100080000010000FF02 0100080000010000FF04 05 1605 0203 090CFFFFFFFFFFFFFFFFFF8000FF"
                "090C07EE0101FF000000008000FF 090C07EE0101FF000100008000FF 0F00 00 00"
            ),
        ),
        (
            Ecs70Response(5, DlmsTime.at_moment(NEW_YEAR)),
            "DA20000005 0000 05000000 090C07EE0101FF000000008000FF 1100 05 0200 0300 0300 0100 0100",
        ),
        (
            Ecs70Response(5, None, None, (0, 0, 0, 1, 250)),
            "DA20000005 0000 05000000 0000 05 0200 0300 0300 0101 01FA",
        ),
        (
            Gcs28Command(NEW_YEAR, SOON),
            "3022 180F32303330303130313030303030305A 180F32303330303130313030303130305A",
        ),
        (Gcs28Response(NEW_YEAR), "3014 180F32303330303130313030303030305A 020100"),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, str) else "",
)
def test_a_payload_is_these_octets_and_no_octet_less_or_more(payload, octets):
    written = bytes.fromhex(octets)
    assert payload.to_octets() == written
    assert type(payload).from_octets(written) == payload
    for damaged in (written[:-1], written + b"\0"):
        with pytest.raises(MalformedGbcs):
            type(payload).from_octets(damaged)


def test_an_answer_says_whether_the_log_or_the_clock_is_as_it_was_to_be():
    assert Ccs01Response(1, (0, 1, 250)).is_logged
    assert not Ccs01Response(1, (1, 0, 0)).is_logged
    assert not Gcs59Response(((GpfEntry(GSME, LogType.GSME), 4),)).is_logged
    assert Ecs70Response(1, DlmsTime.at_moment(NEW_YEAR)).is_set
    assert not Ecs70Response(1, DlmsTime.at_moment(NEW_YEAR), 2).is_set
    assert not Ecs70Response(1, None, None, (0, 0, 0, 1, 250)).is_set


def test_what_could_not_be_written_is_refused():
    for make in (
        lambda: Ccs01Command(1, ESME, bytes(5), 90),
        lambda: Ccs01Command(1, ESME, bytes(17), 90),
        lambda: Ccs01Response(1, (0,)),
        lambda: LoggedDevice(ESME, bytes(15)),
        lambda: LogBackup(bytes(7), ()),
        lambda: LogBackup(bytes(8), (LOG.devices[0],) * 17),
        lambda: Ecs70Response(1, None),
    ):
        with pytest.raises(Invalid):
            make()
