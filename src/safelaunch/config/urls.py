"""Where each door is."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("gateway/", include("safelaunch.interfaces.csp.urls")),
    path("", include("safelaunch.interfaces.dcc.urls")),
    path("api/", include("safelaunch.interfaces.api.urls")),
    path("", include("safelaunch.interfaces.portal.urls")),
]

handler400 = "safelaunch.config.unanswered.bad_request"
handler403 = "safelaunch.config.unanswered.forbidden"
handler404 = "safelaunch.config.unanswered.not_found"
handler500 = "safelaunch.config.unanswered.broken"
