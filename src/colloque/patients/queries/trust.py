"""Whom a person trusts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from colloque.patients.core.trust import Power
from colloque.patients.models import Person, TrustedLink


@dataclass(frozen=True)
class TrustLine:
    """Somebody a person trusts, how far and since when."""

    id: UUID
    name: str
    powers: tuple[Power, ...]
    since: datetime


def trusted_by(person: Person, at: datetime) -> list[TrustLine]:
    """Whom a person trusts now, by name."""
    links = TrustedLink.objects.filter(Q(until__isnull=True) | Q(until__gt=at), person=person).select_related("account")
    lines = [TrustLine(x.id, x.account.full_name, tuple(Power(word) for word in x.powers), x.since) for x in links]
    return sorted(lines, key=lambda line: line.name)
