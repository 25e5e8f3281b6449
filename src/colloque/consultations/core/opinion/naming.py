"""What stays the same from one map to the next: which way the axes point, and which letter a group has."""

from __future__ import annotations

from itertools import permutations
from string import ascii_uppercase
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from colloque.consultations.core.opinion.values import Labels, OpinionMap, Placements, Real, Whole


def oriented(axes: Real, numbers: Whole, previous: OpinionMap | None) -> Real:
    """The axes (2, m), each turned so that it points as before; at first, so that its greatest entry is positive.

    An eigenvector has no sign of its own: without this, a map could be mirrored by a single vote. Two axes that explain
    nearly the same may change places from one computation to the next; they are put back where they were if that
    matches clearly better.
    """
    turned = axes.copy()
    if not axes.size:
        return turned
    before = None if previous is None else _before(numbers, previous)
    if before is None:
        for axis in turned:
            greatest = int(np.argmax(np.abs(axis)))
            if axis[greatest] < 0:
                axis *= -1.0
        return turned
    likeness = np.array([[_along(axis, other) for other in before] for axis in turned])
    kept, swapped = abs(likeness[0, 0]) + abs(likeness[1, 1]), abs(likeness[0, 1]) + abs(likeness[1, 0])
    if swapped > kept + 0.5:
        turned, likeness = turned[::-1].copy(), likeness[::-1]
    for number, axis in enumerate(turned):
        if likeness[number, number] < 0:
            axis *= -1.0
    return turned


def _before(numbers: Whole, previous: OpinionMap) -> Real | None:
    places = {statement.number: place for place, statement in enumerate(previous.statements)}
    known = [(at, places[number]) for at, number in enumerate(numbers.tolist()) if number in places]
    found = np.zeros((2, len(numbers)))
    for at, place in known:
        found[0, at], found[1, at] = previous.axes[0][place], previous.axes[1][place]
    return found if found.any() else None


def _along(one: Real, other: Real) -> float:
    total = 0.0
    for a, b in zip(one.tolist(), other.tolist(), strict=True):
        total += a * b
    return total


def starts_of(previous: OpinionMap | None, is_swapped: bool = False) -> Real | None:
    """Centres of the groups of before, to start from again."""
    if previous is None or not previous.groups:
        return None
    centres = np.array([group.centre for group in previous.groups])
    return centres[:, ::-1].copy() if is_swapped else centres


def labels_of(
    people: Whole, groups: Labels, centres: Real, previous: OpinionMap | None, placed: Placements | None
) -> list[str]:
    """A letter for each group: the letter of the group of before it shares most people with; otherwise a letter not used.

    `people` on the map and their `groups`. Where it is not known who stood where (`placed`), groups of before are matched
    by nearness of their centres. At first, A is the largest group.
    """
    k = len(centres)
    sizes = np.bincount(groups[groups >= 0], minlength=k)
    if previous is None or not previous.groups:
        order = sorted(range(k), key=lambda group: (-int(sizes[group]), *centres[group].tolist()))
        letters = [""] * k
        for rank, group in enumerate(order):
            letters[group] = _letter(rank)
        return letters
    known = [group.label for group in previous.groups]
    likeness = (
        _nearness(centres, np.array([group.centre for group in previous.groups]))
        if placed is None
        else _shared(people, groups, k, placed, len(known))
    )
    matched = _matched(likeness)
    free = (letter for letter in map(_letter, range(k + len(known))) if letter not in known)
    order = sorted(range(k), key=lambda group: (-int(sizes[group]), *centres[group].tolist()))
    letters = [known[matched[group]] if group in matched else "" for group in range(k)]
    for group in order:
        if not letters[group]:
            letters[group] = next(free)
    return letters


def _letter(rank: int) -> str:
    return ascii_uppercase[rank] if rank < 26 else ascii_uppercase[rank // 26 - 1] + ascii_uppercase[rank % 26]


def _shared(people: Whole, groups: Labels, k: int, placed: Placements, before: int) -> Real:
    _, now, then = np.intersect1d(people, placed.people, assume_unique=True, return_indices=True)
    here, there = groups[now].astype(np.int64), placed.group[then].astype(np.int64)
    both = (here >= 0) & (there >= 0) & (there < before)
    return np.bincount(here[both] * before + there[both], minlength=k * before).reshape(k, before).astype(np.float64)


def _nearness(centres: Real, before: Real) -> Real:
    away = np.sqrt(((centres[:, None, :] - before[None, :, :]) ** 2).sum(axis=2))
    return np.asarray(1.0 / (1.0 + away))


def _matched(likeness: Real) -> dict[int, int]:
    """Now → before, each once, so that the likeness adds up to most; every pairing is tried for up to six groups."""
    k, before = likeness.shape
    if max(k, before) <= 6:
        small, large, is_turned = (k, before, False) if k <= before else (before, k, True)
        table = likeness.T if is_turned else likeness
        best = max(permutations(range(large), small), key=lambda chosen: sum(table[i, j] for i, j in enumerate(chosen)))
        pairs = {i: j for i, j in enumerate(best) if table[i, j] > 0}
        return {j: i for i, j in pairs.items()} if is_turned else pairs
    found: dict[int, int] = {}
    for flat in np.argsort(-likeness, axis=None, kind="stable").tolist():
        now, then = divmod(flat, before)
        if likeness[now, then] > 0 and now not in found and then not in found.values():
            found[now] = then
    return found
