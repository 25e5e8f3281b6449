"""The questions a person is asked about AI, and what they answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from colloque.kernel.vocabulary import ActKind, Autonomy, ChoiceAnswer, ProjectStatus
from colloque.patients.core.choices import StandingChoice, holding, overruled_by, standing_choice
from colloque.patients.models import Choice, Person, TrainingChoice
from colloque.projects.models import Service

ALL_AI = "all"
LEARNING = "learning"


@dataclass(frozen=True)
class Answered:
    """An answer as it was given: when, by whom, and whether by the person themselves."""

    answer: ChoiceAnswer
    given_at: datetime
    given_by: str
    in_person: bool


@dataclass(frozen=True)
class OfferedService:
    """What one AI would do, for a person to read: its words, the AI's name, who answers for it, how far it goes."""

    title: str
    description: str
    project_slug: str
    project_name: str
    lead: str
    autonomy: Autonomy
    is_live: bool


@dataclass(frozen=True)
class Question:
    """One question about AI.

    `key` is its place in the address: `all`, a kind of act, or `learning` (answered by yes or no alone). `services` are what
    AI does here for that kind. `answered` is what was said to this very question, `holds` what holds in the end, and
    `overruled_by` the refusals that are stronger than the answer.
    """

    key: str
    act_kind: ActKind | None
    services: tuple[OfferedService, ...]
    answered: Answered | None
    holds: ChoiceAnswer
    overruled_by: tuple[StandingChoice, ...] = ()


def standing_choices(person: Person) -> tuple[StandingChoice, ...]:
    """The answers of a person that have not been replaced."""
    rows = Choice.objects.filter(person=person, replaced_at__isnull=True).values_list(
        "answer", "act_kind", "project_id"
    )
    return tuple(standing_choice(answer, kind, project) for answer, kind, project in rows)


def questions_for(person: Person) -> list[Question]:
    """All questions for a person: first all AI, then each kind of act that an AI takes part in here, last learning.

    Kinds the person once answered stay, even where no AI offers them any more.
    """
    rows = list(Choice.objects.filter(person=person, replaced_at__isnull=True).select_related("given_by"))
    general = [row for row in rows if row.project_id is None]
    standing = [standing_choice(row.answer, row.act_kind) for row in general]
    answered = {
        row.act_kind: Answered(
            ChoiceAnswer(row.answer), row.given_at, row.given_by.full_name, row.given_by_id == person.account_id
        )
        for row in general
    }
    offered = _offered(person.establishment_id)
    kinds = [kind for kind in ActKind if kind in offered or kind.value in answered]
    everything, learning = answered.get(""), _learning(person)
    return [
        Question(ALL_AI, None, (), everything, everything.answer if everything else ChoiceAnswer.UNKNOWN),
        *(_about(kind, offered.get(kind, ()), answered.get(kind.value), standing) for kind in kinds),
        Question(LEARNING, None, (), learning, learning.answer if learning else ChoiceAnswer.UNKNOWN),
    ]


def _about(
    kind: ActKind, services: Sequence[OfferedService], answered: Answered | None, standing: Sequence[StandingChoice]
) -> Question:
    decides = holding(standing, kind, UUID(int=0))
    stronger = overruled_by(standing, StandingChoice(answered.answer, kind)) if answered is not None else ()
    holds = decides.answer if decides is not None else ChoiceAnswer.UNKNOWN
    return Question(kind.value, kind, tuple(services), answered, holds, stronger)


def _learning(person: Person) -> Answered | None:
    current = TrainingChoice.objects.filter(person=person, replaced_at__isnull=True).select_related("given_by").first()
    if current is None:
        return None
    answer = ChoiceAnswer.YES if current.allowed else ChoiceAnswer.NO
    return Answered(answer, current.given_at, current.given_by.full_name, current.given_by_id == person.account_id)


def _offered(establishment: UUID) -> dict[ActKind, list[OfferedService]]:
    offered: dict[ActKind, list[OfferedService]] = {}
    services = Service.objects.filter(project__establishment_id=establishment).exclude(
        project__status=ProjectStatus.DRAFT.value
    )
    for service in services.select_related("project__lead").order_by("project__name", "title"):
        offered.setdefault(ActKind(service.act_kind), []).append(
            OfferedService(
                title=service.title,
                description=service.description,
                project_slug=service.project.slug,
                project_name=service.project.name,
                lead=service.project.lead.full_name,
                autonomy=Autonomy(service.project.autonomy),
                is_live=service.project.status == ProjectStatus.LIVE.value,
            )
        )
    return offered
