"""What an opinion map says in the end: what unites, what divides, and what is too small to be shown.

Nobody should learn from a result how one person voted: votes of a group smaller than the consultation's threshold are not
shown, nor what could be found by subtracting the shown groups from everybody.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from colloque.consultations.core.opinion.values import Counts, OpinionMap, StatementOnMap

UNITES: Final = 0.6
"""A statement unites where in each group at least this share of those who saw it agree (or disagree, all alike)."""
DIVIDES: Final = 0.5
"""It divides where in one group at least this share agree and in another at least this share disagree."""
MOST_OUTCOMES: Final = 12
FEW: Final = 30
"""Below this many votes a share is shown with the bounds between which it lies."""


class Shares(msgspec.Struct, frozen=True):
    """Votes of some people on one statement; `low` and `high` bound the true share of agreement (Wilson, 95 %)."""

    agree: int
    disagree: int
    passed: int
    seen: int
    low: float = 0.0
    high: float = 1.0

    @property
    def agree_percent(self) -> int:
        """Share of those who saw it that agree, in whole percent."""
        return _percent(self.agree, self.seen)

    @property
    def disagree_percent(self) -> int:
        """Share of those who saw it that disagree, in whole percent."""
        return _percent(self.disagree, self.seen)

    @property
    def pass_percent(self) -> int:
        """What is left to a hundred."""
        return max(0, 100 - self.agree_percent - self.disagree_percent) if self.seen else 0

    @property
    def low_percent(self) -> int:
        """Lower bound of the share that agrees, in whole percent."""
        return int(100 * self.low)

    @property
    def high_percent(self) -> int:
        """Upper bound of the share that agrees, in whole percent."""
        return -int(-100 * self.high)

    @property
    def is_few(self) -> bool:
        """Whether so few votes stand behind it that the bounds must be said."""
        return self.seen < FEW


def _percent(part: int, whole: int) -> int:
    return (200 * part + whole) // (2 * whole) if whole else 0


class Line(msgspec.Struct, frozen=True):
    """One statement: everybody's votes, and each group's in the order of the map; None where they are not shown."""

    number: int
    everyone: Shares
    by_group: tuple[Shares | None, ...]
    divisiveness: float
    gap: tuple[int, int] | None = None


class Reading(msgspec.Struct, frozen=True):
    """What a map says. `hidden` are places of groups whose votes are not shown; lists hold statement numbers, strongest first.

    `agreed`: every group agrees. `refused`: every group disagrees. `divides`: one group agrees, another disagrees.
    """

    lines: dict[int, Line]
    hidden: frozenset[int]
    agreed: tuple[int, ...]
    refused: tuple[int, ...]
    divides: tuple[int, ...]

    @property
    def outcomes(self) -> tuple[int, ...]:
        """The statements that call for a reply of the house: those that unite, then those that divide most."""
        return (*self.agreed[:MOST_OUTCOMES], *self.refused[: MOST_OUTCOMES // 2], *self.divides[: MOST_OUTCOMES // 2])


def hidden_groups(sizes: Sequence[int], off_map: int, least: int) -> frozenset[int]:
    """The places of groups whose votes are not shown, given everybody's are.

    A group below `least` people is hidden; then the smallest of the others too, until what a subtraction would leave (hidden
    groups and `off_map` people who voted but stand in no group) counts at least `least` people.
    """
    hidden = {place for place, size in enumerate(sizes) if size < least}
    rest = sorted((place for place in range(len(sizes)) if place not in hidden), key=lambda place: sizes[place])
    while hidden and rest and off_map + sum(sizes[place] for place in hidden) < least:
        hidden.add(rest.pop(0))
    return frozenset(hidden)


def read_map(opinion_map: OpinionMap, least: int) -> Reading:
    """What the map says, where a group of fewer than `least` people is not shown and fewer votes count as no opinion."""
    sizes = [group.size for group in opinion_map.groups]
    hidden = hidden_groups(sizes, opinion_map.people - opinion_map.people_on_map, least)
    standing = [one for one in opinion_map.statements if not one.is_moderated_out]
    lines = {one.number: _line(one, hidden, least) for one in standing}
    spoken = [one for one in standing if not one.is_meta and one.seen >= max(least, opinion_map.people / 10)]
    agreed = [one for one in spoken if _alike(lines[one.number], least, "agree")]
    refused = [one for one in spoken if _alike(lines[one.number], least, "disagree")]
    divides = [one for one in spoken if lines[one.number].gap is not None]
    return Reading(
        lines,
        hidden,
        tuple(one.number for one in sorted(agreed, key=lambda one: (-one.consensus_agree, one.number))),
        tuple(one.number for one in sorted(refused, key=lambda one: (-one.consensus_disagree, one.number))),
        tuple(one.number for one in sorted(divides, key=lambda one: (-one.divisiveness, one.number))),
    )


def _line(one: StatementOnMap, hidden: frozenset[int], least: int) -> Line:
    by_group = tuple(
        None if place in hidden or counts.seen < least else _shares(counts) for place, counts in enumerate(one.by_group)
    )
    everyone = Shares(one.agree, one.disagree, one.passed, one.seen)
    return Line(one.number, everyone, by_group, one.divisiveness, _gap(by_group))


def _shares(counts: Counts) -> Shares:
    return Shares(counts.agree, counts.disagree, counts.passed, counts.seen, counts.agree_low, counts.agree_high)


def _gap(by_group: Sequence[Shares | None]) -> tuple[int, int] | None:
    """The groups furthest apart, the one that agrees first; None where no group agrees while another disagrees."""
    seen = [(place, shares) for place, shares in enumerate(by_group) if shares is not None]
    if len(seen) < 2:
        return None
    first, most = max(seen, key=lambda pair: (pair[1].agree - pair[1].disagree) / pair[1].seen)
    last, least = min(seen, key=lambda pair: (pair[1].agree - pair[1].disagree) / pair[1].seen)
    divided = most.agree >= DIVIDES * most.seen and least.disagree >= DIVIDES * least.seen
    return (first, last) if divided else None


def _alike(line: Line, least: int, direction: str) -> bool:
    """Whether everybody, and each group that is shown, goes one way."""
    told = [line.everyone, *(shares for shares in line.by_group if shares is not None)]
    return all(shares.seen >= least and getattr(shares, direction) >= UNITES * shares.seen for shares in told)
