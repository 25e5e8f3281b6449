"""The acts of a time as one table of facts, with what counts beside them: unit, sex, month."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from datetime import datetime
from hashlib import blake2s
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import connection, transaction

from colloque.charter.core.acts_table import facts_table
from colloque.patients.queries import identities

if TYPE_CHECKING:
    import polars as pl

AT_ONCE = 20_000

_COUNT = "SELECT count(*) FROM acts_act WHERE establishment_id = %s AND requested_at >= %s AND requested_at < %s"
_READ = """
SELECT a.facts, a.id, a.person_id, u.name, to_char(a.requested_at AT TIME ZONE h.timezone, 'YYYY-MM')
FROM acts_act a JOIN people_establishment h ON h.id = a.establishment_id LEFT JOIN people_unit u ON u.id = a.unit_id
WHERE a.establishment_id = %s AND a.requested_at >= %s AND a.requested_at < %s
ORDER BY a.requested_at
"""


def acts_between(establishment_id: UUID, since: datetime, until: datetime) -> int:
    """How many acts were asked for in a time."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [establishment_id, since, until])
        return int(cursor.fetchone()[0])


def facts_table_of(
    establishment_id: UUID,
    since: datetime,
    until: datetime,
    moved: Callable[[int], None] | None = None,
) -> pl.DataFrame:
    """The facts of the acts asked for in a time, in order, with the columns `unit`, `sex`, `month` and `act.id`.

    `unit` is its name, `month` is YYYY-MM in the house, `sex` null once the person is erased. `act.id` is a pseudonym drawn
    anew for each table: nothing leads from it to the act. `moved` is told how many acts were read.
    """
    import polars as pl

    salt, sexes = secrets.token_bytes(32), dict[UUID, str | None]()
    frames: list[pl.DataFrame] = []
    read = 0
    for rows in _rows(establishment_id, since, until):
        _learn(sexes, {row[2] for row in rows} - sexes.keys())
        further = {
            "unit": [row[3] for row in rows],
            "sex": [sexes[row[2]] for row in rows],
            "month": [row[4] for row in rows],
            "act.id": [blake2s(row[1].bytes, key=salt, digest_size=4).hexdigest() for row in rows],
        }
        frames.append(facts_table([bytes(row[0]) for row in rows], further))
        read += len(rows)
        if moved is not None:
            moved(read)
    if not frames:
        return facts_table([], {"unit": [], "sex": [], "month": [], "act.id": []})
    return frames[0] if len(frames) == 1 else pl.concat(frames, how="diagonal_relaxed").rechunk()


def _rows(establishment_id: UUID, since: datetime, until: datetime) -> Iterator[list[tuple[Any, ...]]]:
    """The rows in parts, read behind a cursor of the server: a year of a large hospital does not fit in a reply."""
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(_READ, [establishment_id, since, until])
        while rows := cursor.fetchmany(AT_ONCE):
            yield rows


def _learn(sexes: dict[UUID, str | None], persons: set[UUID]) -> None:
    known = identities(persons) if persons else {}
    for person in persons:
        sexes[person] = known[person].sex if person in known else None
