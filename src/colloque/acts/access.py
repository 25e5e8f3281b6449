"""Who may see an act, and who may act on it. For everyone else there is no such act (404)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from colloque.acts.models import Act
from colloque.kernel.errors import NotAllowedError
from colloque.kernel.vocabulary import Role
from colloque.people.access import current_memberships, nothing_here
from colloque.people.models import Account, Membership

WITH_ITS_PLACE = ("establishment", "person", "project", "service", "owner", "charter")


def carer_memberships(account: Account, at: datetime) -> Sequence[Membership]:
    """The memberships by which an account is a carer at a moment, with their establishments."""
    return list(current_memberships(at).filter(account=account, role=Role.CARER.value).select_related("establishment"))


def acts_seen_by(account: Account, at: datetime) -> QuerySet[Act]:
    """The acts an account may see as a carer: those it owns, and those of persons in the units it cares for.

    A carer of a whole establishment cares for each of its units. Whoever is no carer of the establishment any more sees none.
    """
    seen = Q(pk__in=[])
    for membership in carer_memberships(account, at):
        house = Q(establishment_id=membership.establishment_id)
        if membership.unit_id is None:
            seen |= house
        else:
            seen |= house & (Q(person__unit_id=membership.unit_id) | Q(owner=account))
    return Act.objects.filter(seen).select_related(*WITH_ITS_PLACE)


def act_for(account: Account, act_id: UUID, at: datetime) -> Act:
    """The act, for a carer who may see it. Raises `NotFoundError`."""
    act = acts_seen_by(account, at).filter(id=act_id).first()
    if act is None:
        raise nothing_here()
    return act


def may_know_entry(visitor: object, entry_id: UUID, subject: UUID, at: datetime) -> bool:  # noqa: ARG001
    """Whether an entry is the latest step of an act that this carer may see."""
    return isinstance(visitor, Account) and acts_seen_by(visitor, at).filter(entry=entry_id).exists()


def require_owner(act: Act, account: Account, message: str) -> None:
    """Let only the carer through whose decision is awaited. Raises `NotAllowedError` with the sentence given."""
    if act.owner_id != account.id:
        raise NotAllowedError(message, code="not-the-owner")


def carers_for(act: Act, at: datetime) -> Sequence[Membership]:
    """The carers who may own an act now: those of the person's unit, and those of the whole establishment."""
    units = Q(unit__isnull=True) | (Q(unit_id=act.person.unit_id) if act.person.unit_id else Q(pk__in=[]))
    found = (
        current_memberships(at)
        .filter(units, establishment_id=act.establishment_id, role=Role.CARER.value)
        .select_related("account")
        .order_by("account__family_name", "account__given_name", "account_id")
    )
    first: dict[UUID, Membership] = {}
    for membership in found:
        first.setdefault(membership.account_id, membership)
    return list(first.values())
