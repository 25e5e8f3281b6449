"""Turns totals into probabilities and into sets of possible labels, from scores of rows the fitted model had not seen."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from sklearn.model_selection import StratifiedKFold

from colloque.reference_ai.training.fitting import SHAPES, Floats, Labels, Score, Shape, fit, logistic, path

BENIGN, MALIGNANT = 0, 1
LEVEL = 0.98
"""Each label stays possible for about this share of its own cases."""

INNER_FOLDS = 5
PROBABILITY_FLOOR = 0.005
"""With a few hundred cases of each label nobody can claim to be surer than this."""


@dataclass(frozen=True)
class Calibration:
    """What a margin means.

    `slope` and `intercept`: log-odds of malignant = slope × margin / 10 + intercept. Malignant is possible from
    `malignant_from` up, benign up to `benign_to`. `thirds` cut the answered rows of each label by their distance to its limit.
    """

    slope: float
    intercept: float
    malignant_from: float
    benign_to: float
    thirds: dict[int, tuple[float, float]]

    def probability(self, margins: Floats) -> Floats:
        """Probability of malignant, within [0.005, 0.995]."""
        logits = self.slope * margins / 10 + self.intercept
        return np.clip(1 / (1 + np.exp(-np.clip(logits, -30, 30))), PROBABILITY_FLOOR, 1 - PROBABILITY_FLOOR)

    def possible(self, margins: Floats) -> tuple[np.ndarray, np.ndarray]:
        """(benign is possible, malignant is possible) for each margin."""
        return margins <= self.benign_to, margins >= self.malignant_from

    def answer(self, margins: Floats) -> np.ndarray:
        """The single possible label, or -1 where there is none or more than one."""
        benign, malignant = self.possible(margins)
        return np.where(benign == malignant, -1, np.where(malignant, MALIGNANT, BENIGN))

    def limit(self, label: int) -> float:
        """The margin at which the region where `label` is the single answer begins."""
        both = (self.malignant_from, self.benign_to)
        return max(both) if label == MALIGNANT else min(both)

    def distance(self, margins: Floats, label: int) -> Floats:
        """How far inside that region; 0 at its limit."""
        return margins - self.limit(label) if label == MALIGNANT else self.limit(label) - margins


def rank_limit(count: int, refused: float) -> int:
    """How many of `count` calibration scores must be at least as strange for a label to stay possible.

    Keeping a label while its rank is above `refused` keeps it for at least 1 − `refused` of exchangeable cases of that label.
    Source: Mondrian conformal prediction, Vovk, Gammerman and Shafer, "Algorithmic learning in a random world", 2005, §4.5.
    Raises ValueError when there are too few scores to say anything at this level.
    """
    rank = math.floor(refused * (count + 1) + 1e-9)
    if rank < 1:
        raise ValueError(f"{count} scores are too few to refuse only {refused:.0%} of cases")
    return rank


def calibrate(margins: Floats, labels: Labels, level: float = LEVEL) -> Calibration:
    """Platt's logistic map and the class-conditional limits at `level`."""
    (intercept, slope), _ = logistic(margins[:, None] / 10, labels, 0.01)
    malignant = np.sort(margins[labels == MALIGNANT])
    benign = np.sort(margins[labels == BENIGN])[::-1]
    bare = Calibration(
        slope=float(slope),
        intercept=float(intercept),
        malignant_from=float(malignant[rank_limit(len(malignant), 1 - level) - 1]),
        benign_to=float(benign[rank_limit(len(benign), 1 - level) - 1]),
        thirds={},
    )
    answers = bare.answer(margins)
    thirds = {}
    for label in (BENIGN, MALIGNANT):
        low, high = np.quantile(bare.distance(margins[answers == label], label), [1 / 3, 2 / 3])
        thirds[label] = (float(low), float(high))
    return Calibration(bare.slope, bare.intercept, bare.malignant_from, bare.benign_to, thirds)


def log_loss(margins: Floats, labels: Labels) -> float:
    """Mean negative log-likelihood of the margins after Platt's map."""
    _, loss = logistic(margins[:, None] / 10, labels, 0.01)
    return loss / len(labels)


def train(rows: Floats, labels: Labels, seed: int) -> tuple[Score, Shape, Calibration, Floats]:
    """Score, its shape, its calibration, and the out-of-fold margins that calibration rests on.

    Measurements and bins are chosen anew in each inner fold; the shape with the lowest out-of-fold loss is then fitted on all
    the rows given.
    """
    held_out = {shape: np.zeros(len(labels)) for shape in SHAPES}
    longest = max(shape.measurements for shape in SHAPES)
    folds = StratifiedKFold(INNER_FOLDS, shuffle=True, random_state=seed)
    for learn, hold in folds.split(rows, labels):
        orders = {ridge: path(rows[learn], labels[learn], ridge, longest) for ridge in {s.ridge for s in SHAPES}}
        for shape in SHAPES:
            score = fit(rows[learn], labels[learn], shape, orders[shape.ridge])
            held_out[shape][hold] = score.margins(rows[hold])
    losses = {shape: round(log_loss(held_out[shape], labels), 6) for shape in SHAPES}
    shape = min(SHAPES, key=lambda shape: losses[shape])
    score = fit(rows, labels, shape, path(rows, labels, shape.ridge, shape.measurements))
    return score, shape, calibrate(held_out[shape], labels), held_out[shape]
