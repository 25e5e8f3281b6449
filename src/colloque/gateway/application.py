"""The gateway of this installation, from its settings: what starts with the server and stops with it."""

from __future__ import annotations

import gc
import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from starlette.types import Receive, Scope, Send

from colloque.acts.ai import AIClient, Signer, read_signer
from colloque.gateway.core.problems import CallError, Problem
from colloque.gateway.database import Database, connection_settings
from colloque.gateway.directory import Directory
from colloque.gateway.driver import Driver
from colloque.gateway.http import send_error, send_json
from colloque.gateway.service import Gateway
from colloque.gateway.sql import FORGET_TOKENS
from colloque.kernel.errors import ColloqueError, UnavailableError
from colloque.ledger.queries import installation_keys

log = logging.getLogger(__name__)

JWKS_PATH = "/cds/jwks.json"
GARBAGE_BEFORE_A_ROUND = 10_000
TOKENS_KEPT_AFTER_EXPIRY = timedelta(minutes=1)


def _rest_what_is_loaded() -> None:
    """Take what the process has loaded out of the collector's rounds, which would stop every call for their length."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE_BEFORE_A_ROUND)


class GatewayApplication:
    """Everything under `/cds/`. Without the installation's keys it answers 503, and the pages still serve."""

    def __init__(self) -> None:
        self._gateway: Gateway | None = None
        self._signer: Signer | None = None
        self._ai: AIClient | None = None
        self._driver: Driver | None = None
        self._database: Database | None = None

    async def start(self) -> None:
        """Take the keys and begin."""
        folder, public_url = Path(settings.COLLOQUE_KEYS_DIR), settings.COLLOQUE_PUBLIC_URL
        try:
            keyring = installation_keys().keyring
            self._signer = read_signer(folder, public_url)
        except ColloqueError as error:
            log.error("The gateway does not answer: %s", error.message)  # noqa: TRY400 - the sentence says it all
            return
        connection: dict[str, Any] = connection_settings(settings.DATABASES["default"])
        self._database = Database(connection)
        directory = Directory(self._database)
        self._ai = await AIClient(self._signer).__aenter__()
        self._driver = Driver(connection, directory, self._ai, keyring)
        self._driver.start()
        self._gateway = Gateway(self._database, directory, self._driver, keyring, public_url)
        _rest_what_is_loaded()

    async def stop(self) -> None:
        """Hang up everywhere."""
        if self._driver is not None:
            await self._driver.stop()
        if self._ai is not None:
            await self._ai.__aexit__(None, None, None)
        if self._database is not None:
            await self._database.stop()

    async def forget_tokens(self) -> None:
        """Delete the used tokens that are refused anyway for being expired."""
        if self._database is not None:
            await self._database.fetch(FORGET_TOKENS, datetime.now(UTC) - TOKENS_KEPT_AFTER_EXPIRY)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One HTTP request under `/cds/`."""
        if self._gateway is None or self._signer is None:
            error = UnavailableError("The gateway has no keys.", code="keys-missing")
            await send_error(send, CallError(503, Problem(error.code, error.message)))
        elif scope["path"] == JWKS_PATH and scope["method"] == "GET":
            await send_json(send, self._signer.jwks())
        else:
            await self._gateway(scope, receive, send)
