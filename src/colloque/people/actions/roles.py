"""Giving a role and ending it. Nobody gives a role to themselves, and no establishment is left without an administrator."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext

from colloque.kernel.errors import ConflictError, InvalidInputError, NotAllowedError
from colloque.kernel.vocabulary import Profession, Role
from colloque.ledger.actions import record
from colloque.people.access import current_memberships, nothing_here
from colloque.people.actions.operator import By, must_administer, named
from colloque.people.models import AccessLink, Account, Establishment, Membership, Unit


def give_role(
    account: Account,
    establishment: Establishment,
    role: Role,
    *,
    by: By,
    at: datetime,
    profession: Profession | None = None,
    unit: Unit | None = None,
    valid_from: datetime | None = None,
    valid_until: datetime | None = None,
) -> Membership:
    """A role for somebody already known in the establishment, from `at` or `valid_from` on.

    Raises `NotFoundError` for whoever is not an administrator and for an account unknown here, `NotAllowedError` for a role
    given to oneself, `InvalidInputError` for dates, unit or profession that do not fit, `ConflictError` for a role already held.
    """
    with transaction.atomic():
        must_administer(by, establishment, at)
        if by == account:
            raise NotAllowedError(
                gettext("On ne se donne pas un rôle à soi-même. Demandez-le à un autre administrateur."),
                code="own-role",
            )
        if isinstance(by, Account) and not Membership.objects.filter(account=account, establishment=establishment):
            raise nothing_here()
        membership = begin_role(
            account,
            establishment,
            role,
            profession=profession,
            unit=unit,
            valid_from=valid_from or at,
            valid_until=valid_until,
        )
        record("role.given", subject=establishment.id, payload=_told(membership, by))
    return membership


def begin_role(
    account: Account,
    establishment: Establishment,
    role: Role,
    *,
    profession: Profession | None,
    unit: Unit | None,
    valid_from: datetime,
    valid_until: datetime | None,
) -> Membership:
    """The row of a role, once whoever asks was checked; the caller records it. Raises as `give_role`.

    A first role in another house withdraws the access links still open: whoever made one must not open doors there.
    """
    if unit is not None and unit.establishment_id != establishment.id:
        raise nothing_here()
    if (role is Role.CARER) != (profession is not None):
        raise InvalidInputError(
            gettext("Indiquez la profession d’un soignant, et d’un soignant seulement."),
            code="profession",
            path="profession",
        )
    if valid_until is not None and valid_until <= valid_from:
        raise InvalidInputError(gettext("Le rôle doit finir après avoir commencé."), code="dates", path="valid_until")
    held = Membership.objects.filter(account=account, establishment=establishment, role=role, unit=unit).filter(
        Q(valid_until__isnull=True) | Q(valid_until__gt=valid_from)
    )
    if valid_until is not None:
        held = held.filter(valid_from__lt=valid_until)
    if held.exists():
        raise ConflictError(gettext("Cette personne a déjà ce rôle à ces dates."), code="role-held", path="role")
    known = Membership.objects.filter(account=account)
    if known.exists() and not known.filter(establishment=establishment).exists():
        AccessLink.objects.filter(account=account, used_at__isnull=True, withdrawn_at__isnull=True).update(
            withdrawn_at=valid_from
        )
    return Membership.objects.create(
        account=account,
        establishment=establishment,
        unit=unit,
        role=role,
        profession=profession or "",
        valid_from=valid_from,
        valid_until=valid_until,
    )


def end_role(membership: Membership, *, by: By, at: datetime, until: datetime | None = None) -> None:
    """End a role, at once or at a later date; a role that had not begun is taken back.

    Raises `NotFoundError` for whoever is not an administrator, `InvalidInputError` for a date gone by, `ConflictError` for a
    role already ended and for the last administrator of the establishment.
    """
    end = until or at
    with transaction.atomic():
        establishment = Establishment.objects.select_for_update().get(pk=membership.establishment_id)
        must_administer(by, establishment, at)
        held = Membership.objects.select_for_update().get(pk=membership.pk)
        if end < at:
            raise InvalidInputError(gettext("Cette date est passée."), code="dates", path="until")
        if held.valid_until is not None and held.valid_until <= at:
            raise ConflictError(gettext("Ce rôle est déjà terminé."), code="role-ended")
        _keep_one_administrator(held, at)
        if end <= held.valid_from:
            Membership.objects.filter(pk=held.pk).delete()
        else:
            Membership.objects.filter(pk=held.pk).update(valid_until=end)
        held.valid_until = end
        record("role.ended", subject=establishment.id, payload=_told(held, by))


def _keep_one_administrator(held: Membership, at: datetime) -> None:
    if held.role != Role.ADMINISTRATOR or held.unit_id is not None:
        return
    others = current_memberships(at).filter(
        establishment=held.establishment_id, role=Role.ADMINISTRATOR, unit__isnull=True, valid_until__isnull=True
    )
    if not others.exclude(pk=held.pk).exists() and held.valid_from <= at:
        raise ConflictError(
            gettext("C’est le dernier administrateur. Donnez d’abord ce rôle, sans date de fin, à quelqu’un d’autre."),
            code="last-administrator",
        )


def _told(membership: Membership, by: By) -> dict[str, str | None]:
    return {
        "account": str(membership.account_id),
        "role": membership.role,
        "profession": membership.profession or None,
        "unit": str(membership.unit_id) if membership.unit_id else None,
        "from": membership.valid_from.isoformat(),
        "until": membership.valid_until.isoformat() if membership.valid_until else None,
        "by": named(by),
    }
