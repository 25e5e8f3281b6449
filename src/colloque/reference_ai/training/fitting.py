"""Fits the points score: which measurements, which bins, how many points in each.

Everything here looks only at the rows it is given, so that a caller may run it inside a cross-validation fold.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from colloque.reference_ai.features import FEATURES

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]

POINTS_PER_LOGIT = 3.0
"""One point is a third of a unit of log-odds: fine enough to lose nothing, coarse enough to be added by hand."""

_FAMILY = {
    "radius": "size",
    "perimeter": "size",
    "area": "size",
    "concavity": "dents",
    "concave-points": "dents",
    "compactness": "dents",
}


def _family(code: str) -> tuple[str, str]:
    """Measurements of one family say nearly the same thing; the score takes at most one of each per statistic."""
    measurement, _, statistic = code.rpartition("-")
    return _FAMILY.get(measurement, measurement), statistic


FAMILIES = [_family(feature.code) for feature in FEATURES]


@dataclass(frozen=True)
class Shape:
    """How large a score may be: ridge weight, number of measurements, bins for each."""

    ridge: float
    measurements: int
    bins: int


SHAPES = tuple(
    Shape(ridge, measurements, bins) for measurements in (5, 6) for bins in (12, 16) for ridge in (0.3, 1.0, 3.0)
)
"""Tried inside each training set, the smallest first; never compared on held-out rows."""


@dataclass(frozen=True)
class Score:
    """A monotone points score; `columns` index the thirty measurements, `middle` is the total where both labels are as likely."""

    columns: tuple[int, ...]
    cuts: tuple[tuple[float, ...], ...]
    points: tuple[tuple[int, ...], ...]
    middle: float

    @property
    def maximum(self) -> int:
        """The highest total."""
        return sum(points[-1] for points in self.points)

    def totals(self, rows: Floats) -> Floats:
        """Sum of points of each row, shape (rows,)."""
        total = np.zeros(len(rows))
        for column, cuts, points in zip(self.columns, self.cuts, self.points, strict=True):
            total += np.array(points)[np.searchsorted(cuts, rows[:, column], side="right")]
        return total

    def margins(self, rows: Floats) -> Floats:
        """Totals counted from the middle, so that scores fitted on different rows can be compared."""
        return self.totals(rows) - self.middle


def significant(value: float, digits: int) -> float:
    """The value kept to so many significant digits."""
    return float(f"{value:.{digits}g}")


def logistic(columns: Floats, labels: Labels, ridge: float, start: Floats | None = None) -> tuple[Floats, float]:
    """Ridge logistic regression by Newton's method: (intercept and weights, penalised negative log-likelihood).

    `start` may give the weights of a fit on the first columns, to begin from.
    """
    rows = np.column_stack([np.ones(len(columns)), columns])
    weights = np.zeros(rows.shape[1])
    if start is not None:
        weights[: len(start)] = start
    penalty = np.diag([1e-9, *([ridge] * columns.shape[1])])
    for _ in range(50):
        chance = 1 / (1 + np.exp(-np.clip(rows @ weights, -30, 30)))
        gradient = rows.T @ (chance - labels) + penalty @ weights
        curvature = (rows * (chance * (1 - chance))[:, None]).T @ rows + penalty
        step = np.linalg.solve(curvature, gradient)
        weights -= step
        if np.abs(step).max() < 1e-8:
            break
    logits = rows @ weights
    loss = np.logaddexp(0, -np.where(labels == 1, logits, -logits)).sum()
    return weights, float(loss + 0.5 * weights @ penalty @ weights)


def path(rows: Floats, labels: Labels, ridge: float, longest: int) -> list[int]:
    """Columns in the order a greedy forward search takes them.

    A column is taken only if every weight stays positive: more pathological must never lower the score.
    """
    low, high = np.quantile(rows, [0.01, 0.99], axis=0)
    clipped = np.clip(rows, low, high)
    standard = (clipped - clipped.mean(axis=0)) / clipped.std(axis=0)
    taken: list[int] = []
    start: Floats | None = None
    while len(taken) < longest:
        best: tuple[float, int, Floats] | None = None
        families = {FAMILIES[column] for column in taken}
        for column in range(rows.shape[1]):
            if FAMILIES[column] in families:
                continue
            weights, loss = logistic(standard[:, [*taken, column]], labels, ridge, start)
            if (weights[1:] <= 0).any():
                continue
            if best is None or loss < best[0] - 1e-6:
                best = (loss, column, weights)
        if best is None:
            break
        taken.append(best[1])
        start = best[2]
    return taken


def fit(rows: Floats, labels: Labels, shape: Shape, order: list[int]) -> Score:
    """The points score on the first columns of `order`: bins at quantiles, points by the mean of each bin."""
    columns = order[: shape.measurements]
    chosen = rows[:, columns]
    low, high = np.quantile(chosen, [0.01, 0.99], axis=0)
    clipped = np.clip(chosen, low, high)
    spread = clipped.std(axis=0)
    weights, _ = logistic((clipped - clipped.mean(axis=0)) / spread, labels, shape.ridge)
    all_cuts, all_points = [], []
    for place in range(len(columns)):
        quantiles = np.quantile(chosen[:, place], np.linspace(0, 1, shape.bins + 1)[1:-1])
        cuts = sorted({significant(cut, 3) for cut in quantiles})
        bins = np.searchsorted(cuts, chosen[:, place], side="right")
        means = [clipped[bins == number, place].mean() for number in range(len(cuts) + 1) if (bins == number).any()]
        kept = [cut for number, cut in enumerate(cuts) if (bins == number).any()][: len(means) - 1]
        steps = np.round(POINTS_PER_LOGIT * weights[place + 1] * (np.array(means) - means[0]) / spread[place])
        all_cuts.append(tuple(kept))
        all_points.append(tuple(int(step) for step in np.maximum.accumulate(steps)))
    bare = Score(tuple(columns), tuple(all_cuts), tuple(all_points), 0.0)
    totals = bare.totals(rows)
    (intercept, slope), _ = logistic(totals[:, None] / 10, labels, 0.01)
    return Score(bare.columns, bare.cuts, bare.points, significant(float(-10 * intercept / slope), 6))
