"""Who may know an entry. The ledger knows no persons: the rooms that do give it their answer when they start."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser

from colloque.kernel.errors import NotFoundError
from colloque.ledger.queries import subject_of

Visitor = AbstractBaseUser | AnonymousUser
Gatekeeper = Callable[[Visitor, UUID], bool]
"""Whether this visitor may know what concerns this subject."""

_gatekeepers: list[Gatekeeper] = []


def admit(gatekeeper: Gatekeeper) -> None:
    """Let a room say who may know what concerns a subject; without any, nobody may."""
    if gatekeeper not in _gatekeepers:
        _gatekeepers.append(gatekeeper)


def check_may_know(visitor: Visitor, entry_id: UUID) -> None:
    """Raise `NotFoundError`, for an entry that is not there and for one this visitor may not know alike."""
    subject = subject_of(entry_id)
    if not any(gatekeeper(visitor, subject) for gatekeeper in _gatekeepers):
        raise NotFoundError("There is no such entry.", code="no-entry")
