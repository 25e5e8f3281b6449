"""What is known of who has learned to work beside AI."""

from __future__ import annotations

from datetime import datetime

from colloque.learning.models import Attestation
from colloque.people.models import Account, Establishment


def is_attested(account: Account, establishment: Establishment, at: datetime) -> bool:
    """Whether an attestation of this account holds in this establishment at this moment."""
    return Attestation.objects.filter(
        account=account, establishment=establishment, valid_from__lte=at, valid_until__gt=at
    ).exists()
