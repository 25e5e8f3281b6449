"""What a person may let a trusted person do in their name. Source: CSP art. L. 1111-6 (the trusted person)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

import msgspec

from colloque.kernel.errors import InvalidInputError


class Power(StrEnum):
    """One thing a trusted person may do. None of them brings another along."""

    SEE_CHOICES = "see-choices"
    GIVE_CHOICES = "give-choices"
    READ_JOURNAL = "read-journal"
    ASK_TO_TALK = "ask-to-talk"


class Trust(msgspec.Struct, frozen=True):
    """The powers a person gave to another, and for how long; `until` empty: until they are taken back."""

    powers: frozenset[Power]
    since: datetime
    until: datetime | None = None

    def lets(self, power: Power, at: datetime) -> bool:
        """Whether the trusted person may do this at this moment."""
        return power in self.powers and self.since <= at and (self.until is None or at < self.until)


def powers_of(words: Iterable[str]) -> frozenset[Power]:
    """The powers for their words; answering needs seeing. Raises `InvalidInputError` for an unknown or empty set."""
    try:
        powers = frozenset(Power(word) for word in words)
    except ValueError as error:
        raise InvalidInputError("One of these powers does not exist.", code="power-unknown", path="powers") from error
    if not powers:
        raise InvalidInputError("Say what this person may do.", code="power-missing", path="powers")
    if Power.GIVE_CHOICES in powers and Power.SEE_CHOICES not in powers:
        raise InvalidInputError("Whoever answers for you must see your answers.", code="power-blind", path="powers")
    return powers
