"""The table of last votes: the last vote of a pair counts, whatever the order, the ids, or the number of statements."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from colloque.consultations.core.opinion.values import Placements, VoteTable
from colloque.kernel.errors import InvalidInputError

ids = st.one_of(st.integers(0, 12), st.sampled_from([-3, 7, 2**40, -(2**62), 2**62]))
votes = st.lists(st.tuples(ids, ids, st.sampled_from([-1, 0, 1]), st.integers(0, 3)), max_size=60)


def as_pairs(table: VoteTable) -> dict[tuple[int, int], int]:
    found = {}
    for row, person in enumerate(table.people):
        for place in range(table.indptr[row], table.indptr[row + 1]):
            found[int(person), int(table.statements[table.indices[place]])] = int(table.values[place])
    return found


@given(votes, st.booleans())
@settings(max_examples=200, deadline=None)
def test_the_last_vote_of_each_pair_counts(given_votes: list[tuple[int, int, int, int]], is_timed: bool) -> None:
    expected: dict[tuple[int, int], int] = {}
    ordered = sorted(given_votes, key=lambda vote: vote[3]) if is_timed else given_votes
    for person, statement, value, _ in ordered:
        expected[person, statement] = value
    columns = np.array(given_votes, np.int64).reshape(-1, 4).T
    people, statements, values, at = columns
    table = VoteTable.from_votes(people, statements, values, at if is_timed else None)
    assert as_pairs(table) == expected
    assert table.votes == len(expected)
    assert sorted(table.people) == list(table.people), "people stand in order of their numbers"
    for row in range(len(table.people)):
        inside = table.indices[table.indptr[row] : table.indptr[row + 1]]
        assert (np.diff(inside) > 0).all(), "statements ascend within a row"


def test_many_statements_and_short_rows() -> None:
    draw = np.random.default_rng(1)
    people, statements = draw.integers(0, 500, 4000), draw.integers(0, 100_000, 4000)
    values = draw.integers(-1, 2, 4000)
    expected = dict(zip(zip(people.tolist(), statements.tolist(), strict=True), values.tolist(), strict=True))
    assert as_pairs(VoteTable.from_votes(people, statements, values)) == expected


@pytest.mark.parametrize(
    ("people", "statements", "values", "words"),
    [
        ([1, 2], [1], [1], "one length"),
        ([1], [1], [2], "not 2"),
        ([1.5], [1], [1], "whole numbers"),
        ([[1]], [1], [1], "one column"),
    ],
)
def test_what_is_no_vote_is_said(people: list[float], statements: list[int], values: list[int], words: str) -> None:
    with pytest.raises(InvalidInputError, match=words):
        VoteTable.from_votes(people, statements, values)


def test_placements_come_back_from_bytes() -> None:
    placed = Placements(np.array([3, 9]), np.array([0.5, -1.0]), np.array([1.0, 2.0]), np.array([0, -1], np.int16))
    again = Placements.from_bytes(placed.to_bytes())
    for name in ("people", "x", "y", "group"):
        assert np.array_equal(getattr(placed, name), getattr(again, name)), name
    with pytest.raises(InvalidInputError):
        Placements.from_bytes(placed.to_bytes()[:-1])
    with pytest.raises(InvalidInputError):
        Placements.from_bytes(b"")


def test_the_values_load_nothing_heavy() -> None:
    code = "import sys, colloque.consultations.core.opinion.values; print('numpy' in sys.modules or 'numba' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONPATH": "src"}
    )
    assert done.stdout.strip() == "False", "a server that starts must not load the machinery of maps"
