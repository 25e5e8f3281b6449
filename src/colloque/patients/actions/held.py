"""The person's row, held until the end of the transaction: changes to one person follow one another."""

from __future__ import annotations

from colloque.patients.models import Person
from colloque.people.access import nothing_here


def hold(person: Person) -> Person:
    """The person as they are now, held against any other change. Raises `NotFoundError` once they have been erased."""
    held = (
        Person.objects.select_for_update(of=("self",))
        .select_related("establishment", "unit", "referent")
        .filter(id=person.id, erased_at__isnull=True)
        .first()
    )
    if held is None:
        raise nothing_here()
    return held
