"""What no view answered, said as the door that was asked says it: problem+json under `/api/`, a page elsewhere."""

from django.http import HttpRequest, HttpResponse

from safelaunch.interfaces.api import errors
from safelaunch.interfaces.portal.pages import problems


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """This function will answer a request that could not be read."""
    return errors.unanswered(status=400) if _is_api(request) else problems.bad_request(request, exception)


def forbidden(request: HttpRequest, exception: Exception | None = None, reason: str = "") -> HttpResponse:
    """This function will answer a form that did not come from here, or came from an old page."""
    return (
        errors.unanswered(status=403) if _is_api(request) else problems.forbidden(request, exception, reason)
    )


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """This function will answer an address that names nothing."""
    return errors.unanswered(status=404) if _is_api(request) else problems.not_found(request, exception)


def broken(request: HttpRequest) -> HttpResponse:
    """This function will answer after a bug, without asking the database anything."""
    return errors.unanswered(status=500) if _is_api(request) else problems.broken(request)


def _is_api(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")
