"""Which statement to ask a person next: the one most worth asking, once every new statement has had its first hearing.

How much a statement is worth asking is Polis's priority, as its authors meant it: statements that people agree with, that few
pass over and that tell opinion groups apart come more often, and so do statements with few votes yet. Each statement has a
priority from its first moment on, and statements about the consultation itself have their own fixed one.

Bitmaps are whole numbers: bit `n` stands for the statement with number `n`. Asking costs the same whatever the number of
participants and of votes: a draw in constant time, drawn again where the person has already answered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

import msgspec

FIRST_HEARING: Final = 10
"""People to whom each new statement is shown before its priority alone decides."""

FIRST_HEARING_SHARE: Final = 1 / 3
"""Share of questions that go to statements still in their first hearing, while the person has others to answer."""

META_PRIORITY: Final = 49.0
DRAWS: Final = 16

Random = Callable[[], float]
"""Gives numbers evenly spread over 0 ≤ x < 1."""


class StatementCounts(msgspec.Struct, frozen=True):
    """How people have answered a statement so far, and how far apart it sets them (`extremity` ≥ 0, from the last map)."""

    number: int
    agree: int = 0
    disagree: int = 0
    passed: int = 0
    extremity: float = 0.0
    is_meta: bool = False

    @property
    def seen(self) -> int:
        """People who answered, passes included."""
        return self.agree + self.disagree + self.passed


def priority(counts: StatementCounts) -> float:
    """How much a statement is worth asking, above 0.

    With A agreements, P passes and S answers, extremity E: `((1 - (P+1)/(S+2)) · (E+1) · (A+1)/(S+2) · (1 + 8·2^(-S/5)))²`.
    Source: Polis, `importance-metric` and `priority-metric` of its mathematics.
    """
    if counts.is_meta:
        return META_PRIORITY
    passes = (counts.passed + 1) / (counts.seen + 2)
    agreement = (counts.agree + 1) / (counts.seen + 2)
    importance = (1 - passes) * (counts.extremity + 1) * agreement
    novelty = 1 + 8 * 2.0 ** (-counts.seen / 5)
    return float((importance * novelty) ** 2)


def bitmap(numbers: Iterable[int]) -> int:
    """The bitmap of some statements."""
    bits = 0
    for number in numbers:
        bits |= 1 << number
    return bits


def answered(numbers: Iterable[int], merged: Mapping[int, int]) -> int:
    """The bitmap of what a person need not be asked again: their answers, and what those statements were merged into.

    `merged` leads from the number of a merged statement to the one it was merged into, possibly merged itself.
    """
    bits = 0
    for number in numbers:
        bits |= 1 << number
        while number in merged and not bits >> merged[number] & 1:
            number = merged[number]
            bits |= 1 << number
    return bits


class AliasTable:
    """Draws a number in constant time, each in proportion to its weight. Source: M. D. Vose, IEEE TSE 17(9), 1991."""

    def __init__(self, weights: Mapping[int, float]) -> None:
        self._numbers = list(weights)
        size = len(self._numbers)
        total = sum(weights.values())
        shares = [weight * size / total for weight in weights.values()]
        self._cut, self._other = [1.0] * size, list(self._numbers)
        small = [place for place, share in enumerate(shares) if share < 1]
        large = [place for place, share in enumerate(shares) if share >= 1]
        while small and large:
            less, more = small.pop(), large[-1]
            self._cut[less], self._other[less] = shares[less], self._numbers[more]
            shares[more] -= 1 - shares[less]
            if shares[more] < 1:
                small.append(large.pop())

    def draw(self, random: Random) -> int:
        """One of the numbers."""
        place = random() * len(self._numbers)
        index = int(place)
        return self._numbers[index] if place - index < self._cut[index] else self._other[index]


class Routing:
    """The statements of one consultation that may be asked now, ready to be drawn from.

    Made anew whenever statements, counts or the map change; between two makings it counts by itself how often each statement
    in its first hearing is shown. Only published statements belong in `statements`. `shown` says how often each number was
    shown so far, where that is more than was answered.
    """

    def __init__(
        self,
        statements: Sequence[StatementCounts],
        shown: Mapping[int, int] | None = None,
        first_hearing: int = FIRST_HEARING,
    ) -> None:
        shown = shown or {}
        self._weights = {counts.number: priority(counts) for counts in statements}
        self.askable = bitmap(self._weights)
        self._levels = [0] * first_hearing
        self._new = 0
        for counts in statements:
            level = max(counts.seen, shown.get(counts.number, 0))
            if level < first_hearing:
                self._levels[level] |= 1 << counts.number
                self._new |= 1 << counts.number
        self._table = AliasTable(self._weights) if self._weights else None

    def shown(self) -> dict[int, int]:
        """How often each statement in its first hearing was shown, for the next making."""
        return {number: level for level, bits in enumerate(self._levels) for number in _numbers(bits)}

    def left(self, seen: int) -> int:
        """How many statements a person who has answered `seen` has still to answer."""
        return (self.askable & ~seen).bit_count()

    def next(self, seen: int, random: Random) -> int | None:
        """The statement to ask a person who has answered `seen` (a bitmap), and None when nothing is left."""
        unseen = self.askable & ~seen
        if not unseen:
            return None
        new = unseen & self._new
        if new and (new == unseen or random() < FIRST_HEARING_SHARE):
            return self._hear(new, random)
        settled = unseen & ~self._new
        if self._table is not None:
            for _ in range(DRAWS):
                number = self._table.draw(random)
                if settled >> number & 1:
                    return number
        return self._draw_among(settled, random)

    def _hear(self, new: int, random: Random) -> int:
        """One of the new statements shown least often so far, which is then shown once more."""
        level = next(level for level, bits in enumerate(self._levels) if bits & new)
        candidates = self._levels[level] & new
        number = nth_bit(candidates, int(random() * candidates.bit_count()))
        self._levels[level] &= ~(1 << number)
        if level + 1 < len(self._levels):
            self._levels[level + 1] |= 1 << number
        else:
            self._new &= ~(1 << number)
        return number

    def _draw_among(self, bits: int, random: Random) -> int:
        """One of few statements left to a person, each in proportion to its priority."""
        numbers = _numbers(bits)
        rest = random() * sum(self._weights[number] for number in numbers)
        for number in numbers:
            rest -= self._weights[number]
            if rest < 0:
                break
        return number


def _numbers(bits: int) -> list[int]:
    """The places of the set bits, ascending."""
    return [place for place, bit in enumerate(reversed(f"{bits:b}")) if bit == "1"]


def nth_bit(bits: int, n: int) -> int:
    """The place of the set bit with `n` set bits below it, for 0 ≤ n < number of set bits."""
    place, width = 0, bits.bit_length()
    while width > 1:
        half = width // 2
        low = bits & (1 << half) - 1
        below = low.bit_count()
        if n < below:
            bits, width = low, half
        else:
            bits, n, place, width = bits >> half, n - below, place + half, width - half
    return place
