"""Pages for what went wrong: what happened, why, what to do now. One page for what is absent and for what is hidden."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Final

from django.db import InterfaceError, InternalError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from colloque.kernel.errors import ColloqueError, TamperedError
from colloque.people.access import nothing_here

READ_ONLY: Final = "25006"
"""`read_only_sql_transaction`. Source: PostgreSQL documentation, appendix A, "PostgreSQL Error Codes"."""

_KEYS: Final = _("Une clé de cette installation ne peut pas être lue. Prévenez la personne qui administre Colloque.")
WORDS: Final[Mapping[str, Promise]] = {
    "key-contended": _("Cette personne est en train d’être effacée d’ici. Revenez dans un instant."),
    "keys-folder": _KEYS,
    "key-missing": _KEYS,
    "key-open": _KEYS,
    "key-unreadable": _KEYS,
}
"""The errors of the ground floor and of the ledger that any page may meet, by code."""

ALTERED: Final = _(
    "Ce qui est gardé ici n’est plus tel qu’il a été écrit. Rien n’en est montré. "
    "Prévenez la personne qui administre Colloque."
)
NOTHING_OF_THE_LEDGER: Final = frozenset({"no-entry", "no-tile", "no-bundle", "no-checkpoint", "no-key"})


def words_of_error(error: ColloqueError) -> str:
    """An error of ours in the language of the page; one that was raised in that language keeps its words."""
    if isinstance(error, TamperedError):
        return str(ALTERED)
    if error.code in NOTHING_OF_THE_LEDGER:
        return nothing_here().message
    return str(WORDS.get(error.code, error.message))


def error_page(request: HttpRequest, status: int, message: str) -> HttpResponse:
    """A page with the message and a way on."""
    context = {"status": status, "message": message, "title": _title(status)}
    return HttpResponse(render_to_string("people/error.html", context, request), status=status)


def _title(status: int) -> str:
    titles = {
        400: gettext("Cette demande n’est pas lisible"),
        403: gettext("Ce geste ne vous revient pas"),
        404: gettext("Page introuvable"),
        409: gettext("Quelque chose a changé entre-temps"),
        503: gettext("Le service est momentanément absent"),
    }
    return titles.get(status, gettext("Quelque chose s’est mal passé"))


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """Django's 404: the same page, word for word, as for what one may not know of."""
    return error_page(request, 404, nothing_here().message)


def not_allowed(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """Django's 403."""
    return error_page(request, 403, gettext("Revenez à la page précédente et recommencez."))


def unreadable(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """Django's 400; in plain words where the request was refused before anybody was looked for, as for another host's name."""
    words = gettext("Revenez à la page précédente et recommencez.")
    if not hasattr(request, "viewer"):
        return HttpResponse(words, status=400, content_type="text/plain; charset=utf-8")
    return error_page(request, 400, words)


def too_many(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """The page of a rate limit."""
    return HttpResponse(render_to_string("429.html", {}, request), status=429)


def failed(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Django's 500, or 503 where the database is away, full or takes no writing; the page asks nothing of the database."""
    away = is_database_away(sys.exc_info()[1])
    headers = {"Retry-After": "5"} if away else {}
    return HttpResponse(render_to_string("500.html", {"is_away": away}), status=503 if away else 500, headers=headers)


def is_database_away(error: BaseException | None) -> bool:
    """Whether the error is the database's absence: gone, silent, full, ending, or only a copy that takes no writing."""
    if isinstance(error, InternalError):
        return getattr(error.__cause__, "sqlstate", "") == READ_ONLY
    return isinstance(error, OperationalError | InterfaceError)


def form_expired(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001
    """The page shown where a form's protection against forged requests does not match."""
    return error_page(
        request, 403, gettext("Cette page était ouverte depuis trop longtemps. Rechargez-la, puis recommencez.")
    )
