"""Paper sheets: print them, enter them in a few keystrokes, correct them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from colloque.consultations.access import facilitated_consultation, is_open
from colloque.consultations.actions.paper import SheetDiffersError, enter_sheet, print_sheets
from colloque.consultations.core.groups import GroupOfPeople
from colloque.consultations.core.sheets import COLUMNS, read_answers, typed_answers
from colloque.consultations.forms.paper import SheetCodeForm, SheetsForm
from colloque.consultations.queries.sheets import SheetToEnter, lines_of, sheet_counts, sheet_to_enter
from colloque.kernel.errors import InvalidInputError
from colloque.people.access import Request
from colloque.people.forms.sent import sent


@require_http_methods(["GET", "POST"])
def sheets(request: Request, consultation_id: UUID) -> HttpResponse:
    """Print sheets; the answer is a PDF."""
    consultation = facilitated_consultation(request.viewer, consultation_id)
    form = SheetsForm(consultation.groups, sent(request))
    if request.method == "POST" and form.is_valid():
        words, group = form.cleaned_data["words"], form.cleaned_data["group"]
        try:
            printed = print_sheets(
                consultation,
                form.cleaned_data["count"],
                group=GroupOfPeople(group) if group else None,
                language=words[:2],
                is_easy=words.endswith("easy"),
                by=request.viewer.account,
                at=timezone.now(),
            )
        except InvalidInputError as error:
            form.add_error(error.path if error.path in form.fields else None, error.message)
        else:
            response = HttpResponse(printed.pdf, content_type="application/pdf")
            response.headers["Content-Disposition"] = f'attachment; filename="feuilles-{consultation.slug}.pdf"'
            response.headers["Cache-Control"] = "private, no-store"
            return response
    return render(
        request,
        "consultations/paper.html",
        {
            "consultation": consultation,
            "form": form,
            "counts": sheet_counts(consultation),
            "is_open": is_open(consultation, timezone.now()),
        },
        status=400 if form.errors else 200,
    )


@require_http_methods(["GET", "POST"])
def enter(request: Request, consultation_id: UUID) -> HttpResponse:
    """Enter a sheet: its code and a row of figures, or its code and then line by line."""
    consultation = facilitated_consultation(request.viewer, consultation_id)
    told: dict[str, Any] = {"consultation": consultation, "is_open": is_open(consultation, timezone.now())}
    if request.method == "GET":
        form = SheetCodeForm(initial={"code": request.GET.get("code", "")})
        return render(request, "consultations/enter.html", {**told, "form": form, "counts": sheet_counts(consultation)})
    form = SheetCodeForm(sent(request))
    sheet: SheetToEnter | None = None
    answers: Sequence[int | None] | None = None
    if form.is_valid():
        try:
            sheet = sheet_to_enter(consultation, form.cleaned_data["code"])
            answers = _answers(request.POST, form.cleaned_data["answers"], sheet.lines)
        except InvalidInputError as error:
            form.add_error(error.path if error.path in form.fields else None, error.message)
    if sheet is None or form.errors:
        return render(
            request,
            "consultations/enter.html",
            {**told, "form": form, "counts": sheet_counts(consultation)},
            status=400,
        )
    if answers is None:
        return render(
            request,
            "consultations/enter_lines.html",
            {**told, "sheet": sheet, "lines": lines_of(consultation, sheet.code, sheet.answers)},
        )
    try:
        entered = enter_sheet(
            consultation,
            sheet.code,
            answers,
            replaces=request.POST.get("replaces") == "1",
            by=request.viewer.account,
            at=timezone.now(),
        )
    except SheetDiffersError as error:
        return render(
            request,
            "consultations/enter_again.html",
            {
                **told,
                "sheet": sheet,
                "lines": [line for line in lines_of(consultation, sheet.code, answers) if line.place in error.lines],
                "typed": typed_answers(answers),
            },
            status=409,
        )
    return render(
        request,
        "consultations/entered.html",
        {
            **told,
            "sheet": sheet,
            "entered": entered,
            "lines": lines_of(consultation, sheet.code, entered.answers),
            "form": SheetCodeForm(),
            "counts": sheet_counts(consultation),
        },
    )


def _answers(data: QueryDict, typed: str, lines: int) -> Sequence[int | None] | None:
    """The answers typed in one go, else those ticked line by line, else nothing yet. Raises `InvalidInputError`."""
    if typed.strip():
        try:
            return read_answers(typed, lines)
        except InvalidInputError as error:
            if error.code == "sheet-length":
                count = len([sign for sign in typed if sign in COLUMNS])
                said = gettext("Cette feuille a %(lines)d lignes, et vous avez tapé %(count)d réponses.") % {
                    "lines": lines,
                    "count": count,
                }
            else:
                said = gettext("Le signe n° %(place)s n’est ni 0, ni 1, ni 2, ni 3.") % {"place": error.path}
            raise InvalidInputError(said, code=error.code, path="answers") from error
    if "line-1" not in data:
        return None
    return read_answers("".join(data.get(f"line-{place}", "0")[:1] or "0" for place in range(1, lines + 1)), lines)
