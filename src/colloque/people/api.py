"""What every room's part of the REST API shares: who is signed in, and the shape of what went wrong."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, InternalError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.security import SessionAuth

from colloque.kernel.errors import ColloqueError
from colloque.ledger.api import Problem
from colloque.people.access import nothing_here
from colloque.people.errors import is_database_away
from colloque.people.middleware import status_of

log = logging.getLogger(__name__)

signed_in = SessionAuth()
"""The session of our own pages; a change also carries Django's `X-CSRFToken`."""


def problems(*statuses: int) -> Mapping[int, Any]:
    """The responses of an operation that may fail with these statuses."""
    return dict.fromkeys(statuses, Problem)


def _problem(status: int, code: str, message: str, path: str = "") -> JsonResponse:
    return JsonResponse({"code": code, "message": message, "path": path}, status=status)


def colloque_error(_request: HttpRequest, error: ColloqueError) -> HttpResponse:
    """Our own errors, by their kind."""
    return _problem(status_of(error), error.code, error.message, error.path)


def unreadable(_request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Input that does not have the declared form: the first place, without its value."""
    first: dict[str, Any] = next(iter(error.errors), {})
    place = ".".join(str(part) for part in first.get("loc", ())[1:])
    return _problem(
        422, "invalid-input", str(first.get("msg", "")) or gettext("Cette demande n’est pas lisible."), place
    )


def not_signed_in(_request: HttpRequest, _error: AuthenticationError) -> HttpResponse:
    """Nobody is signed in."""
    return _problem(401, "sign-in-needed", gettext("Connectez-vous d’abord."))


def refused(_request: HttpRequest, error: HttpError) -> HttpResponse:
    """A body that is not JSON (400), a change without its CSRF token (403)."""
    codes = {400: "invalid-input", 403: "csrf"}
    return _problem(error.status_code, codes.get(error.status_code, "http"), error.message)


def too_large(_request: HttpRequest, _error: RequestDataTooBig) -> HttpResponse:
    """More than the software reads at once."""
    return _problem(400, "too-large", gettext("Cette demande est trop lourde. Envoyez-la en plusieurs fois."))


def absent(_request: HttpRequest, _error: Http404) -> HttpResponse:
    """Nothing here."""
    return _problem(404, "not-found", nothing_here().message)


def database_away(_request: HttpRequest, error: Exception) -> HttpResponse:
    """The database is away; nothing was changed."""
    log.error("The database is away during a call of the API: %s", type(error).__name__)
    return _problem(
        503, "unavailable", gettext("Le service est momentanément absent. Rien n’a été changé ; recommencez.")
    )


def database_refuses(request: HttpRequest, error: InternalError) -> HttpResponse:
    """The database takes no writing for now; any other fault inside it stays what it is."""
    if not is_database_away(error):
        raise error
    return database_away(request, error)


def nowhere(_request: HttpRequest) -> HttpResponse:
    """An address under `/api/` that leads to no operation."""
    return _problem(404, "not-found", nothing_here().message)


def answer_errors_alike(api: NinjaAPI) -> None:
    """Give each error of an API the one shape."""
    handlers: Mapping[type[Exception], Callable[[HttpRequest, Any], HttpResponse]] = {
        ColloqueError: colloque_error,
        ValidationError: unreadable,
        AuthenticationError: not_signed_in,
        HttpError: refused,
        RequestDataTooBig: too_large,
        Http404: absent,
        OperationalError: database_away,
        InterfaceError: database_away,
        InternalError: database_refuses,
    }
    for kind, handler in handlers.items():
        api.add_exception_handler(kind, handler)


READ = problems(401, 403, 404, 422)
CHANGED = problems(400, 401, 403, 404, 409, 422, 503)
PUBLIC = problems(404, 422)
