"""Signs of coordinated voting: bursts of votes, and people who answer exactly alike. Shown, never a reason to remove a vote.

Both have innocent causes: a meeting in which everybody votes at once, a leaflet people follow. The figures name nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from statistics import median
from typing import TYPE_CHECKING, Any, Final

import msgspec

if TYPE_CHECKING:
    from numpy.typing import NDArray

BURST_VOTES: Final = 100
BURST_TIMES: Final = 10
BURST_MINUTES_KNOWN: Final = 5
CLONES_PEOPLE: Final = 5
CLONES_ANSWERS: Final = 12
CLONES_TIMES: Final = 10
CLONES_GROUPS: Final = 200
"""Groups looked at in one round: a script that makes more of them is seen all the same."""

_MINUTE: Final = timedelta(minutes=1)


class Minute(msgspec.Struct, frozen=True):
    """The votes that came in one minute, and from how many people."""

    start: datetime
    votes: int
    people: int


class Burst(msgspec.Struct, frozen=True):
    """Neighbouring minutes with far more votes than is usual here; `people` is the most seen in one of them."""

    since: datetime
    until: datetime
    votes: int
    people: int


class Clones(msgspec.Struct, frozen=True):
    """People whose `answers` (at least twelve) are the same on the same statements. `members` never leave the server."""

    people: int
    answers: int
    members: tuple[int, ...]


def bursts(minutes: Sequence[Minute]) -> list[Burst]:
    """The bursts among minutes with votes, in order: at least a hundred votes, ten times the median of the minutes before.

    Nothing is usual before five minutes with votes have passed; minutes of a burst do not make bursts usual.
    """
    usual: list[int] = []
    found: list[Burst] = []
    for minute in sorted(minutes, key=lambda one: one.start):
        if (
            len(usual) >= BURST_MINUTES_KNOWN
            and minute.votes >= BURST_VOTES
            and minute.votes >= BURST_TIMES * median(usual)
        ):
            found.append(Burst(minute.start, minute.start + _MINUTE, minute.votes, minute.people))
        else:
            usual.append(minute.votes)
    joined: list[Burst] = []
    for burst in found:
        if joined and joined[-1].until == burst.since:
            last = joined.pop()
            burst = Burst(last.since, burst.until, last.votes + burst.votes, max(last.people, burst.people))
        joined.append(burst)
    return joined


def clones(people: NDArray[Any], statements: NDArray[Any], values: NDArray[Any]) -> list[Clones]:
    """Groups of at least five people with the very same answers, largest first, from one vote a row.

    Where many think alike some coincide by chance: a group counts only where it is ten times larger than if everybody had
    answered each statement by its own shares, statement by statement.
    """
    import numpy as np

    if not len(people):
        return []
    order = np.lexsort((statements, people))
    people, statements, values = people[order], statements[order], values[order]
    with np.errstate(over="ignore"):
        mixed = (
            statements.astype(np.uint64) * np.uint64(4) + (values.astype(np.int64) + 2).astype(np.uint64)
        ) * np.uint64(0x9E37_79B9_7F4A_7C15)
        mixed = (mixed ^ mixed >> np.uint64(31)) * np.uint64(0xBF58_476D_1CE4_E5B9)
        mixed ^= mixed >> np.uint64(27)
        numbers, starts, answers = np.unique(people, return_index=True, return_counts=True)
        prints = np.add.reduceat(mixed, starts)
    able = np.flatnonzero(answers >= CLONES_ANSWERS)
    _kinds, members_of, sizes = np.unique(prints[able], return_inverse=True, return_counts=True)
    codes, columns = np.unique(statements, return_inverse=True)
    voters = np.bincount(columns, minlength=len(codes))
    found = []
    for kind in np.flatnonzero(sizes >= CLONES_PEOPLE)[:CLONES_GROUPS]:
        members = able[members_of == kind]
        first = slice(starts[members[0]], starts[members[0]] + answers[members[0]])
        same = [np.array_equal(statements[_row(starts, answers, m)], statements[first]) for m in members]
        alike = [np.array_equal(values[_row(starts, answers, m)], values[first]) for m in members]
        if not all(same) or not all(alike):
            continue
        chance = 1.0
        for column, value in zip(columns[first], values[first], strict=True):
            chance *= np.count_nonzero((columns == column) & (values == value)) / voters[column]
        if len(members) > CLONES_TIMES * chance * len(able):
            count = int(answers[members[0]])
            found.append(Clones(len(members), count, tuple(int(number) for number in numbers[members])))
    return sorted(found, key=lambda one: (-one.people, one.members))


def _row(starts: NDArray[Any], answers: NDArray[Any], person: Any) -> slice:
    return slice(starts[person], starts[person] + answers[person])
