"""Django's settings, from the environment alone."""

import os
from urllib.parse import parse_qsl, unquote, urlsplit

from safelaunch.config import environment
from safelaunch.domain.refusals import Invalid
from safelaunch.store.embedded import EmbeddedServer

DATA = environment.data_directory()
EMBEDDED = EmbeddedServer(DATA)
IS_EMBEDDED = not os.environ.get("SAFELAUNCH_DATABASE_URL")
DATABASE_URL = os.environ.get("SAFELAUNCH_DATABASE_URL") or EMBEDDED.url
CLOCK = environment.choice("SAFELAUNCH_CLOCK", default="wall", of=("wall", "stepped"))
CSP_URL = os.environ.get("SAFELAUNCH_CSP_URL", "")
SMKI_URL = os.environ.get("SAFELAUNCH_SMKI_URL") or f"{CSP_URL.rstrip('/')}/smki"
DSP_ID = environment.dsp_id()
COS_ID = environment.cos_id()
DUIS_SCHEMAS = os.environ.get("SAFELAUNCH_DUIS_SCHEMAS", "")
DUIS_FORGIVES = environment.duis_forgives()
MP105 = environment.choice("SAFELAUNCH_MP105", default="1", of=("1", "0")) == "1"
KEEP_MESSAGES = environment.keep_messages()


def _database(url: str) -> dict[str, object]:
    parts = urlsplit(url)
    if parts.scheme not in {"postgresql", "postgres"}:
        raise Invalid(
            "SAFELAUNCH_DATABASE_URL is not a PostgreSQL address: postgresql://user:password@host/name."
        )
    query = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "safelaunch",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        # Server-side binding sends arrays in binary; statements that repeat are prepared.
        "OPTIONS": {"server_side_binding": True, "prepare_threshold": 3, **query},
    }


DATABASES = {"default": _database(DATABASE_URL)}

SECRET_KEY = environment.secret_key()
DEBUG = False
ALLOWED_HOSTS = os.environ.get("SAFELAUNCH_ALLOWED_HOSTS", "127.0.0.1,localhost").split(",")
HTTPS = os.environ.get("SAFELAUNCH_HTTPS") == "1"

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django_htmx",
    "procrastinate.contrib.django",
    "safelaunch.store",
    "safelaunch.interfaces.portal",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
ROOT_URLCONF = "safelaunch.config.urls"
WSGI_APPLICATION = "safelaunch.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    }
]
STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_TZ = True
USE_THOUSAND_SEPARATOR = True

SESSION_COOKIE_AGE = 8 * 60 * 60
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_REFERRER_POLICY = "same-origin"
CSRF_FAILURE_VIEW = "safelaunch.config.unanswered.forbidden"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 16 * 1024 * 1024

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("SAFELAUNCH_LOG", "warning").upper()},
}
