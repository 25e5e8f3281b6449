"""Who may call and what they may call, kept in memory and known to be current.

Reading where everybody stands also brings the version of the project and the mark of the client system. What is kept here is
used only while these are the same: a suspended project, a changed declaration, a withdrawn key count at the next call.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec

from colloque.acts.core.standing import DeclaredService, declared_service_of
from colloque.acts.sql import READ_SERVICES
from colloque.charter.core.engine import Charter
from colloque.gateway.core.templates import can_be_offered
from colloque.gateway.core.tokens import PublicKey, import_keys
from colloque.gateway.database import Database
from colloque.gateway.sql import READ_CHARTER, READ_HOUSE
from colloque.kernel.errors import InvalidInputError

log = logging.getLogger(__name__)

KEPT_HOUSES = 256
READ_AGAIN_AFTER_SECONDS = 1.0


class ClientSystem(msgspec.Struct, frozen=True):
    """A record system of an establishment, at one `mark` of its row."""

    id: UUID
    mark: str
    issuer: str
    keys: Mapping[str, PublicKey]
    origins: frozenset[str]


class House(msgspec.Struct, frozen=True):
    """An establishment as the gateway knows it; `wrapped_key` seals what concerns nobody in particular.

    `offered` are the services whose hook we serve and whose templates clients can fill, whatever their project's status.
    """

    id: UUID
    slug: str
    wrapped_key: bytes | None
    systems: Mapping[str, ClientSystem]
    services: Mapping[str, DeclaredService]
    offered: frozenset[str]

    @property
    def origins(self) -> frozenset[str]:
        """The origins of all its client systems."""
        return frozenset(origin for system in self.systems.values() for origin in system.origins)


class Directory:
    """Establishments by slug, services by id, charters by version."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._houses: dict[str, House] = {}
        self._by_id: dict[UUID, DeclaredService] = {}
        self._charters: dict[UUID | None, Charter] = {}
        self._read_at: dict[str, float] = {}
        self._readings: dict[str, asyncio.Task[House | None]] = {}
        self._compiling = asyncio.Lock()

    async def house(self, slug: str, *, fresh: bool = False) -> House | None:
        """An establishment, read anew when `fresh`, though strangers cannot make us read more than once a second.

        Calls that come while it is read wait for that reading and share its end: unknown is said only of what was looked for.
        """
        kept = self._houses.get(slug)
        if kept is not None and not fresh:
            return kept
        reading = self._readings.get(slug)
        if reading is None:
            now = asyncio.get_running_loop().time()
            if now - self._read_at.get(slug, -READ_AGAIN_AFTER_SECONDS) < READ_AGAIN_AFTER_SECONDS:
                return kept
            reading = self._readings[slug] = asyncio.create_task(self.house_now(slug))
            reading.add_done_callback(lambda _: self._readings.pop(slug, None))
        return await asyncio.shield(reading)

    async def house_now(self, slug: str) -> House | None:
        """An establishment, read anew."""
        house = await self._load(slug)
        if len(self._read_at) > 4 * KEPT_HOUSES:
            self._read_at.clear()
        self._read_at[slug] = asyncio.get_running_loop().time()
        return house

    def service(self, service: UUID, version: int) -> DeclaredService | None:
        """A service as declared at this version of its project, if that is the one kept."""
        kept = self._by_id.get(service)
        return kept if kept is not None and kept.project_version == version else None

    async def service_now(self, service: UUID) -> DeclaredService | None:
        """A service as declared now, read anew."""
        rows = await self._database.fetch(READ_SERVICES, service, None)
        found = [declared for declared in map(_declared, rows) if declared is not None]
        for declared in found:
            self._by_id[declared.id] = declared
        return found[0] if found else None

    async def charter(self, version: UUID | None) -> Charter:
        """A version of a charter, compiled once; without one the constitution alone, which permits nothing."""
        kept = self._charters.get(version)
        if kept is not None:
            return kept
        async with self._compiling:
            if version not in self._charters:
                number, cedar = 0, ""
                if version is not None:
                    ((number, cedar),) = await self._database.fetch(READ_CHARTER, version)
                self._charters[version] = await asyncio.to_thread(Charter.compile, number, cedar)
        return self._charters[version]

    async def _load(self, slug: str) -> House | None:
        rows = await self._database.fetch(READ_HOUSE, slug)
        if not rows:
            self._houses.pop(slug, None)
            return None
        systems = {row[5]: _system(row) for row in rows if row[3] is not None}
        declared = [d for d in map(_declared, await self._database.fetch(READ_SERVICES, None, slug)) if d is not None]
        house = House(
            id=rows[0][0],
            slug=rows[0][1],
            wrapped_key=rows[0][2],
            systems=systems,
            services={service.public_id: service for service in declared},
            offered=frozenset(service.public_id for service in declared if can_be_offered(service)),
        )
        if len(self._houses) >= KEPT_HOUSES:
            self._houses.clear()
        self._houses[slug] = house
        for service in declared:
            self._by_id[service.id] = service
        return house


def _system(row: Any) -> ClientSystem:
    return ClientSystem(
        id=row[3],
        mark=row[4],
        issuer=row[5],
        keys=import_keys(msgspec.json.decode(row[6])),
        origins=frozenset(origin for origin in msgspec.json.decode(row[7]) if isinstance(origin, str)),
    )


def _declared(row: Any) -> DeclaredService | None:
    try:
        return declared_service_of(row)
    except InvalidInputError as error:
        log.error(  # noqa: TRY400 - its trace could quote what was declared
            "A service is declared in a way that cannot be understood (%s); it is not offered.", error.code
        )
        return None
