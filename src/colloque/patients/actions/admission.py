"""A person comes, is found again by a record system, moves, leaves."""

from __future__ import annotations

import secrets
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext

from colloque.fhir.patient import demographics_of
from colloque.kernel.errors import ConflictError, InvalidInputError
from colloque.kernel.sealing import seal
from colloque.kernel.vocabulary import Role
from colloque.ledger.actions import record, subject_key
from colloque.ledger.queries import installation_keys
from colloque.patients.access import may_care, require_caring
from colloque.patients.actions.held import hold
from colloque.patients.core.age import month_of
from colloque.patients.core.identifiers import patient_digest
from colloque.patients.core.identity import Identity, about_identity, identity_bytes, identity_of
from colloque.patients.models import Identity as SealedIdentity
from colloque.patients.models import Person, PersonIdentifier
from colloque.people.access import nothing_here, require_role
from colloque.people.models import Account, ClientSystem, Establishment, Unit


@transaction.atomic
def admit_person(
    establishment: Establishment,
    identity: Identity,
    *,
    unit: Unit | None,
    by: Account,
    at: datetime,
    account: Account | None = None,
    referent: Account | None = None,
    birth_month: date | None = None,
) -> Person:
    """A new person in an establishment, with their identity sealed under a key of their own, apart from care data.

    `birth_month` (first of the month) serves where the day of birth is not known. Only a carer of the unit, or whoever
    administers the house. Raises `NotFoundError` for anybody else, `InvalidInputError` for a unit of another house.
    """
    _require_admitting(by, establishment, unit, at)
    born = month_of(identity.birth_date) if identity.birth_date is not None else birth_month
    person = Person.objects.create(
        establishment=establishment,
        unit=unit,
        birth_month=born,
        account=account,
        referent=_checked_referent(referent, establishment, unit, at),
    )
    _seal(person, identity)
    record(
        "person.admitted",
        subject=person.id,
        payload={"unit": str(unit.id) if unit else "", "establishment": str(establishment.id), "by": str(by.id)},
    )
    return person


@transaction.atomic
def admit_from_fhir(
    establishment: Establishment,
    resource: object,
    *,
    system: ClientSystem,
    unit: Unit | None,
    by: Account,
    at: datetime,
) -> Person:
    """The person a FHIR R4 Patient describes: found by the id the sending system gives them, else admitted.

    Somebody who has died is not admitted; who is known here has left from now on, and no AI acts for them any more.
    Raises `InvalidInputError` (with the path in the resource) for what cannot be read, with the code `deceased` for somebody
    who has died and is not known here; and as `admit_person`.
    """
    if system.establishment_id != establishment.id:
        raise nothing_here()
    _require_admitting(by, establishment, unit, at)
    found = demographics_of(resource)
    known = PersonIdentifier.objects.select_related("person").filter(system=system, digest=_digest(system, found.id))
    if (identifier := known.first()) is not None:
        known_person = identifier.person
        if found.is_deceased and known_person.left_at is None:
            known_person.left_at = at
            known_person.save(update_fields=["left_at"])
            record("person.left", subject=known_person.id, payload={"by": str(by.id)})
        return known_person
    if found.is_deceased:
        raise InvalidInputError(
            gettext("D’après le dossier, cette personne est décédée."), code="deceased", path="Patient.deceased"
        )
    identity = identity_of(
        given=found.given, family=found.family, birth_date=found.birth_date, sex=found.sex, today=at.date()
    )
    person = admit_person(establishment, identity, unit=unit, by=by, at=at, birth_month=found.birth_month)
    set_identifier(person, system, found.id, by=by, at=at)
    return person


@transaction.atomic
def change_identity(person: Person, identity: Identity, *, by: Account, at: datetime) -> None:
    """Correct who a person is. Only their carers; raises `NotFoundError` for anybody else."""
    held = hold(person)
    require_caring(by, held, at)
    _seal(held, identity)
    if identity.birth_date is not None:
        held.birth_month = month_of(identity.birth_date)
        held.save(update_fields=["birth_month"])
    record("person.identity-changed", subject=held.id, payload={"by": str(by.id)})


@transaction.atomic
def set_identifier(person: Person, system: ClientSystem, patient: str, *, by: Account, at: datetime) -> None:
    """Say by which id a record system means this person; the database keeps only a blind index of it.

    Raises `InvalidInputError` for what cannot be an id, `ConflictError` where the id already means somebody else.
    """
    held = hold(person)
    if not may_care(by, held, at):
        require_role(by, held.establishment, Role.ADMINISTRATOR, at=at)
    if system.establishment_id != held.establishment_id:
        raise nothing_here()
    identifier, created = PersonIdentifier.objects.get_or_create(
        system=system, digest=_digest(system, patient), defaults={"person": held}
    )
    if identifier.person_id != held.id:
        raise ConflictError(
            gettext("Ce numéro désigne déjà une autre personne. Vérifiez-le dans votre logiciel."),
            code="identifier-taken",
        )
    if created:
        record("person.identifier-set", subject=held.id, payload={"system": str(system.id), "by": str(by.id)})


@transaction.atomic
def link_account(person: Person, account: Account, *, by: Account, at: datetime) -> None:
    """Say that this account is this person. Only whoever administers the house; raises `ConflictError` if it is another."""
    held = hold(person)
    require_role(by, held.establishment, Role.ADMINISTRATOR, at=at)
    if Person.objects.filter(account=account).exclude(id=held.id).exists():
        raise ConflictError(gettext("Ce compte est déjà celui d’une autre personne."), code="account-taken")
    held.account = account
    held.save(update_fields=["account"])
    record("person.account-linked", subject=held.id, payload={"account": str(account.id), "by": str(by.id)})


@transaction.atomic
def set_referent(person: Person, referent: Account, *, by: Account, at: datetime) -> None:
    """Name the carer whom this person asks first. Raises `InvalidInputError` for somebody who does not care for them."""
    held = hold(person)
    require_caring(by, held, at)
    held.referent = _checked_referent(referent, held.establishment, held.unit, at)
    held.save(update_fields=["referent"])
    record("person.referent-named", subject=held.id, payload={"referent": str(referent.id), "by": str(by.id)})


@transaction.atomic
def move_person(person: Person, unit: Unit, *, by: Account, at: datetime) -> None:
    """Move a person to another unit of the same house; their carers change with it."""
    held = hold(person)
    require_caring(by, held, at)
    if unit.establishment_id != held.establishment_id:
        raise InvalidInputError(gettext("Cette unité est celle d’un autre établissement."), path="unit")
    before = held.unit_id
    held.unit = unit
    held.save(update_fields=["unit"])
    record(
        "person.moved",
        subject=held.id,
        payload={"from": str(before) if before else "", "to": str(unit.id), "by": str(by.id)},
    )


@transaction.atomic
def discharge_person(person: Person, *, by: Account, at: datetime) -> None:
    """A person leaves; from now on no AI may act for them here."""
    held = hold(person)
    require_caring(by, held, at)
    held.left_at = at
    held.save(update_fields=["left_at"])
    record("person.left", subject=held.id, payload={"by": str(by.id)})


def _require_admitting(by: Account, establishment: Establishment, unit: Unit | None, at: datetime) -> None:
    if unit is not None and unit.establishment_id != establishment.id:
        raise InvalidInputError(gettext("Cette unité est celle d’un autre établissement."), path="unit")
    require_role(by, establishment, Role.CARER, Role.ADMINISTRATOR, at=at, unit=unit)


def _checked_referent(
    referent: Account | None, establishment: Establishment, unit: Unit | None, at: datetime
) -> Account | None:
    if referent is not None and not may_care(referent, Person(establishment=establishment, unit=unit), at):
        raise InvalidInputError(
            gettext("La personne référente doit être un soignant ou une soignante de cette unité."), path="referent"
        )
    return referent


def _digest(system: ClientSystem, patient: str) -> bytes:
    return patient_digest(installation_keys().keyring, system.id, patient)


def _seal(person: Person, identity: Identity) -> None:
    sealed = seal(
        subject_key(person.id),
        identity_bytes(identity),
        about=about_identity(person.id),
        random_bytes=secrets.token_bytes,
    )
    SealedIdentity.objects.update_or_create(person=person, defaults={"sealed": sealed})
