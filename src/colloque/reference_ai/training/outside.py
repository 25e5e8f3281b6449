"""Tells measurements that look like nothing the model learned from: two distances to each label, with limits.

`strangeness` is the squared Mahalanobis distance of the logarithms. `scale` asks one question only, whether a single factor
on every length would bring the case closer: sizes are compared with what shapes, which have no scale, lead one to expect.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from sklearn.model_selection import StratifiedKFold

from colloque.reference_ai.features import FEATURES
from colloque.reference_ai.training.calibration import rank_limit
from colloque.reference_ai.training.fitting import Floats, Labels, significant

CONTROLS = tuple(
    next(place for place, feature in enumerate(FEATURES) if feature.code == code)
    for code in ("radius-mean", "compactness-mean", "fractal-dimension-mean")
)
"""Asked for besides the scored measurements, because size, roundness and fineness together betray a wrong scale."""

STRANGENESS_REFUSED = 0.01
SCALE_REFUSED = 0.04
"""Shares of each label that each test may refuse."""

RANGE_SLACK = 1.5
"""A measurement is refused beyond this factor of the lowest or highest value learned."""

SHRINKAGE = 0.05
OFFSET = 0.01
"""Added before the logarithm to the two measurements that are zero when an outline has no dent."""


def offsets(columns: tuple[int, ...]) -> Floats:
    """What is added to each column before its logarithm."""
    return np.array([OFFSET if FEATURES[column].code.startswith("conca") else 0.0 for column in columns])


@dataclass(frozen=True)
class Outside:
    """Means, covariances and limits by label, on the logarithms of `columns`."""

    columns: tuple[int, ...]
    lowest: Floats
    highest: Floats
    means: tuple[Floats, Floats]
    covariances: tuple[Floats, Floats]
    strangeness_limits: tuple[float, float]
    scale_limits: tuple[float, float]

    def outside(self, rows: Floats) -> np.ndarray:
        """Which rows are refused: out of range, or too far from both labels."""
        values = rows[:, self.columns]
        beyond = ((values < self.lowest) | (values > self.highest)).any(axis=1)
        inside = np.zeros(len(rows), dtype=bool)
        for label in (0, 1):
            strange, scale = distances(rows, self.columns, self.means[label], self.covariances[label])
            inside |= (strange <= self.strangeness_limits[label]) & (scale <= self.scale_limits[label])
        return beyond | ~inside


def distances(rows: Floats, columns: tuple[int, ...], mean: Floats, covariance: Floats) -> tuple[Floats, Floats]:
    """(squared Mahalanobis distance, absolute scale statistic) of each row; the second is a unit normal when all is well."""
    with np.errstate(divide="ignore"):
        logs = np.log(np.maximum(rows[:, columns], 0) + offsets(columns))
    away = np.where(np.isfinite(logs), logs, -50.0) - mean
    precision = np.linalg.inv(covariance)
    powers = np.array([FEATURES[column].length_power for column in columns], dtype=float)
    strange = np.einsum("ij,jk,ik->i", away, precision, away)
    scale = np.abs(away @ precision @ powers) / math.sqrt(powers @ precision @ powers)
    return strange, scale


def _moments(rows: Floats, columns: tuple[int, ...]) -> tuple[Floats, Floats]:
    logs = np.log(rows[:, columns] + offsets(columns))
    covariance = np.cov(logs.T)
    return logs.mean(axis=0), (1 - SHRINKAGE) * covariance + SHRINKAGE * np.diag(np.diag(covariance))


def _limit(scores: list[float], refused: float) -> float:
    """The largest score still inside, so that about `refused` of exchangeable cases lie beyond; rounded up."""
    exact = float(np.sort(scores)[-rank_limit(len(scores), refused)])
    return math.ceil(exact * 1000) / 1000


def fit_outside(
    rows: Floats, labels: Labels, scored: tuple[int, ...], seed: int, controls: tuple[int, ...] = CONTROLS
) -> Outside:
    """The refusal for these scored columns and the controls, its limits taken from rows held out in turn."""
    columns = tuple(dict.fromkeys((*scored, *controls)))
    collected: list[tuple[list[float], list[float]]] = [([], []), ([], [])]
    for learn, hold in StratifiedKFold(5, shuffle=True, random_state=seed).split(rows, labels):
        for label in (0, 1):
            moments = _moments(rows[learn][labels[learn] == label], columns)
            strange, scale = distances(rows[hold][labels[hold] == label], columns, *moments)
            collected[label][0].extend(strange)
            collected[label][1].extend(scale)
    moments = [_moments(rows[labels == label], columns) for label in (0, 1)]
    values = rows[:, columns]
    return Outside(
        columns=columns,
        lowest=np.array([significant(value / RANGE_SLACK, 3) for value in values.min(axis=0)]),
        highest=np.array([significant(value * RANGE_SLACK, 3) for value in values.max(axis=0)]),
        means=(moments[0][0], moments[1][0]),
        covariances=(moments[0][1], moments[1][1]),
        strangeness_limits=tuple(_limit(collected[label][0], STRANGENESS_REFUSED) for label in (0, 1)),
        scale_limits=tuple(_limit(collected[label][1], SCALE_REFUSED) for label in (0, 1)),
    )
