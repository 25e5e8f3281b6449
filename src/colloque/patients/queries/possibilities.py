"""What each AI of the house may do for a person here and now: the charter asked in advance, for a carer to read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from colloque.charter.core.explain import Explanation, explain
from colloque.charter.core.facts import (
    CarerFacts,
    EstablishmentFacts,
    Facts,
    MomentFacts,
    PersonFacts,
    PresenceFacts,
    ProjectFacts,
)
from colloque.charter.queries import charter_in_force
from colloque.kernel.vocabulary import (
    ActKind,
    Autonomy,
    ChoiceAnswer,
    Profession,
    ProjectStatus,
    Role,
    Track,
    VerdictKind,
)
from colloque.learning.queries import is_attested
from colloque.patients.core.age import age_at
from colloque.patients.core.choices import choice_that_holds
from colloque.patients.models import Person, Presence
from colloque.patients.queries.choices import standing_choices
from colloque.patients.queries.persons import current_situations
from colloque.people.access import Viewer
from colloque.projects.models import Service


@dataclass(frozen=True)
class Possibility:
    """One service: the verdict if the act were asked now, in words, and the answer of the person that holds for it."""

    service: UUID
    title: str
    project_name: str
    project_slug: str
    act_kind: ActKind
    verdict: VerdictKind
    choice: ChoiceAnswer
    explanation: Explanation


def possibilities_for(person: Person, viewer: Viewer, at: datetime, language: str) -> list[Possibility]:
    """Each AI that is not in preparation, with the verdict were this carer to ask now; those that may help first."""
    charter = charter_in_force(person.establishment_id)
    shown = "en" if language.startswith("en") else "fr"
    found = []
    for service, facts in facts_now(person, viewer, at):
        verdict = charter.decide(facts)
        found.append(
            Possibility(
                service=service.id,
                title=service.title,
                project_name=service.project.name,
                project_slug=service.project.slug,
                act_kind=facts.act_kind,
                verdict=verdict.kind,
                choice=facts.person.choice,
                explanation=explain(charter, verdict, shown, facts),
            )
        )
    order = [VerdictKind.PERMITTED, VerdictKind.ASKS, VerdictKind.REFUSED]
    return sorted(found, key=lambda possibility: order.index(possibility.verdict))


def facts_now(person: Person, viewer: Viewer, at: datetime) -> list[tuple[Service, Facts]]:
    """What the charter would read of each service's act, were this carer to ask now; by title of the service.

    An own assessment and a yes said at the bedside belong to one act and are not there yet, so they count as not given.
    """
    house = person.establishment
    local = at.astimezone(ZoneInfo(house.timezone))
    standing, situations = standing_choices(person), current_situations(person, at)
    acts, carer, presence = _acts_by_project(house.id), _carer(viewer, at), _presence(person, at)
    services = Service.objects.filter(project__establishment=house).exclude(project__status=ProjectStatus.DRAFT.value)
    found = []
    for service in services.select_related("project").order_by("title"):
        project, kind = service.project, ActKind(service.act_kind)
        facts = Facts(
            project=ProjectFacts(
                id=project.id,
                status=ProjectStatus(project.status),
                track=Track(project.track),
                autonomy=Autonomy(project.autonomy),
                acts=acts[project.id],
            ),
            act_kind=kind,
            person=PersonFacts(
                id=person.id,
                age=age_at(person.birth_month, local.date()),
                situations=situations,
                choice=choice_that_holds(standing, kind, project.id),
            ),
            carer=carer,
            moment=MomentFacts(hour=local.hour, weekday=local.isoweekday()),
            establishment=EstablishmentFacts(id=house.id, outage=house.ai_outage),
            presence=presence,
        )
        found.append((service, facts))
    return found


def _carer(viewer: Viewer, at: datetime) -> CarerFacts:
    profession = next((m.profession for m in viewer.memberships if m.role == Role.CARER and m.profession), None)
    if profession is None:
        return CarerFacts()
    return CarerFacts(
        id=viewer.account.id,
        profession=Profession(profession),
        attested=is_attested(viewer.account, viewer.house, at),
    )


def _presence(person: Person, at: datetime) -> PresenceFacts:
    present = Presence.objects.filter(person=person, since__lte=at, until__gt=at).order_by("-until").first()
    return PresenceFacts(human_present=present is not None, attested_by=present.carer_id if present else None)


def _acts_by_project(house: UUID) -> dict[UUID, frozenset[ActKind]]:
    acts: dict[UUID, set[ActKind]] = {}
    for project, kind in Service.objects.filter(project__establishment=house).values_list("project", "act_kind"):
        acts.setdefault(project, set()).add(ActKind(kind))
    return {project: frozenset(kinds) for project, kinds in acts.items()}
