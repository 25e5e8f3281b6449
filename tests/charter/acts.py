"""Facts of acts for the charter's tests: an act that everything allows, and changes to it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec

from colloque.charter.core.facts import (
    CarerFacts,
    EstablishmentFacts,
    ExplicitYesFacts,
    Facts,
    MomentFacts,
    OwnAssessmentFacts,
    PersonFacts,
    PresenceFacts,
    ProjectFacts,
)
from colloque.kernel.vocabulary import ActKind, Autonomy, ChoiceAnswer, Profession, ProjectStatus, Track

CARER = UUID(int=7)
SOMEBODY_PRESENT = PresenceFacts(human_present=True, attested_by=CARER)
OWN_ASSESSMENT = OwnAssessmentFacts(made=True)
EXPLICIT_YES = ExplicitYesFacts(given=True, heard_by=CARER)

NOTHING_MISSING = Facts(
    project=ProjectFacts(UUID(int=1), ProjectStatus.LIVE, Track.BEDSIDE, Autonomy.SUGGESTS, frozenset(ActKind)),
    act_kind=ActKind.CYTOLOGY_READING,
    person=PersonFacts(
        UUID(int=2),
        age=45,
        situations=frozenset(),
        choice=ChoiceAnswer.YES,
        human_minutes_today=120,
        robot_minutes_today=0,
    ),
    carer=CarerFacts(CARER, Profession.NURSE, attested=True, on_duty=True),
    moment=MomentFacts(hour=10, weekday=2),
    establishment=EstablishmentFacts(UUID(int=3)),
    presence=SOMEBODY_PRESENT,
    own_assessment=OWN_ASSESSMENT,
)


def act(kind: ActKind = ActKind.CYTOLOGY_READING, **changes: Any) -> Facts:
    """The act that everything allows, of this kind, with parts replaced; `project__status=…` reaches inside a part."""
    parts: dict[str, Any] = {}
    for name, value in changes.items():
        part, _, field = name.partition("__")
        current = parts.get(part, getattr(NOTHING_MISSING, part))
        parts[part] = msgspec.structs.replace(current, **{field: value}) if field else value
    return msgspec.structs.replace(NOTHING_MISSING, act_kind=kind, **parts)
