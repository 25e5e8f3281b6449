"""How often the same hand may write: enough for whoever thinks, too little for a script."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

STATEMENTS_IN_A_ROW: Final = 3
IN_A_ROW: Final = timedelta(minutes=10)
STATEMENTS_IN_ALL: Final = 20
WAITING_OF_ONE: Final = 5
"""Statements of one author that may wait to be read: the next comes once one of them was."""
STATEMENTS_FROM_ONE_PLACE: Final = ((40, timedelta(hours=1)), (120, timedelta(days=1)))
"""Statements that wait, from one address on the network: a full room writes as much, a script with many cookies more."""
JOINS_FROM_ONE_PLACE: Final = 60
JOINS_WITHIN: Final = timedelta(minutes=10)
"""A house shares one address on the network: sixty people who begin within ten minutes is a full room, not a script."""

CODES_TRIED: Final = 10
CODES_WITHIN: Final = timedelta(minutes=10)
SHEETS_AT_ONCE: Final = 500
LINES_AT_ONCE: Final = 6_000
"""Lines of all sheets printed at once: what is set in a few seconds and half a gigabyte (150 sheets of forty statements)."""
CODES_AT_ONCE: Final = 2_000
WAITING_AT_MOST: Final = 1_000
"""Statements that may wait to be read in one consultation: beyond, people are told to come back."""


def wait_before_writing(written: Sequence[datetime], at: datetime) -> timedelta:
    """How long a participant who wrote at these moments still waits before the next statement; zero when they may write."""
    recent = sorted(moment for moment in written if at - IN_A_ROW < moment <= at)
    if len(recent) < STATEMENTS_IN_A_ROW:
        return timedelta(0)
    return recent[-STATEMENTS_IN_A_ROW] + IN_A_ROW - at
