"""The whole opinion map from a table of votes: the mathematics of Polis, exact, and the same bytes on every machine.

Small et al., "Polis: scaling deliberation by mapping high dimensional opinion spaces" (Recerca, 2021).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from colloque.consultations.core.opinion import axes as axes_module
from colloque.consultations.core.opinion import significance
from colloque.consultations.core.opinion.clustering import Clustering, Trial, clustered
from colloque.consultations.core.opinion.hull import hull_of
from colloque.consultations.core.opinion.naming import labels_of, oriented, starts_of
from colloque.consultations.core.opinion.source import Held, Source
from colloque.consultations.core.opinion.values import (
    OFF_MAP,
    Consensus,
    Counts,
    Group,
    KTrial,
    MapSettings,
    Minority,
    OpinionMap,
    Placements,
    Representative,
    StatementOnMap,
    StatementStatus,
    VoteTable,
)

if TYPE_CHECKING:
    from colloque.consultations.core.opinion.sums import Sums
    from colloque.consultations.core.opinion.values import Labels, Real, Whole

FEWEST_PEOPLE = 15
"""With fewer people on the map than this, those with the most votes join them, as in Polis."""
MINORITY_SHARE = 0.15
MINORITY_SIZE = 3
MINORITY_STABILITY = 0.75
MINORITY_INSIDE = 0.9
MOST_MINORITIES = 5


class Space(NamedTuple):
    """Where statements and people stand: centre (m), axes (2, m), people's x and y, shares of variance of both axes."""

    centre: Real
    axes: Real
    x: Real
    y: Real
    explained: tuple[float, float]


class Treated(NamedTuple):
    """Statements of the table: which are counted (not moderated out and not meta), which are meta, status of each."""

    counted: NDArray[np.bool_]
    is_meta: NDArray[np.bool_]
    status: dict[int, StatementStatus]


def compute_map(
    votes: VoteTable,
    statements: Iterable[StatementStatus],
    settings: MapSettings | None = None,
    previous: OpinionMap | None = None,
    placed: Placements | None = None,
    *,
    keep: Collection[int] = (),
    threads: int = 0,
) -> tuple[OpinionMap, Placements]:
    """The map of these votes, and where everybody stands.

    `statements` may leave out some (then published) and name some without votes (then listed, at the centre). `previous`
    and its placements `placed` give letters and orientation, one more start for the groups, and the number of groups where
    it fits about as well: to compute the same map again, give the same ones. `keep`: people on the
    map whatever their number of votes, as Polis keeps those it once showed. `threads` 0 uses all cores; the result does
    not depend on it.
    """
    return map_of(Held(votes, threads), statements, settings, previous, placed, keep=keep, threads=threads)


def map_of(
    votes: Source,
    statements: Iterable[StatementStatus],
    settings: MapSettings | None = None,
    previous: OpinionMap | None = None,
    placed: Placements | None = None,
    *,
    keep: Collection[int] = (),
    threads: int = 0,
) -> tuple[OpinionMap, Placements]:
    """As `compute_map`, wherever the votes lie; the same bytes as from one table."""
    settings = settings or MapSettings()
    treated = treatment(votes.statements, statements)
    counts, together, sides, products = votes.sums()
    centre, covariance = axes_module.covariance_of(
        len(votes.people), counts, together, sides, products, treated.counted
    )
    del together, sides, products
    space = placing(votes, treated, centre, covariance, previous)
    on_map = on_the_map(votes, settings.min_votes, keep)
    everyone = np.column_stack((space.x, space.y))
    points = everyone if len(on_map) == len(everyone) else everyone[on_map]
    kept_k = None if previous is None else previous.k
    starts, least = starts_of(previous), settings.least_group
    found = clustered(points, settings.k, settings.k_max, settings.seed, kept_k, starts, threads, least)
    letters = labels_of(votes.people[on_map], found.labels, found.centres, previous, placed)
    order = sorted(range(len(letters)), key=lambda group: (len(letters[group]), letters[group]))
    groups = np.full(len(votes.people), OFF_MAP, np.int16)
    rank = np.argsort(np.array(order, np.int64), kind="stable").astype(np.int16)
    groups[on_map] = rank[found.labels] if len(order) else found.labels
    described = describe(votes, treated, counts, space, groups, len(order), settings)
    minorities = _minorities(
        votes, treated, found, groups, on_map, [letters[g] for g in order], settings, points, described.shown
    )
    made = OpinionMap(
        seed=settings.seed,
        people=len(votes.people),
        people_on_map=len(on_map),
        votes=int(votes.given.sum()),
        centre=_listed(space.centre, described.places),
        axes=(_listed(space.axes[0], described.places), _listed(space.axes[1], described.places)),
        variance_explained=space.explained,
        k=len(order),
        k_trials=tuple(KTrial(trial.k, trial.silhouette, trial.stability) for trial in found.trials),
        groups=tuple(
            Group(
                label=letters[old],
                size=int(np.count_nonzero(groups == new)),
                centre=_pair(found.centres[old]),
                hull=hull_of(points[found.labels == old]),
                is_small=int(np.count_nonzero(groups == new)) < settings.small_group,
                stability=float(found.overlaps[old]),
                representative=described.representative[new],
            )
            for new, old in enumerate(order)
        ),
        minorities=minorities,
        statements=described.statements,
        consensus=described.consensus,
    )
    return made, Placements(votes.people, space.x, space.y, groups)


def treatment(numbers: Whole, statements: Iterable[StatementStatus]) -> Treated:
    """What is known of each statement with votes. Meta statements pull nowhere either, as in Polis."""
    status = {one.number: one for one in statements}
    known = [status.get(number, StatementStatus(number)) for number in numbers.tolist()]
    counted = np.array([not (one.is_moderated_out or one.is_meta) for one in known], np.bool_)
    return Treated(counted, np.array([one.is_meta for one in known], np.bool_), status)


def placing(
    votes: Source, treated: Treated, centre: Real, covariance: Real, previous: OpinionMap | None = None
) -> Space:
    """Axes from the covariance, turned as before, and everybody's place."""
    found, leading, _ = axes_module.leading_axes(covariance)
    turned = oriented(leading, votes.statements, previous)
    x, y = votes.project(centre, turned, treated.counted)
    total = 0.0
    for value in np.diag(covariance).tolist():
        total += value
    first, second = (float(value / total) if total > 0 else 0.0 for value in found)
    return Space(centre, turned, x, y, (first, second))


def on_the_map(votes: Source, min_votes: int, keep: Collection[int] = ()) -> Whole:
    """Places (rows) of the people on the map: at least min(`min_votes`, statements) votes, moderated ones counted too.

    Fewer than fifteen such people are joined by those with the most votes (earlier numbers first), as in Polis.
    """
    given = votes.given
    chosen = given >= min(min_votes, len(votes.statements))
    if keep:
        chosen |= np.isin(votes.people, np.fromiter(keep, np.int64, len(keep)))
    missing = FEWEST_PEOPLE - int(np.count_nonzero(chosen))
    if missing > 0:
        others = np.flatnonzero(~chosen)
        chosen[others[np.argsort(-given[others], kind="stable")][:missing]] = True
    return np.flatnonzero(chosen)


class Described(NamedTuple):
    """What groups think. `places`: where in the table each listed statement is (−1: no vote yet); `shown`: votes on the map."""

    statements: tuple[StatementOnMap, ...]
    representative: tuple[tuple[Representative, ...], ...]
    consensus: Consensus
    places: list[int]
    shown: Sums


def describe(
    votes: Source,
    treated: Treated,
    counts: Sums,
    space: Space,
    groups: Labels,
    k: int,
    settings: MapSettings,
) -> Described:
    """Everything said of statements, for groups however they were found: `groups` (n) from 0 to k − 1, −1 off the map."""
    by_group = votes.counts_by_group(groups, max(k, 1))[:k]
    numbers, m = votes.statements, len(votes.statements)
    places = space.axes * (1.0 - space.centre) * np.sqrt(m)
    extremity = np.sqrt(places[0] * places[0] + places[1] * places[1])
    unites = significance.group_aware_consensus(by_group)
    divides = significance.divisiveness(by_group)
    on_map = by_group.sum(axis=0) if k else np.zeros((m, 3), np.int64)
    priority = significance.priorities(on_map, extremity, treated.is_meta)
    tests = significance.tests_of(by_group) if k else None
    chosen = (
        ()
        if tests is None
        else significance.representative(by_group, tests, numbers, treated.counted, settings.pick, settings.z)
    )
    rows, of_groups = counts.tolist(), _counts_of_groups(by_group)
    at = {number: place for place, number in enumerate(numbers.tolist())}
    listed = sorted({*at, *treated.status})
    unasked = significance.priorities(
        np.zeros((2, 3), np.int64), np.zeros(2), np.array([False, True], np.bool_)
    ).tolist()

    def on(number: int) -> StatementOnMap:
        status = treated.status.get(number, StatementStatus(number))
        place = at.get(number)
        if place is None:
            return _without_votes(status, k, unasked)
        agree, disagree, seen = rows[place]
        return StatementOnMap(
            number=number,
            is_moderated_out=status.is_moderated_out,
            is_meta=status.is_meta,
            agree=agree,
            disagree=disagree,
            passed=seen - agree - disagree,
            seen=seen,
            extremity=float(extremity[place]),
            consensus_agree=float(unites[0, place]),
            consensus_disagree=float(unites[1, place]),
            divisiveness=float(divides[place]),
            priority=float(priority[place]),
            place=_pair(places[:, place]),
            by_group=tuple(of_group[place] for of_group in of_groups),
        )

    said = significance.consensus(counts, numbers, treated.counted, settings.pick, settings.z)
    found = tuple(on(number) for number in listed)
    return Described(found, chosen, said, [at.get(number, -1) for number in listed], on_map)


def _counts_of_groups(by_group: Sums) -> list[list[Counts]]:
    """By group and statement, with bounds."""
    made = []
    for counts in by_group:
        agree = (each.tolist() for each in significance.wilson(counts[:, 0], counts[:, 2]))
        disagree = (each.tolist() for each in significance.wilson(counts[:, 1], counts[:, 2]))
        made.append(
            [
                Counts(
                    agree=yes,
                    disagree=no,
                    passed=seen - yes - no,
                    seen=seen,
                    agree_low=yes_low,
                    agree_high=yes_high,
                    disagree_low=no_low,
                    disagree_high=no_high,
                )
                for (yes, no, seen), yes_low, yes_high, no_low, no_high in zip(
                    counts.tolist(), *agree, *disagree, strict=True
                )
            ]
        )
    return made


def _without_votes(status: StatementStatus, k: int, unasked: list[float]) -> StatementOnMap:
    nothing = Counts(
        agree=0, disagree=0, passed=0, seen=0, agree_low=0.0, agree_high=1.0, disagree_low=0.0, disagree_high=1.0
    )
    half = 0.5**k if k else 0.0
    return StatementOnMap(
        number=status.number,
        is_moderated_out=status.is_moderated_out,
        is_meta=status.is_meta,
        agree=0,
        disagree=0,
        passed=0,
        seen=0,
        extremity=0.0,
        consensus_agree=half,
        consensus_disagree=half,
        divisiveness=0.0,
        priority=unasked[status.is_meta],
        place=(0.0, 0.0),
        by_group=(nothing,) * k,
    )


def _minorities(
    votes: Source,
    treated: Treated,
    found: Clustering,
    groups: Labels,
    on_map: Whole,
    letters: list[str],
    settings: MapSettings,
    points: Real,
    shown: Sums,
) -> tuple[Minority, ...]:
    """Small groups that finer trials find again and again inside one group of the map: told, though not on it.

    Looked for among the people on whom numbers of groups were tried; sizes are of those people. What distinguishes them
    is tested against everybody else on the map, whose votes together are `shown` (m, 3).
    """
    candidates = sorted(_small_stable(found, groups[on_map]), key=lambda each: (-each[1], each[0].k))
    told: list[Minority] = []
    taken = np.zeros(len(found.sample), np.bool_)
    for trial, stability, number, within in candidates:
        members = trial.labels == number
        if np.count_nonzero(members & taken) or len(told) == MOST_MINORITIES:
            continue
        taken |= members
        theirs = votes.counts_of_rows(on_map[found.sample[members]])
        by_group = np.stack((theirs, shown - theirs))
        tests = significance.tests_of(by_group)
        chosen = significance.representative(
            by_group, tests, votes.statements, treated.counted, settings.pick, settings.z
        )
        some = points[found.sample[members]]
        told.append(
            Minority(
                within=letters[within],
                size=int(np.count_nonzero(members)),
                centre=_pair(np.array([_mean(some[:, 0]), _mean(some[:, 1])])),
                stability=stability,
                representative=chosen[0],
            )
        )
    return tuple(told)


def _small_stable(found: Clustering, groups: Labels) -> Iterable[tuple[Trial, float, int, int]]:
    """Trials' groups that are small, come back when people are left out, and lie inside one larger group of the map."""
    own = groups[found.sample] if len(found.sample) else groups
    sizes = np.bincount(own, minlength=1) if own.size else np.zeros(1, np.int64)
    most = max(MINORITY_SIZE, int(MINORITY_SHARE * len(own)))
    for trial in found.trials:
        if trial.k <= len(found.centres):
            continue
        for number in range(trial.k):
            inside = own[trial.labels == number]
            if not MINORITY_SIZE <= len(inside) <= most or trial.overlaps[number] < MINORITY_STABILITY:
                continue
            shares = np.bincount(inside)
            within = int(np.argmax(shares))
            if shares[within] >= MINORITY_INSIDE * len(inside) and sizes[within] > 2 * len(inside):
                yield trial, float(trial.overlaps[number]), number, within


def _mean(values: Real) -> float:
    total = 0.0
    for value in values.tolist():
        total += value
    return total / max(1, len(values))


def _pair(values: Real) -> tuple[float, float]:
    return float(values[0]), float(values[1])


def _listed(values: Real, places: list[int]) -> tuple[float, ...]:
    given = values.tolist()
    return tuple(given[place] if place >= 0 else 0.0 for place in places)
