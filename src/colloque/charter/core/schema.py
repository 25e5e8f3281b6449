"""The words a charter may use: actions, entity types and attributes, made from the vocabulary and from the shape of `Facts`.

`principal` is the AI system of a project, `action` the kind of act, `resource` the person, `context` the rest. An optional
attribute is a fact that may be unknown. Kinds of act stand in groups: their family, and the traits that rules speak of.
Values with a fixed list are enumerated entity types, so that a misspelt value does not validate.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from typing import NamedTuple, TypeAlias

import cedarpy

from colloque.kernel.vocabulary import (
    ACT_TRAITS,
    ActGroup,
    ActKind,
    ActTraits,
    Autonomy,
    ChoiceAnswer,
    Profession,
    ProjectStatus,
    Situation,
    Track,
)


class Attribute(NamedTuple):
    """One fact a rule may read: its Cedar type, and whether it may be unknown."""

    type: str
    optional: bool = False


Path: TypeAlias = tuple[str, ...]

ENUMERATIONS: Mapping[str, type[StrEnum]] = {
    "Autonomy": Autonomy,
    "Choice": ChoiceAnswer,
    "Profession": Profession,
    "ProjectStatus": ProjectStatus,
    "Situation": Situation,
    "Track": Track,
}

PRINCIPAL: Mapping[str, Attribute] = {
    "status": Attribute("ProjectStatus"),
    "track": Attribute("Track"),
    "autonomy": Attribute("Autonomy"),
    "acts": Attribute("Set<Action>"),
}
RESOURCE: Mapping[str, Attribute] = {
    "age": Attribute("Long", optional=True),
    "situations": Attribute("Set<Situation>", optional=True),
    "choice": Attribute("Choice"),
    "human_minutes_today": Attribute("Long", optional=True),
    "robot_minutes_today": Attribute("Long", optional=True),
}
CONTEXT: Mapping[str, Mapping[str, Attribute]] = {
    "act": {"human_value": Attribute("Long"), "hardship": Attribute("Long")},
    "carer": {
        "id": Attribute("String", optional=True),
        "profession": Attribute("Profession", optional=True),
        "attested": Attribute("Bool", optional=True),
        "on_duty": Attribute("Bool", optional=True),
    },
    "moment": {"hour": Attribute("Long"), "weekday": Attribute("Long")},
    "presence": {
        "human_present": Attribute("Bool", optional=True),
        "attested_by": Attribute("String", optional=True),
    },
    "own_assessment": {"made": Attribute("Bool")},
    "explicit_yes": {"given": Attribute("Bool"), "heard_by": Attribute("String", optional=True)},
    "exchange": {"planned": Attribute("Bool", optional=True)},
    "establishment": {"outage": Attribute("Bool")},
}

ATTRIBUTES: Mapping[Path, Attribute] = {
    **{("principal", name): attribute for name, attribute in PRINCIPAL.items()},
    **{("resource", name): attribute for name, attribute in RESOURCE.items()},
    **{
        ("context", record, name): attribute for record, fields in CONTEXT.items() for name, attribute in fields.items()
    },
}
RECORDS: frozenset[Path] = frozenset(("context", record) for record in CONTEXT)
FALSE_UNTIL_RECORDED: frozenset[Path] = frozenset(
    {("context", "own_assessment", "made"), ("context", "explicit_yes", "given")}
)
"""Facts that are false until somebody records them: for these, not knowing and no are the same."""


def groups_of(kind: ActKind) -> tuple[str, ...]:
    """The action groups a kind of act stands in: its family, then its traits."""
    traits: ActTraits = ACT_TRAITS[kind]
    held = {
        "physical": traits.physical,
        "intimate": traits.intimate,
        "standardised": traits.standardised,
        "irreversible": not traits.reversible,
        "own-assessment-first": traits.own_assessment_first,
        "fundamental-ethics": traits.fundamental_ethics,
    }
    return (traits.group.value, *(name for name, holds in held.items() if holds))


GROUPS: tuple[str, ...] = tuple(
    dict.fromkeys((*(g.value for g in ActGroup), *(name for kind in ActKind for name in groups_of(kind))))
)
ACTIONS: frozenset[str] = frozenset(GROUPS) | {kind.value for kind in ActKind}


def kinds_of(action: str) -> frozenset[ActKind]:
    """The kinds of act an action or a group of actions stands for."""
    return frozenset(kind for kind in ActKind if action == kind.value or action in groups_of(kind))


def _record(attributes: Mapping[str, Attribute]) -> str:
    return "{ " + ", ".join(f"{n}{'?' if a.optional else ''}: {a.type}" for n, a in attributes.items()) + " }"


@cache
def schema_text() -> str:
    """The schema in Cedar's own syntax."""
    lines = [_enumeration(name, enum) for name, enum in ENUMERATIONS.items()]
    lines.append(f"entity AiSystem {_record(PRINCIPAL)};")
    lines.append(f"entity Person {_record(RESOURCE)};")
    lines.append("type Circumstances = {")
    lines.extend(f"  {record}: {_record(fields)}," for record, fields in CONTEXT.items())
    lines.append("};")
    lines.extend(f'action "{group}";' for group in GROUPS)
    lines.extend(
        f'action "{kind.value}" in [{_quoted(groups_of(kind))}]'
        " appliesTo { principal: [AiSystem], resource: [Person], context: Circumstances };"
        for kind in ActKind
    )
    return "\n".join(lines) + "\n"


def _quoted(names: tuple[str, ...]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _enumeration(name: str, enum: type[StrEnum]) -> str:
    return f"entity {name} enum [{_quoted(tuple(value.value for value in enum))}];"


@cache
def schema() -> cedarpy.Schema:
    """The schema, parsed once."""
    return cedarpy.Schema.from_str(schema_text())
