"""Sums kept while people vote: shards add up exactly, and a vote at a time gives what the whole table gives."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from colloque.consultations.core.opinion.axes import leading_axes
from colloque.consultations.core.opinion.covotes import CoVotes, LivingVotes
from colloque.consultations.core.opinion.values import StatementStatus, VoteTable
from colloque.kernel.errors import InvalidInputError

ballots = st.lists(
    st.tuples(st.integers(0, 9), st.integers(0, 7), st.sampled_from([-1, 0, 1])), min_size=1, max_size=80
)


def table_of(votes: list[tuple[int, int, int]]) -> VoteTable:
    people, statements, values = np.array(votes, np.int64).reshape(-1, 3).T
    return VoteTable.from_votes(people, statements, values)


def dense(table: VoteTable) -> NDArray[np.float64]:
    found = np.full((len(table.people), len(table.statements)), np.nan)
    for row in range(len(table.people)):
        part = slice(table.indptr[row], table.indptr[row + 1])
        found[row, table.indices[part]] = table.values[part]
    return found


def assert_equal(one: CoVotes, other: CoVotes) -> None:
    assert one.people == other.people
    for name in ("statements", "counts", "together", "votes", "products"):
        assert np.array_equal(_off(getattr(one, name)), _off(getattr(other, name))), name


def _off(array: NDArray[np.int64]) -> NDArray[np.int64]:
    found = array.copy()
    if found.ndim == 2 and found.shape[0] == found.shape[1]:
        np.fill_diagonal(found, 0)
    return found


@given(ballots, st.integers(1, 4))
@settings(max_examples=80, deadline=None)
def test_shards_add_up_exactly(votes: list[tuple[int, int, int]], shards: int) -> None:
    whole = CoVotes.from_table(table_of(votes))
    parts = [[vote for vote in votes if vote[0] % shards == shard] for shard in range(shards)]
    total = CoVotes.of()
    for part in parts:
        total = CoVotes.from_table(table_of(part)) + total
    assert_equal(total, whole)
    for one, other in zip(total.covariance(), whole.covariance(), strict=True):
        assert one.tobytes() == other.tobytes(), "centre and covariance are the same to the bit"


@given(ballots)
@settings(max_examples=80, deadline=None)
def test_a_vote_at_a_time_gives_what_the_whole_table_gives(votes: list[tuple[int, int, int]]) -> None:
    living = LivingVotes()
    for vote in votes:
        living.refresh([vote])
    whole = CoVotes.from_table(table_of(votes))
    assert_equal(living.sums, whole)
    centre, axes = living.refresh([])
    expected_centre, covariance = whole.covariance()
    assert np.allclose(centre, expected_centre, atol=1e-12)
    expected = leading_axes(covariance)[1]
    everything = np.sort(np.linalg.eigvalsh(covariance))[::-1]
    for axis in range(min(2, len(everything) - 1)):
        gaps = np.abs(np.delete(everything, axis) - everything[axis])
        if gaps.min() > 1e-3:
            assert abs(abs(axes[axis] @ expected[axis]) - 1) < 1e-9, "an axis set apart is the same axis"


def test_sums_are_those_of_the_dense_matrix() -> None:
    draw = np.random.default_rng(2)
    drawn = (draw.integers(0, 300, 4000), draw.integers(0, 60, 4000), draw.integers(-1, 2, 4000))
    votes = [(person, statement, value) for person, statement, value in np.column_stack(drawn).tolist()]
    table = table_of(votes)
    matrix = dense(table)
    seen, given_votes = (~np.isnan(matrix)).astype(np.int64), np.nan_to_num(matrix).astype(np.int64)
    found = CoVotes.from_table(table)
    assert np.array_equal(_off(found.together), _off(seen.T @ seen))
    assert np.array_equal(_off(found.votes), _off(given_votes.T @ seen))
    assert np.array_equal(_off(found.products), _off(given_votes.T @ given_votes))
    centre, covariance = found.covariance([StatementStatus(3, is_moderated_out=True)])
    filled = np.where(np.isnan(matrix), np.nanmean(matrix, axis=0), matrix)
    filled[:, 3] = 0
    assert np.allclose(centre, filled.mean(axis=0), atol=1e-12)
    assert np.allclose(covariance, np.cov(filled.T), atol=1e-12)
    values, axes, _ = leading_axes(covariance)
    expected, vectors = np.linalg.eigh(covariance)
    assert np.allclose(values, expected[::-1][:2], rtol=1e-12)
    for axis in range(2):
        assert abs(abs(axes[axis] @ vectors[:, -1 - axis]) - 1) < 1e-12


def test_more_people_than_one_field_counts() -> None:
    people, statements = np.repeat(np.arange(40_000), 3), np.tile([0, 1, 2], 40_000)
    values = np.tile([1, 1, -1], 40_000)
    found = CoVotes.from_table(VoteTable.from_votes(people, statements, values))
    assert found.together[0, 1] == found.votes[0, 1] == found.products[0, 1] == 40_000
    assert found.products[0, 2] == found.votes[2, 0] == -40_000


def test_axes_of_equal_weight_are_both_found() -> None:
    """Two directions of exactly the same variance: a method that follows one vector would miss the second."""
    covariance = np.diag(np.concatenate(([5.0, 5.0, 4.0], np.linspace(1, 0.1, 97))))
    values, axes, _ = leading_axes(covariance)
    assert np.allclose(values, [5.0, 5.0], atol=1e-12)
    assert np.allclose(axes @ axes.T, np.eye(2), atol=1e-12)


def test_a_statement_unknown_to_the_sums_is_said() -> None:
    some = CoVotes.of([1, 2])
    with pytest.raises(InvalidInputError):
        some.add(3, 1, None, [], [])
    with pytest.raises(InvalidInputError):
        some.over([1])
    assert some.over([1, 2, 9]).statements.tolist() == [1, 2, 9]
