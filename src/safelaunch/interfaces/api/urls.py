"""The API: its authentication, its errors and where it is."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, path
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation
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


class OurAPI(NinjaAPI):
    """An API whose answers no cache keeps, being about homes and for one person alone, and that says how it refuses."""

    @property
    def urls(self) -> tuple[list[URLResolver | URLPattern], str, str]:
        """This function will give the addresses, each of whose answers is finished as ours are."""
        patterns, app_name, namespace = super().urls
        for pattern in patterns:
            if isinstance(pattern, URLPattern) and pattern.callback is not None:
                pattern.callback = errors.as_ours(pattern.callback)
        return patterns, app_name, namespace

    def get_openapi_operation_id(self, operation: Operation) -> str:
        """This function will name an operation by its subject and its verb: `campaigns_stop_campaign`."""
        return f"{operation.view_func.__module__.rsplit('.', 1)[-1]}_{operation.view_func.__name__}"

    def get_openapi_schema(self, **where: Any) -> OpenAPISchema:
        """This function will describe the API, with the refusal that every operation may answer."""
        return errors.with_refusals(super().get_openapi_schema(**where))


api = OurAPI(
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


@api.exception_handler(HttpError)
def not_taken(_request: HttpRequest, error: HttpError) -> HttpResponse:
    """This function will say why a request was not taken: a foreign form, a body that cannot be read."""
    if error.status_code in errors.UNANSWERED:
        return errors.unanswered(status=error.status_code)
    return errors.problem_json(status=error.status_code, detail=str(error))


@api.exception_handler(ValidationError)
def not_understood(_request: HttpRequest, error: ValidationError) -> HttpResponse:
    """This function will say which parts of a request were not understood."""
    parts = [f"{'.'.join(str(step) for step in one['loc'])}: {one['msg']}" for one in error.errors]
    return errors.problem_json(status=422, detail="; ".join(parts))


urlpatterns = [path("v1/", api.urls)]
