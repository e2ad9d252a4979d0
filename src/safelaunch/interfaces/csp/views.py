"""`POST /gateway/v1/events`: a batch of events, signed by its network."""

from functools import cache
from http import HTTPStatus

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from safelaunch.domain.refusals import Problem, Unreadable
from safelaunch.domain.smi import Network
from safelaunch.gateways import keys
from safelaunch.interfaces.csp.errors import status_of
from safelaunch.services import events
from safelaunch.store.reads import clock
from safelaunch.wire import csp


@cache
def _key_of(network: Network) -> Ed25519PublicKey:
    return keys.load_public(settings.DATA / "keys" / f"csp-{network.value.lower()}.pub.pem")


@csrf_exempt
@require_POST
def take_in_events(request: HttpRequest) -> HttpResponse:
    """This function will take in a batch and answer with a receipt; a repeat is harmless."""
    try:
        batch = csp.read(request.body, csp.EventBatch)
        csp.verify(body=request.body, headers=request.headers, key=_key_of(batch.network))
        receipt = events.take_in(batch=batch, body=request.body, at=clock.now())
    except UnreadablePostError:
        return _problem(Unreadable("The batch ended before all of it had come."))
    except Problem as problem:
        return _problem(problem)
    return HttpResponse(csp.write(receipt), content_type="application/json")


def _problem(problem: Problem) -> HttpResponse:
    status = status_of(problem)
    return JsonResponse(
        {"title": HTTPStatus(status).phrase, "status": status, "detail": str(problem)},
        status=status,
        content_type="application/problem+json",
    )
