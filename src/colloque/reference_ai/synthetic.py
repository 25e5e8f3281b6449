"""Makes plausible measurements of people who do not exist: `python -m colloque.reference_ai.synthetic --seed 7 --count 50`.

Drawn from what the model file says of each label (means and covariances of logarithms), never from rows of the data.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from colloque.reference_ai.features import CODE_SYSTEM, OBSERVATION_CODE, UCUM
from colloque.reference_ai.score import Label, Model, Status, load

MOST_DRAWS = 20_000


@dataclass(frozen=True)
class Case:
    """Measurements made up for a label, and what the aid would do with them."""

    label: Label
    status: Status
    values: Mapping[str, float]


def lower_triangle(matrix: Sequence[Sequence[float]]) -> list[list[float]]:
    """Cholesky factor of a positive definite matrix."""
    size = len(matrix)
    lower = [[0.0] * size for _ in range(size)]
    for row in range(size):
        for column in range(row + 1):
            rest = matrix[row][column] - math.fsum(lower[row][k] * lower[column][k] for k in range(column))
            lower[row][column] = math.sqrt(rest) if row == column else rest / lower[column][column]
    return lower


def draw(model: Model, label: Label, chance: random.Random) -> dict[str, float]:
    """One set of measurements of this label, four significant digits each."""
    likeness = model.likeness[label]
    lower = lower_triangle(likeness.covariance)
    noise = [chance.gauss(0.0, 1.0) for _ in likeness.mean]
    values = {}
    for number, feature in enumerate(model.measured):
        log = likeness.mean[number] + math.fsum(lower[number][k] * noise[k] for k in range(number + 1))
        values[feature.code] = max(float(f"{math.exp(log) - model.offsets[number]:.4g}"), 0.0)
    return values


def case(model: Model, label: Label, status: Status, chance: random.Random) -> Case:
    """A case of this label on which the aid ends with this status; raises LookupError if none comes in many draws.

    An answered case may be answered wrongly, as often as happens.
    """
    for _ in range(MOST_DRAWS):
        values = draw(model, label, chance)
        if model.answer(values).status is status:
            return Case(label, status, values)
    raise LookupError(f"no {label} case ends as {status}")


def observation(model: Model, values: Mapping[str, float], patient: str | None = None) -> dict[str, Any]:
    """The FHIR R4 Observation that carries these measurements, about `patient` ("Patient/…") when given."""
    made: dict[str, Any] = {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": CODE_SYSTEM, "code": OBSERVATION_CODE}]},
        "component": [
            {
                "code": {"coding": [{"system": CODE_SYSTEM, "code": feature.code, "display": feature.en}]},
                "valueQuantity": {"value": values[feature.code], "system": UCUM, "code": feature.unit},
            }
            for feature in model.measured
        ],
    }
    if patient is not None:
        made["subject"] = {"reference": patient}
    return made


def main(given: list[str]) -> int:
    """One JSON object a line: label, status the aid would give, and observation."""
    parser = argparse.ArgumentParser(prog="python -m colloque.reference_ai.synthetic", description=main.__doc__)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--label", choices=[*Label, "any"], default="any")
    parser.add_argument("--status", choices=[*Status, "any"], default="any")
    options = parser.parse_args(given)
    model = load()
    chance = random.Random(options.seed)  # noqa: S311 (made-up cases, no secret)
    known = model.document["data"]
    for _ in range(options.count):
        is_benign = chance.random() < known["benign"] / known["cases"]
        label = (Label.BENIGN if is_benign else Label.MALIGNANT) if options.label == "any" else Label(options.label)
        if options.status == "any":
            values = draw(model, label, chance)
            made = Case(label, model.answer(values).status, values)
        else:
            made = case(model, label, Status(options.status), chance)
        line = {"label": made.label, "status": made.status, "observation": observation(model, made.values)}
        sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
