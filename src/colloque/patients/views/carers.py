"""The persons a carer looks after: list, file, situations, presence, what they say about AI."""

from __future__ import annotations

from datetime import datetime, time
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from colloque.charter.core.constitution import BUILT_IN
from colloque.kernel.vocabulary import Role, VerdictKind
from colloque.patients.access import admitting_units, person_for, situation_for, talk_request_for
from colloque.patients.actions import (
    admit_person,
    answer_question,
    attest_presence,
    close_talk,
    declare_situation,
    end_presence,
    end_situation,
    name_contact,
    note_list_opened,
    open_file,
    remove_contact,
)
from colloque.patients.actions.openings import ONE_VISIT
from colloque.patients.forms import AdmissionForm, ChoiceForm, ContactForm, PresenceForm, SituationForm
from colloque.patients.labels import answers_to
from colloque.patients.queries import (
    age_of,
    current_presences,
    named_by,
    persons_for,
    possibilities_for,
    questions_for,
    situation_records,
    talk_requests_for,
    trusted_by,
)
from colloque.patients.queries.choices import ALL_AI, LEARNING
from colloque.people.access import Request, nothing_here, require
from colloque.people.forms.sent import sent
from colloque.people.language import page_language

LIST_OPENED = "patients.list"


@require_GET
def persons(request: Request) -> HttpResponse:
    """The persons of my units."""
    require(request.viewer, Role.CARER)
    at = timezone.now()
    lines = persons_for(request.viewer, at)
    if lines and _is_a_new_visit(request, at):
        note_list_opened(request.viewer.house, [line.id for line in lines], by=request.viewer.account, at=at)
    return render(
        request,
        "patients/persons.html",
        {
            "lines": lines,
            "talks": talk_requests_for(request.viewer, at),
            "several_units": len({x.unit for x in lines}) > 1,
        },
    )


@require_GET
def person(request: Request, person_id: UUID) -> HttpResponse:
    """One person: situation, choices, presence, and what AI may do here now."""
    return _file(request, person_id, SituationForm())


def _file(
    request: Request, person_id: UUID, form: SituationForm, contact_form: ContactForm | None = None
) -> HttpResponse:
    at = timezone.now()
    shown = person_for(request.viewer, person_id, at)
    identity = open_file(shown, by=request.viewer.account, at=at)
    questions = questions_for(shown)
    presences = list(current_presences(shown, at))
    possibilities = possibilities_for(shown, request.viewer, at, page_language())
    return render(
        request,
        "patients/person.html",
        {
            "person": shown,
            "identity": identity,
            "age": age_of(shown, at),
            "questions": [q for q in questions if q.services or q.answered],
            "unanswered": [q for q in questions if q.answered is None and q.act_kind is None],
            "situations": list(situation_records(shown)),
            "presences": presences,
            "i_am_there": any(p.carer_id == request.viewer.account.id for p in presences),
            "possibilities": [
                (p, [(reason, reason.rule not in BUILT_IN) for reason in p.explanation.reasons]) for p in possibilities
            ],
            "may_ask": any(p.verdict is not VerdictKind.REFUSED for p in possibilities),
            "talks": [t for t in talk_requests_for(request.viewer, at) if t.person == shown.id],
            "form": form,
            "named": named_by(shown),
            "trusted": trusted_by(shown, at),
            "contact_form": contact_form or ContactForm(),
        },
        status=400 if form.errors or (contact_form is not None and contact_form.errors) else 200,
    )


@require_POST
def situations(request: Request, person_id: UUID) -> HttpResponse:
    """Declare a situation."""
    at = timezone.now()
    form = SituationForm(request.POST)
    if not form.is_valid():
        return _file(request, person_id, form)
    shown = person_for(request.viewer, person_id, at)
    day = form.cleaned_data["since"]
    since = timezone.make_aware(datetime.combine(day, time())) if day else None
    if since is not None and since > at:
        form.add_error("since", gettext("Cette date est dans le futur."))
        return _file(request, person_id, form)
    declare_situation(shown, form.declared, by=request.viewer.account, at=at, since=since)
    messages.success(request, gettext("C’est noté, et en vigueur tout de suite."))
    return HttpResponseRedirect(reverse("patients:person", args=[person_id]))


@require_POST
def named(request: Request, person_id: UUID) -> HttpResponse:
    """Write down whom the person names as their trusted person, or that they name nobody any more."""
    at = timezone.now()
    shown = person_for(request.viewer, person_id, at)
    if "remove" in request.POST:
        remove_contact(shown, by=request.viewer.account, at=at)
    else:
        form = ContactForm(request.POST)
        if not form.is_valid():
            return _file(request, person_id, SituationForm(), form)
        name_contact(shown, form.contact(), by=request.viewer.account, at=at)
    messages.success(request, gettext("C’est noté."))
    return HttpResponseRedirect(reverse("patients:person", args=[person_id]))


@require_POST
def end(request: Request, person_id: UUID, record_id: UUID) -> HttpResponse:
    """A situation is over."""
    at = timezone.now()
    end_situation(situation_for(request.viewer, person_id, record_id, at), by=request.viewer.account, at=at)
    messages.success(request, gettext("C’est noté, et en vigueur tout de suite."))
    return HttpResponseRedirect(reverse("patients:person", args=[person_id]))


@require_http_methods(["GET", "POST"])
def note_choice(request: Request, person_id: UUID, key: str) -> HttpResponse:
    """Note what a person says about AI."""
    at = timezone.now()
    shown = person_for(request.viewer, person_id, at)
    question = next((q for q in questions_for(shown) if q.key == key), None)
    if question is None:
        raise nothing_here()
    form = ChoiceForm(answers_to(key), sent(request), label=gettext("Que répond la personne ?"))
    if request.method == "POST" and form.is_valid():
        answer_question(shown, question, form.said, by=request.viewer.account, at=at)
        messages.success(request, gettext("C’est noté à votre nom, et en vigueur tout de suite."))
        return HttpResponseRedirect(reverse("patients:person", args=[person_id]))
    return render(
        request,
        "patients/note_choice.html",
        {
            "form": form,
            "question": question,
            "name": open_file(shown, by=request.viewer.account, at=at).full_name,
            "person": shown,
            "ALL_AI": ALL_AI,
            "LEARNING": LEARNING,
        },
        status=400 if form.errors else 200,
    )


@require_http_methods(["GET", "POST"])
def presence(request: Request, person_id: UUID) -> HttpResponse:
    """« Je suis là » : I attest to be beside this person."""
    at = timezone.now()
    shown = person_for(request.viewer, person_id, at)
    by, way_back = request.viewer.account, _way_back(request, reverse("patients:person", args=[person_id]))
    if request.method == "POST" and request.POST.get("leaving"):
        end_presence(shown, by=by, at=at)
        messages.success(request, gettext("C’est noté : vous n’êtes plus là."))
        return HttpResponseRedirect(way_back)
    form = PresenceForm(sent(request))
    if request.method == "POST" and form.is_valid():
        attest_presence(shown, by=by, at=at, minutes=form.cleaned_data["minutes"])
        messages.success(request, gettext("C’est noté : vous êtes là."))
        return HttpResponseRedirect(way_back)
    present = list(current_presences(shown, at))
    return render(
        request,
        "patients/presence.html",
        {
            "form": form,
            "person": shown,
            "name": open_file(shown, by=request.viewer.account, at=at).full_name,
            "mine": next((p for p in present if p.carer_id == by.id), None),
            "others": [p for p in present if p.carer_id != by.id],
            "next": way_back,
        },
        status=400 if form.errors else 200,
    )


@require_POST
def close(request: Request, request_id: UUID) -> HttpResponse:
    """We have talked."""
    at = timezone.now()
    asked = talk_request_for(request.viewer, request_id, at)
    close_talk(asked, by=request.viewer.account, at=at)
    messages.success(request, gettext("Merci. C’est noté dans le journal de la personne."))
    return HttpResponseRedirect(_way_back(request, reverse("patients:person", args=[asked.person_id])))


@require_http_methods(["GET", "POST"])
def admit(request: Request) -> HttpResponse:
    """Somebody comes."""
    at = timezone.now()
    units = admitting_units(request.viewer)
    named = [(str(unit.id), unit.name) for unit in units]
    form = AdmissionForm(named, timezone.localtime(at).date(), sent(request))
    if request.method == "POST" and form.is_valid():
        unit = next(unit for unit in units if str(unit.id) == form.cleaned_data["unit"])
        admitted = admit_person(request.viewer.house, form.identity(), unit=unit, by=request.viewer.account, at=at)
        messages.success(
            request, gettext("C’est noté. Son nom est gardé à part, sous une clé qui n’est qu’à elle ou à lui.")
        )
        to = (
            reverse("patients:person", args=[admitted.id])
            if request.viewer.has(Role.CARER)
            else reverse("patients:admit")
        )
        return HttpResponseRedirect(to)
    return render(request, "patients/admit.html", {"form": form}, status=400 if form.errors else 200)


def _is_a_new_visit(request: Request, at: datetime) -> bool:
    """Whether this session has not opened the list of this house for half an hour."""
    key = f"{LIST_OPENED}.{request.viewer.house.id}"
    if at.timestamp() - request.session.get(key, 0) < ONE_VISIT.total_seconds():
        return False
    request.session[key] = at.timestamp()
    return True


def _way_back(request: Request, usual: str) -> str:
    asked = request.POST.get("next") or request.GET.get("next") or usual
    return asked if url_has_allowed_host_and_scheme(asked, allowed_hosts=None) else usual
