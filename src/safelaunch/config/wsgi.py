"""The WSGI application."""

import gc
import os
from importlib import import_module

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "safelaunch.config.settings")
application = get_wsgi_application()
# Django reads the pages with the first request; read here, the first is as quick as the second.
import_module(settings.ROOT_URLCONF)

# What start-up made lives as long as the process; a batch of a thousand reports makes garbage by the ten thousand.
gc.freeze()
gc.set_threshold(50_000, 20, 20)
