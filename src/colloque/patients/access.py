"""Who may see or touch a person: themselves, the carers of their unit, and whom they trust, within what they set.

Everything else is answered as if the person did not exist.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from colloque.kernel.vocabulary import Role
from colloque.ledger.queries import installation_keys
from colloque.patients.core.erasure import ErasureState
from colloque.patients.core.identifiers import patient_digest
from colloque.patients.core.trust import Power, Trust
from colloque.patients.models import (
    ErasureRequest,
    Person,
    PersonIdentifier,
    SituationRecord,
    TalkRequest,
    TrustedLink,
)
from colloque.people.access import Viewer, current_memberships, nothing_here, oversees, require, require_role
from colloque.people.models import Account, ClientSystem, Establishment, Unit


def present_persons(at: datetime) -> QuerySet[Person]:
    """Persons who are here and have not been erased."""
    return Person.objects.filter(Q(left_at__isnull=True) | Q(left_at__gt=at), erased_at__isnull=True)


def persons_cared_for(viewer: Viewer, at: datetime) -> QuerySet[Person]:
    """The persons whose names this carer may open: those of their units, or of the whole house."""
    house = viewer.house
    found = present_persons(at).filter(establishment=house)
    if viewer.covers(None, Role.CARER):
        return found
    units = [m.unit_id for m in viewer.memberships if m.role == Role.CARER and m.unit_id is not None]
    return found.filter(unit__in=units)


def person_for(viewer: Viewer, person_id: UUID, at: datetime) -> Person:
    """A person this carer cares for. Raises `NotFoundError`."""
    person = (
        persons_cared_for(viewer, at).select_related("establishment", "unit", "referent").filter(id=person_id).first()
    )
    if person is None:
        raise nothing_here()
    return person


def own_person(viewer: Viewer, at: datetime) -> Person:
    """The person who is looking, where they are cared for. Raises `NotFoundError`."""
    person = (
        present_persons(at).select_related("establishment", "unit", "referent").filter(account=viewer.account).first()
    )
    if person is None:
        raise nothing_here()
    return person


def trusted_links(account: Account, at: datetime) -> QuerySet[TrustedLink]:
    """The links by which others trust this account now."""
    return TrustedLink.objects.filter(
        Q(until__isnull=True) | Q(until__gt=at), account=account, since__lte=at, person__in=present_persons(at)
    ).select_related("person__establishment", "person__unit", "person__referent")


def trusting_persons(viewer: Viewer, power: Power, at: datetime) -> list[UUID]:
    """The persons in whose name the viewer may look or answer this far, themselves included."""
    own = list(present_persons(at).filter(account=viewer.account).values_list("id", flat=True))
    return [*own, *(link.person_id for link in trusted_links(viewer.account, at) if power in link.powers)]


def spoken_for(viewer: Viewer, power: Power, at: datetime, person_id: UUID | None = None) -> Person:
    """The person in whose name the viewer looks or answers: themselves, or one who gave them this power.

    Without `person_id`: oneself, else the only person who trusts the viewer this far. Raises `NotFoundError`.
    """
    mine = (
        present_persons(at).select_related("establishment", "unit", "referent").filter(account=viewer.account).first()
    )
    if mine is not None and person_id in (None, mine.id):
        return mine
    links = [link for link in trusted_links(viewer.account, at) if power in link.powers]
    found = [link.person for link in links if person_id in (None, link.person_id)]
    if len(found) != 1:
        raise nothing_here()
    return found[0]


def person_answered_for(viewer: Viewer, person_id: UUID, power: Power, at: datetime) -> Person:
    """A person whom the viewer cares for, is, or is trusted by this far. Raises `NotFoundError`."""
    person = present_persons(at).select_related("establishment", "unit", "referent").filter(id=person_id).first()
    if person is None or not (may_care(viewer.account, person, at) or may_speak(viewer.account, person, power, at)):
        raise nothing_here()
    return person


def trust_of(link: TrustedLink) -> Trust:
    """The link as the rules read it."""
    return Trust(frozenset(Power(word) for word in link.powers), link.since, link.until)


def may_speak(account: Account, person: Person, power: Power, at: datetime) -> bool:
    """Whether this account is the person, or trusted by them this far."""
    if person.account_id is not None and person.account_id == account.id and account.is_active:
        return True
    link = TrustedLink.objects.filter(
        person=person, account=account, account__is_active=True, until__isnull=True
    ).first()
    return link is not None and trust_of(link).lets(power, at)


def may_know_entry(visitor: object, entry_id: UUID, subject: UUID, at: datetime) -> bool:  # noqa: ARG001
    """Whether an entry is about the visitor, somebody whose journal they may read, or a person of a house they oversee."""
    if not isinstance(visitor, Account):
        return False
    person = Person.objects.filter(id=subject).first()
    if person is None:
        return False
    may_read = present_persons(at).filter(id=subject).exists() and may_speak(visitor, person, Power.READ_JOURNAL, at)
    return may_read or oversees(visitor, person.establishment_id, at)


def may_care(account: Account, person: Person, at: datetime) -> bool:
    """Whether this account is a carer of the person's unit or house now."""
    found = current_memberships(at).filter(
        account=account, establishment_id=person.establishment_id, role=Role.CARER.value
    )
    return found.filter(Q(unit__isnull=True) | Q(unit__isnull=False, unit=person.unit_id)).exists()


def require_speaking(account: Account, person: Person, power: Power, at: datetime) -> None:
    """Let through the person and those they trust this far. Raises `NotFoundError`."""
    if not may_speak(account, person, power, at):
        raise nothing_here()


def require_caring(account: Account, person: Person, at: datetime) -> None:
    """Let through the carers of the person. Raises `NotFoundError`."""
    require_role(account, person.establishment, Role.CARER, at=at, unit=person.unit_id)


def situation_for(viewer: Viewer, person_id: UUID, record_id: UUID, at: datetime) -> SituationRecord:
    """A situation of a person this carer cares for. Raises `NotFoundError`."""
    person = person_for(viewer, person_id, at)
    found = SituationRecord.objects.select_related("person__establishment").filter(id=record_id, person=person).first()
    if found is None:
        raise nothing_here()
    return found


def admitting_units(viewer: Viewer) -> list[Unit]:
    """The units into which the viewer may admit somebody, by name. Raises `NotFoundError` for whoever may admit nobody."""
    require(viewer, Role.CARER, Role.ADMINISTRATOR)
    units = Unit.objects.filter(establishment=viewer.house).order_by("name")
    return [unit for unit in units if viewer.covers(unit.id, Role.CARER, Role.ADMINISTRATOR)]


def trustable_account(person: Person, email: str, at: datetime) -> Account | None:
    """The account of whoever may be trusted in this house, by email: they hold the role of a trusted person there."""
    held = current_memberships(at).filter(
        establishment_id=person.establishment_id, role=Role.TRUSTED_PERSON.value, account__email=email.lower()
    )
    membership = held.select_related("account").first()
    return membership.account if membership else None


def own_link(viewer: Viewer, link_id: UUID, at: datetime) -> TrustedLink:
    """A link the viewer gave, or by which they are trusted. Raises `NotFoundError`."""
    mine = Q(person__account=viewer.account) | Q(account=viewer.account)
    found = (
        TrustedLink.objects.filter(mine, id=link_id, person__in=present_persons(at)).select_related("person").first()
    )
    if found is None:
        raise nothing_here()
    return found


def own_erasure(viewer: Viewer, at: datetime) -> ErasureRequest:
    """The request by which the viewer asked to be erased and that waits. Raises `NotFoundError`."""
    found = ErasureRequest.objects.filter(
        person=own_person(viewer, at), asked_by=viewer.account, state=ErasureState.ASKED.value
    ).first()
    if found is None:
        raise nothing_here()
    return found


def talk_request_for(viewer: Viewer, request_id: UUID, at: datetime) -> TalkRequest:
    """A request to talk that this carer may answer: any carer of the person may. Raises `NotFoundError`."""
    found = (
        TalkRequest.objects.select_related("person__establishment", "person__unit", "carer")
        .filter(id=request_id, person__in=persons_cared_for(viewer, at))
        .first()
    )
    if found is None:
        raise nothing_here()
    return found


def erasure_for(viewer: Viewer, request_id: UUID) -> ErasureRequest:
    """A request to be erased, for whoever protects data in this house. Raises `NotFoundError`."""
    found = (
        ErasureRequest.objects.select_related("person", "establishment")
        .filter(id=request_id, establishment=viewer.house)
        .first()
    )
    if found is None or not viewer.has(Role.DATA_PROTECTION_OFFICER):
        raise nothing_here()
    return found


def record_system(slug: str, issuer: str) -> tuple[Establishment, ClientSystem]:
    """A house by its short name, and a record system of it by its issuer. Raises `NotFoundError`."""
    found = ClientSystem.objects.select_related("establishment").filter(
        establishment__slug=slug, issuer=issuer, is_active=True
    )
    system = found.first()
    if system is None:
        raise nothing_here()
    return system.establishment, system


def unit_named(house: Establishment, slug: str) -> Unit:
    """A unit of a house by its short name. Raises `NotFoundError`."""
    unit = Unit.objects.filter(establishment=house, slug=slug).first()
    if unit is None:
        raise nothing_here()
    return unit


def person_known_as(system: ClientSystem, patient: str) -> Person:
    """The person a record system means by a patient id. Raises `NotFoundError`."""
    digest = patient_digest(installation_keys().keyring, system.id, patient)
    known = PersonIdentifier.objects.select_related("person__establishment", "person__unit").filter(
        system=system, digest=digest
    )
    identifier = known.first()
    if identifier is None:
        raise nothing_here()
    return identifier.person
