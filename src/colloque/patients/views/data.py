"""What I can do about my data and about whom I trust."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from colloque.patients.access import own_erasure, own_link, own_person, trustable_account
from colloque.patients.actions import ask_erasure, end_trust, name_contact, remove_contact, trust, withdraw_erasure
from colloque.patients.core.erasure import ErasureState
from colloque.patients.forms import ContactForm, ErasureForm, TrustForm
from colloque.patients.labels import POWERS
from colloque.patients.queries import named_by, own_erasure_request, trusted_by
from colloque.people.access import Request
from colloque.people.forms.sent import sent


@require_http_methods(["GET", "POST"])
def trusted(request: Request) -> HttpResponse:
    """Whom I trust, how far, and a way to add or end it."""
    at = timezone.now()
    person = own_person(request.viewer, at)
    form = TrustForm(sent(request))
    if request.method == "POST" and form.is_valid():
        account = trustable_account(person, form.cleaned_data["email"], at)
        if account is None:
            form.add_error(
                "email",
                gettext(
                    "Cette adresse n’est pas celle d’une personne qui a un accès ici. "
                    "Demandez à l’accueil de lui en ouvrir un."
                ),
            )
        else:
            trust(person, account, form.cleaned_data["powers"], by=request.viewer.account, at=at)
            messages.success(request, gettext("C’est noté. Vous pouvez changer d’avis quand vous voulez."))
            return HttpResponseRedirect(reverse("patients:trust"))
    return _trust_page(request, form, ContactForm())


def _trust_page(request: Request, form: TrustForm, contact_form: ContactForm) -> HttpResponse:
    at = timezone.now()
    person = own_person(request.viewer, at)
    return render(
        request,
        "patients/trust.html",
        {
            "form": form,
            "contact_form": contact_form,
            "named": named_by(person),
            "links": [(x, [POWERS[power] for power in x.powers]) for x in trusted_by(person, at)],
        },
        status=400 if form.errors or contact_form.errors else 200,
    )


@require_POST
def named(request: Request) -> HttpResponse:
    """Name my trusted person by what I know of them, or name nobody any more."""
    at = timezone.now()
    person = own_person(request.viewer, at)
    if "remove" in request.POST:
        remove_contact(person, by=request.viewer.account, at=at)
        messages.success(request, gettext("C’est retiré. L’équipe ne le voit plus."))
        return HttpResponseRedirect(reverse("patients:trust"))
    form = ContactForm(request.POST)
    if not form.is_valid():
        return _trust_page(request, TrustForm(), form)
    name_contact(person, form.contact(), by=request.viewer.account, at=at)
    messages.success(request, gettext("C’est noté. Vous pouvez changer d’avis quand vous voulez."))
    return HttpResponseRedirect(reverse("patients:trust"))


@require_POST
def end_trusted(request: Request, link_id: UUID) -> HttpResponse:
    """Take the powers back."""
    at = timezone.now()
    end_trust(own_link(request.viewer, link_id, at), by=request.viewer.account, at=at)
    messages.success(request, gettext("C’est fini. Cette personne ne peut plus rien faire pour vous ici."))
    return HttpResponseRedirect(reverse("patients:trust"))


@require_http_methods(["GET", "POST"])
def my_data(request: Request) -> HttpResponse:
    """What is kept of me, and a request to be erased."""
    at = timezone.now()
    person = own_person(request.viewer, at)
    form = ErasureForm(sent(request))
    if request.method == "POST" and form.is_valid():
        ask_erasure(person, by=request.viewer.account, at=at)
        return HttpResponseRedirect(reverse("patients:data"))
    asked = own_erasure_request(person)
    return render(
        request,
        "patients/data.html",
        {
            "form": form,
            "asked": asked,
            "is_waiting": asked is not None and asked.state is ErasureState.ASKED,
            "is_declined": asked is not None and asked.state is ErasureState.DECLINED,
        },
        status=400 if form.errors else 200,
    )


@require_POST
def withdraw(request: Request) -> HttpResponse:
    """I keep my data after all."""
    at = timezone.now()
    withdraw_erasure(own_erasure(request.viewer, at), by=request.viewer.account, at=at)
    messages.success(request, gettext("Votre demande est retirée. Rien n’a été effacé."))
    return HttpResponseRedirect(reverse("patients:data"))
