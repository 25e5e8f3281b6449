"""Which statement comes next: every new one is heard, nothing is asked twice, what is most worth asking comes more often."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colloque.consultations.core.routing import (
    FIRST_HEARING,
    META_PRIORITY,
    AliasTable,
    Routing,
    StatementCounts,
    answered,
    bitmap,
    nth_bit,
    priority,
)

COUNTS = st.builds(
    StatementCounts,
    number=st.integers(1, 400),
    agree=st.integers(0, 500),
    disagree=st.integers(0, 500),
    passed=st.integers(0, 500),
    extremity=st.floats(0, 5),
    is_meta=st.booleans(),
)
STATEMENTS = st.lists(COUNTS, max_size=60, unique_by=lambda counts: counts.number)


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        (StatementCounts(1), (0.5 * 1 * 0.5 * 9) ** 2),
        (StatementCounts(1, agree=8), (0.9 * 0.9 * (1 + 8 * 2**-1.6)) ** 2),
        (StatementCounts(1, agree=4, passed=4, extremity=1), (0.5 * 2 * 0.5 * (1 + 8 * 2**-1.6)) ** 2),
        (StatementCounts(1, disagree=98), (0.99 * 0.01 * (1 + 8 * 2**-19.6)) ** 2),
        (StatementCounts(1, is_meta=True, agree=3), META_PRIORITY),
    ],
)
def test_priority_is_the_one_polis_meant(counts: StatementCounts, expected: float) -> None:
    """Worked by hand from the published formula; an ordinary statement is not taken for one about the consultation."""
    assert priority(counts) == pytest.approx(expected)


@given(COUNTS)
def test_every_statement_can_be_drawn(counts: StatementCounts) -> None:
    """No count makes a priority of zero, or one that is no number."""
    assert 0 < priority(counts) < float("inf")


@given(st.integers(1, 2**300), st.data())
def test_nth_bit(bits: int, data: st.DataObject) -> None:
    """The nth set bit, counted from below."""
    n = data.draw(st.integers(0, bits.bit_count() - 1))
    place = nth_bit(bits, n)
    assert bits >> place & 1
    assert (bits & (1 << place) - 1).bit_count() == n


@given(STATEMENTS, st.sets(st.integers(1, 400)), st.integers(0, 2**32))
def test_nothing_is_asked_twice_and_everything_is_asked(
    statements: list[StatementCounts], seen: set[int], seed: int
) -> None:
    """A person who answers to the end is asked each published statement they had not answered, once."""
    routing, random = Routing(statements), Random(seed)
    bits, asked = bitmap(seen), []
    while (number := routing.next(bits, random.random)) is not None:
        asked.append(number)
        bits |= 1 << number
    assert len(asked) == len(set(asked)), "a statement was asked twice"
    assert set(asked) == {counts.number for counts in statements} - seen
    assert routing.left(bits) == 0


@given(st.integers(0, 2**32), st.integers(2, 40))
def test_new_statements_are_heard_equally(seed: int, how_many: int) -> None:
    """While statements are new, none is shown twice more often than another is shown at all: at most one apart."""
    random = Random(seed)
    old = [StatementCounts(number, agree=30, extremity=2.0) for number in range(100, 130)]
    routing = Routing([*old, *(StatementCounts(number) for number in range(1, how_many + 1))])
    shown: Counter[int] = Counter(dict.fromkeys(range(1, how_many + 1), 0))
    for _ in range(how_many * FIRST_HEARING):
        number = routing.next(0, random.random)
        assert number is not None
        if number < 100:
            shown[number] += 1
        if min(shown.values()) < FIRST_HEARING:
            assert max(shown.values()) - min(shown.values()) <= 1, "one new statement was favoured"
        if not any(1 for number in shown if routing.shown().get(number, FIRST_HEARING) < FIRST_HEARING):
            break


def test_a_late_statement_is_heard_among_established_ones() -> None:
    """Forty established statements, one new: of a hundred people who answer ten each, at least its first hearing meets it."""
    random = Random(7)
    statements = [StatementCounts(n, agree=200, disagree=20, extremity=3.0) for n in range(1, 41)]
    routing = Routing([*statements, StatementCounts(41)])
    met = 0
    for _ in range(100):
        bits = 0
        for _ in range(10):
            number = routing.next(bits, random.random)
            assert number is not None
            met += number == 41
            bits |= 1 << number
    assert met >= FIRST_HEARING


def test_the_first_hearing_survives_a_new_making() -> None:
    """What was shown and not answered counts too, so that a refresh does not start it again."""
    random = Random(1)
    routing = Routing([StatementCounts(1), StatementCounts(2)])
    routing.next(0, random.random)
    again = Routing([StatementCounts(1), StatementCounts(2)], routing.shown())
    assert sorted(again.shown().values()) == [0, 1]


def test_draws_follow_priorities() -> None:
    """Among what a person has left, each statement comes in proportion to its priority, few left or many."""
    statements = [StatementCounts(n, agree=20 * n, disagree=400 - 20 * n, extremity=n / 10) for n in range(1, 20)]
    routing, random = Routing(statements), Random(3)
    for seen in (0, bitmap(range(4, 20))):
        left = [counts for counts in statements if not seen >> counts.number & 1]
        total = sum(map(priority, left))
        found = Counter(routing.next(seen, random.random) for _ in range(30_000))
        for counts in left:
            share = priority(counts) / total
            assert found[counts.number] / 30_000 == pytest.approx(share, abs=0.015), f"statement {counts.number}"


@given(st.dictionaries(st.integers(1, 50), st.floats(0.01, 100), min_size=1, max_size=20))
def test_alias_table_draws_only_its_numbers(weights: dict[int, float]) -> None:
    """Whatever the weights, what is drawn is one of the numbers; the ends of the range are safe."""
    table, random = AliasTable(weights), Random(0)
    assert {table.draw(random.random) for _ in range(50)} <= set(weights)
    assert table.draw(lambda: 0.0) in weights
    assert table.draw(lambda: 1 - 2**-53) in weights


def test_who_answered_a_merged_statement_is_not_asked_the_other() -> None:
    """Through several merges, and through a circle that should not exist."""
    assert answered([1], {1: 2, 2: 5}) == bitmap([1, 2, 5])
    assert answered([1], {1: 2, 2: 1}) == bitmap([1, 2])
    assert answered([3], {1: 2}) == bitmap([3])
    assert Routing([StatementCounts(2)]).next(answered([1], {1: 2}), Random(0).random) is None


def test_moderated_statements_are_never_asked() -> None:
    """What is not among the published statements cannot come out, however much it was voted on."""
    routing, random = Routing([StatementCounts(1, agree=3), StatementCounts(3)]), Random(5)
    assert {routing.next(0, random.random) for _ in range(300)} == {1, 3}


def test_nothing_to_ask() -> None:
    """A consultation without statements, and a person who has answered everything."""
    assert Routing([]).next(0, Random(0).random) is None
    assert Routing([StatementCounts(1)]).next(bitmap([1]), Random(0).random) is None
