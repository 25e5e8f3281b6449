"""A charter over whole tables of acts: the verdicts that `Charter.decide` gives, some millions a second.

Each formula is computed once on a part of the table, whatever the number of rules that hold it, and parts are shared among
threads. A rule that has no formula is decided by Cedar itself, once for each combination of the facts it reads.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache, reduce
from hashlib import sha256
from operator import and_, or_
from typing import TYPE_CHECKING, Any

import cedarpy

from colloque.charter.core.acts_table import (
    ACT_KIND,
    COLUMNS,
    DECLARED,
    IDENTITIES,
    PROJECT,
    word_columns,
)
from colloque.charter.core.compiled import CompiledRule, NotCompilableError, compile_rule
from colloque.charter.core.constitution import CANNOT_DECIDE, DEFAULT_DENY
from colloque.charter.core.engine import ASKED_IN_ORDER, Charter
from colloque.charter.core.formulas import (
    ACT,
    ELEMENTS,
    FALSE,
    LARGEST,
    SMALLEST,
    TRUE,
    Formula,
    Formulas,
    Term,
    bounds,
)
from colloque.charter.core.rules import Rule
from colloque.charter.core.schema import ATTRIBUTES, CONTEXT, ENUMERATIONS, PRINCIPAL, RESOURCE, Path
from colloque.charter.core.verdict import Verdict
from colloque.kernel.errors import InvalidInputError
from colloque.kernel.vocabulary import ACT_TRAITS, ActKind, VerdictKind

if TYPE_CHECKING:
    import polars as pl

ROWS_AT_ONCE = 1 << 19
EVALUATION = "evaluation"
SIDES = ("holds", "errs")


def policy_key(rule: Rule) -> str:
    """What a rule's being satisfied depends on: its scope and its conditions, in one text."""
    return json.dumps([rule.policy[name] for name in ("principal", "action", "resource", "conditions")], sort_keys=True)


def _digest(key: str) -> str:
    return sha256(key.encode()).hexdigest()[:32]


class _Evaluator:
    """Formulas on one part of a table. A value is a mask without nulls, or plainly true or false for all rows."""

    def __init__(self, formulas: Formulas, frame: pl.DataFrame) -> None:
        self._formulas = formulas
        self._frame = frame
        self._values: dict[Formula, Any] = {TRUE: True, FALSE: False}
        self._columns: dict[str, Any] = {}
        self._operators: Mapping[str, Callable[..., Any]] = {
            "known": self._known,
            "flag": lambda path: self.sure(COLUMNS[path]),
            "member": self._member,
            "holds": lambda path, word: self.sure(f"{COLUMNS[path]}/{word}"),
            "declared": lambda: self.sure(DECLARED),
            "is": lambda path, text: self._filled(self._text(path) == text),
            "same": lambda one, other: self._filled(self._text(one) == self._text(other)),
            "like": self._like,
            "below": self._below,
            "equals": lambda path, number: self._number(path) == number,
            "compare": self._compare,
            "overflows": self._overflows,
            "not": lambda inner: self._negated(self.value(inner)),
            "and": lambda operands: self._joined(operands, and_, absorbing=False),
            "or": lambda operands: self._joined(operands, or_, absorbing=True),
        }

    def value(self, formula: Formula) -> Any:
        """Where the formula holds."""
        if formula not in self._values:
            operator, *operands = self._formulas.nodes[formula]
            self._values[formula] = self._operators[operator](*operands)
        return self._values[formula]

    def mask(self, formula: Formula) -> pl.Series | None:
        """Where the formula holds, or nothing if nowhere."""
        import polars as pl

        value = self.value(formula)
        if value is True:
            return pl.repeat(value=True, n=self._frame.height, dtype=pl.Boolean, eager=True)
        return None if value is False else value

    @staticmethod
    def _negated(value: Any) -> Any:
        return not value if isinstance(value, bool) else ~value

    def _joined(self, operands: frozenset[Formula], operation: Callable[[Any, Any], Any], *, absorbing: bool) -> Any:
        masks = []
        for operand in sorted(operands):
            value = self.value(operand)
            if value is absorbing:
                return absorbing
            if value is not (not absorbing):
                masks.append(value)
        return reduce(operation, masks) if masks else not absorbing

    @staticmethod
    def _filled(column: pl.Series) -> pl.Series:
        return column.fill_null(value=False) if column.null_count() else column

    def sure(self, name: str) -> Any:
        """A true-or-false column, false where it is null."""
        return self._filled(self._frame[name]) if name in self._frame.columns else False

    def _known(self, path: Path) -> Any:
        name = word_columns(path)[0] if path in ELEMENTS else COLUMNS[path]
        if name not in self._frame.columns:
            return False
        column = self._frame[name]
        return column.is_not_null() if column.null_count() else True

    def _codes(self, name: str) -> pl.Series:
        if name not in self._columns:
            codes = self._frame[name].to_physical()
            self._columns[name] = codes.fill_null(_limits(str(codes.dtype))[1]) if codes.null_count() else codes
        return self._columns[name]  # type: ignore[no-any-return]

    def _member(self, path: Path, words: frozenset[str]) -> Any:
        name = ACT_KIND if path == ACT else COLUMNS[path]
        if name not in self._frame.columns:
            return False
        codes = self._codes(name)
        return reduce(or_, (codes == a if a == b else (codes >= a) & (codes <= b) for a, b in _runs(path, words)))

    def _text(self, path: Path) -> pl.Series:
        import polars as pl

        name = IDENTITIES.get(path) or COLUMNS[path]
        if name in self._frame.columns:
            return self._frame[name]
        return pl.repeat(None, self._frame.height, dtype=pl.Categorical, eager=True)

    def _like(self, path: Path, pattern: str) -> pl.Series:
        import polars as pl

        return self._filled(self._text(path).cast(pl.String).str.contains(rf"\A{pattern}\z"))

    def _number(self, path: Path) -> pl.Series:
        import polars as pl

        name = COLUMNS[path]
        if name not in self._columns:
            if name in self._frame.columns:
                column = self._frame[name]
                self._columns[name] = column.fill_null(0) if column.null_count() else column
            else:
                self._columns[name] = pl.repeat(0, self._frame.height, dtype=pl.UInt8, eager=True)
        return self._columns[name]  # type: ignore[no-any-return]

    def _below(self, path: Path, number: int) -> Any:
        column = self._number(path)
        low, high = _limits(str(column.dtype))
        return number > high if not low < number <= high else column < number

    def _wide(self, term: Term, dtype: Any) -> Any:
        import polars as pl

        operator, *parts = term
        if operator == "const":
            return pl.lit(parts[0], dtype=dtype)
        if operator == "field":
            return pl.lit(self._number(parts[0]).cast(dtype))
        values = [self._wide(part, dtype) for part in parts]
        if operator == "neg":
            return pl.lit(0, dtype=dtype) - values[0]
        return {"+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b}[operator](*values)

    def _computed(self, expression: Any) -> Any:
        import polars as pl

        found = pl.select(expression.alias("_")).to_series()
        found = found.new_from_index(0, self._frame.height) if len(found) == 1 != self._frame.height else found
        return self._filled(found)

    def _compare(self, operator: str, left: Term, right: Term) -> Any:
        dtype = _dtype_for(left, right)
        a, b = self._wide(left, dtype), self._wide(right, dtype)
        return self._computed(a == b if operator == "==" else a < b)

    def _overflows(self, term: Term) -> Any:
        import polars as pl

        value = self._wide(term, pl.Int128)
        return self._computed((value > LARGEST) | (value < SMALLEST))


@cache
def _runs(path: Path, words: frozenset[str]) -> tuple[tuple[int, int], ...]:
    """The codes of these words, as ranges from first to last."""
    every = list(ActKind) if path == ACT else list(ENUMERATIONS[ATTRIBUTES[path].type])
    runs: list[tuple[int, int]] = []
    for code in (code for code, word in enumerate(every) if word in words):
        if runs and runs[-1][1] == code - 1:
            runs[-1] = (runs[-1][0], code)
        else:
            runs.append((code, code))
    return tuple(runs)


@cache
def _limits(dtype: str) -> tuple[int, int]:
    """The least and the largest value of an integer type of Polars, by its name."""
    bits = int(dtype.lstrip("UInt"))
    return (0, 2**bits - 1) if dtype.startswith("U") else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)


def _dtype_for(*terms: Term) -> Any:
    import polars as pl

    if all(-(2**31) <= bound < 2**31 for term in _inside(*terms) for bound in bounds(term)):
        return pl.Int32
    fits = all(SMALLEST <= bound <= LARGEST for term in _inside(*terms) for bound in bounds(term))
    return pl.Int64 if fits else pl.Int128


def _inside(*terms: Term) -> list[Term]:
    found = list(terms)
    for term in terms:
        if term[0] not in {"const", "field"}:
            found.extend(_inside(*term[1:]))
    return found


class Masks:
    """What is kept of each rule on one part of a table: where it is satisfied, where it errs, and what follows."""

    def __init__(
        self,
        rows: int,
        rules: Sequence[Rule],
        holds: Mapping[str, pl.Series | None],
        errs: Mapping[str, pl.Series | None],
        unreadable: pl.Series | None,
    ) -> None:
        self.rows, self.holds, self.errs, self.unreadable = rows, holds, errs, unreadable
        self._by_id = {rule.id: rule for rule in rules}
        nothing = self._nothing()
        self.errors = self._any([*errs.values(), unreadable])
        closing = self._any(holds[r.id] for r in rules if r.effect == "forbid" and r.asks is None)
        asking = self._any(holds[r.id] for r in rules if r.asks is not None)
        permits = self._any(holds[r.id] for r in rules if r.effect == "permit")
        self.closed = self._without(closing, self.errors)
        open_ = self._without(self._without(permits, closing), self.errors)
        self.asks = self._and(asking, open_)
        self.permitted = self._without(open_, asking)
        decided = self._any([open_, self.closed, self.errors])
        self.default_deny = ~nothing if decided is None else ~decided
        self.refused = self._any([self.closed, self.errors, self.default_deny])

    def _nothing(self) -> pl.Series:
        import polars as pl

        return pl.repeat(value=False, n=self.rows, dtype=pl.Boolean, eager=True)

    @staticmethod
    def _any(masks: Iterable[pl.Series | None]) -> pl.Series | None:
        held = [mask for mask in masks if mask is not None]
        return reduce(or_, held) if held else None

    @staticmethod
    def _and(one: pl.Series | None, other: pl.Series | None) -> pl.Series | None:
        return None if one is None or other is None else one & other

    @staticmethod
    def _without(one: pl.Series | None, other: pl.Series | None) -> pl.Series | None:
        return one if one is None or other is None else one & ~other

    def decided(self, rule_id: str) -> pl.Series | None:
        """Where a rule is among those that decided, as in a `Verdict`; nothing if nowhere."""
        if rule_id == DEFAULT_DENY:
            return self.default_deny
        if rule_id == CANNOT_DECIDE:
            return self.errors
        rule = self._by_id[rule_id]
        where = self.closed if rule.effect == "forbid" else self.permitted
        return self._and(self.holds[rule_id], self.asks if rule.asks is not None else where)

    def kind(self, kind: VerdictKind) -> pl.Series | None:
        """Where the verdict is of this kind; nothing if nowhere."""
        return {
            VerdictKind.PERMITTED: self.permitted,
            VerdictKind.ASKS: self.asks,
            VerdictKind.REFUSED: self.refused,
        }[kind]


class Verdicts:
    """The verdicts of a charter on a table of acts. `by_cedar` are the rules that Cedar decided, with the reason why."""

    def __init__(
        self, charter: Charter, acts: pl.DataFrame, parts: Sequence[Masks], by_cedar: Mapping[str, NotCompilableError]
    ) -> None:
        self.charter, self.acts, self.parts, self.by_cedar = charter, acts, tuple(parts), by_cedar
        self.rows_at_once = self.parts[0].rows if self.parts else ROWS_AT_ONCE

    @property
    def rule_ids(self) -> tuple[str, ...]:
        """Every id that can decide: the charter's rules, then the two that are built in."""
        return (*(rule.id for rule in self.charter.rules), DEFAULT_DENY, CANNOT_DECIDE)

    def _whole(self, pick: Callable[[Masks], pl.Series | None]) -> pl.Series:
        import polars as pl

        none = [pl.Series("", [], dtype=pl.Boolean)]
        return pl.concat(
            none
            + [m if (m := pick(part)) is not None else pl.repeat(False, part.rows, eager=True) for part in self.parts]
        )

    def where(self, kind: VerdictKind) -> pl.Series:
        """Where the verdict is of this kind, one row for each act."""
        return self._whole(lambda part: part.kind(kind))

    def decided(self, rule_id: str) -> pl.Series:
        """Where this rule is among those that decided."""
        return self._whole(lambda part: part.decided(rule_id))

    def count(self, kind: VerdictKind) -> int:
        """How many acts have a verdict of this kind."""
        return sum(int(mask.sum()) for part in self.parts if (mask := part.kind(kind)) is not None)

    def masks(self) -> pl.DataFrame:
        """Where each rule is satisfied and errs, to be kept beside the table and given to `evaluate(…, masks=…)`.

        They hold for this very table and this release of the software.
        """
        import polars as pl

        columns: dict[str, pl.Series] = {}
        for rule in self.charter.rules:
            for side in SIDES:
                name = f"{side} {_digest(policy_key(rule))}"
                columns[name] = self._whole(lambda part, s=side, i=rule.id: getattr(part, s)[i]).alias(name)  # type: ignore[misc]
        return pl.DataFrame(list(columns.values()))

    def _place(self, row: int) -> tuple[Masks, int]:
        for part in self.parts:
            if row < part.rows:
                return part, row
            row -= part.rows
        raise IndexError(row)

    def by_rule(self, row: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The rules satisfied by one act and those that err on it, as Cedar has them."""
        part, place = self._place(row)
        return tuple(
            tuple(rule.id for rule in self.charter.rules if (mask := side[rule.id]) is not None and mask[place])
            for side in (part.holds, part.errs)
        )  # type: ignore[return-value]

    def verdict(self, row: int) -> Verdict:
        """The verdict on one act: what `Charter.decide` gives on its facts."""
        part, place = self._place(row)
        number = self.charter.number
        if part.unreadable is not None and part.unreadable[place]:
            return Verdict(VerdictKind.REFUSED, (CANNOT_DECIDE,), number, errors=(EVALUATION,))
        _, errs = self.by_rule(row)
        if errs:
            return Verdict(VerdictKind.REFUSED, (CANNOT_DECIDE,), number, errors=errs)
        rules = tuple(i for i in self.rule_ids if (mask := part.decided(i)) is not None and mask[place])
        kind = next(kind for kind in VerdictKind if (mask := part.kind(kind)) is not None and mask[place])
        wanted = {self.charter.rule(i).asks for i in rules} if kind is VerdictKind.ASKS else set()
        return Verdict(kind, rules, number, tuple(r for r in ASKED_IN_ORDER if r in wanted))


class _Plan:
    """The rules of a charter that are not kept from another, as formulas, and what makes an act impossible to decide."""

    def __init__(self, charter: Charter, kept: frozenset[str]) -> None:
        self.charter = charter
        self.formulas = Formulas()
        self.rules: dict[str, CompiledRule] = {}
        self.by_cedar: dict[str, NotCompilableError] = {}
        self.keys = {rule.id: policy_key(rule) for rule in charter.rules}
        for rule in charter.rules:
            if self.keys[rule.id] in kept:
                continue
            try:
                self.rules[rule.id] = compile_rule(rule.policy, self.formulas)
            except NotCompilableError as error:
                self.by_cedar[rule.id] = error

    def unreadable(self, evaluator: _Evaluator, frame: pl.DataFrame) -> pl.Series | None:
        """Where a fact that the charter reads of this kind of act is not of its type: `Charter.decide` then refuses."""
        found: list[pl.Series] = []
        for column in frame.columns:
            if not column.startswith("odd/"):
                continue
            name = column.removeprefix("odd/")
            path = next((path for path, known in COLUMNS.items() if known == name), None)
            odd = evaluator.sure(column)
            if path is None or path[0] == "principal":
                found.append(odd)
                continue
            kinds = [kind for kind in ActKind if self._is_weighed(path, kind)]
            held = evaluator.mask(self.formulas.member(ACT, kinds))
            if held is not None:
                found.append(odd & held)
        return reduce(or_, found) if found else None

    def _is_weighed(self, path: Path, kind: ActKind) -> bool:
        text = ATTRIBUTES[path].type == "String"
        speaking = (rule for rule in self.charter.rules if kind in rule.acts)
        return any(path in (rule.weighs if text else rule.reads) for rule in speaking)


def evaluate(
    charter: Charter,
    acts: pl.DataFrame,
    kept: Verdicts | None = None,
    *,
    masks: pl.DataFrame | None = None,
    rows_at_once: int = ROWS_AT_ONCE,
) -> Verdicts:
    """The verdicts of a charter on a table of acts (`facts_table`, `read_acts`).

    `kept` are verdicts of another charter on the very same table, `masks` what was kept of some (`Verdicts.masks`): a rule
    that is in them is not computed again. Raises `InvalidInputError` where they are on another table.
    """
    import polars as pl

    if kept is not None and kept.acts is not acts:
        raise InvalidInputError("The verdicts kept are those on another table of acts.", code="other-acts")
    if kept is not None:
        rows_at_once = kept.rows_at_once
    known = {policy_key(rule): rule.id for rule in kept.charter.rules} if kept is not None else {}
    if masks is not None and masks.height != acts.height:
        raise InvalidInputError("The masks kept are those of another table of acts.", code="other-acts")
    stored = {key for key in map(policy_key, charter.rules) if masks is not None and f"holds {_digest(key)}" in masks}
    plan = _Plan(charter, frozenset(known) | stored)

    def part(number: int) -> Masks:
        frame = acts.slice(number * rows_at_once, rows_at_once)
        evaluator = _Evaluator(plan.formulas, frame)
        holds: dict[str, pl.Series | None] = {}
        errs: dict[str, pl.Series | None] = {}
        for rule in charter.rules:
            key = plan.keys[rule.id]
            if kept is not None and key in known:
                before = kept.parts[number]
                holds[rule.id], errs[rule.id] = before.holds[known[key]], before.errs[known[key]]
            elif masks is not None and key in stored:
                there = masks.slice(number * rows_at_once, rows_at_once)
                holds[rule.id], errs[rule.id] = (there[f"{side} {_digest(key)}"] for side in SIDES)
            elif rule.id in plan.rules:
                compiled = plan.rules[rule.id]
                holds[rule.id], errs[rule.id] = evaluator.mask(compiled.holds), evaluator.mask(compiled.errs)
            else:
                holds[rule.id], errs[rule.id] = _by_cedar(rule, frame)
        return Masks(frame.height, charter.rules, holds, errs, plan.unreadable(evaluator, frame))

    numbers = range(-(-acts.height // rows_at_once))
    if len(numbers) < 2:
        parts = [part(number) for number in numbers]
    else:
        with ThreadPoolExecutor(pl.thread_pool_size()) as pool:
            parts = list(pool.map(part, numbers))
    by_cedar = dict(plan.by_cedar)
    if kept is not None:
        by_cedar.update(
            {r.id: kept.by_cedar[known[k]] for r in charter.rules if known.get(k := plan.keys[r.id]) in kept.by_cedar}
        )
    return Verdicts(charter, acts, parts, by_cedar)


def _by_cedar(rule: Rule, frame: pl.DataFrame) -> tuple[pl.Series, pl.Series]:
    """A rule decided by Cedar, once for each combination of the facts it may read."""
    import polars as pl

    columns = [name for name in _columns_read(rule) if name in frame.columns]
    groups = frame.select(columns).with_row_index("row").group_by(columns, maintain_order=True).agg("row")
    policy = {**rule.policy, "effect": "permit", "annotations": {}}
    policies = cedarpy.PolicySet.from_json_str(
        json.dumps({"templates": {}, "staticPolicies": {"rule": policy}, "templateLinks": []})
    )
    outcomes = []
    for facts in groups.select(columns).iter_rows(named=True):
        request, entities = _request(facts)
        result = cedarpy.is_authorized(request, policies, entities)
        outcomes.append((result.allowed, bool(result.diagnostics.errors)))
    told = groups.select("row").with_columns(
        pl.Series("holds", [holds for holds, _ in outcomes], dtype=pl.Boolean),
        pl.Series("errs", [errs for _, errs in outcomes], dtype=pl.Boolean),
    )
    spread = told.explode("row").sort("row")
    return spread["holds"], spread["errs"]


def _columns_read(rule: Rule) -> list[str]:
    names = [ACT_KIND, *IDENTITIES.values()] if _names_entities(rule) else [ACT_KIND]
    for path in sorted(rule.reads - {path for path in rule.reads if path[:2] == ("context", "act")}):
        names.extend(word_columns(path) if path in ELEMENTS else [COLUMNS[path]])
    return names


def _names_entities(rule: Rule) -> bool:
    written = json.dumps([rule.policy[name] for name in ("principal", "resource", "conditions")])
    return any(word in written for word in ('"AiSystem"', '"Person"', '{"Var": "principal"}', '{"Var": "resource"}'))


def _request(facts: Mapping[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """One act for Cedar, typed, from its row; what is null is left out."""
    from colloque.charter.core.entities import action_entities

    kind = facts[ACT_KIND]

    def known(paths: Mapping[str, Path]) -> dict[str, Any]:
        found = {name: _typed(path, facts) for name, path in paths.items()}
        return {name: value for name, value in found.items() if value is not None}

    context = {
        record: known({name: ("context", record, name) for name in fields})
        for record, fields in CONTEXT.items()
        if record != "act"
    }
    if kind is not None:
        traits = ACT_TRAITS[ActKind(kind)]
        context["act"] = {name: getattr(traits, name) for name in CONTEXT["act"]}
    principal = {"type": "AiSystem", "id": facts.get(PROJECT) or ""}
    resource = {"type": "Person", "id": facts.get(IDENTITIES["resource", "id"]) or ""}
    entities = [
        {"uid": principal, "attrs": known({name: ("principal", name) for name in PRINCIPAL}), "parents": []},
        {"uid": resource, "attrs": known({name: ("resource", name) for name in RESOURCE}), "parents": []},
        *(action_entities(ActKind(kind)) if kind is not None else []),
    ]
    action = {"type": "Action", "id": kind or ""}
    return {"principal": principal, "action": action, "resource": resource, "context": context}, entities


def _typed(path: Path, facts: Mapping[str, Any]) -> Any:
    kind = ATTRIBUTES[path].type
    if path in ELEMENTS:
        held = [facts.get(column) for column in word_columns(path)]
        inner = kind.removeprefix("Set<").removesuffix(">")
        words = zip(ELEMENTS[path], held, strict=True)
        return None if None in held else [{"__entity": {"type": inner, "id": str(w)}} for w, is_in in words if is_in]
    value = facts.get(COLUMNS[path])
    return {"__entity": {"type": kind, "id": value}} if kind in ENUMERATIONS and value is not None else value
