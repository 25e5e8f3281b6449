"""The thirty measurements of nuclei that the model may choose from: codes, units, and words for people.

A code is `<measurement>-<statistic>`; the statistic is `mean` (all nuclei of the image), `spread` (standard error of that
mean) or `largest` (mean of the three highest values).
Source: W. N. Street, W. H. Wolberg, O. L. Mangasarian, "Nuclear feature extraction for breast tumor diagnosis", 1993.
"""

from __future__ import annotations

from typing import NamedTuple

CODE_SYSTEM = "urn:uuid:3c0c5a52-6f0e-4d0c-9b52-8d8d4a1f7e61"
"""Code system of the measurements and of the observation that carries them."""

OBSERVATION_CODE = "breast-cytology-nuclei"
UCUM = "http://unitsofmeasure.org"

PIXEL = "{pixel}"
SQUARE_PIXEL = "{square_pixel}"
GREY_LEVEL = "{grey_level}"
NO_UNIT = "1"


SYMBOLS = {PIXEL: "px", SQUARE_PIXEL: "px²", GREY_LEVEL: "", NO_UNIT: ""}
"""What people read after the number, in any language."""


class Feature(NamedTuple):
    """One measurement: its code, UCUM unit, power of length it grows with (0, 1 or 2), and its name in two languages."""

    code: str
    unit: str
    length_power: int
    fr: str
    en: str

    @property
    def symbol(self) -> str:
        """The unit as people read it; empty for a plain number."""
        return SYMBOLS[self.unit]


class _Measurement(NamedTuple):
    code: str
    unit: str
    length_power: int
    fr: str
    fr_largest: str
    en: str
    en_largest: str


_MEASUREMENTS = (
    _Measurement("radius", PIXEL, 1, "Rayon des noyaux", "trois plus grands", "Radius of nuclei", "three largest"),
    _Measurement(
        "texture",
        GREY_LEVEL,
        0,
        "Contraste des noyaux",
        "trois plus contrastés",
        "Contrast of nuclei",
        "three strongest",
    ),
    _Measurement(
        "perimeter", PIXEL, 1, "Périmètre des noyaux", "trois plus grands", "Perimeter of nuclei", "three largest"
    ),
    _Measurement("area", SQUARE_PIXEL, 2, "Aire des noyaux", "trois plus grands", "Area of nuclei", "three largest"),
    _Measurement(
        "smoothness",
        NO_UNIT,
        0,
        "Irrégularité du contour",
        "trois plus irréguliers",
        "Irregularity of the outline",
        "three most irregular",
    ),
    _Measurement(
        "compactness",
        NO_UNIT,
        0,
        "Écart au cercle",
        "trois plus éloignés",
        "Departure from a circle",
        "three furthest",
    ),
    _Measurement(
        "concavity",
        NO_UNIT,
        0,
        "Profondeur des creux du contour",
        "trois plus creusés",
        "Depth of dents in the outline",
        "three deepest",
    ),
    _Measurement(
        "concave-points",
        NO_UNIT,
        0,
        "Fréquence des creux du contour",
        "trois plus creusés",
        "Frequency of dents in the outline",
        "three most dented",
    ),
    _Measurement(
        "symmetry",
        NO_UNIT,
        0,
        "Asymétrie des noyaux",
        "trois plus asymétriques",
        "Asymmetry of nuclei",
        "three most asymmetric",
    ),
    _Measurement(
        "fractal-dimension",
        NO_UNIT,
        0,
        "Finesse des découpes du contour",
        "trois plus découpés",
        "Fineness of the outline's indentations",
        "three most indented",
    ),
)


def _feature(measurement: _Measurement, statistic: str) -> Feature:
    fr = {"mean": "moyenne", "spread": "erreur type", "largest": measurement.fr_largest}[statistic]
    en = {"mean": "mean", "spread": "standard error", "largest": measurement.en_largest}[statistic]
    return Feature(
        code=f"{measurement.code}-{statistic}",
        unit=measurement.unit,
        length_power=measurement.length_power,
        fr=f"{measurement.fr} ({fr})",
        en=f"{measurement.en} ({en})",
    )


FEATURES: tuple[Feature, ...] = tuple(
    _feature(measurement, statistic) for statistic in ("mean", "spread", "largest") for measurement in _MEASUREMENTS
)
"""In the order of the data set's thirty columns."""

BY_CODE: dict[str, Feature] = {feature.code: feature for feature in FEATURES}
