"""Who may see and move a project. The public sees every project of a house; the rest is for its staff."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext

from colloque.kernel.errors import ConflictError, NotAllowedError
from colloque.kernel.vocabulary import STAFF_ROLES, ProjectStatus, Role
from colloque.people.access import Viewer, current_memberships, nothing_here, require
from colloque.people.models import Account, Establishment
from colloque.projects.core.lifecycle import ALLOWED_ROLES, TRANSITIONS, Move
from colloque.projects.models import Project, Service

EDITING_ROLES = frozenset({Role.DIRECTOR, Role.PROJECT_LEAD})


def roles_in(account: Account, establishment: Establishment, at: datetime) -> frozenset[Role]:
    """The roles an account holds in the whole house or in one of its units now."""
    found = current_memberships(at).filter(account=account, establishment=establishment)
    return frozenset(Role(role) for role in found.values_list("role", flat=True))


def house_roles_in(account: Account, establishment: Establishment, at: datetime) -> frozenset[Role]:
    """The roles an account holds in the whole house now."""
    found = current_memberships(at).filter(account=account, establishment=establishment, unit__isnull=True)
    return frozenset(Role(role) for role in found.values_list("role", flat=True))


def may_move(account: Account, project: Project, move: Move, at: datetime) -> bool:
    """Whether this account may make this move; a project lead only with the projects they lead.

    An AI acts in the whole house: a role in one unit may stop it, never start it.
    """
    roles = roles_in if move is Move.SUSPEND else house_roles_in
    held = roles(account, project.establishment, at) & ALLOWED_ROLES[move]
    return bool(held - {Role.PROJECT_LEAD}) or (Role.PROJECT_LEAD in held and project.lead_id == account.id)


def may_edit(account: Account, project: Project, at: datetime) -> bool:
    """Whether this account may change what is declared of a project; with a role in the whole house, as the AI acts there."""
    held = house_roles_in(account, project.establishment, at) & EDITING_ROLES
    return Role.DIRECTOR in held or (Role.PROJECT_LEAD in held and project.lead_id == account.id)


def require_move(account: Account, project: Project, move: Move, at: datetime) -> None:
    """Let through whoever may make this move.

    Raises `NotFoundError` for whoever does not belong to the staff of the house, `NotAllowedError` for the rest of the staff.
    """
    if may_move(account, project, move, at):
        return
    raise _refusal(account, project, at)


def require_edit(account: Account, project: Project, at: datetime) -> None:
    """Let through whoever may change the project. Raises as `require_move`."""
    if not may_edit(account, project, at):
        raise _refusal(account, project, at)


def _refusal(account: Account, project: Project, at: datetime) -> Exception:
    if roles_in(account, project.establishment, at) & STAFF_ROLES:
        return NotAllowedError(gettext("Ce geste revient à d’autres dans l’établissement."))
    return nothing_here()


def project_for(viewer: Viewer, project_id: UUID) -> Project:
    """A project of the viewer's house, for its staff. Raises `NotFoundError`."""
    require(viewer, *STAFF_ROLES)
    found = Project.objects.select_related("establishment", "lead").filter(id=project_id, establishment=viewer.house)
    project = found.first()
    if project is None:
        raise nothing_here()
    return project


def editable_project(viewer: Viewer, project_id: UUID, at: datetime) -> Project:
    """A project the viewer may change now.

    Raises `NotFoundError` for whoever is not of the staff, `NotAllowedError` for the rest of it, `ConflictError` for a live one.
    """
    project = project_for(viewer, project_id)
    require_edit(viewer.account, project, at)
    if project.status == ProjectStatus.LIVE.value:
        raise is_live()
    return project


def is_live() -> ConflictError:
    """What is declared of a live AI does not change under people."""
    return ConflictError(
        gettext("Cette IA est en service. Suspendez-la d’abord, puis changez ce qui est déclaré."), code="is-live"
    )


def service_for(viewer: Viewer, project_id: UUID, service_id: UUID) -> Service:
    """A service of a project of the viewer's house, for its staff. Raises `NotFoundError`."""
    project = project_for(viewer, project_id)
    service = Service.objects.filter(id=service_id, project=project).first()
    if service is None:
        raise nothing_here()
    service.project = project
    return service


def stoppable_projects(viewer: Viewer, at: datetime) -> list[Project]:
    """The live projects that the viewer may suspend, by name. Raises `NotFoundError` for whoever may suspend none."""
    require(viewer, *ALLOWED_ROLES[Move.SUSPEND])
    live = Project.objects.select_related("establishment", "lead").filter(
        establishment=viewer.house, status=ProjectStatus.LIVE.value
    )
    return [project for project in live.order_by("name") if may_move(viewer.account, project, Move.SUSPEND, at)]


def attachable_projects(viewer: Viewer, at: datetime) -> list[Project]:
    """The projects of the house to which the viewer may attach what people said, by name. Raises `NotFoundError`."""
    require(viewer, *EDITING_ROLES)
    here = Project.objects.select_related("establishment", "lead").filter(establishment=viewer.house)
    return [project for project in here.order_by("name") if may_edit(viewer.account, project, at)]


def moves_for(viewer: Viewer, project: Project, at: datetime) -> tuple[Move, ...]:
    """The moves the viewer may make with this project where it stands."""
    status = ProjectStatus(project.status)
    return tuple(move for move in Move if (status, move) in TRANSITIONS and may_move(viewer.account, project, move, at))
