"""The acts of a time as one table of facts, with what counts beside them: unit, sex, month."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import ZoneInfo

import psycopg
from django.db import connection, transaction

from colloque.charter.core.acts_table import facts_table
from colloque.charter.core.kept_acts import DAY, compact, days_since_1970
from colloque.patients.queries import identities

if TYPE_CHECKING:
    import polars as pl

AT_ONCE = 20_000

_COUNT = """
SELECT count(*) FROM (
    SELECT FROM acts_act WHERE establishment_id = %s AND requested_at >= %s AND requested_at < %s LIMIT %s
) asked
"""
_READ = """
SELECT a.facts, a.person_id, a.unit_id::text, (a.requested_at AT TIME ZONE h.timezone)::date
FROM acts_act a JOIN people_establishment h ON h.id = a.establishment_id
WHERE a.establishment_id = %s AND a.requested_at >= %s AND a.requested_at < %s
ORDER BY a.requested_at
"""
_UNITS = "SELECT id::text, name FROM people_unit WHERE establishment_id = %s"
_FIRST = """
SELECT requested_at FROM acts_act WHERE establishment_id = %s AND requested_at >= %s AND requested_at < %s
ORDER BY requested_at LIMIT 1
"""


def acts_between(establishment_id: UUID, since: datetime, until: datetime, *, at_most: int | None = None) -> int:
    """How many acts were asked for in a time; counted no further than `at_most`."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [establishment_id, since, until, at_most])
        return int(cursor.fetchone()[0])


def first_act(establishment_id: UUID, since: datetime, until: datetime) -> datetime | None:
    """When the first act of a time was asked for."""
    with connection.cursor() as cursor:
        cursor.execute(_FIRST, [establishment_id, since, until])
        row = cursor.fetchone()
    return row[0] if row is not None else None


def midnight(day: date, timezone: str) -> datetime:
    """The beginning of a day in a house."""
    return datetime.combine(day, time(), ZoneInfo(timezone))


def units_of(establishment_id: UUID) -> dict[str, str]:
    """The names of a house's units by identifier."""
    with connection.cursor() as cursor:
        cursor.execute(_UNITS, [establishment_id])
        return dict(cursor.fetchall())


def facts_table_of(
    establishment_id: UUID,
    since: datetime,
    until: datetime,
    moved: Callable[[int], None] | None = None,
) -> pl.DataFrame:
    """The facts of the acts asked for in a time, in order, as `kept_acts.compact` has them: with `unit`, `sex` and the day.

    `unit` is its identifier, `sex` null once the person is erased. Nothing leads from a row to its act. `moved` is told how many
    acts were read since it was last told.
    """
    import polars as pl

    sexes: dict[UUID, str | None] = {}
    frames: list[pl.DataFrame] = []
    for rows in _rows(establishment_id, since, until):
        _learn(sexes, {row[1] for row in rows} - sexes.keys())
        further = {
            "unit": [row[2] for row in rows],
            "sex": [sexes[row[1]] for row in rows],
            DAY: [days_since_1970(row[3]) for row in rows],
        }
        frames.append(facts_table([row[0] for row in rows], further))
        if moved is not None:
            moved(len(rows))
    if not frames:
        frames = [_nothing()]
    return compact(frames[0] if len(frames) == 1 else pl.concat(frames, how="diagonal_relaxed"))


def _nothing() -> pl.DataFrame:
    import polars as pl

    empty = {"unit": pl.Categorical, "sex": pl.Categorical, DAY: pl.Int64}
    return facts_table([]).with_columns(pl.Series(name, [], dtype=dtype) for name, dtype in empty.items())


def _rows(establishment_id: UUID, since: datetime, until: datetime) -> Iterator[list[tuple[Any, ...]]]:
    """The rows in parts, read behind a cursor of the server: a year of a large hospital does not fit in a reply."""
    with transaction.atomic():
        connection.ensure_connection()
        with psycopg.ServerCursor(connection.connection, "acts_replayed") as cursor:
            cursor.execute(_READ, [establishment_id, since, until], binary=True)
            while rows := cursor.fetchmany(AT_ONCE):
                yield rows


def _learn(sexes: dict[UUID, str | None], persons: set[UUID]) -> None:
    known = identities(persons) if persons else {}
    for person in persons:
        sex = known[person].sex if person in known else None
        sexes[person] = str(sex) if sex is not None else None
