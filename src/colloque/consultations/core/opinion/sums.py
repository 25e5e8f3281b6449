"""Sums over the table of votes, all in whole numbers: equal in any order, over any cut into shards, on any machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from colloque.consultations.core.opinion.compiled import compiled, spread

if TYPE_CHECKING:
    from colloque.consultations.core.opinion.values import Indices, Labels, Real, Votes, VoteTable, Whole

Sums: TypeAlias = NDArray[np.int64]
ROWS = 1 << 14
"""People to a chunk. Packed pair sums hold four 16-bit fields of at most 4 × people: 2^14 − 1 is the most."""
PACKED_ROWS = (1 << 14) - 1
MOST_TWICE = 2048
"""Up to so many statements, two threads sum pairs, each with its own sums; more would take too much memory."""
AGREE, DISAGREE, SEEN = 0, 1, 2


def counts_of(table: VoteTable, threads: int = 0) -> Sums:
    """Agrees, disagrees and votes (columns) of each statement (rows, in order of `table.statements`)."""
    none = np.zeros(len(table.people), np.int16)
    found: Sums = counts_by_group(table, none, 1, threads)[0]
    return found


def counts_by_group(table: VoteTable, groups: Labels, k: int, threads: int = 0) -> Sums:
    """Shape (k, m, 3): agrees, disagrees and votes by group and statement; people with a negative group count nowhere."""
    total = np.zeros((k, len(table.statements), 3), np.int64)
    shape = (k, len(table.statements), 3)
    for part in spread(
        lambda low, high: _counts(
            table.indptr, table.indices, table.values, groups, low, high, np.zeros(shape, np.int32)
        ),
        len(table.people),
        _rows_a_part(len(table.people)),
        threads,
    ):
        total += part
    return total


def counts_of_rows(table: VoteTable, rows: Whole) -> Sums:
    """Agrees, disagrees and votes of each statement among these rows only."""
    found = np.zeros((1, len(table.statements), 3), np.int32)
    one = np.zeros(len(table.people) if len(rows) else 0, np.int16)
    for row in rows.tolist():
        _counts(table.indptr, table.indices, table.values, one, row, row + 1, found)
    return np.asarray(found[0], np.int64)


def _rows_a_part(rows: int) -> int:
    """At most sixty-four parts, so that what each thread sums stays little; at most 2^31 votes to a part."""
    return max(ROWS, -(-rows // 64))


@compiled
def _counts(
    indptr: Whole, indices: Indices, values: Votes, groups: Labels, first: int, last: int, found: NDArray[np.int32]
) -> NDArray[np.int32]:
    for row in range(first, last):
        group = groups[row]
        if group < 0:
            continue
        for place in range(indptr[row], indptr[row + 1]):
            statement = indices[place]
            vote = values[place]
            found[group, statement, 2] += 1
            found[group, statement, 0] += vote > 0
            found[group, statement, 1] += vote < 0
    return found


def pair_sums(table: VoteTable, threads: int = 0) -> tuple[Sums, Sums, Sums]:
    """Over people who voted on both statements of a pair: how many, the sum of their votes, the sum of the products.

    Three (m, m) arrays: `together[j, k]` people; `votes[j, k]` the sum of their votes on j; `products[j, k]` the sum of
    vote on j times vote on k. The diagonals are a statement's own sums.
    """
    m = len(table.statements)
    total = tuple(np.zeros((m, m), np.int64) for _ in range(3))
    rows = len(table.people)
    part = max(ROWS, -(-rows // 2)) if m <= MOST_TWICE else max(1, rows)
    for found in spread(lambda low, high: _pairs_of_part(table, low, high), rows, part, threads):
        for into, one in zip(total, found, strict=True):
            into += one
    together, votes, products = total
    _mirror(together, products)
    return together, votes, products


def _pairs_of_part(table: VoteTable, first: int, last: int) -> tuple[Sums, Sums, Sums]:
    m = len(table.statements)
    together, votes, products = (np.zeros((m, m), np.int64) for _ in range(3))
    packed = np.zeros((m, m), np.int64)
    _pairs(table.indptr, table.indices, table.values, first, last, packed, together, votes, products)
    return together, votes, products


@compiled
def _pairs(
    indptr: Whole,
    indices: Indices,
    values: Votes,
    first: int,
    last: int,
    packed: Sums,
    together: Sums,
    votes: Sums,
    products: Sums,
) -> None:
    """Pair sums above the diagonal for rows `first` to `last`.

    One addition counts four things in fields of sixteen bits: people, vote + 1 on each side, and the product of these.
    What each vote of a row adds beside an earlier one is prepared once per row, for the three votes the earlier may be.
    """
    m = packed.shape[0]
    places = np.empty(m, np.uint64)
    added = np.empty((3, m), np.int64)
    since = 0
    for row in range(first, last):
        if since == PACKED_ROWS:
            _unpack(packed, together, votes, products)
            since = 0
        since += 1
        begin = indptr[row]
        size = indptr[row + 1] - begin
        for at in range(size):
            places[at] = indices[begin + at]
            vote = np.int64(values[begin + at]) + 1
            alone = 1 + (vote << 32)
            step = (np.int64(1) << 16) + (vote << 48)
            added[0, at] = alone
            added[1, at] = alone + step
            added[2, at] = alone + 2 * step
        for at in range(size):
            line = packed[np.int64(places[at])]
            adds = added[values[begin + at] + 1]
            for other in range(np.uint64(at + 1), np.uint64(size)):
                line[places[other]] += adds[other]
    _unpack(packed, together, votes, products)


@compiled
def _unpack(packed: Sums, together: Sums, votes: Sums, products: Sums) -> None:
    m = packed.shape[0]
    for j in range(m):
        for k in range(j + 1, m):
            field = packed[j, k]
            people = field & 0xFFFF
            above, below, both = (field >> 16) & 0xFFFF, (field >> 32) & 0xFFFF, (field >> 48) & 0xFFFF
            together[j, k] += people
            votes[j, k] += above - people
            votes[k, j] += below - people
            products[j, k] += both - above - below + people
            packed[j, k] = 0


@compiled
def _mirror(together: Sums, products: Sums) -> None:
    for j in range(together.shape[0]):
        for k in range(j):
            together[j, k] = together[k, j]
            products[j, k] = products[k, j]


def project(
    table: VoteTable, centre: Real, axes: Real, counted: NDArray[np.bool_], threads: int = 0
) -> tuple[Real, Real]:
    """Where each person stands: the sum over their votes of (vote − centre) × axis, times sqrt(statements / votes).

    `centre` (m), `axes` (2, m); statements not `counted` (moderated out) count as voted by everyone and pull nowhere.
    Source: sparsity-aware projection of Polis (Small et al. 2021).
    """
    rows = len(table.people)
    x, y = np.empty(rows), np.empty(rows)
    ends = np.ascontiguousarray(axes)
    spread(
        lambda low, high: _project(table.indptr, table.indices, table.values, centre, ends, counted, low, high, x, y),
        rows,
        ROWS,
        threads,
    )
    return x, y


@compiled
def _project(
    indptr: Whole,
    indices: Indices,
    values: Votes,
    centre: Real,
    axes: Real,
    counted: NDArray[Any],
    first: int,
    last: int,
    x: Real,
    y: Real,
) -> None:
    m = len(centre)
    aside = 0
    for statement in range(m):
        aside += not counted[statement]
    for row in range(first, last):
        across = 0.0
        up = 0.0
        votes = aside
        for place in range(indptr[row], indptr[row + 1]):
            statement = indices[place]
            if counted[statement]:
                apart = values[place] - centre[statement]
                across += apart * axes[0, statement]
                up += apart * axes[1, statement]
                votes += 1
        scale = np.sqrt(m / max(1, votes))
        x[row] = across * scale
        y[row] = up * scale
