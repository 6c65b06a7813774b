"""The door for the web server, which stays shut on a set-up that is not safe for records."""

import os

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "casemgmt.settings")

application = get_wsgi_application()

if not settings.DEBUG:
    if not settings.SECRET_KEY_IS_SET:
        raise ImproperlyConfigured(
            "Set SECRET_KEY: without it nobody stays signed in. `make run` writes one into .env."
        )
    if "sqlite" in settings.DATABASES["default"]["ENGINE"] and not settings.ALLOW_SQLITE:
        raise ImproperlyConfigured(
            "SQLite has no second wall between agencies. Set DATABASE_URL, or ALLOW_SQLITE=on."
        )

# All pages are imported now: else the first request of every worker waits for it.
_pages = get_resolver().url_patterns
