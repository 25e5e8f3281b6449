"""The gateway's statement, through the drivers that use it, as a part of a larger one."""

from __future__ import annotations

import asyncio
import secrets
from datetime import UTC, datetime
from uuid import UUID

import asyncpg
import psycopg
import pytest
from django.db import connection

from colloque.kernel.ids import new_id
from colloque.ledger.actions import integrate
from colloque.ledger.core.entries import Event, SealedEntry, seal_entry
from colloque.ledger.keys import Keys, new_subject_key, open_subject_key
from colloque.ledger.queries import entries_about, health
from colloque.ledger.sql import INSERT_ENTRIES, INSERT_SUBJECT_KEYS, SELECT_SUBJECT_KEYS, insert_entries
from tests.ledger.conftest import NOW

PERSON = UUID("018f0000-0000-7000-8000-00000000000a")


def sealed(number: int, key: bytes) -> list[SealedEntry]:
    event = Event(kind="act-permitted", subject=PERSON, payload={})
    return [
        seal_entry(
            event,
            entry_id=new_id(datetime.now(UTC), secrets.token_bytes),
            subject_key=key,
            random_bytes=secrets.token_bytes,
        )
        for _ in range(number)
    ]


def columns(entries: list[SealedEntry]) -> tuple[list[UUID], list[UUID], list[bytes], list[bytes]]:
    return (
        [entry.id for entry in entries],
        [entry.subject for entry in entries],
        [entry.leaf for entry in entries],
        [entry.sealed for entry in entries],
    )


@pytest.mark.django_db(transaction=True)
def test_a_batch_through_asyncpg(keys: Keys, database_url: str) -> None:
    async def write() -> list[UUID]:
        link = await asyncpg.connect(database_url)
        try:
            key, wrapped = new_subject_key(keys.keyring, PERSON, secrets.token_bytes)
            await link.execute(INSERT_SUBJECT_KEYS, [PERSON], [wrapped])
            other, late = new_subject_key(keys.keyring, PERSON, secrets.token_bytes)
            await link.execute(INSERT_SUBJECT_KEYS, [PERSON], [late])
            (row,) = await link.fetch(SELECT_SUBJECT_KEYS, [PERSON])
            assert open_subject_key(keys.keyring, row["subject"], row["wrapped"]) == key != other, (
                "whoever came first wins"
            )
            entries = sealed(64, key)
            rows = await link.fetch(
                f"WITH entry AS ({insert_entries(2)}) SELECT id, $1::text AS said FROM entry", "yes", *columns(entries)
            )
            assert {row["said"] for row in rows} == {"yes"}
            with pytest.raises(asyncpg.PostgresError):
                await link.execute(INSERT_ENTRIES, *columns([*sealed(1, key), entries[0]]))
            return [row["id"] for row in rows]
        finally:
            await link.close()

    made = asyncio.run(write())
    assert health().pending == 64, "the failed statement left nothing waiting"
    assert integrate(NOW).integrated == 64
    told = entries_about(PERSON)
    assert sorted(one.id for one in told) == sorted(made)
    assert all(one.event is not None for one in told)


@pytest.mark.django_db
def test_a_batch_through_psycopg(keys: Keys) -> None:
    key, wrapped = new_subject_key(keys.keyring, PERSON, secrets.token_bytes)
    connection.ensure_connection()
    with psycopg.RawCursor(connection.connection) as cursor:
        cursor.execute(INSERT_SUBJECT_KEYS, ([PERSON], [wrapped]))
        cursor.execute(INSERT_ENTRIES, columns(sealed(3, key)))
        assert len(cursor.fetchall()) == 3
    assert health().pending == 3
