"""The WSGI application."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "safelaunch.config.settings")
application = get_wsgi_application()

# What start-up made lives as long as the process; a batch of a thousand reports makes garbage by the ten thousand.
gc.freeze()
gc.set_threshold(50_000, 20, 20)
