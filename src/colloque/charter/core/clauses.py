"""A rule's condition as a list of clauses: the rule applies where every clause holds.

Each clause is a list of alternatives, and each alternative says of one fact which values it may have. A fact takes few values
that rules can tell apart (an age, ten situations present or not, an hour), so a set of values is a whole number used as a
bitmask, "not" is its complement, and two parts that speak of the same fact become one set. Reading is therefore exact
whatever the way a condition was written; what cannot be put in this form is not guessed at (`NotPlainError`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from itertools import product
from typing import Any, NamedTuple, TypeAlias

from colloque.charter.core.conditions import Expression, path_of
from colloque.charter.core.facts import Facts
from colloque.charter.core.schema import ENUMERATIONS, Path, kinds_of
from colloque.kernel.vocabulary import ACT_TRAITS, ActKind, Situation

OLDEST = 130
LONGEST_DAY = 1440
MOST_CLAUSES = 64
SITUATIONS = tuple(Situation)
RATIO = "ratio-"

Clause: TypeAlias = Mapping[str, int]


class NotPlainError(ValueError):
    """The condition cannot be put as clauses over single facts."""


class Fact(NamedTuple):
    """One thing a clause can speak of: the values rules tell apart, and which of them an act has.

    Numbers beyond the last value count as the last one; no accepted comparison tells them apart.
    """

    values: tuple[Any, ...]
    value: Callable[[Facts], Any]

    @property
    def everything(self) -> int:
        """The set of all values."""
        return (1 << len(self.values)) - 1

    def where(self, holds: Callable[[Any], bool]) -> int:
        """The set of the values for which something holds."""
        return sum(1 << place for place, value in enumerate(self.values) if holds(value))


def _sets() -> tuple[frozenset[Situation] | None, ...]:
    chosen = product((False, True), repeat=len(SITUATIONS))
    return (None, *(frozenset(s for s, has in zip(SITUATIONS, some, strict=True) if has) for some in chosen))


def _within(number: int | None, largest: int) -> int | None:
    return None if number is None else min(number, largest)


def _known(value: object) -> bool:
    return value is not None


_MAYBE = (None, False, True)
_MINUTES = (None, *range(LONGEST_DAY + 1))

FACTS: Mapping[str, Fact] = {
    "act": Fact(tuple(ActKind), lambda f: f.act_kind),
    "declared": Fact((False, True), lambda f: f.act_kind in f.project.acts),
    "human-value": Fact((1, 2, 3, 4, 5), lambda f: ACT_TRAITS[f.act_kind].human_value),
    "hardship": Fact((1, 2, 3, 4, 5), lambda f: ACT_TRAITS[f.act_kind].hardship),
    "status": Fact(tuple(ENUMERATIONS["ProjectStatus"]), lambda f: f.project.status),
    "track": Fact(tuple(ENUMERATIONS["Track"]), lambda f: f.project.track),
    "autonomy": Fact(tuple(ENUMERATIONS["Autonomy"]), lambda f: f.project.autonomy),
    "age": Fact((None, *range(OLDEST + 1)), lambda f: _within(f.person.age, OLDEST)),
    "situations": Fact(_sets(), lambda f: f.person.situations),
    "choice": Fact(tuple(ENUMERATIONS["Choice"]), lambda f: f.person.choice),
    "human-minutes": Fact(_MINUTES, lambda f: _within(f.person.human_minutes_today, LONGEST_DAY)),
    "machine-minutes": Fact(_MINUTES, lambda f: _within(f.person.robot_minutes_today, LONGEST_DAY)),
    "carer": Fact((False, True), lambda f: _known(f.carer.id)),
    "profession": Fact((None, *ENUMERATIONS["Profession"]), lambda f: f.carer.profession),
    "trained": Fact(_MAYBE, lambda f: f.carer.attested),
    "on-duty": Fact(_MAYBE, lambda f: f.carer.on_duty),
    "hour": Fact(tuple(range(24)), lambda f: f.moment.hour),
    "weekday": Fact(tuple(range(1, 8)), lambda f: f.moment.weekday),
    "presence": Fact(
        tuple(product(_MAYBE, (False, True))),
        lambda f: (f.presence.human_present, _known(f.presence.attested_by)),
    ),
    "own-assessment": Fact((False, True), lambda f: f.own_assessment.made),
    "yes": Fact(
        tuple(product((False, True), repeat=2)), lambda f: (f.explicit_yes.given, _known(f.explicit_yes.heard_by))
    ),
    "exchange": Fact(_MAYBE, lambda f: f.exchange.planned),
    "outage": Fact((False, True), lambda f: f.establishment.outage),
}

_PLACES: Mapping[Path, tuple[str, Callable[[Any], Any]]] = {
    ("principal", "status"): ("status", lambda v: v),
    ("principal", "track"): ("track", lambda v: v),
    ("principal", "autonomy"): ("autonomy", lambda v: v),
    ("resource", "age"): ("age", lambda v: v),
    ("resource", "situations"): ("situations", lambda v: v),
    ("resource", "choice"): ("choice", lambda v: v),
    ("resource", "human_minutes_today"): ("human-minutes", lambda v: v),
    ("resource", "robot_minutes_today"): ("machine-minutes", lambda v: v),
    ("context", "act", "human_value"): ("human-value", lambda v: v),
    ("context", "act", "hardship"): ("hardship", lambda v: v),
    ("context", "carer", "id"): ("carer", lambda v: v or None),
    ("context", "carer", "profession"): ("profession", lambda v: v),
    ("context", "carer", "attested"): ("trained", lambda v: v),
    ("context", "carer", "on_duty"): ("on-duty", lambda v: v),
    ("context", "moment", "hour"): ("hour", lambda v: v),
    ("context", "moment", "weekday"): ("weekday", lambda v: v),
    ("context", "presence", "human_present"): ("presence", lambda v: v[0]),
    ("context", "presence", "attested_by"): ("presence", lambda v: v[1] or None),
    ("context", "own_assessment", "made"): ("own-assessment", lambda v: v),
    ("context", "explicit_yes", "given"): ("yes", lambda v: v[0]),
    ("context", "explicit_yes", "heard_by"): ("yes", lambda v: v[1] or None),
    ("context", "exchange", "planned"): ("exchange", lambda v: v),
    ("context", "establishment", "outage"): ("outage", lambda v: v),
    ("action",): ("act", lambda v: v),
}
_BEYOND = frozenset({"age", "human-minutes", "machine-minutes"})  # their last value stands for all larger ones
_COMPARED: Mapping[str, Callable[[Any, Any], bool]] = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}
_TURNED = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


@cache
def fact(name: str) -> Fact:
    """The fact of this name; `ratio-2` says whether humans gave at least two minutes for each minute with a machine."""
    if not name.startswith(RATIO):
        return FACTS[name]
    times = int(name.removeprefix(RATIO))

    def kept(facts: Facts) -> bool:
        humans, machines = facts.person.human_minutes_today, facts.person.robot_minutes_today
        return humans is not None and machines is not None and machines * times <= humans

    return Fact((False, True), kept)


def holds(clause: Clause, facts: Facts) -> bool:
    """Whether one of the clause's alternatives holds of these facts."""
    return any(is_true(name, values, facts) for name, values in clause.items())


def is_true(name: str, values: int, facts: Facts) -> bool:
    """Whether the fact's value is one of these."""
    known = fact(name)
    return bool(values >> known.values.index(known.value(facts)) & 1)


# A formula is a conjunction of clauses; none at all is true, and a clause without alternatives is false.
_Formula: TypeAlias = tuple[Clause, ...]
_TRUE: _Formula = ()
_FALSE: _Formula = ({},)


def _simple(clause: Clause) -> Clause | None:
    """Without the alternatives that never hold; nothing where one always holds."""
    if any(values == fact(name).everything for name, values in clause.items()):
        return None
    return {name: values for name, values in clause.items() if values}


def _both(parts: Iterable[_Formula]) -> _Formula:
    """All of them; where several clauses speak of one same fact and of nothing else, they become one."""
    alone: dict[str, int] = {}
    others: list[Clause] = []
    for clause in (clause for part in parts for clause in part):
        if len(clause) == 1:
            ((name, values),) = clause.items()
            alone[name] = alone.get(name, -1) & values
        elif not clause:
            return _FALSE
        elif clause not in others:
            others.append(clause)
    if any(not values for values in alone.values()):
        return _FALSE
    if len(alone) + len(others) > MOST_CLAUSES:
        raise NotPlainError
    return (*({name: values} for name, values in alone.items()), *others)


def _either(left: _Formula, right: _Formula) -> _Formula:
    if len(left) * len(right) > MOST_CLAUSES:
        raise NotPlainError
    made: list[Clause] = []
    for one, other in product(left, right):
        joined = _simple({n: one.get(n, 0) | other.get(n, 0) for n in (*one, *(n for n in other if n not in one))})
        if joined is not None:
            made.append(joined)
    return _both([tuple(made)])


def _not(name: str, values: int) -> int:
    return fact(name).everything & ~values


def _literal(name: str, values: int, *, positive: bool) -> _Formula:
    kept = _simple({name: values if positive else _not(name, values)})
    return _TRUE if kept is None else (kept,)


def _constant(expression: Expression) -> Any:
    """A value written in the rule: a number, a truth, or the member of a list of words."""
    value = expression.get("Value")
    if isinstance(value, Mapping) and "__entity" in value:
        kind, identifier = value["__entity"]["type"], value["__entity"]["id"]
        if kind not in ENUMERATIONS:
            raise NotPlainError
        return ENUMERATIONS[kind](identifier)
    if isinstance(value, bool | int):
        return value
    raise NotPlainError


def _constants(expression: Expression) -> frozenset[Any]:
    if "Set" not in expression:
        raise NotPlainError
    return frozenset(_constant(one) for one in expression["Set"])


def _place(expression: Expression) -> tuple[str, Callable[[Any], Any]] | None:
    path = path_of(expression)
    return None if path is None else _PLACES.get(path)


def _matching(place: tuple[str, Callable[[Any], Any]], test: Callable[[Any], bool]) -> tuple[str, int]:
    """Unknown values match nothing: a rule reads them only behind a `has`."""
    name, part = place
    return name, fact(name).where(lambda value: part(value) is not None and test(part(value)))


def _actions(expression: Expression) -> frozenset[ActKind]:
    members = expression.get("Set", [expression])
    found: set[ActKind] = set()
    for member in members:
        entity = member.get("Value", {})
        if not isinstance(entity, Mapping) or entity.get("__entity", {}).get("type") != "Action":
            raise NotPlainError
        found |= kinds_of(str(entity["__entity"]["id"]))
    return frozenset(found)


def _membership(left: Expression, right: Expression) -> tuple[str, int]:
    if path_of(left) != ("action",):
        raise NotPlainError
    if path_of(right) == ("principal", "acts"):
        return "declared", 0b10
    kinds = _actions(right)
    return "act", FACTS["act"].where(kinds.__contains__)


def _ratio(left: Expression, right: Expression, operator: str) -> tuple[str, int] | None:
    """`resource.robot_minutes_today * 2 <= resource.human_minutes_today`, also the other way round."""
    if operator == ">=":
        left, right = right, left
    elif operator != "<=":
        return None
    if "*" not in left or path_of(right) != ("resource", "human_minutes_today"):
        return None
    sides = (left["*"]["left"], left["*"]["right"])
    for minutes, times in (sides, sides[::-1]):
        number = times.get("Value")
        is_machines = path_of(minutes) == ("resource", "robot_minutes_today")
        if is_machines and type(number) is int and 1 <= number <= LONGEST_DAY:
            return f"{RATIO}{number}", 0b10
    return None


def _comparison(operator: str, left: Expression, right: Expression) -> tuple[str, int]:
    ratio = _ratio(left, right, operator)
    if ratio is not None:
        return ratio
    place = _place(left)
    if place is None:
        place, right, operator = _place(right), left, _TURNED[operator]
    if place is None:
        raise NotPlainError
    if place[0] == "act":
        return _same_act(operator, right)
    wanted = _constants(right) if "Set" in right else _constant(right)
    if place[0] in _BEYOND and wanted >= fact(place[0]).values[-1]:
        raise NotPlainError
    compare = _COMPARED[operator]
    return _matching(place, lambda value: compare(value, wanted))


def _same_act(operator: str, right: Expression) -> tuple[str, int]:
    entity = right.get("Value", {})
    if operator not in {"==", "!="} or not isinstance(entity, Mapping):
        raise NotPlainError
    identifier = entity.get("__entity", {}).get("id")
    return "act", FACTS["act"].where(lambda kind: (kind == identifier) is (operator == "=="))


def _containing(operator: str, left: Expression, right: Expression) -> tuple[str, int]:
    if operator == "contains" and "Set" in left:
        place = _place(right)
        if place is None:
            raise NotPlainError
        if place[0] == "act":
            identifiers = {str(one["Value"]["__entity"]["id"]) for one in left["Set"]}
            return "act", FACTS["act"].where(identifiers.__contains__)
        members = _constants(left)
        return _matching(place, members.__contains__)
    place = _place(left)
    if place is None or place[0] != "situations":
        raise NotPlainError
    if operator == "contains":
        one = _constant(right)
        return _matching(place, lambda value: one in value)
    some = _constants(right)
    return _matching(place, (lambda v: bool(v & some)) if operator == "containsAny" else (lambda v: v >= some))


def _atom(operator: str, body: Any, expression: Expression) -> tuple[str, int]:
    if operator == "has":
        left = path_of(body["left"])
        place = _PLACES.get((*left, str(body["attr"]))) if left is not None else None
        if place is None:
            raise NotPlainError
        return _matching(place, lambda _: True)
    if operator == ".":
        place = _place(expression)
        if place is None:
            raise NotPlainError
        return _matching(place, lambda value: value is True)
    if operator == "in":
        return _membership(body["left"], body["right"])
    if operator in _COMPARED:
        return _comparison(operator, body["left"], body["right"])
    if operator in {"contains", "containsAny", "containsAll"}:
        return _containing(operator, body["left"], body["right"])
    if operator == "isEmpty" and (place := _place(body["arg"])) is not None and place[0] == "situations":
        return _matching(place, lambda value: not value)
    raise NotPlainError


def _formula(expression: Expression, *, positive: bool) -> _Formula:
    (operator, body), *_ = expression.items()
    if operator == "Value" and isinstance(body, bool):
        return _TRUE if body is positive else _FALSE
    if operator == "!":
        return _formula(body["arg"], positive=not positive)
    if operator in {"&&", "||"}:
        parts = [_formula(body[side], positive=positive) for side in ("left", "right")]
        return _both(parts) if (operator == "&&") is positive else _either(*parts)
    if operator == "if-then-else":
        then = _either(_formula(body["if"], positive=False), _formula(body["then"], positive=positive))
        other = _either(_formula(body["if"], positive=True), _formula(body["else"], positive=positive))
        return _both([then, other])
    if operator == "has" and path_of({".": body}) in {("context", record) for record in _RECORDS}:
        return _TRUE if positive else _FALSE
    name, values = _atom(operator, body, expression)
    return _literal(name, values, positive=positive)


_RECORDS = frozenset(path[1] for path in _PLACES if len(path) == 3)


def clauses_of(policy: Mapping[str, Any]) -> tuple[Clause, ...]:
    """The clauses of a policy in Cedar's JSON form, its scope left aside; an empty clause: it never applies.

    Raises `NotPlainError` for what cannot be put so: two facts compared with each other, a single AI system, and more than
    `MOST_CLAUSES` clauses.
    """
    conditions: Sequence[Mapping[str, Any]] = policy["conditions"]
    if not all(policy[variable]["op"] == "All" for variable in ("principal", "resource")):
        raise NotPlainError
    return _both(_formula(clause["body"], positive=clause["kind"] == "when") for clause in conditions)
