"""The one Django app."""

from django.apps import AppConfig


class StoreConfig(AppConfig):
    """Owns every table of Safelaunch."""

    name = "safelaunch.store"
    label = "store"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """This function will register the adapters of Device IDs and arrays before the first connection opens."""
        from safelaunch.store import arrays, fields

        fields.register()
        arrays.register()
