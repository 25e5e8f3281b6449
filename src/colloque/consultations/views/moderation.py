"""Moderation: what waits, one statement at a time, and the log that everybody reads."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods

from colloque.consultations.access import (
    facilitated_consultation,
    facilitated_statement,
    is_open,
    may_facilitate,
    public_consultation,
)
from colloque.consultations.actions.moderation import (
    merge_statement,
    publish_statement,
    reject_statement,
    say_otherwise,
)
from colloque.consultations.core.moderation import ModerationReason
from colloque.consultations.forms.moderation import OtherwiseForm, RejectForm
from colloque.consultations.queries.moderation import (
    moderation_log,
    pairs,
    reread,
    signals,
    to_read,
    waiting_count,
)
from colloque.kernel.errors import InvalidInputError
from colloque.people.access import Request
from colloque.people.forms.sent import sent


@require_GET
def log(request: Request, consultation_id: UUID) -> HttpResponse:
    """The rules of publication, and each decision with its reason, for everybody."""
    consultation = public_consultation(consultation_id)
    return render(
        request,
        "consultations/log.html",
        {
            "consultation": consultation,
            "lines": moderation_log(consultation),
            "waiting": waiting_count(consultation),
            "signals": signals(consultation),
            "may_facilitate": may_facilitate(request.viewer, consultation),
        },
    )


@require_GET
def queue(request: Request, consultation_id: UUID) -> HttpResponse:
    """What waits to be read, what repeats, and signs of abuse."""
    consultation = facilitated_consultation(request.viewer, consultation_id)
    return render(
        request,
        "consultations/moderate.html",
        {
            "consultation": consultation,
            "waiting": to_read(consultation),
            "count": waiting_count(consultation),
            "pairs": pairs(consultation),
            "signals": signals(consultation),
            "is_open": is_open(consultation, timezone.now()),
        },
    )


@require_http_methods(["GET", "POST"])
def statement(request: Request, consultation_id: UUID, statement_id: UUID) -> HttpResponse:
    """One statement: publish it, unite it with another, or turn it away with a reason."""
    one = facilitated_statement(request.viewer, consultation_id, statement_id)
    by, at = request.viewer.account, timezone.now()
    decision = request.POST.get("decision", "")
    form = RejectForm(sent(request) if decision == "reject" else None)
    back = HttpResponseRedirect(reverse("consultations:moderate", args=[consultation_id]))
    if request.method == "POST":
        if decision == "publish":
            publish_statement(one, by=by, at=at)
            messages.success(request, gettext("L’affirmation est publiée."))
            return back
        if decision == "merge":
            merge_statement(one, _number(request.POST.get("into")), by=by, at=at)
            messages.success(request, gettext("Les deux affirmations sont réunies."))
            return back
        if decision != "reject":
            raise InvalidInputError(gettext("Choisissez : publier, réunir ou écarter."))
        if form.is_valid():
            reason = ModerationReason(form.cleaned_data["reason"])
            reject_statement(one, reason, by=by, at=at, words=form.cleaned_data["words"])
            messages.success(request, gettext("L’affirmation est écartée. La raison est publique."))
            return back
    return render(
        request,
        "consultations/statement.html",
        {"consultation": one.consultation, "line": reread(one), "statement": one, "form": form},
        status=400 if form.errors else 200,
    )


@require_http_methods(["GET", "POST"])
def words(request: Request, consultation_id: UUID, statement_id: UUID) -> HttpResponse:
    """A statement in easy words and in English."""
    one = facilitated_statement(request.viewer, consultation_id, statement_id)
    form = OtherwiseForm(sent(request), initial={"easy": one.easy, "text_en": one.text_en, "easy_en": one.easy_en})
    if request.method == "POST" and form.is_valid():
        say_otherwise(one, by=request.viewer.account, at=timezone.now(), **form.cleaned_data)
        messages.success(request, gettext("C’est noté."))
        return HttpResponseRedirect(reverse("consultations:manage", args=[consultation_id]))
    return render(
        request,
        "consultations/words.html",
        {"consultation": one.consultation, "statement": one, "form": form},
        status=400 if form.errors else 200,
    )


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 10 else -1
