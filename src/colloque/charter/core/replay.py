"""What a proposed charter would have changed: the acts that really happened, decided before and after.

Counts are of acts. Small cells, and what would give them away, are hidden (`disclosure`); where the proposal weighs far more
on one group, the report says so with its numbers (`equity`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import msgspec

from colloque.charter.core.acts_table import ACT_KIND, PERSON, PROJECT, word_columns
from colloque.charter.core.disclosure import is_small, overlapping_shown, parts_shown, rows_hidden, shown
from colloque.charter.core.engine import Charter
from colloque.charter.core.equity import Weight, chance, is_finding, weighs_more
from colloque.charter.core.evaluation import Masks, Verdicts, evaluate, policy_key
from colloque.charter.core.formulas import SITUATIONS as SITUATIONS_PATH
from colloque.kernel.errors import InvalidInputError
from colloque.kernel.vocabulary import ActKind, Situation, VerdictKind

if TYPE_CHECKING:
    import polars as pl

MIN_CELL = 5
CASES = 24
UNKNOWN, NONE = "unknown", "none"
AGE_BANDS = ((0, 17), (18, 34), (35, 54), (55, 64), (65, 74), (75, 84), (85, None))
HALF = 55
"""Where the two bands meet that stand for the finer ones."""
DIMENSIONS = ("act_kind", "unit", "age_band", "sex", "situation", "project", "month", "hour")
EQUITY_DIMENSIONS = ("age_band", "sex", "situation", "unit")
NEWLY = {
    VerdictKind.REFUSED: "newly_refused",
    VerdictKind.PERMITTED: "newly_permitted",
    VerdictKind.ASKS: "newly_asking",
}
COLUMN_OF = {"unit": "unit", "sex": "sex", "month": "month", "project": PROJECT, "hour": "moment.hour"}
TESTED_MOST = 8


class Tally(msgspec.Struct, frozen=True):
    """Acts by verdict."""

    permitted: int
    asks: int
    refused: int


class Line(msgspec.Struct, frozen=True):
    """One value of a dimension. `None` is a number hidden because it is small, or would give a small one away."""

    value: str
    acts: int | None
    newly_refused: int | None
    newly_permitted: int | None
    newly_asking: int | None
    before: Tally | None
    after: Tally | None


class Table(msgspec.Struct, frozen=True):
    """All values of a dimension; where they overlap (a person may live several situations) lines do not add up."""

    dimension: str
    lines: tuple[Line, ...]
    overlaps: bool = False


class Share(msgspec.Struct, frozen=True):
    """How often a rule decided for one value of a dimension."""

    dimension: str
    value: str
    acts: int | None


class RuleLine(msgspec.Struct, frozen=True):
    """How often a rule decided. `status` is `kept`, `changed`, `added`, `removed` or `built-in`.

    `with_whom` counts its decisions after the change; those before it where the proposal removes the rule.
    """

    rule: str
    status: str
    before: int | None
    after: int | None
    with_whom: tuple[Share, ...] = ()


class Case(msgspec.Struct, frozen=True):
    """One act whose verdict changes, told without what would name the person; `act` is as the table's `act.id` has it."""

    act: str
    act_kind: str
    unit: str
    age_band: str
    situations: tuple[str, ...]
    hour: int | None
    before: VerdictKind
    after: VerdictKind
    before_rules: tuple[str, ...]
    after_rules: tuple[str, ...]


class Finding(msgspec.Struct, frozen=True):
    """A group on which the proposal weighs far more. `effect` is `newly_refused`, `newly_permitted` or `newly_asking`.

    `ratio` is `None` where nobody else is touched; `chance` the probability that chance alone does so, many groups looked at.
    """

    dimension: str
    value: str
    effect: str
    weight: Weight
    rate: float
    other_rate: float
    ratio: float | None
    chance: float


class ReplayReport(msgspec.Struct, frozen=True):
    """The effect of a proposal on a table of acts; JSON by msgspec. `None` is a number that is hidden."""

    acts: int
    before: Tally
    after: Tally | None
    newly_refused: int | None
    newly_permitted: int | None
    newly_asking: int | None
    unreadable: int | None
    tables: tuple[Table, ...]
    rules: tuple[RuleLine, ...]
    cases: tuple[Case, ...]
    findings: tuple[Finding, ...]
    charter_before: int
    charter_after: int
    by_cedar: tuple[str, ...] = ()
    min_cell: int = MIN_CELL
    v: int = 1

    def table(self, dimension: str) -> Table:
        """The table of one dimension. Raises `KeyError`."""
        for table in self.tables:
            if table.dimension == dimension:
                return table
        raise KeyError(dimension)


def band_name(low: int, high: int | None) -> str:
    """An age band as it is written: `18-34`, `85+`."""
    return f"{low}+" if high is None else f"{low}-{high}"


class _Dimension:
    """One way to sort acts: its values, and where each holds on a part of the table."""

    def __init__(self, name: str, acts: pl.DataFrame) -> None:
        self.name = name
        self.overlaps = name == "situation"
        self._codes: list[tuple[str, Any]] = []
        if name == "act_kind":
            self._codes = [(kind.value, code) for code, kind in enumerate(ActKind)]
        elif name in COLUMN_OF and not acts[COLUMN_OF[name]].dtype.is_integer():
            column = _listed(acts[COLUMN_OF[name]])
            self._codes = sorted(zip(column.cast(str).to_list(), column.to_physical().to_list(), strict=True))
        elif name in COLUMN_OF:
            self._codes = [(str(n), n) for n in sorted(acts[COLUMN_OF[name]].unique().drop_nulls().to_list())]
        self.values = (*self._names(), UNKNOWN)

    def _names(self) -> list[str]:
        if self.name == "age_band":
            return [band_name(*band) for band in AGE_BANDS]
        if self.name == "situation":
            return [*(situation.value for situation in Situation), NONE]
        return [value for value, _ in self._codes]

    def masks(self, frame: pl.DataFrame) -> list[pl.Series]:
        """Where each of the values holds, in order."""
        if self.name == "situation":
            return self._situations(frame)
        column = frame[{"act_kind": ACT_KIND, "age_band": "person.age"}.get(self.name) or COLUMN_OF[self.name]]
        unknown = column.is_null()
        if self.name == "age_band":
            held = [column >= low if high is None else (column >= low) & (column <= high) for low, high in AGE_BANDS]
        else:
            codes = column.to_physical()
            held = [codes == code for _, code in self._codes]
        return [*(mask.fill_null(value=False) if unknown.any() else mask for mask in held), unknown]

    @staticmethod
    def _situations(frame: pl.DataFrame) -> list[pl.Series]:
        columns = [frame[name] for name in word_columns(SITUATIONS_PATH)]
        unknown = columns[0].is_null()
        held = [column.fill_null(value=False) for column in columns]
        anything = held[0]
        for mask in held[1:]:
            anything = anything | mask
        return [*held, ~anything & ~unknown, unknown]


def _listed(column: pl.Series) -> pl.Series:
    """The values a column may hold, where its type lists them, or does hold."""
    import polars as pl

    if isinstance(column.dtype, pl.Enum):
        return pl.Series(list(column.dtype.categories), dtype=column.dtype)
    return column.unique().drop_nulls()


class _Counts:
    """Everything counted: how many acts, for each mask and each value of each dimension."""

    def __init__(
        self, before: Verdicts, after: Verdicts, dimensions: Sequence[_Dimension], *, with_whom: bool = True
    ) -> None:
        import numpy as np

        self.dimensions = dimensions
        self.rules = [*((after, i) for i in after.rule_ids)]
        self.rules += [(before, i) for i in before.rule_ids if i not in after.rule_ids]
        self._before, self._after, self._with_whom = before, after, with_whom
        starts, start = [], 0
        for part in before.parts:
            starts.append(start)
            start += part.rows
        with ThreadPoolExecutor(_threads()) as pool:
            found = list(pool.map(self._part, range(len(starts)), starts))
        width = 1 + sum(len(dimension.values) for dimension in dimensions)
        self.counts = sum(found, start=np.zeros((10 + len(self.rules), width), np.int64))

    def _part(self, number: int, start: int) -> Any:
        import numpy as np
        import polars as pl

        from colloque.charter.core.bitmaps import crossed, words_of

        before, after = self._before.parts[number], self._after.parts[number]
        frame = self._before.acts.slice(start, before.rows)
        everything = pl.repeat(value=True, n=before.rows, dtype=pl.Boolean, eager=True)
        masks: list[pl.Series | None] = [everything]
        masks += [part.kind(kind) for part in (before, after) for kind in VerdictKind]
        masks += [newly(before, after, kind) for kind in NEWLY]
        ruled = [(after if verdicts is self._after else before).decided(rule_id) for verdicts, rule_id in self.rules]
        nothing = ~everything
        values = words_of([everything, *(mask for dimension in self.dimensions for mask in dimension.masks(frame))])

        def counted(these: Sequence[pl.Series | None], those: Any) -> Any:
            return crossed(words_of([nothing if mask is None else mask for mask in these]), those)

        if self._with_whom:
            return counted([*masks, *ruled], values)
        counts = np.zeros((len(masks) + len(ruled), len(values)), np.int64)
        counts[: len(masks)] = counted(masks, values)
        counts[len(masks) :, :1] = counted(ruled, values[:1])
        return counts

    def of(self, dimension: str) -> Any:
        """The counts of one dimension: a line for each mask, a column for each value."""
        start = 1
        for known in self.dimensions:
            if known.name == dimension:
                return self.counts[:, start : start + len(known.values)]
            start += len(known.values)
        raise KeyError(dimension)


def _threads() -> int:
    import polars as pl

    return pl.thread_pool_size()


def newly(before: Masks, after: Masks, kind: VerdictKind) -> pl.Series | None:
    """Where the verdict becomes this kind."""
    now, then = after.kind(kind), before.kind(kind)
    return now if now is None or then is None else now & ~then


def count_newly(before: Verdicts, after: Verdicts, kind: VerdictKind, among: pl.Series) -> int:
    """How many acts newly get a verdict, among some of the table; both on the same table."""
    found, start = 0, 0
    for then, now in zip(before.parts, after.parts, strict=True):
        mask = newly(then, now, kind)
        if mask is not None:
            found += int((mask & among.slice(start, then.rows)).sum())
        start += then.rows
    return found


def replay(
    before: Charter,
    after: Charter,
    acts: pl.DataFrame,
    dimensions: Sequence[str] = DIMENSIONS,
    *,
    min_cell: int = MIN_CELL,
    cases: int = CASES,
    kept: Verdicts | None = None,
    now: Verdicts | None = None,
    with_whom: bool = True,
) -> ReplayReport:
    """What `after` would have changed, against `before`, on a table of acts (`facts_table`, `read_acts`).

    A dimension whose column the table does not have is left out. `kept` are the verdicts of `before` on this very table, `now`
    those of `after`, where they are at hand. Without `with_whom`, how often each rule decided is told and not for whom.
    Raises `InvalidInputError` for a dimension that does not exist.
    """
    unknown = [name for name in dimensions if name not in DIMENSIONS]
    if unknown:
        raise InvalidInputError(f"There is no dimension {unknown[0]}. Take some of: {', '.join(DIMENSIONS)}.")
    then = evaluate(before, acts) if kept is None else kept
    now = evaluate(after, acts, then) if now is None else now
    used = [_Dimension(name, acts) for name in dimensions if _has_column(name, acts)]
    counts = _Counts(then, now, used, with_whom=with_whom)
    totals = [int(count) for count in counts.counts[:, 0]]
    changed = [shown(count, min_cell) for count in totals[7:10]]
    unreadable = sum(int(part.unreadable.sum()) for part in then.parts if part.unreadable is not None)
    return ReplayReport(
        acts=acts.height,
        before=Tally(*totals[1:4]),
        after=None if None in changed else Tally(*totals[4:7]),
        newly_refused=changed[0],
        newly_permitted=changed[1],
        newly_asking=changed[2],
        unreadable=shown(unreadable, min_cell),
        tables=tuple(_readable_table(dimension, counts.of(dimension.name), totals, min_cell) for dimension in used),
        rules=tuple(_rules(before, after, counts, totals, min_cell, with_whom=with_whom)),
        cases=tuple(_cases(then, now, acts, cases, totals, min_cell)),
        findings=tuple(_findings(then, now, counts, totals, min_cell)),
        charter_before=before.number,
        charter_after=after.number,
        by_cedar=tuple(dict.fromkeys([*then.by_cedar, *now.by_cedar])),
        min_cell=min_cell,
    )


def _has_column(name: str, acts: pl.DataFrame) -> bool:
    if name in {"act_kind", "situation"}:
        return name == "act_kind" or word_columns(SITUATIONS_PATH)[0] in acts.columns
    return {"age_band": "person.age"}.get(name, COLUMN_OF.get(name)) in acts.columns


class _Wider(msgspec.Struct, frozen=True):
    """The two age bands that are told where the finer ones would all be hidden."""

    values: tuple[str, ...] = (band_name(0, HALF - 1), band_name(HALF, None), UNKNOWN)
    name: str = "age_band"
    overlaps: bool = False


def _readable_table(dimension: _Dimension, counts: Any, totals: Sequence[int], least: int) -> Table:
    """The table of a dimension; by two age bands where finer ones would tell of nobody who is touched."""
    table = _table(dimension, counts, totals, least)
    if dimension.name != "age_band" or not any(totals[7:10]):
        return table
    if any(
        getattr(line, name) for line in table.lines for name in ("newly_refused", "newly_permitted", "newly_asking")
    ):
        return table
    import numpy as np

    under = [place for place, (_, high) in enumerate(AGE_BANDS) if high is not None and high < HALF]
    over = [place for place in range(len(AGE_BANDS)) if place not in under]
    wider = np.stack([counts[:, under].sum(axis=1), counts[:, over].sum(axis=1), counts[:, -1]], axis=1)
    return _table(_Wider(), wider, totals, least)


def _table(dimension: _Dimension | _Wider, counts: Any, totals: Sequence[int], least: int) -> Table:
    rows = [place for place in range(len(dimension.values)) if counts[0, place]]
    columns = {line: [int(counts[line, place]) for place in rows] for line in range(10)}
    if dimension.overlaps:
        told = {line: overlapping_shown(columns[line], totals[line], least) for line in (0, 7, 8, 9)}
        hidden = {n for n in range(len(rows)) if any(told[line][n] is None for line in (0, 7, 8, 9))}
        hidden |= {
            n
            for n in range(len(rows))
            if any(is_small(columns[k][n], least) or is_small(totals[k] - columns[k][n], least) for k in range(1, 7))
        }
    else:
        told = {line: parts_shown(columns[line], least) for line in (0, 7, 8, 9)}
        marked = [[1 if told[line][n] is None else 0 for n in range(len(rows))] for line in (0, 7, 8, 9)]
        hidden = set(rows_hidden([[*columns[k]] for k in range(1, 7)], least)) | {
            n for n in range(len(rows)) if any(column[n] for column in marked)
        }
        if len(hidden) == 1:
            hidden |= {min((n for n in range(len(rows)) if n not in hidden), key=lambda n: columns[0][n], default=0)}
    lines = []
    for n, place in enumerate(rows):
        tallies = [None if n in hidden else Tally(*(columns[k + i][n] for i in range(3))) for k in (1, 4)]
        lines.append(Line(dimension.values[place], told[0][n], told[7][n], told[8][n], told[9][n], *tallies))
    return Table(dimension.name, tuple(lines), dimension.overlaps)


def _rules(
    before: Charter, after: Charter, counts: _Counts, totals: Sequence[int], least: int, *, with_whom: bool
) -> Iterator[RuleLine]:
    old, new = ({rule.id: rule for rule in charter.rules} for charter in (before, after))
    earlier = {
        i: sum(int(m.sum()) for p in counts._before.parts if (m := p.decided(i)) is not None)
        for i in counts._before.rule_ids
    }
    for n, (verdicts, rule_id) in enumerate(counts.rules):
        line = 10 + n
        status = "built-in"
        if rule_id in old or rule_id in new:
            status = "removed" if rule_id not in new else "added" if rule_id not in old else "kept"
            if status == "kept" and (policy_key(old[rule_id]), old[rule_id].effect, old[rule_id].asks) != (
                policy_key(new[rule_id]),
                new[rule_id].effect,
                new[rule_id].asks,
            ):
                status = "changed"
        then = earlier.get(rule_id, 0)
        now = totals[line] if verdicts is counts._after else 0
        is_shown = not is_small(abs(now - then), least)
        shares: list[Share] = []
        for dimension in counts.dimensions if with_whom else ():
            held = [int(count) for count in counts.of(dimension.name)[line]]
            told = overlapping_shown(held, totals[line], least) if dimension.overlaps else parts_shown(held, least)
            shares.extend(
                Share(dimension.name, value, count)
                for value, count in zip(dimension.values, told, strict=True)
                if count != 0
            )
        yield RuleLine(rule_id, status, shown(then, least), shown(now, least) if is_shown else None, tuple(shares))


def _cases(
    then: Verdicts, now: Verdicts, acts: pl.DataFrame, wanted: int, totals: Sequence[int], least: int
) -> Iterator[Case]:
    """Acts whose verdict changes, as unlike each other as can be: first of each kind of act and age band."""
    told: dict[tuple[str, str, str], int] = {}
    for place, kind in enumerate(NEWLY):
        if is_small(totals[7 + place], least):
            continue
        start = 0
        for before, after in zip(then.parts, now.parts, strict=True):
            mask = newly(before, after, kind)
            rows = [start + row for row in mask.arg_true().head(400).to_list()] if mask is not None else []
            some = acts.select(ACT_KIND, *_AGE & set(acts.columns))[rows]
            for row, cell in zip(rows, some.iter_rows(named=True), strict=True):
                told.setdefault((kind.value, str(cell[ACT_KIND]), _band(cell.get("person.age"))), row)
            start += before.rows
            if len(told) >= (place + 1) * wanted:
                break
    by_kind: dict[str, list[int]] = {}
    for (kind_name, _, _), row in told.items():
        by_kind.setdefault(kind_name, []).append(row)
    turns = max((len(rows) for rows in by_kind.values()), default=0)
    chosen = [rows[turn] for turn in range(turns) for rows in by_kind.values() if turn < len(rows)]
    for row in chosen[:wanted]:
        yield _case(then, now, acts, row)


_AGE = {"person.age"}


def _band(age: int | None) -> str:
    if age is None:
        return UNKNOWN
    return next(band_name(low, high) for low, high in AGE_BANDS if high is None or age <= high)


def _case(then: Verdicts, now: Verdicts, acts: pl.DataFrame, row: int) -> Case:
    before, after = then.verdict(row), now.verdict(row)
    cell: Mapping[str, Any] = acts.row(row, named=True)
    situations = zip(Situation, word_columns(SITUATIONS_PATH), strict=True)
    return Case(
        act=str(cell.get("act.id") or ""),
        act_kind=str(cell[ACT_KIND] or UNKNOWN),
        unit=str(cell.get("unit") or ""),
        age_band=_band(cell.get("person.age")),
        situations=tuple(situation.value for situation, column in situations if cell.get(column)),
        hour=cell.get("moment.hour"),
        before=before.kind,
        after=after.kind,
        before_rules=before.rules,
        after_rules=after.rules,
    )


def _findings(then: Verdicts, now: Verdicts, counts: _Counts, totals: Sequence[int], least: int) -> Iterator[Finding]:
    looked_at = [dimension for dimension in counts.dimensions if dimension.name in EQUITY_DIMENSIONS]
    groups = sum(len(dimension.values) for dimension in looked_at) * len(NEWLY)
    candidates: list[tuple[float, _Dimension, int, int]] = []
    for dimension in looked_at:
        held = counts.of(dimension.name)
        for place in range(len(dimension.values)):
            acts = int(held[0, place])
            for effect in range(len(NEWLY)):
                touched = int(held[7 + effect, place])
                others, touched_others = totals[0] - acts, totals[7 + effect] - touched
                if touched < least or is_small(touched_others, least):
                    continue
                if weighs_more(acts, touched, others, touched_others):
                    rate = touched / acts
                    candidates.append((rate - touched_others / others, dimension, place, effect))
    candidates.sort(key=lambda candidate: -candidate[0])
    for _, dimension, place, effect in candidates[:TESTED_MOST]:
        weight = _weight(then, now, counts, totals, dimension, place, effect)
        if is_finding(weight, groups) and not is_small(weight.other_people_touched, least):
            name = list(NEWLY.values())[effect]
            yield Finding(
                dimension.name,
                dimension.values[place],
                name,
                weight,
                weight.rate,
                weight.other_rate,
                weight.ratio,
                chance(weight, groups),
            )


def _weight(
    then: Verdicts,
    now: Verdicts,
    counts: _Counts,
    totals: Sequence[int],
    dimension: _Dimension,
    place: int,
    effect: int,
) -> Weight:
    """The numbers of one group. Where the table does not say who the acts concern, each act counts as one person."""
    import numpy as np

    acts = then.acts
    held = counts.of(dimension.name)
    group, touched = int(held[0, place]), int(held[7 + effect, place])
    others, others_touched = totals[0] - group, totals[7 + effect] - touched
    if PERSON not in acts.columns:
        return Weight(group, touched, group, touched, others, others_touched, others, others_touched)
    kind, start = list(NEWLY)[effect], 0
    codes = acts[PERSON].to_physical()
    size = int(codes.max() or 0) + 1  # type: ignore[arg-type]
    sums = np.zeros((4, size), np.int64)
    for before, after in zip(then.parts, now.parts, strict=True):
        inside = dimension.masks(acts.slice(start, before.rows))[place]
        there = codes.slice(start, before.rows)
        hit = newly(before, after, kind)
        sums[0] += np.bincount(there.filter(inside).to_numpy(), minlength=size)
        sums[2] += np.bincount(there.to_numpy(), minlength=size)
        if hit is not None:
            sums[1] += np.bincount(there.filter(inside & hit).to_numpy(), minlength=size)
            sums[3] += np.bincount(there.filter(hit).to_numpy(), minlength=size)
        start += before.rows
    sums[2:] -= sums[:2]
    mine, theirs = (_people(*sums[n : n + 2]) for n in (0, 2))
    return Weight(group, touched, mine[0], mine[1], others, others_touched, theirs[0], theirs[1], mine[2], theirs[2])


def _people(acts: Any, touched: Any) -> tuple[int, int, float]:
    """How many people, how many of them touched, and the variance of the rate of acts touched, by person."""
    people, whole = int((acts > 0).sum()), int(acts.sum())
    if people < 2:
        return people, int((touched > 0).sum()), 0.0
    residues = touched - acts * (touched.sum() / whole)
    spread = float((residues * residues).sum()) / whole**2 * people / (people - 1)
    return people, int((touched > 0).sum()), spread
