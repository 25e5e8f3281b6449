"""Measures the whole recipe on rows it never saw: selection, bins, points, calibration and refusal are redone in every fold."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import numpy as np
from scipy.stats import beta
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, roc_auc_score
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from colloque.reference_ai.features import FEATURES
from colloque.reference_ai.training.calibration import BENIGN, LEVEL, MALIGNANT, Calibration, calibrate, train
from colloque.reference_ai.training.fitting import Floats, Labels, Score
from colloque.reference_ai.training.outside import CONTROLS, Outside, fit_outside

FOLDS = 10
REPEATS = 5
LEVELS = (0.9, 0.95, 0.975, 0.98, 0.985, 0.99)
SCALES = (0.1, 0.5, 0.7, round(1 / 1.3, 4), 0.9, 1.1, 1.3, 1.5, 2.0, 10.0)
SLIPS = (0.1, 10.0)
BANDS = ("near", "middle", "clear")
LABELS = {BENIGN: "benign", MALIGNANT: "malignant"}
POWERS = np.array([feature.length_power for feature in FEATURES], dtype=float)


def at_most(errors: int, cases: int) -> float:
    """Upper end of the exact one-sided 95 % interval of a share (Clopper and Pearson, 1934)."""
    return 1.0 if errors >= cases else float(beta.ppf(0.95, errors + 1, cases - errors))


def upper_per_hundred(errors: float, cases: float) -> int:
    """That bound as a whole number of cases in a hundred, rounded up."""
    return math.ceil(100 * at_most(math.ceil(errors - 1e-9), math.floor(cases + 1e-9)) - 1e-9)


class _Tally:
    """Counts over all folds and repeats; `share` divides them, `average` gives a count for one pass over the cases."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    def add(self, name: str, mask: np.ndarray) -> None:
        self.counts[name] += int(mask.sum())

    def share(self, name: str, of: str) -> float:
        return round(self.counts[name] / self.counts[of], 4) if self.counts[of] else 0.0

    def average(self, name: str) -> float:
        return round(self.counts[name] / REPEATS, 1)


def _answers(score: Score, calibration: Calibration, outside: Outside, rows: Floats) -> tuple[np.ndarray, np.ndarray]:
    """(answer: 0, 1 or -1 for none; refused as outside)."""
    refused = outside.outside(rows)
    answers = calibration.answer(score.margins(rows))
    return np.where(refused, -1, answers), refused


def _count_errors(tally: _Tally, name: str, answers: np.ndarray, refused: np.ndarray, labels: Labels) -> None:
    tally.add(f"{name}:all", np.ones(len(labels), dtype=bool))
    tally.add(f"{name}:refused", refused)
    tally.add(f"{name}:wrong", (answers != -1) & (answers != labels))
    tally.add(f"{name}:malignant", labels == MALIGNANT)
    tally.add(f"{name}:benign", labels == BENIGN)
    tally.add(f"{name}:missed", (answers == BENIGN) & (labels == MALIGNANT))
    tally.add(f"{name}:alarmed", (answers == MALIGNANT) & (labels == BENIGN))
    tally.add(f"{name}:malignant refused", refused & (labels == MALIGNANT))
    tally.add(f"{name}:benign refused", refused & (labels == BENIGN))


def _disturb_scale(
    tally: _Tally, name: str, parts: tuple[Score, Calibration, Outside], rows: Floats, labels: Labels
) -> None:
    for scale in SCALES:
        answers, refused = _answers(*parts, rows * scale**POWERS)
        _count_errors(tally, f"{name} {scale:g}", answers, refused, labels)


def _disturb(tally: _Tally, parts: tuple[Score, Calibration, Outside], rows: Floats, labels: Labels) -> None:
    score, calibration, outside = parts
    _disturb_scale(tally, "scale", parts, rows, labels)
    for slip in SLIPS:
        for column in outside.columns:
            slipped = rows.copy()
            slipped[:, column] *= slip
            answers, refused = _answers(score, calibration, outside, slipped)
            _count_errors(tally, f"slip {slip:g}", answers, refused, labels)
            _count_errors(tally, f"slip {slip:g} {FEATURES[column].code}", answers, refused, labels)


def _disturbance(tally: _Tally, name: str) -> dict[str, float]:
    return {
        "refused": tally.share(f"{name}:refused", f"{name}:all"),
        "benign_refused": tally.share(f"{name}:benign refused", f"{name}:benign"),
        "malignant_refused": tally.share(f"{name}:malignant refused", f"{name}:malignant"),
        "malignant_called_benign": tally.share(f"{name}:missed", f"{name}:malignant"),
        "benign_called_malignant": tally.share(f"{name}:alarmed", f"{name}:benign"),
    }


def _metrics(chances: Floats, ranks: Floats, labels: Labels) -> dict[str, float]:
    called = chances >= 0.5
    return {
        "auc": float(roc_auc_score(labels, ranks)),
        "sensitivity": float(called[labels == MALIGNANT].mean()),
        "specificity": float((~called[labels == BENIGN]).mean()),
        "brier": float(brier_score_loss(labels, chances)),
    }


def _mean(measured: list[dict[str, float]]) -> dict[str, float]:
    return {name: round(float(np.mean([one[name] for one in measured])), 4) for name in measured[0]}


def _reliability(chances: Floats, labels: Labels) -> list[dict[str, float]]:
    """Predicted against observed share of malignant, by band of probability, over all repeats."""
    table = []
    for low, high in ((0, 0.05), (0.05, 0.25), (0.25, 0.75), (0.75, 0.95), (0.95, 1.01)):
        band = (chances >= low) & (chances < high)
        table.append(
            {
                "from": low,
                "to": min(high, 1.0),
                "cases": round(float(band.sum()) / REPEATS, 1),
                "predicted": round(float(chances[band].mean()), 3) if band.any() else 0.0,
                "observed": round(float(labels[band].mean()), 3) if band.any() else 0.0,
            }
        )
    return table


def evaluate(rows: Floats, labels: Labels, seed: int) -> dict[str, Any]:
    """The measured figures: ten folds, five times over with different splits, each case held out once in each repeat."""
    tally, chosen, shapes = _Tally(), Counter[str](), Counter[str]()
    points, regression = [], []
    every_chance, every_label = [], []
    for repeat in range(REPEATS):
        margins, chances, reference = (np.zeros(len(labels)) for _ in range(3))
        for fold, (learn, hold) in enumerate(
            StratifiedKFold(FOLDS, shuffle=True, random_state=seed + repeat).split(rows, labels)
        ):
            inner = seed + 1000 * (repeat + 1) + fold
            score, shape, calibration, held_out = train(rows[learn], labels[learn], inner)
            outside = fit_outside(rows[learn], labels[learn], score.columns, inner)
            chosen.update(FEATURES[column].code for column in score.columns)
            shapes.update([f"{shape.measurements} × {shape.bins}"])
            margins[hold] = score.margins(rows[hold])
            chances[hold] = calibration.probability(margins[hold])
            plain = make_pipeline(StandardScaler(), LogisticRegression(max_iter=5000)).fit(rows[learn], labels[learn])
            reference[hold] = plain.predict_proba(rows[hold])[:, 1]
            for level in LEVELS:
                other = (score, calibrate(held_out, labels[learn], level), outside)
                _count_level(tally, f"level {level:g}", other, rows[hold], labels[hold])
            _count_policy(tally, (score, calibration, outside), rows[hold], labels[hold])
            plain_outside = fit_outside(rows[learn], labels[learn], score.columns, inner, ())
            _disturb_scale(tally, "bare scale", (score, calibration, plain_outside), rows[hold], labels[hold])
            _disturb(tally, (score, calibration, outside), rows[hold], labels[hold])
        points.append(_metrics(chances, margins, labels))
        regression.append(_metrics(reference, reference, labels))
        every_chance.append(chances)
        every_label.append(labels)
    return {
        "protocol": {"folds": FOLDS, "repeats": REPEATS, "cases": len(labels), "seed": seed},
        "points_score": _mean(points),
        "points_score_auc_range": [
            round(min(one["auc"] for one in points), 4),
            round(max(one["auc"] for one in points), 4),
        ],
        "logistic_regression_30": _mean(regression),
        "reliability": _reliability(np.concatenate(every_chance), np.concatenate(every_label)),
        "answers": _policy_figures(tally),
        "levels": {f"{level:g}": _level_figures(tally, f"level {level:g}") for level in LEVELS},
        "bands": _band_figures(tally),
        "scale_errors": {f"{scale:g}": _disturbance(tally, f"scale {scale:g}") for scale in SCALES},
        "scale_refused_without_controls": {
            f"{scale:g}": tally.share(f"bare scale {scale:g}:refused", f"bare scale {scale:g}:all") for scale in SCALES
        },
        "typing_slips": {f"{slip:g}": _disturbance(tally, f"slip {slip:g}") for slip in SLIPS},
        "typing_slips_by_measurement": _slips_by_measurement(tally, chosen),
        "chosen_in_folds": {
            "of": FOLDS * REPEATS,
            **dict(sorted(chosen.items(), key=lambda item: (-item[1], item[0]))),
        },
        "shapes_in_folds": dict(sorted(shapes.items())),
    }


def _slips_by_measurement(tally: _Tally, chosen: Counter[str]) -> dict[str, dict[str, float]]:
    codes = [*chosen, *(FEATURES[column].code for column in CONTROLS)]
    return {
        code: {f"{slip:g}": tally.share(f"slip {slip:g} {code}:refused", f"slip {slip:g} {code}:all") for slip in SLIPS}
        for code in sorted(set(codes))
    }


def _count_policy(tally: _Tally, parts: tuple[Score, Calibration, Outside], rows: Floats, labels: Labels) -> None:
    score, calibration, outside = parts
    answers, refused = _answers(score, calibration, outside, rows)
    margins = score.margins(rows)
    benign, malignant = calibration.possible(margins)
    tally.add("cases", labels >= 0)
    tally.add("outside", refused)
    tally.add("answered", answers != -1)
    tally.add("abstained", (answers == -1) & ~refused)
    tally.add("abstained none possible", (answers == -1) & ~refused & ~benign & ~malignant)
    for label, possible in ((BENIGN, benign), (MALIGNANT, malignant)):
        name = LABELS[label]
        truth = labels == label
        tally.add(f"{name}", truth)
        tally.add(f"{name} covered", truth & possible)
        tally.add(f"{name} outside", truth & refused)
        tally.add(f"{name} answered", truth & (answers != -1))
        tally.add(f"{name} answered right", truth & (answers == label))
        distance = calibration.distance(margins, label)
        low, high = calibration.thirds[label]
        bands = {"near": distance < low, "middle": (low <= distance) & (distance < high), "clear": distance >= high}
        for band, within in bands.items():
            said = (answers == label) & within
            tally.add(f"said {name} {band}", said)
            tally.add(f"said {name} {band} wrongly", said & ~truth)


def _count_level(
    tally: _Tally, name: str, parts: tuple[Score, Calibration, Outside], rows: Floats, labels: Labels
) -> None:
    answers, refused = _answers(*parts, rows)
    _count_errors(tally, name, answers, refused, labels)
    tally.add(f"{name}:answered", answers != -1)
    benign, malignant = parts[1].possible(parts[0].margins(rows))
    tally.add(f"{name}:benign covered", benign & (labels == BENIGN))
    tally.add(f"{name}:malignant covered", malignant & (labels == MALIGNANT))


def _level_figures(tally: _Tally, name: str) -> dict[str, float]:
    return {
        "benign_coverage": tally.share(f"{name}:benign covered", f"{name}:benign"),
        "malignant_coverage": tally.share(f"{name}:malignant covered", f"{name}:malignant"),
        "share_answered": tally.share(f"{name}:answered", f"{name}:all"),
        "answered_wrong_share": tally.share(f"{name}:wrong", f"{name}:answered"),
    }


def _policy_figures(tally: _Tally) -> dict[str, Any]:
    wrong = tally.counts["answered"] - tally.counts["benign answered right"] - tally.counts["malignant answered right"]
    return {
        "level": LEVEL,
        "coverage": {name: tally.share(f"{name} covered", name) for name in LABELS.values()},
        "share_answered": tally.share("answered", "cases"),
        "share_abstained": tally.share("abstained", "cases"),
        "share_abstained_no_label_possible": tally.share("abstained none possible", "cases"),
        "share_outside": tally.share("outside", "cases"),
        "outside_by_label": {name: tally.share(f"{name} outside", name) for name in LABELS.values()},
        "answered_sensitivity": tally.share("malignant answered right", "malignant answered"),
        "answered_specificity": tally.share("benign answered right", "benign answered"),
        "answered_wrong_share": round(wrong / tally.counts["answered"], 4),
        "answered_cases": tally.average("answered"),
        "answered_wrong_cases": round(wrong / REPEATS, 1),
    }


def _band_figures(tally: _Tally) -> list[dict[str, Any]]:
    bands = []
    for name in LABELS.values():
        for band in BANDS:
            said, wrongly = f"said {name} {band}", f"said {name} {band} wrongly"
            cases, errors = tally.average(said), tally.average(wrongly)
            bands.append(
                {
                    "label": name,
                    "band": band,
                    "measured_on": math.floor(cases),
                    "errors": errors,
                    "wrong_per_100": math.ceil(100 * tally.counts[wrongly] / tally.counts[said] - 1e-9),
                    "at_most_per_100": upper_per_hundred(errors, cases),
                }
            )
    return bands
