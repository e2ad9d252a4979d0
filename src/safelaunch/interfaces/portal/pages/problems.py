"""Pages for what no view answered."""

from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.urls import is_valid_path
from django.utils.http import escape_leading_slashes

from safelaunch.interfaces.portal.guard import public
from safelaunch.interfaces.portal.render import HEADLINES


def _plain(request: HttpRequest, *, status: int, sentence: str) -> HttpResponse:
    context = {"headline": HEADLINES[status], "sentence": sentence}
    return render(request, "portal/problem.html", context, status=status)


@public
def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 - a handler of Django's
    """This function will answer a request that could not be read."""
    return _plain(request, status=400, sentence="Go back, check what was entered and send it again.")


@public
def forbidden(request: HttpRequest, exception: Exception | None = None, reason: str = "") -> HttpResponse:  # noqa: ARG001 - a handler of Django's
    """This function will answer a form that did not come from this portal, or came from an old page."""
    sentence = (
        "The form was not from a page of this session. Nothing was changed. Reload the page and press again."
    )
    return _plain(request, status=403, sentence=sentence)


@public
def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 - a handler of Django's
    """This function will answer an address that names nothing, or only lacks the slash at its end."""
    whole = f"{request.path}/"
    if request.method in {"GET", "HEAD"} and is_valid_path(whole):
        query = request.META.get("QUERY_STRING", "")
        return HttpResponsePermanentRedirect(escape_leading_slashes(f"{whole}?{query}" if query else whole))
    sentence = (
        "No page has this address, or none that you may see. Start again from Home, or search by Device ID."
    )
    return _plain(request, status=404, sentence=sentence)


@public
def broken(request: HttpRequest) -> HttpResponse:
    """This function will answer after a bug, without asking the database anything."""
    sentence = (
        "Nothing was changed by this request. It is in the log; try again, and tell operations if it stays."
    )
    return _plain(request, status=500, sentence=sentence)
