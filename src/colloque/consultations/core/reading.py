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
TENS: Final = 10
FIVES: Final = 5


class Shares(msgspec.Struct, frozen=True):
    """Votes of some people on one statement, in whole percent of the `seen` who answered it.

    `low_percent` and `high_percent` bound the true share of agreement (Wilson, 95 %). Rounded figures (`of` with a step) hold no
    exact count: shares are multiples of ten, and `seen` is a multiple of five that is not more than the number.
    """

    agree_percent: int
    disagree_percent: int
    seen: int
    low_percent: int = 0
    high_percent: int = 100

    @classmethod
    def of(
        cls, agree: int, disagree: int, seen: int, low: float = 0.0, high: float = 1.0, *, is_rounded: bool = False
    ) -> Shares:
        """The shares of so many agreements and disagreements among `seen`; rounded, where no exact figure may be told."""
        step = TENS if is_rounded else 1
        agreeing, disagreeing = _percent(agree, seen, step), _percent(disagree, seen, step)
        return cls(
            agreeing,
            min(disagreeing, 100 - agreeing) if is_rounded else disagreeing,
            seen - seen % FIVES if is_rounded else seen,
            step * int(100 * low / step),
            min(100, step * -int(-100 * high // step)),
        )

    @property
    def pass_percent(self) -> int:
        """What is left to a hundred."""
        return max(0, 100 - self.agree_percent - self.disagree_percent) if self.seen else 0

    @property
    def is_few(self) -> bool:
        """Whether so few votes stand behind it that the bounds must be said."""
        return self.seen < FEW


def _percent(part: int, whole: int, step: int) -> int:
    return step * ((200 * part + step * whole) // (2 * step * whole)) if whole else 0


class Line(msgspec.Struct, frozen=True):
    """One statement: everybody's votes, and each group's in the order of the map; None where they are not shown.

    `leans`: everybody and each group agree (1), disagree (−1), or neither (0). `gap`: the groups furthest apart, by place.
    """

    number: int
    everyone: Shares | None
    by_group: tuple[Shares | None, ...]
    leans: int = 0
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
    groups and `off_map` people who voted but stand in no group) counts nobody, or at least `least` people.
    """
    hidden = {place for place, size in enumerate(sizes) if size < least}
    rest = sorted((place for place in range(len(sizes)) if place not in hidden), key=lambda place: sizes[place])
    while hidden and rest and 0 < off_map + sum(sizes[place] for place in hidden) < least:
        hidden.add(rest.pop(0))
    return frozenset(hidden)


def read_map(opinion_map: OpinionMap, least: int, *, is_rounded: bool = False) -> Reading:
    """What the map says, where a group of fewer than `least` people is not shown and fewer votes count as no opinion.

    What unites or divides is judged on exact counts; `is_rounded`: the figures that are told are not exact (see `Shares`).
    """
    hidden = hidden_of(opinion_map, least)
    standing = [one for one in opinion_map.statements if not one.is_moderated_out]
    enough = max(least, opinion_map.people / 10)
    lines = {
        one.number: _line(one, hidden, least, is_spoken=not one.is_meta and one.seen >= enough, is_rounded=is_rounded)
        for one in standing
    }
    return in_order(opinion_map, lines, hidden)


def hidden_of(opinion_map: OpinionMap, least: int) -> frozenset[int]:
    """The places of the groups of a map whose votes are not shown."""
    sizes = [group.size for group in opinion_map.groups]
    return hidden_groups(sizes, opinion_map.people - opinion_map.people_on_map, least)


def in_order(opinion_map: OpinionMap, lines: dict[int, Line], hidden: frozenset[int]) -> Reading:
    """What these lines say, the strongest statement of each list first."""
    standing = [one for one in opinion_map.statements if one.number in lines]
    agreed = [one for one in standing if lines[one.number].leans > 0]
    refused = [one for one in standing if lines[one.number].leans < 0]
    divides = [one for one in standing if lines[one.number].gap is not None]
    return Reading(
        lines,
        hidden,
        tuple(one.number for one in sorted(agreed, key=lambda one: (-one.consensus_agree, one.number))),
        tuple(one.number for one in sorted(refused, key=lambda one: (-one.consensus_disagree, one.number))),
        tuple(one.number for one in sorted(divides, key=lambda one: (-one.divisiveness, one.number))),
    )


def _line(one: StatementOnMap, hidden: frozenset[int], least: int, *, is_spoken: bool, is_rounded: bool) -> Line:
    seen = [counts.seen for counts in one.by_group]
    few = hidden_groups(seen, one.seen - sum(seen), least)
    told = {place: counts for place, counts in enumerate(one.by_group) if place not in hidden and place not in few}
    everyone = one.seen >= least
    return Line(
        one.number,
        Shares.of(one.agree, one.disagree, one.seen, is_rounded=is_rounded) if everyone else None,
        tuple(
            _shares(told[place], is_rounded=is_rounded) if place in told else None for place in range(len(one.by_group))
        ),
        _leans(one, list(told.values())) if is_spoken and everyone else 0,
        _gap(told) if is_spoken else None,
    )


def _shares(counts: Counts, *, is_rounded: bool) -> Shares:
    return Shares.of(
        counts.agree, counts.disagree, counts.seen, counts.agree_low, counts.agree_high, is_rounded=is_rounded
    )


def _gap(told: dict[int, Counts]) -> tuple[int, int] | None:
    """The groups furthest apart, the one that agrees first; None where no group agrees while another disagrees."""
    if len(told) < 2:
        return None
    first, most = max(told.items(), key=lambda pair: (pair[1].agree - pair[1].disagree) / pair[1].seen)
    last, least = min(told.items(), key=lambda pair: (pair[1].agree - pair[1].disagree) / pair[1].seen)
    divided = most.agree >= DIVIDES * most.seen and least.disagree >= DIVIDES * least.seen
    return (first, last) if divided else None


def _leans(one: StatementOnMap, told: Sequence[Counts]) -> int:
    """Whether everybody, and each group that is shown, goes one way."""
    everybody: list[StatementOnMap | Counts] = [one, *told]
    if all(counts.agree >= UNITES * counts.seen for counts in everybody):
        return 1
    return -1 if all(counts.disagree >= UNITES * counts.seen for counts in everybody) else 0
