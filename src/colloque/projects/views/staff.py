"""The AI systems of a house for its staff: where each stands, stopping one, lifting, starting."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods

from colloque.consultations.core.state import BecameKind
from colloque.consultations.queries.outcomes import said_behind
from colloque.people.access import Request, nothing_here
from colloque.people.forms.sent import sent
from colloque.projects.access import may_edit, moves_for, project_for, stoppable_projects
from colloque.projects.actions import lift, make_live, suspend
from colloque.projects.core.lifecycle import Move
from colloque.projects.forms import LiftForm, StopForm
from colloque.projects.labels import LACKING
from colloque.projects.queries import is_in_doubt, may_declare, may_stop, missing_of, projects_for, system_of
from colloque.projects.views.public import told


@require_GET
def projects(request: Request) -> HttpResponse:
    """Every AI of the house and where it stands."""
    return render(
        request,
        "projects/projects.html",
        {
            "systems": projects_for(request.viewer),
            "may_declare": may_declare(request.viewer),
            "may_stop": may_stop(request.viewer),
        },
    )


@require_GET
def project(request: Request, project_id: UUID) -> HttpResponse:
    """One AI, what is declared of it, and what I may do."""
    at = timezone.now()
    found = project_for(request.viewer, project_id)
    moves = moves_for(request.viewer, found, at)
    return render(
        request,
        "projects/project.html",
        {
            **told(system_of(found)),
            "said": said_behind(found.establishment, BecameKind.PROJECT, found.id),
            "project": found,
            "may_edit": may_edit(request.viewer.account, found, at),
            "may_stop": Move.SUSPEND in moves,
            "may_lift": Move.LIFT in moves,
            "may_start": Move.MAKE_LIVE in moves,
            "lacking": [LACKING[requirement] for requirement in missing_of(found, at)],
            "is_in_doubt": is_in_doubt(found),
        },
    )


@require_http_methods(["GET", "POST"])
def stop(request: Request, project_id: UUID | None = None) -> HttpResponse:
    """Stop an AI everywhere at once, from one screen."""
    at = timezone.now()
    stoppable = stoppable_projects(request.viewer, at)
    choices = [(str(project.id), project.name) for project in stoppable]
    chosen = str(project_id) if project_id else choices[0][0] if len(choices) == 1 else ""
    form = StopForm(choices, sent(request), chosen)
    if request.method == "POST" and form.is_valid():
        stopped = next(project for project in stoppable if str(project.id) == form.cleaned_data["project"])
        suspend(stopped, form.cleaned_data["reason"], by=request.viewer.account, at=at)
        messages.success(
            request, gettext("%(name)s est arrêtée. Elle n’est plus appelée nulle part.") % {"name": stopped.name}
        )
        return HttpResponseRedirect(reverse("projects:project", args=[stopped.id]))
    return render(
        request, "projects/stop.html", {"form": form, "has_any": bool(choices)}, status=400 if form.errors else 200
    )


@require_http_methods(["GET", "POST"])
def lift_stop(request: Request, project_id: UUID) -> HttpResponse:
    """Let a stopped AI act again."""
    at = timezone.now()
    found = project_for(request.viewer, project_id)
    if Move.LIFT not in moves_for(request.viewer, found, at):
        raise nothing_here()
    form = LiftForm(sent(request))
    lacking = [LACKING[requirement] for requirement in missing_of(found, at)]
    if request.method == "POST" and not lacking and form.is_valid():
        lift(found, form.cleaned_data["reason"], by=request.viewer.account, at=at)
        messages.success(request, gettext("%(name)s peut de nouveau aider.") % {"name": found.name})
        return HttpResponseRedirect(reverse("projects:project", args=[found.id]))
    context = {"form": form, "system": system_of(found), "lacking": lacking}
    return render(
        request, "projects/lift.html", context, status=400 if form.errors or (lacking and form.is_bound) else 200
    )


@require_http_methods(["GET", "POST"])
def start(request: Request, project_id: UUID) -> HttpResponse:
    """Let an AI act for the first time."""
    at = timezone.now()
    found = project_for(request.viewer, project_id)
    if Move.MAKE_LIVE not in moves_for(request.viewer, found, at):
        raise nothing_here()
    lacking = [LACKING[requirement] for requirement in missing_of(found, at)]
    if request.method == "POST" and not lacking:
        make_live(found, by=request.viewer.account, at=at)
        messages.success(request, gettext("%(name)s est en service.") % {"name": found.name})
        return HttpResponseRedirect(reverse("projects:project", args=[found.id]))
    context = {"system": system_of(found), "lacking": lacking}
    return render(request, "projects/make_live.html", context, status=409 if request.method == "POST" else 200)
