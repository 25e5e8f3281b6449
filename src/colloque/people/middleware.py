"""What stands around every page: sessions that end, the viewer, the second factor of staff, and errors as pages."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, cast

from django.contrib.auth import logout
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
from colloque.people.errors import error_page, words_of_error
from colloque.people.models import Account
from colloque.people.second_factor import has_passed
from colloque.people.sessions import is_over, keep_alive

STATUS_OF: Final[tuple[tuple[type[ColloqueError], int], ...]] = (
    (NotFoundError, 404),
    (NotAllowedError, 403),
    (ConflictError, 409),
    (InvalidInputError, 400),
    (UnavailableError, 503),
)

Next = Callable[[HttpRequest], HttpResponseBase]


PAGES_WITHOUT_SECOND_FACTOR: Final = frozenset(
    {
        "account_login",
        "account_logout",
        "account_inactive",
        "account_reauthenticate",
        "mfa_activate_totp",
        "mfa_add_webauthn",
        "mfa_authenticate",
        "mfa_reauthenticate",
        "mfa_reauthenticate_webauthn",
        "people:second-factor",
        "set_language",
    }
)


class SessionMiddleware:
    """Ends a session left alone too long, or that its owner ended from elsewhere; its pages stay in no browser's cache."""

    sync_capable = True
    async_capable = False

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        now = time.time()
        if isinstance(request.user, Account) and is_over(request, request.user, now):
            logout(request)
        response = self.get_response(request)
        if request.user.is_authenticated:
            keep_alive(request, response, now)
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response


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
        return error_page(request, status_of(error), words_of_error(error))


class SecondFactorMiddleware:
    """Whoever has a role of staff passes a second factor, or enrols one, before anything else."""

    sync_capable = True
    async_capable = False

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: object) -> HttpResponse | None:
        """A redirection to the page that asks for it, or nothing."""
        if not isinstance(request.user, Account) or has_passed(request, request.user):
            return None
        match = request.resolver_match
        if match is not None and match.view_name in PAGES_WITHOUT_SECOND_FACTOR:
            return None
        if not cast(Request, request).viewer.needs_second_factor:
            return None
        if wants_json(request):
            return JsonResponse(
                {"code": "second-factor-needed", "message": "Sign in with a second factor."}, status=403
            )
        return leading_to("people:second-factor", request)


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
