"""A proposal's pages: written, read, argued about, put to the vote, voted, decided. One job a page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from colloque.charter import actions, queries
from colloque.charter.access import (
    DECIDING_ROLES,
    MODERATING_ROLES,
    argument_here,
    is_of_the_committee,
    proposal_here,
    public_proposal,
    require_preparing,
)
from colloque.charter.core.proposals import BallotValue, OriginKind, ProposalKind, Side, Step
from colloque.charter.forms.proposals import ArgueForm, BallotForm, DecideForm, HideForm, OpenVoteForm, ReviewForm
from colloque.charter.forms.text import CharterForm, RepealForm, RuleTextForm
from colloque.charter.queries.proposal_page import ProposalPage
from colloque.kernel.errors import ColloqueError, ConflictError, InvalidInputError, NotAllowedError
from colloque.people.access import Request, nothing_here, require
from colloque.people.language import page_language

USUAL_VOTE = timedelta(days=7)
USUAL_REVIEW = timedelta(days=365)


@require_GET
def proposals(request: Request) -> HttpResponse:
    """What is debated in the house, and what was decided."""
    page = queries.proposals_page(request.viewer, timezone.now(), page_language())
    return render(request, "charter/proposals.html", {"page": page})


@require_GET
def proposal(request: Request, proposal_id: UUID) -> HttpResponse:
    """One proposal, for anybody: what is debated is public."""
    page = queries.proposal_page(public_proposal(proposal_id), request.viewer, timezone.now(), page_language())
    return render(request, "charter/proposal.html", {"page": page})


@require_http_methods(["GET", "POST"])
def whole(request: Request) -> HttpResponse:
    """Write all the rules of a charter, see what they say and change, then propose them."""
    at = timezone.now()
    require_preparing(request.viewer, at)
    house = request.viewer.house
    if request.method == "GET":
        form = CharterForm(initial={"cedar": queries.starting_text(house)})
        return _text_page(request, "charter/propose_whole.html", form)
    form = CharterForm(request.POST)
    if not form.is_valid():
        return _text_page(request, "charter/propose_whole.html", form, status=422)
    if "propose" not in request.POST:
        shown = queries.preview(house, form.cleaned_data["cedar"], page_language())
        return _text_page(request, "charter/propose_whole.html", form, shown)
    return _propose(
        request,
        form,
        "charter/propose_whole.html",
        at,
        kind=ProposalKind.WHOLE,
        cedar=form.cleaned_data["cedar"],
        preamble=form.cleaned_data["preamble"],
    )


@require_http_methods(["GET", "POST"])
def one_rule(request: Request) -> HttpResponse:
    """Write one rule in Cedar and propose it; the name of a rule in force proposes to change that one."""
    at = timezone.now()
    require_preparing(request.viewer, at)
    house = request.viewer.house
    if request.method == "GET":
        text = queries.text_of_rule(house, request.GET.get("rule", ""))
        return _text_page(request, "charter/propose_rule.html", RuleTextForm(initial={"cedar": text}))
    form = RuleTextForm(request.POST)
    if not form.is_valid():
        return _text_page(request, "charter/propose_rule.html", form, status=422)
    kind = ProposalKind.CHANGE if queries.text_of_rule(house, form.rule_id) else ProposalKind.NEW
    return _propose(request, form, "charter/propose_rule.html", at, kind=kind, cedar=form.cleaned_data["cedar"])


@require_http_methods(["GET", "POST"])
def repeal(request: Request, rule_id: str) -> HttpResponse:
    """Propose to take a rule away."""
    at = timezone.now()
    require_preparing(request.viewer, at)
    rule = queries.rule_in_force(request.viewer.house, rule_id, page_language())
    form = RepealForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return _propose(
            request,
            form,
            "charter/repeal.html",
            at,
            kind=ProposalKind.REPEAL,
            rule_id=rule_id,
            extra={"rule": rule, "house": request.viewer.house},
        )
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "rule": rule, "house": request.viewer.house}
    return render(request, "charter/repeal.html", context, status=status)


def _text_page(
    request: Request, template: str, form: forms.Form, preview: object = None, status: int = 200
) -> HttpResponse:
    context = {"form": form, "house": request.viewer.house, "preview": preview}
    return render(request, template, context, status=status)


def _propose(
    request: Request,
    form: forms.Form,
    template: str,
    at: datetime,
    *,
    extra: dict[str, Any] | None = None,
    **given: Any,
) -> HttpResponse:
    try:
        made = actions.propose(
            request.viewer.house,
            purpose=form.cleaned_data["purpose"],
            origin=OriginKind(form.cleaned_data["origin"]),
            by=request.viewer.account,
            at=at,
            **given,
        )
    except ColloqueError as error:
        return _refused(
            request, form, error, template, {"house": request.viewer.house, "preview": None, **(extra or {})}
        )
    messages.success(request, _("C’est proposé. Chacun peut maintenant en discuter."))
    return redirect("charter:proposal", made.id)


def _refused(
    request: Request, form: forms.Form, error: ColloqueError, template: str, context: dict[str, Any]
) -> HttpResponse:
    """The form again with the error in its place; what has no place in it is told on top."""
    if not isinstance(error, ConflictError | InvalidInputError | NotAllowedError):
        raise error
    form.add_error(error.path if error.path in form.fields else None, error.message)
    return render(
        request, template, {"form": form, **context}, status=422 if isinstance(error, InvalidInputError) else 409
    )


def _inside(request: Request, proposal_id: UUID) -> tuple[ProposalPage, datetime]:
    """The proposal for somebody of its house, a 404 for anybody else."""
    at = timezone.now()
    page = queries.proposal_page(proposal_here(request.viewer, proposal_id), request.viewer, at, page_language())
    return page, at


def _form_page(
    request: Request,
    page: ProposalPage,
    steps: set[str],
    form: forms.Form,
    template: str,
    act: Callable[[Any], object],
    done: str,
) -> HttpResponse:
    """The page of a step; where it cannot be taken now, the proposal says where it stands."""
    context = {"page": page, "form": form}
    if request.method == "GET":
        if page.steps.isdisjoint(steps):
            return redirect("charter:proposal", page.record.id)
        return render(request, template, context)
    if not form.is_valid():
        return render(request, template, context, status=422)
    try:
        act(form)
    except ColloqueError as error:
        return _refused(request, form, error, template, {"page": page})
    messages.success(request, done)
    return redirect("charter:proposal", page.record.id)


@require_http_methods(["GET", "POST"])
def argue(request: Request, proposal_id: UUID) -> HttpResponse:
    """An argument for or against, signed."""
    page, at = _inside(request, proposal_id)
    return _form_page(
        request,
        page,
        {Step.ARGUE.value},
        ArgueForm(request.POST or None),
        "charter/argue.html",
        lambda form: actions.argue(
            page.record, Side(form.cleaned_data["side"]), form.cleaned_data["words"], by=request.viewer.account, at=at
        ),
        _("Votre argument est publié."),
    )


@require_http_methods(["GET", "POST"])
def hide_argument(request: Request, argument_id: UUID) -> HttpResponse:
    """Hide an argument, with a reason that takes its place."""
    require(request.viewer, *MODERATING_ROLES)
    argument = argument_here(request.viewer, argument_id)
    form = HideForm(request.POST or None)
    context = {"form": form, "argument": argument}
    if request.method == "GET" or not form.is_valid():
        return render(request, "charter/hide_argument.html", context, status=200 if request.method == "GET" else 422)
    try:
        actions.hide_argument(argument, form.cleaned_data["reason"], by=request.viewer.account, at=timezone.now())
    except ColloqueError as error:
        return _refused(request, form, error, "charter/hide_argument.html", {"argument": argument})
    messages.success(request, _("L’argument est masqué. Votre raison se lit à sa place."))
    return redirect("charter:proposal", argument.proposal_id)


@require_http_methods(["GET", "POST"])
def open_vote(request: Request, proposal_id: UUID) -> HttpResponse:
    """Put the proposal to the committee's vote."""
    page, at = _inside(request, proposal_id)
    require_preparing(request.viewer, at)
    form = OpenVoteForm(request.POST or None, initial={"closes_on": (at + USUAL_VOTE).date()}, house=page.house)
    return _form_page(
        request,
        page,
        {Step.OPEN_VOTE.value},
        form,
        "charter/open_vote.html",
        lambda form: actions.open_vote(
            page.record, closes_at=form.cleaned_data["closes_on"], by=request.viewer.account, at=at
        ),
        _("Le vote est ouvert. Chaque membre du comité le voit sur son accueil."),
    )


@require_http_methods(["GET", "POST"])
def vote(request: Request, proposal_id: UUID) -> HttpResponse:
    """One seat's voice."""
    page, at = _inside(request, proposal_id)
    if not is_of_the_committee(request.viewer, at):
        raise nothing_here()
    given = {"value": page.own_ballot.value} if page.own_ballot is not None else None
    return _form_page(
        request,
        page,
        {Step.VOTE.value},
        BallotForm(request.POST or None, initial=given),
        "charter/vote.html",
        lambda form: actions.cast_ballot(
            page.record,
            BallotValue(form.cleaned_data["value"]),
            words=form.cleaned_data["words"],
            by=request.viewer.account,
            at=at,
        ),
        _("Votre voix est comptée. Vous pouvez la changer tant que le vote est ouvert."),
    )


@require_http_methods(["GET", "POST"])
def decide(request: Request, proposal_id: UUID) -> HttpResponse:
    """Adopt or decline after the vote, with a reason where the committee said otherwise."""
    page, at = _inside(request, proposal_id)
    require(request.viewer, *DECIDING_ROLES)
    today = timezone.localdate(at)
    form = DecideForm(
        request.POST or None, initial={"adopted_from": today, "review_on": (at + USUAL_REVIEW).date()}, page=page
    )

    def act(form: forms.Form) -> object:
        given = form.cleaned_data
        if given["decision"] == Step.DECLINE.value:
            return actions.decline(page.record, reason=given["reason"], by=request.viewer.account, at=at)
        return actions.adopt(
            page.record,
            adopted_from=given["adopted_from"] or today,
            review_on=given["review_on"] or (at + USUAL_REVIEW).date(),
            reason=given["reason"],
            by=request.viewer.account,
            at=at,
        )

    steps = {Step.ADOPT.value, Step.DECLINE.value}
    return _form_page(request, page, steps, form, "charter/decide.html", act, _("C’est décidé, et publié."))


@require_http_methods(["GET", "POST"])
def withdraw(request: Request, proposal_id: UUID) -> HttpResponse:
    """Take one's own proposal back."""
    page, at = _inside(request, proposal_id)
    if request.viewer.account not in page.record.authors.all():
        raise nothing_here()
    return _form_page(
        request,
        page,
        {Step.WITHDRAW.value},
        forms.Form(request.POST if request.method == "POST" else None),
        "charter/withdraw.html",
        lambda _form: actions.withdraw(page.record, by=request.viewer.account, at=at),
        _("La proposition est retirée."),
    )


@require_http_methods(["GET", "POST"])
def review(request: Request, proposal_id: UUID) -> HttpResponse:
    """Say that an adopted rule was looked at again, and stays."""
    page, at = _inside(request, proposal_id)
    require(request.viewer, *DECIDING_ROLES)
    return _form_page(
        request,
        page,
        {"review"},
        ReviewForm(request.POST or None, initial={"next_review_on": (at + USUAL_REVIEW).date()}),
        "charter/review_rule.html",
        lambda form: actions.review(
            page.record,
            form.cleaned_data["words"],
            next_review_on=form.cleaned_data["next_review_on"],
            by=request.viewer.account,
            at=at,
        ),
        _("La revue est notée."),
    )
