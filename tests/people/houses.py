"""Two houses and the people in them, as tests about access need them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from colloque.kernel.vocabulary import Profession, Role
from colloque.people.models import Account, Establishment, EstablishmentKind, Membership, Unit

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=400)


@dataclass(frozen=True)
class Houses:
    """Les Tilleuls with two units, and Saint-Roch elsewhere."""

    tilleuls: Establishment
    garden: Unit
    river: Unit
    saint_roch: Establishment


def two_houses() -> Houses:
    """Write both houses."""
    tilleuls = Establishment.objects.create(slug="tilleuls", name="Les Tilleuls", kind=EstablishmentKind.NURSING_HOME)
    saint_roch = Establishment.objects.create(slug="saint-roch", name="Saint-Roch", kind=EstablishmentKind.HOSPITAL)
    garden = Unit.objects.create(establishment=tilleuls, slug="jardin", name="Jardin")
    river = Unit.objects.create(establishment=tilleuls, slug="riviere", name="Rivière")
    return Houses(tilleuls, garden, river, saint_roch)


def member(
    email: str,
    establishment: Establishment,
    role: Role,
    *,
    unit: Unit | None = None,
    since: datetime = LONG_AGO,
    until: datetime | None = None,
    account: Account | None = None,
) -> Account:
    """An account with one role; a carer is a nurse."""
    account = account or Account.objects.create_user(email, given_name=email.split("@", maxsplit=1)[0].title())
    Membership.objects.create(
        account=account,
        establishment=establishment,
        unit=unit,
        role=role,
        profession=Profession.NURSE if role is Role.CARER else "",
        valid_from=since,
        valid_until=until,
    )
    return account
