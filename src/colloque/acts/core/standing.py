"""Where everybody stands when an act is decided: one reading of the database, as values, and the facts it amounts to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

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
from colloque.kernel.vocabulary import ActKind, Autonomy, ChoiceAnswer, Profession, ProjectStatus, Situation, Track
from colloque.patients.core.age import age_at
from colloque.patients.core.choices import StandingChoice, choice_that_holds
from colloque.projects.core.declared_data import Declaration
from colloque.projects.core.inputs import Input, read_inputs
from colloque.projects.core.intended_use import IntendedUse, read_intended_use
from colloque.projects.core.model_card import ModelCard, read_model_card


class DeclaredService(msgspec.Struct, frozen=True):
    """A service and its project as declared, at one version of the project."""

    id: UUID
    project: UUID
    project_version: int
    establishment: UUID
    establishment_slug: str
    slug: str
    project_slug: str
    project_name: str
    remote_id: str
    hook: str
    act_kind: ActKind
    title: str
    description: str
    status: ProjectStatus
    track: Track
    autonomy: Autonomy
    endpoint: str
    timeout_ms: int
    declaration: Declaration
    intended_use: IntendedUse
    inputs: tuple[Input, ...]
    model_card: ModelCard
    project_acts: frozenset[ActKind]

    @property
    def public_id(self) -> str:
        """The id under which an EHR finds the service; slugs hold no dot."""
        return f"{self.project_slug}.{self.slug}"


class PersonStanding(msgspec.Struct, frozen=True):
    """The person cared for, at one version."""

    id: UUID
    version: int
    unit: UUID | None
    birth_month: date | None
    wrapped_key: bytes
    choices: tuple[StandingChoice, ...]
    situations: frozenset[Situation]
    present_carer: UUID | None
    sealed_identity: bytes | None = None


class CarerStanding(msgspec.Struct, frozen=True):
    """A carer of the establishment whose membership holds now."""

    id: UUID
    profession: Profession
    attested: bool
    language: str


class Standing(msgspec.Struct, frozen=True):
    """What one reading gave for one request. No person or no carer: whoever was named is not known here.

    `said_yes_here` is what the person said of this one act, at the bedside; `caller_mark` changes with every change of the
    client system and is empty where it is not active.
    """

    service: UUID
    project: UUID
    project_version: int
    status: ProjectStatus
    establishment: UUID
    timezone: str
    outage: bool
    charter: UUID | None
    caller_mark: str
    person: PersonStanding | None
    carer: CarerStanding | None
    own_assessment_made: bool
    token_used: bool
    said_yes_here: bool | None = None
    heard_by: UUID | None = None


_AUTONOMIES = {a.value: a for a in Autonomy}
_TRACKS = {t.value: t for t in Track}
_SITUATIONS = {s.value: s for s in Situation}
_ANSWERS = {a.value: a for a in ChoiceAnswer}
_KINDS = {k.value: k for k in ActKind}
_PROFESSIONS = {p.value: p for p in Profession}
_STATUSES = {s.value: s for s in ProjectStatus}


def _plain(value: UUID | None) -> UUID | None:
    """The standard library's own UUID, where a driver brought its own: the charter compares types strictly."""
    return value if value is None or type(value) is UUID else UUID(bytes=value.bytes)


def declared_service_of(row: Sequence[Any]) -> DeclaredService:
    """The value of one row of `READ_SERVICES`; columns in the order of that statement.

    Raises `InvalidInputError` for a declaration that cannot be understood: such a service is as if it did not exist.
    """
    return DeclaredService(
        id=row[0],
        project=row[1],
        project_version=row[2],
        establishment=row[3],
        establishment_slug=row[4],
        slug=row[5],
        project_slug=row[6],
        project_name=row[7],
        remote_id=row[8],
        hook=row[9],
        act_kind=_KINDS[row[10]],
        title=row[11],
        description=row[12],
        status=_STATUSES[row[13]],
        track=_TRACKS[row[14]],
        autonomy=_AUTONOMIES[row[15]],
        endpoint=row[16],
        timeout_ms=row[17],
        declaration=Declaration(msgspec.json.decode(row[18])),
        intended_use=read_intended_use(msgspec.json.decode(row[19])),
        model_card=read_model_card(msgspec.json.decode(row[20])),
        inputs=read_inputs(msgspec.json.decode(row[21])),
        project_acts=frozenset(_KINDS[kind] for kind in row[22]),
    )


def standing_of(row: Sequence[Any]) -> Standing:
    """The value of one row of `READ_STANDING`; columns in the order of that statement."""
    person = carer = None
    if row[9] is not None:
        person = PersonStanding(
            id=row[9],
            version=row[10],
            unit=row[11],
            birth_month=row[12],
            wrapped_key=bytes(row[13]),
            choices=tuple(
                StandingChoice(_ANSWERS[answer], _KINDS[kind] if kind else None, project)
                for kind, project, answer in zip(row[14] or (), row[15] or (), row[16] or (), strict=True)
            ),
            situations=frozenset(_SITUATIONS[word] for word in row[17] or ()),
            present_carer=_plain(row[18]),
            sealed_identity=None if row[19] is None else bytes(row[19]),
        )
    if row[20] is not None and row[21] is not None:
        carer = CarerStanding(
            id=_plain(row[20]) or row[20], profession=_PROFESSIONS[row[21]], attested=row[22], language=row[23]
        )
    return Standing(
        service=row[1],
        project=row[2],
        project_version=row[3],
        status=_STATUSES[row[4]],
        establishment=row[5],
        timezone=row[6],
        outage=row[7],
        charter=row[8],
        caller_mark=row[26],
        person=person,
        carer=carer,
        own_assessment_made=row[24],
        token_used=row[25],
        said_yes_here=row[27],
        heard_by=_plain(row[28]),
    )


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def facts_of(standing: Standing, service: DeclaredService, person: PersonStanding, at: datetime) -> Facts:
    """What the charter may read of one act; what nobody measures yet stays unknown.

    Local time is the establishment's. A carer whose membership does not hold is nobody.
    """
    local = at.astimezone(_zone(standing.timezone))
    carer = standing.carer
    return Facts(
        project=ProjectFacts(
            id=service.project,
            status=standing.status,
            track=service.track,
            autonomy=service.autonomy,
            acts=service.project_acts,
        ),
        act_kind=service.act_kind,
        person=PersonFacts(
            id=person.id,
            age=age_at(person.birth_month, local.date()),
            situations=person.situations,
            choice=_choice(standing, person, service),
        ),
        carer=CarerFacts()
        if carer is None
        else CarerFacts(id=carer.id, profession=carer.profession, attested=carer.attested),
        moment=MomentFacts(hour=local.hour, weekday=local.isoweekday()),
        establishment=EstablishmentFacts(id=standing.establishment, outage=standing.outage),
        presence=PresenceFacts(human_present=person.present_carer is not None, attested_by=person.present_carer),
        own_assessment=OwnAssessmentFacts(made=standing.own_assessment_made),
        explicit_yes=ExplicitYesFacts(given=True, heard_by=standing.heard_by)
        if standing.said_yes_here
        else ExplicitYesFacts(),
    )


def _choice(standing: Standing, person: PersonStanding, service: DeclaredService) -> ChoiceAnswer:
    """The lasting choice; a no said of this one act counts like any other."""
    if standing.said_yes_here is False:
        return ChoiceAnswer.NO
    return choice_that_holds(person.choices, service.act_kind, service.project)
