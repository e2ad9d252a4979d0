"""The portal's templates and static files."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    """Finds the portal's templates and static files; holds no tables."""

    name = "safelaunch.interfaces.portal"
    label = "portal"
