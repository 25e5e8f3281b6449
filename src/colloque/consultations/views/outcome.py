"""Closing, replying, and what everybody may take away: the report and the open data."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from colloque.consultations.access import facilitated_consultation, public_consultation
from colloque.consultations.actions import closing
from colloque.consultations.core.state import ConsultationState, OutcomeAnswer
from colloque.consultations.forms.outcome import ReplyForm
from colloque.consultations.queries.map import result_page
from colloque.consultations.queries.open_data import read_file
from colloque.consultations.queries.report import report_page
from colloque.consultations.report import printed
from colloque.kernel.errors import ColloqueError
from colloque.people.access import Request, nothing_here, require


@require_safe
def report(request: Request, consultation_id: UUID) -> HttpResponse:
    """Everything that came out of a closed consultation, on one page."""
    consultation = public_consultation(consultation_id)
    return render(
        request, "consultations/report.html", {"page": report_page(consultation), "consultation": consultation}
    )


@require_safe
def report_pdf(request: Request, consultation_id: UUID) -> HttpResponse:  # noqa: ARG001
    """The same as a tagged PDF (PDF/UA-1), in the reader's language."""
    consultation = public_consultation(consultation_id)
    page = report_page(consultation)
    return HttpResponse(
        printed(page),
        content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{consultation.slug}.pdf"'},
    )


@require_safe
def download(request: Request, consultation_id: UUID, file: str) -> HttpResponse:  # noqa: ARG001
    """One file of the open data."""
    found = read_file(public_consultation(consultation_id), file)
    return HttpResponse(
        found.data,
        content_type=found.content_type,
        headers={"Content-Disposition": f'attachment; filename="{found.name}"'},
    )


@require_http_methods(["GET", "POST"])
def close(request: Request, consultation_id: UUID) -> HttpResponse:
    """Read once more what closing does, then close."""
    consultation = facilitated_consultation(request.viewer, consultation_id)
    if request.method == "POST":
        closing.close_consultation(consultation, by=request.viewer.account, at=timezone.now())
        messages.success(
            request, gettext("La consultation est terminée. Les votes sont comptés et inscrits au registre.")
        )
        return redirect("consultations:map", consultation.id)
    if consultation.state != ConsultationState.OPEN:
        return redirect("consultations:map", consultation.id)
    page = result_page(consultation)
    return render(request, "consultations/close.html", {"page": page, "consultation": consultation})


@require_http_methods(["GET", "POST"])
def replies(request: Request, consultation_id: UUID) -> HttpResponse:
    """The outcomes, those that wait for a reply first; and, once all have one, the end."""
    require(request.viewer, *closing.ANSWERING)
    consultation = facilitated_consultation(request.viewer, consultation_id)
    if request.method == "POST":
        closing.answer_consultation(consultation, by=request.viewer.account, at=timezone.now())
        messages.success(request, gettext("La réponse de la maison est complète. Tout le monde peut la lire."))
        return redirect("consultations:map", consultation.id)
    page = result_page(consultation)
    left = [one for one in page.outcomes if one.outcome is None]
    return render(request, "consultations/replies.html", {"page": page, "consultation": consultation, "left": left})


@require_http_methods(["GET", "POST"])
def reply(request: Request, consultation_id: UUID, number: int) -> HttpResponse:
    """Answer one outcome: adopted, adopted otherwise, or declined, and why."""
    require(request.viewer, *closing.ANSWERING)
    consultation = facilitated_consultation(request.viewer, consultation_id)
    told = next((one for one in result_page(consultation).outcomes if one.statement.number == number), None)
    if told is None:
        raise nothing_here()
    given = told.outcome
    initial = {"answer": given.answer, "reasons": given.reasons, "reasons_en": given.reasons_en} if given else {}
    form = ReplyForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            closing.reply(
                told.statement,
                OutcomeAnswer(form.cleaned_data["answer"]),
                form.cleaned_data["reasons"],
                reasons_en=form.cleaned_data["reasons_en"],
                by=request.viewer.account,
                at=timezone.now(),
            )
        except ColloqueError as error:
            if error.path not in form.fields:
                raise
            form.add_error(error.path, error.message)
        else:
            messages.success(request, gettext("Votre réponse est signée et publiée."))
            return redirect("consultations:replies", consultation.id)
    return render(
        request,
        "consultations/reply.html",
        {"told": told, "consultation": consultation, "form": form},
        status=422 if form.errors else 200,
    )
