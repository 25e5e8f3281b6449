"""After the end: is my vote counted? A page to paste a receipt, and the file with which one checks without us."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from colloque.consultations.access import public_consultation
from colloque.consultations.core.state import ConsultationState
from colloque.consultations.forms.taking_part import ReceiptForm
from colloque.consultations.queries.ballots import ToldVote, check_receipt, published_closing, told_votes
from colloque.kernel.errors import InvalidInputError, TamperedError
from colloque.people.access import Request
from colloque.people.forms.sent import sent


@never_cache
@require_http_methods(["GET", "POST"])
def check(request: Request, consultation_id: UUID) -> HttpResponse:
    """Paste a receipt, read whether its ballot was counted. Nothing of it is kept."""
    consultation = public_consultation(consultation_id)
    is_over = consultation.state in {ConsultationState.CLOSED, ConsultationState.ANSWERED}
    form, checked = ReceiptForm(sent(request)), None
    votes: tuple[ToldVote, ...] = ()
    if is_over and form.is_bound and form.is_valid():
        try:
            checked = check_receipt(consultation, form.cleaned_data["receipt"])
            votes = told_votes(consultation, checked)
        except InvalidInputError as error:
            form.add_error("receipt", _not_one(error))
        except TamperedError:
            form.add_error("receipt", gettext("Ce reçu ne vient pas de cet établissement, ou il a été modifié."))
    told = {"consultation": consultation, "form": form, "checked": checked, "votes": votes, "is_over": is_over}
    return render(request, "consultations/receipt.html", told, status=400 if form.errors else 200)


def _not_one(error: InvalidInputError) -> str:
    if error.code == "receipt-elsewhere":
        return gettext("Ce reçu est celui d’une autre consultation.")
    return gettext("Ce n’est pas un reçu entier. Copiez toutes ses lignes, du premier au dernier signe.")


@require_GET
def ballots(_request: Request, consultation_id: UUID) -> HttpResponse:
    """The tally and the leaf of every ballot, for `colloque consultations check-receipt`."""
    consultation = public_consultation(consultation_id)
    response = HttpResponse(published_closing(consultation), content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="{consultation.slug}-ballots.json"'
    return response
