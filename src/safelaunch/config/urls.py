"""Where each door is."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("gateway/", include("safelaunch.interfaces.csp.urls")),
]
