"""For how long a human may attest to be beside a person."""

from __future__ import annotations

from datetime import timedelta

from colloque.kernel.errors import InvalidInputError

USUAL_MINUTES = 60
LONGEST_MINUTES = 240


def lasting(minutes: int) -> timedelta:
    """The time attested. Raises `InvalidInputError` outside 1 to 240 minutes: nobody is beside somebody by habit."""
    if not 1 <= minutes <= LONGEST_MINUTES:
        raise InvalidInputError(f"Say between 1 and {LONGEST_MINUTES} minutes.", code="presence-length", path="minutes")
    return timedelta(minutes=minutes)
