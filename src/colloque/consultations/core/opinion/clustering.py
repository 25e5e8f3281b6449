"""Groups of people near each other on the map: k-means from many starts, and how many groups there are.

The number of groups is tried from two on. A trial tells how well people fit their group (silhouette) and whether the same
groups come back when some of the people are left out (adjusted Rand index; for a single group, Jaccard overlap). Of the
numbers whose groups come back, the one with the best silhouette is taken.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from colloque.consultations.core.opinion.compiled import compiled, spread

if TYPE_CHECKING:
    from colloque.consultations.core.opinion.values import Labels, Real, Whole

SAMPLE = 2500
"""Most people on whom numbers of groups are tried; more than that are drawn by the seed."""
STARTS = 200_000
"""Starts times people: few people are clustered from many starts (at most 256, at least 16)."""
RESAMPLES = 12
RESTARTS_OF_A_RESAMPLE = 3
LEFT_OUT = 5  # one in five people is left out of a resample
STABLE = 0.75
SAME_INERTIA = 2e-4
MOST_EQUALS = 6
KEEPS_K = 0.02
ROUNDS = 200
SETTLED = 100_000
"""Groups are settled when at most one person in so many changes group: nobody, below a hundred thousand."""
PEOPLE = 1 << 14


class Trial(NamedTuple):
    """Groups for one k on the sample, and how good they are; `overlaps` is the Jaccard stability of each group."""

    k: int
    labels: Labels
    centres: Real
    silhouette: float
    stability: float
    overlaps: Real


class Clustering(NamedTuple):
    """Group of each person (int16, 0…k−1), centres (k, 2), stability of each group, and every trial made."""

    labels: Labels
    centres: Real
    overlaps: Real
    trials: tuple[Trial, ...]
    sample: Whole


def clustered(
    points: Real,
    k: int | None,
    k_max: int,
    seed: int,
    kept_k: int | None = None,
    starts: Real | None = None,
    threads: int = 0,
    least: int = 0,
) -> Clustering:
    """Groups of the points (n, 2): `k` of them, or as many as fit best up to `k_max`; fewer where points coincide.

    `kept_k`: the number of groups before, left only for one that fits clearly better. `starts`: centres (k, 2) of before,
    tried as one more start. With `least`, a number of groups is taken only where they come back and each holds so many people
    (of those on whom numbers are tried); where there is none, everybody is one group.
    """
    n = len(points)
    if n == 0:
        return Clustering(np.empty(0, np.int16), np.empty((0, 2)), np.empty(0), (), np.empty(0, np.int64))
    sample = np.arange(n) if n <= SAMPLE else _draw(n, SAMPLE, seed)
    part = np.ascontiguousarray(points[sample])
    most = min(len(np.unique(part, axis=0)), k if k is not None else k_max)
    fewest = most if k is not None else min(2, most)
    wanted = list(range(fewest, most + 1))
    trials = spread(lambda low, _: _trial(part, wanted[low], seed, starts), len(wanted), 1, threads)
    chosen = _chosen(trials, kept_k) if not least or k is not None else _large_enough(part, trials, kept_k, least, seed)
    centres = chosen.centres.copy()
    labels = np.empty(n, np.int16)
    settled = _settle(points, centres, labels, threads)
    kept = np.flatnonzero(np.bincount(labels, minlength=len(settled)))
    if len(kept) < len(settled):
        renamed = np.full(len(settled), -1, np.int16)
        renamed[kept] = np.arange(len(kept))
        labels, settled = renamed[labels], settled[kept]
    return Clustering(labels, settled, chosen.overlaps[kept], tuple(trials), sample)


def _chosen(trials: list[Trial], kept_k: int | None) -> Trial:
    stable = [trial for trial in trials if trial.stability >= STABLE]
    best = (
        max(stable, key=lambda trial: (trial.silhouette, -trial.k))
        if stable
        else max(trials, key=lambda trial: (trial.stability, trial.silhouette, -trial.k))
    )
    for trial in stable:
        if trial.k == kept_k and trial.silhouette >= best.silhouette - KEEPS_K:
            return trial
    return best


def _large_enough(points: Real, trials: list[Trial], kept_k: int | None, least: int, seed: int) -> Trial:
    """Of the trials whose groups come back and are large enough, the one that fits best; else everybody in one group."""
    large = [
        trial
        for trial in trials
        if trial.k == 1 or (trial.stability >= STABLE and np.bincount(trial.labels, minlength=trial.k).min() >= least)
    ]
    return _chosen(large, kept_k) if large else _trial(points, 1, seed, None)


def _trial(points: Real, k: int, seed: int, starts: Real | None) -> Trial:
    given = starts if starts is not None and starts.shape == (k, 2) else np.empty((0, 2))
    labels, centres, silhouette = _fit(points, k, min(256, max(16, STARTS // len(points))), _mixed(seed, k), given)
    agreements, overlaps = np.empty(RESAMPLES), np.zeros((RESAMPLES, k))
    for number in range(RESAMPLES):
        state = _mixed(seed, 1000 * (number + 1) + k)
        size = max(k, len(points) - len(points) // LEFT_OUT)
        some = _draw(len(points), min(size, len(points)), state)
        again = _fit_few(np.ascontiguousarray(points[some]), k, RESTARTS_OF_A_RESAMPLE, _mixed(state, 7))
        table = _crossed(labels[some], again, k)
        agreements[number] = _adjusted_rand(table)
        overlaps[number] = _overlaps(table)
    return Trial(k, labels, centres, silhouette, float(_mean(agreements)), np.array([_mean(c) for c in overlaps.T]))


def _fit(points: Real, k: int, starts: int, seed: int, given: Real) -> tuple[Labels, Real, float]:
    """The best of many starts, and its silhouette.

    Solutions of nearly equal inertia are equal for k-means: among them silhouette decides.
    """
    solutions = _solutions(points, k, starts, np.uint64(seed), np.ascontiguousarray(given))
    labels, centres, inertia = solutions
    near = np.flatnonzero(inertia <= inertia.min() * (1 + SAME_INERTIA))
    _, first = np.unique(inertia[near], return_index=True)
    near = near[first][:MOST_EQUALS]
    scores = [_silhouette(points, labels[each], k) if k > 1 else 0.0 for each in near]
    at = int(np.argmax(scores))
    return labels[near[at]], centres[near[at]], scores[at]


def _fit_few(points: Real, k: int, starts: int, seed: int) -> Labels:
    labels, _, inertia = _solutions(points, k, starts, np.uint64(seed), np.empty((0, 2)))
    found: Labels = labels[int(np.argmin(inertia))]
    return found


def _mean(values: Real) -> float:
    total = 0.0
    for value in values.tolist():
        total += value
    return total / max(1, len(values))


def _mixed(seed: int, salt: int) -> int:
    """A seed of its own for each purpose (splitmix64)."""
    state = (seed + (salt + 1) * 0x9E3779B97F4A7C15) & (2**64 - 1)
    state = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & (2**64 - 1)
    state = ((state ^ (state >> 27)) * 0x94D049BB133111EB) & (2**64 - 1)
    return state ^ (state >> 31)


def _draw(n: int, size: int, seed: int) -> Whole:
    """`size` of `n` places, drawn by the seed, ascending."""
    return _drawn(n, size, np.uint64(seed & (2**64 - 1)))


@compiled
def _random(state: NDArray[np.uint64]) -> float:
    """A number from 0 to below 1, and the next state (splitmix64)."""
    state[0] = state[0] + np.uint64(0x9E3779B97F4A7C15)
    mixed = state[0]
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed = mixed ^ (mixed >> np.uint64(31))
    return float(mixed >> np.uint64(11)) / 9007199254740992.0


@compiled
def _drawn(n: int, size: int, seed: Any) -> Whole:
    state = np.empty(1, np.uint64)
    state[0] = seed
    found = np.empty(size, np.int64)
    taken = 0
    for place in range(n):
        if _random(state) * (n - place) < size - taken:
            found[taken] = place
            taken += 1
            if taken == size:
                break
    return found[:taken]


@compiled
def _solutions(points: Real, k: int, starts: int, seed: Any, given: Real) -> tuple[Labels, Real, Real]:
    """Every start followed to its end: labels (s, n), centres (s, k, 2), inertia (s)."""
    n = points.shape[0]
    more = 1 if given.shape[0] == k else 0
    labels = np.zeros((starts + more, n), np.int16)
    centres = np.zeros((starts + more, k, 2))
    inertia = np.zeros(starts + more)
    state = np.empty(1, np.uint64)
    state[0] = seed
    nearest = np.empty(n)
    for start in range(starts + more):
        if start == starts:
            centres[start] = given
        elif start % 2 == 0:
            _spread_centres(points, k, state, nearest, centres[start])
        else:
            for group in range(k):
                place = int(_random(state) * n)
                centres[start, group, 0], centres[start, group, 1] = points[place, 0], points[place, 1]
        inertia[start] = _followed(points, centres[start], labels[start])
    return labels, centres, inertia


@compiled
def _spread_centres(points: Real, k: int, state: NDArray[np.uint64], nearest: Real, centres: Real) -> None:
    """First centres drawn far from one another (k-means++, Arthur and Vassilvitskii 2007)."""
    n = points.shape[0]
    place = int(_random(state) * n)
    for group in range(k):
        centres[group, 0], centres[group, 1] = points[place, 0], points[place, 1]
        if group == k - 1:
            break
        total = 0.0
        for i in range(n):
            dx, dy = points[i, 0] - centres[group, 0], points[i, 1] - centres[group, 1]
            away = dx * dx + dy * dy
            if group == 0 or away < nearest[i]:
                nearest[i] = away
            total += nearest[i]
        wanted = _random(state) * total
        passed = 0.0
        place = n - 1
        for i in range(n):
            passed += nearest[i]
            if passed > wanted:
                place = i
                break


@compiled
def _followed(points: Real, centres: Real, labels: Labels) -> float:
    """Lloyd's rounds until nobody changes group; an emptied group takes the person farthest from their centre."""
    n, k = points.shape[0], centres.shape[0]
    sums = np.empty((k, 2))
    sizes = np.empty(k, np.int64)
    for i in range(n):
        labels[i] = -1
    inertia = 0.0
    for _ in range(ROUNDS):
        moved = 0
        inertia = 0.0
        sums[:] = 0.0
        sizes[:] = 0
        farthest, far = 0, -1.0
        for i in range(n):
            x, y = points[i, 0], points[i, 1]
            best, least = 0, np.inf
            for group in range(k):
                dx, dy = x - centres[group, 0], y - centres[group, 1]
                away = dx * dx + dy * dy
                if away < least:
                    best, least = group, away
            if labels[i] != best:
                labels[i] = best
                moved += 1
            if least > far:
                farthest, far = i, least
            inertia += least
            sums[best, 0] += x
            sums[best, 1] += y
            sizes[best] += 1
        if moved == 0:
            break
        for group in range(k):
            if sizes[group]:
                centres[group, 0], centres[group, 1] = sums[group, 0] / sizes[group], sums[group, 1] / sizes[group]
            elif far > 0.0:
                centres[group, 0], centres[group, 1] = points[farthest, 0], points[farthest, 1]
                far = 0.0
    return inertia


def _settle(points: Real, centres: Real, labels: Labels, threads: int) -> Real:
    """Lloyd's rounds over everybody, chunk by chunk in one order, until the groups are settled."""
    labels[:] = -1
    k = len(centres)
    for _ in range(ROUNDS):
        parts = spread(lambda low, high: _nearest(points, centres, labels, low, high), len(points), PEOPLE, threads)
        if sum(moved for moved, _, _ in parts) <= len(points) // SETTLED:
            break
        sums, sizes = np.zeros((k, 2)), np.zeros(k, np.int64)
        for _, some, count in parts:
            sums += some
            sizes += count
        for group in np.flatnonzero(sizes):
            centres[group] = sums[group] / sizes[group]
    return centres


@compiled
def _nearest(points: Real, centres: Real, labels: Labels, first: int, last: int) -> tuple[int, Real, Whole]:
    k = centres.shape[0]
    sums = np.zeros((k, 2))
    sizes = np.zeros(k, np.int64)
    moved = 0
    for i in range(first, last):
        x, y = points[i, 0], points[i, 1]
        best, least = 0, np.inf
        for group in range(k):
            dx, dy = x - centres[group, 0], y - centres[group, 1]
            away = dx * dx + dy * dy
            if away < least:
                best, least = group, away
        if labels[i] != best:
            labels[i] = best
            moved += 1
        sums[best, 0] += x
        sums[best, 1] += y
        sizes[best] += 1
    return moved, sums, sizes


@compiled
def _silhouette(points: Real, labels: Labels, k: int) -> float:
    """Mean silhouette (Rousseeuw 1987): how much nearer people are to their own group than to the next; −1 to 1."""
    n = points.shape[0]
    sizes = np.zeros(k, np.int64)
    away = np.zeros((n, k))
    for i in range(n):
        sizes[labels[i]] += 1
    for i in range(n):
        for j in range(i):
            dx, dy = points[i, 0] - points[j, 0], points[i, 1] - points[j, 1]
            distance = np.sqrt(dx * dx + dy * dy)
            away[i, labels[j]] += distance
            away[j, labels[i]] += distance
    total = 0.0
    for i in range(n):
        own = labels[i]
        if sizes[own] < 2:
            continue
        inside = away[i, own] / (sizes[own] - 1)
        outside = np.inf
        for group in range(k):
            if group != own and sizes[group]:
                outside = min(outside, away[i, group] / sizes[group])
        if outside < np.inf and max(inside, outside) > 0.0:
            total += (outside - inside) / max(inside, outside)
    return float(total / n)


def _crossed(ours: Labels, theirs: Labels, k: int) -> Whole:
    """How many people are in group a here and in group b there: shape (k, k)."""
    return np.bincount(ours.astype(np.int64) * k + theirs, minlength=k * k).reshape(k, k)


def _pairs(counts: NDArray[np.int64]) -> int:
    return int((counts * (counts - 1) // 2).sum())


def adjusted_rand(one: NDArray[Any], other: NDArray[Any]) -> float:
    """Agreement of two groupings (labels from 0) of the same people beyond chance: 1 the same, 0 chance."""
    k = 1 + max((int(labels.max()) for labels in (one, other) if len(labels)), default=0)
    return _adjusted_rand(_crossed(one, other, k))


def _adjusted_rand(table: Whole) -> float:
    """Agreement of two groupings beyond chance: 1 is the same, 0 is chance (Hubert and Arabie 1985)."""
    rows_of, columns_of = np.add.reduce(table, axis=1), np.add.reduce(table, axis=0)
    together, rows, columns = _pairs(table), _pairs(rows_of), _pairs(columns_of)
    everyone = _pairs(np.array([int(np.add.reduce(rows_of))]))
    if everyone == 0:
        return 1.0
    expected = rows * columns / everyone
    most = (rows + columns) / 2
    return 1.0 if most == expected else (together - expected) / (most - expected)


def _overlaps(table: Whole) -> Real:
    """Greatest Jaccard overlap of each of our groups with one of theirs (Hennig 2007)."""
    ours, theirs = np.add.reduce(table, axis=1), np.add.reduce(table, axis=0)
    union = ours[:, None] + theirs[None, :] - table
    return np.asarray(np.maximum.reduce(table / np.maximum(union, 1), axis=1))
