"""Leaving for an identity provider, and coming back."""

from __future__ import annotations

from typing import Any

import requests
from allauth.account.decorators import reauthentication_required
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from colloque.people import queries
from colloque.people.access import Request, nothing_here
from colloque.people.identity import VerifyingAdapter, departure
from colloque.people.views.own import way_back


@require_POST
def sign_in(request: Request) -> HttpResponse:
    """Go and show who I am."""
    return _leave(request, way_back=way_back(request))


@require_POST
@reauthentication_required  # type: ignore[untyped-decorator]
def link(request: Request) -> HttpResponse:
    """Go and show who I am, to sign in that way from now on."""
    return _leave(request, way_back=reverse("people:me"), link_to=request.viewer.account)


@require_POST
def accept_invitation(request: Request, secret: str) -> HttpResponse:
    """Go and show who I am, to accept the invitation whose link I hold."""
    invitation = queries.open_invitation(secret, timezone.now())
    return _leave(request, way_back="/", invitation=invitation.id)


def _leave(request: Request, **more: Any) -> HttpResponse:
    try:
        address = departure(request, request.POST.get("provider", ""), **more)
    except SocialApp.DoesNotExist as error:
        raise nothing_here() from error
    except (requests.RequestException, OAuth2Error, KeyError, ValueError):
        return render(request, "socialaccount/authentication_error.html", status=503)
    return render(request, "people/leaving.html", {"address": address})


@never_cache
@require_GET
def come_back(request: Request, provider_id: str) -> HttpResponse:
    """What the provider sends back. It writes: an identity is linked, a session begins."""
    try:
        adapter = VerifyingAdapter(request, provider_id)
        response: HttpResponse = OAuth2CallbackView.adapter_view(adapter)(request)
    except SocialApp.DoesNotExist as error:
        raise nothing_here() from error
    except (ValueError, KeyError, TypeError):
        return render(request, "socialaccount/authentication_error.html", status=401)
    return response
