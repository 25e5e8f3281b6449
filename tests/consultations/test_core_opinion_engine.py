"""The map itself: reproducible to the bit, the same whoever comes first, and never at a loss."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from colloque.consultations.core.opinion.engine import compute_map
from colloque.consultations.core.opinion.hull import hull_of
from colloque.consultations.core.opinion.values import (
    MapSettings,
    OpinionMap,
    Placements,
    StatementStatus,
    VoteTable,
)
from colloque.kernel.errors import InvalidInputError


def population(
    camps: Sequence[int], statements: int = 30, share: float = 0.6, seed: int = 4, noise: float = 0.1
) -> tuple[VoteTable, NDArray[np.int64]]:
    """Camps of these sizes that vote alike inside, and the camp of each person."""
    draw = np.random.default_rng(seed)
    opinions = draw.choice([-1, 1], (len(camps), statements))
    camp = np.repeat(np.arange(len(camps)), camps)
    votes = np.where(
        draw.random((len(camp), statements)) < noise, draw.integers(-1, 2, (len(camp), statements)), opinions[camp]
    )
    people, asked = np.nonzero(draw.random(votes.shape) < share)
    return VoteTable.from_votes(people, asked, votes[people, asked]), camp


def test_camps_are_found_named_by_size_and_told_by_what_sets_them_apart() -> None:
    table, camp = population((120, 60, 30))
    found, placed = compute_map(table, ())
    assert [group.label for group in found.groups] == ["A", "B", "C"]
    assert [group.size for group in found.groups] == [120, 60, 30]
    for number in range(3):
        assert set(placed.group[camp == number]) == {number}, f"camp {number} is one group"
    assert found.k == 3
    assert found.people == found.people_on_map == 210
    for group in found.groups:
        assert group.representative, f"group {group.label} is described by statements"
        for one in group.representative:
            assert one.low <= max(one.agree, one.disagree) / one.seen <= one.high
        assert group.stability > 0.9


def test_the_same_votes_give_the_same_bytes_in_any_order_and_with_any_number_of_threads() -> None:
    table, _ = population((300, 200, 100), statements=70)
    people = np.repeat(table.people, np.diff(table.indptr))
    asked, values = table.statements[table.indices], table.values
    once, placed = compute_map(table, (), threads=1)
    shuffled = np.random.default_rng(1).permutation(len(people))
    again, placed_again = compute_map(
        VoteTable.from_votes(people[shuffled], asked[shuffled], values[shuffled]), (), threads=2
    )
    assert once.to_json() == again.to_json()
    assert placed.to_bytes() == placed_again.to_bytes()
    assert OpinionMap.from_json(once.to_json()) == once


def test_more_than_a_sample_of_people_still_gives_the_same_bytes() -> None:
    table, camp = population((6000, 3000), statements=20)
    once, placed = compute_map(table, (), threads=1)
    again, placed_again = compute_map(table, (), threads=2)
    assert once.to_json() == again.to_json()
    assert placed.to_bytes() == placed_again.to_bytes()
    assert np.mean(placed.group == camp) > 0.99


def test_another_seed_may_try_otherwise_but_finds_the_same_clear_camps() -> None:
    table, _ = population((120, 60, 30))
    groups = [compute_map(table, (), MapSettings(seed=seed))[1].group.tolist() for seed in (1, 2, 3)]
    assert groups[0] == groups[1] == groups[2]


def test_letters_and_orientation_stay_from_one_map_to_the_next() -> None:
    table, _ = population((120, 60, 30))
    before, placed = compute_map(table, ())
    mirrored = OpinionMap.from_json(before.to_json())
    turned = compute_map(
        table,
        (),
        previous=_with(mirrored, axes=tuple(tuple(-entry for entry in axis) for axis in before.axes)),
    )[0]
    for axis, opposite in zip(before.axes, turned.axes, strict=True):
        assert np.allclose(axis, [-entry for entry in opposite]), "the map points where it pointed before"
    people = np.repeat(table.people, np.diff(table.indptr))
    asked, values = table.statements[table.indices], table.values
    more = 90  # the third camp grows past the second: its letter stays
    third = np.flatnonzero(placed.group == 2)
    joined = np.concatenate([np.full(len(table.statements), 1000 + n) for n in range(more)])
    opinions = np.array([_opinion(table, third, j) for j in range(len(table.statements))])
    grown = VoteTable.from_votes(
        np.concatenate([people, joined]),
        np.concatenate([asked, np.tile(table.statements, more)]),
        np.concatenate([values, np.tile(opinions, more)]),
    )
    after, _ = compute_map(grown, (), previous=before, placed=placed)
    assert {group.label: group.size for group in after.groups} == {"A": 120, "B": 60, "C": 30 + more}
    by_centres, _ = compute_map(grown, (), previous=before)
    assert {group.label: group.size for group in by_centres.groups} == {"A": 120, "B": 60, "C": 30 + more}


def _with(found: OpinionMap, **changes: object) -> OpinionMap:
    import msgspec

    return msgspec.structs.replace(found, **changes)


def _opinion(table: VoteTable, rows: NDArray[np.int64], statement: int) -> int:
    total = sum(
        int(table.values[place])
        for row in rows
        for place in range(table.indptr[row], table.indptr[row + 1])
        if table.indices[place] == statement
    )
    return 1 if total > 0 else -1


def test_a_moderated_statement_moves_nobody_and_represents_nobody() -> None:
    table, _ = population((60, 40))
    out = int(table.statements[3])
    found, placed = compute_map(table, [StatementStatus(out, is_moderated_out=True), StatementStatus(4, is_meta=True)])
    moderated = next(one for one in found.statements if one.number == out)
    meta = next(one for one in found.statements if one.number == 4)
    assert moderated.place == (0.0, 0.0)
    assert moderated.seen > 0, "its votes are still told"
    assert meta.priority == 49.0
    spoken = {one.statement for group in found.groups for one in group.representative}
    spoken |= {one.statement for one in (*found.consensus.agree, *found.consensus.disagree)}
    assert not spoken & {out, 4}
    people = np.repeat(table.people, np.diff(table.indptr))
    flipped = np.where(table.statements[table.indices] == out, -table.values, table.values)
    _, other = compute_map(
        VoteTable.from_votes(people, table.statements[table.indices], flipped),
        [StatementStatus(out, is_moderated_out=True), StatementStatus(4, is_meta=True)],
    )
    assert np.array_equal(placed.x, other.x)


def test_a_small_camp_that_comes_back_is_told_even_where_the_map_has_fewer_groups() -> None:
    table, _ = population((200, 150, 12), statements=40, noise=0.05)
    found, _ = compute_map(table, (), MapSettings(k=2))
    assert not found.minorities, "nothing finer was tried when the number of groups is fixed"
    chosen, _ = compute_map(table, (), MapSettings(k_max=6))
    sizes = [group.size for group in chosen.groups] + [one.size for one in chosen.minorities]
    assert 12 in sizes, "twelve people who vote alike are visible"


def test_statements_without_votes_are_listed_and_worth_asking() -> None:
    table, _ = population((20, 20))
    found, _ = compute_map(table, [StatementStatus(999), StatementStatus(1000, is_meta=True)])
    nobody = next(one for one in found.statements if one.number == 999)
    assert (nobody.seen, nobody.place) == (0, (0.0, 0.0))
    assert nobody.priority == pytest.approx((0.25 * 9) ** 2)
    assert len(nobody.by_group) == found.k
    assert len(found.centre) == len(found.axes[0]) == len(found.statements)


@pytest.mark.parametrize(
    "votes",
    [
        [],
        [(1, 1, 1)],
        [(1, s, 1) for s in range(9)],
        [(p, s, 1) for p in range(20) for s in range(9)],
        [(p, s, 0) for p in range(20) for s in range(9)],
        [(p, 1, (-1) ** p) for p in range(20)],
        [(p, s, 1 if s == p else -1) for p in range(3) for s in range(3)],
        [(p, p, 1) for p in range(30)],
        [(-5, 2**40, 1), (2**60, -7, -1), (0, 0, 0)],
    ],
    ids=[
        "nobody",
        "one vote",
        "one person",
        "all alike",
        "all pass",
        "one statement",
        "three people",
        "apart",
        "odd numbers",
    ],
)
@pytest.mark.parametrize("k", [None, 1, 3, 20])
def test_there_is_a_map_of_anything(votes: list[tuple[int, int, int]], k: int | None) -> None:
    people, statements, values = np.array(votes, np.int64).reshape(-1, 3).T
    table = VoteTable.from_votes(people, statements, values)
    found, placed = compute_map(table, (), MapSettings(k=k))
    assert found.people == len(table.people)
    assert sum(group.size for group in found.groups) == found.people_on_map
    assert all(group.size > 0 for group in found.groups), "no group is empty"
    assert found.k <= max(1, found.people_on_map)
    assert OpinionMap.from_json(found.to_json()) == found, "nothing in it is infinite or undefined"
    assert Placements.from_bytes(placed.to_bytes()).people.tolist() == table.people.tolist()
    assert np.isfinite(placed.x).all()


few = st.lists(st.tuples(st.integers(0, 15), st.integers(0, 9), st.sampled_from([-1, 0, 1])), min_size=1, max_size=120)


@given(few, st.randoms(use_true_random=False), st.integers(0, 2**53 - 1))
@settings(max_examples=40, deadline=None)
def test_order_of_arrival_changes_nothing(votes: list[tuple[int, int, int]], random: object, seed: int) -> None:
    last = {(person, statement): value for person, statement, value in votes}
    listed = [(*pair, value) for pair, value in last.items()]
    other = sorted(listed, key=lambda _: random.random())  # type: ignore[attr-defined]
    made = []
    for order in (listed, other):
        people, statements, values = np.array(order).T
        made.append(compute_map(VoteTable.from_votes(people, statements, values), (), MapSettings(seed=seed, k_max=4)))
    assert made[0][0].to_json() == made[1][0].to_json()
    assert made[0][1].to_bytes() == made[1][1].to_bytes()


def test_settings_say_what_they_cannot_do() -> None:
    for wrong in ({"k": 0}, {"k": 21}, {"k_max": 0}, {"min_votes": 0}, {"seed": -1}, {"seed": 2**53}):
        with pytest.raises(InvalidInputError):
            MapSettings(**wrong)
    with pytest.raises(InvalidInputError):
        OpinionMap.from_json(b"{}")
    with pytest.raises(InvalidInputError):
        OpinionMap.from_json(b"not json")


def test_the_outline_holds_everyone() -> None:
    draw = np.random.default_rng(3)
    for count in (1, 2, 3, 50, 5000):
        points = draw.normal(size=(count, 2))
        corners = np.array(hull_of(points))
        assert {tuple(corner) for corner in corners} <= {tuple(point) for point in points}
        if count > 2:
            for a, b in zip(corners, np.roll(corners, -1, axis=0), strict=True):
                side = (b[0] - a[0]) * (points[:, 1] - a[1]) - (b[1] - a[1]) * (points[:, 0] - a[0])
                assert (side >= -1e-12).all(), "nobody stands outside"


@pytest.mark.parametrize("least", [4, 5, 8])
def test_a_group_smaller_than_may_be_shown_is_not_made(least: int) -> None:
    of = np.repeat([0, 1, 2], (12, 9, 3))
    values = np.hstack([np.where(of[:, None] == np.repeat([0, 1, 2], 3)[None, :], 1, -1), np.ones((24, 1), int)])
    who, what = (each.ravel() for each in np.indices(values.shape))
    table = VoteTable.from_votes(who.astype(np.int32), what.astype(np.int32), values.ravel().astype(np.int8))
    free, _ = compute_map(table, (), MapSettings())
    assert sorted(group.size for group in free.groups) == [3, 9, 12], "nothing asked: the three camps are found"
    held, _ = compute_map(table, (), MapSettings(least_group=least))
    assert held.groups
    assert min(group.size for group in held.groups) >= least
    assert sum(group.size for group in held.groups) == 24, "nobody is left out"
