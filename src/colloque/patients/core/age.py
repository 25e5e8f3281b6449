"""Age in completed years, from the month of birth alone."""

from __future__ import annotations

from calendar import monthrange
from datetime import date


def age_at(birth_month: date | None, on: date) -> int | None:
    """Completed years on the day `on` of somebody born during the month of `birth_month`; `None` if unknown or not yet born.

    The day of birth stays sealed, so a birthday counts once its month is over: the age is never overstated, and is
    understated by a year for at most thirty days. A rule that protects the young therefore never ends too early.
    """
    if birth_month is None or (birth_month.year, birth_month.month) > (on.year, on.month):
        return None
    years = on.year - birth_month.year
    last_day = monthrange(on.year, birth_month.month)[1]
    if (on.month, on.day) < (birth_month.month, last_day):
        years -= 1
    return max(years, 0)


def month_of(birth_date: date) -> date:
    """The first day of the month: what is kept in the open of a date of birth."""
    return birth_date.replace(day=1)
