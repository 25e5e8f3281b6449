"""How long a page waits for an answer of the database, also where the whole database stands still and answers nothing.

Limits that PostgreSQL itself keeps (`statement_timeout`) end with it; this one is kept by the client. Commands, the ledger's
integrator and migrations wait as long as it takes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from contextvars import ContextVar
from typing import Any, Final

import psycopg
from django.http import HttpRequest
from django.http.response import HttpResponseBase

PAGE_SECONDS: Final = 5.0
"""Per statement. With the time to connect (`CONNECT_SECONDS`) it stays under ten seconds."""

_is_page: ContextVar[bool] = ContextVar("colloque_is_page", default=False)


class DatabaseStandsStillError(psycopg.OperationalError):
    """The database did not answer a page in time."""


class PatientConnection(psycopg.Connection[Any]):
    """A connection that is closed, with an error, when a page has waited too long for one answer."""

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """Wait for one answer. Raises `DatabaseStandsStillError`."""
        if not _is_page.get():
            return super().wait(gen, interval, timeout)
        try:
            return super().wait(_until(gen, time.monotonic() + PAGE_SECONDS), interval, timeout)
        except DatabaseStandsStillError:
            self.close()
            raise


def _until(gen: Generator[Any, Any, Any], deadline: float) -> Generator[Any, Any, Any]:
    """The same waiting, looked at each time the socket was silent for an interval."""
    try:
        asked = next(gen)
        while True:
            ready = yield asked
            if not ready and time.monotonic() > deadline:
                raise DatabaseStandsStillError("The database did not answer in time.")
            asked = gen.send(ready)
    except StopIteration as ended:
        return ended.value


class PageLimitMiddleware:
    """Everything a request asks of the database is asked with a limit."""

    sync_capable = True
    async_capable = False

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        before = _is_page.set(True)
        try:
            return self.get_response(request)
        finally:
            _is_page.reset(before)
