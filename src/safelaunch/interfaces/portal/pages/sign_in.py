"""Signing in by a one-time link, and out."""

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import rotate_token
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from safelaunch.domain.refusals import Refused
from safelaunch.interfaces.portal.errors import status_of
from safelaunch.interfaces.portal.guard import public
from safelaunch.services import people
from safelaunch.store.reads import clock


@require_safe
@public
def sign_in(request: HttpRequest) -> HttpResponse:
    """This function will say how to get a link."""
    wanted = request.GET.get("next", "")
    if url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}):
        request.session["next"] = wanted
    return render(request, "portal/sign_in.html")


@require_http_methods(["GET", "HEAD", "POST"])
@public
def link(request: HttpRequest, token: str) -> HttpResponse:
    """This function will show one button, so that a link preview uses nothing up, and sign in when it is pressed."""
    if request.method != "POST":
        return _private(render(request, "portal/sign_in_link.html"))
    try:
        person = people.redeem(token=token, at=clock.now())
    except Refused as refusal:
        context = {"refusal": str(refusal)}
        return _private(render(request, "portal/sign_in.html", context, status=status_of(refusal)))
    wanted = request.session.get("next", "/")
    # A new session and a new form token: whatever somebody planted before signing in is worth nothing.
    request.session.flush()
    request.session["person_id"] = person.person_id
    rotate_token(request)
    return _private(redirect(wanted))


@require_POST
@public
def sign_out(request: HttpRequest) -> HttpResponse:
    """This function will end the session."""
    request.session.flush()
    return redirect("sign_in")


def _private(response: HttpResponse) -> HttpResponse:
    # The address holds the token: no page after this one may learn it. With "no-referrer" the form would come without
    # its origin too, and be refused.
    response.headers["Referrer-Policy"] = "strict-origin"
    return response
