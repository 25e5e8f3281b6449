"""Who sits in the charter committee: everybody of the house reads it, the director manages it."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from colloque.charter import actions, queries
from colloque.charter.access import SEATING_ROLES, seat_here
from colloque.charter.core.proposals import College
from colloque.charter.forms.proposals import SeatForm
from colloque.kernel.errors import ColloqueError
from colloque.people.access import Request, account_in, require


@require_GET
def committee(request: Request) -> HttpResponse:
    """Who sits, for whom, until when."""
    page = queries.committee_page(request.viewer.house, timezone.now())
    may_seat = request.viewer.has(*SEATING_ROLES)
    return render(request, "charter/committee.html", {"page": page, "may_seat": may_seat})


@require_http_methods(["GET", "POST"])
def seat(request: Request) -> HttpResponse:
    """Give a seat."""
    require(request.viewer, *SEATING_ROLES)
    at, house = timezone.now(), request.viewer.house
    form = SeatForm(queries.people_to_seat(house, at), request.POST or None)
    if request.method == "GET":
        return render(request, "charter/seat.html", {"form": form})
    if form.is_valid():
        try:
            actions.give_seat(
                house,
                account_in(request.viewer, UUID(form.cleaned_data["account"]), *SEATING_ROLES),
                College(form.cleaned_data["college"]),
                until=form.cleaned_data["until"],
                by=request.viewer.account,
                at=at,
            )
        except ColloqueError as error:
            if error.path not in form.fields:
                raise
            form.add_error(error.path, error.message)
        else:
            messages.success(request, _("Le siège est donné."))
            return redirect("charter:committee")
    return render(request, "charter/seat.html", {"form": form}, status=422)


@require_POST
def end_seat(request: Request, seat_id: UUID) -> HttpResponse:
    """End a seat now."""
    require(request.viewer, *SEATING_ROLES)
    actions.end_seat(seat_here(request.viewer, seat_id), by=request.viewer.account, at=timezone.now())
    messages.success(request, _("Le siège est terminé."))
    return redirect("charter:committee")
