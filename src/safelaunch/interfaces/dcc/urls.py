"""Addresses of the door for Users: the three web services (`domain.md` 13.1)."""

from django.urls import path

from safelaunch.domain.srv import WebService
from safelaunch.interfaces.dcc import views

urlpatterns = [
    path(f"api/v1/{service.value}", views.take_request, {"web_service": service}, name=f"dcc-{service.value}")
    for service in WebService
]
