"""Everything that changes about projects: what is declared of an AI, and whether it may act."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from colloque.consultations.actions.closing import note_became
from colloque.consultations.core.state import BecameKind
from colloque.consultations.queries.concerned import TRUST
from colloque.kernel.canonical import canonical_json
from colloque.kernel.errors import ConflictError, InvalidInputError
from colloque.kernel.vocabulary import ActKind, Autonomy, ProjectStatus, Role, Track
from colloque.ledger.actions import record
from colloque.people.access import nothing_here, require_role
from colloque.people.models import Account, Establishment
from colloque.projects.access import EDITING_ROLES, is_live, require_edit, require_move, roles_in
from colloque.projects.core.declared_data import Declaration
from colloque.projects.core.endpoint import checked_endpoint
from colloque.projects.core.inputs import read_inputs, read_readings
from colloque.projects.core.intended_use import IntendedUse, read_intended_use
from colloque.projects.core.lifecycle import Move, Requirement, after
from colloque.projects.core.model_card import ModelCard, read_model_card
from colloque.projects.core.service import checked_service
from colloque.projects.models import Project, Service, Suspension
from colloque.projects.queries import missing_of


class NotReadyError(ConflictError):
    """A project lacks something before it may be live; `missing` says what."""

    code = "not-ready"

    def __init__(self, missing: tuple[Requirement, ...]) -> None:
        super().__init__(gettext("Il manque encore quelque chose avant de mettre cette IA en service."))
        self.missing = missing


@transaction.atomic
def declare_project(
    establishment: Establishment,
    *,
    slug: str,
    name: str,
    intention: str,
    track: Track,
    autonomy: Autonomy,
    lead: Account,
    by: Account,
    at: datetime,
    endpoint: str = "",
    timeout_ms: int = 3000,
) -> Project:
    """A new project, in draft: the house says that it thinks of this AI, and why.

    By the director, or by a project lead who will lead it. Raises `NotFoundError` for anybody else, `InvalidInputError` for a
    lead without that role here or an address that may not be declared, `ConflictError` for a name already taken.
    """
    require_role(by, establishment, *EDITING_ROLES, at=at)
    if by.id != lead.id:
        require_role(by, establishment, Role.DIRECTOR, at=at)
    _check_lead(lead, establishment, at)
    project = Project(
        establishment=establishment,
        slug=slug,
        name=_said(name, "name"),
        intention=_said(intention, "intention"),
        track=track.value,
        autonomy=autonomy.value,
        lead=lead,
        endpoint=_checked_endpoint(endpoint),
        timeout_ms=timeout_ms,
    )
    try:
        with transaction.atomic():
            project.save(force_insert=True)
    except IntegrityError as error:
        raise ConflictError(
            gettext("Une IA porte déjà ce nom dans l’établissement."), code="name-taken", path="name"
        ) from error
    _record("project.declared", project, by, name=project.name, track=project.track, autonomy=project.autonomy)
    return project


@transaction.atomic
def change_project(
    project: Project,
    *,
    by: Account,
    at: datetime,
    name: str | None = None,
    intention: str | None = None,
    autonomy: Autonomy | None = None,
    lead: Account | None = None,
    endpoint: str | None = None,
    timeout_ms: int | None = None,
) -> Project:
    """Change what is declared of a project that is not live; what is left out stays.

    Raises `ConflictError` for a live one: suspend it first, so that nobody is served by what nobody looked at.
    """
    held = _hold_for_editing(project, by, at)
    before = {"name": held.name, "autonomy": held.autonomy, "lead": str(held.lead_id), "endpoint": held.endpoint}
    if name is not None:
        held.name = _said(name, "name")
    if intention is not None:
        held.intention = _said(intention, "intention")
    if autonomy is not None:
        held.autonomy = autonomy.value
    if lead is not None:
        _check_lead(lead, held.establishment, at)
        held.lead = lead
    if endpoint is not None:
        held.endpoint = _checked_endpoint(endpoint)
    if timeout_ms is not None:
        held.timeout_ms = timeout_ms
    held.save()
    _record("project.changed", held, by, before=before)
    return held


@transaction.atomic
def declare_intended_use(project: Project, use: IntendedUse, *, by: Account, at: datetime) -> Project:
    """Say for whom the AI was made, as conditions that are checked at each act. Not while the project is live."""
    held = _hold_for_editing(project, by, at)
    stored = msgspec.to_builtins(use)
    read_intended_use(stored)
    held.intended_use = stored
    held.save(update_fields=["intended_use"])
    _record("project.intended-use-declared", held, by, intended_use=stored)
    return held


@transaction.atomic
def declare_model_card(project: Project, card: ModelCard, *, by: Account, at: datetime) -> Project:
    """Keep what the maker says of the AI. Not while the project is live."""
    held = _hold_for_editing(project, by, at)
    stored = msgspec.to_builtins(card)
    read_model_card(stored)
    held.model_card = stored
    held.save(update_fields=["model_card"])
    _record("project.model-card-declared", held, by, maker=card.maker, version=card.version)
    return held


def attach_statement(
    project: Project, statement_id: UUID, *, asks_for_trust: bool = False, by: Account, at: datetime
) -> None:
    """Say that a statement of a consultation is behind this project; the statement's page leads here, and back.

    `asks_for_trust`: the statement asks carers whether they agree to work with this AI; the one whose consultation closed last
    counts. By whoever may change the project, live or not. Raises as `require_edit`, and `NotFoundError` for what another
    house said.
    """
    require_edit(by, project, at)
    kind, part = BecameKind.PROJECT, TRUST if asks_for_trust else ""
    if note_became(project.establishment, statement_id, kind, project.id, part=part, by=by, at=at) is None:
        raise nothing_here()


@transaction.atomic
def declare_service(
    project: Project,
    *,
    slug: str,
    remote_id: str,
    hook: str,
    act_kind: ActKind,
    title: str,
    description: str,
    prefetch: object,
    inputs: object,
    by: Account,
    at: datetime,
    readings: object = (),
) -> Service:
    """Declare one thing the AI does, and the data that may leave for it; said again under the same slug, it replaces it.

    Raises `InvalidInputError` (with `path`) for data that may not be declared, a form nobody could fill, a word outside the
    standard; `ConflictError` for a live project.
    """
    held = _hold_for_editing(project, by, at)
    Declaration(prefetch)
    keys = prefetch if isinstance(prefetch, Mapping) else {}
    for position, one in enumerate(read_inputs(inputs)):
        if one.prefetch not in keys:
            raise InvalidInputError(
                gettext("Une valeur du formulaire ne va dans aucune donnée déclarée."),
                path=f"inputs.{position}.prefetch",
            )
    fields: dict[str, Any] = {
        **checked_service(slug=slug, remote_id=remote_id, hook=hook),
        "act_kind": act_kind.value,
        "title": _said(title, "title"),
        "description": _said(description, "description"),
        "prefetch": prefetch,
        "inputs": inputs,
        "readings": msgspec.to_builtins(read_readings(readings)),
    }
    service, _ = Service.objects.update_or_create(project=held, slug=fields.pop("slug"), defaults=fields)
    _record(
        "project.service-declared",
        held,
        by,
        service=str(service.id),
        act_kind=act_kind.value,
        hook=hook,
        data=canonical_json(prefetch).decode(),
    )
    return service


def _moved(held: Project, move: Move) -> ProjectStatus:
    try:
        return after(ProjectStatus(held.status), move)
    except ConflictError as error:
        raise ConflictError(
            gettext("Ce projet a changé d’état entre-temps. Relisez sa page avant de décider."), code=error.code
        ) from error


@transaction.atomic
def make_live(project: Project, *, by: Account, at: datetime) -> Project:
    """Let an AI act for the first time. Only the director; raises `NotReadyError` while something is missing."""
    held = _hold(project)
    require_move(by, held, Move.MAKE_LIVE, at)
    status = _moved(held, Move.MAKE_LIVE)
    _require_ready(held, at)
    held.status = status.value
    held.live_since = at
    held.save(update_fields=["status", "live_since"])
    _record("project.made-live", held, by)
    return held


@transaction.atomic
def suspend(project: Project, reason: str, *, by: Account, at: datetime) -> Suspension:
    """Stop an AI everywhere at once: the next call is refused, and an answer under way is not shown.

    By the director, the project's lead, a member of the ethics committee or whoever protects data. Raises `InvalidInputError`
    without a reason, `ConflictError` for a project that is not live.
    """
    held = _hold(project)
    require_move(by, held, Move.SUSPEND, at)
    status = _moved(held, Move.SUSPEND)
    suspension = Suspension.objects.create(
        project=held, reason=_said(reason, "reason"), suspended_by=by, suspended_at=at
    )
    held.status = status.value
    held.save(update_fields=["status"])
    _record("project.suspended", held, by, suspension=str(suspension.id), reason=suspension.reason)
    return suspension


@transaction.atomic
def lift(project: Project, reason: str, *, by: Account, at: datetime) -> Suspension:
    """Let a suspended AI act again. Only the director, with a reason; what was changed meanwhile must still be complete."""
    held = _hold(project)
    require_move(by, held, Move.LIFT, at)
    status = _moved(held, Move.LIFT)
    _require_ready(held, at)
    suspension = Suspension.objects.select_for_update().get(project=held, lifted_at__isnull=True)
    suspension.lifted_by = by
    suspension.lifted_at = at
    suspension.lift_reason = _said(reason, "reason")
    suspension.save(update_fields=["lifted_by", "lifted_at", "lift_reason"])
    held.status = status.value
    held.save(update_fields=["status"])
    _record("project.lifted", held, by, suspension=str(suspension.id), reason=suspension.lift_reason)
    return suspension


def _hold(project: Project) -> Project:
    held = (
        Project.objects.select_for_update(of=("self",))
        .select_related("establishment", "lead")
        .filter(id=project.id)
        .first()
    )
    if held is None:
        raise nothing_here()
    return held


def _hold_for_editing(project: Project, by: Account, at: datetime) -> Project:
    held = _hold(project)
    require_edit(by, held, at)
    if held.status == ProjectStatus.LIVE.value:
        raise is_live()
    return held


def _require_ready(project: Project, at: datetime) -> None:
    missing = missing_of(project, at)
    if missing:
        raise NotReadyError(missing)


def _check_lead(lead: Account, establishment: Establishment, at: datetime) -> None:
    if not lead.is_active or not roles_in(lead, establishment, at) & EDITING_ROLES:
        raise InvalidInputError(
            gettext("La personne responsable doit avoir ce rôle dans l’établissement."), path="lead"
        )


def _checked_endpoint(endpoint: str) -> str:
    return checked_endpoint(endpoint.strip(), loopback_allowed=settings.DEMO) if endpoint.strip() else ""


def _said(words: str, path: str) -> str:
    if not words.strip():
        raise InvalidInputError(gettext("Écrivez quelques mots."), path=path)
    return words.strip()


def _record(kind: str, project: Project, by: Account, **more: Any) -> None:
    record(kind, subject=project.establishment_id, payload={"project": str(project.id), "by": str(by.id), **more})
