"""Pages of the house itself."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from colloque.people.access import Request
from colloque.people.queries import public_establishments
from colloque.web.establishment import face_of
from colloque.web.home import home_of


@require_safe
def home(request: Request) -> HttpResponse:
    """What awaits whoever is signed in, or what Colloque is."""
    if request.viewer.is_anonymous and request.htmx:  # a home left open, whose session has ended: load it anew
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    if request.viewer.is_anonymous:
        return render(request, "web/visitor.html", {"houses": public_establishments()})
    if request.viewer.establishment is None and not request.viewer.elsewhere:
        return redirect("people:me")
    return render(request, "web/home.html", {"home": home_of(request.viewer, timezone.now())})


@require_safe
def establishment(request: Request, slug: str) -> HttpResponse:
    """What an establishment decided about AI, for anyone."""
    return render(request, "web/establishment.html", {"face": face_of(slug)})


@require_safe
def accessibility(request: Request) -> HttpResponse:
    """What is done so that everyone can use these pages, what is not known yet, and whom to tell."""
    return render(request, "web/accessibility.html")
