"""The facts of many acts as one table: a column for each fact, null where it was not known.

Columns bear the path of the fact in `Facts` (`person.age`); a set has one true-or-false column for each word it may hold
(`person.situations/minor`). A fact that is not of its type (a word the vocabulary has lost, a negative age) is null, and
`odd/<fact>` is true: rules that read it cannot be applied to the act, and the act counts as refused. What is not a fact
and serves to count (`unit`, `sex`, `month`, `act.id`) stands in further columns. docs/guides/acts-table.md names them all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from operator import attrgetter
from types import NoneType
from typing import TYPE_CHECKING, Any, BinaryIO, TypeAlias
from uuid import UUID

import msgspec

from colloque.charter.core.conditions import LARGEST_FACT
from colloque.charter.core.entities import fact_path
from colloque.charter.core.facts import (
    EstablishmentFacts,
    ExchangeFacts,
    Facts,
    MomentFacts,
    OwnAssessmentFacts,
)
from colloque.charter.core.formulas import ACTS, ELEMENTS
from colloque.charter.core.schema import ATTRIBUTES, ENUMERATIONS, Path
from colloque.kernel.errors import InvalidInputError
from colloque.kernel.vocabulary import ActKind

if TYPE_CHECKING:
    from pathlib import Path as FilePath

    import polars as pl

VERSION = 1
ROWS_AT_ONCE = 50_000
ACT_KIND, DECLARED, PROJECT, PERSON = "act_kind", "act_declared", "project.id", "person.id"
SITUATIONS = "person.situations"

COLUMNS: Mapping[Path, str] = {
    path: f"project.{path[1]}" if path[0] == "principal" else fact_path(path)
    for path in ATTRIBUTES
    if path[:2] != ("context", "act")
}
"""The column of each fact a rule may read. A set has one column for each word: `<column>/<word>`."""
IDENTITIES: Mapping[Path, str] = {("principal", "id"): PROJECT, ("resource", "id"): PERSON}
DEFAULTS: Mapping[str, Any] = {
    "own_assessment.made": False,
    "explicit_yes.given": False,
    "establishment.outage": False,
    "person.choice": "unknown",
}
"""What a fact is where an older table has no such column, as in `Facts`. A fact that may be unknown is then unknown."""
Upgrade: TypeAlias = Callable[[dict[str, Any]], dict[str, Any]]
UPGRADES: Mapping[int, Upgrade] = {}
"""From the facts of a version to those of the next one: what was renamed since. Version 1 is the first, and the current."""

_PATHS = tuple(COLUMNS)
_FETCH = attrgetter(ACT_KIND, PROJECT, PERSON, *(COLUMNS[path] for path in _PATHS))
_ODD = object()
_TYPES: Mapping[str, type] = {"Long": int, "Bool": bool}


class _Project(msgspec.Struct, frozen=True, gc=False):
    id: str
    status: str
    track: str
    autonomy: str
    acts: msgspec.Raw


class _Person(msgspec.Struct, frozen=True, gc=False):
    id: str
    age: int | None = None
    situations: msgspec.Raw = msgspec.Raw(b"null")
    choice: str = DEFAULTS["person.choice"]
    human_minutes_today: int | None = None
    robot_minutes_today: int | None = None


class _Carer(msgspec.Struct, frozen=True, gc=False):
    id: str | None = None
    profession: str | None = None
    attested: bool | None = None
    on_duty: bool | None = None


class _Presence(msgspec.Struct, frozen=True, gc=False):
    human_present: bool | None = None
    attested_by: str | None = None


class _ExplicitYes(msgspec.Struct, frozen=True, gc=False):
    given: bool = False
    heard_by: str | None = None


class _Row(msgspec.Struct, frozen=True, gc=False):
    """Facts as they lie in JSON: words are not looked up, identifiers not parsed, sets not opened before they must be."""

    project: _Project
    act_kind: str
    person: _Person
    carer: _Carer
    moment: MomentFacts
    establishment: EstablishmentFacts
    presence: _Presence = _Presence()
    own_assessment: OwnAssessmentFacts = OwnAssessmentFacts()
    exchange: ExchangeFacts = ExchangeFacts()
    explicit_yes: _ExplicitYes = _ExplicitYes()
    v: int = VERSION


_typed = msgspec.json.Decoder(_Row)
_loose = msgspec.json.Decoder()


def word_columns(path: Path) -> tuple[str, ...]:
    """The columns of a set, one for each word it may hold."""
    return tuple(f"{COLUMNS[path]}/{word}" for word in ELEMENTS[path])


def odd_column(column: str) -> str:
    """The column that says where a fact is not of its type."""
    return f"odd/{column}"


class _Loose:
    """Facts read without their types, from canonical JSON: what is absent is `None`, what cannot be found is odd."""

    def __init__(self, row: Mapping[str, Any]) -> None:
        self._row = row

    def fetch(self) -> tuple[Any, ...]:
        person = self._part("person")
        found = [self._row.get(ACT_KIND, _ODD), self._part("project").get("id", _ODD), person.get("id", _ODD)]
        for path in _PATHS:
            part, _, name = COLUMNS[path].partition(".")
            source = self._row.get(part, {})
            default = None if ATTRIBUTES[path].optional else DEFAULTS.get(COLUMNS[path], _ODD)
            value = source.get(name, default) if isinstance(source, Mapping) else _ODD
            found.append(_as_set(value) if path in ELEMENTS else value)
        return tuple(found)

    def _part(self, name: str) -> Mapping[str, Any]:
        part = self._row.get(name)
        return part if isinstance(part, Mapping) else {}


def _as_set(value: Any) -> Any:
    is_words = isinstance(value, list) and all(isinstance(word, str) for word in value)
    return frozenset(value) if is_words else value


@lru_cache(maxsize=8192)
def _opened(written: bytes) -> Any:
    """A set as JSON has it: few are different."""
    value = _loose.decode(written)
    return None if value is None else _as_set(value)


def _fetched(facts: Facts | _Row) -> tuple[Any, ...]:
    try:
        return _FETCH(facts)
    except AttributeError:
        return tuple(_reach(facts, name) for name in (ACT_KIND, PROJECT, PERSON, *(COLUMNS[p] for p in _PATHS)))


def _reach(facts: Facts | _Row, name: str) -> Any:
    try:
        return attrgetter(name)(facts)
    except AttributeError:
        return _ODD


def _row(row: Facts | bytes | str | Mapping[str, Any], upgrades: Mapping[int, Upgrade]) -> tuple[Any, ...]:
    if isinstance(row, Facts):
        return _fetched(row)
    if isinstance(row, bytes | str):
        try:
            facts = _typed.decode(row)
        except msgspec.ValidationError:
            row = _loose.decode(row)
        except msgspec.DecodeError as error:
            raise InvalidInputError("The facts of an act are not JSON.", code="acts-unreadable") from error
        else:
            if facts.v == VERSION:
                return _fetched(facts)
            row = _loose.decode(row)
    if not isinstance(row, Mapping):
        raise InvalidInputError("The facts of an act are not a JSON object.", code="acts-unreadable")
    version = row.get("v", 1)
    if type(version) is not int or not 1 <= version <= VERSION + len(upgrades):
        raise InvalidInputError(
            f"Facts of version {version!r:.20} are from a later release than this one (version {VERSION}).",
            code="acts-too-new",
        )
    upgraded = dict(row)
    while version in upgrades:
        upgraded = upgrades[version](upgraded)
        version += 1
    return _Loose(upgraded).fetch()


def _text(value: Any) -> str:
    return _readable(value) if type(value) in {UUID, str} else ""


def _readable(value: Any) -> str:
    """As text; halves of characters, which no file can hold, replaced."""
    return str(value).encode("utf-8", "replace").decode()


def facts_table(
    rows: Iterable[Facts | bytes | str | Mapping[str, Any]],
    further: Mapping[str, Sequence[str | int | None]] | None = None,
    *,
    upgrades: Mapping[int, Upgrade] = UPGRADES,
) -> pl.DataFrame:
    """The table of these acts, in order; each is `Facts` or its canonical JSON, of this version or an earlier one.

    `further` are columns of the same length that count and do not decide (`unit`, `sex`, `month`, `act.id`).
    Raises `InvalidInputError` for what is not JSON, facts of a later version, or further columns of another length.
    """
    import polars as pl

    iterator = iter(rows)
    frames: list[pl.DataFrame] = []
    while fetched := [_row(row, upgrades) for row in islice(iterator, ROWS_AT_ONCE)]:
        frames.append(_frame(fetched))
    frame = pl.concat(frames or [_frame([])], how="diagonal").rechunk()
    odd = [column for column in frame.columns if column.startswith("odd/")]
    frame = frame.with_columns(pl.col(column).fill_null(value=False) for column in odd)
    for name, values in (further or {}).items():
        if len(values) != frame.height:
            raise InvalidInputError(f"The column {name} has {len(values)} rows for {frame.height} acts.", path=name)
        column = pl.Series(name, values, strict=False)
        frame = frame.with_columns(column.cast(pl.Categorical) if column.dtype == pl.String else column)
    return frame


def _frame(fetched: Sequence[tuple[Any, ...]]) -> pl.DataFrame:
    import polars as pl

    given, projects, people, *facts = zip(*fetched, strict=True) if fetched else [()] * (len(_PATHS) + 3)
    kinds = [_ODD if kind is None else kind for kind in given]
    columns = _words(ACT_KIND, kinds, [kind.value for kind in ActKind])
    for name, values in ((PROJECT, projects), (PERSON, people)):
        texts = pl.Series(name, [_readable(value) for value in values], dtype=pl.String)
        columns.append(texts.cast(pl.Categorical))
    for path, values in zip(_PATHS, facts, strict=True):
        columns.extend(_fact(path, values))
    acts = facts[_PATHS.index(ACTS)]
    sets = (_opened(bytes(held)) if type(held) is msgspec.Raw else held for held in acts)
    declared = [isinstance(held, frozenset) and kind in held for kind, held in zip(kinds, sets, strict=True)]
    return pl.DataFrame([*columns, pl.Series(DECLARED, declared, dtype=pl.Boolean)])


def _with_odd(name: str, columns: list[pl.Series], values: Sequence[Any], held: Sequence[Any]) -> list[pl.Series]:
    """The columns, and where a value that was there is not held, if anywhere."""
    import polars as pl

    if held.count(None) == values.count(None):
        return columns
    odd = [mine is None and value is not None for mine, value in zip(held, values, strict=True)]
    return [*columns, pl.Series(odd_column(name), odd, dtype=pl.Boolean)]


def _words(name: str, values: Sequence[Any], words: Sequence[str]) -> list[pl.Series]:
    import polars as pl

    known = {word: word for word in words}
    held = [known.get(value) if isinstance(value, str) else None for value in values]
    return _with_odd(name, [pl.Series(name, held, dtype=pl.Enum(words))], values, held)


def _fact(path: Path, values: Sequence[Any]) -> list[pl.Series]:
    """The columns of one fact. What a project declares cannot be unknown: it is odd where it is absent."""
    import polars as pl

    name, kind = COLUMNS[path], ATTRIBUTES[path].type
    if path in ELEMENTS:
        values = [_opened(bytes(value)) if type(value) is msgspec.Raw else value for value in values]
    if path[0] == "principal":
        values = [_ODD if value is None else value for value in values]
    if kind in ENUMERATIONS:
        return _words(name, values, [word.value for word in ENUMERATIONS[kind]])
    if path in ELEMENTS:
        return _set(path, values)
    if kind == "String":
        texts = [None if value is None else _text(value) for value in values]
        sound = [None if text == "" else text for text in texts]
        return _with_odd(name, [pl.Series(name, texts, dtype=pl.String).cast(pl.Categorical)], values, sound)
    held = list(values)
    if not set(map(type, values)) <= {_TYPES[kind], NoneType}:
        held = [value if type(value) is _TYPES[kind] else None for value in values]
    if kind == "Long" and any(held):
        low, high = min(n for n in held if n is not None), max(n for n in held if n is not None)
        if low < 0 or high > LARGEST_FACT:
            held = [n if n is not None and 0 <= n <= LARGEST_FACT else None for n in held]
    return _with_odd(name, [pl.Series(name, held, dtype=_dtype(kind))], values, held)


def _set(path: Path, values: Sequence[Any]) -> list[pl.Series]:
    import polars as pl

    words = ELEMENTS[path]
    every = frozenset(words)
    held = [value if isinstance(value, frozenset) and value <= every else None for value in values]
    different: dict[frozenset[str] | None, int] = {}
    places = pl.Series([different.setdefault(one, len(different)) for one in held], dtype=pl.UInt32)
    columns = [
        pl.Series(column, [None if one is None else word in one for one in different], dtype=pl.Boolean).gather(places)
        for column, word in zip(word_columns(path), words, strict=True)
    ]
    return _with_odd(COLUMNS[path], columns, values, held)


def write_acts(frame: pl.DataFrame, target: FilePath | BinaryIO) -> None:
    """Write a table of acts as Parquet, for `read_acts`."""
    frame.write_parquet(target)


def read_acts(source: FilePath | BinaryIO) -> pl.DataFrame:
    """A table of acts from Parquet, written by `write_acts` or by anybody after docs/guides/acts-table.md.

    Raises `InvalidInputError` for a file that is not Parquet, a column that must be there and is not, or one of a type that
    cannot be read as its fact.
    """
    import polars as pl

    try:
        frame = pl.read_parquet(source)
    except (pl.exceptions.PolarsError, OSError, ValueError) as error:
        raise InvalidInputError("This file cannot be read as a Parquet table.", code="acts-unreadable") from error
    return checked_acts(frame)


def checked_acts(frame: pl.DataFrame) -> pl.DataFrame:
    """A table of acts whose columns have the types that evaluation expects. Raises `InvalidInputError` as `read_acts`."""
    import polars as pl

    missing = [name for name in (ACT_KIND, PROJECT) if name not in frame.columns]
    columns: dict[str, pl.Series] = {name: frame[name] for name in frame.columns}
    kinds = [kind.value for kind in ActKind]
    if ACT_KIND in columns:
        _read_column(columns, ACT_KIND, pl.Enum(kinds), may_be_null=False)
    for name in (PROJECT, PERSON):
        if name in columns:
            columns[name] = _cast(columns[name], pl.Categorical)
    for path, name in COLUMNS.items():
        kind, optional = ATTRIBUTES[path]
        names = word_columns(path) if path in ELEMENTS else (name,)
        absent = [n for n in names if n not in columns]
        if absent and not optional and name not in DEFAULTS:
            missing.extend(absent[:1])
        elif absent and not optional:
            columns[name] = pl.repeat(DEFAULTS[name], frame.height, eager=True).alias(name)
        elif len(absent) == len(names):
            continue
        elif absent:
            raise InvalidInputError(f"The column {absent[0]} is missing beside {names[0]}.", path=absent[0])
        for n in names:
            if n in columns:
                _read_column(columns, n, _dtype(kind), may_be_null=path[0] != "principal", odd_name=name)
    if missing:
        raise InvalidInputError(
            f"The table of acts has no column {', '.join(missing)}. docs/guides/acts-table.md names the columns.",
            code="acts-incomplete",
            path=missing[0],
        )
    checked = pl.DataFrame(list(columns.values()))
    return checked if DECLARED in columns else checked.with_columns(_declared().alias(DECLARED))


def _declared() -> pl.Expr:
    import polars as pl

    held = zip(ActKind, word_columns(ACTS), strict=True)
    return pl.any_horizontal((pl.col(ACT_KIND) == kind.value) & pl.col(column) for kind, column in held)


def _dtype(kind: str) -> Any:
    import polars as pl

    if kind in ENUMERATIONS:
        return pl.Enum([word.value for word in ENUMERATIONS[kind]])
    return {"Long": pl.Int32, "String": pl.Categorical}.get(kind, pl.Boolean)


def _cast(column: pl.Series, dtype: Any) -> pl.Series:
    import polars as pl

    if column.dtype == dtype:
        return column
    is_text = column.dtype in {pl.String, pl.Categorical} or isinstance(column.dtype, pl.Enum)
    fits = {pl.Int32: column.dtype.is_integer(), pl.Boolean: column.dtype == pl.Boolean}.get(dtype, is_text)
    if not fits and column.dtype != pl.Null:
        raise InvalidInputError(f"The column {column.name} holds {column.dtype}, not {dtype}.", path=column.name)
    if isinstance(dtype, pl.Enum):
        return column.cast(pl.String).cast(dtype, strict=False)
    return column.cast(dtype, strict=False)


def _read_column(
    columns: dict[str, pl.Series], name: str, dtype: Any, *, may_be_null: bool, odd_name: str | None = None
) -> None:
    """Bring a column to its type; where a value is lost by it, or absent and may not be, the fact is odd."""
    import polars as pl

    given = columns[name]
    column = given if dtype == pl.Int32 and given.dtype.is_integer() else _cast(given, dtype)
    if column.dtype.is_integer():
        low, high = column.min(), column.max()
        if low is not None and high is not None and (int(low) < 0 or int(high) > LARGEST_FACT):  # type: ignore[arg-type]
            column = column.set(~column.is_between(0, LARGEST_FACT), None)
    odd = column.is_null() if not may_be_null else column.is_null() & given.is_not_null()
    columns[name] = column
    if odd.any():
        flag = odd_column(odd_name or name)
        columns[flag] = (odd | columns[flag] if flag in columns else odd).alias(flag)
