"""The endpoint alone, to see what receipts cost: with them, or without where `BENCH_RECEIPTS` is `no`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import django
from django.conf import settings
from starlette.types import Receive, Scope, Send

if TYPE_CHECKING:
    from colloque.gateway.votes import Votes


def endpoint() -> Votes:
    """The endpoint of this installation."""
    django.setup()
    from colloque.gateway.database import connection_settings
    from colloque.gateway.votes import Votes
    from colloque.ledger.queries import installation_keys

    return Votes(
        connection_settings(settings.DATABASES["default"]),
        installation_keys(),
        settings.COLLOQUE_PUBLIC_URL,
        has_receipts=os.environ["BENCH_RECEIPTS"] != "no",
    )


votes = endpoint()


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Votes, and nothing else."""
    if scope["type"] != "lifespan":
        await votes(scope, receive, send)
        return
    await receive()
    votes.start()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await votes.stop()
    await send({"type": "lifespan.shutdown.complete"})
