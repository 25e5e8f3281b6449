"""What a rule's condition reads, and what may be said of it without running it.

A condition is Cedar's JSON form (https://docs.cedarpolicy.com/policies/json-format.html): `{operator: operands}`. Three
questions are answered here: which facts it reads, whether an unknown fact could let an act pass, and whether what a rule
asks for truly lifts it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from colloque.charter.core.naming import likely_action, likely_attribute, likely_type, likely_value
from colloque.charter.core.schema import ACTIONS, ATTRIBUTES, ENUMERATIONS, FALSE_UNTIL_RECORDED, RECORDS, Path
from colloque.kernel.vocabulary import Requirement

Expression: TypeAlias = Mapping[str, Any]

LARGEST_FACT = 100_000
LARGEST_NUMBER = 2**53

BOOLEAN = frozenset({"&&", "||", "!"})
BINARY = frozenset({"==", "!=", "<", "<=", ">", ">=", "in", "contains", "containsAll", "containsAny", "+", "-", "*"})
UNARY = frozenset({"isEmpty", "neg"})

PROVIDED: Mapping[Requirement, frozenset[Path]] = {
    Requirement.HUMAN_PRESENCE: frozenset(
        {("context", "presence", "human_present"), ("context", "presence", "attested_by")}
    ),
    Requirement.OWN_ASSESSMENT: frozenset({("context", "own_assessment", "made")}),
    Requirement.EXPLICIT_YES: frozenset(
        {("context", "explicit_yes", "given"), ("context", "explicit_yes", "heard_by")}
    ),
    Requirement.EXCHANGE_PLANNED: frozenset({("context", "exchange", "planned")}),
}
LIFTED_BY: Mapping[Requirement, str] = {
    Requirement.HUMAN_PRESENCE: "context.presence has human_present && context.presence.human_present",
    Requirement.OWN_ASSESSMENT: "context.own_assessment.made",
    Requirement.EXPLICIT_YES: "context.explicit_yes.given",
    Requirement.EXCHANGE_PLANNED: "context.exchange has planned && context.exchange.planned",
}


class Finding(NamedTuple):
    """Something wrong in a condition; `code` is one of `problems.SENTENCES`, `needle` helps to find its line."""

    code: str
    value: str
    needle: str
    likely: str = ""


class Reading(NamedTuple):
    """What a condition reads: all paths it mentions, those whose value it weighs (the others are only known or unknown),
    and those whose being known it tests with sign + and with sign -."""

    reads: frozenset[Path]
    weighs: frozenset[Path]
    tested_for: frozenset[Path]
    tested_against: frozenset[Path]
    findings: tuple[Finding, ...]


def dotted(path: Path) -> str:
    """The path as it is written in a rule."""
    return ".".join(path)


def path_of(expression: Expression) -> Path | None:
    """The path an expression stands for (`resource.age` is `("resource", "age")`), if it is one."""
    (operator, body), *_ = expression.items()
    if operator == "Var":
        return (str(body),)
    if operator == ".":
        left = path_of(body["left"])
        return None if left is None else (*left, str(body["attr"]))
    return None


def _operands(operator: str, body: Any) -> Iterator[Expression]:
    if operator in BOOLEAN | BINARY | UNARY:
        yield from (body[side] for side in ("left", "right", "arg") if side in body)
    elif operator == "if-then-else":
        yield from (body["if"], body["then"], body["else"])
    elif operator == "Set":
        yield from body
    elif operator in {"is", ".", "has"}:
        yield body["left"]


class _Reader:
    """Walks one condition; `sign` is +1 where a truer part makes the whole truer, -1 for the opposite, 0 for neither."""

    def __init__(self) -> None:
        self.reads: set[Path] = set()
        self.weighs: set[Path] = set()
        self.tested_for: set[Path] = set()
        self.tested_against: set[Path] = set()
        self.findings: list[Finding] = []

    def read(self, expression: Expression, sign: int) -> None:
        (operator, body), *_ = expression.items()
        if operator == "Value":
            self._value(body)
        elif operator in {"Var", "."}:
            self._attribute(expression, sign)
        elif operator == "has":
            self._has(body, sign)
        elif operator == "if-then-else":
            self.read(body["if"], 0)
            self.read(body["then"], sign)
            self.read(body["else"], sign)
        elif operator in BOOLEAN:
            for operand in _operands(operator, body):
                self.read(operand, -sign if operator == "!" else sign)
        elif operator in BINARY | UNARY | {"Set", "is"}:
            self._operation(operator, body)
        else:
            self.findings.append(Finding("unsupported", operator, operator))

    def _operation(self, operator: str, body: Any) -> None:
        if operator in {"in", "is"} and "Var" not in body["left"]:
            self.findings.append(Finding("unsupported", operator, f" {operator} "))
        for operand in _operands(operator, body):
            self.read(operand, 0)
        if operator in {"+", "-", "*", "neg"} and magnitude({operator: body}) > LARGEST_NUMBER:
            self.findings.append(Finding("too-large", operator, operator))

    def _value(self, value: Any) -> None:
        if isinstance(value, Mapping) and "__entity" in value:
            self._entity(str(value["__entity"]["type"]), str(value["__entity"]["id"]))
        elif isinstance(value, str):
            self.findings.append(Finding("names-a-person", value, f'"{value}"'))
        elif isinstance(value, Mapping) and "__extn" in value:
            self.findings.append(Finding("unsupported", str(value["__extn"]["fn"]), str(value["__extn"]["fn"])))

    def _entity(self, kind: str, identifier: str) -> None:
        self.findings.extend(entity_findings(kind, identifier))

    def _attribute(self, expression: Expression, sign: int) -> None:
        path = path_of(expression)
        if path is None:
            self.findings.append(Finding("unsupported", "…" + str(expression["."]["attr"]), expression["."]["attr"]))
        elif path == ("context",) or path in RECORDS:
            self.findings.append(Finding("whole-record", dotted(path), dotted(path)))
        elif path in ATTRIBUTES:
            self.reads.add(path)
            self.weighs.add(path)
            if path in FALSE_UNTIL_RECORDED:
                self._tests(path, sign)
        elif len(path) > 1:
            self.findings.append(unknown_attribute(path))

    def _has(self, body: Mapping[str, Any], sign: int) -> None:
        left = path_of(body["left"])
        if left is None:
            self.findings.append(Finding("unsupported", "has", "has"))
            return
        path = (*left, str(body["attr"]))
        if path in RECORDS:
            return
        if path not in ATTRIBUTES:
            self.findings.append(unknown_attribute(path))
            return
        self.reads.add(path)
        if ATTRIBUTES[path].optional:
            self._tests(path, sign)

    def _tests(self, path: Path, sign: int) -> None:
        if sign >= 0:
            self.tested_for.add(path)
        if sign <= 0:
            self.tested_against.add(path)


def unknown_attribute(path: Path) -> Finding:
    """No such fact; perhaps another was meant."""
    return Finding("unknown-attribute", dotted(path), path[-1], likely_attribute(path))


def entity_findings(kind: str, identifier: str) -> tuple[Finding, ...]:
    """What is wrong with naming this entity in a rule."""
    if kind == "Action":
        if identifier in ACTIONS:
            return ()
        return (Finding("unknown-action", identifier, f'"{identifier}"', likely_action(identifier)),)
    if kind == "Person":
        return (Finding("names-a-person", identifier, "Person::"),)
    if kind == "AiSystem":
        return ()
    if kind not in ENUMERATIONS:
        types = (*ENUMERATIONS, "Action", "AiSystem")
        return (Finding("unknown-type", kind, f"{kind}::", likely_type(kind, types)),)
    values = [value.value for value in ENUMERATIONS[kind]]
    if identifier in values:
        return ()
    meant = likely_value(kind, identifier)
    return (Finding("unknown-value", f'{kind}::"{identifier}"', f'"{identifier}"', meant and f'{kind}::"{meant}"'),)


def magnitude(expression: Expression) -> int:
    """The largest absolute value an arithmetic expression can take, facts being at most `LARGEST_FACT`."""
    (operator, body), *_ = expression.items()
    if operator == "Value":
        return abs(body) if isinstance(body, int) else 0
    if operator in {"+", "-"}:
        return magnitude(body["left"]) + magnitude(body["right"])
    if operator == "*":
        return magnitude(body["left"]) * magnitude(body["right"])
    if operator == "neg":
        return magnitude(body["arg"])
    if operator == "if-then-else":
        return max(magnitude(body["then"]), magnitude(body["else"]))
    return LARGEST_FACT


def read(conditions: Sequence[Expression]) -> Reading:
    """What the `when` and `unless` clauses of a rule read."""
    reader = _Reader()
    for clause in conditions:
        reader.read(clause["body"], 1 if clause["kind"] == "when" else -1)
    return Reading(
        frozenset(reader.reads),
        frozenset(reader.weighs),
        frozenset(reader.tested_for),
        frozenset(reader.tested_against),
        tuple(dict.fromkeys(reader.findings)),
    )


def lets_unknown_pass(effect: str, reading: Reading) -> frozenset[Path]:
    """The facts whose being unknown could turn a refusal into a permission.

    Cedar's validator lets an optional attribute be read only behind `has`. A `has` that becomes false can then only make a
    forbid truer if it stands under a negation (or in `unless`), and a permit falser if it does not; a fact that is false until
    it is recorded is such a test by itself. Any other place is reported: sound, and stricter than necessary for conditions
    nobody needs.
    """
    return reading.tested_for if effect == "forbid" else reading.tested_against


def _logic(operator: str, left: bool | None, right: bool | None) -> bool | None:
    absorbing = operator == "||"
    if left is absorbing or right is absorbing:
        return absorbing
    if left is None or right is None:
        return None
    return not absorbing


def settle(expression: Expression, provided: frozenset[Path]) -> bool | None:
    """Whether an expression is settled once the facts of these paths are known and true; `None` where others decide."""
    (operator, body), *_ = expression.items()
    if operator == "Value":
        return body if isinstance(body, bool) else None
    if operator == ".":
        return True if path_of(expression) in provided else None
    if operator == "has":
        left = path_of(body["left"])
        path = None if left is None else (*left, str(body["attr"]))
        return True if path in provided or path in RECORDS else None
    if operator == "!":
        inner = settle(body["arg"], provided)
        return None if inner is None else not inner
    if operator in {"&&", "||"}:
        return _logic(operator, settle(body["left"], provided), settle(body["right"], provided))
    if operator == "if-then-else":
        condition = settle(body["if"], provided)
        outcomes = {settle(body[branch], provided) for branch in ("then", "else")}
        if condition is None:
            return outcomes.pop() if len(outcomes) == 1 else None
        return settle(body["then" if condition else "else"], provided)
    return None


def is_lifted(conditions: Sequence[Expression], requirement: Requirement) -> bool:
    """Whether providing what is asked always makes the conditions false, whatever the other facts."""
    provided = PROVIDED[requirement]
    return any(settle(clause["body"], provided) is (clause["kind"] == "unless") for clause in conditions)
