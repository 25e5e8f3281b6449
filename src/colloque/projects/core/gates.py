"""What people must have said before an AI may act: those concerned were heard (D1), and carers trust it enough (E6)."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

LEAST_TRUST_PERCENT = 60
"""Of the carers who answered, how many in a hundred agree to work with an AI before it may begin. Who passes doubts."""


class Heard(msgspec.Struct, frozen=True):
    """A consultation behind a project: whether the house replied to it, and how many of those concerned answered, at least 0.

    Fewer than `least` of a group are too few to be counted out, so they cannot speak for it either.
    """

    is_answered: bool
    patients: int
    carers: int
    least: int


class Barometer(msgspec.Struct, frozen=True):
    """How many carers answered whether they agree to work with an AI, and how many of them do."""

    answered: int
    agreed: int
    least: int


def were_heard(consultations: Iterable[Heard]) -> bool:
    """Whether patients and carers were both heard in one consultation to which the house replied."""
    return any(
        one.is_answered and one.patients >= max(one.least, 1) and one.carers >= max(one.least, 1)
        for one in consultations
    )


def is_trusted(barometer: Barometer | None) -> bool:
    """Whether carers trust an AI enough: unknown, or asked of too few, is no."""
    if barometer is None or barometer.answered < max(barometer.least, 1):
        return False
    return barometer.agreed * 100 >= barometer.answered * LEAST_TRUST_PERCENT


def is_doubted(barometer: Barometer | None) -> bool:
    """Whether enough carers answered and too few agree; nobody asked is no doubt yet."""
    return barometer is not None and barometer.answered >= max(barometer.least, 1) and not is_trusted(barometer)
