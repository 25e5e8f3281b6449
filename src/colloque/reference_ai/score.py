"""The points score: from measurements to a total, the labels still possible, and how often such an answer was wrong.

Pure standard library. The model file is made by `python -m colloque.reference_ai.training`; its figures were measured there.
"""

from __future__ import annotations

import json
import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from importlib import resources
from typing import Any

from colloque.reference_ai.features import BY_CODE, Feature


class Status(StrEnum):
    """What the aid did: gave one label, found not exactly one possible, or met a case unlike what it learned from."""

    ANSWERED = "answered"
    ABSTAINED = "abstained"
    OUTSIDE = "outside"


class Label(StrEnum):
    """The two labels it learned."""

    BENIGN = "benign"
    MALIGNANT = "malignant"


@dataclass(frozen=True)
class PointsTable:
    """Points of one measurement: `cuts` rise, `points` has one entry more and never falls."""

    feature: Feature
    cuts: tuple[float, ...]
    points: tuple[int, ...]
    reference: int
    typical_benign: float

    def points_for(self, value: float) -> int:
        """Points of a value; a value on a cut belongs to the bin above."""
        return self.points[bisect_right(self.cuts, value)]


@dataclass(frozen=True)
class Band:
    """Answers of like strength, and how many of them were wrong when each case was held out."""

    label: Label
    from_total: int
    to_total: int
    measured_on: int
    errors: float
    wrong_per_100: int
    at_most_per_100: int


@dataclass(frozen=True)
class Likeness:
    """What cases of one label look like, on the logarithms of the measurements."""

    mean: tuple[float, ...]
    covariance: tuple[tuple[float, ...], ...]
    strangeness_limit: float
    scale_limit: float

    @cached_property
    def precision(self) -> tuple[tuple[float, ...], ...]:
        """Inverse of the covariance."""
        return inverse(self.covariance)


@dataclass(frozen=True)
class Contribution:
    """What one measurement brought: `points` of `maximum`, where a typical benign case has `reference`."""

    feature: Feature
    value: float
    points: int
    reference: int
    maximum: int


@dataclass(frozen=True)
class Answer:
    """The aid's word on one case; label, probability, band and contributions are there only when it answered.

    `beyond` names the measurements whose value alone lies far outside what was learned.
    """

    status: Status
    possible: tuple[Label, ...]
    label: Label | None
    total: int | None
    probability: float | None
    band: Band | None
    contributions: tuple[Contribution, ...]
    beyond: tuple[Feature, ...]


@dataclass(frozen=True)
class Model:
    """The model file, read once; `document` is the file itself, for the model card."""

    name: str
    version: str
    level: float
    tables: tuple[PointsTable, ...]
    maximum: int
    malignant_from: int
    benign_to: int
    malignant_probability: tuple[float, ...]
    bands: tuple[Band, ...]
    measured: tuple[Feature, ...]
    offsets: tuple[float, ...]
    lowest: tuple[float, ...]
    highest: tuple[float, ...]
    likeness: Mapping[Label, Likeness]
    document: Mapping[str, Any]

    def total(self, values: Mapping[str, float]) -> int:
        """Sum of points, from 0 to `maximum`."""
        return sum(table.points_for(values[table.feature.code]) for table in self.tables)

    def possible(self, total: int) -> tuple[Label, ...]:
        """Labels that this total does not rule out at the declared level."""
        benign = (Label.BENIGN,) if total <= self.benign_to else ()
        malignant = (Label.MALIGNANT,) if total >= self.malignant_from else ()
        return benign + malignant

    def beyond(self, values: Mapping[str, float]) -> tuple[Feature, ...]:
        """Measurements whose value alone lies far outside what was learned."""
        return tuple(
            feature
            for feature, low, high in zip(self.measured, self.lowest, self.highest, strict=True)
            if not low <= values[feature.code] <= high
        )

    def distances(self, values: Mapping[str, float], label: Label) -> tuple[float, float]:
        """(squared Mahalanobis distance to the label, absolute statistic for one wrong factor on every length)."""
        likeness = self.likeness[label]
        away = [
            math.log(values[feature.code] + offset) - mean if values[feature.code] + offset > 0 else -math.inf
            for feature, offset, mean in zip(self.measured, self.offsets, likeness.mean, strict=True)
        ]
        if any(math.isinf(one) for one in away):
            return math.inf, math.inf
        powers = [feature.length_power for feature in self.measured]
        pulled = _times(likeness.precision, away)
        along = _times(likeness.precision, powers)
        return _dot(away, pulled), abs(_dot(powers, pulled)) / math.sqrt(_dot(powers, along))

    def looks_like(self, values: Mapping[str, float], label: Label) -> bool:
        """Whether the case is near enough to what was learned of this label."""
        strange, scale = self.distances(values, label)
        return strange <= self.likeness[label].strangeness_limit and scale <= self.likeness[label].scale_limit

    def answer(self, values: Mapping[str, float]) -> Answer:
        """The aid's word on finite measurements ≥ 0, one for each code of `measured`; other keys are ignored.

        Raises KeyError when a measurement is missing.
        """
        beyond = self.beyond(values)
        if beyond or not any(self.looks_like(values, label) for label in Label):
            return Answer(Status.OUTSIDE, (), None, None, None, None, (), beyond)
        total = self.total(values)
        possible = self.possible(total)
        if len(possible) != 1:
            return Answer(Status.ABSTAINED, possible, None, None, None, None, (), ())
        label = possible[0]
        chance = self.malignant_probability[total]
        return Answer(
            status=Status.ANSWERED,
            possible=possible,
            label=label,
            total=total,
            probability=chance if label is Label.MALIGNANT else round(1 - chance, 3),
            band=next(band for band in self.bands if band.label is label and band.from_total <= total <= band.to_total),
            contributions=tuple(
                Contribution(
                    feature=table.feature,
                    value=values[table.feature.code],
                    points=table.points_for(values[table.feature.code]),
                    reference=table.reference,
                    maximum=table.points[-1],
                )
                for table in self.tables
            ),
            beyond=(),
        )


def _dot(left: Sequence[float], right: Sequence[float]) -> float:
    return math.fsum(a * b for a, b in zip(left, right, strict=True))


def _times(matrix: Sequence[Sequence[float]], vector: Sequence[float]) -> list[float]:
    return [_dot(row, vector) for row in matrix]


def inverse(matrix: Sequence[Sequence[float]]) -> tuple[tuple[float, ...], ...]:
    """Inverse of a small positive definite matrix, by Gauss-Jordan elimination with pivoting."""
    size = len(matrix)
    rows = [[*row, *(1.0 if place == number else 0.0 for place in range(size))] for number, row in enumerate(matrix)]
    for column in range(size):
        pivot = max(range(column, size), key=lambda number: abs(rows[number][column]))
        rows[column], rows[pivot] = rows[pivot], rows[column]
        head = rows[column][column]
        rows[column] = [entry / head for entry in rows[column]]
        for number in range(size):
            if number != column and rows[number][column]:
                factor = rows[number][column]
                rows[number] = [a - factor * b for a, b in zip(rows[number], rows[column], strict=True)]
    return tuple(tuple(row[size:]) for row in rows)


def read(document: Mapping[str, Any]) -> Model:
    """The model in a parsed model file."""
    outside = document["outside"]
    return Model(
        name=document["name"],
        version=document["version"],
        level=document["level"],
        tables=tuple(
            PointsTable(
                feature=BY_CODE[entry["code"]],
                cuts=tuple(entry["cuts"]),
                points=tuple(entry["points"]),
                reference=entry["reference"],
                typical_benign=entry["typical_benign"],
            )
            for entry in document["features"]
        ),
        maximum=document["maximum"],
        malignant_from=document["malignant_from"],
        benign_to=document["benign_to"],
        malignant_probability=tuple(document["malignant_probability"]),
        bands=tuple(
            Band(
                label=Label(entry["label"]),
                from_total=entry["from_total"],
                to_total=entry["to_total"],
                measured_on=entry["measured_on"],
                errors=entry["errors"],
                wrong_per_100=entry["wrong_per_100"],
                at_most_per_100=entry["at_most_per_100"],
            )
            for entry in document["bands"]
        ),
        measured=tuple(BY_CODE[code] for code in outside["codes"]),
        offsets=tuple(outside["offsets"]),
        lowest=tuple(outside["lowest"]),
        highest=tuple(outside["highest"]),
        likeness={
            Label(name): Likeness(
                mean=tuple(entry["mean"]),
                covariance=tuple(tuple(row) for row in entry["covariance"]),
                strangeness_limit=entry["strangeness_limit"],
                scale_limit=entry["scale_limit"],
            )
            for name, entry in outside["labels"].items()
        },
        document=document,
    )


def load() -> Model:
    """The model that ships with the package."""
    file = resources.files("colloque.reference_ai").joinpath("breast_cytology.json")
    return read(json.loads(file.read_text(encoding="utf-8")))
