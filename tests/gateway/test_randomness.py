"""Random bytes are never given twice."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from colloque.gateway.randomness import FETCHED, Randomness


@given(st.lists(st.sampled_from([10, 12, 16, 32, FETCHED, FETCHED + 1, FETCHED - 1]), max_size=40))
def test_as_many_as_asked_and_none_twice(counts: list[int]) -> None:
    randomness = Randomness()
    given_out = [randomness(count) for count in counts]
    assert [len(taken) for taken in given_out] == counts
    assert len(set(given_out)) == len(given_out)


def test_pieces_do_not_overlap() -> None:
    randomness = Randomness()
    pieces = [randomness(8) for _ in range(5 * FETCHED // 8)]
    assert len(set(pieces)) == len(pieces)
