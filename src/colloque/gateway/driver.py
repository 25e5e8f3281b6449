"""Drives the one spine of the governed act with asyncpg: batched reading and writing, one call to the AI between."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from colloque.acts.ai import AIClient
from colloque.acts.core.record import ActRecord
from colloque.acts.core.request import ActRequest
from colloque.acts.core.spine import Ask, Asked, Governed, Read, Reading, Result, Write, Written, govern
from colloque.acts.core.standing import Standing, standing_of
from colloque.acts.sql import READ_STANDING, WRITE_ACTS, columns_to_read, columns_to_write
from colloque.gateway.core.problems import refuse
from colloque.gateway.database import Batches
from colloque.gateway.directory import Directory
from colloque.gateway.randomness import Randomness
from colloque.kernel.errors import UnavailableError
from colloque.kernel.sealing import Keyring
from colloque.ledger.keys import open_subject_key

KEPT_KEYS = 8_192
READ_AGAIN = 3

CheckCaller = Callable[[Standing], Awaitable[None]]


class Driver:
    """Everything one act needs of this process."""

    def __init__(self, settings: dict[str, Any], directory: Directory, ai: AIClient, keyring: Keyring) -> None:
        self._directory = directory
        self._ai = ai
        self._randomness = Randomness()
        self.reads: Batches[ActRequest, Standing | None] = Batches(settings, READ_STANDING, columns_to_read, _standings)
        self.writes: Batches[ActRecord, Written] = Batches(settings, WRITE_ACTS, columns_to_write, _written)

        @lru_cache(maxsize=KEPT_KEYS)
        def open_key(person: UUID, wrapped: bytes) -> bytes:
            return open_subject_key(keyring, person, wrapped)

        self.open_key = open_key

    def start(self) -> None:
        """Begin to read and write."""
        self.reads.start()
        self.writes.start()

    async def stop(self) -> None:
        """Hang up."""
        await self.reads.stop()
        await self.writes.stop()

    async def run(self, request: ActRequest, check_caller: CheckCaller) -> Governed:
        """One act, to where it waits for a human or ends.

        `check_caller` raises where the client system is no longer what it was when its token was believed. Raises what
        `govern` raises, `UnavailableError` where the database is away, `CallError` 404 where the service is gone.
        """
        steps = govern(request, open_key=self.open_key, random_bytes=self._randomness)
        try:
            step = next(steps)
            while True:
                result: Result
                if isinstance(step, Read):
                    result = await self._read(step.request, check_caller)
                elif isinstance(step, Ask):
                    result = Asked(await self._ai.ask(step.call), datetime.now(UTC))
                elif isinstance(step, Write):
                    result = await self.writes.submit(step.record)
                step = steps.send(result)
        except StopIteration as end:
            governed: Governed = end.value
            return governed

    async def _read(self, request: ActRequest, check_caller: CheckCaller) -> Reading:
        for _ in range(READ_AGAIN):
            standing = await self.reads.submit(request)
            if standing is None:
                raise refuse(404, "no-such-service", "There is no such service.")
            await check_caller(standing)
            service = self._directory.service(standing.service, standing.project_version)
            if service is None:
                service = await self._directory.service_now(standing.service)
            if service is not None and service.project_version == standing.project_version:
                charter = await self._directory.charter(standing.charter)
                return Reading(standing, service, charter, datetime.now(UTC))
            if service is None:
                raise refuse(404, "no-such-service", "There is no such service.")
        raise UnavailableError("The project keeps changing.", code="project-moving")


def _standings(requests: Sequence[ActRequest], rows: Sequence[Any]) -> list[Standing | None]:
    found = {row[0]: standing_of(row) for row in rows}
    return [found.get(place) for place in range(len(requests))]


def _written(records: Sequence[ActRecord], rows: Sequence[Any]) -> list[Written]:
    found = {row[0]: Written.STORED if row[1] else Written(row[2]) for row in rows}
    return [found[place] for place in range(len(records))]
