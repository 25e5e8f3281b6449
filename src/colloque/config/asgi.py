"""The ASGI application: the gateway's hot paths in front, Django behind."""

from __future__ import annotations

import os
from typing import cast

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "colloque.config.settings")

from django.core.asgi import get_asgi_application
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import ASGIApp

from colloque.web.static_files import static_files

_pages = cast(ASGIApp, get_asgi_application())
application = Starlette(routes=[Mount("/static", static_files()), Mount("/", _pages)])
