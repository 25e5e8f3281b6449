"""The life of a request to be erased."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from colloque.kernel.errors import ConflictError

ANSWER_WITHIN = timedelta(days=28)
"""Source: GDPR art. 12(3), one month: counted as 28 days, the shortest month, so that it is never exceeded."""


class ErasureState(StrEnum):
    """Where a request stands. Every state but the first is an end."""

    ASKED = "asked"
    WITHDRAWN = "withdrawn"
    CARRIED_OUT = "carried-out"
    DECLINED = "declined"


def ended(state: ErasureState, end: ErasureState) -> ErasureState:
    """The end of a request. Raises `ConflictError` where it has already ended."""
    if state is not ErasureState.ASKED or end is ErasureState.ASKED:
        raise ConflictError("This request has already been answered.", code="already-answered")
    return end


def deadline_of(asked_at: datetime) -> datetime:
    """By when the person must have an answer."""
    return asked_at + ANSWER_WITHIN
