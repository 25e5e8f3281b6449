"""The pages by which a rule is put together: questions on one side, the sentence they make on the other."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from colloque.charter import actions, queries
from colloque.charter.access import require_preparing
from colloque.charter.core.builder import to_cedar
from colloque.charter.core.draft import Draft
from colloque.charter.core.proposals import OriginKind, ProposalKind
from colloque.charter.core.sentences import sentence
from colloque.charter.forms.rule import RuleForm, answers_of
from colloque.consultations.queries.outcomes import Said, statement_to_link
from colloque.kernel.errors import ColloqueError, ConflictError, InvalidInputError, NotAllowedError
from colloque.people.access import Request


@require_http_methods(["GET", "POST"])
def propose(request: Request) -> HttpResponse:
    """Put a rule together and propose it; `?rule=` starts from one in force, `?statement=` from what a consultation said."""
    at = timezone.now()
    require_preparing(request.viewer, at)
    house = request.viewer.house
    rule_id = request.GET.get("rule", "")
    start = queries.rule_to_change(house, rule_id) if rule_id else None
    if start is not None and start.draft is None:
        return render(request, "charter/rule_as_text.html", {"rule": start, "house": house})
    said = _statement(request)
    taken = queries.rule_ids(house)
    if request.method == "GET":
        form = RuleForm(initial=_first_answers(start.draft if start else None, said), rule_id=rule_id, taken=taken)
        return _page(request, form, start, said, made=_made(start.draft if start else None))
    form = RuleForm(request.POST, rule_id=rule_id, taken=taken)
    if "propose" in request.POST and form.is_valid() and form.draft is not None:
        return _proposed(request, form, start, said, at)
    form.is_valid()
    if "propose" not in request.POST:
        form.read_again()
    return _page(request, form, start, said, made=_made(form.draft), status=422 if form.errors else 200)


@require_POST
def sentence_of(request: Request) -> HttpResponse:
    """The sentence the answers make so far: a fragment."""
    require_preparing(request.viewer, timezone.now())
    rule_id = request.GET.get("rule", "")
    form = RuleForm(request.POST, rule_id=rule_id, taken=queries.rule_ids(request.viewer.house))
    form.is_valid()
    return render(
        request, "charter/_sentence.html", {"made": _made(form.draft), "flaws": (*form.flaws, *form.problems)}
    )


def _statement(request: Request) -> Said | None:
    try:
        return statement_to_link(request.viewer.house, UUID(request.GET.get("statement", "")))
    except ValueError:
        return None


def _first_answers(draft: Draft | None, said: Said | None) -> dict[str, Any]:
    answers = answers_of(draft) if draft is not None else {}
    if said is not None:
        words = _("Consultation « %(title)s »") % {"title": said.consultation}
        answers |= {"origin": OriginKind.CONSULTATION.value, "origin_words": words}
    return answers


def _made(draft: Draft | None) -> dict[str, str] | None:
    """What a draft says and is."""
    if draft is None:
        return None
    return {"fr": sentence(draft, "fr"), "en": sentence(draft, "en"), "cedar": to_cedar(draft)}


def _page(
    request: Request,
    form: RuleForm,
    start: queries.RuleToChange | None,
    said: Said | None,
    *,
    made: dict[str, str] | None,
    status: int = 200,
) -> HttpResponse:
    context = {"form": form, "start": start, "said": said, "made": made, "house": request.viewer.house}
    return render(request, "charter/build.html", context, status=status)


def _proposed(
    request: Request,
    form: RuleForm,
    start: queries.RuleToChange | None,
    said: Said | None,
    at: datetime,
) -> HttpResponse:
    draft = form.draft
    if draft is None:
        raise AssertionError("only a form with a draft is proposed")
    try:
        made = actions.propose(
            request.viewer.house,
            kind=ProposalKind.CHANGE if start is not None else ProposalKind.NEW,
            cedar=to_cedar(draft),
            purpose=form.cleaned_data["purpose"],
            origin=OriginKind(form.cleaned_data["origin"]),
            statement=said.id if said is not None else None,
            by=request.viewer.account,
            at=at,
        )
    except ColloqueError as error:
        if not isinstance(error, ConflictError | InvalidInputError | NotAllowedError):
            raise
        form.add_error(error.path if error.path in form.fields else None, error.message)
        return _page(request, form, start, said, made=_made(draft), status=409)
    messages.success(request, _("C’est proposé. Chacun peut maintenant en discuter."))
    return redirect("charter:proposal", made.id)
