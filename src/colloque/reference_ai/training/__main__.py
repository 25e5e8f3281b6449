"""`python -m colloque.reference_ai.training [--output FILE]`: trains, measures, and writes the model the service reads."""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import sys
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.datasets import load_breast_cancer
from threadpoolctl import threadpool_limits

from colloque.reference_ai.features import FEATURES
from colloque.reference_ai.training.calibration import BENIGN, MALIGNANT, PROBABILITY_FLOOR, Calibration, train
from colloque.reference_ai.training.evaluation import LABELS, evaluate
from colloque.reference_ai.training.fitting import POINTS_PER_LOGIT, Floats, Labels, Score, significant
from colloque.reference_ai.training.outside import CONTROLS, Outside, fit_outside, offsets

SEED = 1995
NAME = "breast-cytology"
VERSION = "1.0.0"


def load() -> tuple[Floats, Labels]:
    """The Wisconsin diagnostic data as scikit-learn ships it: (569, 30) values and labels, 1 for malignant."""
    data = load_breast_cancer()
    return np.asarray(data.data, dtype=np.float64), 1 - np.asarray(data.target, dtype=np.int64)


def _points(score: Score, rows: Floats, labels: Labels) -> list[dict[str, Any]]:
    found = []
    for column, cuts, points in zip(score.columns, score.cuts, score.points, strict=True):
        typical = significant(float(np.median(rows[labels == BENIGN, column])), 4)
        found.append(
            {
                "code": FEATURES[column].code,
                "cuts": list(cuts),
                "points": list(points),
                "typical_benign": typical,
                "typical_malignant": significant(float(np.median(rows[labels == MALIGNANT, column])), 4),
                "reference": points[int(np.searchsorted(cuts, typical, side="right"))],
            }
        )
    return found


def _bands(
    measured: list[dict[str, Any]], score: Score, calibration: Calibration, limits: dict[int, int]
) -> list[dict[str, Any]]:
    """The measured error of each band, with the totals it covers in the final model; `limits` are each label's last total."""
    least = {label: calibration.limit(label) + score.middle for label in (BENIGN, MALIGNANT)}
    benign = [math.floor(least[BENIGN] - third + 1e-6) for third in calibration.thirds[BENIGN]]
    malignant = [math.ceil(least[MALIGNANT] + third - 1e-6) for third in calibration.thirds[MALIGNANT]]
    totals = {
        ("benign", "near"): (benign[0] + 1, limits[BENIGN]),
        ("benign", "middle"): (benign[1] + 1, benign[0]),
        ("benign", "clear"): (0, benign[1]),
        ("malignant", "near"): (limits[MALIGNANT], malignant[0] - 1),
        ("malignant", "middle"): (malignant[0], malignant[1] - 1),
        ("malignant", "clear"): (malignant[1], score.maximum),
    }
    return [
        {
            **band,
            "from_total": totals[band["label"], band["band"]][0],
            "to_total": totals[band["label"], band["band"]][1],
        }
        for band in measured
    ]


def _outside(outside: Outside) -> dict[str, Any]:
    return {
        "codes": [FEATURES[column].code for column in outside.columns],
        "offsets": [float(offset) for offset in offsets(outside.columns)],
        "lowest": [float(value) for value in outside.lowest],
        "highest": [float(value) for value in outside.highest],
        "labels": {
            name: {
                "mean": [significant(float(value), 7) for value in outside.means[label]],
                "covariance": [[significant(float(value), 7) for value in row] for row in outside.covariances[label]],
                "strangeness_limit": outside.strangeness_limits[label],
                "scale_limit": outside.scale_limits[label],
            }
            for label, name in LABELS.items()
        },
    }


def model(rows: Floats, labels: Labels, seed: int) -> dict[str, Any]:
    """The whole model file: points, probabilities, limits, refusal, and the figures measured by cross-validation."""
    figures = evaluate(rows, labels, seed)
    score, shape, calibration, _ = train(rows, labels, seed)
    outside = fit_outside(rows, labels, score.columns, seed)
    points = _points(score, rows, labels)
    margins = np.arange(score.maximum + 1) - score.middle
    malignant_from = math.ceil(calibration.malignant_from + score.middle - 1e-6)
    benign_to = math.floor(calibration.benign_to + score.middle + 1e-6)
    limits = {BENIGN: min(malignant_from - 1, benign_to), MALIGNANT: max(benign_to + 1, malignant_from)}
    return {
        "format": 1,
        "name": NAME,
        "version": VERSION,
        "data": {
            "name": "Breast Cancer Wisconsin (Diagnostic)",
            "licence": "CC BY 4.0",
            "cases": len(labels),
            "benign": int((labels == BENIGN).sum()),
            "malignant": int((labels == MALIGNANT).sum()),
            "sha256": hashlib.sha256(rows.astype("<f8").tobytes() + labels.astype("<i8").tobytes()).hexdigest(),
        },
        "seed": seed,
        "shape": {"ridge": shape.ridge, "measurements": shape.measurements, "bins": shape.bins},
        "points_per_logit": POINTS_PER_LOGIT,
        "features": points,
        "controls": [FEATURES[column].code for column in CONTROLS],
        "maximum": score.maximum,
        "reference_total": sum(entry["reference"] for entry in points),
        "level": figures["answers"]["level"],
        "malignant_from": malignant_from,
        "benign_to": benign_to,
        "probability_floor": PROBABILITY_FLOOR,
        "malignant_probability": [round(float(chance), 3) for chance in calibration.probability(margins)],
        "bands": _bands(figures.pop("bands"), score, calibration, limits),
        "outside": _outside(outside),
        "figures": figures,
    }


def render(value: Any, depth: int = 0) -> str:
    """JSON text with one line for each entry of an object and for each list of plain values; the same bytes each time."""
    pad = " " * (depth + 1)
    if isinstance(value, dict) and value:
        entries = [
            f"{pad}{json.dumps(key, ensure_ascii=False)}: {render(entry, depth + 1)}" for key, entry in value.items()
        ]
        return "{\n" + ",\n".join(entries) + "\n" + " " * depth + "}"
    if isinstance(value, list) and any(isinstance(entry, dict | list) for entry in value):
        return "[\n" + ",\n".join(pad + render(entry, depth + 1) for entry in value) + "\n" + " " * depth + "]"
    return json.dumps(value, ensure_ascii=False)


def main(arguments: list[str]) -> int:
    """Writes the model file; 0 when done."""
    parser = argparse.ArgumentParser(prog="python -m colloque.reference_ai.training", description=__doc__)
    parser.add_argument("--output", type=Path, default=Path(__file__).parent.parent / "breast_cytology.json")
    parser.add_argument("--seed", type=int, default=SEED)
    options = parser.parse_args(arguments)
    with threadpool_limits(1):
        trained = model(*load(), options.seed)
    options.output.write_text(render(trained) + "\n", encoding="utf-8")
    sys.stdout.write(f"{options.output}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
