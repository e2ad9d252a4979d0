"""Where each door is."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
