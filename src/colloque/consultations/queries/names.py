"""Names of a house and of its people, to warn before one is published. They are compared and never given back."""

from __future__ import annotations

from datetime import datetime

from colloque.people.access import current_memberships
from colloque.people.models import Establishment


def house_words(establishment: Establishment) -> frozenset[str]:
    """Words of the house's own name and town: with a capital they name nobody."""
    return frozenset(f"{establishment.name} {establishment.city}".replace("-", " ").split())


def house_names(establishment: Establishment, at: datetime) -> frozenset[str]:
    """Family and given names of whoever has an account in the house now: staff, residents, families."""
    found = current_memberships(at).filter(establishment=establishment)
    pairs = found.values_list("account__given_name", "account__family_name").distinct()
    return frozenset(part for pair in pairs for name in pair for part in name.split() if part)
