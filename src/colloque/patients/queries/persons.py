"""Who a person is, how they live, who is beside them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext

from colloque.kernel.errors import NotFoundError
from colloque.kernel.sealing import unseal
from colloque.kernel.vocabulary import Situation
from colloque.ledger.queries import find_subject_keys
from colloque.patients.access import persons_cared_for
from colloque.patients.core.age import age_at
from colloque.patients.core.identity import Identity, about_identity, read_identity
from colloque.patients.models import Identity as SealedIdentity
from colloque.patients.models import Person, Presence, SituationRecord
from colloque.people.access import Viewer


def identities(persons: Collection[UUID]) -> dict[UUID, Identity]:
    """Who these persons are, by id, in two readings; whoever was erased is left out. Raises `TamperedError`."""
    sealed = dict(SealedIdentity.objects.filter(person__in=list(persons)).values_list("person_id", "sealed"))
    keys = find_subject_keys(sealed)
    return {
        person: read_identity(unseal(keys[person], bytes(content), about=about_identity(person)))
        for person, content in sealed.items()
        if person in keys
    }


def identity(person: Person) -> Identity:
    """Who the person is. Raises `NotFoundError` once they have been erased, `TamperedError` for an identity not theirs."""
    found = identities([person.id]).get(person.id)
    if found is None:
        raise NotFoundError(gettext("Cette personne a été effacée. Il n’y a plus de nom à montrer."), code="erased")
    return found


def names_of(persons: Collection[UUID]) -> dict[UUID, str]:
    """Given and family names by person; the words for an erased person where there is none any more."""
    known = identities(persons)
    erased = gettext("Personne effacée")
    return {person: known[person].full_name if person in known else erased for person in persons}


def name_of(person: Person) -> str:
    """Given and family name, or the words for an erased person."""
    return names_of([person.id])[person.id]


def age_of(person: Person, at: datetime) -> int | None:
    """Completed years, in the local day of the house; `None` where the month of birth is not known."""
    return age_at(person.birth_month, at.astimezone(ZoneInfo(person.establishment.timezone)).date())


def _open_at(at: datetime) -> Q:
    return Q(since__lte=at) & (Q(until__isnull=True) | Q(until__gt=at))


def current_situations(person: Person, at: datetime) -> frozenset[Situation]:
    """The situations of a person at a moment."""
    rows = SituationRecord.objects.filter(_open_at(at), person=person).values_list("situation", flat=True)
    return frozenset(Situation(word) for word in rows)


def situation_records(person: Person) -> QuerySet[SituationRecord]:
    """Every situation ever declared: those that last first, then those that ended, the latest first."""
    return (
        SituationRecord.objects.filter(person=person)
        .select_related("declared_by", "ended_by")
        .order_by(F("until").desc(nulls_first=True), "-since")
    )


def current_presences(person: Person, at: datetime) -> QuerySet[Presence]:
    """Who attests to be beside the person now, the longest first."""
    return (
        Presence.objects.filter(person=person, since__lte=at, until__gt=at).select_related("carer").order_by("-until")
    )


@dataclass(frozen=True)
class PersonLine:
    """A person in a carer's list."""

    id: UUID
    name: str
    family: str
    unit: str
    age: int | None
    situations: tuple[Situation, ...]
    present: tuple[str, ...]


def persons_for(viewer: Viewer, at: datetime) -> list[PersonLine]:
    """The persons a carer cares for, by unit then family name, with what bears on AI now. Empty for whoever is no carer."""
    persons = list(persons_cared_for(viewer, at).select_related("unit"))
    known = identities([person.id for person in persons])
    today = at.astimezone(ZoneInfo(viewer.house.timezone)).date()
    situations: dict[UUID, list[Situation]] = {}
    records = SituationRecord.objects.filter(_open_at(at), person__in=persons)
    for person_id, word in records.values_list("person_id", "situation"):
        situations.setdefault(person_id, []).append(Situation(word))
    present: dict[UUID, set[str]] = {}
    for presence in Presence.objects.filter(person__in=persons, since__lte=at, until__gt=at).select_related("carer"):
        present.setdefault(presence.person_id, set()).add(presence.carer.full_name)
    lines = [
        PersonLine(
            id=person.id,
            name=known[person.id].full_name,
            family=known[person.id].family,
            unit=person.unit.name if person.unit else "",
            age=age_at(person.birth_month, today),
            situations=tuple(sorted(situations.get(person.id, ()))),
            present=tuple(sorted(present.get(person.id, ()))),
        )
        for person in persons
        if person.id in known
    ]
    return sorted(lines, key=lambda line: (line.unit, line.family.casefold(), line.name))
