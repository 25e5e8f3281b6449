"""Rules of Cedar as formulas over the facts of an act: where a rule holds, and where it errs.

The input is Cedar's JSON form (https://docs.cedarpolicy.com/policies/json-format.html). The semantics are those of its
evaluator (https://docs.cedarpolicy.com/policies/syntax-operators.html): `&&`, `||` and `if` look no further than they must;
reading what is absent errs, so do operands of a wrong type and results beyond 64 bits; `==` compares anything with anything.
A value whose type depends on facts is kept as its cases, each under the formula where it holds. What has no such form
(extension types, tags, attributes of an entity written in the rule) raises `NotCompilableError` with its reason.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product
from typing import Any, NamedTuple, TypeAlias

from colloque.charter.core.formulas import ACT, ACTS, ELEMENTS, FALSE, TRUE, WORDS, Formula, Formulas, Term
from colloque.charter.core.schema import ATTRIBUTES, CONTEXT, ENUMERATIONS, PRINCIPAL, RESOURCE, Path, groups_of
from colloque.kernel.errors import InvalidInputError
from colloque.kernel.vocabulary import ACT_TRAITS, ActKind

MOST_CASES = 4_096
MOST_FORMULAS = 200_000
DEEPEST = 150
TRAITS = ("context", "act")


class NotCompilableError(InvalidInputError):
    """This rule has no form as formulas; `reason` is a code of `REASONS`, `detail` what it met."""

    code = "not-compilable"

    def __init__(self, reason: str, detail: str = "") -> None:
        self.reason, self.detail = reason, detail
        super().__init__(REASONS[reason][1].format(detail=detail))

    def words(self, language: str) -> str:
        """Why, in `fr` or `en`."""
        return REASONS[self.reason][0 if language == "fr" else 1].format(detail=self.detail)


REASONS: Mapping[str, tuple[str, str]] = {
    "operator": (
        "l’opération « {detail} » n’a pas de forme calculable sur une table d’actes",
        "the operation “{detail}” has no form that can be computed on a table of acts",
    ),
    "entity": (
        "la règle lit les faits d’une entité écrite dans la règle ({detail})",
        "the rule reads the facts of an entity written in the rule ({detail})",
    ),
    "too-many-cases": (
        "la règle distingue trop de cas à la fois",
        "the rule tells too many cases apart at once",
    ),
    "too-deep": ("la règle s’emboîte trop profondément", "the rule nests too deeply"),
}


class Bool(NamedTuple):
    """True or false."""

    formula: Formula


class Long(NamedTuple):
    """A whole number of 64 bits."""

    term: Term


class Text(NamedTuple):
    """A string: written in the rule, or that of a fact."""

    ref: str | Path


class Entity(NamedTuple):
    """An entity: its type, and its identifier as a `Text` has it."""

    type: str
    ref: str | Path


class SetOf(NamedTuple):
    """Elements, each under the formula where it is in the set; `origin` is the fact it is, if it is one."""

    elements: tuple[tuple[Formula, Any], ...]
    origin: Path | None = None


class Record(NamedTuple):
    """Named values, each with the formula where it is present."""

    fields: Mapping[str, tuple[Formula, tuple[tuple[Formula, Any], ...]]]


Value: TypeAlias = Bool | Long | Text | Entity | SetOf | Record
Cases: TypeAlias = tuple[tuple[Formula, Value], ...]
"""What a value can be, each under the formula where it is so; exactly one holds wherever there is no error."""


class Outcome(NamedTuple):
    """An expression evaluated: its cases, and where it errs (there the cases say nothing)."""

    cases: Cases
    errs: Formula = FALSE


class CompiledRule(NamedTuple):
    """Where a rule is satisfied and where it errs; never both."""

    holds: Formula
    errs: Formula


Given: TypeAlias = frozenset[Formula]


def pattern_of(parts: Sequence[Any]) -> str:
    """A `like` pattern as a regular expression, to be matched from end to end."""
    told = (".*" if part == "Wildcard" else re.escape(part["Literal"]) for part in parts)
    return "(?s:" + "".join(told) + ")"


class _Compiler:
    """Compiles expressions; `given` is what is known to hold wherever the expression is evaluated at all."""

    def __init__(self, formulas: Formulas) -> None:
        self.f = formulas
        self._depth = 0
        self._operators: Mapping[str, Callable[[Any, Given], Outcome]] = {
            "Value": self._value,
            "Var": self._variable,
            "Set": self._set,
            "Record": self._record,
            ".": self._attribute,
            "has": self._has,
            "is": self._is,
            "like": self._like,
            "in": self._in,
            "&&": self._and,
            "||": self._or,
            "!": self._not,
            "if-then-else": self._if,
            "==": self._equality,
            "!=": self._inequality,
            "<": lambda body, given: self._order(body, given, "<", swap=False, negate=False),
            "<=": lambda body, given: self._order(body, given, "<", swap=True, negate=True),
            ">": lambda body, given: self._order(body, given, "<", swap=True, negate=False),
            ">=": lambda body, given: self._order(body, given, "<", swap=False, negate=True),
            "+": lambda body, given: self._arithmetic("+", body, given),
            "-": lambda body, given: self._arithmetic("-", body, given),
            "*": lambda body, given: self._arithmetic("*", body, given),
            "neg": self._negative,
            "contains": lambda body, given: self._sets(body, given, self._contains, right_is_set=False),
            "containsAll": lambda body, given: self._sets(body, given, self._contains_all, right_is_set=True),
            "containsAny": lambda body, given: self._sets(body, given, self._contains_any, right_is_set=True),
            "isEmpty": self._is_empty,
        }

    def expression(self, expression: Mapping[str, Any], given: Given) -> Outcome:
        (operator, body), *_ = expression.items()
        compile_operator = self._operators.get(operator)
        if compile_operator is None:
            raise NotCompilableError("operator", operator)
        self._depth += 1
        if self._depth > DEEPEST:
            raise NotCompilableError("too-deep")
        outcome = compile_operator(body, given)
        self._depth -= 1
        if len(outcome.cases) > MOST_CASES or len(self.f.nodes) > MOST_FORMULAS:
            raise NotCompilableError("too-many-cases")
        return outcome

    def truth(self, outcome: Outcome) -> tuple[Formula, Formula]:
        """The outcome as a formula; it errs where it is not true or false."""
        value = self.f.some(*(self.f.every(g, case.formula) for g, case in outcome.cases if isinstance(case, Bool)))
        wrong = (guard for guard, case in outcome.cases if not isinstance(case, Bool))
        return value, self.f.some(outcome.errs, *wrong)

    def _boolean(self, formula: Formula, errs: Formula = FALSE) -> Outcome:
        return Outcome(((TRUE, Bool(formula)),), errs)

    def _pairs(self, left: Outcome, right: Outcome) -> Iterator[tuple[Formula, Value, Value]]:
        if len(left.cases) * len(right.cases) > MOST_CASES:
            raise NotCompilableError("too-many-cases")
        for (one, a), (other, b) in product(left.cases, right.cases):
            guard = self.f.every(one, other)
            if guard != FALSE:
                yield guard, a, b

    def _both(self, body: Mapping[str, Any], given: Given) -> tuple[Outcome, Outcome, Formula]:
        left, right = self.expression(body["left"], given), self.expression(body["right"], given)
        return left, right, self.f.some(left.errs, right.errs)

    # -- what a rule writes, and what it reads

    def _value(self, body: Any, given: Given) -> Outcome:  # noqa: ARG002
        if isinstance(body, bool):
            return self._boolean(TRUE if body else FALSE)
        if isinstance(body, int):
            return Outcome(((TRUE, Long(("const", body))),))
        if isinstance(body, str):
            return Outcome(((TRUE, Text(body)),))
        if isinstance(body, Mapping) and "__entity" in body:
            return Outcome(((TRUE, Entity(str(body["__entity"]["type"]), str(body["__entity"]["id"]))),))
        raise NotCompilableError("operator", next(iter(body), "") if isinstance(body, Mapping) else "")

    def _variable(self, body: str, given: Given) -> Outcome:  # noqa: ARG002
        if body == "principal":
            return Outcome(((TRUE, Entity("AiSystem", ("principal", "id"))),))
        if body == "resource":
            return Outcome(((TRUE, Entity("Person", ("resource", "id"))),))
        if body == "action":
            return Outcome(tuple((self.f.member(ACT, [k]), Entity("Action", k.value)) for k in ActKind))
        records = {
            record: (
                TRUE,
                ((TRUE, Record({name: self._field(("context", record, name)) for name in fields})),),
            )
            for record, fields in CONTEXT.items()
        }
        return Outcome(((TRUE, Record(records)),))

    def _field(self, path: Path) -> tuple[Formula, Cases]:
        """A fact: where it is known, and its cases."""
        known, kind = self.f.known(path), ATTRIBUTES[path].type
        if kind in ENUMERATIONS:
            return known, tuple((self.f.member(path, [w]), Entity(kind, w)) for w in sorted(WORDS[path]))
        if kind.startswith("Set<"):
            inner = kind.removeprefix("Set<").removesuffix(">")
            held = tuple((self.f.holds(path, word), Entity(inner, str(word))) for word in ELEMENTS[path])
            return known, ((TRUE, SetOf(held, path)),)
        if path[:2] == TRAITS:
            kinds: dict[int, list[ActKind]] = {}
            for act in ActKind:
                kinds.setdefault(getattr(ACT_TRAITS[act], path[2]), []).append(act)
            return known, tuple((self.f.member(ACT, acts), Long(("const", n))) for n, acts in kinds.items())
        if kind == "Bool":
            return known, ((TRUE, Bool(self.f.flag(path))),)
        return known, ((TRUE, Long(("field", path)) if kind == "Long" else Text(path)),)

    def _named(self, owner: Value, name: str, given: Given) -> tuple[Formula, Cases] | None:
        """Where an attribute of a record or an entity is present, and its cases; nothing if the owner has no attributes."""
        found: tuple[Formula, Cases] = (FALSE, ())
        if isinstance(owner, Record):
            found = owner.fields.get(name, found)
        elif isinstance(owner, Entity):
            if isinstance(owner.ref, tuple):
                shape = PRINCIPAL if owner.type == "AiSystem" else RESOURCE
                found = self._field((owner.ref[0], name)) if name in shape else found
            elif owner.type in {"AiSystem", "Person"}:
                raise NotCompilableError("entity", f'{owner.type}::"{owner.ref}"')
        else:
            return None
        return self.f.given(found[0], given), found[1]

    def _attribute(self, body: Mapping[str, Any], given: Given) -> Outcome:
        left = self.expression(body["left"], given)
        cases: list[tuple[Formula, Value]] = []
        errs = [left.errs]
        for guard, owner in left.cases:
            found = self._named(owner, str(body["attr"]), given)
            present, inner = found if found is not None else (FALSE, ())
            errs.append(self.f.every(guard, self.f.negation(present)))
            cases.extend((self.f.every(guard, where), value) for where, value in inner)
        return Outcome(tuple(cases), self.f.some(*errs))

    def _has(self, body: Mapping[str, Any], given: Given) -> Outcome:
        left = self.expression(body["left"], given)
        holds, errs = [], [left.errs]
        for guard, owner in left.cases:
            found = self._named(owner, str(body["attr"]), given)
            if found is None:
                errs.append(guard)
            else:
                holds.append(self.f.every(guard, found[0]))
        return self._boolean(self.f.some(*holds), self.f.some(*errs))

    # -- true and false

    def _and(self, body: Mapping[str, Any], given: Given) -> Outcome:
        left, left_errs = self.truth(self.expression(body["left"], given))
        if left == FALSE:
            return self._boolean(FALSE, left_errs)
        right, right_errs = self.truth(self.expression(body["right"], given | self.f.implied(left)))
        return self._boolean(self.f.every(left, right), self.f.some(left_errs, self.f.every(left, right_errs)))

    def _or(self, body: Mapping[str, Any], given: Given) -> Outcome:
        left, left_errs = self.truth(self.expression(body["left"], given))
        if left == TRUE:
            return self._boolean(TRUE, left_errs)
        otherwise = self.f.negation(left)
        right, right_errs = self.truth(self.expression(body["right"], given | self.f.implied(otherwise)))
        return self._boolean(self.f.some(left, right), self.f.some(left_errs, self.f.every(otherwise, right_errs)))

    def _not(self, body: Mapping[str, Any], given: Given) -> Outcome:
        value, errs = self.truth(self.expression(body["arg"], given))
        return self._boolean(self.f.negation(value), errs)

    def _if(self, body: Mapping[str, Any], given: Given) -> Outcome:
        test, errs = self.truth(self.expression(body["if"], given))
        cases: list[tuple[Formula, Value]] = []
        wrong = [errs]
        for where, branch in ((test, "then"), (self.f.negation(test), "else")):
            if where == FALSE:
                continue
            outcome = self.expression(body[branch], given | self.f.implied(where))
            cases.extend((self.f.every(where, guard), value) for guard, value in outcome.cases)
            wrong.append(self.f.every(where, outcome.errs))
        found = Outcome(tuple(case for case in cases if case[0] != FALSE), self.f.some(*wrong))
        if all(isinstance(value, Bool) for _, value in found.cases):
            return self._boolean(*self.truth(found))
        return found

    # -- comparisons and arithmetic

    def equal(self, one: Value, other: Value) -> Formula:
        """Where two values are the same; those of different types never are."""
        f = self.f
        if isinstance(one, Bool) and isinstance(other, Bool):
            a, b = one.formula, other.formula
            return f.some(f.every(a, b), f.every(f.negation(a), f.negation(b)))
        if isinstance(one, Long) and isinstance(other, Long):
            return f.compare("==", one.term, other.term)
        if isinstance(one, Entity) and isinstance(other, Entity):
            return self._same_ref(one.ref, other.ref) if one.type == other.type else FALSE
        if isinstance(one, Text) and isinstance(other, Text):
            return self._same_ref(one.ref, other.ref)
        if isinstance(one, SetOf) and isinstance(other, SetOf):
            return f.every(self._contains_all(one, other), self._contains_all(other, one))
        if isinstance(one, Record) and isinstance(other, Record):
            return self._same_fields(one, other)
        return FALSE

    def _same_ref(self, one: str | Path, other: str | Path) -> Formula:
        if isinstance(one, str) and isinstance(other, str):
            return TRUE if one == other else FALSE
        if isinstance(one, tuple) and isinstance(other, tuple):
            return self.f.same_text(one, other)
        path, text = (one, other) if isinstance(one, tuple) else (other, one)
        return self.f.text_is(path, text)  # type: ignore[arg-type]

    def _same_fields(self, one: Record, other: Record) -> Formula:
        f = self.f
        nothing: tuple[Formula, Cases] = (FALSE, ())
        alike = []
        for name in {*one.fields, *other.fields}:
            (a, these), (b, those) = one.fields.get(name, nothing), other.fields.get(name, nothing)
            same = f.some(
                *(f.every(guard, self.equal(x, y)) for guard, x, y in self._pairs(Outcome(these), Outcome(those)))
            )
            alike.append(f.some(f.every(a, b, same), f.every(f.negation(a), f.negation(b))))
        return f.every(*alike)

    def _equality(self, body: Mapping[str, Any], given: Given) -> Outcome:
        left, right, errs = self._both(body, given)
        same = (self.f.every(guard, self.equal(a, b)) for guard, a, b in self._pairs(left, right))
        return self._boolean(self.f.some(*same), errs)

    def _inequality(self, body: Mapping[str, Any], given: Given) -> Outcome:
        same, errs = self.truth(self._equality(body, given))
        return self._boolean(self.f.negation(same), errs)

    def _order(self, body: Mapping[str, Any], given: Given, operator: str, *, swap: bool, negate: bool) -> Outcome:
        left, right, errs = self._both(body, given)
        if swap:
            left, right = right, left
        holds, wrong = [], [errs]
        for guard, a, b in self._pairs(left, right):
            if isinstance(a, Long) and isinstance(b, Long):
                holds.append(self.f.every(guard, self.f.compare(operator, a.term, b.term)))
            else:
                wrong.append(guard)
        value = self.f.some(*holds)
        return self._boolean(self.f.negation(value) if negate else value, self.f.some(*wrong))

    def _arithmetic(self, operator: str, body: Mapping[str, Any], given: Given) -> Outcome:
        left, right, errs = self._both(body, given)
        cases: list[tuple[Formula, Value]] = []
        wrong = [errs]
        for guard, a, b in self._pairs(left, right):
            if isinstance(a, Long) and isinstance(b, Long):
                self._result(guard, (operator, a.term, b.term), cases, wrong)
            else:
                wrong.append(guard)
        return Outcome(tuple(cases), self.f.some(*wrong))

    def _negative(self, body: Mapping[str, Any], given: Given) -> Outcome:
        inner = self.expression(body["arg"], given)
        cases: list[tuple[Formula, Value]] = []
        wrong = [inner.errs]
        for guard, value in inner.cases:
            if isinstance(value, Long):
                self._result(guard, ("neg", value.term), cases, wrong)
            else:
                wrong.append(guard)
        return Outcome(tuple(cases), self.f.some(*wrong))

    def _result(self, guard: Formula, term: Term, cases: list[tuple[Formula, Value]], wrong: list[Formula]) -> None:
        wrong.append(self.f.every(guard, self.f.overflows(term)))
        if all(part[0] == "const" for part in term[1:]):
            a, b = term[1][1], term[-1][1]
            result = {"+": a + b, "-": a - b, "*": a * b, "neg": -a}[term[0]]
            term = ("const", result)
        cases.append((guard, Long(term)))

    # -- sets, types and texts

    def _set(self, body: Sequence[Any], given: Given) -> Outcome:
        elements: list[tuple[Formula, Value]] = []
        errs = []
        for element in body:
            outcome = self.expression(element, given)
            elements.extend(outcome.cases)
            errs.append(outcome.errs)
        if len(elements) > MOST_CASES:
            raise NotCompilableError("too-many-cases")
        return Outcome(((TRUE, SetOf(tuple(elements))),), self.f.some(*errs))

    def _record(self, body: Mapping[str, Any], given: Given) -> Outcome:
        outcomes = {name: self.expression(inner, given) for name, inner in body.items()}
        fields = {name: (TRUE, outcome.cases) for name, outcome in outcomes.items()}
        return Outcome(((TRUE, Record(fields)),), self.f.some(*(outcome.errs for outcome in outcomes.values())))

    def _contains(self, left: SetOf, right: Value) -> Formula:
        return self.f.some(*(self.f.every(guard, self.equal(element, right)) for guard, element in left.elements))

    def _contains_all(self, left: SetOf, right: SetOf) -> Formula:
        return self.f.every(
            *(self.f.some(self.f.negation(guard), self._contains(left, e)) for guard, e in right.elements)
        )

    def _contains_any(self, left: SetOf, right: SetOf) -> Formula:
        return self.f.some(*(self.f.every(guard, self._contains(left, element)) for guard, element in right.elements))

    def _sets(
        self, body: Mapping[str, Any], given: Given, test: Callable[[Any, Any], Formula], *, right_is_set: bool
    ) -> Outcome:
        left, right, errs = self._both(body, given)
        holds, wrong = [], [errs]
        for guard, a, b in self._pairs(left, right):
            if isinstance(a, SetOf) and (isinstance(b, SetOf) or not right_is_set):
                holds.append(self.f.every(guard, test(a, b)))
            else:
                wrong.append(guard)
        return self._boolean(self.f.some(*holds), self.f.some(*wrong))

    def _is_empty(self, body: Mapping[str, Any], given: Given) -> Outcome:
        inner = self.expression(body["arg"], given)
        holds, wrong = [], [inner.errs]
        for guard, value in inner.cases:
            if isinstance(value, SetOf):
                holds.append(self.f.every(guard, *(self.f.negation(where) for where, _ in value.elements)))
            else:
                wrong.append(guard)
        return self._boolean(self.f.some(*holds), self.f.some(*wrong))

    def _is(self, body: Mapping[str, Any], given: Given) -> Outcome:
        left = self.expression(body["left"], given)
        holds, wrong = [], [left.errs]
        for guard, value in left.cases:
            if not isinstance(value, Entity):
                wrong.append(guard)
            elif value.type == body["entity_type"]:
                holds.append(guard)
        is_type, errs = self.f.some(*holds), self.f.some(*wrong)
        if "in" not in body:
            return self._boolean(is_type, errs)
        inside, in_errs = self.truth(self._in({"left": body["left"], "right": body["in"]}, given))
        return self._boolean(self.f.every(is_type, inside), self.f.some(errs, self.f.every(is_type, in_errs)))

    def _like(self, body: Mapping[str, Any], given: Given) -> Outcome:
        left = self.expression(body["left"], given)
        pattern = pattern_of(body["pattern"])
        holds, wrong = [], [left.errs]
        for guard, value in left.cases:
            if not isinstance(value, Text):
                wrong.append(guard)
            elif isinstance(value.ref, tuple):
                holds.append(self.f.every(guard, self.f.like(value.ref, pattern)))
            elif re.fullmatch(pattern, value.ref):
                holds.append(guard)
        return self._boolean(self.f.some(*holds), self.f.some(*wrong))

    def _within(self, one: Entity, other: Entity) -> Formula:
        """`one in other`: the same, or an act in one of its groups; nothing else stands in anything."""
        if one.type == other.type == "Action" and isinstance(one.ref, str) and one.ref in set(ActKind):
            is_group = other.ref in groups_of(ActKind(one.ref))
            return TRUE if is_group or one.ref == other.ref else FALSE
        return self.equal(one, other)

    def _in(self, body: Mapping[str, Any], given: Given) -> Outcome:
        if body["left"] == {"Var": "action"}:
            return self._act_in(self.expression(body["right"], given))
        left, right, errs = self._both(body, given)
        holds, wrong = [], [errs]
        for guard, a, b in self._pairs(left, right):
            if not isinstance(a, Entity) or not isinstance(b, Entity | SetOf):
                wrong.append(guard)
                continue
            for where, element in b.elements if isinstance(b, SetOf) else ((TRUE, b),):
                if isinstance(element, Entity):
                    holds.append(self.f.every(guard, where, self._within(a, element)))
                else:
                    wrong.append(self.f.every(guard, where))
        return self._boolean(self.f.some(*holds), self.f.some(*wrong))

    def _act_in(self, right: Outcome) -> Outcome:
        """`action in …`, for all kinds of act at once."""
        holds, wrong = [], [right.errs]
        for guard, b in right.cases:
            if isinstance(b, SetOf) and b.origin == ACTS:
                holds.append(self.f.every(guard, self.f.declared()))
            elif isinstance(b, Entity | SetOf):
                for where, element in b.elements if isinstance(b, SetOf) else ((TRUE, b),):
                    if isinstance(element, Entity):
                        holds.append(self.f.every(guard, where, self._act_within(element)))
                    else:
                        wrong.append(self.f.every(guard, where))
            else:
                wrong.append(guard)
        return self._boolean(self.f.some(*holds), self.f.some(*wrong))

    def _act_within(self, other: Entity) -> Formula:
        kinds = (kind for kind in ActKind if other.ref == kind or other.ref in groups_of(kind))
        return self.f.member(ACT, kinds) if other.type == "Action" else FALSE

    # -- whole rules

    def scope(self, policy: Mapping[str, Any]) -> Formula:
        """Where the scope of a rule lies; a scope never errs."""
        return self.f.every(*(self._part(name, policy[name]) for name in ("principal", "action", "resource")))

    def _part(self, name: str, scope: Mapping[str, Any]) -> Formula:
        left: Mapping[str, Any] = {"Var": name}
        written = [*scope.get("entities", ()), *([scope["entity"]] if "entity" in scope else ())]
        values = [{"Value": {"__entity": entity}} for entity in written]
        if scope["op"] == "All":
            return TRUE
        if scope["op"] == "is":
            inside = {"in": {"Value": {"__entity": scope["in"]["entity"]}}} if "in" in scope else {}
            body = {"left": left, "entity_type": scope["entity_type"], **inside}
            return self.truth(self._is(body, frozenset()))[0]
        if scope["op"] == "==":
            return self.truth(self._equality({"left": left, "right": values[0]}, frozenset()))[0]
        return self.truth(self._in({"left": left, "right": {"Set": values}}, frozenset()))[0]


def compile_rule(policy: Mapping[str, Any], formulas: Formulas) -> CompiledRule:
    """Where a rule in Cedar's JSON form is satisfied, and where it errs. Raises `NotCompilableError`."""
    compiler = _Compiler(formulas)
    holds, errs = compiler.scope(policy), FALSE
    for clause in policy["conditions"]:
        value, wrong = compiler.truth(compiler.expression(clause["body"], formulas.implied(holds)))
        errs = formulas.some(errs, formulas.every(holds, wrong))
        holds = formulas.every(holds, value if clause["kind"] == "when" else formulas.negation(value))
    return CompiledRule(formulas.every(holds, formulas.negation(errs)), errs)
