"""Attesting that somebody has learned to work beside AI, and taking it back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils.translation import gettext

from colloque.kernel.errors import ConflictError, InvalidInputError, NotAllowedError
from colloque.kernel.vocabulary import Role
from colloque.learning.models import Attestation
from colloque.ledger.actions import record
from colloque.people.access import ANY_UNIT, require_role
from colloque.people.models import Account, Establishment

MAY_ATTEST: Final = (Role.ADMINISTRATOR, Role.DIRECTOR)
LASTS_AT_MOST: Final = timedelta(days=3 * 366)


def attest(
    account: Account, establishment: Establishment, *, by: Account, at: datetime, until: datetime
) -> Attestation:
    """A named person attests that a carer followed the training, until a date at most three years away.

    Raises `NotFoundError` where `by` neither administers nor directs, or where the account is no carer here;
    `NotAllowedError` for oneself; `InvalidInputError` for a date gone by or too far.
    """
    with transaction.atomic():
        require_role(by, establishment, *MAY_ATTEST, at=at)
        if by == account:
            raise NotAllowedError(
                gettext("On n’atteste pas pour soi-même. Demandez-le à un autre responsable."), code="own-attestation"
            )
        require_role(account, establishment, Role.CARER, at=at, unit=ANY_UNIT)
        if not at < until <= at + LASTS_AT_MOST:
            raise InvalidInputError(
                gettext("Choisissez une date à venir, dans les trois ans."), code="dates", path="until"
            )
        attestation = Attestation.objects.create(
            account=account, establishment=establishment, attested_by=by, valid_from=at, valid_until=until
        )
        record("attestation.given", subject=establishment.id, payload=_told(attestation, by))
    return attestation


def end_attestation(attestation: Attestation, *, by: Account, at: datetime) -> None:
    """Take an attestation back, at once. Raises `NotFoundError` as `attest`, `ConflictError` where it is already over."""
    with transaction.atomic():
        require_role(by, attestation.establishment, *MAY_ATTEST, at=at)
        held = Attestation.objects.select_for_update().get(pk=attestation.pk)
        if held.valid_until <= at:
            raise ConflictError(gettext("Cette attestation est déjà finie."), code="attestation-over")
        held.valid_until = max(at, held.valid_from + timedelta(microseconds=1))
        held.save(update_fields=["valid_until"])
        record("attestation.ended", subject=attestation.establishment_id, payload=_told(held, by))


def _told(attestation: Attestation, by: Account) -> dict[str, str]:
    return {
        "attestation": str(attestation.id),
        "account": str(attestation.account_id),
        "until": attestation.valid_until.isoformat(),
        "by": str(by.id),
    }
