"""Pages of people: which establishment I am in now."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods

from colloque.people.access import ESTABLISHMENT_IN_SESSION, Request, nothing_here


@require_http_methods(["GET", "POST"])
def establishment(request: Request) -> HttpResponse:
    """In which of my establishments am I now?"""
    viewer = request.viewer
    _ = viewer.account
    houses = [*([viewer.establishment] if viewer.establishment else []), *viewer.elsewhere]
    way_back = _way_back(request)
    if request.method == "POST":
        chosen = next((house for house in houses if str(house.id) == request.POST.get("establishment")), None)
        if chosen is None:
            raise nothing_here()
        request.session[ESTABLISHMENT_IN_SESSION] = str(chosen.id)
        return HttpResponseRedirect(way_back)
    return render(request, "people/establishment.html", {"houses": houses, "next": way_back})


def _way_back(request: HttpRequest) -> str:
    asked = request.POST.get("next") or request.GET.get("next") or "/"
    return asked if url_has_allowed_host_and_scheme(asked, allowed_hosts=None) else "/"
