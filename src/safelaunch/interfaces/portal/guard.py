"""What stands around every page: who looks, the security policy, and problems turned into pages.

page     needs somebody signed in, and passes the view their `Viewer`
public   needs nobody
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.decorators import decorator_from_middleware
from django.utils.deprecation import MiddlewareMixin

from safelaunch.domain.refusals import Problem
from safelaunch.interfaces.portal.render import problem_page
from safelaunch.services import people
from safelaunch.services.people import Viewer

P = ParamSpec("P")

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
"""Only this server's own files: no inline script or style, no frame, no foreign form."""


class ContentSecurityPolicy(MiddlewareMixin):
    """Sends the policy, and keeps pages about homes out of shared caches."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:  # noqa: ARG002 - Django's signature
        """This function will add the headers, unless a view has set its own."""
        response.headers.setdefault("Content-Security-Policy", POLICY)
        if not response.has_header("Cache-Control"):
            patch_cache_control(response, no_store=True, private=True)
        return response


_with_policy: Callable[[Any], Any] = decorator_from_middleware(ContentSecurityPolicy)


def public(
    view: Callable[Concatenate[HttpRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """This function will guard a view that anybody may open."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except Problem as problem:
            return problem_page(request, problem=problem, viewer=None)

    return _with_policy(guarded)  # type: ignore[no-any-return]  # Django types its decorators loosely


def page(
    view: Callable[Concatenate[HttpRequest, Viewer, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """This function will guard a view that needs somebody signed in, and pass it who looks."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        viewer = viewer_of(request)
        if viewer is None:
            return _to_sign_in(request)
        try:
            return view(request, viewer, *args, **kwargs)
        except Problem as problem:
            return problem_page(request, problem=problem, viewer=viewer)

    return _with_policy(guarded)  # type: ignore[no-any-return]  # Django types its decorators loosely


def viewer_of(request: HttpRequest) -> Viewer | None:
    """This function will say who looks, or None when nobody is signed in."""
    person_id = request.session.get("person_id")
    return people.viewer(person_id=person_id) if isinstance(person_id, int) else None


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    address = reverse("sign_in")
    if request.headers.get("HX-Request"):
        return HttpResponse(headers={"HX-Redirect": address})
    if request.method == "GET" and request.path != "/":
        address += "?" + urlencode({"next": request.get_full_path()})
    return redirect(address)
