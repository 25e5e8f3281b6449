"""What a map says, and what it does not say of few people."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from colloque.consultations.core.reading import Shares, hidden_groups, read_map
from tests.consultations.maps import a_map


def test_what_unites_needs_every_group() -> None:
    reading = read_map(
        a_map((20, 10), {1: [(18, 1, 1), (9, 1, 0)], 2: [(20, 0, 0), (3, 6, 1)], 3: [(0, 19, 1), (1, 9, 0)]}), 5
    )
    assert reading.agreed == (1,)
    assert reading.refused == (3,)
    assert reading.divides == (2,)
    assert reading.lines[2].gap == (0, 1), "the group that agrees comes first"
    assert reading.outcomes == (1, 3, 2)


def test_a_large_majority_does_not_hide_a_minority_that_disagrees() -> None:
    reading = read_map(a_map((95, 6), {1: [(95, 0, 0), (0, 6, 0)]}), 5)
    assert reading.agreed == ()
    assert reading.divides == (1,)


def test_votes_of_a_small_group_are_not_shown_nor_found_by_subtraction() -> None:
    reading = read_map(a_map((50, 20, 3), {1: [(50, 0, 0), (10, 10, 0), (0, 3, 0)]}), 5)
    assert reading.lines[1].by_group[2] is None
    assert reading.lines[1].by_group[1] is None, "else everybody less A and B would be the three"
    assert reading.lines[1].by_group[0] is not None


@given(st.lists(st.integers(1, 40), max_size=8), st.integers(0, 40), st.integers(2, 10))
def test_what_a_subtraction_leaves_is_nothing_or_enough_people(sizes: list[int], off_map: int, least: int) -> None:
    hidden = hidden_groups(sizes, off_map, least)
    assert all(place in hidden for place, size in enumerate(sizes) if size < least)
    left = off_map + sum(sizes[place] for place in hidden)
    assert not hidden or left >= least or len(hidden) == len(sizes)


def test_few_votes_in_a_group_are_no_opinion() -> None:
    reading = read_map(a_map((50, 20), {1: [(50, 0, 0), (2, 1, 0)]}), 5)
    assert reading.lines[1].by_group[1] is None


def test_nobody_and_nothing_can_be_read() -> None:
    assert read_map(a_map((), {}), 5).outcomes == ()
    assert read_map(a_map((8,), {1: [(8, 0, 0)]}), 5).agreed == (1,)


@given(st.integers(0, 50), st.integers(0, 50), st.integers(0, 50))
def test_percentages_of_a_line_add_up(agree: int, disagree: int, passed: int) -> None:
    shares = Shares.of(agree, disagree, agree + disagree + passed)
    total = shares.agree_percent + shares.disagree_percent + shares.pass_percent
    assert total in ({100, 101} if shares.seen else {0})


@given(st.integers(0, 50), st.integers(0, 50), st.integers(0, 50))
def test_rounded_shares_hold_no_exact_count(agree: int, disagree: int, passed: int) -> None:
    seen = agree + disagree + passed
    shares = Shares.of(agree, disagree, seen, 0.123, 0.456, is_rounded=True)
    figures = (
        shares.agree_percent,
        shares.disagree_percent,
        shares.pass_percent,
        shares.low_percent,
        shares.high_percent,
    )
    assert all(figure % 10 == 0 for figure in figures)
    assert sum(figures[:3]) == (100 if shares.seen or seen else 0) or not shares.seen
    assert shares.seen % 5 == 0 <= seen - shares.seen < 5
    if seen:
        assert abs(shares.agree_percent - 100 * agree / seen) <= 5


def test_a_statement_few_have_seen_has_no_figures_for_everybody() -> None:
    reading = read_map(a_map((50, 20), {1: [(2, 0, 0), (2, 0, 0)], 2: [(50, 0, 0), (4, 0, 0)]}), 5)
    assert reading.lines[1].everyone is None
    assert reading.lines[1].leans == 0
    assert reading.lines[2].by_group == (None, None), "else everybody less A would be four people's answers"
