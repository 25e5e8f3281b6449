"""Pages of acts. Each view asks one query or one action; errors become pages in the middleware of people."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

from django import forms as django_forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from colloque.acts import actions, queries
from colloque.acts.core.state import ActState
from colloque.acts.forms import (
    DecisionForm,
    HandOverForm,
    OwnAssessmentForm,
    SpokenAnswerForm,
    StartForm,
    SuggestionAccessForm,
)
from colloque.acts.labels import words_of, words_of_error
from colloque.kernel.errors import ConflictError, InvalidInputError
from colloque.kernel.vocabulary import Requirement, Role
from colloque.people.access import Request, require
from colloque.people.language import page_language

TEMPLATES = {
    ActState.ASKING: "acts/asking.html",
    ActState.OPEN: "acts/open.html",
    ActState.DECIDED: "acts/decided.html",
}


@never_cache
@require_GET
def worklist(request: Request) -> HttpResponse:
    """What awaits me."""
    require(request.viewer, Role.CARER)
    work = queries.worklist(request.viewer.account, timezone.now())
    heading = gettext("Rien ne vous attend")
    if work.count:
        heading = ngettext("%(count)d acte vous attend", "%(count)d actes vous attendent", work.count) % {
            "count": work.count
        }
    return render(request, "acts/worklist.html", {"work": work, "heading": heading})


@never_cache
@require_GET
def act(request: Request, act_id: UUID) -> HttpResponse:
    """One act, as I may read it; that I saw the person's name is noted for them."""
    actions.note_visit(act_id, by=request.viewer.account, at=timezone.now())
    return _act_page(request, act_id)


def _act_page(
    request: Request, act_id: UUID, form: django_forms.Form | None = None, handover: django_forms.Form | None = None
) -> HttpResponse:
    page = queries.act_page(request.viewer.account, act_id, timezone.now())
    awaited = _empty_form(page)
    if form is not None and type(form) is not type(awaited):
        raise ConflictError(gettext("Cet acte n’en est plus là. Rouvrez-le pour voir ce qui vous est demandé."))
    if isinstance(form, DecisionForm):
        _say(form, page)
    context = {
        "page": page,
        "form": form or awaited,
        "handover_form": handover or HandOverForm(colleagues=page.colleagues),
    }
    wrong = any(one is not None and one.errors for one in (form, handover))
    return render(request, TEMPLATES.get(page.state, "acts/ended.html"), context, status=422 if wrong else 200)


def _empty_form(page: queries.ActPage) -> django_forms.Form | None:
    if not page.is_owner:
        return None
    if page.step is Requirement.OWN_ASSESSMENT:
        return OwnAssessmentForm(readings=page.readings)
    if page.step is Requirement.EXPLICIT_YES:
        return SpokenAnswerForm()
    if page.state is ActState.OPEN:
        return _say(DecisionForm(), page)
    return None


def _say(form: DecisionForm, page: queries.ActPage) -> DecisionForm:
    """The same form with the words of this act beside each answer."""
    form.say(proposed=page.proposed, own=page.own.reading if page.own else "", only_without_ai=page.refused_since)
    return form


def _refused(form: django_forms.Form, error: InvalidInputError) -> None:
    form.add_error(error.path if error.path in form.fields else None, words_of_error(error))


def _step(
    request: Request, act_id: UUID, form: django_forms.Form, take: Callable[[], object], said: str
) -> HttpResponse:
    """Take a step of an act and say that it is done, or show its form again with what is wrong."""
    if form.is_valid():
        try:
            take()
        except InvalidInputError as error:
            _refused(form, error)
        else:
            messages.success(request, said)
            return redirect("acts:act", act_id)
    return _act_page(request, act_id, form)


@never_cache
@require_POST
def own_assessment(request: Request, act_id: UUID) -> HttpResponse:
    """Record my own reading; what waited for it goes on."""
    by, at = request.viewer.account, timezone.now()
    found = queries.act_of(by, act_id, at)
    form = OwnAssessmentForm(request.POST, readings=queries.readings_of(found))

    def take() -> None:
        actions.record_own_assessment(found, **form.cleaned_data, by=by, at=at, language=page_language())

    return _step(request, act_id, form, take, gettext("Votre lecture est notée. Elle ne change plus."))


@never_cache
@require_POST
def spoken_answer(request: Request, act_id: UUID) -> HttpResponse:
    """Record what the person answered about this act."""
    by, at = request.viewer.account, timezone.now()
    found = queries.act_of(by, act_id, at)
    form = SpokenAnswerForm(request.POST)

    def take() -> None:
        said_yes = form.cleaned_data["said"] == "yes"
        actions.record_spoken_answer(found, said_yes=said_yes, by=by, at=at, language=page_language())

    return _step(request, act_id, form, take, gettext("La réponse de la personne est notée."))


@never_cache
@require_POST
def resume(request: Request, act_id: UUID) -> HttpResponse:
    """Take up an act whose missing piece is there."""
    found = queries.act_of(request.viewer.account, act_id, timezone.now())
    resumed = actions.resume_act(found, by=request.viewer.account, at=timezone.now(), language=page_language())
    if resumed.state == ActState.ASKING:
        messages.warning(request, gettext("Il manque encore quelque chose."))
    return redirect("acts:act", act_id)


@never_cache
@require_POST
def decide(request: Request, act_id: UUID) -> HttpResponse:
    """Record my decision."""
    by, at = request.viewer.account, timezone.now()
    found = queries.act_of(by, act_id, at)
    form = DecisionForm(request.POST)

    def take() -> None:
        actions.decide(found, **form.cleaned_data, by=by, at=at)

    return _step(request, act_id, form, take, gettext("Votre décision est enregistrée."))


@never_cache
@require_POST
def hand_over(request: Request, act_id: UUID) -> HttpResponse:
    """Pass an act of mine to a colleague."""
    page = queries.act_page(request.viewer.account, act_id, timezone.now())
    form = HandOverForm(request.POST, colleagues=page.colleagues)
    if not form.is_valid():
        return _act_page(request, act_id, handover=form)
    name = dict(page.colleagues)[UUID(form.cleaned_data["to"])]
    found = queries.act_of(request.viewer.account, act_id, timezone.now())
    actions.hand_over(found, to=UUID(form.cleaned_data["to"]), by=request.viewer.account, at=timezone.now())
    messages.success(request, gettext("C’est confié à %(name)s.") % {"name": name})
    return redirect("acts:worklist")


@never_cache
@require_POST
def take_over(request: Request, act_id: UUID) -> HttpResponse:
    """Take over an act of my unit."""
    account = request.viewer.account
    found = queries.act_of(account, act_id, timezone.now())
    actions.hand_over(found, to=account.id, by=account, at=timezone.now())
    messages.success(request, gettext("Vous avez pris le relais. Cette décision est à vous."))
    return redirect("acts:act", act_id)


@never_cache
@require_POST
def withdraw(request: Request, act_id: UUID) -> HttpResponse:
    """Take back a demand of mine that still waits for something."""
    by, at = request.viewer.account, timezone.now()
    actions.withdraw(queries.act_of(by, act_id, at), by=by, at=at)
    messages.success(request, gettext("La demande est retirée. L’IA n’a rien reçu."))
    return redirect("acts:worklist")


@never_cache
@require_http_methods(["GET", "POST"])
def suggestion(request: Request, act_id: UUID) -> HttpResponse:
    """What the AI had said, once decided, for a purpose that I state and that is recorded."""
    page = queries.act_page(request.viewer.account, act_id, timezone.now())
    if page.state is not ActState.DECIDED:
        return redirect("acts:act", act_id)
    form = SuggestionAccessForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        found = queries.act_of(request.viewer.account, act_id, timezone.now())
        answers = actions.access_suggestion(found, **form.cleaned_data, by=request.viewer.account, at=timezone.now())
        page = replace(page, answers=answers)
        purpose = words_of(form.cleaned_data["purpose"])
        return render(request, "acts/suggestion.html", {"page": page, "purpose": purpose})
    return render(request, "acts/suggestion.html", {"page": page, "form": form}, status=422 if form.errors else 200)


@never_cache
@require_GET
def record(request: Request, act_id: UUID) -> HttpResponse:
    """The record of a decision, to print, or as FHIR R4."""
    form = request.GET.get("format", "html")
    if form not in {"html", "fhir"}:
        return HttpResponseBadRequest(
            gettext("Ce format n’existe pas : html ou fhir."), content_type="text/plain; charset=utf-8"
        )
    told = queries.decision_record(request.viewer.account, act_id, timezone.now())
    if form == "fhir":
        answer = HttpResponse(told.fhir, content_type="application/fhir+json; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="decision-{act_id}.json"'
        return answer
    return render(request, "acts/record.html", {"record": told})


@never_cache
@require_GET
def start(request: Request, person_id: UUID) -> HttpResponse:
    """What I may ask of an AI for this person."""
    page = queries.start_page(request.viewer, person_id, timezone.now())
    return render(request, "acts/start.html", {"page": page})


@never_cache
@require_http_methods(["GET", "POST"])
def start_service(request: Request, person_id: UUID, service_id: UUID) -> HttpResponse:
    """One service for this person: what the charter says, the data it needs, and send."""
    page = queries.start_service(request.viewer, person_id, service_id, timezone.now())
    form = StartForm(request.POST if request.method == "POST" else None, inputs=page.inputs)
    if request.method == "POST" and form.is_valid():
        try:
            started = actions.start_once(
                page.service,
                page.row,
                data=queries.data_of(page.inputs, form.values(), page.row),
                by=request.viewer.account,
                at=timezone.now(),
                language=page_language(),
            )
        except InvalidInputError as error:
            _refused(form, error)
        except actions.AlreadyWaitingError as error:
            if error.act is None:
                raise
            messages.info(request, gettext("Cette demande attendait déjà : la voici. Rien d’autre n’est parti."))
            return redirect("acts:act", error.act)
        else:
            return redirect("acts:act", started.id)
    return render(request, "acts/start_service.html", {"page": page, "form": form}, status=422 if form.errors else 200)


@never_cache
@require_GET
def journal(request: Request, person_id: UUID | None = None) -> HttpResponse:
    """What AI touched my care, allowed or refused, why, and who decided."""
    before = request.GET.get("before", "")
    page = queries.journal(request.viewer, timezone.now(), person_id=person_id, before=before)
    template = "acts/journal.html" if isinstance(page, queries.Journal) else "acts/whose_journal.html"
    return render(request, template, {"page": page})


@never_cache
@require_GET
def why(request: Request, act_id: UUID) -> HttpResponse:
    """Why the charter said what it said of an act, for a carer who may see it; that I looked is noted for the person."""
    page = queries.why_for_carer(request.viewer, act_id, timezone.now())
    actions.note_visit(act_id, by=request.viewer.account, at=timezone.now())
    return render(request, "acts/why.html", {"page": page})


@never_cache
@require_GET
def journal_why(request: Request, act_id: UUID) -> HttpResponse:
    """Why the charter said what it said of an act on me, or on somebody who lets me read their journal."""
    page = queries.why_for_person(request.viewer, act_id, timezone.now())
    return render(request, "acts/why.html", {"page": page})


@never_cache
@require_GET
def journal_proof(request: Request, entry_id: UUID) -> HttpResponse:
    """The proof that a line of my journal stands in the log, as a file anyone's tools read."""
    proof = queries.journal_proof(request.viewer, entry_id, timezone.now())
    answer = HttpResponse(proof, content_type="text/plain; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{entry_id}.tlog-proof"'
    return answer


@require_GET
def rule_counts(request: Request, slug: str, rule_id: str) -> HttpResponse:
    """How often a rule decided lately: a fragment of the public charter."""
    counts = queries.rule_counts(slug, rule_id, timezone.now())
    return render(request, "acts/_rule_counts.html", {"counts": counts})
