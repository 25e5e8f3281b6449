"""Pages of the house itself."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def home(request: HttpRequest) -> HttpResponse:
    """What awaits whoever is signed in, or what Colloque is."""
    return render(request, "web/visitor.html")
