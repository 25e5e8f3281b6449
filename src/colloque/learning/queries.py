"""What is known of who has learned to work beside AI."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from colloque.learning.models import Attestation
from colloque.people.models import Account, Establishment
from colloque.people.queries import carers_of


def is_attested(account: Account, establishment: Establishment, at: datetime) -> bool:
    """Whether an attestation of this account holds in this establishment at this moment."""
    return Attestation.objects.filter(
        account=account, establishment=establishment, valid_from__lte=at, valid_until__gt=at
    ).exists()


@dataclass(frozen=True)
class Learner:
    """A carer of an establishment, and the attestation that holds or held last."""

    account: Account
    professions: tuple[str, ...]
    current: Attestation | None
    last: Attestation | None

    @property
    def is_attested(self) -> bool:
        """Whether a suggestion may reach this carer."""
        return self.current is not None


def learners(establishment: Establishment, at: datetime) -> list[Learner]:
    """The carers here now, those without attestation first, then those whose attestation ends soonest."""
    professions: dict[Account, list[str]] = {}
    for membership in carers_of(establishment, at):
        known = professions.setdefault(membership.account, [])
        if membership.profession not in known:
            known.append(membership.profession)
    attestations: dict[UUID, list[Attestation]] = {}
    found = Attestation.objects.filter(establishment=establishment, account__in=professions)
    for attestation in found.select_related("attested_by").order_by("valid_until"):
        attestations.setdefault(attestation.account_id, []).append(attestation)
    listed = [
        Learner(account, tuple(names), _current(attestations.get(account.id, []), at), _last(attestations, account))
        for account, names in professions.items()
    ]
    return sorted(listed, key=lambda one: (one.is_attested, one.current.valid_until if one.current else at))


def _current(attestations: list[Attestation], at: datetime) -> Attestation | None:
    return next((one for one in reversed(attestations) if one.valid_from <= at < one.valid_until), None)


def _last(attestations: dict[UUID, list[Attestation]], account: Account) -> Attestation | None:
    return attestations[account.id][-1] if account.id in attestations else None
