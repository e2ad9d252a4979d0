"""Every request of the Reference Test Data, signed and posted over real HTTP, is answered as `domain.md` says.

The premises are those of the estate: Alder Energy supplies their electricity, Birch Power their gas. All requests but
one are Alder's, so the ones to the GSME and the GPF are refused (E4) until Alder supplies the gas too. What nothing
stands against is answered by its handler, with the code below, or is not served, and says so (E48).
"""

import re

import pytest
from django.conf import settings

from safelaunch.domain import srv as catalogue
from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.smi import UserRole
from safelaunch.domain.srv import Service
from safelaunch.store.models import CommunicationsHub, ServiceRequest
from safelaunch.wire.duis.schema import load
from safelaunch.wire.duis.xml import parse
from tests.doors.dcc.serving import counted, dsp, opened, trust_users
from tests.unit.wire.duis.messages import SHARED, needs_shared, signed

pytestmark = [needs_shared, pytest.mark.usefixtures("standing_estate")]

FOLDER = SHARED / "rtds"
LAST = "8.3_DECOMMISSION_DEVICE_REQUEST_DUIS.XML"
"""What leaves its home by this one is asked nothing more."""
FILES = sorted((path.name for path in FOLDER.glob("*.XML")), key=lambda name: (name == LAST, name))
FROM_THE_DSP = "CS08_11.2_SUCCESS_REQUEST_DUIS.XML"
"""The one whose originator is the DSP: nobody's User ID."""
GSME, CHF, GPF = (Eui64.parse(f"00-DB-12-34-56-78-90-A{digit}") for digit in (1, 2, 3))
SERVICES = {"1": "serviceS", "4": "serviceT", "5": "serviceS", "8": "serviceD"}
ALDERS_ROLES = {UserRole.IS, UserRole.GS}
ALDER = 1
NOT_SERVED = "E48"
ANSWERS = {
    "3.2": "I99",
    "6.23": "E062301",  # the meter point is not of that home
    "8.1.1": "I0",
    "8.2": "I0",
    "8.3": "I0",
    "8.4": "E080412",  # a commissioned Device is not deleted
    "8.11": "E081104",  # the ESME is in service
    "8.12.1": "E081202",  # the old hub is not of the inventory
    "8.14.1": "W081401",  # at a meter point that the inventory does not know
    "8.14.2": "W081401",  # the hub has been on the SM WAN
    "8.14.3": "E081405",  # the hub has been installed, and is said not to have been
    "8.14.4": "W081401",  # a home hangs on the hub
    "11.1": "E110101",  # the image's header states another version than the request (`domain.md` 8.2)
    "11.2": "I99",
    "11.3": "I0",
    "11.4": "E110401",  # likewise
    "12.2": "E120201",  # the Device is known
}
"""What each SRV of the folder that is served here is answered, once nothing stands against it."""
REMOVAL, REMOVED = b">Remove<", "I99"
"""The 8.11 that takes the ESME out of the log instead."""
NOT_THERE = {"8.12.2"}
"""What is served here, and has no request in the folder."""


def read(name):
    return (FOLDER / name).read_bytes()


def field(message, element):
    return re.search(f"<sr:{element}>([^<]*)<".encode(), message)[1].decode()


def target(message):
    return Eui64.parse(field(message, "RequestID").split(":")[1])


def srv(message):
    return field(message, "ServiceReferenceVariant")


def post(web, message, service=None):
    return web.post(service or SERVICES[field(message, "CommandVariant")], signed(counted(message)))


def objection(message, *, alder_supplies_gas):
    """What `domain.md` 4.9 has against a request of Alder's at these premises, or what it is answered."""
    if not catalogue.find(srv(message)).roles & ALDERS_ROLES:
        return "E2"
    if target(message) in {GSME, GPF} and not alder_supplies_gas:
        return "E4"
    return REMOVED if REMOVAL in message else ANSWERS.get(srv(message), NOT_SERVED)


def assert_answered(response, message, code):
    said = opened(response).envelope
    assert said.response_code == code, response.headers.get("Safelaunch-Reason")
    kept = ServiceRequest.objects.latest("pk")
    assert (kept.response_code, kept.service_reference_variant) == (said.response_code, srv(message))
    assert (said.request_id.target, said.request_id.counter) == (kept.target, kept.counter)
    assert f">{srv(message)}<".encode() in said.body_xml
    load(SHARED / "xsd").check(parse(response.content))


def test_the_whole_folder_is_posted():
    expected = {objection(read(name), alder_supplies_gas=False) for name in FILES}
    assert len(FILES) == 64
    assert expected == {"E2", "E4", NOT_SERVED, *ANSWERS.values()}
    assert {srv(read(name)) for name in FILES} >= ANSWERS.keys()
    is_served = {code for code, one in catalogue.catalogue().items() if one.service is Service.SERVED}
    assert is_served == ANSWERS.keys() | NOT_THERE


REFUSED_EXAMPLES = {
    "semantically_invalid_but_xsd_valid.xml": "E11",
    "signedpre.xml": "E13",
    "xsd_invalid_badhash.xml": "E100",
    "xsd_invalid_emptylist.xml": "E100",
    "xsd_invalid_spacelist.xml": "E100",
}
"""The samples that are requests: their names say what is wrong; the Signed Pre-Command follows no Pre-Command."""


def test_every_sample_that_is_a_request_is_refused_as_named(web):
    requests = {path.name: path.read_bytes() for path in (SHARED / "examples").glob("*.xml")}
    requests = {name: message for name, message in requests.items() if b":Request " in message}
    assert requests.keys() == REFUSED_EXAMPLES.keys()
    for name, message in requests.items():
        assert opened(post(web, message)).envelope.response_code == REFUSED_EXAMPLES[name], name


@pytest.mark.parametrize("name", [name for name in FILES if name != FROM_THE_DSP])
def test_a_request_is_answered_as_the_facts_say(web, name):
    message = read(name)
    assert_answered(post(web, message), message, objection(message, alder_supplies_gas=False))


@pytest.fixture
def gas_by_alder():
    hub = CommunicationsHub.objects.filter(device_id=CHF)
    (before,) = hub.values_list("gas_party_id", flat=True)
    hub.update(gas_party_id=ALDER)
    yield
    hub.update(gas_party_id=before)


@pytest.mark.parametrize("name", [name for name in FILES if target(read(name)) in {GSME, GPF}])
def test_what_asks_the_gas_side_is_admitted_of_its_supplier(web, gas_by_alder, name):
    message = read(name)
    assert_answered(post(web, message), message, objection(message, alder_supplies_gas=True))


@pytest.mark.parametrize("name", FILES[::9])
def test_a_request_at_another_web_service_is_refused(web, name):
    message = read(name)
    right = SERVICES[field(message, "CommandVariant")]
    for other in sorted(set(SERVICES.values()) - {right}):
        assert_answered(post(web, message, service=other), message, "E12")


def test_the_dsp_is_no_user(web):
    trust_users((settings.DATA / "keys" / "dsp-xml.crt.pem").read_bytes())
    message = read(FROM_THE_DSP)
    assert_answered(web.post("serviceS", dsp().sign(counted(message))), message, "E1")


def test_a_request_in_the_dsps_name_is_not_believed_of_a_user(web):
    assert opened(post(web, read(FROM_THE_DSP))).envelope.response_code == "E65"
