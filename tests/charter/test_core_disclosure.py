"""Small numbers do not show, and cannot be worked out; weighing more on a group is told only beyond chance."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colloque.charter.core.disclosure import is_small, overlapping_shown, parts_shown, rows_hidden
from colloque.charter.core.equity import Weight, chance, is_finding, upper_tail
from colloque.charter.core.replay import _people

COUNTS = st.lists(st.integers(0, 40) | st.integers(0, 6), max_size=12)


@given(COUNTS)
def test_a_hidden_cell_cannot_be_computed_from_the_total(counts: list[int]) -> None:
    told = parts_shown(counts, 5)
    hidden = [count for count, cell in zip(counts, told, strict=True) if cell is None]
    assert all(cell is None or not is_small(cell, 5) for cell in told)
    if hidden and len(hidden) < len(counts):
        assert len(hidden) > 1, "one hidden cell is the total less the others"
        assert sum(hidden) >= 5, "what is hidden together is no small number"


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(0, 30)), max_size=9))
def test_hidden_rows_hide_in_every_column(rows: list[tuple[int, int, int]]) -> None:
    columns = [list(column) for column in zip(*rows, strict=True)] or [[], [], []]
    hidden = rows_hidden(columns, 5)
    for column in columns:
        assert not any(is_small(count, 5) for row, count in enumerate(column) if row not in hidden)
        if hidden and len(hidden) < len(rows):
            assert not is_small(sum(column[row] for row in hidden), 5)
    assert len(hidden) != 1 or len(rows) == 1


def test_groups_that_overlap_do_not_betray_those_outside() -> None:
    assert overlapping_shown([3, 97, 50, 0, 100], 100, 5) == (None, None, 50, 0, 100)


def test_the_upper_tail_is_that_of_drawing_without_return() -> None:
    assert upper_tail(0, 5, 5, 10) == 1
    assert upper_tail(5, 5, 5, 10) == pytest.approx(1 / 252)
    assert upper_tail(4, 5, 5, 10) == pytest.approx((25 + 1) / 252)
    assert upper_tail(2, 3, 4, 9) == pytest.approx((6 * 5 + 4) / 84)
    assert upper_tail(60, 100, 50_000, 100_000) == pytest.approx(0.0284, abs=2e-3)


def _weight(people: list[tuple[int, int, bool]]) -> Weight:
    import numpy as np

    mine, others = ([p for p in people if p[2] is inside] for inside in (True, False))
    numbers = []
    for group in (mine, others):
        acts, touched = (np.array([p[i] for p in group], np.int64) for i in (0, 1))
        numbers.append((int(acts.sum()), int(touched.sum()), *_people(acts, touched)))
    (a, t, p, pt, s), (oa, ot, op, opt, os) = numbers
    return Weight(a, t, p, pt, oa, ot, op, opt, s, os)


def _population(draw: Random, in_group: float, otherwise: float) -> list[tuple[int, int, bool]]:
    """People with their acts; a person is touched in all their acts or in none, as a rule on a person does."""
    people = []
    for _ in range(300):
        inside = draw.random() < 0.2
        acts = int(draw.lognormvariate(2, 1)) + 1
        is_touched = draw.random() < (in_group if inside else otherwise)
        people.append((acts, acts if is_touched else 0, inside))
    return people


def test_chance_alone_is_hardly_ever_called_a_finding() -> None:
    """The acts of one person are not independent: 300 populations where nothing weighs on the group, 20 groups looked at."""
    draw = Random(5)
    false = sum(is_finding(_weight(_population(draw, 0.1, 0.1)), 20) for _ in range(300))
    assert false <= 2
    by_acts = 0
    for _ in range(100):
        weight = _weight(_population(draw, 0.1, 0.1))
        by_acts += weight.rate > 2 * weight.other_rate
    assert by_acts > 0, "without a guard, differences that chance makes would have been told"


def test_a_weight_on_a_group_is_found() -> None:
    draw = Random(6)
    found = sum(is_finding(_weight(_population(draw, 0.6, 0.1)), 20) for _ in range(50))
    assert found >= 40


def test_one_person_with_many_acts_is_not_a_group() -> None:
    people = [(10, 0, True)] * 40 + [(10, 0, False)] * 200 + [(1_000, 1_000, True)]
    assert not is_finding(_weight(people), 20)


def test_a_group_wholly_touched_when_nobody_else_is() -> None:
    people = [(10, 10, True)] * 20 + [(10, 0, False)] * 60
    weight = _weight(people)
    assert weight.ratio is None
    assert chance(weight, 20) < 1e-10
    assert is_finding(weight, 20)
