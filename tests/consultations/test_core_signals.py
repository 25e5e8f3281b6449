"""Signs of coordinated voting: what is seen, and what is not taken for it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from colloque.consultations.core.signals import CLONES_PEOPLE, Clones, Minute, bursts, clones

START = datetime(2026, 5, 11, 10, 0, tzinfo=UTC)


def minutes(votes: list[int]) -> list[Minute]:
    """Minutes one after the other; those without votes are absent, as in the database."""
    return [Minute(START + timedelta(minutes=n), count, count // 4) for n, count in enumerate(votes) if count]


def test_a_burst_is_seen_with_its_minutes_joined() -> None:
    [burst] = bursts(minutes([12, 9, 10, 14, 8, 11, 900, 1200, 10]))
    assert (burst.since, burst.until) == (START + timedelta(minutes=6), START + timedelta(minutes=8))
    assert (burst.votes, burst.people) == (2_100, 300)


def test_a_busy_day_is_no_burst() -> None:
    """A crowd that stays, a slow rise, a small leap, and the very beginning."""
    assert bursts(minutes([800] * 30)) == []
    assert bursts(minutes([20 * n for n in range(1, 60)])) == []
    assert bursts(minutes([2, 2, 2, 2, 2, 2, 60])) == []
    assert bursts(minutes([5000, 3, 4])) == []
    assert bursts([]) == []


@given(st.lists(st.integers(0, 3_000), max_size=60), st.randoms())
def test_bursts_do_not_depend_on_the_order_and_do_not_overlap(votes: list[int], random: Random) -> None:
    given_minutes = minutes(votes)
    found = bursts(given_minutes)
    random.shuffle(given_minutes)
    assert bursts(given_minutes) == found
    assert all(one.until < other.since for one, other in pairwise(found))


def crowd(random: Random, people: int, statements: int = 40) -> list[tuple[int, int, int]]:
    """People of two camps with their own mind, who answered most statements."""
    return [
        (person, number, random.choices([-1, 0, 1], [2, 1, 5] if (person + number) % 2 else [5, 1, 2])[0])
        for person in range(1, people + 1)
        for number in range(1, statements + 1)
        if random.random() < 0.7
    ]


def found_among(votes: list[tuple[int, int, int]]) -> list[Clones]:
    """The clones in rows of person, statement, value."""
    people, statements, values = (np.array(column, np.int64) for column in zip(*votes, strict=True))
    return clones(people, statements, values.astype(np.int8))


@given(st.integers(0, 2**32), st.integers(CLONES_PEOPLE, 30))
@settings(max_examples=25)
def test_clones_are_found_in_a_crowd_whatever_the_order(seed: int, how_many: int) -> None:
    random = Random(seed)
    votes = crowd(random, 80)
    copied = [(number, value) for person, number, value in votes if person == 1]
    votes += [(1_000 + n, number, value) for n in range(how_many) for number, value in copied]
    random.shuffle(votes)
    [group] = found_among(votes)
    assert group.people == how_many + 1
    assert set(group.members) == {1, *range(1_000, 1_000 + how_many)}
    assert group.answers == len(copied)


def test_people_who_think_alike_are_not_clones() -> None:
    """Many who agree with nearly everything coincide by chance; few answers prove nothing; four people are too few."""
    unanimous = [(person, number, 1) for person in range(1, 200) for number in range(1, 21)]
    assert found_among(unanimous) == []
    few_answers = [(person, number, 1 if number % 2 else -1) for person in range(1, 30) for number in range(1, 8)]
    assert found_among([*crowd(Random(1), 60), *((500 + p, n, v) for p, n, v in few_answers)]) == []
    four = [(900 + person, number, 1 if number % 3 else -1) for person in range(4) for number in range(1, 31)]
    assert found_among([*crowd(Random(2), 60), *four]) == []
    assert found_among(crowd(Random(3), 120)) == []


def test_nobody() -> None:
    empty = np.array([], np.int64)
    assert clones(empty, empty, empty) == []
