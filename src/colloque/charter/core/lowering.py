"""Rules as the engine runs them: the same decisions, on facts that cost less to hand over.

People write rules on typed values (`resource.choice == Choice::"no"`). Handing a typed value to Cedar costs several times
what a plain one does, so each rule is rewritten once: what it reads of the person and the circumstances lies flat in the
context under its dotted name, and the values of enumerations read there are plain strings. What it reads of the AI system
stays typed: systems are few and kept parsed. The rewriting is exact for the conditions that `conditions` accepts; the tests
hold it against Cedar on the text as written.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from colloque.charter.core.conditions import BINARY, BOOLEAN, UNARY, Expression, dotted, path_of
from colloque.charter.core.schema import ATTRIBUTES, ENUMERATIONS, RECORDS, Path

CONTEXT: Expression = {"Var": "context"}
LOWERED_TYPES = frozenset(
    attribute.type.removeprefix("Set<").removesuffix(">")
    for path, attribute in ATTRIBUTES.items()
    if path[0] != "principal"
) & set(ENUMERATIONS)


def _flat(path: Path) -> dict[str, Any]:
    return {"left": CONTEXT, "attr": dotted(path)}


def _value(value: Any) -> Any:
    if isinstance(value, Mapping) and value.get("__entity", {}).get("type") in LOWERED_TYPES:
        return value["__entity"]["id"]
    return value


def _attribute(expression: Expression) -> Expression:
    path = path_of(expression)
    if path is None or path not in ATTRIBUTES or path[0] == "principal":
        return expression
    return {".": _flat(path)}


def _has(expression: Expression) -> Expression:
    body = expression["has"]
    path = (*(path_of(body["left"]) or ()), str(body["attr"]))
    if path in RECORDS:
        return {"Value": True}
    return expression if path[0] == "principal" else {"has": _flat(path)}


def lower(expression: Expression) -> Expression:
    """The condition on flat, plain facts."""
    (operator, body), *_ = expression.items()
    if operator == "Value":
        return {"Value": _value(body)}
    if operator == ".":
        return _attribute(expression)
    if operator == "has":
        return _has(expression)
    if operator == "Set":
        return {"Set": [lower(element) for element in body]}
    if operator in BOOLEAN | BINARY | UNARY | {"if-then-else"}:
        return {operator: {side: lower(operand) for side, operand in body.items()}}
    return expression


def lowered(policy: Mapping[str, Any]) -> dict[str, Any]:
    """A policy in Cedar's JSON form, its conditions lowered and its annotations left out."""
    conditions = [{"kind": clause["kind"], "body": lower(clause["body"])} for clause in policy["conditions"]]
    return {**policy, "conditions": conditions, "annotations": {}}
