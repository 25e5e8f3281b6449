"""The REST API, assembled from each room's part, with one shape for everything that goes wrong."""

from __future__ import annotations

import logging
from typing import Any

from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from colloque import __version__
from colloque.acts.api import public_router as counts_router
from colloque.acts.api import router as acts_router
from colloque.charter.api import router as charter_router
from colloque.kernel.errors import ColloqueError
from colloque.ledger.api import router as ledger_router
from colloque.patients.api import router as persons_router
from colloque.people.access import nothing_here
from colloque.people.middleware import status_of
from colloque.projects.api import router as projects_router

log = logging.getLogger(__name__)

DESCRIPTION = (
    "What carers do with AI, and what anyone may read of it. Public operations need no sign-in. The others use the session of "
    "the pages (cookie `sessionid`); those that change something also carry the header `X-CSRFToken`. An error is always "
    "`{code, message, path}`."
)

api = NinjaAPI(
    title="Colloque",
    version=__version__,
    description=DESCRIPTION,
    docs_url=None,
    openapi_url="openapi.json",
    urls_namespace="api",
)
for router in (acts_router, counts_router, persons_router, charter_router, projects_router, ledger_router):
    api.add_router("", router)


def _problem(status: int, code: str, message: str, path: str = "") -> JsonResponse:
    return JsonResponse({"code": code, "message": message, "path": path}, status=status)


@api.exception_handler(ColloqueError)
def colloque_error(_request: HttpRequest, error: ColloqueError) -> HttpResponse:
    """Our own errors, by their kind."""
    return _problem(status_of(error), error.code, error.message, error.path)


@api.exception_handler(ValidationError)
def unreadable(_request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Input that does not have the declared form: the first place, without its value."""
    first: dict[str, Any] = next(iter(error.errors), {})
    place = ".".join(str(part) for part in first.get("loc", ())[1:])
    return _problem(
        422, "invalid-input", str(first.get("msg", "")) or gettext("Cette demande n’est pas lisible."), place
    )


@api.exception_handler(AuthenticationError)
def not_signed_in(_request: HttpRequest, _error: AuthenticationError) -> HttpResponse:
    """Nobody is signed in."""
    return _problem(401, "sign-in-needed", gettext("Connectez-vous d’abord."))


@api.exception_handler(HttpError)
def refused(_request: HttpRequest, error: HttpError) -> HttpResponse:
    """A body that is not JSON (400), a change without its CSRF token (403)."""
    codes = {400: "invalid-input", 403: "csrf"}
    return _problem(error.status_code, codes.get(error.status_code, "http"), error.message)


@api.exception_handler(Http404)
def absent(_request: HttpRequest, _error: Http404) -> HttpResponse:
    """Nothing here."""
    return _problem(404, "not-found", nothing_here().message)


@api.exception_handler(OperationalError)
@api.exception_handler(InterfaceError)
def database_away(_request: HttpRequest, error: Exception) -> HttpResponse:
    """The database is away; nothing was changed."""
    log.error("The database is away during a call of the API: %s", type(error).__name__)
    return _problem(
        503, "unavailable", gettext("Le service est momentanément absent. Rien n’a été changé ; recommencez.")
    )


def nowhere(_request: HttpRequest) -> HttpResponse:
    """An address under `/api/` that leads to no operation."""
    return _problem(404, "not-found", nothing_here().message)
