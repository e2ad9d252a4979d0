"""A home that is put together as installers do it: announced, hub on the SM WAN, Devices taken into its log, clocks set."""

import base64
from datetime import timedelta

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.smi import Network
from safelaunch.domain.srv import WebService
from safelaunch.gateways import gbcs_keys
from safelaunch.services.requests import arrivals
from safelaunch.store.models import CommunicationsHub, CspRegion, Device, OutgoingMessage
from safelaunch.wire.duis.envelope import read_response as read_envelope
from safelaunch.wire.duis.responses import read_response
from safelaunch.wire.duis.responses.alerts import DccAlert
from safelaunch.wire.duis.xml import parse as parse_xml
from safelaunch.wire.gbcs import security
from safelaunch.wire.gbcs.message import build, parse
from tests import estate_factory as factory
from tests import pki
from tests.services.requests import scene
from tests.services.requests.scene import AT, ask, request, said
from tests.services.requests.test_inventory_changes import INSTALLED, announce, listed

SEND, TRANSFORM = WebService.SEND_COMMAND, WebService.TRANSFORM
CODE = "30313233343536373839414243444546"


def southern_mpan() -> str:
    """An MPAN that nobody has, of a distributor in the part of the country that the southern network carries."""
    regions = CspRegion.objects.filter(network="SOUTH").values_list("region_id", flat=True)
    hubs = CommunicationsHub.objects.filter(region_id__in=regions).values_list("device_id", flat=True)
    near = Device.objects.filter(hub_device_id__in=list(hubs), device_type="ESME").order_by("-mpxn").first()
    return near.mpxn[:2] + "99999999999"


def install_hub(network, device_id, gpf, *, mpxn, how="New CHF Install", at=AT):
    """Announce a hub, install it, and have its network told."""
    assert announce(device_id=device_id, gpf=gpf) == "I0"
    body = INSTALLED.format(kind="CHFInstallSuccessSMWAN", device_id=device_id, how=how, mpxn=mpxn, checks="")
    code = ask(request("8.14.1", body), at=at).response_code
    for job in factory.waiting_jobs("INSTALL_HUB"):
        arrivals.tell_network(
            network=Network(job["network"]), installation=job["installation"], gateway=network, at=at
        )
    factory.forget_jobs()
    return code


def bring(network, device_id, kind, *, hub, suppliers=()):
    """Announce a Device and carry it into a home."""
    model = listed(kind).device_model
    assert announce(model, device_id=device_id, device_type=kind, gpf=None) == "I0"
    network.bring(device_id, kind, hub=hub, version=model.firmware_version, suppliers=suppliers)


def add(device_id, *, hub, mpxn=None, seconds=90, by=None, at=AT, **more):
    """Ask a hub to take a Device into its log, and give the code."""
    point = "" if mpxn is None else f"<sr:ImportMPxN>{mpxn}</sr:ImportMPxN>"
    how = (
        f"<sr:AddDeviceToCHFWhitelist><sr:JoinTimePeriod>{seconds}</sr:JoinTimePeriod>"
        f"<sr:InstallCode>{CODE}</sr:InstallCode>{point}</sr:AddDeviceToCHFWhitelist>"
    )
    return _log_request(device_id, "Add", how, hub=hub, by=by, at=at, **more)


def remove(device_id, *, hub, by=None, at=AT, **more):
    """Ask a hub to take a Device out of its log, and give the code."""
    return _log_request(device_id, "Remove", "", hub=hub, by=by, at=at, **more)


def _log_request(device_id, word, how, *, hub, by, at, when="", variant=1):
    body = (
        f"<sr:UpdateHANDeviceLog>{when}<sr:DeviceID>{device_id}</sr:DeviceID><sr:RequestType>{word}</sr:RequestType>"
        f"{how}</sr:UpdateHANDeviceLog>"
    )
    message = request("8.11", body, target=hub, variant=variant, by=by)
    return ask(message, service=SEND, at=at).response_code


def restore(old, *, target, srv="8.12.1", by=None, at=AT):
    """Ask a hub or GPF to take over a log, and give the code."""
    name, field = {
        "8.12.1": ("RestoreHANDeviceLog", "OldCHFID"),
        "8.12.2": ("RestoreGPFDeviceLog", "OldGPFID"),
    }[srv]
    body = f"<sr:{name}><sr:{field}>{old}</sr:{field}></sr:{name}>"
    return ask(request(srv, body, target=target, variant=1, by=by), service=SEND, at=at).response_code


def commission(network, device_id, *, by=None, at=AT, tolerance=600):
    """Go to and fro with an 8.1.1 as a User does, and give the code that the signed command is answered with."""
    identity = by or pki.supplier()
    eui, counter = identity.certificate.eui, next(scene._counters)
    pair = gbcs_keys.load_or_create_supplier(network.keys_dir, eui=eui, agrees_keys=False)
    pem = (network.keys_dir / f"org-{eui}-ds.crt.pem".lower()).read_bytes()
    scene.certificates.import_certificates(files=[pem], actor=scene.ACTOR, at=AT)
    body = (
        f"<sr:CommissionDeviceSynchroniseClock><sr:CurrentDateTime>{at:%Y-%m-%dT%H:%M:%SZ}</sr:CurrentDateTime>"
        f"<sr:TolerancePeriod>{tolerance}</sr:TolerancePeriod></sr:CommissionDeviceSynchroniseClock>"
    )
    asked = request("8.1.1", body, target=device_id, variant=4, counter=counter, by=by)
    taken = scene.accept(asked, service=TRANSFORM, at=at)
    given = read_response(said(scene.process(taken, at=at))).message.content.gbcs_payload
    octets = build(security.sign(parse(given), key=pair.key))
    text = base64.b64encode(octets).decode()
    signed = f"<sr:SignedPreCommand><sr:GBCSPayload>{text}</sr:GBCSPayload></sr:SignedPreCommand>"
    message = request("8.1.1", signed, target=device_id, variant=5, counter=counter, by=by)
    return ask(message, service=SEND, at=at).response_code


def converse(network, *, at=AT, until=None):
    """Send what is due, let hubs and Devices answer and act, and take that in."""
    until = until or at + timedelta(minutes=3)
    network.send(at)
    network.pass_time(until)
    network.take_in(until)
    return until


def status_of(device_id):
    """Status, meter point and home of a Device, or nothing where it is in no home."""
    found = Device.objects.filter(device_id=Eui64.parse(device_id)).first()
    return found and (found.smi_status, found.mpxn, str(found.hub_device_id))


def alerts_to(user_id):
    """The codes of the DCC Alerts that a User was sent, oldest first; the official schema allows them where it is at hand."""
    roots = [
        parse_xml(bytes(row.octets)) for row in OutgoingMessage.objects.filter(user_id=user_id).order_by("pk")
    ]
    if (schema := scene.official_schema()) is not None:
        for root in roots:
            schema.check(root)
    replies = [read_response(read_envelope(root)) for root in roots]
    return [one.message.code.value for one in replies if isinstance(one.message, DccAlert)]
