"""How long a session lives: short on shared ward computers, ended everywhere at once when it must be.

When somebody was last seen lies in a signed cookie, so that reading a page writes nothing in the database. The cookie is bound
to its session; without it a session is as old as its sign-in.
"""

from __future__ import annotations

import hashlib
import time
from datetime import timedelta
from typing import Any, Final

from django.conf import settings
from django.core import signing
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from colloque.people.models import Account

SEEN_COOKIE: Final = "seen"
SIGNED_IN_AT: Final = "signed_in_at"
REFRESHED_AFTER: Final = timedelta(seconds=30)


def allowed_idle(request: HttpRequest) -> timedelta:
    """How long nobody may touch this session: little on a shared computer, longer on one's own device."""
    is_shared = request.session.get_expire_at_browser_close()
    minutes = settings.COLLOQUE_IDLE_MINUTES if is_shared else settings.COLLOQUE_OWN_DEVICE_IDLE_MINUTES
    return timedelta(minutes=minutes)


def after_sign_in(*, request: HttpRequest, **_extra: Any) -> None:
    """Receiver of Django's `user_logged_in`: when this session began."""
    request.session[SIGNED_IN_AT] = time.time()


def is_over(request: HttpRequest, account: Account, now: float) -> bool:
    """Whether this session was left alone too long, or began before its owner ended all sessions."""
    began = float(request.session.get(SIGNED_IN_AT, 0.0))
    if account.sessions_from is not None and began < account.sessions_from.timestamp():
        return True
    return now - max(began, _seen_at(request)) > allowed_idle(request).total_seconds()


def keep_alive(request: HttpRequest, response: HttpResponseBase, now: float) -> None:
    """Note on the way out that somebody was here; what a page fetches by itself does not count."""
    fetched_alone = request.headers.get("HX-Request") == "true" and request.method == "GET"
    if fetched_alone or now - _seen_at(request) < REFRESHED_AFTER.total_seconds():
        return
    response.set_cookie(
        SEEN_COOKIE,
        _signer().sign(f"{_mark(request)}.{now:.0f}"),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _seen_at(request: HttpRequest) -> float:
    try:
        mark, _, moment = _signer().unsign(request.COOKIES.get(SEEN_COOKIE, "")).partition(".")
        return float(moment) if mark == _mark(request) else 0.0
    except (signing.BadSignature, ValueError):
        return 0.0


def _mark(request: HttpRequest) -> str:
    return hashlib.sha256((request.session.session_key or "").encode()).hexdigest()[:32]


def _signer() -> signing.Signer:
    return signing.Signer(salt="colloque.people.seen")
