"""Who may know an entry. The ledger knows no persons: the rooms that do give it their answer when they start."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser

from colloque.kernel.errors import NotFoundError
from colloque.ledger.queries import subject_of

Visitor = AbstractBaseUser | AnonymousUser
Gatekeeper = Callable[[Visitor, UUID, UUID, datetime], bool]
"""Whether this visitor may know this entry (its id, then its subject) now."""

_gatekeepers: list[Gatekeeper] = []


def admit(gatekeeper: Gatekeeper) -> None:
    """Let a room say who may know an entry; without any, nobody may."""
    if gatekeeper not in _gatekeepers:
        _gatekeepers.append(gatekeeper)


def check_may_know(visitor: Visitor, entry_id: UUID, at: datetime) -> None:
    """Raise `NotFoundError`, for an entry that is not there and for one this visitor may not know alike."""
    subject = subject_of(entry_id)
    if not any(gatekeeper(visitor, entry_id, subject, at) for gatekeeper in _gatekeepers):
        raise NotFoundError("There is no such entry.", code="no-entry")
