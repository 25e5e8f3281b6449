"""A map of very many people as a grid: how many stand where."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from colloque.consultations.core.opinion.compiled import compiled
from colloque.kernel.errors import InvalidInputError

if TYPE_CHECKING:
    from colloque.consultations.core.opinion.values import Labels, Placements, Real


class Grid(NamedTuple):
    """`counts` (groups, bins, bins): people by group, line (y upwards) and column; cells are `width` by `height`."""

    counts: NDArray[np.int64]
    left: float
    bottom: float
    width: float
    height: float


def density(placements: Placements, bins: int = 64) -> Grid:
    """How many people of each group stand in each of `bins` × `bins` cells over the extent of those on the map.

    Everybody on the map is counted once. Raises `InvalidInputError` for fewer than one bin.
    """
    if bins < 1:
        raise InvalidInputError("A grid has at least one cell.", path="bins")
    k = max(0, int(placements.group.max()) + 1) if len(placements.group) else 0
    counts = np.zeros((k, bins, bins), np.int64)
    on_map = placements.group >= 0
    if not on_map.any():
        return Grid(counts, 0.0, 0.0, 1.0, 1.0)
    x, y = placements.x[on_map], placements.y[on_map]
    left, bottom = float(x.min()), float(y.min())
    width, height = ((float(each.max()) - low) / bins or 1.0 for each, low in ((x, left), (y, bottom)))
    _fill(placements.x, placements.y, placements.group, left, bottom, width, height, counts)
    return Grid(counts, left, bottom, width, height)


@compiled
def _fill(
    x: Real, y: Real, group: Labels, left: float, bottom: float, width: float, height: float, counts: NDArray[Any]
) -> None:
    last = counts.shape[1] - 1
    for person in range(len(x)):
        if group[person] >= 0:
            column = min(last, max(0, int((x[person] - left) / width)))
            line = min(last, max(0, int((y[person] - bottom) / height)))
            counts[group[person], line, column] += 1
