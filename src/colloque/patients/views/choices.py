"""« Mes choix » : one question per screen, read back, and changed at any moment."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from colloque.kernel.vocabulary import ActKind, ChoiceAnswer
from colloque.patients.access import may_speak, spoken_for, trusting_persons
from colloque.patients.actions import answer_question, ask_to_talk
from colloque.patients.core.trust import Power
from colloque.patients.forms import ChoiceForm
from colloque.patients.labels import answers_to
from colloque.patients.queries import (
    JournalKind,
    Question,
    journal_of,
    names_of,
    questions_for,
    talking_of,
)
from colloque.patients.queries.choices import ALL_AI, LEARNING
from colloque.people.access import Request, nothing_here
from colloque.people.forms.sent import sent


@dataclass(frozen=True)
class Way:
    """Addresses of these pages, for oneself or in the name of another."""

    person: UUID | None

    def to(self, name: str, **more: str) -> str:
        """The address of one of the pages."""
        if self.person is None:
            return reverse(f"patients:{name}", kwargs=more)
        return reverse(f"patients:{name}-for", kwargs={"person_id": self.person, **more})


@dataclass(frozen=True)
class Step:
    """A question with its place among the others and its addresses."""

    question: Question
    url: str
    number: int = 0


@require_GET
def overview(request: Request, person_id: UUID | None = None) -> HttpResponse:
    """Everything I answered, with dates, and one tap to change."""
    at = timezone.now()
    trusting = trusting_persons(request.viewer, Power.SEE_CHOICES, at)
    if person_id is None and len(trusting) > 1:
        names = names_of(trusting)
        people = [(names[person], Way(person).to("choices")) for person in trusting]
        return render(request, "patients/whose_choices.html", {"people": sorted(people)})
    person = spoken_for(request.viewer, Power.SEE_CHOICES, at, person_id)
    way = _way(request, person.id, person.account_id)
    asked, others = _steps(questions_for(person), way)
    return render(
        request,
        "patients/choices.html",
        {
            "steps": asked,
            "others": others,
            "refuses_all": asked[0].question.holds is ChoiceAnswer.NO,
            "nothing_said": all(step.question.answered is None for step in asked),
            "talking": talking_of(person, request.viewer.account, None, at),
            "talk_url": way.to("talk"),
            "may_answer": may_speak(request.viewer.account, person, Power.GIVE_CHOICES, at),
            "for_name": _name_if_another(request, person.id, person.account_id),
            "history_url": way.to("choices-history"),
            "is_mine": person.account_id == request.viewer.account.id,
        },
    )


@require_http_methods(["GET", "POST"])
def question(request: Request, key: str, person_id: UUID | None = None) -> HttpResponse:
    """One question. What I answer holds at once."""
    at = timezone.now()
    person = spoken_for(request.viewer, Power.GIVE_CHOICES, at, person_id)
    way = _way(request, person.id, person.account_id)
    steps, others = _steps(questions_for(person), way)
    step = next((step for step in [*steps, *others] if step.question.key == key), None)
    if step is None:
        raise nothing_here()
    answered = step.question.answered
    form = ChoiceForm(answers_to(key), sent(request), {"answer": answered.answer if answered else None})
    if request.method == "POST" and form.is_valid():
        answer_question(person, step.question, form.said, by=request.viewer.account, at=at)
        return HttpResponseRedirect(way.to("choice-said", key=key))
    position = steps.index(step) if step in steps else -1
    return render(
        request,
        "patients/choice.html",
        {
            "form": form,
            "question": step.question,
            "number": step.number,
            "of": len(steps),
            "back": steps[position - 1].url if position > 0 else way.to("choices"),
            "overview_url": way.to("choices"),
            "talking": talking_of(person, request.viewer.account, step.question.act_kind, at),
            "talk_url": way.to("talk"),
            "for_name": _name_if_another(request, person.id, person.account_id),
            "ALL_AI": ALL_AI,
            "LEARNING": LEARNING,
        },
        status=400 if form.errors else 200,
    )


@require_GET
def said(request: Request, key: str, person_id: UUID | None = None) -> HttpResponse:
    """What I answered, read back to me, and what comes next."""
    at = timezone.now()
    person = spoken_for(request.viewer, Power.GIVE_CHOICES, at, person_id)
    way = _way(request, person.id, person.account_id)
    steps, others = _steps(questions_for(person), way)
    step = next((step for step in [*steps, *others] if step.question.key == key), None)
    if step is None:
        raise nothing_here()
    refuses_all = steps[0].question.holds is ChoiceAnswer.NO
    following = [
        other
        for other in steps[step.number :]
        if step.number and not (refuses_all and other.question.act_kind is not None)
    ]
    return render(
        request,
        "patients/choice_said.html",
        {
            "question": step.question,
            "change_url": step.url,
            "next_url": following[0].url if following else "",
            "overview_url": way.to("choices"),
            "all_url": way.to("choice", key=ALL_AI),
            "for_name": _name_if_another(request, person.id, person.account_id),
            "ALL_AI": ALL_AI,
            "LEARNING": LEARNING,
        },
    )


@require_GET
def history(request: Request, person_id: UUID | None = None) -> HttpResponse:
    """Each answer ever given, who gave it, and when."""
    person = spoken_for(request.viewer, Power.SEE_CHOICES, timezone.now(), person_id)
    way = _way(request, person.id, person.account_id)
    told = {JournalKind.CHOICE, JournalKind.CHOICE_WITHDRAWN, JournalKind.TRAINING_CHOICE}
    lines = [line for line in journal_of(person) if line.kind in told]
    return render(
        request,
        "patients/choices_history.html",
        {
            "lines": lines,
            "overview_url": way.to("choices"),
            "for_name": _name_if_another(request, person.id, person.account_id),
        },
    )


@require_POST
def talk(request: Request, person_id: UUID | None = None) -> HttpResponse:
    """I would like to talk about it with somebody."""
    at = timezone.now()
    person = spoken_for(request.viewer, Power.ASK_TO_TALK, at, person_id)
    word = request.POST.get("about", "")
    kind = ActKind(word) if word in set(ActKind) else None
    asked = ask_to_talk(person, act_kind=kind, by=request.viewer.account, at=at)
    messages.success(request, gettext("C’est noté. %(name)s vous rappelle.") % {"name": asked.carer.full_name})
    way = _way(request, person.id, person.account_id)
    return HttpResponseRedirect(way.to("choice", key=kind.value) if kind else way.to("choices"))


def _way(request: Request, person_id: UUID, account_id: UUID | None) -> Way:
    return Way(None if account_id == request.viewer.account.id else person_id)


def _name_if_another(request: Request, person_id: UUID, account_id: UUID | None) -> str:
    return "" if account_id == request.viewer.account.id else names_of([person_id])[person_id]


def _steps(questions: list[Question], way: Way) -> tuple[list[Step], list[Step]]:
    """The questions in their order, and apart the kinds of act that no AI offers here."""
    asked = [q for q in questions if q.key in {ALL_AI, LEARNING} or q.services]
    steps = [Step(q, way.to("choice", key=q.key), number) for number, q in enumerate(asked, 1)]
    others = [Step(q, way.to("choice", key=q.key)) for q in questions if q not in asked]
    return steps, others
