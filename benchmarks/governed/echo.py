"""The floor: a bare Starlette application that parses the JSON it receives and sends it back."""

from __future__ import annotations

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


async def echo(request: Request) -> Response:
    """What came, as it came."""
    return Response(msgspec.json.encode(msgspec.json.decode(await request.body())), media_type="application/json")


application = Starlette(routes=[Route("/{path:path}", echo, methods=["POST"])])
