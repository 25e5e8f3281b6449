"""The cookie by which a participant is known again, and where a request comes from."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from colloque.consultations.core.tickets import COOKIE_LASTS_S, cookie_name


def ticket_in(request: HttpRequest, consultation_id: UUID) -> str | None:
    """What the browser holds for a consultation."""
    return request.COOKIES.get(cookie_name(consultation_id))


def give_ticket(response: HttpResponse, consultation_id: UUID, ticket: str) -> None:
    """Let the browser hold it: out of reach of scripts and of other sites."""
    response.set_cookie(
        cookie_name(consultation_id),
        ticket,
        max_age=COOKIE_LASTS_S,
        httponly=True,
        samesite="Lax",
        secure=settings.IS_HTTPS,
        path="/",
    )


def take_ticket(response: HttpResponse, consultation_id: UUID) -> None:
    """Make the browser forget it."""
    response.delete_cookie(cookie_name(consultation_id), path="/", samesite="Lax")


def place_of(request: HttpRequest) -> str:
    """The network address a request comes from, as far as the proxies in front are trusted; empty where there is none."""
    return cast(str, get_adapter(request).get_client_ip(request)) or ""
