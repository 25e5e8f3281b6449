"""What the pages of signing in need: the identity providers set up here, and whether mail is sent."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def sign_in(request: HttpRequest) -> dict[str, Any]:  # noqa: ARG001
    """`providers` and `sends_mail`."""
    return {"providers": settings.COLLOQUE_IDENTITY_PROVIDERS, "sends_mail": settings.COLLOQUE_SENDS_MAIL}
