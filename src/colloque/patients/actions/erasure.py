"""Erasure: asked by the person, carried out or declined by whoever protects data. Afterwards the ledger still verifies."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext

from colloque.kernel.errors import ConflictError, InvalidInputError
from colloque.kernel.vocabulary import Role
from colloque.ledger.actions import erase_subject, record
from colloque.patients.actions.held import hold
from colloque.patients.core.erasure import ErasureState, deadline_of, ended
from colloque.patients.models import ErasureRequest, Identity, Person, TrustedContact
from colloque.patients.signals import person_erased
from colloque.people.access import nothing_here, require_role
from colloque.people.actions.accounts import end_patient_access
from colloque.people.models import Account


@transaction.atomic
def ask_erasure(person: Person, *, by: Account, at: datetime) -> ErasureRequest:
    """Ask that one's data be erased. Only the person; asked twice, it is one request."""
    held = hold(person)
    if held.account_id is None or held.account_id != by.id:
        raise nothing_here()
    waiting = ErasureRequest.objects.filter(person=held, state=ErasureState.ASKED.value).first()
    if waiting is not None:
        return waiting
    request = ErasureRequest.objects.create(
        establishment=held.establishment,
        person=held,
        state=ErasureState.ASKED.value,
        asked_by=by,
        asked_at=at,
        deadline=deadline_of(at),
    )
    record("erasure.asked", subject=held.id, payload={"request": str(request.id), "by": str(by.id)})
    return request


@transaction.atomic
def withdraw_erasure(request: ErasureRequest, *, by: Account, at: datetime) -> None:
    """Change one's mind. Only whoever asked; raises `ConflictError` once it has been answered."""
    current = _held_request(request)
    if current.asked_by_id != by.id:
        raise nothing_here()
    person = _person_of(current)
    _end(current, ErasureState.WITHDRAWN, by, at)
    record("erasure.withdrawn", subject=person.id, payload={"request": str(current.id), "by": str(by.id)})


@transaction.atomic
def decline_erasure(request: ErasureRequest, reason: str, *, by: Account, at: datetime) -> None:
    """Say no to a request, with a reason in words for the person. Only whoever protects data in the house."""
    current = _held_request(request)
    require_role(by, current.establishment, Role.DATA_PROTECTION_OFFICER, at=at)
    if not reason.strip():
        raise InvalidInputError(gettext("Écrivez pourquoi, avec des mots pour la personne."), path="reason")
    person = _person_of(current)
    current.reason = reason.strip()
    _end(current, ErasureState.DECLINED, by, at)
    record("erasure.declined", subject=person.id, payload={"request": str(current.id), "by": str(by.id)})


@transaction.atomic
def carry_out_erasure(request: ErasureRequest, *, by: Account, at: datetime) -> None:
    """Erase a person: key, identity, identifiers, month of birth, choices, situations, links and access. Cannot be undone.

    What was sealed for them (identity, suggestions, decisions, ledger payloads) opens for nobody any more; acts keep only facts
    that describe nobody (GDPR, article 17 and recital 26). Only whoever protects data in the house; raises `ConflictError` once
    the request has been answered.
    """
    current = _held_request(request)
    require_role(by, current.establishment, Role.DATA_PROTECTION_OFFICER, at=at)
    person = hold(_person_of(current))
    _ended(current, ErasureState.CARRIED_OUT)
    Identity.objects.filter(person=person).delete()
    person.identifiers.all().delete()
    person.choices.all().delete()
    person.training_choices.all().delete()
    person.situations.all().delete()
    person.presences.all().delete()
    person.trusted_links.all().delete()
    TrustedContact.objects.filter(person=person).delete()
    person.talk_requests.all().delete()
    person.openings.all().delete()
    ErasureRequest.objects.filter(person=person).exclude(id=current.id).delete()
    end_patient_access(person.account, current.establishment, person.id, at=at)
    person.account = None
    person.referent = None
    person.birth_month = None
    person.unit = None
    person.left_at = min(at, person.left_at) if person.left_at is not None else at
    person.erased_at = at
    person.save(update_fields=["account", "referent", "birth_month", "unit", "left_at", "erased_at"])
    current.person = None
    current.asked_by = None
    _end(current, ErasureState.CARRIED_OUT, by, at)
    person_erased.send(sender=Person, person=person, at=at)
    erase_subject(person.id)
    record(
        "erasure.carried-out",
        subject=current.establishment_id,
        payload={"request": str(current.id), "by": str(by.id)},
    )


def _held_request(request: ErasureRequest) -> ErasureRequest:
    return ErasureRequest.objects.select_for_update(of=("self",)).select_related("establishment").get(id=request.id)


def _person_of(request: ErasureRequest) -> Person:
    if request.person is None:
        raise _already_answered()
    return request.person


def _ended(request: ErasureRequest, end: ErasureState) -> ErasureState:
    try:
        return ended(ErasureState(request.state), end)
    except ConflictError as error:
        raise _already_answered() from error


def _already_answered() -> ConflictError:
    return ConflictError(gettext("Cette demande a déjà reçu une réponse."), code="already-answered")


def _end(request: ErasureRequest, end: ErasureState, by: Account, at: datetime) -> None:
    request.state = _ended(request, end).value
    request.handled_by = by
    request.handled_at = at
    request.save()
