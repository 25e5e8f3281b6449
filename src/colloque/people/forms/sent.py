"""What a person sent."""

from __future__ import annotations

from django.http import HttpRequest, QueryDict


def sent(request: HttpRequest) -> QueryDict | None:
    """The form that was sent, even an empty one; none where the page is only read."""
    return request.POST if request.method == "POST" else None
