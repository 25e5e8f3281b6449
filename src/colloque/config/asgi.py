"""The ASGI application: the gateway's hot paths in front, Django behind."""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "colloque.config.settings")

from django.core.asgi import get_asgi_application

application = get_asgi_application()
