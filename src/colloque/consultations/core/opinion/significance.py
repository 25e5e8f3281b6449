"""What the votes of groups say: shares, z-tests, statements that represent a group, consensus, priorities, bounds.

Formulas of Polis (Small et al., "Polis: scaling deliberation by mapping high dimensional opinion spaces", 2021): shares
smoothed by one agree and one disagree, a one-proportion test against one half, a two-proportion test against the others.
Arrays of shape (k, m, 3) hold agrees, disagrees and votes by group and statement.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from colloque.consultations.core.opinion.values import Consensus, ConsensusStatement, Representative

if TYPE_CHECKING:
    from colloque.consultations.core.opinion.sums import Sums
    from colloque.consultations.core.opinion.values import Direction, Real, Whole

AGREE, DISAGREE, SEEN = 0, 1, 2
DIRECTIONS: tuple[Literal["agree"], Literal["disagree"]] = ("agree", "disagree")
META_PRIORITY = 7.0
Z95 = 1.959963984540054


class Tests(NamedTuple):
    """By direction (agree, disagree), group and statement, shape (2, k, m)."""

    p: Real
    p_test: Real
    repness: Real
    repness_test: Real


def shares(counts: Sums) -> Real:
    """Smoothed shares of agrees and disagrees: shape (2, …) from counts of shape (…, 3)."""
    chosen = np.moveaxis(counts[..., :SEEN], -1, 0)
    return np.asarray((chosen + 1.0) / (counts[..., SEEN] + 2.0))


def one_proportion(successes: NDArray[np.int64], trials: NDArray[np.int64]) -> Real:
    """z of a share against one half, one success and one trial added."""
    tried = trials + 1.0
    return np.asarray(2.0 * np.sqrt(tried) * ((successes + 1.0) / tried - 0.5))


def two_proportions(
    successes: NDArray[np.int64], trials: NDArray[np.int64], others: NDArray[np.int64], of_others: NDArray[np.int64]
) -> Real:
    """z of a group's share against the share of the others, one success and one trial added on both sides."""
    n1, n2, s1, s2 = trials + 1.0, of_others + 1.0, successes + 1.0, others + 1.0
    pooled = (s1 + s2) / (n1 + n2)
    spread = np.sqrt(pooled * (1.0 - pooled) * (1.0 / n1 + 1.0 / n2))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(pooled == 1.0, 0.0, (s1 / n1 - s2 / n2) / spread)


def tests_of(counts: Sums) -> Tests:
    """All four measures of each group against the other groups together."""
    others = counts.sum(axis=0, keepdims=True) - counts
    chosen, apart = (np.moveaxis(each[..., :SEEN], -1, 0) for each in (counts, others))
    seen, seen_apart = counts[..., SEEN], others[..., SEEN]
    p = shares(counts)
    return Tests(p, one_proportion(chosen, seen), p / shares(others), two_proportions(chosen, seen, apart, seen_apart))


def wilson(successes: NDArray[np.int64], trials: NDArray[np.int64]) -> tuple[Real, Real]:
    """Bounds of a share, 95 %, that stay honest for few votes; 0 and 1 where nobody voted (Wilson 1927)."""
    n = np.maximum(trials, 1).astype(np.float64)
    share = successes / n
    middle = (share + Z95 * Z95 / (2 * n)) / (1 + Z95 * Z95 / n)
    half = Z95 * np.sqrt(share * (1 - share) / n + Z95 * Z95 / (4 * n * n)) / (1 + Z95 * Z95 / n)
    low = np.where(trials > 0, np.clip(middle - half, 0.0, 1.0), 0.0)
    high = np.where(trials > 0, np.clip(middle + half, 0.0, 1.0), 1.0)
    return low, high


def representative(
    counts: Sums, tests: Tests, numbers: Whole, may_represent: NDArray[np.bool_], pick: int, z: float
) -> tuple[tuple[Representative, ...], ...]:
    """For each group, the statements that represent it: Polis's metric and choice, agrees before disagrees."""
    return tuple(
        _of_group(group, counts[group], tests, numbers, may_represent, pick, z) for group in range(len(counts))
    )


def _of_group(
    group: int, counts: Sums, tests: Tests, numbers: Whole, may_represent: NDArray[np.bool_], pick: int, z: float
) -> tuple[Representative, ...]:
    places = np.flatnonzero(may_represent)
    if not places.size or pick < 1:
        return ()
    p, p_test, repness, repness_test = (each[:, group, :] for each in tests)
    direction = np.where(repness_test[AGREE] > repness_test[DISAGREE], AGREE, DISAGREE)
    both = (p_test > z) & (repness_test > z)
    sufficient = places[(both[AGREE] | both[DISAGREE])[places]]
    best_agree = _best_agree(places, counts, p[AGREE], p_test[AGREE], repness[AGREE], repness_test[AGREE], z)
    towards = direction[sufficient]
    metric = (
        repness[towards, sufficient]
        * repness_test[towards, sufficient]
        * p[towards, sufficient]
        * p_test[towards, sufficient]
    )
    ranked: list[int] = sufficient[np.argsort(-metric, kind="stable")].tolist()
    if best_agree is not None:
        chosen = [best_agree, *(place for place in ranked if place != best_agree)]
    elif ranked:
        # Polis shows nothing where no statement heads the list; what is sufficient says something all the same.
        chosen = ranked
    else:
        strongest = np.maximum(repness_test[AGREE], repness_test[DISAGREE])[places]
        chosen = [int(places[int(np.argmax(strongest))])]
    chosen = sorted(chosen[:pick], key=lambda place: int(direction[place]))
    return tuple(
        _representative(place, int(direction[place]), counts[place], tests, group, numbers, place == best_agree)
        for place in chosen
    )


def _best_agree(
    places: Whole, counts: Sums, p: Real, p_test: Real, repness: Real, repness_test: Real, z: float
) -> int | None:
    """The statement a group agrees on best, found as Polis does: each candidate against the best so far."""
    best: int | None = None
    for place in places.tolist():
        if counts[place, AGREE] == 0 and counts[place, DISAGREE] == 0:
            continue
        if best is None:
            is_better = p_test[place] > z or (repness[place] > 1.0 and p[place] > 0.5)
        elif repness[best] > 1.0:
            is_better = (
                repness[place] * repness_test[place] * p[place] * p_test[place]
                > repness[best] * repness_test[best] * p[best] * p_test[best]
            )
        else:
            is_better = p[place] * p_test[place] > p[best] * p_test[best]
        if is_better:
            best = place
    return best


def _representative(
    place: int, direction: int, counts: Sums, tests: Tests, group: int, numbers: Whole, is_best_agree: bool
) -> Representative:
    agree, disagree, seen = (int(count) for count in counts)
    low, high = wilson(counts[direction : direction + 1], counts[SEEN:])
    towards: Direction = DIRECTIONS[direction]
    return Representative(
        statement=int(numbers[place]),
        direction=towards,
        p=float(tests.p[direction, group, place]),
        p_test=float(tests.p_test[direction, group, place]),
        repness=float(tests.repness[direction, group, place]),
        repness_test=float(tests.repness_test[direction, group, place]),
        agree=agree,
        disagree=disagree,
        passed=seen - agree - disagree,
        seen=seen,
        low=float(low[0]),
        high=float(high[0]),
        is_best_agree=is_best_agree,
    )


def consensus(counts: Sums, numbers: Whole, may_represent: NDArray[np.bool_], pick: int, z: float) -> Consensus:
    """What most people agree with and what most disagree with; `counts` (m, 3) of everybody, groups or not."""
    p = shares(counts)
    chosen = []
    for direction in (AGREE, DISAGREE):
        test = one_proportion(counts[:, direction], counts[:, SEEN])
        places = np.flatnonzero(may_represent & (p[direction] > 0.5) & (test > z))
        ranked = places[np.argsort(-(p[direction] * test)[places], kind="stable")][:pick]
        chosen.append(
            tuple(
                ConsensusStatement(
                    statement=int(numbers[place]),
                    p=float(p[direction, place]),
                    p_test=float(test[place]),
                    votes=int(counts[place, direction]),
                    seen=int(counts[place, SEEN]),
                )
                for place in ranked.tolist()
            )
        )
    return Consensus(*chosen)


def group_aware_consensus(counts: Sums) -> Real:
    """Product over groups of the smoothed shares: shape (2, m), agree and disagree; zero without groups."""
    if not len(counts):
        return np.zeros((2, counts.shape[1]))
    found = np.ones((2, counts.shape[1]))
    for group in range(len(counts)):
        found = found * shares(counts[group])
    return found


def divisiveness(counts: Sums) -> Real:
    """Half the widest gap between the mean votes of two groups, each smoothed like a share: 0 to 1, shape (m)."""
    if len(counts) < 2:
        return np.zeros(counts.shape[1])
    agree, disagree = shares(counts)
    mean = agree - disagree
    return np.asarray((mean.max(axis=0) - mean.min(axis=0)) / 2.0)


def priorities(counts: Sums, extremity: Real, is_meta: NDArray[np.bool_]) -> Real:
    """How much each statement is worth asking: Polis's priority, from the votes of people on the map, `counts` (m, 3).

    Agreement, extremity and few passes weigh more, and so does novelty, which halves every five votes.
    """
    agree, seen = counts[:, AGREE], counts[:, SEEN]
    passed = seen - agree - counts[:, DISAGREE]
    weight = (1.0 - (passed + 1.0) / (seen + 2.0)) * (1.0 + extremity) * ((agree + 1.0) / (seen + 2.0))
    novelty = 1.0 + 8.0 * np.exp2(-seen / 5.0)
    return np.asarray(np.where(is_meta, META_PRIORITY, weight * novelty) ** 2)
