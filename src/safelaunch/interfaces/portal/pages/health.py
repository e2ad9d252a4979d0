"""Is the process alive, and is it ready: for load balancers and `safelaunch doctor`."""

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

SERVICE_UNAVAILABLE = 503


@require_safe
def live(request: HttpRequest) -> JsonResponse:  # noqa: ARG001 - a view
    """This function will answer that the process serves requests; it asks nobody else."""
    return JsonResponse({"status": "live"})


@require_safe
def ready(request: HttpRequest) -> JsonResponse:  # noqa: ARG001 - a view
    """This function will answer whether the database answers and every migration is applied; 503 when not."""
    checks = {"database": False, "migrations": False}
    try:
        executor = MigrationExecutor(connection)
        checks["database"] = True
        checks["migrations"] = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        pass
    is_ready = all(checks.values())
    body = {"status": "ready" if is_ready else "not ready", **checks}
    return JsonResponse(body, status=200 if is_ready else SERVICE_UNAVAILABLE)
