"""Preparing, opening and making known a consultation, for those who animate."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from colloque.consultations.access import FACILITATING, facilitated_consultation, is_open
from colloque.consultations.actions.closing import ANSWERING
from colloque.consultations.actions.opening import (
    change_consultation,
    delete_draft,
    make_codes,
    open_consultation,
    prepare_consultation,
    withdraw_codes,
)
from colloque.consultations.core.groups import Anonymity, GroupOfPeople
from colloque.consultations.core.state import ConsultationState
from colloque.consultations.forms.opening import CodesForm, ConsultationForm
from colloque.consultations.queries.codes import codes_by_group, participation
from colloque.consultations.queries.ideas import idea_in
from colloque.consultations.queries.links import public_address, qr_path, typed_address
from colloque.consultations.queries.moderation import waiting_count
from colloque.consultations.queries.pages import animated_list, published_statements, seeds_of
from colloque.consultations.queries.settings import form_values
from colloque.kernel.errors import ConflictError, InvalidInputError
from colloque.people.access import Request, require
from colloque.people.forms.sent import sent


@require_GET
def animated(request: Request) -> HttpResponse:
    """The consultations of my house, and the button that makes another."""
    require(request.viewer, *FACILITATING)
    return render(request, "consultations/list.html", {"lines": animated_list(request.viewer.house)})


@require_http_methods(["GET", "POST"])
def new(request: Request) -> HttpResponse:
    """One page: a question, first statements, who comes in, until when."""
    require(request.viewer, *FACILITATING)
    now = timezone.now()
    idea = idea_in(request.viewer.house, request.GET.get("idea", ""))
    form = ConsultationForm(sent(request), now=now, initial={"seeds": idea.text} if idea else None)
    if request.method == "POST" and form.is_valid():
        made = prepare_consultation(
            request.viewer.house, form.terms, form.cleaned_data["seeds"], by=request.viewer.account, at=now, idea=idea
        )
        return HttpResponseRedirect(reverse("consultations:open", args=[made.id]))
    return _form_page(request, form, {"house": request.viewer.house})


@require_http_methods(["GET", "POST"])
def change(request: Request, consultation_id: UUID) -> HttpResponse:
    """The same page, of a draft."""
    consultation = facilitated_consultation(request.viewer, consultation_id)
    now = timezone.now()
    if consultation.state != ConsultationState.DRAFT:
        raise ConflictError(gettext("Cette consultation est déjà ouverte : ses mots ne changent plus."))
    form = ConsultationForm(sent(request), now=now, initial=form_values(consultation))
    if request.method == "POST" and form.is_valid():
        change_consultation(consultation, form.terms, form.cleaned_data["seeds"], by=request.viewer.account, at=now)
        return HttpResponseRedirect(reverse("consultations:open", args=[consultation.id]))
    return _form_page(request, form, {"consultation": consultation, "house": consultation.establishment})


def _form_page(request: Request, form: ConsultationForm, more: dict[str, Any]) -> HttpResponse:
    return render(request, "consultations/edit.html", {"form": form, **more}, status=400 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def preview(request: Request, consultation_id: UUID) -> HttpResponse:
    """What people will see, and the button that opens."""
    consultation = facilitated_consultation(request.viewer, consultation_id)
    if request.method == "POST":
        open_consultation(consultation, by=request.viewer.account, at=timezone.now())
        messages.success(request, gettext("La consultation est ouverte. Faites-la connaître."))
        return HttpResponseRedirect(reverse("consultations:manage", args=[consultation.id]))
    if consultation.state != ConsultationState.DRAFT:
        return HttpResponseRedirect(reverse("consultations:manage", args=[consultation.id]))
    return render(
        request, "consultations/preview.html", {"consultation": consultation, "statements": seeds_of(consultation)}
    )


@require_POST
def discard(request: Request, consultation_id: UUID) -> HttpResponse:
    """Throw a draft away."""
    consultation = facilitated_consultation(request.viewer, consultation_id)
    delete_draft(consultation, by=request.viewer.account, at=timezone.now())
    messages.success(request, gettext("Le brouillon est supprimé."))
    return HttpResponseRedirect(reverse("consultations:list"))


@require_GET
def manage(request: Request, consultation_id: UUID) -> HttpResponse:
    """One consultation as its facilitator follows it: who came, what waits, how to make it known."""
    consultation = facilitated_consultation(request.viewer, consultation_id)
    if consultation.state == ConsultationState.DRAFT:
        return HttpResponseRedirect(reverse("consultations:open", args=[consultation.id]))
    address = public_address(consultation)
    path, side = qr_path(address)
    return render(
        request,
        "consultations/manage.html",
        {
            "consultation": consultation,
            "address": address,
            "qr": path,
            "side": side,
            "participation": participation(consultation)[0],
            "waiting": waiting_count(consultation),
            "statements": published_statements(consultation),
            "codes": codes_by_group(consultation) if consultation.anonymity == Anonymity.CODES else [],
            "is_open": is_open(consultation, timezone.now()),
            "may_answer": request.viewer.has(*ANSWERING),
        },
    )


@require_GET
def poster(request: Request, consultation_id: UUID) -> HttpResponse:
    """A page to print and hang up."""
    consultation = facilitated_consultation(request.viewer, consultation_id)
    address = public_address(consultation)
    path, side = qr_path(address)
    return render(
        request,
        "consultations/poster.html",
        {"consultation": consultation, "typed": typed_address(consultation), "qr": path, "side": side},
    )


@require_http_methods(["GET", "POST"])
def codes(request: Request, consultation_id: UUID) -> HttpResponse:
    """Make codes for a group; they are shown once, to be printed and cut out."""
    consultation = facilitated_consultation(request.viewer, consultation_id)
    form = CodesForm(consultation.groups, sent(request))
    if request.method == "POST" and request.POST.get("withdraw"):
        group = request.POST["withdraw"]
        if group not in consultation.groups:
            raise InvalidInputError(gettext("Choisissez un des groupes."))
        count = withdraw_codes(consultation, GroupOfPeople(group), by=request.viewer.account, at=timezone.now())
        messages.success(request, gettext("%(count)d codes ne servent plus.") % {"count": count})
        return HttpResponseRedirect(reverse("consultations:codes", args=[consultation.id]))
    made = None
    if request.method == "POST" and form.is_valid():
        made = make_codes(
            consultation,
            GroupOfPeople(form.cleaned_data["group"]),
            form.cleaned_data["count"],
            by=request.viewer.account,
            at=timezone.now(),
        )
    return render(
        request,
        "consultations/made_codes.html" if made else "consultations/codes.html",
        {
            "consultation": consultation,
            "form": form,
            "made": made,
            "codes": codes_by_group(consultation),
            "typed": typed_address(consultation),
            "takes_codes": consultation.anonymity == Anonymity.CODES
            and consultation.state in {ConsultationState.DRAFT, ConsultationState.OPEN},
        },
        status=400 if form.errors else 200,
    )
