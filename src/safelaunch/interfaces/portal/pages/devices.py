"""One Device behind a hub, or a hub's GPF: what it is, how it stands and why, and what its Supplier may do next."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from safelaunch.interfaces.portal.guard import page
from safelaunch.interfaces.portal.pages.hubs import read_device_id
from safelaunch.interfaces.portal.render import page_of
from safelaunch.services.devices import explain_device
from safelaunch.services.people import Viewer
from safelaunch.store.reads import clock


@require_safe
@page
def device(request: HttpRequest, viewer: Viewer, device_id: str) -> HttpResponse:
    """This function will show a Device; one of a home that is not the viewer's is answered as one that does not exist."""
    found = explain_device(
        device_id=read_device_id(device_id), viewer_party_id=viewer.party_id, at=clock.now()
    )
    if found.hub_device_id == found.device_id:
        return redirect("hub", device_id=str(found.device_id))
    return page_of(request, viewer=viewer, template="device", context={"section": "hubs", "found": found})
