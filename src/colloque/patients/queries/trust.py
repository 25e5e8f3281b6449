"""Whom a person trusts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from colloque.kernel.sealing import unseal
from colloque.ledger.queries import find_subject_key
from colloque.patients.core.trust import Contact, Power, read_contact
from colloque.patients.models import Person, TrustedContact, TrustedLink


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


@dataclass(frozen=True)
class Named:
    """Whom a person named as their trusted person, who wrote it down and when."""

    contact: Contact
    by: str
    by_themselves: bool
    at: datetime


def about_contact(person: UUID) -> bytes:
    """What the sealed bytes of a contact are about."""
    return f"trusted-contact/{person}".encode()


def named_by(person: Person) -> Named | None:
    """Whom a person named, where somebody is. Raises `TamperedError`."""
    row = TrustedContact.objects.filter(person=person).select_related("noted_by").first()
    opener = None if row is None else find_subject_key(person.id)
    if row is None or opener is None:
        return None
    plain = unseal(opener.key, bytes(row.sealed), about=about_contact(person.id))
    return Named(read_contact(plain), row.noted_by.full_name, row.noted_by_id == person.account_id, row.noted_at)
