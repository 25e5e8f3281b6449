"""What is declared of an AI: its name and reason, its intended use, its card, its services and their data."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from colloque.kernel.errors import ConflictError, InvalidInputError
from colloque.kernel.vocabulary import ActKind, Autonomy, Role, Track
from colloque.people.access import Request, require
from colloque.people.forms.sent import sent
from colloque.projects.access import editable_project, service_for
from colloque.projects.actions import (
    change_project,
    declare_intended_use,
    declare_model_card,
    declare_project,
    declare_service,
)
from colloque.projects.forms import IntendedUseForm, ModelCardForm, ProjectForm, ServiceForm
from colloque.projects.labels import words_of_error
from colloque.projects.queries import possible_leads, system_of


@require_http_methods(["GET", "POST"])
def new(request: Request) -> HttpResponse:
    """We think of an AI, and say so from the start."""
    require(request.viewer, Role.DIRECTOR, Role.PROJECT_LEAD)
    at, by = timezone.now(), request.viewer.account
    leads = possible_leads(request.viewer.house, at)
    if not request.viewer.has(Role.DIRECTOR):
        leads = [by]
    form = ProjectForm([(str(lead.id), lead.full_name) for lead in leads], sent(request), {"lead": str(by.id)})
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            made = declare_project(
                request.viewer.house,
                slug=slugify(values["name"])[:50] or "ia",
                name=values["name"],
                intention=values["intention"],
                track=Track(values["track"]),
                autonomy=Autonomy(values["autonomy"]),
                lead=next(lead for lead in leads if str(lead.id) == values["lead"]),
                endpoint=values["endpoint"],
                timeout_ms=values["timeout_ms"],
                by=by,
                at=at,
            )
        except ConflictError as error:
            form.add_error("name", error.message)
        else:
            messages.success(request, gettext("C’est annoncé. Chacun peut déjà lire pourquoi."))
            return HttpResponseRedirect(reverse("projects:project", args=[made.id]))
    return render(request, "projects/declare.html", {"form": form, "page": "new"}, status=400 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def change(request: Request, project_id: UUID) -> HttpResponse:
    """Change the name, the reason, who answers for it, where it answers."""
    at = timezone.now()
    project = editable_project(request.viewer, project_id, at)
    leads = possible_leads(request.viewer.house, at)
    initial = {
        "name": project.name,
        "intention": project.intention,
        "autonomy": project.autonomy,
        "lead": str(project.lead_id),
        "endpoint": project.endpoint,
        "timeout_ms": project.timeout_ms,
    }
    named = [(str(lead.id), lead.full_name) for lead in leads]
    form = ProjectForm(named, sent(request), initial, is_new=False)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        change_project(
            project,
            name=values["name"],
            intention=values["intention"],
            autonomy=Autonomy(values["autonomy"]),
            lead=next(lead for lead in leads if str(lead.id) == values["lead"]),
            endpoint=values["endpoint"],
            timeout_ms=values["timeout_ms"],
            by=request.viewer.account,
            at=at,
        )
        return _saved(request, project.id)
    return _page(request, form, project_id, project.name, "change")


@require_http_methods(["GET", "POST"])
def intended_use(request: Request, project_id: UUID) -> HttpResponse:
    """Say for whom the AI was made."""
    at = timezone.now()
    project = editable_project(request.viewer, project_id, at)
    system = system_of(project)
    form = IntendedUseForm(system.inputs, sent(request), IntendedUseForm.told(system.intended_use))
    if request.method == "POST" and form.is_valid():
        declare_intended_use(project, form.cleaned_data["use"], by=request.viewer.account, at=at)
        return _saved(request, project.id)
    return _page(request, form, project_id, project.name, "intended-use")


@require_http_methods(["GET", "POST"])
def model_card(request: Request, project_id: UUID) -> HttpResponse:
    """Keep what the maker says."""
    at = timezone.now()
    project = editable_project(request.viewer, project_id, at)
    form = ModelCardForm(sent(request), ModelCardForm.told(system_of(project).model_card))
    if request.method == "POST" and form.is_valid():
        declare_model_card(project, form.card(), by=request.viewer.account, at=at)
        return _saved(request, project.id)
    return _page(request, form, project_id, project.name, "model-card")


@require_http_methods(["GET", "POST"])
def service(request: Request, project_id: UUID, service_id: UUID | None = None) -> HttpResponse:
    """One thing the AI does, and the data that may leave for it."""
    at = timezone.now()
    project = editable_project(request.viewer, project_id, at)
    initial: dict[str, Any] = {"prefetch": {}, "inputs": [], "readings": []}
    if service_id is not None:
        known = service_for(request.viewer, project_id, service_id)
        names = ("title", "description", "act_kind", "hook", "slug", "remote_id", "prefetch", "inputs", "readings")
        initial = {name: getattr(known, name) for name in names}
    form = ServiceForm(sent(request), initial=initial)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            declare_service(
                project,
                slug=values["slug"],
                remote_id=values["remote_id"],
                hook=values["hook"],
                act_kind=ActKind(values["act_kind"]),
                title=values["title"],
                description=values["description"],
                prefetch=values["prefetch"],
                inputs=values["inputs"] or [],
                readings=values["readings"] or [],
                by=request.viewer.account,
                at=at,
            )
        except InvalidInputError as error:
            place = error.path.partition(".")[0]
            form.add_error(place if place in form.fields else None, words_of_error(error))
        else:
            return _saved(request, project.id)
    return _page(request, form, project_id, project.name, "service")


def _saved(request: Request, project_id: UUID) -> HttpResponse:
    messages.success(request, gettext("C’est noté."))
    return HttpResponseRedirect(reverse("projects:project", args=[project_id]))


def _page(request: Request, form: Form, project_id: UUID, name: str, page: str) -> HttpResponse:
    context = {"form": form, "project_id": project_id, "name": name, "page": page}
    return render(request, "projects/declare.html", context, status=400 if form.errors else 200)
