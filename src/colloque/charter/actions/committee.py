"""Who sits in the charter committee."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext

from colloque.charter.access import SEATING_ROLES, seats_at
from colloque.charter.core.proposals import College, Seat, direction_outnumbers
from colloque.charter.models import CommitteeSeat
from colloque.kernel.errors import ConflictError, InvalidInputError
from colloque.kernel.vocabulary import STAFF_ROLES, Role
from colloque.ledger.actions import record
from colloque.people.access import current_memberships, nothing_here, require_role
from colloque.people.models import Account, Establishment

ROLES_OF_A_COLLEGE: dict[College, frozenset[Role]] = {
    College.PATIENTS: frozenset({Role.PATIENT, Role.TRUSTED_PERSON}),
    College.CARERS: frozenset({Role.CARER}),
    College.OUTSIDE_THINKER: frozenset({Role.ETHICS_MEMBER}),
    College.DIRECTION: frozenset({Role.DIRECTOR, Role.ADMINISTRATOR}),
}
"""A seat asks for one of these roles in the house."""

NOT_FROM_OUTSIDE = STAFF_ROLES - {Role.ETHICS_MEMBER, Role.FACILITATOR}
"""Roles by which one is of the house: whoever holds one does not think from outside care."""


@transaction.atomic
def give_seat(
    establishment: Establishment,
    account: Account,
    college: College,
    *,
    by: Account,
    at: datetime,
    until: datetime | None = None,
) -> CommitteeSeat:
    """A seat from now on, given by the director.

    Raises `NotFoundError` for anybody else and for an account unknown here, `InvalidInputError` where the account is not of
    the college or the date has gone by, `ConflictError` where it holds a seat already, or the direction would hold more
    than another college.
    """
    require_role(by, establishment, *SEATING_ROLES, at=at)
    Establishment.objects.select_for_update().get(pk=establishment.pk)
    roles = {
        Role(role)
        for role in current_memberships(at)
        .filter(account=account, establishment=establishment)
        .values_list("role", flat=True)
    }
    if not roles:
        raise nothing_here()
    _check_college(roles, college)
    if until is not None and until <= at:
        raise InvalidInputError(gettext("Cette date est passée."), code="dates", path="until")
    if seats_at(establishment.id, at).filter(account=account).exists():
        raise ConflictError(gettext("Cette personne siège déjà au comité."), code="seat-held", path="account")
    if college is College.DIRECTION:
        _check_balance(establishment, account, at)
    seat = CommitteeSeat.objects.create(
        establishment=establishment, account=account, college=college, given_by=by, valid_from=at, valid_until=until
    )
    _record("committee.seated", seat, by)
    return seat


def _check_college(roles: set[Role], college: College) -> None:
    if roles.isdisjoint(ROLES_OF_A_COLLEGE[college]):
        raise InvalidInputError(_NOT_OF_THE_COLLEGE[college](), code="not-of-the-college", path="college")
    if college is College.OUTSIDE_THINKER and roles & NOT_FROM_OUTSIDE:
        raise InvalidInputError(
            gettext("Cette personne travaille dans la maison. Ce siège est pour quelqu’un d’extérieur au soin."),
            code="not-from-outside",
            path="college",
        )


def _check_balance(establishment: Establishment, account: Account, at: datetime) -> None:
    """The direction never holds more seats than patients, carers or outside thinkers."""
    seats = [Seat(seat.id, seat.account_id, College(seat.college)) for seat in seats_at(establishment.id, at)]
    if direction_outnumbers([*seats, Seat(account.id, account.id, College.DIRECTION)]):
        raise ConflictError(
            gettext("La direction ne peut pas avoir plus de sièges qu’un autre collège. Nommez d’abord les autres."),
            code="direction-outnumbers",
            path="college",
        )


_NOT_OF_THE_COLLEGE = {
    College.PATIENTS: lambda: gettext("Ce siège est pour un patient, un résident ou une personne de confiance."),
    College.CARERS: lambda: gettext("Ce siège est pour un soignant de la maison."),
    College.OUTSIDE_THINKER: lambda: gettext(
        "Ce siège est pour un penseur extérieur au soin, membre du comité d’éthique."
    ),
    College.DIRECTION: lambda: gettext("Ce siège est pour la direction."),
}


@transaction.atomic
def end_seat(seat: CommitteeSeat, *, by: Account, at: datetime) -> CommitteeSeat:
    """End a seat now. By the director. What was voted stays, and the seat still counts in the quorum of an open vote.

    Raises `NotFoundError` for anybody else, `ConflictError` where it has ended already.
    """
    require_role(by, seat.establishment, *SEATING_ROLES, at=at)
    held = CommitteeSeat.objects.select_for_update().get(pk=seat.pk)
    if held.valid_until is not None and held.valid_until <= at:
        raise ConflictError(gettext("Ce siège est déjà terminé."), code="seat-ended")
    held.valid_until = at
    held.save(update_fields=["valid_until"])
    _record("committee.seat-ended", held, by)
    return held


def _record(kind: str, seat: CommitteeSeat, by: Account) -> None:
    record(
        kind,
        subject=seat.establishment_id,
        payload={
            "seat": str(seat.id),
            "account": str(seat.account_id),
            "college": seat.college,
            "until": seat.valid_until.isoformat() if seat.valid_until else None,
            "by": str(by.id),
        },
    )
