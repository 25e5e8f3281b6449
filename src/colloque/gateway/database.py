"""The database as the hot path sees it: one connection that reads and one that writes, each in batches.

There is no batching window: while one batch runs, the next one gathers. A batch that fails because the connection is gone
fails for everybody in it, and the connection is made anew for the next; nothing was then answered.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

import asyncpg

from colloque.kernel.errors import UnavailableError

log = logging.getLogger(__name__)

MAX_BATCH = 128
MAX_WAITING = 2_000
MAX_AT_ONCE = 4
STATEMENT_SECONDS = 10.0
CONNECT_SECONDS = 5.0
PAUSE_AFTER_FAILURE_SECONDS = 0.2

Item = TypeVar("Item")
Result = TypeVar("Result")
Columns = Callable[[Sequence[Item]], list[Any]]


class NoConnectionError(Exception):
    """PostgreSQL is there and does not let us in."""


AWAY = (
    OSError,
    TimeoutError,
    NoConnectionError,
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
    asyncpg.DiskFullError,
    asyncpg.ReadOnlySQLTransactionError,
)
"""What a statement or a connection ends in when the database is away."""


def connection_settings(database: dict[str, Any]) -> dict[str, Any]:
    """What asyncpg needs of one of Django's database settings.

    Plans are made once and never walk a whole table: every row of this path is found by an index, and the statistics of a
    young, empty table must not decide otherwise for the life of a connection.
    """
    options = dict(database.get("OPTIONS") or {})
    return {
        "host": database.get("HOST") or options.get("host") or None,
        "port": int(database["PORT"]) if database.get("PORT") else None,
        "user": database.get("USER") or None,
        "password": database.get("PASSWORD") or None,
        "database": database.get("NAME"),
        "ssl": options.get("sslmode"),
        "timeout": CONNECT_SECONDS,
        "command_timeout": STATEMENT_SECONDS,
        "server_settings": {
            "application_name": "colloque gateway",
            "jit": "off",
            "plan_cache_mode": "force_generic_plan",
            "enable_seqscan": "off",
        },
    }


async def _connected(settings: dict[str, Any]) -> asyncpg.Connection:
    try:
        return await asyncpg.connect(**settings)
    except asyncpg.PostgresError as error:
        raise NoConnectionError(type(error).__name__) from error


class Batches(Generic[Item, Result]):
    """One statement, run for many at once over one connection."""

    def __init__(
        self,
        settings: dict[str, Any],
        statement: str,
        columns: Columns[Item],
        results: Callable[[Sequence[Item], Sequence[Any]], list[Result]],
    ) -> None:
        self._settings = settings
        self._statement = statement
        self._columns = columns
        self._results = results
        self._waiting: deque[tuple[Item, asyncio.Future[Result]]] = deque()
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._connection: asyncpg.Connection | None = None
        self._prepared: Any = None
        self.batches = 0
        self.items = 0

    def start(self) -> None:
        """Begin to work; a connection is made for the first batch."""
        self._task = asyncio.create_task(self._work())

    async def stop(self) -> None:
        """Finish what runs, refuse what waits, hang up."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        self._fail([future for _, future in self._waiting])
        self._waiting.clear()
        await self._hang_up()

    async def submit(self, item: Item) -> Result:
        """The result for one item. Raises `UnavailableError` where the database is away or too much waits."""
        if len(self._waiting) >= MAX_WAITING:
            raise UnavailableError("Too many calls wait already.", code="busy")
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        self._wake.set()
        return await future

    async def _work(self) -> None:
        while True:
            await self._wake.wait()
            batch = [self._waiting.popleft() for _ in range(min(len(self._waiting), MAX_BATCH))]
            if not self._waiting:
                self._wake.clear()
            batch = [(item, future) for item, future in batch if not future.done()]
            if batch:
                try:
                    await self._settle(batch)
                except asyncio.CancelledError:
                    self._fail([future for _, future in batch])
                    raise

    async def _settle(self, batch: list[tuple[Item, asyncio.Future[Result]]]) -> None:
        try:
            results = await self._run([item for item, _ in batch])
        except AWAY as error:
            log.warning("The gateway's database connection failed (%s).", type(error).__name__)
            await self._hang_up()
            self._fail([future for _, future in batch])
            await asyncio.sleep(PAUSE_AFTER_FAILURE_SECONDS)
        except Exception as error:  # noqa: BLE001 - one bad item must not fail the others, nor end the task
            if len(batch) > 1:
                for one in batch:
                    await self._settle([one])
                return
            log.error("The gateway could not run a statement (%s).", type(error).__name__)  # noqa: TRY400
            self._fail([future for _, future in batch])
        else:
            for (_, future), result in zip(batch, results, strict=True):
                if not future.done():
                    future.set_result(result)

    async def _run(self, items: list[Item]) -> list[Result]:
        if self._connection is None or self._connection.is_closed():
            self._connection, self._prepared = await _connected(self._settings), None
        if self._prepared is None:
            self._prepared = await self._connection.prepare(self._statement)
        self.batches += 1
        self.items += len(items)
        rows = await self._prepared.fetch(*self._columns(items), timeout=STATEMENT_SECONDS)
        return self._results(items, rows)

    async def _hang_up(self) -> None:
        connection, self._connection, self._prepared = self._connection, None, None
        if connection is not None:
            with contextlib.suppress(Exception):
                connection.terminate()

    def _fail(self, futures: Sequence[asyncio.Future[Result]]) -> None:
        for future in futures:
            if not future.done():
                future.set_exception(UnavailableError("The database is away.", code="database-away"))


class Database:
    """Other statements of the gateway: few, each alone, over some connections kept open."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self._settings = settings
        self._idle: list[asyncpg.Connection] = []
        self._at_once = asyncio.Semaphore(MAX_AT_ONCE)

    async def fetch(self, statement: str, *parameters: Any) -> list[Any]:
        """The rows of one statement. Raises `UnavailableError` where the database is away."""
        async with self._at_once:
            connection = None
            try:
                while self._idle and (connection is None or connection.is_closed()):
                    connection = self._idle.pop()
                if connection is None or connection.is_closed():
                    connection = await _connected(self._settings)
                rows: list[Any] = await connection.fetch(statement, *parameters)
            except BaseException as error:
                if connection is not None:
                    connection.terminate()
                if not isinstance(error, AWAY):
                    raise
                log.warning("The gateway's database connection failed (%s).", type(error).__name__)
                raise UnavailableError("The database is away.", code="database-away") from None
            self._idle.append(connection)
            return rows

    async def stop(self) -> None:
        """Hang up."""
        while self._idle:
            self._idle.pop().terminate()
