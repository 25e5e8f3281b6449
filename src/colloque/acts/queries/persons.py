"""The person an act is about, as the carer needs to see them: before the machine."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from colloque.kernel.vocabulary import ActKind, ChoiceAnswer, Situation
from colloque.patients.core.age import age_at
from colloque.patients.core.choices import StandingChoice, holding, standing_choice
from colloque.patients.models import Choice, Person
from colloque.patients.queries import current_situations, name_of


@dataclass(frozen=True)
class PersonCard:
    """Who the person is and what they live through. `choice_since` is empty where the person has said nothing.

    `is_choice_then`: the answer is the one that held at the time of the act, and is not the same now.
    """

    id: UUID
    name: str
    age: int | None
    situations: tuple[Situation, ...]
    choice: ChoiceAnswer | None = None
    choice_since: datetime | None = None
    is_choice_then: bool = False
    is_erased: bool = False


def person_card(
    person: Person, at: datetime, *, act_kind: ActKind | None = None, project: UUID | None = None
) -> PersonCard:
    """The person's card; with an act kind and a project, also the answer that holds for them."""
    local_day = at.astimezone(ZoneInfo(person.establishment.timezone)).date()
    choice, since = (None, None)
    if act_kind is not None and project is not None:
        choice, since = choice_and_date(person, act_kind, project)
    return PersonCard(
        id=person.id,
        name=name_of(person),
        age=age_at(person.birth_month, local_day),
        situations=tuple(sorted(current_situations(person, at))),
        choice=choice,
        choice_since=since,
        is_erased=person.erased_at is not None,
    )


def choice_and_date(person: Person, act_kind: ActKind, project: UUID) -> tuple[ChoiceAnswer, datetime | None]:
    """The answer of a person that holds now for this kind of act by this project, and since when."""
    given: dict[StandingChoice, datetime] = {}
    for row in Choice.objects.filter(person=person, replaced_at__isnull=True):
        given[standing_choice(row.answer, row.act_kind, row.project_id)] = row.given_at
    decides = holding(given, act_kind, project)
    return (ChoiceAnswer.UNKNOWN, None) if decides is None else (decides.answer, given[decides])
