"""Signing in without a password, as somebody who does not exist, from this machine only."""

from __future__ import annotations

import ipaddress

from django.conf import settings
from django.contrib.auth import login, logout
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from colloque.demo.accounts import account_of_entry, first_house_of
from colloque.demo.story import SIGN_IN_LINES
from colloque.people.access import ESTABLISHMENT_IN_SESSION
from colloque.people.second_factor import note_demonstration_link


def _from_this_machine(request: HttpRequest) -> bool:
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


def _guard(request: HttpRequest) -> None:
    if not settings.DEMO or not _from_this_machine(request):
        raise Http404


@require_GET
@never_cache
def entrances(request: HttpRequest) -> HttpResponse:
    """Everybody one can be."""
    _guard(request)
    response = render(request, "demo/entrances.html", {"entrances": SIGN_IN_LINES})
    response["X-Colloque-Demo"] = "1"
    return response


@require_http_methods(["GET", "POST"])
@never_cache
def enter(request: HttpRequest, entry: str) -> HttpResponse:
    """Sign in as one of the story's people and go home."""
    _guard(request)
    account = account_of_entry(entry)
    if account is None:
        raise Http404
    logout(request)
    login(request, account, backend=settings.AUTHENTICATION_BACKENDS[0])
    note_demonstration_link(request, account)
    request.session[ESTABLISHMENT_IN_SESSION] = str(first_house_of(account))
    return redirect("web:home")
