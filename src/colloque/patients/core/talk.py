"""By when a person who asked to talk is called back."""

from __future__ import annotations

from datetime import datetime, time, timedelta

EVENING = time(18)
NOON = time(12)
LATEST_FOR_TODAY = time(15)


def deadline_of(asked_at: datetime) -> datetime:
    """Before 18:00 when asked before 15:00, else before noon the next day; `asked_at` in the local time of the house.

    A house of care has carers every day, so no day is skipped.
    """
    if asked_at.time() < LATEST_FOR_TODAY:
        return asked_at.replace(hour=EVENING.hour, minute=0, second=0, microsecond=0)
    tomorrow = asked_at + timedelta(days=1)
    return tomorrow.replace(hour=NOON.hour, minute=0, second=0, microsecond=0)
