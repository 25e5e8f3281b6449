"""Requests to be erased, for whoever protects data."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods

from colloque.kernel.vocabulary import Role
from colloque.patients.access import erasure_for
from colloque.patients.actions import carry_out_erasure, decline_erasure
from colloque.patients.core.erasure import ErasureState
from colloque.patients.forms import DeclineForm, ErasureForm
from colloque.patients.queries import erasure_line, erasure_requests_for
from colloque.people.access import Request, require


@require_GET
def requests(request: Request) -> HttpResponse:
    """The requests of this house, those that wait first."""
    require(request.viewer, Role.DATA_PROTECTION_OFFICER)
    return render(request, "patients/erasures.html", {"lines": erasure_requests_for(request.viewer)})


@require_http_methods(["GET", "POST"])
def answer(request: Request, request_id: UUID) -> HttpResponse:
    """Carry out one request, or decline it with words for the person."""
    at = timezone.now()
    asked = erasure_for(request.viewer, request_id)
    declines = request.POST.get("answer") == "decline"
    erase = ErasureForm(request.POST if request.method == "POST" and not declines else None)
    decline = DeclineForm(request.POST if request.method == "POST" and declines else None)
    if decline.is_bound and decline.is_valid():
        decline_erasure(asked, decline.cleaned_data["reason"], by=request.viewer.account, at=at)
        messages.success(request, gettext("La demande est refusée. La personne lira pourquoi."))
        return HttpResponseRedirect(reverse("patients:erasures"))
    if erase.is_bound and erase.is_valid():
        carry_out_erasure(asked, by=request.viewer.account, at=at)
        messages.success(request, gettext("C’est fait. Plus rien de cette personne ne peut être lu ici."))
        return HttpResponseRedirect(reverse("patients:erasures"))
    return render(
        request,
        "patients/erasure.html",
        {
            "asked": erasure_line(asked),
            "is_waiting": asked.state == ErasureState.ASKED.value,
            "erase": erase,
            "decline": decline,
            "form": decline if declines else erase,
        },
        status=400 if decline.errors or erase.errors else 200,
    )
