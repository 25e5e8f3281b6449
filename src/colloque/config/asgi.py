"""The ASGI application: the gateway's hot paths in front, Django behind."""

from __future__ import annotations

import os

from django.core.asgi import get_asgi_application
from starlette.types import ASGIApp


def _application() -> ASGIApp:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "colloque.config.settings")
    django = get_asgi_application()  # makes Django's applications ready, which the rooms need when they are imported
    from colloque.config.front import Front

    return Front(django)


application = _application()
"""What the server calls: `uvicorn colloque.config.asgi:application`."""
