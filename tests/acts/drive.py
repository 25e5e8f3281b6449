"""Drives the spine over a real database with psycopg, and an AI that the test plays."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Generator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import psycopg
from django.db import connection, transaction

from colloque.acts.core.answer import WithheldCode
from colloque.acts.core.call import Call
from colloque.acts.core.request import ActRequest
from colloque.acts.core.spine import Ask, Asked, Governed, Read, Reading, Write, Written, govern
from colloque.acts.core.standing import declared_service_of, standing_of
from colloque.acts.sql import READ_SERVICES, READ_STANDING, WRITE_ACTS, columns_to_read, columns_to_write
from colloque.kernel.ids import new_id
from colloque.ledger.keys import open_subject_key
from colloque.ledger.queries import installation_keys
from tests.acts.world import NOW, World, compiled

ANSWER = {"cards": [{"summary": "Poids stable", "indicator": "info", "source": {"label": "Balance"}}]}

Ai = Callable[[Call], bytes | WithheldCode]


def answering(answer: Any) -> Ai:
    """An AI that always answers so."""
    return lambda call: answer if isinstance(answer, bytes | WithheldCode) else msgspec.json.encode(answer)


def a_request(world: World, **changes: Any) -> ActRequest:
    """An act asked for from our own pages."""
    fields: dict[str, Any] = {
        "id": new_id(NOW, secrets.token_bytes),
        "service": world.service.id,
        "person": world.person.id,
        "carer": world.carer.id,
        "at": NOW,
        "data": {"patient": {"resourceType": "Patient", "id": str(world.person.id), "gender": "female"}},
        "known_as": str(world.person.id),
    }
    return ActRequest(**{**fields, **changes})


def rows(statement: str, parameters: list[Any]) -> list[tuple[Any, ...]]:
    """Run one of the two statements as our own pages do."""
    with connection.cursor():
        raw = connection.connection
    with psycopg.RawCursor(raw) as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall()


def run(
    request: ActRequest, world: World, ai: Ai | None = None, *, before_write: Callable[[], None] | None = None
) -> Governed:
    """One act from beginning to end; `before_write` is what happens elsewhere meanwhile, before each write."""
    keyring = installation_keys().keyring

    def open_key(person: UUID, wrapped: bytes) -> bytes:
        return open_subject_key(keyring, person, wrapped)

    steps: Generator[Any, Any, Governed] = govern(request, open_key=open_key, random_bytes=secrets.token_bytes)
    result: Any = None
    try:
        while True:
            step = steps.send(result)
            if isinstance(step, Read):
                standing = standing_of(rows(READ_STANDING, columns_to_read([request]))[0])
                service = declared_service_of(rows(READ_SERVICES, [request.service, None])[0])
                result = Reading(standing, service, compiled(world), NOW)
            elif isinstance(step, Ask):
                result = Asked((ai or answering(ANSWER))(step.call), NOW + timedelta(milliseconds=5))
            elif isinstance(step, Write):
                if before_write is not None:
                    before_write()
                with transaction.atomic():
                    (written,) = rows(WRITE_ACTS, columns_to_write([step.record]))
                result = Written.STORED if written[1] else Written(written[2])
    except StopIteration as end:
        governed: Governed = end.value
        return governed


def at(minutes: int) -> datetime:
    """Some minutes after now."""
    return NOW + timedelta(minutes=minutes)
