"""Finished days of a house's acts kept as columns, so that a replay reads only the newest of them from their rows.

A finished month is one part; in a month that still runs, seven finished days are one, and each later day is one. A part holds
for the `shape` it was made under: what facts there are, what they are called, how a table is read from them. Under another
shape it is made anew.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, timedelta
from hashlib import sha256
from io import BytesIO
from typing import TYPE_CHECKING

import msgspec

from colloque.charter.core.acts_table import COLUMNS, DEFAULTS, VERSION
from colloque.charter.core.formulas import ELEMENTS
from colloque.charter.core.schema import ATTRIBUTES, ENUMERATIONS
from colloque.kernel.errors import TamperedError
from colloque.kernel.vocabulary import ActKind

if TYPE_CHECKING:
    import polars as pl

LAYOUT = 1
"""Raised where tables or masks come to be read in another way from the same facts; then every part is made anew."""
SETTLED = timedelta(days=2)
"""How long after its end a week or a month becomes one part: what asks may still change for a day (`acts.core.state`)."""
DAY = "day"
"""The column of a kept table that holds the day of each act in the house."""


class Span(msgspec.Struct, frozen=True, order=True):
    """Days of a house, from `since` on, before `until`."""

    since: date
    until: date


def spans(first: date, finished: date) -> Iterator[Span]:
    """The parts from the month of `first` on to the last day before `finished`, in order."""
    day = first.replace(day=1)
    while day < finished:
        month = (day + timedelta(days=32)).replace(day=1)
        week = min(day + timedelta(days=7), (day.replace(day=1) + timedelta(days=32)).replace(day=1))
        ends = (month if day.day == 1 else None, week if day.day % 7 == 1 else None)
        end = next((end for end in ends if end is not None and end + SETTLED <= finished), day + timedelta(days=1))
        yield Span(day, end)
        day = end


def pieces(span: Span, kept: Collection[Span]) -> Iterator[tuple[Span, bool]]:
    """A part in pieces, in order: those that are kept (true), and between them the days that are not."""
    day = span.since
    for one in sorted(one for one in kept if span.since <= one.since and one.until <= span.until):
        if one.since > day:
            yield Span(day, one.since), False
        if one.since >= day:
            yield one, True
            day = one.until
    if day < span.until:
        yield Span(day, span.until), False


def shape_of(*further: str) -> str:
    """What a kept part depends on beside its facts, as 64 hexadecimal digits; `further` is what else it was made with."""
    told = {
        "layout": LAYOUT,
        "version": VERSION,
        "acts": [kind.value for kind in ActKind],
        "columns": {name: list(ATTRIBUTES[path]) for path, name in COLUMNS.items()},
        "words": {COLUMNS[path]: list(words) for path, words in ELEMENTS.items() if path in COLUMNS},
        "enumerations": {name: [word.value for word in words] for name, words in ENUMERATIONS.items()},
        "defaults": dict(DEFAULTS),
        "further": further,
    }
    return sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()


def packed(table: pl.DataFrame) -> bytes:
    """A table as the bytes of a part: Parquet, so that a year of a large hospital is some tens of megabytes."""
    target = BytesIO()
    table.write_parquet(target, compression="zstd", statistics=False)
    return target.getvalue()


def unpacked(content: bytes, acts: int) -> pl.DataFrame:
    """The table of a part. Raises `TamperedError` where it is not one, or not of so many acts."""
    import polars as pl

    try:
        table = pl.read_parquet(BytesIO(content))
    except (pl.exceptions.PolarsError, OSError, ValueError) as error:
        raise TamperedError("Kept acts cannot be read.", code="kept-acts") from error
    if table.height != acts:
        raise TamperedError("Kept acts are not as many as they were.", code="kept-acts")
    return table


def compact(table: pl.DataFrame) -> pl.DataFrame:
    """A table of acts as it is kept: numbers no wider than they must be, units listed by the type of their column."""
    import polars as pl

    columns = [column.shrink_dtype() if column.dtype.is_integer() else column for column in table]
    frame = pl.DataFrame(columns)
    units = frame["unit"].cast(pl.String)
    return frame.with_columns(
        frame["sex"].cast(pl.Categorical), units.cast(pl.Enum(sorted(units.unique().drop_nulls().to_list())))
    )


def whole(days: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """One compact table of several."""
    import polars as pl

    plain = [table.with_columns(table["unit"].cast(pl.String)) for table in days]
    return compact(pl.concat(plain, how="diagonal_relaxed").rechunk())


def joined(tables: Sequence[pl.DataFrame], since: date, units: Mapping[str, str]) -> pl.DataFrame:
    """One table of compact ones, from a day on: units by their name of today, the month of each act beside them.

    `units` are names by identifier. A unit that is not among them is unknown.
    """
    import polars as pl

    names = pl.Enum(sorted(set(units.values())))
    frames = []
    for table in tables:
        first = table[DAY].min()
        if first is not None and int(first) < days_since_1970(since):  # type: ignore[arg-type]
            table = table.filter(pl.col(DAY) >= days_since_1970(since))
        called = pl.Series("unit", [units.get(one) for one in table["unit"].dtype.categories], dtype=names)  # type: ignore[attr-defined]
        columns = [column for column in table if column.name not in {DAY, "unit"}]
        frames.append(pl.DataFrame([*columns, called.gather(table["unit"].to_physical()), _months(table[DAY])]))
    whole = pl.concat(frames, how="diagonal_relaxed").rechunk()
    odd = [column for column in whole.columns if column.startswith("odd/") and whole[column].null_count()]
    return whole.with_columns(pl.col(column).fill_null(value=False) for column in odd)


def _months(days: pl.Series) -> pl.Series:
    """The month (YYYY-MM) of each day."""
    import polars as pl

    first, last = (int(end) if end is not None else 0 for end in (days.min(), days.max()))  # type: ignore[arg-type]
    every = [date(1970, 1, 1) + timedelta(days=first + n) for n in range(last - first + 1)]
    months = pl.Series("month", [f"{day:%Y-%m}" for day in every], dtype=pl.Categorical)
    return months.gather((days.cast(pl.Int32) - first).cast(pl.UInt32))


def days_since_1970(day: date) -> int:
    """How a kept table counts days."""
    return (day - date(1970, 1, 1)).days
