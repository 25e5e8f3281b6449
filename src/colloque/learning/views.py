"""Pages of attestations: who may work beside AI, until when."""

from __future__ import annotations

from datetime import datetime
from typing import cast
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from colloque.kernel.errors import InvalidInputError
from colloque.learning import access, actions, queries
from colloque.learning.forms import AttestationForm
from colloque.people.access import Request, require
from colloque.people.forms.administration import end_of
from colloque.people.forms.sent import sent


@require_GET
def learners(request: Request) -> HttpResponse:
    """The carers, and until when each is attested."""
    require(request.viewer, *actions.MAY_ATTEST)
    listed = queries.learners(request.viewer.house, timezone.now())
    context = {"learners": listed, "waiting": sum(not one.is_attested for one in listed), "me": request.viewer.account}
    return render(request, "learning/learners.html", context)


@require_http_methods(["GET", "POST"])
def attest(request: Request, account_id: UUID) -> HttpResponse:
    """Attest that a carer learned."""
    account = access.carer_to_attest(request.viewer, account_id)
    form = AttestationForm(sent(request))
    if request.method == "POST" and form.is_valid():
        until = cast(datetime, end_of(form.cleaned_data["until"]))
        try:
            actions.attest(account, request.viewer.house, by=request.viewer.account, at=timezone.now(), until=until)
        except InvalidInputError as error:
            form.add_error("until", error.message)
        else:
            messages.success(request, _("L’attestation est donnée."))
            return redirect("learning:list")
    return render(request, "learning/attest.html", {"form": form, "account": account})


@require_http_methods(["GET", "POST"])
def end(request: Request, attestation_id: UUID) -> HttpResponse:
    """Take an attestation back."""
    attestation = access.attestation_in(request.viewer, attestation_id)
    if request.method == "POST":
        actions.end_attestation(attestation, by=request.viewer.account, at=timezone.now())
        messages.success(request, _("L’attestation est retirée. Plus aucune suggestion n’arrive à cette personne."))
        return redirect("learning:list")
    return render(request, "learning/end.html", {"attestation": attestation})
