"""Finished days of a house's acts as they are kept in columns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

import psycopg
from django.db import connection

from colloque.acts.queries.facts import midnight
from colloque.charter.core.kept_acts import Span, shape_of, spans, unpacked
from colloque.kernel.errors import TamperedError
from colloque.kernel.sealing import unseal
from colloque.people.models import Establishment

if TYPE_CHECKING:
    import polars as pl

YEAR = timedelta(days=365)
FINISHED_AFTER = timedelta(hours=1)
"""How long after its end a day is kept: an act is written some moments after it was asked for."""
KEEP_FROM = 20_000
"""Acts in a year from which a house's finished days are kept; fewer are read from their rows in less than a second."""

_HELD = """
SELECT since, until, acts FROM acts_keptacts WHERE establishment_id = %s AND until > %s AND shape = %s ORDER BY since
"""
_CONTENT = """
SELECT acts, content FROM acts_keptacts WHERE establishment_id = %s AND since = %s AND until = %s AND shape = %s
"""


@dataclass(frozen=True)
class Held:
    """A part that is kept, and how many acts it holds."""

    span: Span
    acts: int


@dataclass(frozen=True)
class Year:
    """The days a replay speaks of: from `first` on, kept where they are before `finished`, read from rows until `until`."""

    house: Establishment
    first: date
    finished: date
    until: datetime

    @property
    def since(self) -> datetime:
        """The beginning of the first day."""
        return midnight(self.first, self.house.timezone)

    @property
    def newest(self) -> datetime:
        """From when on acts are read from their rows."""
        return midnight(self.finished, self.house.timezone)

    @property
    def spans(self) -> tuple[Span, ...]:
        """What should be kept."""
        return tuple(spans(self.first, self.finished))


def year_of(house: Establishment, at: datetime) -> Year:
    """The last year of a house, from the beginning of a day."""
    zone = ZoneInfo(house.timezone)
    return Year(house, (at - YEAR).astimezone(zone).date(), (at - FINISHED_AFTER).astimezone(zone).date(), at)


def shape(house: Establishment) -> str:
    """What the parts of a house depend on now."""
    return shape_of(house.timezone)


def held(year: Year) -> dict[Span, Held]:
    """The parts that are kept of a year."""
    zone = ZoneInfo(year.house.timezone)
    with connection.cursor() as cursor:
        cursor.execute(_HELD, [year.house.id, year.since, shape(year.house)])
        rows = cursor.fetchall()
    found = (Held(Span(*(end.astimezone(zone).date() for end in (since, until))), acts) for since, until, acts in rows)
    return {one.span: one for one in found}


def read_part(house: Establishment, span: Span, key: bytes) -> pl.DataFrame | None:
    """The table of a part; nothing where it is not kept, or what is kept is not what was: then its rows are read again."""
    return open_part(house, span, key, part_of(house, span))


def part_of(house: Establishment, span: Span) -> tuple[int, bytes] | None:
    """A part as it lies in the database: how many acts, and its sealed bytes."""
    ends = [midnight(day, house.timezone) for day in (span.since, span.until)]
    connection.ensure_connection()
    with psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(_CONTENT, [house.id, *ends, shape(house)], binary=True)
        return cursor.fetchone()


def open_part(house: Establishment, span: Span, key: bytes, row: tuple[int, bytes] | None) -> pl.DataFrame | None:
    """The table of a part that was read; as `read_part`, without the database."""
    if row is None:
        return None
    try:
        return unpacked(unseal(key, row[1], about=about_part(house.id, span)), row[0])
    except TamperedError:
        return None


def about_part(house: UUID, span: Span) -> bytes:
    """What a sealed part is about."""
    return f"kept-acts/{house}/{span.since}/{span.until}".encode()
