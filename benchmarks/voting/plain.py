"""Serves `plain_view` as an ASGI application, as Django people would: a pool of connections, no middleware to slow it down."""

from __future__ import annotations

import django
from django.conf import settings
from django.core.handlers.asgi import ASGIHandler

settings.DATABASES["default"].update({"CONN_MAX_AGE": 0, "OPTIONS": {"pool": {"min_size": 2, "max_size": 16}}})
django.setup()
settings.MIDDLEWARE = []
settings.ROOT_URLCONF = "benchmarks.voting.plain_view"
application = ASGIHandler()
