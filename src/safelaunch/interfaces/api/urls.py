"""The API: its authentication, its errors and where it is."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import path
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, ValidationError
from ninja.security import APIKeyCookie

from safelaunch.domain.refusals import Problem
from safelaunch.interfaces.api import (
    calendars,
    campaigns,
    cpl,
    deferrals,
    errors,
    firmware,
    inventory,
    tenancies,
    wishes,
)
from safelaunch.services import people


class SignedIn(APIKeyCookie):
    """The session of somebody signed in to the portal; writing needs the CSRF token too."""

    param_name = settings.SESSION_COOKIE_NAME

    def authenticate(self, request: HttpRequest, _key: str | None) -> Any:
        """This function will give who calls, or None when nobody is signed in."""
        person_id = request.session.get("person_id")
        return people.viewer(person_id=person_id) if isinstance(person_id, int) else None


api = NinjaAPI(
    title="Safelaunch",
    version="1",
    description="Safe, evidence-gated firmware upgrades for Great Britain's smart metering estate.",
    auth=SignedIn(),
    docs_url=None,
    urls_namespace="api",
)
api.add_router("", campaigns.router)
api.add_router("", wishes.router)
api.add_router("", calendars.router)
api.add_router("", deferrals.router)
api.add_router("", tenancies.router)
api.add_router("", cpl.router)
api.add_router("", inventory.router)
api.add_router("", firmware.router)


@api.exception_handler(Problem)
def refused(_request: HttpRequest, problem: Problem) -> HttpResponse:
    """This function will answer a request that was refused."""
    return errors.answer(problem)


@api.exception_handler(AuthenticationError)
def not_signed_in(_request: HttpRequest, _error: AuthenticationError) -> HttpResponse:
    """This function will ask a caller to sign in."""
    return errors.problem_json(status=401, detail="Nobody is signed in; open a sign-in link first.")


@api.exception_handler(ValidationError)
def not_understood(_request: HttpRequest, error: ValidationError) -> HttpResponse:
    """This function will say which parts of a request were not understood."""
    parts = [f"{'.'.join(str(step) for step in one['loc'])}: {one['msg']}" for one in error.errors]
    return errors.problem_json(status=422, detail="; ".join(parts))


urlpatterns = [path("v1/", api.urls)]
