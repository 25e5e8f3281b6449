"""The ideas box: give one, read what became of each, answer them."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods

from colloque.consultations.access import FACILITATING, facilitated_consultation, facilitated_idea
from colloque.consultations.actions.ideas import give_idea, idea_becomes_statement, publish_idea, set_idea_aside
from colloque.consultations.core.state import IdeaWish
from colloque.consultations.forms.ideas import IdeaAnswerForm, IdeaForm, IdeaVoteForm
from colloque.consultations.queries.ideas import ideas_of, ideas_to_read, open_consultations, public_ideas
from colloque.kernel.errors import InvalidInputError, NotAllowedError
from colloque.kernel.vocabulary import ACT_TRAITS, ActGroup, ActKind, Role
from colloque.people.access import Request, require
from colloque.people.forms.sent import sent
from colloque.people.language import page_language


@require_GET
def public(request: Request, slug: str) -> HttpResponse:
    """The ideas of a house and what became of each, for everybody."""
    house, ideas = public_ideas(slug, is_signed_in=not request.viewer.is_anonymous)
    may_give = request.viewer.establishment == house
    return render(request, "consultations/public_ideas.html", {"house": house, "ideas": ideas, "may_give": may_give})


@require_http_methods(["GET", "POST"])
def box(request: Request) -> HttpResponse:
    """Give an idea; see mine; and, for those who animate, what waits for an answer."""
    require(request.viewer, *Role)
    house, account = request.viewer.house, request.viewer.account
    form = IdeaForm([(kind.value, kind.value) for kind in _kinds()], sent(request))
    if request.method == "POST" and form.is_valid():
        kind = form.cleaned_data["act_kind"]
        try:
            give_idea(
                house,
                form.cleaned_data["text"],
                IdeaWish(form.cleaned_data["wish"]),
                act_kind=ActKind(kind) if kind else None,
                by=account,
                at=timezone.now(),
                language=page_language(),
            )
        except InvalidInputError as error:
            form.add_error("text", error.message)
        except NotAllowedError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, gettext("Merci. Quelqu’un va la lire, puis elle sera publique, sans votre nom."))
            return HttpResponseRedirect(reverse("consultations:ideas"))
    return render(
        request,
        "consultations/ideas.html",
        {
            "house": house,
            "form": form,
            "kinds": _kinds(),
            "mine": ideas_of(account, house),
            "to_read": ideas_to_read(house) if request.viewer.has(*FACILITATING) else [],
        },
        status=400 if form.errors else 200,
    )


@require_http_methods(["GET", "POST"])
def idea(request: Request, idea_id: UUID) -> HttpResponse:
    """Answer an idea: show it, say why it is not followed, or put it to the vote."""
    one = facilitated_idea(request.viewer, idea_id)
    decision = request.POST.get("decision", "")
    consultations = open_consultations(one.establishment)
    answer = IdeaAnswerForm(sent(request) if decision in {"publish", "aside"} else None, initial={"answer": one.answer})
    vote = IdeaVoteForm(
        [(str(held.id), held.title) for held in consultations],
        sent(request) if decision == "vote" else None,
        initial={"text": one.text[:280]},
    )
    if request.method == "POST":
        if decision not in {"vote", "publish", "aside"}:
            raise InvalidInputError(gettext("Choisissez : publier, mettre au vote ou ne pas suivre."))
        try:
            done = _act(request, idea_id, decision, answer, vote)
        except InvalidInputError as error:
            (vote if decision == "vote" else answer).add_error(error.path or None, error.message)
            done = False
        if done:
            messages.success(request, gettext("C’est fait. L’idée et votre réponse sont publiques."))
            return HttpResponseRedirect(reverse("consultations:ideas"))
    return render(
        request,
        "consultations/idea.html",
        {
            "idea": one,
            "form": vote if decision == "vote" else answer,
            "answer": answer,
            "vote": vote,
            "consultations": consultations,
        },
        status=400 if answer.errors or vote.errors else 200,
    )


def _act(request: Request, idea_id: UUID, decision: str, answer: IdeaAnswerForm, vote: IdeaVoteForm) -> bool:
    """Do what was decided; False where a form does not hold. Raises `InvalidInputError`."""
    one = facilitated_idea(request.viewer, idea_id)
    by, at = request.viewer.account, timezone.now()
    if decision == "vote" and vote.is_valid():
        held = facilitated_consultation(request.viewer, UUID(vote.cleaned_data["consultation"]))
        idea_becomes_statement(one, held, vote.cleaned_data["text"], by=by, at=at)
        return True
    if decision == "publish" and answer.is_valid():
        publish_idea(one, by=by, at=at, answer=answer.cleaned_data["answer"])
        return True
    if decision == "aside" and answer.is_valid():
        set_idea_aside(one, answer.cleaned_data["answer"], by=by, at=at)
        return True
    return False


def _kinds() -> list[ActKind]:
    """The kinds of act an idea may speak of, those closed by nature last."""
    return sorted(ActKind, key=lambda kind: (ACT_TRAITS[kind].group is ActGroup.CLOSED, list(ActKind).index(kind)))
