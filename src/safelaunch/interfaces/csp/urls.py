"""Addresses of the CSP door."""

from django.urls import path

from safelaunch.interfaces.csp import views

urlpatterns = [path("v1/events", views.take_in_events, name="csp-events")]
