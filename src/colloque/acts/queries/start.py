"""What a carer may start for a person: the live services, and what the charter says of each before anything runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db.models import QuerySet

from colloque.acts.core.request import ActRequest
from colloque.acts.core.standing import facts_of
from colloque.acts.core.state import ActState
from colloque.acts.models import Act
from colloque.acts.queries.persons import PersonCard, person_card
from colloque.acts.queries.rules import RuleWords, rules_in_words
from colloque.acts.queries.standing import read_standing
from colloque.kernel.vocabulary import ActKind, ProjectStatus, Requirement, VerdictKind
from colloque.patients.access import person_for
from colloque.patients.models import Person
from colloque.people.access import Viewer, nothing_here
from colloque.people.models import Account
from colloque.projects.core.inputs import Input, Value, prefetch_of, read_inputs
from colloque.projects.models import Service


@dataclass(frozen=True)
class Offered:
    """One live service and what the charter says of it for this person and this carer, now.

    `waiting` is the act of this carer that waits already on the same service for the same person.
    """

    id: UUID
    title: str
    description: str
    project_name: str
    act_kind: ActKind
    verdict: VerdictKind
    asks: tuple[Requirement, ...]
    rules: tuple[RuleWords, ...]
    has_form: bool
    waiting: UUID | None = None

    @property
    def is_refused(self) -> bool:
        """Whether the charter closes it."""
        return self.verdict is VerdictKind.REFUSED


@dataclass(frozen=True)
class StartPage:
    """The person, and what may be asked of an AI for them."""

    person: PersonCard
    services: tuple[Offered, ...]


@dataclass(frozen=True)
class StartService:
    """One service chosen for a person, with the form of its data."""

    person: PersonCard
    row: Person
    service: Service
    offered: Offered
    inputs: tuple[Input, ...]


def start_page(viewer: Viewer, person_id: UUID, at: datetime) -> StartPage:
    """What may be started for a person. Raises `NotFoundError` for whoever is not their carer."""
    person = person_for(viewer, person_id, at)
    services = _live_services(person).order_by("project__name", "title")
    offered = tuple(_offered(service, person, viewer, at) for service in services)
    return StartPage(person_card(person, at), offered)


def start_service(viewer: Viewer, person_id: UUID, service_id: UUID, at: datetime) -> StartService:
    """One live service for a person. Raises `NotFoundError`."""
    person = person_for(viewer, person_id, at)
    service = _live_services(person).filter(id=service_id).first()
    if service is None:
        raise nothing_here()
    card = person_card(person, at, act_kind=ActKind(service.act_kind), project=service.project_id)
    return StartService(card, person, service, _offered(service, person, viewer, at), read_inputs(service.inputs))


def data_of(inputs: tuple[Input, ...], values: Mapping[str, Value], person: Person) -> dict[str, Any]:
    """The FHIR data a record would have sent, from values given by hand, by prefetch key."""
    return dict(prefetch_of(inputs, values, f"Patient/{person.id}"))


def waiting_act(account: Account, service: UUID, person: UUID) -> UUID | None:
    """The latest act of this carer that waits on this service for this person: for what the charter asks, or for a decision."""
    waiting = Act.objects.filter(
        owner=account, service=service, person=person, state__in=[ActState.ASKING.value, ActState.OPEN.value]
    )
    return waiting.order_by("-requested_at").values_list("id", flat=True).first()


def _live_services(person: Person) -> QuerySet[Service]:
    return Service.objects.filter(
        project__establishment_id=person.establishment_id, project__status=ProjectStatus.LIVE.value
    ).select_related("project__establishment")


def _offered(service: Service, person: Person, viewer: Viewer, at: datetime) -> Offered:
    request = ActRequest(id=uuid4(), service=service.id, person=person.id, carer=viewer.account.id, at=at)
    reading = read_standing(request, at)
    if reading.standing.person is None:
        raise nothing_here()
    verdict = reading.charter.decide(facts_of(reading.standing, reading.service, reading.standing.person, at))
    return Offered(
        id=service.id,
        title=service.title,
        description=service.description,
        project_name=service.project.name,
        act_kind=ActKind(service.act_kind),
        verdict=verdict.kind,
        asks=verdict.asks,
        rules=rules_in_words(reading.standing.charter, verdict.rules, service.project.establishment.slug),
        has_form=bool(service.inputs),
        waiting=waiting_act(viewer.account, service.id, person.id),
    )
