"""Facts as Cedar reads them: the AI system, the act, the person without any identifier, and the circumstances."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from colloque.charter.core.conditions import LARGEST_FACT
from colloque.charter.core.facts import ProjectFacts
from colloque.charter.core.schema import CONTEXT, ENUMERATIONS, PRINCIPAL, RESOURCE, Attribute, Path, groups_of
from colloque.kernel.vocabulary import ACT_TRAITS, ActKind, Situation

THE_PERSON = {"type": "Person", "id": "the-person"}


def _entity(kind: str, identifier: str) -> dict[str, Any]:
    return {"__entity": {"type": kind, "id": identifier}}


def _value(attribute: Attribute, value: Any) -> Any:
    """The value in Cedar's JSON. Raises `ValueError` for a value its type does not have: no schema is applied later."""
    kind = attribute.type
    if kind in ENUMERATIONS:
        return _entity(kind, ENUMERATIONS[kind](value))
    if kind == "Set<Situation>":
        return [_entity("Situation", situation) for situation in sorted(map(Situation, value))]
    if kind == "Set<Action>":
        return [_entity("Action", act_kind) for act_kind in sorted(map(ActKind, value))]
    if kind == "Bool" and type(value) is bool:
        return value
    if kind == "Long" and type(value) is int and 0 <= value <= LARGEST_FACT:
        return value
    if kind == "String" and type(value) in {UUID, str}:
        return str(value)
    raise ValueError("A fact is not of its type, or beyond what a fact can be.")


def project_entity(project: ProjectFacts) -> dict[str, Any]:
    """The AI system, with what its project declared."""
    return {
        "uid": {"type": "AiSystem", "id": str(project.id)},
        "attrs": {name: _value(attribute, getattr(project, name)) for name, attribute in PRINCIPAL.items()},
        "parents": [],
    }


def action_entities(kind: ActKind) -> list[dict[str, Any]]:
    """The kind of act and the groups it stands in."""
    groups = [{"type": "Action", "id": group} for group in groups_of(kind)]
    return [
        {"uid": {"type": "Action", "id": kind.value}, "attrs": {}, "parents": groups},
        *({"uid": group, "attrs": {}, "parents": []} for group in groups),
    ]


def person_entity(known: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """The person, from attributes and their values. Raises `ValueError` for values no fact can have."""
    return {"uid": THE_PERSON, "attrs": {name: _value(RESOURCE[name], value) for name, value in known}, "parents": []}


def context_record(kind: ActKind, known: Iterable[tuple[Path, Any]], records: Iterable[str]) -> dict[str, Any]:
    """The circumstances: of each record, the known attributes. Raises `ValueError` for values no fact can have."""
    context: dict[str, Any] = {record: {} for record in records}
    for (_, record, name), value in known:
        context[record][name] = _value(CONTEXT[record][name], value)
    if "act" in context:
        traits = ACT_TRAITS[kind]
        context["act"] = {"human_value": traits.human_value, "hardship": traits.hardship}
    return context


def fact_path(path: Path) -> str:
    """Where in `Facts` an attribute of the person or the circumstances lies (`resource.age` is `person.age`)."""
    return f"person.{path[1]}" if path[0] == "resource" else ".".join(path[1:])
