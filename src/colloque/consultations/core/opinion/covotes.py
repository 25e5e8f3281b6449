"""Sums over pairs of statements that are kept while people vote, and that add up across shards.

A shard is any set of people. All sums are whole numbers, so shards give exactly what one machine gives, in any order; a vote
changes one line of them. From the sums follow centre, covariance and axes without reading the votes again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from colloque.consultations.core.opinion import axes as axes_module
from colloque.consultations.core.opinion import sums
from colloque.consultations.core.opinion.compiled import compiled
from colloque.consultations.core.opinion.naming import oriented
from colloque.consultations.core.opinion.source import Held
from colloque.consultations.core.opinion.values import OpinionMap, StatementStatus, VoteTable
from colloque.kernel.errors import InvalidInputError

if TYPE_CHECKING:
    from colloque.consultations.core.opinion.sums import Sums
    from colloque.consultations.core.opinion.values import Real, Whole

LIVE_TOLERANCE = 1e-6


@dataclass(eq=False, slots=True)
class CoVotes:
    """Whole-number sums over `people` people and `statements` (int64 numbers, ascending).

    `counts` (m, 3): agrees, disagrees, votes. For statements j and k, over people who voted on both: `together[j, k]`
    how many, `votes[j, k]` the sum of their votes on j, `products[j, k]` the sum of products; diagonals stay zero.
    """

    people: int
    statements: Whole
    counts: Sums
    together: Sums
    votes: Sums
    products: Sums
    _kept: _Kept = field(default_factory=lambda: _Kept(), repr=False)

    @classmethod
    def of(cls, statements: Iterable[int] = ()) -> CoVotes:
        """No votes yet on these statements."""
        numbers = np.unique(np.fromiter(statements, np.int64))
        m = len(numbers)
        together, votes, products = (np.zeros((m, m), np.int64) for _ in range(3))
        return cls(0, numbers, np.zeros((m, 3), np.int64), together, votes, products)

    @classmethod
    def from_table(cls, table: VoteTable, threads: int = 0) -> CoVotes:
        """The sums of a table of votes."""
        pairs = sums.pair_sums(table, threads)
        return cls(len(table.people), table.statements, sums.counts_of(table, threads), *pairs)

    def over(self, statements: ArrayLike) -> CoVotes:
        """The same sums with room for more statements. `statements` must hold all those here."""
        numbers = np.unique(np.asarray(statements, np.int64))
        if np.array_equal(numbers, self.statements):
            return self
        places = np.searchsorted(numbers, self.statements)
        if len(numbers) < len(self.statements) or not np.array_equal(numbers[places], self.statements):
            raise InvalidInputError("Sums can be given more statements, not fewer.", path="statements")
        wider = CoVotes.of(numbers.tolist())
        wider.people = self.people
        wider.counts[places] = self.counts
        for into, own in ((wider.together, self.together), (wider.votes, self.votes), (wider.products, self.products)):
            into[np.ix_(places, places)] = own
        return wider

    def __add__(self, other: CoVotes) -> CoVotes:
        """The sums of both shards; nobody is in both."""
        if not isinstance(other, CoVotes):
            return NotImplemented
        numbers = np.union1d(self.statements, other.statements)
        one, two = self.over(numbers), other.over(numbers)
        return CoVotes(
            one.people + two.people,
            numbers,
            one.counts + two.counts,
            one.together + two.together,
            one.votes + two.votes,
            one.products + two.products,
        )

    def add(
        self,
        statement: int,
        value: int,
        before: int | None,
        others: Sequence[int] | Whole,
        other_values: Sequence[int] | Whole,
        *,
        is_first: bool | None = None,
    ) -> None:
        """One vote: `value` on `statement`, where `before` stood before (None: nothing), by somebody whose votes on
        `others` are `other_values`.

        `is_first`: whether they had voted on nothing yet (by default: no vote before and no others). Raises
        `InvalidInputError` for a statement not among ours; make room with `over`.
        """
        asked = np.asarray(others, np.int64)
        places = np.searchsorted(self.statements, np.append(asked, statement))
        known = places < len(self.statements)
        if not known.all() or not np.array_equal(self.statements[places], np.append(asked, statement)):
            raise InvalidInputError("There is no such statement in these sums.", path="statement")
        at = int(places[-1])
        rest = places[:-1] != at
        if is_first if is_first is not None else before is None and not rest.any():
            self.people += 1
        given = np.asarray(other_values, np.int64)
        step = (1 if before is None else 0, value - (before or 0))
        _change(at, *step, places[:-1][rest], given[rest], self.together, self.votes, self.products)
        for vote, sign in ((before, -1), (value, 1)):
            if vote is not None:
                self.counts[at] += sign * np.array([vote > 0, vote < 0, 1])
        self._kept.touched.add(at)

    def covariance(self, statements: Iterable[StatementStatus] = ()) -> tuple[Real, Real]:
        """Centre (m) and covariance (m, m), the same to the bit as from the table of votes."""
        return axes_module.covariance_of(
            self.people, self.counts, self.together, self.votes, self.products, self._counted(statements)
        )

    def axes(self, statements: Iterable[StatementStatus] = (), previous: OpinionMap | None = None) -> tuple[Real, Real]:
        """Centre (m) and axes (2, m), refreshed: only lines touched since the last call are made anew, and the search for
        axes starts from the last ones.

        The axes agree with those computed from nothing to about a hundred-thousandth where the second axis is set apart from
        the third: enough to draw. A map that is kept is computed from nothing.
        """
        kept, counted = self._kept, self._counted(statements)
        if kept.covariance is None or kept.people != self.people or not np.array_equal(kept.counted, counted):
            if kept.covariance is not None and np.array_equal(kept.counted, counted):
                # Another number of people scales the whole matrix: axes stay, only touched lines change more.
                kept.covariance *= max(1, kept.people - 1) / max(1, self.people - 1)
            else:
                kept.centre, kept.covariance = self.covariance(statements)
                kept.touched.clear()
            kept.people, kept.counted = self.people, counted
        for at in kept.touched:
            _refresh_line(
                at,
                self.people,
                self.counts,
                self.together,
                self.votes,
                self.products,
                counted,
                kept.centre,
                kept.covariance,
            )
        kept.touched.clear()
        _, found, kept.block = axes_module.leading_axes(kept.covariance, kept.block, LIVE_TOLERANCE)
        if previous is None and kept.last is not None:
            for axis, other in zip(found, kept.last, strict=True):
                if float((axis * other).sum()) < 0:
                    axis *= -1.0
        else:
            found = oriented(found, self.statements, previous)
        kept.last = found
        return kept.centre.copy(), found

    def _counted(self, statements: Iterable[StatementStatus]) -> NDArray[np.bool_]:
        aside = {one.number for one in statements if one.is_moderated_out or one.is_meta}
        return np.array([number not in aside for number in self.statements.tolist()], np.bool_)


@dataclass(eq=False, slots=True)
class _Kept:
    """What was computed last: not part of the sums."""

    people: int = -1
    counted: NDArray[np.bool_] = field(default_factory=lambda: np.empty(0, np.bool_))
    centre: Real = field(default_factory=lambda: np.empty(0))
    covariance: Real | None = None
    block: Real | None = None
    last: Real | None = None
    touched: set[int] = field(default_factory=set)


class LivingVotes:
    """The votes of a consultation in memory, and their sums, kept while people vote."""

    def __init__(self, table: VoteTable | None = None) -> None:
        made = table if table is not None else VoteTable.from_votes([], [], [])
        self.sums = CoVotes.from_table(made)
        self._rows: dict[int, dict[int, int]] = {}
        self._table = made
        self._places = {person: row for row, person in enumerate(made.people.tolist())}
        self._later: list[tuple[int, int, int]] = []
        self.count = made.votes

    def _row(self, person: int) -> dict[int, int]:
        found = self._rows.get(person)
        if found is None:
            found = {}
            row = self._places.get(person)
            if row is not None:
                part = slice(self._table.indptr[row], self._table.indptr[row + 1])
                asked = self._table.statements[self._table.indices[part]].tolist()
                found = dict(zip(asked, self._table.values[part].tolist(), strict=True))
            self._rows[person] = found
        return found

    def take(self, votes: Iterable[tuple[int, int, int]]) -> int:
        """Take in votes (person, statement, value), in their order; how many of them said something new."""
        listed = list(votes)
        unknown = {statement for _, statement, _ in listed} - set(self.sums.statements.tolist())
        if unknown:
            self.sums = self.sums.over([*self.sums.statements.tolist(), *unknown])
        changes = 0
        for person, statement, value in listed:
            row = self._row(person)
            before = row.get(statement)
            if before != value:
                others = [number for number in row if number != statement]
                self.sums.add(statement, value, before, others, [row[number] for number in others])
                row[statement] = value
                self._later.append((person, statement, value))
                self.count += before is None
                changes += 1
        return changes

    def refresh(
        self, votes: Iterable[tuple[int, int, int]], statements: Iterable[StatementStatus] = ()
    ) -> tuple[Real, Real]:
        """Take in votes and give centre and axes as they are now."""
        self.take(votes)
        return self.sums.axes(statements)

    def table(self) -> VoteTable:
        """All votes as they are now, in rows of people."""
        if self._later:
            held = self._table
            late = np.array(self._later, np.int64).T
            self._table = VoteTable.from_votes(
                np.concatenate((np.repeat(held.people, np.diff(held.indptr)), late[0])),
                np.concatenate((held.statements[held.indices], late[1])),
                np.concatenate((held.values, late[2].astype(np.int8))),
            )
            self._places = {person: row for row, person in enumerate(self._table.people.tolist())}
            self._rows.clear()
            self._later.clear()
        return self._table

    def source(self, threads: int = 0) -> Held:
        """The votes as the map asks for them; the sums over pairs are those that were kept."""
        return _Summed(self.table(), self.sums, threads)


class _Summed(Held):
    """A table whose sums are known."""

    def __init__(self, table: VoteTable, known: CoVotes, threads: int) -> None:
        super().__init__(table, threads)
        self._known = known

    def sums(self) -> tuple[Sums, Sums, Sums, Sums]:
        """Counts and pair sums."""
        known = self._known
        return known.counts, known.together, known.votes, known.products


@compiled
def _change(
    at: int, people: int, step: int, places: Whole, values: Whole, together: Sums, votes: Sums, products: Sums
) -> None:
    """A vote on statement `at` grew by `step`, and so many more people voted on it, beside these other votes."""
    for number in range(len(places)):
        other, vote = places[number], values[number]
        together[at, other] += people
        together[other, at] += people
        votes[at, other] += step
        votes[other, at] += people * vote
        products[at, other] += step * vote
        products[other, at] += step * vote


@compiled
def _refresh_line(
    at: int,
    people: int,
    counts: Sums,
    together: Sums,
    votes: Sums,
    products: Sums,
    counted: NDArray[np.bool_],
    centre: Real,
    covariance: Real,
) -> None:
    if counted[at] and counts[at, 2]:
        centre[at] = (counts[at, 0] - counts[at, 1]) / counts[at, 2]
    axes_module._covariance_line(at, max(1, people - 1), counts, together, votes, products, counted, centre, covariance)
    for other in range(len(centre)):
        covariance[other, at] = covariance[at, other]
