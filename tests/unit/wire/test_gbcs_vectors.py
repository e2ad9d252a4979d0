"""Every Reference Test Data vector is read for what it says and written back as the same octets.

The vectors are not part of the project; these tests run where they lie beside it (`../shared/gbcs`).
"""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from safelaunch.domain.identifiers import Eui64
from safelaunch.wire.gbcs.activation import (
    ActivateFirmware,
    ActivationAccepted,
    ActivationCode,
    ActivationOutcome,
    FutureDatedActivationAlert,
    FutureDatedAlertCode,
)
from safelaunch.wire.gbcs.alerts import (
    DlmsReceiptAlert,
    FirmwareTransferAlert,
    GbzReceiptAlert,
    PpmidActivationAlert,
    PpmidOutcome,
    ReceiptAlertCode,
    TransferAlertCode,
    TransferOutcome,
)
from safelaunch.wire.gbcs.catalogue import MessageCode, read, write
from safelaunch.wire.gbcs.credentials import Cell, Cs02bCommand, Outcome, Replaced
from safelaunch.wire.gbcs.message import MessageKind
from safelaunch.wire.gbcs.tenancy import Ecs12Command, Ecs12Response, Gcs09Command, Gcs09Response
from safelaunch.wire.gbcs.times import CANCELLED_AT, DlmsTime
from safelaunch.wire.gbcs.versions import (
    Cs08Command,
    Cs08Response,
    Ecs52Command,
    Ecs52Response,
    Gcs38Command,
    Gcs38Response,
    ReadOutcome,
)
from safelaunch.wire.smki import read_certificate
from tests.unit.wire.test_gbcs_home_vectors import FOLDERS as HOME_FOLDERS

VECTORS = Path(__file__).resolve().parents[4] / "shared" / "gbcs"
needs_vectors = pytest.mark.skipif(
    not VECTORS.is_dir(),
    reason="the Reference Test Data vectors do not lie beside the project (../shared/gbcs)",
)

HASH = bytes.fromhex("AA758690730934FF0685" * 2 + "657788990011223344556677")
NEW_YEAR_2015 = datetime(2015, 1, 1, tzinfo=UTC)
TENANCY_ENDED = datetime(2014, 3, 27, 15, 45, 32, tzinfo=UTC)
NEW_YEAR_2030 = datetime(2030, 1, 1, tzinfo=UTC)
MORNING_2030 = datetime(2030, 1, 15, 9, tzinfo=UTC)
CS06, CS08 = "11.3_CS06/CS06_11.3", "11.2_CS08/CS08_11.2"
ECS52, GCS38 = "11.2_ECS52/ECS52_11.2", "11.2_GCS38/GCS38_11.2"
COS = "6.23_CS02bSupplierByTransCoS/CS02bSupplierByTransCoS_6.23"

OLD, NEW = Eui64.parse("90-B3-D5-1F-30-01-00-00"), Eui64.parse("90-B3-D5-1F-30-03-00-00")
KEYS = {
    Cell.SIGNING: ("44899792D196F4B8", "4A8103ADAC183A89"),
    Cell.AGREEMENT: ("405B8C62687D8F70", "483972547DCD7835"),
    Cell.TOP_UP: ("41FB49221588C570", "43049452FE1FCE0A"),
}


def changed_supplier(counter):
    """All three certificates of the old Supplier made way for the new one's."""
    replaced = (
        Replaced(cell, 0, OLD, NEW, bytes.fromhex(old), bytes.fromhex(new))
        for cell, (old, new) in KEYS.items()
    )
    return Outcome(counter, tuple(replaced))


PAYLOADS = {
    f"{CS06}_8F66_FUTURE_DATED_SUCCESS_ALERT": FutureDatedActivationAlert(
        alert_code=FutureDatedAlertCode.SUCCEEDED,
        execution_at=MORNING_2030,
        originator_counter=1001,
        outcome=ActivationOutcome(code=ActivationCode.SUCCESS, firmware_version="0123ABCF"),
    ),
    f"{CS06}_8F67_FUTURE_DATED_ERROR_ALERT": FutureDatedActivationAlert(
        alert_code=FutureDatedAlertCode.FAILED,
        execution_at=NEW_YEAR_2030,
        originator_counter=1004,
        outcome=ActivationOutcome(code=ActivationCode.HASH_MISMATCH, firmware_version="0123ABCF"),
    ),
    f"{CS06}_CANCELLATION_SUCCESS_COMMAND": ActivateFirmware(HASH, 1002, CANCELLED_AT),
    f"{CS06}_CANCELLATION_SUCCESS_PRECOMMAND": ActivateFirmware(HASH, 1002, CANCELLED_AT),
    f"{CS06}_CANCELLATION_SUCCESS_RESPONSE": ActivationAccepted(),
    f"{CS06}_FUTURE_DATED_ERROR_COMMAND": ActivateFirmware(HASH, 1004, NEW_YEAR_2030),
    f"{CS06}_FUTURE_DATED_ERROR_PRECOMMAND": ActivateFirmware(HASH, 1004, NEW_YEAR_2030),
    f"{CS06}_FUTURE_DATED_ERROR_RESPONSE": ActivationAccepted(),
    f"{CS06}_FUTURE_DATED_SUCCESS_COMMAND": ActivateFirmware(HASH, 1001, MORNING_2030),
    f"{CS06}_FUTURE_DATED_SUCCESS_PRECOMMAND": ActivateFirmware(HASH, 1001, MORNING_2030),
    f"{CS06}_FUTURE_DATED_SUCCESS_RESPONSE": ActivationAccepted(),
    f"{CS06}_IMMEDIATE_ERROR_COMMAND": ActivateFirmware(HASH, 1005),
    f"{CS06}_IMMEDIATE_ERROR_PRECOMMAND": ActivateFirmware(HASH, 1005),
    f"{CS06}_IMMEDIATE_ERROR_RESPONSE": ActivationOutcome(ActivationCode.NO_IMAGE_HELD, "0123ABCF"),
    f"{CS06}_IMMEDIATE_SUCCESS_COMMAND": ActivateFirmware(HASH, 1000),
    f"{CS06}_IMMEDIATE_SUCCESS_PRECOMMAND": ActivateFirmware(HASH, 1000),
    f"{CS06}_IMMEDIATE_SUCCESS_RESPONSE": ActivationOutcome(ActivationCode.SUCCESS, "0123ABCE"),
    f"{CS08}_ERROR_COMMAND": Cs08Command(),
    f"{CS08}_ERROR_RESPONSE": Cs08Response("00000000", ReadOutcome.FAILURE),
    f"{CS08}_SUCCESS_COMMAND": Cs08Command(),
    f"{CS08}_SUCCESS_RESPONSE": Cs08Response("0123ABCD", ReadOutcome.SUCCESS),
    f"{ECS52}_ERROR_COMMAND": Ecs52Command(invoke_id=1002),
    f"{ECS52}_ERROR_RESPONSE": Ecs52Response(invoke_id=1002, firmware_version=None, result=1),
    f"{ECS52}_SUCCESS_COMMAND": Ecs52Command(invoke_id=1000),
    f"{ECS52}_SUCCESS_RESPONSE": Ecs52Response(invoke_id=1000, firmware_version="0123ABCD"),
    f"{GCS38}_ERROR_COMMAND": Gcs38Command(),
    f"{GCS38}_ERROR_RESPONSE": Gcs38Response(firmware_version=None, status=0xC0),
    f"{GCS38}_SUCCESS_COMMAND": Gcs38Command(),
    f"{GCS38}_SUCCESS_RESPONSE": Gcs38Response(firmware_version="0123ABCD"),
    "NA_CCS08/CCS08_NA_NA_ALERT": FirmwareTransferAlert(
        alert_code=TransferAlertCode.SUCCEEDED,
        happened_at=NEW_YEAR_2015,
        device_id=Eui64.parse("00-DB-12-34-56-78-90-A4"),
        firmware_version="0123ABCD",
        outcome=TransferOutcome.SUCCESS,
    ),
    "NA_CS09/CS09_NA_8F8B_ALERT": PpmidActivationAlert(NEW_YEAR_2015, "1234ABCD", PpmidOutcome.SUCCESS),
    "NA_FDRA-DLMS/FDRA-DLMS_NA_8F72_ALERT": DlmsReceiptAlert(
        alert_code=ReceiptAlertCode.VERIFIED,
        invoke_id=2000,
        happened_at=DlmsTime.at_moment(NEW_YEAR_2015),
        manufacturer_image_hash=b"\x01" * 32,
    ),
    "NA_FDRA-ZigBee/FDRA-ZigBee_NA_8F72_ALERT": GbzReceiptAlert(
        alert_code=ReceiptAlertCode.VERIFIED,
        happened_at=NEW_YEAR_2015,
        manufacturer_image_hash=b"\xa1" * 32,
    ),
    "3.2_ECS12/ECS12_3.2_ERROR_COMMAND": Ecs12Command(1002, DlmsTime.at_moment(TENANCY_ENDED)),
    "3.2_ECS12/ECS12_3.2_ERROR_RESPONSE": Ecs12Response(1002, result=1),
    "3.2_ECS12/ECS12_3.2_SUCCESS_COMMAND": Ecs12Command(1000, DlmsTime.at_moment(TENANCY_ENDED)),
    "3.2_ECS12/ECS12_3.2_SUCCESS_RESPONSE": Ecs12Response(1000),
    "3.2_GCS09/GCS09_3.2_SUCCESS_COMMAND": Gcs09Command(
        made_at=NEW_YEAR_2015, restricted_at=datetime(2016, 11, 22, 2, 46, 56, tzinfo=UTC)
    ),
    "3.2_GCS09/GCS09_3.2_SUCCESS_RESPONSE": Gcs09Response(),
}
CHANGES_OF_SUPPLIER = {
    f"{COS}_8F66_FUTURE_DATED_SUCCESS_ALERT": changed_supplier(6002),
    f"{COS}_CANCELLATION_SUCCESS_RESPONSE": None,
    f"{COS}_FUTURE_DATED_SUCCESS_RESPONSE": None,
    f"{COS}_IMMEDIATE_SUCCESS_RESPONSE": changed_supplier(6001),
}
COMMANDS_OF_COS_PARTY = {
    f"{COS}_CANCELLATION_SUCCESS_COMMAND": Cs02bCommand(
        counter=6003, replacements=(), path=(), execution_at=CANCELLED_AT
    ),
    f"{COS}_FUTURE_DATED_SUCCESS_COMMAND": Cs02bCommand(
        counter=6002,
        replacements=(),
        path=(),
        floor=0,
        top_up_floor=0,
        execution_at=datetime(2030, 1, 2, tzinfo=UTC),
    ),
    f"{COS}_IMMEDIATE_SUCCESS_COMMAND": Cs02bCommand(
        counter=6001, replacements=(), path=(), floor=0, top_up_floor=0
    ),
}
PAYLOADS |= dict.fromkeys([*CHANGES_OF_SUPPLIER, *COMMANDS_OF_COS_PARTY])
USE_CASES = {
    "11.3_CS06": {MessageCode.CS06_ACTIVATE_FIRMWARE, MessageCode.CS06_FUTURE_DATED_ALERT},
    "11.2_CS08": {MessageCode.CS08_READ_FIRMWARE_VERSION},
    "11.2_ECS52": {MessageCode.ECS52_READ_FIRMWARE_VERSION},
    "11.2_GCS38": {MessageCode.GCS38_READ_FIRMWARE_VERSION},
    "3.2_ECS12": {MessageCode.ECS12_CHANGE_OF_TENANCY},
    "3.2_GCS09": {MessageCode.GCS09_CHANGE_OF_TENANCY},
    "6.23_CS02bSupplierByTransCoS": {
        MessageCode.CS02B_SUPPLIER_BY_TRANS_COS,
        MessageCode.CS02B_FUTURE_DATED_ALERT,
    },
    "NA_CCS08": {MessageCode.CCS08_FIRMWARE_TRANSFER_ALERT},
    "NA_CS09": {MessageCode.CS09_PPMID_ACTIVATION_ALERT},
    "NA_FDRA-DLMS": {MessageCode.FIRMWARE_RECEIPT_ALERT_DLMS},
    "NA_FDRA-ZigBee": {MessageCode.FIRMWARE_RECEIPT_ALERT_GBZ},
}
KINDS = {
    "PRECOMMAND": MessageKind.COMMAND,
    "COMMAND": MessageKind.COMMAND,
    "RESPONSE": MessageKind.RESPONSE,
    "ALERT": MessageKind.ALERT,
}
SIGNED_USE_CASES = ("11.3_CS06", "6.23_CS02b", "NA_")

each_vector = pytest.mark.parametrize("name", PAYLOADS)


def octets_of(name):
    return bytes.fromhex((VECTORS / f"{name}_GBCS.HEX").read_text(encoding="ascii"))


@needs_vectors
@each_vector
def test_a_vector_is_written_back_as_the_same_octets(name):
    octets = octets_of(name)
    assert write(read(octets)) == octets


@needs_vectors
@each_vector
def test_a_vector_says_what_it_is_known_to_say(name):
    message = read(octets_of(name))
    assert message.use_case in USE_CASES[name.partition("/")[0]]
    assert message.header.kind is KINDS[name.rpartition("_")[2]]
    if name in CHANGES_OF_SUPPLIER:
        assert message.payload.outcome == CHANGES_OF_SUPPLIER[name]
    elif name in COMMANDS_OF_COS_PARTY:
        certificates = {one.cell: read_certificate(one.certificate) for one in message.payload.replacements}
        assert {cell: one.may_sign for cell, one in certificates.items()} == {
            Cell.SIGNING: True,
            Cell.AGREEMENT: False,
            Cell.TOP_UP: False,
        }
        assert {(one.role, one.eui) for one in certificates.values()} == {(2, NEW)}
        known = replace(message.payload, replacements=(), path=())
        assert (known, len(message.payload.path)) == (COMMANDS_OF_COS_PARTY[name], 1)
        assert message.payload.counter == message.header.originator_counter
    else:
        assert message.payload == PAYLOADS[name]


@needs_vectors
def test_an_alert_about_a_change_of_supplier_says_its_code_and_its_time():
    alert = read(octets_of(f"{COS}_8F66_FUTURE_DATED_SUCCESS_ALERT")).payload
    assert (alert.alert_code, alert.execution_at) == (
        FutureDatedAlertCode.SUCCEEDED,
        datetime(2030, 1, 2, tzinfo=UTC),
    )
    assert (alert.outcome.has_succeeded, alert.outcome.losing) == (True, OLD)


@needs_vectors
@each_vector
def test_a_vector_is_signed_when_critical_and_has_a_mac_when_the_acb_sends_it_or_nobody_signs_it(name):
    message = read(octets_of(name))
    is_signed = name.startswith(SIGNED_USE_CASES)
    if name.endswith("_PRECOMMAND"):
        assert (message.signature, message.mac) == (None, None)
    else:
        assert len(message.signature) == (64 if is_signed else 0)
        assert (message.mac is None) == (is_signed and message.header.kind is not MessageKind.COMMAND)


@needs_vectors
def test_a_response_answers_with_the_counter_of_its_command_and_the_parties_exchanged():
    for name in PAYLOADS:
        if name.endswith("_COMMAND") and f"{name.removesuffix('_COMMAND')}_RESPONSE" in PAYLOADS:
            command = read(octets_of(name)).header
            response = read(octets_of(f"{name.removesuffix('_COMMAND')}_RESPONSE")).header
            assert response.originator_counter == command.originator_counter, name
            assert (response.originator_id, response.target_id) == (command.target_id, command.originator_id)


@needs_vectors
def test_a_pre_command_is_its_command_without_signature_and_mac():
    for name in PAYLOADS:
        if name.endswith("_PRECOMMAND"):
            before = read(octets_of(name))
            after = read(octets_of(f"{name.removesuffix('_PRECOMMAND')}_COMMAND"))
            assert (before.header, before.payload) == (after.header, after.payload), name


@needs_vectors
def test_a_message_through_the_acb_names_the_supplier_behind_it():
    header = read(octets_of(f"{CS08}_SUCCESS_COMMAND")).header
    assert str(header.originator_id) == "90-B3-D5-1F-30-00-00-02"
    assert str(header.supplementary.remote_party_id) == "90-B3-D5-1F-30-01-00-00"
    assert header.supplementary.remote_party_counter == 1000
    assert header.supplementary.originator_counter is None


@needs_vectors
def test_a_signed_response_says_when_the_device_sent_it():
    header = read(octets_of(f"{CS06}_IMMEDIATE_SUCCESS_RESPONSE")).header
    assert header.sent_at.moment == NEW_YEAR_2015
    assert header.sent_at.clock_status == 0xFF


@needs_vectors
def test_every_vector_that_lies_there_is_tested():
    there = {path.relative_to(VECTORS).as_posix() for path in VECTORS.rglob("*.HEX")}
    # Those of homes have a test of their own, `test_gbcs_home_vectors.py`.
    there = {name for name in there if name.partition("/")[0] not in HOME_FOLDERS}
    assert there == {f"{name}_GBCS.HEX" for name in PAYLOADS}
