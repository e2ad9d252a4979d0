"""The one Django app."""

from django.apps import AppConfig


class StoreConfig(AppConfig):
    """Owns every table of Safelaunch."""

    name = "safelaunch.store"
    label = "store"
    default_auto_field = "django.db.models.BigAutoField"
