"""The outline of a group: the smallest convex shape around its people."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from colloque.consultations.core.opinion.values import Real

DIRECTIONS = ((1, 0), (1, 1), (0, 1), (-1, 1), (-1, 0), (-1, -1), (0, -1), (1, -1))


def hull_of(points: Real) -> tuple[tuple[float, float], ...]:
    """Corners of the hull of points (n, 2), counter-clockwise, exact (Andrew's monotone chain)."""
    if len(points) > 256:
        points = _outside(points)
    corners = sorted({(x, y) for x, y in points.tolist()})
    if len(corners) <= 2:
        return tuple(corners)
    return tuple(_chain(corners)[:-1] + _chain(corners[::-1])[:-1])


def _outside(points: Real) -> Real:
    """The points not strictly inside the polygon of the outermost ones in eight directions; only these can be corners."""
    x, y = points[:, 0], points[:, 1]
    outermost = [points[int(np.argmax(right * x + up * y))] for right, up in DIRECTIONS]
    inside = np.ones(len(points), np.bool_)
    for (ax, ay), (bx, by) in zip(outermost, outermost[1:] + outermost[:1], strict=True):
        if ax != bx or ay != by:
            inside &= (bx - ax) * (y - ay) - (by - ay) * (x - ax) > 0
    return points[~inside]


def _chain(corners: list[tuple[float, float]]) -> list[tuple[float, float]]:
    made: list[tuple[float, float]] = []
    for corner in corners:
        while len(made) >= 2 and _turn(made[-2], made[-1], corner) <= 0:
            made.pop()
        made.append(corner)
    return made


def _turn(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
