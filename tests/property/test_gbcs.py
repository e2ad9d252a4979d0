"""Whatever is written is read back, whatever is read is written back, and rubbish is refused in good order."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import example, given, settings
from hypothesis import strategies as st

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.refusals import Unreadable
from safelaunch.wire import ota_image
from safelaunch.wire.gbcs import (
    activation,
    alerts,
    clocks,
    credentials,
    der,
    device_log,
    gpf_log,
    security,
    tenancy,
    versions,
)
from safelaunch.wire.gbcs.catalogue import (
    GbcsMessage,
    MessageCode,
    OpaquePayload,
    enclose,
    open_envelope,
    read,
    write,
)
from safelaunch.wire.gbcs.message import GroupingHeader, MessageKind, Supplementary, build, parse
from safelaunch.wire.gbcs.times import DlmsTime

SIGNING_KEY = ec.derive_private_key(3_000_017, ec.SECP256R1())
DEVICE_KEY = ec.derive_private_key(3_000_029, ec.SECP256R1())
ACB_KEY = ec.derive_private_key(3_000_047, ec.SECP256R1())

euis = st.integers(0, 2**64 - 1).map(Eui64)
counters = st.integers(0, 2**64 - 1)
invoke_ids = st.integers(0, 2**24 - 1)
octet = st.integers(0, 255)
hashes = st.binary(min_size=32, max_size=32)
firmware_versions = st.binary(min_size=4, max_size=4).map(lambda octets: octets.hex().upper())
moments = st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59)).map(  # noqa: DTZ001 - UTC is put on next
    lambda at: at.replace(microsecond=0, tzinfo=UTC)
)
zigbee_moments = st.integers(0, 2**32 - 2).map(
    lambda seconds: datetime(2000, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)
dlms_times = st.binary(min_size=12, max_size=12).map(DlmsTime) | moments.map(DlmsTime.at_moment)
outcomes = st.builds(
    activation.ActivationOutcome,
    code=st.sampled_from(activation.ActivationCode),
    firmware_version=firmware_versions,
)
certificates = st.binary(max_size=400).map(lambda octets: der.write_sequence(der.write_octet_string(octets)))
key_names = st.binary(min_size=8, max_size=8)
supplier_outcomes = st.builds(
    credentials.Outcome,
    counters,
    st.lists(
        st.builds(
            credentials.Replaced,
            st.sampled_from(credentials.Cell),
            st.integers(0, 127),
            euis,
            euis,
            key_names,
            key_names,
        ),
        max_size=3,
    ).map(tuple),
)

logs = st.builds(
    device_log.LogBackup,
    st.binary(min_size=8, max_size=8),
    st.lists(st.builds(device_log.LoggedDevice, euis, st.binary(min_size=16, max_size=16)), max_size=16).map(
        tuple
    ),
)
gpf_entries = st.builds(gpf_log.GpfEntry, euis, st.sampled_from(gpf_log.LogType))

COMMAND, RESPONSE, ALERT = MessageKind
PAYLOADS = {
    (MessageCode.CS06_ACTIVATE_FIRMWARE, COMMAND): st.builds(
        activation.ActivateFirmware,
        manufacturer_image_hash=hashes,
        originator_counter=counters,
        execution_at=st.none() | moments,
    ),
    (MessageCode.CS06_ACTIVATE_FIRMWARE, RESPONSE): outcomes | st.just(activation.ActivationAccepted()),
    (MessageCode.CS06_FUTURE_DATED_ALERT, ALERT): st.builds(
        activation.FutureDatedActivationAlert,
        alert_code=st.sampled_from(activation.FutureDatedAlertCode),
        execution_at=moments,
        originator_counter=counters,
        outcome=outcomes,
    ),
    (MessageCode.ECS52_READ_FIRMWARE_VERSION, COMMAND): st.builds(
        versions.Ecs52Command, invoke_id=invoke_ids
    ),
    (MessageCode.ECS52_READ_FIRMWARE_VERSION, RESPONSE): st.builds(
        versions.Ecs52Response, invoke_id=invoke_ids, firmware_version=firmware_versions
    )
    | st.builds(
        versions.Ecs52Response,
        invoke_id=invoke_ids,
        firmware_version=st.none(),
        result=st.integers(1, 255),
    ),
    (MessageCode.GCS38_READ_FIRMWARE_VERSION, COMMAND): st.builds(versions.Gcs38Command, sequence=octet),
    (MessageCode.GCS38_READ_FIRMWARE_VERSION, RESPONSE): st.builds(
        versions.Gcs38Response, firmware_version=firmware_versions, sequence=octet
    )
    | st.builds(
        versions.Gcs38Response, firmware_version=st.none(), status=st.integers(1, 255), sequence=octet
    ),
    (MessageCode.CS08_READ_FIRMWARE_VERSION, COMMAND): st.just(versions.Cs08Command()),
    (MessageCode.CS08_READ_FIRMWARE_VERSION, RESPONSE): st.builds(
        versions.Cs08Response,
        firmware_version=firmware_versions,
        outcome=st.sampled_from(versions.ReadOutcome),
    ),
    (MessageCode.CCS08_FIRMWARE_TRANSFER_ALERT, ALERT): st.builds(
        alerts.FirmwareTransferAlert,
        alert_code=st.sampled_from(alerts.TransferAlertCode),
        happened_at=moments,
        device_id=euis,
        firmware_version=firmware_versions,
        outcome=st.sampled_from(alerts.TransferOutcome),
    ),
    (MessageCode.CS09_PPMID_ACTIVATION_ALERT, ALERT): st.builds(
        alerts.PpmidActivationAlert,
        happened_at=moments,
        firmware_version=firmware_versions,
        outcome=st.sampled_from(alerts.PpmidOutcome),
    ),
    (MessageCode.FIRMWARE_RECEIPT_ALERT_DLMS, ALERT): st.builds(
        alerts.DlmsReceiptAlert,
        alert_code=st.sampled_from(alerts.ReceiptAlertCode),
        invoke_id=invoke_ids,
        happened_at=dlms_times,
        manufacturer_image_hash=hashes,
    ),
    (MessageCode.FIRMWARE_RECEIPT_ALERT_GBZ, ALERT): st.builds(
        alerts.GbzReceiptAlert,
        alert_code=st.sampled_from(alerts.ReceiptAlertCode),
        happened_at=st.none() | zigbee_moments,
        manufacturer_image_hash=hashes,
    ),
    (MessageCode.ECS12_CHANGE_OF_TENANCY, COMMAND): st.builds(
        tenancy.Ecs12Command,
        invoke_id=invoke_ids,
        restricted_at=st.binary(min_size=12, max_size=12).map(DlmsTime),
    ),
    (MessageCode.ECS12_CHANGE_OF_TENANCY, RESPONSE): st.builds(
        tenancy.Ecs12Response, invoke_id=invoke_ids, result=octet
    ),
    (MessageCode.GCS09_CHANGE_OF_TENANCY, COMMAND): st.builds(
        tenancy.Gcs09Command,
        made_at=st.none() | zigbee_moments,
        restricted_at=st.none() | zigbee_moments,
        sequence=octet,
    ),
    (MessageCode.GCS09_CHANGE_OF_TENANCY, RESPONSE): st.builds(
        tenancy.Gcs09Response, status=octet, sequence=octet
    ),
    (MessageCode.CS02B_SUPPLIER_BY_TRANS_COS, COMMAND): st.builds(
        credentials.Cs02bCommand,
        counter=counters,
        replacements=st.lists(
            st.builds(credentials.Replacement, st.sampled_from(credentials.Cell), certificates), max_size=3
        ).map(tuple),
        path=st.lists(certificates, max_size=3).map(tuple),
        floor=counters,
        top_up_floor=st.none() | counters,
        applies_time_checks=st.booleans(),
        execution_at=st.none() | moments,
    ),
    (MessageCode.CS02B_SUPPLIER_BY_TRANS_COS, RESPONSE): st.builds(
        credentials.Cs02bResponse.of, st.none() | supplier_outcomes
    ),
    (MessageCode.CS02B_FUTURE_DATED_ALERT, ALERT): st.builds(
        credentials.Cs02bAlert.of, supplier_outcomes, execution_at=moments
    ),
    (MessageCode.CS02B_FUTURE_DATED_ALERT, COMMAND): st.builds(OpaquePayload, st.binary(max_size=600)),
    (MessageCode.CCS01_ADD_TO_HUB_LOG, COMMAND): st.builds(
        device_log.Ccs01Command,
        invoke_ids,
        euis,
        st.binary(min_size=6, max_size=16),
        st.integers(0, 65_535),
    ),
    (MessageCode.CCS01_ADD_TO_HUB_LOG, RESPONSE): st.builds(
        device_log.Ccs01Response, invoke_ids, st.tuples(octet, octet, octet)
    ),
    (MessageCode.CCS02_REMOVE_FROM_HUB_LOG, COMMAND): st.builds(device_log.Ccs02Command, invoke_ids, euis),
    (MessageCode.CCS02_REMOVE_FROM_HUB_LOG, RESPONSE): st.builds(
        device_log.Ccs02Response, invoke_ids, st.tuples(octet)
    ),
    (MessageCode.CCS03_RESTORE_HUB_LOG, COMMAND): st.builds(device_log.Ccs03Command, invoke_ids, logs),
    (MessageCode.CCS03_RESTORE_HUB_LOG, RESPONSE): st.builds(
        device_log.Ccs03Response, invoke_ids, st.tuples(octet)
    ),
    (MessageCode.CS14_HUB_LOG_ALERT, ALERT): st.builds(
        device_log.HubLogAlert, invoke_ids, dlms_times, dlms_times, logs
    ),
    (MessageCode.GCS59_RESTORE_GPF_LOG, COMMAND): st.builds(
        gpf_log.Gcs59Command, st.lists(gpf_entries, max_size=6).map(tuple)
    ),
    (MessageCode.GCS59_RESTORE_GPF_LOG, RESPONSE): st.builds(
        gpf_log.Gcs59Response, st.lists(st.tuples(gpf_entries, octet), max_size=6).map(tuple)
    ),
    (MessageCode.GCS62_GPF_LOG_ALERT, ALERT): st.builds(
        gpf_log.GpfLogAlert, moments, st.lists(gpf_entries, max_size=6).map(tuple)
    ),
    (MessageCode.ECS70_COMMISSION, COMMAND): st.builds(
        clocks.Ecs70Command, invoke_ids, dlms_times, dlms_times
    ),
    (MessageCode.ECS70_COMMISSION, RESPONSE): st.builds(
        clocks.Ecs70Response, invoke_ids, dlms_times, octet, st.tuples(*[octet] * 5)
    )
    | st.builds(clocks.Ecs70Response, invoke_ids, st.none(), st.none(), st.tuples(*[octet] * 5)),
    (MessageCode.GCS28_COMMISSION, COMMAND): st.builds(clocks.Gcs28Command, moments, moments),
    (MessageCode.GCS28_COMMISSION, RESPONSE): st.builds(
        clocks.Gcs28Response, moments, st.sampled_from(clocks.ClockStatus)
    ),
    (0x0099, ALERT): st.builds(OpaquePayload, st.binary(max_size=300)),
}
supplementaries = (
    st.none()
    | st.builds(Supplementary, euis)
    | st.builds(Supplementary, euis, counters)
    | st.builds(Supplementary, euis, counters, counters)
    | st.builds(Supplementary, euis, counters, certificate=st.binary(min_size=9, max_size=400))
)


@st.composite
def messages(draw: st.DrawFn) -> GbcsMessage:
    code, kind = draw(st.sampled_from(sorted(PAYLOADS)))
    header = GroupingHeader(
        kind=kind,
        originator_counter=draw(counters),
        originator_id=draw(euis),
        target_id=draw(euis),
        message_code=int(code),
        sent_at=draw(st.none() | dlms_times),
        supplementary=draw(supplementaries),
    )
    signature = draw(st.sampled_from([b"", b"s" * 64]))
    is_pre_command = kind is COMMAND and draw(st.booleans())
    return GbcsMessage(
        header=header,
        payload=draw(PAYLOADS[code, kind]),
        signature=None if is_pre_command else signature,
        mac=None if is_pre_command else draw(st.none() | st.binary(min_size=12, max_size=12)),
    )


@given(messages())
@settings(deadline=None)
def test_every_message_survives_the_wire(message: GbcsMessage) -> None:
    assert read(write(message)) == message


@given(messages())
@settings(max_examples=40, deadline=None)
def test_a_message_signed_and_protected_is_trusted_by_its_receiver(message: GbcsMessage) -> None:
    signed = security.sign(enclose(message), key=SIGNING_KEY)
    sent = build(security.protect(signed, own_key=ACB_KEY, other_key=DEVICE_KEY.public_key()))
    received = parse(sent)
    security.verify_mac(received, own_key=DEVICE_KEY, other_key=ACB_KEY.public_key())
    security.verify(received, key=SIGNING_KEY.public_key())
    assert open_envelope(received).payload == message.payload


@given(messages(), st.data())
@settings(max_examples=40, deadline=None)
def test_no_octet_that_a_mac_covers_can_be_changed_unseen(message: GbcsMessage, data: st.DataObject) -> None:
    closed = replace(enclose(message), signature=b"", mac=None)
    sent = build(security.protect(closed, own_key=ACB_KEY, other_key=DEVICE_KEY.public_key()))
    place = data.draw(st.integers(0, len(sent) - 1))
    changed = sent[:place] + bytes([sent[place] ^ data.draw(st.integers(1, 255))]) + sent[place + 1 :]
    trusted = True
    try:
        security.verify_mac(parse(changed), own_key=DEVICE_KEY, other_key=ACB_KEY.public_key())
    except Unreadable:
        trusted = False
    assert not trusted


def _read_or_refuse(octets: bytes) -> None:
    """Either refused as unreadable, or read and written back as the same octets; anything else escapes and fails."""
    try:
        message = read(octets)
    except Unreadable:
        return
    assert write(message) == octets


@given(st.binary(max_size=300))
@example(b"")
@example(bytes.fromhex("DF0903"))
@example(b"\xdd" + bytes(6) + b"\x82\xff\xff" + bytes(65_535))
@settings(max_examples=300, deadline=None)
def test_rubbish_is_unreadable_and_nothing_worse(octets: bytes) -> None:
    _read_or_refuse(octets)


@given(messages(), st.data())
@settings(max_examples=300, deadline=None)
def test_a_damaged_message_is_unreadable_or_another_sound_message(
    message: GbcsMessage, data: st.DataObject
) -> None:
    octets = bytearray(write(message))
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(octets) - 1))
        match data.draw(st.sampled_from(["change", "remove", "insert"])):
            case "change":
                octets[place] = data.draw(octet)
            case "remove" if len(octets) > 1:
                del octets[place]
            case _:
                octets.insert(place, data.draw(octet))
    _read_or_refuse(bytes(octets))


@given(st.sampled_from(sorted(PAYLOADS)), st.binary(max_size=80), counters)
@settings(max_examples=300, deadline=None)
def test_a_sound_envelope_with_rubbish_inside_is_unreadable_or_kept_whole(
    form: tuple[int, MessageKind], rubbish: bytes, counter: int
) -> None:
    header = GroupingHeader(
        kind=form[1],
        originator_counter=counter,
        originator_id=Eui64(1),
        target_id=Eui64(2),
        message_code=0x0099,
    )
    envelope = enclose(GbcsMessage(header=header, payload=OpaquePayload(rubbish)))
    _read_or_refuse(build(replace(envelope, header=replace(header, message_code=int(form[0])))))


headers = st.builds(
    ota_image.OtaHeader,
    manufacturer_code=st.integers(0, 0xFFFF),
    image_type=st.integers(0, 0xFFFF),
    file_version=st.integers(0, 0xFFFFFFFF),
    stack_version=st.integers(0, 0xFFFF),
    header_string=st.binary(min_size=32, max_size=32),
    credential_version=st.none() | octet,
    destination=st.none() | euis,
    hardware_versions=st.none()
    | st.builds(ota_image.HardwareVersions, lowest=st.integers(0, 0xFFFF), highest=st.integers(0, 0xFFFF)),
)
trailers = st.builds(ota_image.Trailer, signature=st.binary(min_size=64, max_size=64), force_replace=octet)
images = st.builds(
    ota_image.OtaImage,
    header=headers,
    manufacturer_image=st.binary(min_size=1, max_size=300),
    trailer=st.none() | trailers,
)


@given(images)
@settings(deadline=None)
def test_every_firmware_image_survives_the_wire(image: ota_image.OtaImage) -> None:
    kind = ota_image.ImageKind.UNSIGNED if image.trailer is None else ota_image.ImageKind.SIGNED
    assert ota_image.read(ota_image.build(image), kind=kind) == image


@given(images, st.sampled_from(ota_image.ImageKind), st.data())
@settings(max_examples=200, deadline=None)
def test_a_damaged_firmware_image_is_unfit_or_another_sound_image(
    image: ota_image.OtaImage, kind: ota_image.ImageKind, data: st.DataObject
) -> None:
    octets = bytearray(ota_image.build(image))
    octets[data.draw(st.integers(0, min(70, len(octets) - 1)))] = data.draw(octet)
    damaged = bytes(octets[: data.draw(st.integers(0, len(octets)))] if data.draw(st.booleans()) else octets)
    try:
        read_back = ota_image.read(damaged, kind=kind)
    except ota_image.UnfitImage:
        return
    assert ota_image.build(read_back) == damaged
