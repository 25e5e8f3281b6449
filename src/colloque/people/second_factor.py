"""The second factor of a session: a code, a key, an identity provider's word, or the demonstration's link.

The session holds who passed it; whoever signs in afterwards on the same session did not.
"""

from __future__ import annotations

from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest

from colloque.kernel.errors import NotAllowedError
from colloque.people.models import Account

IN_SESSION: Final = "second_factor"


def has_passed(request: HttpRequest, account: Account) -> bool:
    """Whether this session passed a second factor of this account."""
    return bool(request.session.get(IN_SESSION) == str(account.pk))


def note_passed(request: HttpRequest, account: Account) -> None:
    """Say that this session passed it."""
    request.session[IN_SESSION] = str(account.pk)


def note_demonstration_link(request: HttpRequest, account: Account) -> None:
    """Say that the demonstration's sign-in link stands for both factors. Raises `NotAllowedError` outside the demonstration."""
    if not settings.DEMO:
        raise NotAllowedError("A link opens an account in the demonstration only.", code="not-a-demonstration")
    note_passed(request, account)


def forget(request: HttpRequest) -> None:
    """Say that this session has passed none."""
    request.session.pop(IN_SESSION, None)


def after_step(*, request: HttpRequest, method: str, user: Account, **_extra: Any) -> None:
    """Receiver of allauth's `authentication_step_completed`."""
    if method == "mfa":
        note_passed(request, user)


def after_enrolment(*, request: HttpRequest, user: Account, **_extra: Any) -> None:
    """Receiver of allauth's `authenticator_added`: whoever enrols has just shown the factor."""
    note_passed(request, user)


def after_removal(*, request: HttpRequest, user: Account, **_extra: Any) -> None:
    """Receiver of allauth's `authenticator_removed`: without a factor left, none is passed."""
    from allauth.mfa.utils import is_mfa_enabled

    if not is_mfa_enabled(user):
        forget(request)
