"""Facts as the engine hands them to Cedar: the AI system and the act as entities, everything else flat in the context."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from colloque.charter.core.conditions import LARGEST_FACT
from colloque.charter.core.facts import ProjectFacts
from colloque.charter.core.schema import ENUMERATIONS, PRINCIPAL, Attribute, Path, groups_of
from colloque.kernel.vocabulary import ActKind, Situation

THE_PERSON = {"type": "Person", "id": "the-person"}


def fact_path(path: Path) -> str:
    """Where in `Facts` an attribute of the person or the circumstances lies (`resource.age` is `person.age`)."""
    return f"person.{path[1]}" if path[0] == "resource" else ".".join(path[1:])


def plain_value(attribute: Attribute, value: Any) -> Any:
    """The value as plain JSON. Raises `ValueError` or `TypeError` for one its type does not have: no schema looks later."""
    kind = attribute.type
    if kind in ENUMERATIONS:
        return ENUMERATIONS[kind](value).value
    if kind == "Set<Situation>":
        return [Situation(situation).value for situation in value]
    if kind == "Bool" and type(value) is bool:
        return value
    if kind == "Long" and type(value) is int and 0 <= value <= LARGEST_FACT:
        return value
    if kind == "String" and type(value) in {UUID, str}:
        return str(value)
    raise ValueError("A fact is not of its type, or beyond what a fact can be.")


def _typed(kind: str, value: Any) -> dict[str, Any]:
    return {"__entity": {"type": kind, "id": ENUMERATIONS[kind](value).value}}


def project_entity(project: ProjectFacts) -> dict[str, Any]:
    """The AI system, with what its project declared. Raises `ValueError` for values no fact can have."""
    acts = [{"__entity": {"type": "Action", "id": ActKind(kind).value}} for kind in sorted(project.acts)]
    typed = {
        name: _typed(attribute.type, getattr(project, name)) for name, attribute in PRINCIPAL.items() if name != "acts"
    }
    return {"uid": {"type": "AiSystem", "id": str(project.id)}, "attrs": {**typed, "acts": acts}, "parents": []}


def action_entities(kind: ActKind) -> list[dict[str, Any]]:
    """The kind of act and the groups it stands in."""
    groups = [{"type": "Action", "id": group} for group in groups_of(kind)]
    return [
        {"uid": {"type": "Action", "id": kind.value}, "attrs": {}, "parents": groups},
        *({"uid": group, "attrs": {}, "parents": []} for group in groups),
    ]
