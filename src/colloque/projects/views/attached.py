"""A statement of a consultation attached to a project, so that one leads to the other."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from colloque.consultations.queries.outcomes import statement_to_link
from colloque.people.access import Request, nothing_here, require
from colloque.people.forms.sent import sent
from colloque.projects.access import EDITING_ROLES, attachable_projects
from colloque.projects.actions import attach_statement
from colloque.projects.forms import AttachForm


@require_http_methods(["GET", "POST"])
def attach(request: Request, statement_id: UUID) -> HttpResponse:
    """Choose the project that a statement speaks of, or that answers it."""
    require(request.viewer, *EDITING_ROLES)
    said = statement_to_link(request.viewer.house, statement_id)
    if said is None:
        raise nothing_here()
    at = timezone.now()
    projects = {str(one.id): one for one in attachable_projects(request.viewer, at)}
    form = AttachForm([(key, one.name) for key, one in projects.items()], sent(request))
    if request.method == "POST" and form.is_valid():
        project = projects[form.cleaned_data["project"]]
        trust = form.cleaned_data["asks_for_trust"]
        attach_statement(project, said.id, asks_for_trust=trust, by=request.viewer.account, at=at)
        messages.success(request, gettext("C’est noté. La phrase mène au projet, et le projet à la phrase."))
        return HttpResponseRedirect(reverse("projects:project", args=[project.id]))
    return render(
        request,
        "projects/attach.html",
        {"form": form, "said": said, "has_any": bool(projects)},
        status=400 if form.errors else 200,
    )
