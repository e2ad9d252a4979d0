"""11.1 and 11.4: an image is taken once, each Device is judged and tracked, and whoever shares a Device is told."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from safelaunch.domain.identifiers import Eui64
from safelaunch.services import certificates
from safelaunch.store.arrays import Eui64s
from safelaunch.store.models import (
    CommunicationsHub,
    CplEntry,
    Device,
    FirmwareImage,
    FirmwareRequest,
    FirmwareTarget,
    OutgoingMessage,
    PartyUser,
    ServiceRequest,
)
from safelaunch.store.reads import firmware as reads
from safelaunch.wire import ota_image
from safelaunch.wire.duis import envelope, responses
from safelaunch.wire.duis.schema import load
from safelaunch.wire.duis.xml import parse
from tests import pki
from tests.estate_factory import forget_jobs
from tests.services.requests import scene
from tests.services.requests.firmware_scene import (
    ALDER,
    BIRCH,
    SOFTWARE,
    modernise,
    release,
    signing,
    update,
)
from tests.services.requests.scene import ACTOR, AT, PREMISES, ask
from tests.unit.wire.duis.messages import SHARED, needs_shared

pytestmark = pytest.mark.usefixtures("premises", "digital_signing")
NOBODYS = "00-00-00-00-00-00-00-01"
MOST_STATEMENTS = 33
LISTS = ("invalid", "not_commissioned", "not_applicable", "other_in_progress", "invalid_gbcs_version")


@pytest.fixture
def digital_signing(premises):
    scene.vouch(signing())


def code(message, **changes):
    return ask(message, **changes).response_code


def warned(response):
    """The Devices in each list of a warning that has any."""
    content = responses.read_response(response).message.content
    found = {name: getattr(content, name) for name in LISTS}
    return {name: str(listed).split(",") for name, listed in found.items() if listed is not None}


def latest():
    return ServiceRequest.objects.latest("pk").pk


def tracked():
    """Each Device of the latest request with what became of it."""
    return {
        str(target.device_id): (target.state, target.exclusion)
        for target in reads.list_firmware_targets(service_request_id=latest())
    }


@pytest.mark.parametrize("name", ["ESME", "PPMID", "HCALCS"])
def test_a_device_that_may_have_the_firmware_is_requested(name):
    modernise()
    made = release(name)
    assert code(update(made)) == "I0"
    assert tracked() == {made.device_id: ("REQUESTED", None)}
    (target,) = FirmwareTarget.objects.all()
    assert (str(target.hub_device_id), target.device_type) == (PREMISES["CHF"], name)


def test_a_request_is_kept_with_its_image():
    made = release("ESME")
    ask(update(made, made.device_id, NOBODYS))
    kept = reads.get_firmware_request(service_request_id=latest())
    assert (kept.srv, kept.firmware_version, kept.party_id) == ("11.1", made.version, ALDER)
    assert (kept.target_count, kept.excluded_count) == (2, 1)
    assert kept.manufacturer_image_hash == made.image.manufacturer_image_hash
    assert reads.find_image(digest=kept.image_digest) == made.octets
    assert FirmwareImage.objects.get().stored_at == AT


def test_an_image_is_kept_once_however_often_it_is_sent():
    made = release("ESME")
    ask(update(made))
    ask(update(made))
    assert (FirmwareImage.objects.count(), FirmwareRequest.objects.count()) == (1, 2)
    assert reads.find_image(digest=bytes(32)) is None


def test_what_was_never_taken_is_no_firmware_request():
    ask(scene.read_inventory())
    with pytest.raises(reads.NoSuchFirmwareRequest, match="no firmware request"):
        reads.get_firmware_request(service_request_id=latest())


def test_targets_are_read_a_page_at_a_time():
    made = release("ESME")
    named = [made.device_id, NOBODYS, PREMISES["PPMID"]]
    ask(update(made, *named))
    first = reads.list_firmware_targets(service_request_id=latest(), limit=2)
    rest = reads.list_firmware_targets(service_request_id=latest(), limit=2, after=first[-1].device_id)
    assert [str(one.device_id) for one in first + rest] == sorted(named)
    assert (len(first), len(rest)) == (2, 1)


def spoilt(made, **changes):
    return ota_image.build(replace(made.image, **changes))


def test_an_image_that_cannot_be_read_is_refused():
    made = release("ESME")
    for octets in (b"\0", made.octets[:-1], b"\0" + made.octets[1:], made.octets + b"\0"):
        assert code(update(made, octets=octets)) == "E110101"
    display = release("PPMID")
    assert code(update(display, octets=b"\0")) == "E110401"
    assert not FirmwareImage.objects.exists()


def test_an_image_without_a_signature_is_refused():
    made = release("ESME")
    assert code(update(made, octets=spoilt(made, trailer=None))) == "E110105"


def test_a_display_has_no_signature_behind_its_image():
    modernise()
    made = release("PPMID")
    trailer = ota_image.sign(SOFTWARE, key=signing().key)
    assert code(update(made, octets=spoilt(made, trailer=trailer))) == "E110402"
    assert code(update(made)) == "I0"


@pytest.mark.parametrize(("name", "expected"), [("ESME", "E110101"), ("PPMID", "E110401")])
def test_the_header_has_to_state_the_version_of_the_request(name, expected):
    made = release(name)
    assert code(update(made, version="00000000")) == expected


def test_the_headers_version_is_forgiven_where_that_was_asked_for():
    made = release("ESME")
    header = replace(made.image.header, file_version=0xACDCACDC)
    message = update(made, octets=spoilt(made, header=header))
    taken = scene.accept(message)
    lenient = scene.terms(compares_image_version=False)
    octets = scene.requests.process(service_request_id=taken.service_request_id, terms=lenient, at=AT)
    assert scene.said(octets).response_code == "I0"


@pytest.mark.parametrize("status", ["CANCELLED", "EXPIRED", "WITHDRAWN"])
def test_a_version_that_is_not_active_on_the_cpl_is_refused(status):
    made = release("ESME")
    CplEntry.objects.filter(pk=made.entry.pk).update(status=status)
    assert code(update(made)) == "E110102"


def test_an_image_that_the_cpl_has_another_hash_of_is_refused():
    made = release("ESME")
    CplEntry.objects.filter(pk=made.entry.pk).update(image_hash=bytes(32))
    assert code(update(made)) == "E110102"
    CplEntry.objects.filter(pk=made.entry.pk).update(image_hash=None)
    assert code(update(made)) == "E110102"


def test_an_image_of_another_manufacturer_by_its_header_is_refused():
    made = release("ESME")
    header = replace(made.image.header, manufacturer_code=0x1234)
    assert code(update(made, octets=spoilt(made, header=header))) == "E110102"


@pytest.mark.parametrize(
    "signer",
    [
        pki.supplier(),
        signing(pki.OTHER_SUPPLIER, serial=pki.FIRST_SERIAL + 21),
        signing(serial=pki.FIRST_SERIAL + 22),
    ],
    ids=["the key for XML", "another supplier's", "one nobody vouched for"],
)
def test_an_image_that_the_sender_did_not_sign_is_refused(signer):
    scene.vouch(signing(pki.OTHER_SUPPLIER, serial=pki.FIRST_SERIAL + 21))
    made = release("ESME", signer=signer)
    assert code(update(made)) == "E110105"
    assert not FirmwareRequest.objects.exists()


def test_a_renewed_certificate_and_the_one_before_both_count():
    renewed = signing(serial=pki.FIRST_SERIAL + 23)
    scene.vouch(renewed)
    assert code(update(release("ESME", signer=renewed))) == "I0"
    assert code(update(release("HCALCS"))) == "E110106"


def test_a_revoked_certificate_signs_no_image():
    certificates.revoke(serial=signing().certificate.serial, because="Lost", actor=ACTOR, at=AT)
    assert code(update(release("ESME"))) == "E110105"


def test_a_certificate_out_of_date_signs_no_image_unless_dates_are_forgiven():
    made = release("ESME")
    late = signing().certificate.valid_until + timedelta(days=1)
    for enforces, expected in ((True, "E110105"), (False, "I0")):
        taken = scene.accept(update(made), are_counters_times=False)
        octets = scene.requests.process(
            service_request_id=taken.service_request_id,
            terms=scene.terms(enforces_validity=enforces),
            at=late,
        )
        assert scene.said(octets).response_code == expected


def test_devices_that_may_not_have_it_are_named_in_their_lists():
    made = release("ESME")
    hub = CommunicationsHub.objects.filter(import_party_id=ALDER).exclude(device_id=PREMISES["CHF"])
    pending, other = [
        Device.objects.get(hub_device_id=each.device_id, device_type="ESME")
        for each in hub.order_by("lot")[:2]
    ]
    theirs = Device.objects.filter(device_type="ESME").exclude(party_id=ALDER).first()
    Device.objects.filter(device_id=pending.device_id).update(smi_status="PENDING")
    Device.objects.filter(device_id=other.device_id).update(
        smi_status="COMMISSIONED", device_model_id=made.entry.pk
    )
    named = [PREMISES["GPF"], pending.device_id, other.device_id, NOBODYS, theirs.device_id, made.device_id]
    response = ask(update(made, *named))
    assert response.response_code == "W110101"
    assert warned(response) == {
        "invalid": [PREMISES["GPF"], NOBODYS, str(theirs.device_id)],
        "not_commissioned": [str(pending.device_id)],
        "not_applicable": [str(other.device_id)],
    }
    assert tracked() == {
        PREMISES["GPF"]: ("EXCLUDED", "WRONG_TYPE"),
        NOBODYS: ("EXCLUDED", "UNKNOWN"),
        str(theirs.device_id): ("EXCLUDED", "NOT_RESPONSIBLE"),
        str(pending.device_id): ("EXCLUDED", "STATUS"),
        str(other.device_id): ("EXCLUDED", "PATHWAY"),
        made.device_id: ("REQUESTED", None),
    }


def test_a_suspended_device_has_the_firmware():
    made = release("ESME")
    Device.objects.filter(device_id=made.device_id).update(smi_status="SUSPENDED")
    assert code(update(made)) == "I0"


def test_a_device_with_a_request_under_way_takes_no_other():
    made = release("ESME")
    assert code(update(made)) == "I0"
    assert code(update(made)) == "E110103"
    assert tracked() == {made.device_id: ("EXCLUDED", "IN_PROGRESS")}


def test_two_requests_at_once_never_both_take_a_device():
    made = release("ESME")
    taken = [scene.accept(update(made)) for _ in range(2)]

    def at_once(accepted):
        try:
            return scene.said(scene.process(accepted)).response_code
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(at_once, taken)) == ["E110103", "I0"]


def test_a_device_named_twice_is_one_device():
    made = release("ESME")
    assert code(update(made, made.device_id, made.device_id.lower(), made.device_id)) == "I0"
    assert reads.get_firmware_request(service_request_id=latest()).target_count == 1


@pytest.mark.parametrize(("name", "expected"), [("HCALCS", "E110106"), ("PPMID", "E110403")])
def test_an_old_hub_passes_nothing_on_to_displays_and_switches(name, expected):
    made = release(name)
    modernise("4.0")
    assert code(update(made)) == expected
    assert tracked() == {made.device_id: ("EXCLUDED", "HUB_GBCS")}


def test_one_display_behind_a_new_hub_and_one_that_is_not_known_make_a_warning():
    modernise()
    response = ask(update(release("PPMID"), PREMISES["PPMID"], NOBODYS))
    assert response.response_code == "W110401"
    assert type(responses.read_response(response).message.content).__name__ == "PpmidFirmwareWarning"
    assert warned(response) == {"invalid": [NOBODYS]}


def told():
    """The alerts queued: to whom, and what they say."""
    return [
        (row.user_id, responses.read_response(envelope.read_response(parse(bytes(row.octets)))).message)
        for row in OutgoingMessage.objects.filter(code="N59").order_by("pk")
    ]


@pytest.mark.parametrize("name", ["PPMID", "HCALCS"])
def test_the_homes_other_supplier_is_told(name):
    modernise()
    made = release(name)
    assert code(update(made, made.device_id, NOBODYS)) in {"W110101", "W110401"}
    users = PartyUser.objects.filter(party_id=BIRCH, role="GS").values_list("user_id", flat=True)
    ((user_id, alert),) = told()
    assert user_id == users.get()
    assert (alert.body.device_type.value, alert.body.firmware_version) == (name, made.version)
    assert [str(each) for each in alert.body.device_ids] == [made.device_id]


def test_nobody_is_told_of_a_meter_or_of_what_was_refused_or_of_a_home_of_ones_own():
    modernise()
    ask(update(release("ESME")))
    made = release("PPMID")
    ask(update(made, octets=b"\0"))
    ask(update(made, NOBODYS))
    CommunicationsHub.objects.filter(device_id=PREMISES["CHF"]).update(gas_party_id=ALDER)
    assert code(update(made)) == "I0"
    assert told() == []


def test_a_request_is_done_once_and_answered_alike_when_asked_again():
    made = release("ESME")
    taken = scene.accept(update(made))
    first = scene.process(taken)
    assert scene.process(taken) == first
    assert FirmwareTarget.objects.count() == 1


def many(made, count):
    """So many meters of Alder's that may have the firmware."""
    home = Device.objects.get(device_id=made.device_id)
    ids = [Eui64((0x00DB << 48) + number) for number in range(1, count + 1)]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO device (hub_device_id, device_id, device_model_id, party_id, device_type, smi_status) "
            "SELECT %s, unnest(%s::macaddr8[]), %s, %s, 'ESME', 'COMMISSIONED' ON CONFLICT DO NOTHING",
            [home.hub_device_id, Eui64s(ids), home.device_model_id, ALDER],
        )
    return ids


def test_the_number_of_statements_does_not_grow_with_the_list():
    counts = []
    for number, named in enumerate((500, 5_000)):
        # A firmware of its own for each list, so that each image is new.
        made = release("ESME", software=SOFTWARE + bytes([number]))
        FirmwareTarget.objects.all().delete()
        forget_jobs()
        message = update(made, *many(made, named), NOBODYS)
        with CaptureQueriesContext(connection) as captured:
            assert ask(message).response_code == "W110101"
        counts.append(len(captured))
        assert FirmwareTarget.objects.filter(state="REQUESTED").count() == named
    assert len(set(counts)) == 1, counts
    assert counts[0] <= MOST_STATEMENTS


@needs_shared
@pytest.mark.parametrize("name", ["ESME", "PPMID"])
def test_answers_and_alerts_are_what_the_official_schema_allows(name):
    modernise()
    made = release(name)
    Device.objects.filter(device_id=PREMISES["GSME"]).update(smi_status="PENDING")
    schema = load(SHARED / "xsd")
    for named in ([made.device_id, NOBODYS], [made.device_id]):
        schema.check(parse(scene.process(scene.accept(update(made, *named)))))
    for row in OutgoingMessage.objects.all():
        schema.check(parse(pki.dsp().signer.sign(bytes(row.octets))))
