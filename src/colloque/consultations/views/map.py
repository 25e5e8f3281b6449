"""The map page: what unites, what divides, who was not heard; it follows the votes while people vote."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from colloque.consultations.access import may_attach, may_facilitate, participant_of, public_consultation
from colloque.consultations.actions.closing import ANSWERING
from colloque.consultations.queries.map import map_number, result_page
from colloque.consultations.views.ticket import ticket_in
from colloque.people.access import Request


@require_safe
def result(request: Request, consultation_id: UUID) -> HttpResponse:
    """The result so far, or in the end. With `?since=` a map already shown: nothing (204) while there is no later one."""
    consultation = public_consultation(consultation_id)
    since = request.GET.get("since", "")
    if request.htmx and since.isascii() and since.isdigit() and map_number(consultation) <= int(since):
        return HttpResponse(status=204)
    mine = participant_of(consultation, ticket_in(request, consultation.id), request.viewer)
    page = result_page(consultation, mine, gettext("vous"))
    response = render(
        request,
        "consultations/map.html",
        {
            "page": page,
            "consultation": consultation,
            "may_facilitate": may_facilitate(request.viewer, consultation),
            "may_answer": may_facilitate(request.viewer, consultation) and request.viewer.has(*ANSWERING),
            "may_attach": may_attach(request.viewer, consultation),
        },
    )
    patch_cache_control(response, private=True, no_cache=True)
    return response
