"""Small numbers are not shown, nor anything from which they could be worked out.

A cell below the threshold is hidden, then the smallest other cells of its column, until at least two are hidden and their sum
is no small number itself: the total of a column less what is shown then tells only of a group large enough (complementary
suppression; L. Willenborg and T. de Waal, Elements of Statistical Disclosure Control, 2001, chapter 6).
"""

from __future__ import annotations

from collections.abc import Sequence


def is_small(count: int, least: int) -> bool:
    """Whether a count is too small to be shown; nothing at all is not."""
    return 0 < count < least


def shown(count: int, least: int) -> int | None:
    """A count by itself, `None` where it is hidden."""
    return None if is_small(count, least) else count


def rows_hidden(columns: Sequence[Sequence[int]], least: int) -> frozenset[int]:
    """The rows hidden in each of these columns, whose rows add up to totals that are known."""
    rows = len(columns[0]) if columns else 0
    hidden = {row for row in range(rows) if any(is_small(column[row], least) for column in columns)}
    others = sorted((row for row in range(rows) if row not in hidden), key=lambda row: sum(c[row] for c in columns))
    while hidden and others:
        sums = [sum(column[row] for row in hidden) for column in columns]
        if len(hidden) > 1 and not any(is_small(held, least) for held in sums) and any(sums):
            break
        hidden.add(others.pop(0))
    return frozenset(hidden)


def parts_shown(counts: Sequence[int], least: int) -> tuple[int | None, ...]:
    """The counts of parts that make up a whole whose total is known."""
    hidden = rows_hidden([counts], least)
    return tuple(None if row in hidden else count for row, count in enumerate(counts))


def overlapping_shown(counts: Sequence[int], total: int, least: int) -> tuple[int | None, ...]:
    """The counts of groups that overlap: each is hidden where it is small, or where those outside it are few."""
    return tuple(None if is_small(count, least) or is_small(total - count, least) else count for count in counts)
