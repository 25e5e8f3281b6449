"""What a form was sent with."""

from __future__ import annotations

from django.http import HttpRequest, QueryDict


def sent(request: HttpRequest) -> QueryDict | None:
    """The data of a form, also when it was sent empty; `None` when the page is only looked at."""
    return request.POST if request.method == "POST" else None
