"""The committee of a house: who sits, who sat, who could, and which colleges nobody speaks for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from colloque.charter.access import seats_at
from colloque.charter.core.proposals import (
    College,
    Seat,
    colleges_without_seat,
)
from colloque.charter.models import (
    CommitteeSeat,
)
from colloque.people.access import current_memberships
from colloque.people.models import Establishment


@dataclass(frozen=True)
class SeatLine:
    """A seat and who holds it."""

    id: UUID
    name: str
    college: College
    since: datetime
    until: datetime | None


@dataclass(frozen=True)
class CommitteePage:
    """Who sits, who sat, and which colleges nobody speaks for."""

    house: Establishment
    seats: tuple[SeatLine, ...]
    past: tuple[SeatLine, ...]
    lacking: tuple[College, ...]


def committee_page(house: Establishment, at: datetime) -> CommitteePage:
    """Who sits in a house's committee."""
    rows = CommitteeSeat.objects.filter(establishment=house).select_related("account").order_by("college", "valid_from")
    now = [row for row in rows if row.valid_from <= at and (row.valid_until is None or row.valid_until > at)]
    past = [row for row in rows if row.valid_until is not None and row.valid_until <= at]
    seats = [Seat(row.id, row.account_id, College(row.college)) for row in now]
    return CommitteePage(house, tuple(map(_seat, now)), tuple(map(_seat, past)), colleges_without_seat(seats))


def _seat(row: CommitteeSeat) -> SeatLine:
    return SeatLine(row.id, row.account.full_name, College(row.college), row.valid_from, row.valid_until)


def people_to_seat(house: Establishment, at: datetime) -> list[tuple[str, str]]:
    """The people of a house who hold no seat now: id and name with roles' words left to the page."""
    seated = seats_at(house.id, at).values_list("account_id", flat=True)
    found = (
        current_memberships(at)
        .filter(establishment=house)
        .exclude(account__in=seated)
        .values_list("account_id", "account__given_name", "account__family_name")
        .order_by("account__family_name", "account__given_name")
        .distinct()
    )
    return [(str(account), f"{given} {family}".strip()) for account, given, family in found]
