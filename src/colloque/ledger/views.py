"""The ledger seen from outside: what it is, how to check it, and the files that programs check."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from colloque.kernel.errors import InvalidInputError, NotFoundError, UnavailableError
from colloque.ledger.access import check_may_know
from colloque.ledger.core.bundle import encode_keys
from colloque.ledger.queries import (
    has_witness_here,
    health,
    latest_checkpoint,
    proof_export,
    read_path,
    verifier_keys,
)

if TYPE_CHECKING:
    from collections.abc import Callable

TEXT = "text/plain; charset=utf-8"
BYTES = "application/octet-stream"
FOREVER = "public, max-age=31536000, immutable"
A_MOMENT = "public, max-age=1"


def _file(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A view for programs: read only, errors as one line of text, readable from any page."""

    @wraps(view)
    def answer(request: HttpRequest, *arguments: object, **named: object) -> HttpResponse:
        try:
            response = view(request, *arguments, **named)
        except (NotFoundError, InvalidInputError):
            response = HttpResponse("There is nothing here.\n", status=404, content_type=TEXT)
        except UnavailableError:
            response = HttpResponse("Try again later.\n", status=503, content_type=TEXT, headers={"Retry-After": "10"})
        response["Access-Control-Allow-Origin"] = "*"
        response["X-Content-Type-Options"] = "nosniff"
        return response

    return require_safe(answer)


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The page for anybody who doubts."""
    try:
        log, witnesses = verifier_keys()
    except UnavailableError as error:
        # The cause names files of the server: it is for whoever runs it.
        raise UnavailableError(
            gettext("Le registre ne peut pas être lu pour l’instant. Réessayez plus tard.")
        ) from error
    context = {
        "health": health(),
        "latest": latest_checkpoint(),
        "log": log,
        "witnesses": witnesses,
        "is_witness_here": has_witness_here(),
    }
    return render(request, "ledger/home.html", context)


@_file
def checkpoint(_request: HttpRequest) -> HttpResponse:
    """The newest checkpoint. Source: c2sp.org/tlog-tiles."""
    latest = latest_checkpoint()
    if latest is None:
        raise NotFoundError("Nothing was signed yet.", code="no-checkpoint")
    return HttpResponse(latest.note, content_type=TEXT, headers={"Cache-Control": A_MOMENT})


@_file
def keys(_request: HttpRequest) -> HttpResponse:
    """The public keys of the log and its witnesses."""
    log, witnesses = verifier_keys()
    return HttpResponse(encode_keys(log, witnesses), content_type=TEXT, headers={"Cache-Control": A_MOMENT})


@_file
def tile(_request: HttpRequest, path: str) -> HttpResponse:
    """A hash tile or an entry bundle. Source: c2sp.org/tlog-tiles."""
    return HttpResponse(read_path(path), content_type=BYTES, headers={"Cache-Control": FOREVER})


@require_safe
def find_proof(request: HttpRequest) -> HttpResponse:
    """From the number written on a record to the proof of its line."""
    try:
        return redirect("ledger:proof", UUID(request.GET.get("entry", "").strip()))
    except ValueError as error:
        raise Http404 from error


@require_safe
def proof(request: HttpRequest, entry_id: UUID) -> HttpResponse:
    """The proof of one entry, for those who may know it."""
    try:
        check_may_know(request.user, entry_id, timezone.now())
        data = proof_export(entry_id)
    except NotFoundError as error:
        raise Http404 from error
    name = f'attachment; filename="{entry_id}.tlog-proof"'
    return HttpResponse(
        data, content_type=TEXT, headers={"Content-Disposition": name, "Cache-Control": "private, no-store"}
    )
