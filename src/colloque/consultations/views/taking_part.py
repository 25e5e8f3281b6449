"""Taking part: what it is about, one statement at a time, one's own words, one's votes. All of it works without a script."""

from __future__ import annotations

from dataclasses import replace
from random import SystemRandom
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from colloque.consultations.access import (
    announced_consultation,
    is_open,
    may_facilitate,
    participant_of,
    public_consultation,
)
from colloque.consultations.actions.taking_part import join as begin
from colloque.consultations.actions.taking_part import submit_statement
from colloque.consultations.actions.voting import vote as cast
from colloque.consultations.core.groups import VOTE_VALUES, Anonymity
from colloque.consultations.forms.taking_part import JoinForm, StatementForm
from colloque.consultations.queries.ballots import next_statement, receipt_of
from colloque.consultations.queries.outcomes import links_of
from colloque.consultations.queries.pages import (
    my_vote,
    my_votes,
    own_statements,
    progress,
    public_list,
    published_statements,
    votable,
)
from colloque.consultations.views.ticket import give_ticket, place_of, take_ticket, ticket_in
from colloque.kernel.errors import ColloqueError, InvalidInputError, NotAllowedError
from colloque.people.access import Request
from colloque.people.forms.sent import sent
from colloque.people.language import page_language

EASY = "easy"
"""The cookie of whoever prefers easy words: it says nothing else."""


@require_GET
def public(request: Request, slug: str) -> HttpResponse:
    """The consultations of a house, for everybody."""
    return render(request, "consultations/public.html", {"page": public_list(slug, timezone.now())})


@require_GET
def short(request: Request, slug: str, consultation_number: int) -> HttpResponse:  # noqa: ARG001
    """The address of a poster, typed by hand."""
    consultation = announced_consultation(slug, consultation_number)
    return HttpResponseRedirect(reverse("consultations:join", args=[consultation.id]))


@never_cache
@require_http_methods(["GET", "POST"])
def join(request: Request, consultation_id: UUID) -> HttpResponse:
    """What it is about, what becomes of one's votes, and the button that begins."""
    consultation = public_consultation(consultation_id)
    viewer = request.viewer
    participant = participant_of(consultation, ticket_in(request, consultation.id), viewer)
    form = JoinForm(
        sent(request),
        needs_code=consultation.anonymity == Anonymity.CODES,
        groups=consultation.groups,
        questions=consultation.profile_questions,
        may_help=consultation.anonymity != Anonymity.SIGNED_IN,
    )
    refusal: ColloqueError | None = None
    if request.method == "POST" and form.is_valid():
        coming = replace(form.coming, account=viewer.signed_in, language=page_language())
        try:
            joined = begin(consultation, coming, place=place_of(request), at=timezone.now())
        except InvalidInputError as error:
            form.add_error(error.path or None, error.message)
        except NotAllowedError as error:
            form.add_error(None, error.message)
            refusal = error
        else:
            response = HttpResponseRedirect(reverse("consultations:vote", args=[consultation.id]))
            give_ticket(response, consultation.id, joined.ticket)
            return response
    return render(
        request,
        "consultations/join.html",
        {
            "consultation": consultation,
            "form": form,
            "participant": participant,
            "is_open": is_open(consultation, timezone.now()),
            "needs_account": consultation.anonymity == Anonymity.SIGNED_IN and viewer.is_anonymous,
            "over_at": consultation.closed_at or consultation.closes_at,
            "may_facilitate": may_facilitate(viewer, consultation),
        },
        status=403 if refusal else 400 if form.errors else 200,
    )


@never_cache
@require_http_methods(["GET", "POST"])
def vote(request: Request, consultation_id: UUID) -> HttpResponse:
    """One statement and three answers as big as a thumb."""
    consultation = public_consultation(consultation_id)
    participant = participant_of(consultation, ticket_in(request, consultation.id), request.viewer)
    here = reverse("consultations:vote", args=[consultation.id])
    if participant is None:
        return HttpResponseRedirect(reverse("consultations:join", args=[consultation.id]))
    if request.method == "POST":
        number, value = _number(request.POST.get("statement")), _number(request.POST.get("value"))
        takes_back = request.POST.get("value") == "none"
        if number is None or not (takes_back or value in VOTE_VALUES):
            raise InvalidInputError(gettext("Choisissez une des trois réponses."), code="no-answer")
        cast(participant, number, None if takes_back else value, at=timezone.now())
        if takes_back:
            messages.success(request, gettext("Votre réponse est retirée."))
            return HttpResponseRedirect(reverse("consultations:my-votes", args=[consultation.id]))
        return HttpResponseRedirect(f"{here}?after={number}")
    if not is_open(consultation, timezone.now()):
        return HttpResponseRedirect(reverse("consultations:join", args=[consultation.id]))
    asked = _number(request.GET.get("statement"))
    again = votable(consultation, asked) if asked is not None else None
    statement = again or next_statement(participant, SystemRandom().random).statement
    answered = my_vote(consultation, participant, statement.number) if again is not None and statement else None
    after = _number(request.GET.get("after"))
    return render(
        request,
        "consultations/vote.html",
        {
            "consultation": consultation,
            "participant": participant,
            "statement": statement,
            "answered": answered,
            "chosen": answered.value if answered else None,
            "last": my_vote(consultation, participant, after) if after is not None else None,
            "progress": progress(consultation, participant),
            "prefers_easy": request.COOKIES.get(EASY) == "1",
        },
    )


@require_POST
def easy(request: Request, consultation_id: UUID) -> HttpResponse:
    """Prefer easy words, or the words as they were written."""
    consultation = public_consultation(consultation_id)
    number = _number(request.POST.get("statement"))
    query = f"?statement={number}" if number is not None else ""
    response = HttpResponseRedirect(f"{reverse('consultations:vote', args=[consultation.id])}{query}")
    if request.POST.get("easy") == "1":
        response.set_cookie(EASY, "1", max_age=365 * 24 * 3600, httponly=True, samesite="Lax")
    else:
        response.delete_cookie(EASY, samesite="Lax")
    return response


@never_cache
@require_http_methods(["GET", "POST"])
def statements(request: Request, consultation_id: UUID) -> HttpResponse:
    """Every statement people vote on; and, for whoever takes part, a place to add one."""
    consultation = public_consultation(consultation_id)
    participant = participant_of(consultation, ticket_in(request, consultation.id), request.viewer)
    form = StatementForm(sent(request))
    status = 200
    if request.method == "POST":
        if participant is None:
            return HttpResponseRedirect(reverse("consultations:join", args=[consultation.id]))
        status = 400
        if form.is_valid():
            try:
                said = submit_statement(
                    consultation,
                    participant,
                    form.cleaned_data["text"],
                    language=page_language(),
                    at=timezone.now(),
                    place=place_of(request),
                )
            except InvalidInputError as error:
                form.add_error("text", error.message)
            except NotAllowedError as error:
                form.add_error(None, error.message)
                status = 403
            else:
                told = (
                    gettext("Merci. Votre affirmation est publiée : les autres peuvent répondre.")
                    if said.is_published
                    else gettext("Merci. Votre affirmation sera lue par une personne, puis publiée.")
                )
                messages.success(request, told)
                return HttpResponseRedirect(reverse("consultations:statements", args=[consultation.id]))
    became = links_of(consultation)
    return render(
        request,
        "consultations/statements.html",
        {
            "consultation": consultation,
            "participant": participant,
            "is_open": is_open(consultation, timezone.now()),
            "statements": [(one, became.get(one.number, ())) for one in published_statements(consultation)],
            "own": own_statements(participant) if participant else [],
            "form": form,
        },
        status=status,
    )


@never_cache
@require_GET
def votes(request: Request, consultation_id: UUID) -> HttpResponse:
    """What I answered, and one tap to change it."""
    consultation = public_consultation(consultation_id)
    participant = participant_of(consultation, ticket_in(request, consultation.id), request.viewer)
    if participant is None:
        return HttpResponseRedirect(reverse("consultations:join", args=[consultation.id]))
    return render(
        request,
        "consultations/my_votes.html",
        {
            "consultation": consultation,
            "participant": participant,
            "is_open": is_open(consultation, timezone.now()),
            "votes": my_votes(consultation, participant),
            "receipt": receipt_of(participant, timezone.now()),
            "progress": progress(consultation, participant),
        },
    )


@require_POST
def leave(request: Request, consultation_id: UUID) -> HttpResponse:
    """I am done on this device: it forgets me, and somebody else can begin. My votes stay."""
    consultation = public_consultation(consultation_id)
    messages.success(
        request, gettext("C’est fini sur cet appareil. Vos réponses comptent, et une autre personne peut commencer.")
    )
    response = HttpResponseRedirect(reverse("consultations:join", args=[consultation.id]))
    take_ticket(response, consultation.id)
    return response


def _number(text: str | None) -> int | None:
    """A small whole number somebody sent, or nothing."""
    try:
        number = int(text or "")
    except ValueError:
        return None
    return number if -1 <= number < 2_147_483_648 else None
