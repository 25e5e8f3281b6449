"""Everything that reads about projects, for staff and for the public."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from colloque.consultations.core.groups import GroupOfPeople
from colloque.consultations.core.state import BecameKind, ConsultationState
from colloque.consultations.queries.concerned import CARERS, hearings_behind, latest_trust
from colloque.kernel.vocabulary import STAFF_ROLES, ActKind, Autonomy, ProjectStatus, Role, Track
from colloque.people.access import Viewer, current_memberships, nothing_here, require
from colloque.people.models import Account, Establishment
from colloque.projects.access import EDITING_ROLES, roles_in
from colloque.projects.core.declared_data import Declaration, DeclaredKey
from colloque.projects.core.gates import Barometer, Heard, is_doubted, is_trusted, were_heard
from colloque.projects.core.inputs import Input, read_inputs
from colloque.projects.core.intended_use import IntendedUse, read_intended_use
from colloque.projects.core.lifecycle import ALLOWED_ROLES, LiveFacts, Move, Requirement, missing_for_live
from colloque.projects.core.model_card import ModelCard, read_model_card
from colloque.projects.models import Project, Service, Suspension


@dataclass(frozen=True)
class Stop:
    """A suspension: since when, by whom, why; and how it ended, if it did."""

    since: datetime
    by: str
    reason: str
    lifted_at: datetime | None
    lifted_by: str
    lift_reason: str


@dataclass(frozen=True)
class Offered:
    """One thing an AI does, with what it receives for it."""

    id: UUID
    slug: str
    title: str
    description: str
    act_kind: ActKind
    hook: str
    remote_id: str
    receives: tuple[DeclaredKey, ...]
    inputs: tuple[Input, ...]


@dataclass(frozen=True)
class AiSystem:
    """An AI of a house, as anyone may read it: what it is for, what it receives, who answers for it, where it stands."""

    id: UUID
    slug: str
    name: str
    intention: str
    track: Track
    autonomy: Autonomy
    status: ProjectStatus
    lead: str
    live_since: datetime | None
    stops: tuple[Stop, ...]
    services: tuple[Offered, ...]
    intended_use: IntendedUse
    model_card: ModelCard

    @property
    def stop(self) -> Stop | None:
        """The suspension that holds now."""
        return next((stop for stop in self.stops if stop.lifted_at is None), None)

    @property
    def inputs(self) -> tuple[Input, ...]:
        """The values of all its services, for the words of the conditions."""
        return tuple(one for service in self.services for one in service.inputs)

    @property
    def act_kinds(self) -> tuple[ActKind, ...]:
        """What it takes part in, each kind once."""
        return tuple(dict.fromkeys(service.act_kind for service in self.services))


def projects_for(viewer: Viewer) -> list[AiSystem]:
    """The AI systems of the viewer's house, for its staff: those that act, then those stopped, then those in preparation."""
    require(viewer, *STAFF_ROLES)
    return _systems(viewer.house)


def system_of(project: Project) -> AiSystem:
    """One project as a value."""
    return next(system for system in _systems(project.establishment, project=project.id))


def public_house(slug: str) -> Establishment:
    """A house by the name in its address. Raises `NotFoundError`."""
    house = Establishment.objects.filter(slug=slug).first()
    if house is None:
        raise nothing_here()
    return house


def public_projects(house: Establishment) -> list[AiSystem]:
    """Every AI of a house, those in preparation too: no AI arrives unannounced."""
    return _systems(house)


def public_project(house: Establishment, slug: str) -> AiSystem:
    """One AI of a house. Raises `NotFoundError`."""
    found = Project.objects.filter(establishment=house, slug=slug).first()
    if found is None:
        raise nothing_here()
    return _systems(house, project=found.id)[0]


def public_address(project_id: UUID) -> tuple[str, str]:
    """The house and the name by which the public page of an AI is found. Raises `NotFoundError`."""
    found = Project.objects.filter(pk=project_id).values_list("establishment__slug", "slug").first()
    if found is None:
        raise nothing_here()
    return found


def live_facts(project: Project, at: datetime) -> LiveFacts:
    """What is already there of a project that wants to go live, or to go on after it was stopped.

    One that was live before needs no second hearing; doubt that carers said since then holds it back all the same.
    """
    has_begun, barometer = project.live_since is not None, _barometer(project)
    lead_roles = roles_in(project.lead, project.establishment, at) if project.lead.is_active else frozenset()
    return LiveFacts(
        has_lead=bool(lead_roles & EDITING_ROLES),
        has_endpoint=bool(project.endpoint),
        has_services=project.services.exists(),
        has_intention=bool(project.intention.strip()),
        has_intended_use=read_intended_use(project.intended_use).is_declared,
        has_model_card=not read_model_card(project.model_card).unsaid,
        was_consulted=has_begun or were_heard(_hearings(project)),
        is_trusted=is_trusted(barometer) or (has_begun and not is_doubted(barometer)),
    )


def is_in_doubt(project: Project) -> bool:
    """Whether the carers who were asked last do not trust this AI enough."""
    return is_doubted(_barometer(project))


def _hearings(project: Project) -> list[Heard]:
    return [
        Heard(
            is_answered=one.state is ConsultationState.ANSWERED,
            patients=one.came.get(GroupOfPeople.RESIDENTS, 0),
            carers=sum(one.came.get(group, 0) for group in CARERS),
            least=one.least,
        )
        for one in hearings_behind(project.establishment, BecameKind.PROJECT, project.id)
    ]


def _barometer(project: Project) -> Barometer | None:
    found = latest_trust(project.establishment, BecameKind.PROJECT, project.id)
    return Barometer(found.answered, found.agreed, found.least) if found is not None else None


def project_named(house: Establishment, slug: str) -> Project:
    """A project of a house by its short name. Raises `NotFoundError`."""
    found = Project.objects.filter(establishment=house, slug=slug).first()
    if found is None:
        raise nothing_here()
    return found


def missing_of(project: Project, at: datetime) -> tuple[Requirement, ...]:
    """What a project still lacks before it may be live."""
    return missing_for_live(live_facts(project, at))


def possible_leads(house: Establishment, at: datetime) -> list[Account]:
    """Whoever may lead a project here, by name."""
    roles = [role.value for role in EDITING_ROLES]
    accounts = current_memberships(at).filter(establishment=house, role__in=roles).values("account")
    return list(Account.objects.filter(id__in=accounts).order_by("family_name", "given_name"))


def may_declare(viewer: Viewer) -> bool:
    """Whether the viewer may declare a new project here."""
    return viewer.has(Role.DIRECTOR, Role.PROJECT_LEAD)


def may_stop(viewer: Viewer) -> bool:
    """Whether the viewer may stop an AI here."""
    return viewer.has(*ALLOWED_ROLES[Move.SUSPEND])


_ORDER = {ProjectStatus.LIVE: 0, ProjectStatus.SUSPENDED: 1, ProjectStatus.DRAFT: 2}


def _systems(house: Establishment, project: UUID | None = None) -> list[AiSystem]:
    rows = Project.objects.filter(establishment=house).select_related("lead").order_by("name")
    if project is not None:
        rows = rows.filter(id=project)
    services: dict[UUID, list[Offered]] = {}
    for service in Service.objects.filter(project__in=rows).order_by("title"):
        services.setdefault(service.project_id, []).append(_offered(service))
    stops: dict[UUID, list[Stop]] = {}
    suspensions = Suspension.objects.filter(project__in=rows).select_related("suspended_by", "lifted_by")
    for row in suspensions.order_by("-suspended_at"):
        stops.setdefault(row.project_id, []).append(_stop(row))
    systems = [
        AiSystem(
            id=row.id,
            slug=row.slug,
            name=row.name,
            intention=row.intention,
            track=Track(row.track),
            autonomy=Autonomy(row.autonomy),
            status=ProjectStatus(row.status),
            lead=row.lead.full_name,
            live_since=row.live_since,
            stops=tuple(stops.get(row.id, ())),
            services=tuple(services.get(row.id, ())),
            intended_use=read_intended_use(row.intended_use),
            model_card=read_model_card(row.model_card),
        )
        for row in rows
    ]
    return sorted(systems, key=lambda system: _ORDER[system.status])


def _offered(service: Service) -> Offered:
    return Offered(
        id=service.id,
        slug=service.slug,
        title=service.title,
        description=service.description,
        act_kind=ActKind(service.act_kind),
        hook=service.hook,
        remote_id=service.remote_id,
        receives=tuple(Declaration(service.prefetch).keys.values()),
        inputs=read_inputs(service.inputs),
    )


def _stop(row: Suspension) -> Stop:
    return Stop(
        since=row.suspended_at,
        by=row.suspended_by.full_name,
        reason=row.reason,
        lifted_at=row.lifted_at,
        lifted_by=row.lifted_by.full_name if row.lifted_by else "",
        lift_reason=row.lift_reason,
    )
