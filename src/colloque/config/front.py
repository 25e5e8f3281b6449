"""What stands before Django in the same process: gateway, votes, static files; beside it the ledger's integrator, living maps."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any, cast

from django.db import Error as DatabaseError
from django.db import connection
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import ASGIApp, Receive, Scope, Send

from colloque.acts.actions import expire_asking, keep_one_part
from colloque.consultations.tasks import keep_maps_alive
from colloque.gateway.application import GatewayApplication
from colloque.gateway.votes import VotesApplication
from colloque.kernel.errors import ColloqueError, UnavailableError
from colloque.ledger.actions import integrate_forever
from colloque.web.static_files import static_files

log = logging.getLogger(__name__)

UPKEEP_EVERY_SECONDS = 60.0
STOP_WITHIN_SECONDS = 5.0


class Front:
    """Calls under `/cds/` and votes under `/votes/` go straight to the gateway, all else to static files and Django."""

    def __init__(self, django: Callable[..., Any]) -> None:
        self._gateway = GatewayApplication()
        self._votes = VotesApplication()
        self._pages = Starlette(
            routes=[Mount("/static", static_files()), Mount("/", cast(ASGIApp, django))], lifespan=self._lifespan
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One HTTP request, or the server's start and end."""
        if scope["type"] == "http" and scope["path"].startswith("/cds/"):
            await self._gateway(scope, receive, send)
        elif scope["type"] == "http" and scope["path"].startswith("/votes/"):
            await self._votes(scope, receive, send)
        else:
            await self._pages(scope, receive, send)

    @contextlib.asynccontextmanager
    async def _lifespan(self, _application: Starlette) -> AsyncIterator[None]:
        stop = threading.Event()
        integrator = threading.Thread(target=integrate_forever, args=(stop,), name="ledger integrator", daemon=True)
        await self._gateway.start()
        await self._votes.start()
        integrator.start()
        mapper = threading.Thread(target=keep_maps_alive, args=(stop,), name="living maps", daemon=True)
        mapper.start()
        upkeep = asyncio.create_task(self._keep_up())
        try:
            yield
        finally:
            upkeep.cancel()
            stop.set()
            await self._votes.stop()
            await self._gateway.stop()
            await asyncio.to_thread(integrator.join, STOP_WITHIN_SECONDS)
            await asyncio.to_thread(mapper.join, STOP_WITHIN_SECONDS)

    async def _keep_up(self) -> None:
        while True:
            with contextlib.suppress(UnavailableError):
                await self._gateway.forget_tokens()
            await asyncio.to_thread(_expire_what_asked_too_long)
            await asyncio.to_thread(_keep_finished_acts)
            await asyncio.sleep(UPKEEP_EVERY_SECONDS)


def _keep_finished_acts() -> None:
    try:
        keep_one_part(at=datetime.now(UTC))
    except (DatabaseError, ColloqueError):
        log.exception("Finished days of acts could not be kept for now; the next round tries again.")
    finally:
        connection.close()


def _expire_what_asked_too_long() -> None:
    try:
        expire_asking(at=datetime.now(UTC))
    except (DatabaseError, ColloqueError):
        log.exception("Acts that asked for a day could not be ended for now; the next round tries again.")
    finally:
        connection.close()
