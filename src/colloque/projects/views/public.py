"""« Les IA chez nous » : what anyone may read of each AI of a house."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from colloque.consultations.core.state import BecameKind
from colloque.consultations.queries.outcomes import said_behind
from colloque.people.language import page_language
from colloque.projects.labels import NEVER, named, received
from colloque.projects.queries import AiSystem, public_address, public_house, public_project, public_projects


@require_GET
def projects(request: HttpRequest, slug: str) -> HttpResponse:
    """Every AI of a house, the ones in preparation too."""
    house = public_house(slug)
    return render(request, "projects/public.html", {"house": house, "systems": public_projects(house)})


@require_GET
def project(request: HttpRequest, slug: str, project: str) -> HttpResponse:
    """One AI: what it does, what it receives and never receives, for whom, who answers for it, where it stands."""
    house = public_house(slug)
    system = public_project(house, project)
    said = said_behind(house, BecameKind.PROJECT, system.id)
    return render(request, "projects/public_project.html", {"house": house, "said": said, **told(system)})


@require_GET
def by_id(request: HttpRequest, project_id: UUID) -> HttpResponse:  # noqa: ARG001
    """The page of one AI, for a link that knows it by its id."""
    return HttpResponseRedirect(reverse("projects:public-project", args=public_address(project_id)))


def told(system: AiSystem) -> dict[str, object]:
    """What a template needs to tell of an AI, in the language of the page."""
    use, card, language = system.intended_use, system.model_card, page_language()
    return {
        "system": system,
        "services": [(service, received(service.receives)) for service in system.services],
        "never": NEVER,
        "purpose": use.purpose.said_in(language),
        "use": use,
        "required": [named(key, system.inputs) for key in use.data_required],
        "ranges": [(named(r.key, system.inputs), r) for r in use.ranges],
        "card": [
            (name, getattr(card, name).said_in(language))
            for name in ("purpose", "trained_on", "population", "labelled_by", "never_taught")
        ],
        "maker": card.maker,
        "version": card.version,
        "figures": [(figure.value, figure.words.said_in(language)) for figure in card.figures],
    }
