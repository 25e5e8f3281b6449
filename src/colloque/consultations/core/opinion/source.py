"""Where the votes of a map lie: in one table here, or in shards on other machines. The map asks only what stands here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from colloque.consultations.core.opinion import sums
from colloque.consultations.core.opinion.values import VoteTable

if TYPE_CHECKING:
    from colloque.consultations.core.opinion.sums import Sums
    from colloque.consultations.core.opinion.values import Labels, Real, Whole


class Source(Protocol):
    """Votes of people (int64 numbers, ascending) on statements (likewise); `given`: how many votes each person gave."""

    @property
    def people(self) -> Whole: ...
    @property
    def statements(self) -> Whole: ...
    @property
    def given(self) -> Whole: ...

    def sums(self) -> tuple[Sums, Sums, Sums, Sums]:
        """Counts (m, 3) and the three pair sums (m, m)."""

    def project(self, centre: Real, axes: Real, counted: NDArray[np.bool_]) -> tuple[Real, Real]:
        """Where each person stands."""

    def counts_by_group(self, groups: Labels, k: int) -> Sums:
        """Counts (k, m, 3) for groups of people."""

    def counts_of_rows(self, rows: Whole) -> Sums:
        """Counts (m, 3) of some people, named by their places."""


class Held:
    """The votes of one table, worked on by the threads of this machine (0: all cores)."""

    def __init__(self, table: VoteTable, threads: int = 0) -> None:
        self.table, self.threads = table, threads
        self.people, self.statements = table.people, table.statements
        self.given: Whole = np.diff(table.indptr)

    def sums(self) -> tuple[Sums, Sums, Sums, Sums]:
        """Counts and pair sums."""
        return sums.counts_of(self.table, self.threads), *sums.pair_sums(self.table, self.threads)

    def project(self, centre: Real, axes: Real, counted: NDArray[np.bool_]) -> tuple[Real, Real]:
        """Where each person stands."""
        return sums.project(self.table, centre, axes, counted, self.threads)

    def counts_by_group(self, groups: Labels, k: int) -> Sums:
        """Counts for groups of people."""
        return sums.counts_by_group(self.table, groups, k, self.threads)

    def counts_of_rows(self, rows: Whole) -> Sums:
        """Counts of some people."""
        return sums.counts_of_rows(self.table, rows)
