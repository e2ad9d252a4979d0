"""Finding a hub, a Device or a home; and one hub: what it is, what is behind it, what happened to it, and why."""

import re

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.refusals import Refused
from safelaunch.domain.smi import DeviceType
from safelaunch.interfaces.portal.errors import status_of
from safelaunch.interfaces.portal.guard import page
from safelaunch.interfaces.portal.render import page_of
from safelaunch.services.devices import locate_device, locate_home
from safelaunch.services.explanations import explain_home
from safelaunch.services.people import Viewer
from safelaunch.services.tenancy import explain_home as explain_tenancy
from safelaunch.store.reads import clock, hub_feedback

FEEDBACK_LIMIT = 20


@require_safe
@page
def search(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """This function will lead to a hub, a Device or a home: by a Device ID in any case, an MPAN or an MPRN."""
    asked = request.GET.get("device_id", "").strip()
    if not asked:
        return page_of(request, viewer=viewer, template="hubs", context={"section": "hubs"})
    try:
        return _lead(asked, viewer)
    except Refused as refusal:
        context = {"section": "hubs", "asked": asked, "refusal": str(refusal)}
        return page_of(request, viewer=viewer, template="hubs", context=context, status=status_of(refusal))


def _lead(asked: str, viewer: Viewer) -> HttpResponse:
    digits = re.sub(r"\s", "", asked)
    at = clock.now()
    if re.fullmatch(r"[0-9]{1,13}", digits):
        hub_id = locate_home(mpxn=digits, viewer_party_id=viewer.party_id, at=at)
        return redirect("hub", device_id=str(hub_id))
    device_id = read_device_id(asked)
    found = locate_device(device_id=device_id, viewer_party_id=viewer.party_id, at=at)
    is_hub = found.is_in_home and found.device_type is DeviceType.CHF
    return redirect("hub" if is_hub else "device", device_id=str(device_id))


@require_safe
@page
def hub(request: HttpRequest, viewer: Viewer, device_id: str) -> HttpResponse:
    """This function will show a hub; one that is not the viewer's is answered as one that does not exist."""
    known = read_device_id(device_id)
    scope = viewer.party_id
    at = clock.now()
    home = explain_home(device_id=known, viewer_party_id=scope, at=at)
    context = {
        "section": "hubs",
        "hub": home.hub,
        "is_former": home.is_former,
        "devices": home.devices,
        "happenings": home.happenings,
        "explanation": home.upgrade,
        "suspensions": home.suspensions,
        "feedback": []
        if home.is_former
        else hub_feedback.list_feedback_on_hub(device_id=known, party_id=scope, limit=FEEDBACK_LIMIT),
        "tenancies": explain_tenancy(hub_device_id=known, viewer_party_id=scope, at=at),
    }
    return page_of(request, viewer=viewer, template="hub", context=context)


def read_device_id(text: str) -> Eui64:
    """This function will read a Device ID as people write it: any case, hyphens, colons, spaces or nothing between.

    Raises:
        Invalid: it is not eight octets.
    """
    digits = re.sub(r"[\s:-]", "", text)
    grouped = "-".join(digits[start : start + 2] for start in range(0, len(digits), 2))
    # Anything odd goes on as it was written, so that the refusal quotes what the person typed.
    return Eui64.parse(grouped if re.fullmatch(r"[0-9A-Fa-f]{16}", digits) else text)
