"""Puts the viewer on each request, and turns the errors of our actions and queries into pages people can read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, cast

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.http import urlencode

from colloque.kernel.errors import (
    ColloqueError,
    ConflictError,
    InvalidInputError,
    NotAllowedError,
    NotFoundError,
    UnavailableError,
)
from colloque.people.access import EstablishmentNeededError, Request, SignInNeededError, viewer_of
from colloque.people.errors import error_page

STATUS_OF: Final[tuple[tuple[type[ColloqueError], int], ...]] = (
    (NotFoundError, 404),
    (NotAllowedError, 403),
    (ConflictError, 409),
    (InvalidInputError, 400),
    (UnavailableError, 503),
)

Next = Callable[[HttpRequest], HttpResponseBase]


class ViewerMiddleware:
    """`request.viewer`, read from the database only when somebody asks; and our errors as pages."""

    sync_capable = True
    async_capable = False

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        lazily = SimpleLazyObject(lambda: viewer_of(request, timezone.now()))
        cast(Request, request).viewer = lazily  # type: ignore[assignment]
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """The page of an error of ours; any other error stays what it is."""
        if not isinstance(error, ColloqueError):
            return None
        if wants_json(request):
            return JsonResponse(dict(error.as_json()), status=status_of(error))
        if isinstance(error, SignInNeededError):
            return leading_to("account_login", request)
        if isinstance(error, EstablishmentNeededError):
            return leading_to("people:establishment", request)
        return error_page(request, status_of(error), error.message)


def status_of(error: ColloqueError) -> int:
    """The HTTP status of one of our errors: 500 for what no caller could have caused."""
    if isinstance(error, SignInNeededError):
        return 401
    return next((status for kind, status in STATUS_OF if isinstance(error, kind)), 500)


def wants_json(request: HttpRequest) -> bool:
    """Whether a program is asking."""
    return request.path.startswith("/api/") or not request.accepts("text/html")


def leading_to(page: str, request: HttpRequest) -> HttpResponse:
    """A redirection to a page that brings the person back here afterwards."""
    here = request.get_full_path() if request.method in {"GET", "HEAD"} else "/"
    return redirect(f"{reverse(page)}?{urlencode({'next': here})}")
