"""Declared intended use: for whom an AI was made, as conditions that can be checked. Outside them it is not heard."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping

import msgspec

from colloque.kernel.errors import InvalidInputError
from colloque.kernel.vocabulary import Situation
from colloque.projects.core.words import Words

SEXES = ("female", "male", "other", "unknown")
OLDEST = 130


class ValueRange(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The values between which the AI knows what it says; both ends included, in the unit of the input `key`."""

    key: str
    minimum: float | None = None
    maximum: float | None = None


class IntendedUse(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What the AI is for (`purpose`) and the population it is declared for.

    Ages in completed years, both ends included. `sexes` empty: any. `data_required` and `ranges` name inputs of the service.
    """

    purpose: Words = Words()
    age_from: int | None = None
    age_to: int | None = None
    sexes: tuple[str, ...] = ()
    situations_excluded: tuple[Situation, ...] = ()
    data_required: tuple[str, ...] = ()
    ranges: tuple[ValueRange, ...] = ()

    @property
    def is_declared(self) -> bool:
        """Whether a purpose is said and at least one condition limits the population."""
        limits = (self.age_from is not None, self.age_to is not None, self.sexes, self.situations_excluded)
        return bool(self.purpose) and any((*limits, self.data_required, self.ranges))

    def check(
        self,
        age: int | None,
        sex: str | None,
        situations: Collection[Situation] | None,
        data: Mapping[str, object],
    ) -> tuple[str, ...]:
        """Why this person or this data lies outside; empty when inside. What is not known counts as outside.

        Each reason is `code` or `code:what` (`age-below:18`, `sex`, `situation:end-of-life`, `missing:key`, `above:key`…).
        """
        reasons = [*self._about_age(age)]
        if self.sexes and sex not in self.sexes:
            reasons.append("sex-unknown" if sex in (None, "unknown") else "sex")
        if self.situations_excluded and situations is None:
            reasons.append("situations-unknown")
        reasons += [f"situation:{s.value}" for s in self.situations_excluded if situations and s in situations]
        reasons += [f"missing:{key}" for key in self.data_required if key not in data]
        for limits in self.ranges:
            if limits.key in data:
                reasons += _outside(limits, data[limits.key])
        return tuple(reasons)

    def _about_age(self, age: int | None) -> tuple[str, ...]:
        if self.age_from is None and self.age_to is None:
            return ()
        if age is None:
            return ("age-unknown",)
        if self.age_from is not None and age < self.age_from:
            return (f"age-below:{self.age_from}",)
        if self.age_to is not None and age > self.age_to:
            return (f"age-above:{self.age_to}",)
        return ()


def _outside(limits: ValueRange, value: object) -> tuple[str, ...]:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return (f"unreadable:{limits.key}",)
    if limits.minimum is not None and value < limits.minimum:
        return (f"below:{limits.key}",)
    if limits.maximum is not None and value > limits.maximum:
        return (f"above:{limits.key}",)
    return ()


def read_intended_use(stored: object) -> IntendedUse:
    """The intended use as it is stored (`{}`: not declared). Raises `InvalidInputError` for conditions nobody could meet."""
    try:
        use = msgspec.convert(stored, IntendedUse)
    except msgspec.ValidationError as error:
        raise InvalidInputError(
            f"The intended use cannot be understood: {error}", code="unreadable", path="intended_use"
        ) from error
    ages = [age for age in (use.age_from, use.age_to) if age is not None]
    if any(not 0 <= age <= OLDEST for age in ages) or ages != sorted(ages):
        raise InvalidInputError(
            "The ages must run from the youngest to the oldest.", code="ages-order", path="intended_use.age_from"
        )
    if any(sex not in SEXES for sex in use.sexes):
        raise InvalidInputError(
            "The sex must be female, male, other or unknown.", code="sex-unknown", path="intended_use.sexes"
        )
    for limits in use.ranges:
        if limits.minimum is None and limits.maximum is None:
            raise InvalidInputError(
                "A range needs a smallest or a largest value.", code="range-empty", path=f"intended_use.{limits.key}"
            )
        if limits.minimum is not None and limits.maximum is not None and limits.minimum > limits.maximum:
            raise InvalidInputError(
                "The smallest value is above the largest.", code="range-order", path=f"intended_use.{limits.key}"
            )
    return use
