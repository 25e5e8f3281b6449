"""Opening a person's file is seen: it is recorded, and the person can read who did."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from colloque.kernel.vocabulary import Role
from colloque.ledger.actions import record
from colloque.patients.access import require_caring
from colloque.patients.core.identity import Identity
from colloque.patients.models import Opening, Person
from colloque.patients.queries import identity
from colloque.people.access import ANY_UNIT, require_role
from colloque.people.models import Account, Establishment

ONE_VISIT = timedelta(minutes=30)


@transaction.atomic
def note_list_opened(house: Establishment, persons: Collection[UUID], *, by: Account, at: datetime) -> None:
    """Record that a carer saw the names of the persons they care for: how many, in which house, by whom.

    Raises `NotFoundError` for whoever is no carer there.
    """
    require_role(by, house, Role.CARER, at=at, unit=ANY_UNIT)
    record("persons.listed", subject=house.id, payload={"by": str(by.id), "persons": len(persons)})


@transaction.atomic
def open_file(person: Person, *, by: Account, at: datetime) -> Identity:
    """Who the person is, for a carer of theirs; openings within half an hour count as one visit, recorded once.

    Raises `NotFoundError` for anybody else.
    """
    require_caring(by, person, at)
    found = identity(person)
    note_opening(person, by=by, at=at)
    return found


@transaction.atomic
def note_opening(person: Person, *, by: Account, at: datetime) -> None:
    """Record that somebody who may saw the person's name; within half an hour of the last time nothing is added."""
    if not Opening.objects.filter(person=person, account=by, at__gt=at - ONE_VISIT).exists():
        opening = Opening.objects.create(person=person, account=by, at=at)
        record("person.opened", subject=person.id, payload={"opening": str(opening.id), "by": str(by.id)})
