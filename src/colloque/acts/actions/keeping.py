"""Finished days of a house's acts kept as columns, sealed under the house's key; nothing of them outlives an erasure."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import connection, transaction

from colloque.acts.models import KeptActs
from colloque.acts.queries.facts import acts_between, facts_table_of, midnight, units_of
from colloque.acts.queries.kept import (
    KEEP_FROM,
    Held,
    Year,
    about_part,
    held,
    open_part,
    part_of,
    read_part,
    shape,
    year_of,
)
from colloque.charter.core.kept_acts import Span, joined, packed, pieces, whole
from colloque.kernel.sealing import seal
from colloque.ledger.actions import subject_key
from colloque.people.models import Establishment

if TYPE_CHECKING:
    import polars as pl

_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('kept-acts/' || %s::text, 0))"
_FORGET = """
DELETE FROM acts_keptacts k USING acts_act a
WHERE a.person_id = %s AND k.establishment_id = a.establishment_id AND k.since <= a.requested_at AND k.until > a.requested_at
"""


def hold_kept(establishment_id: UUID) -> None:
    """Hold what is kept of a house against being made or forgotten, until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [establishment_id])


def forget_kept_about(person_id: UUID, establishment_id: UUID) -> None:
    """Forget every part with an act of a person, in the transaction in which they are erased. It is made anew without them."""
    hold_kept(establishment_id)
    with connection.cursor() as cursor:
        cursor.execute(_FORGET, [person_id])


def is_kept(year: Year) -> bool:
    """Whether acts of a house are kept already, or are enough to be."""
    return (
        KeptActs.objects.filter(establishment=year.house).exists()
        or acts_between(year.house.id, year.since, year.until, at_most=KEEP_FROM) >= KEEP_FROM
    )


def acts_to_read(year: Year) -> int:
    """How many acts a replay of a year would read from their rows."""
    if not is_kept(year):
        return acts_between(year.house.id, year.since, year.until)
    known = held(year)
    missing = [piece for span in year.spans for piece, there in pieces(span, known) if not there]
    return sum(acts_between(year.house.id, *_ends(year.house, one)) for one in missing) + acts_between(
        year.house.id, year.newest, year.until
    )


def table_of(year: Year, moved: Callable[[int], None] | None = None) -> pl.DataFrame:
    """The facts of a year's acts, in order, with the columns `unit`, `sex` and `month`; what is finished is kept on the way.

    `moved` is told how many acts were read from their rows since it was last told.
    """
    units = units_of(year.house.id)
    if not is_kept(year):
        return joined([facts_table_of(year.house.id, year.since, year.until, moved)], year.first, units)
    known, key = held(year), subject_key(year.house.id)
    _forget_others(year)
    house = year.house
    with ThreadPoolExecutor(2) as pool:
        opening = {
            span: pool.submit(open_part, house, span, key, part_of(house, span)) for span in year.spans if span in known
        }
    newest = facts_table_of(house.id, year.newest, year.until, moved)
    tables = []
    for span in year.spans:
        found = opening[span].result() if span in opening else None
        tables.append(_made(year, span, known, key, moved) if found is None else found)
    return joined([*tables, newest], year.first, units)


def keep_one_part(*, at: datetime, at_most: int = 50_000) -> int:
    """Keep one part that is finished and not kept yet, for each house that has acts enough; how many were kept.

    Parts of more acts than `at_most` are left to whoever replays, who is told how far it has come.
    """
    kept = 0
    for house in Establishment.objects.all():
        year = year_of(house, at)
        if not is_kept(year):
            continue
        known = held(year)
        for span in (span for span in year.spans if span not in known):
            missing = [one for one, there in pieces(span, known) if not there]
            if sum(acts_between(house.id, *_ends(house, one), at_most=at_most + 1) for one in missing) <= at_most:
                _made(year, span, known, subject_key(house.id), None)
                kept += 1
                break
    return kept


def _ends(house: Establishment, span: Span) -> tuple[datetime, datetime]:
    return midnight(span.since, house.timezone), midnight(span.until, house.timezone)


def _made(
    year: Year, span: Span, known: dict[Span, Held], key: bytes, moved: Callable[[int], None] | None
) -> pl.DataFrame:
    """The table of a part that is not kept, from the days that are and the rows of the others; and kept from now on."""
    house = year.house
    with transaction.atomic():
        hold_kept(house.id)
        tables = []
        for piece, there in pieces(span, known.keys() - {span}):
            table = read_part(house, piece, key) if there else None
            tables.append(facts_table_of(house.id, *_ends(house, piece), moved) if table is None else table)
        table = tables[0] if len(tables) == 1 else whole(tables)
        _keep(house, span, table, key)
    return table


def _keep(house: Establishment, span: Span, table: pl.DataFrame, key: bytes) -> None:
    since, until = _ends(house, span)
    KeptActs.objects.filter(establishment=house, since__lt=until, until__gt=since).delete()
    KeptActs.objects.create(
        establishment=house,
        since=since,
        until=until,
        shape=shape(house),
        acts=table.height,
        content=seal(key, packed(table), about=about_part(house.id, span), random_bytes=secrets.token_bytes),
    )


def _forget_others(year: Year) -> None:
    """What is older than the year, or was made under another shape, is not kept any longer."""
    rows = KeptActs.objects.filter(establishment=year.house)
    first = midnight(year.spans[0].since, year.house.timezone) if year.spans else year.since
    rows.filter(until__lte=first).delete()
    rows.exclude(shape=shape(year.house)).delete()
