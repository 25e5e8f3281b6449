"""The opinion map as a drawing: an SVG anyone can read, on a screen, in print, and without colour.

A group is told apart by its shape, by the dashes of its outline and by its letter; colour only repeats it. Colours stand as
attributes, so that the drawing is whole by itself; the house's style sheet replaces them in dark and in forced colours.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]

WIDTH: Final = 760
LEAST_HEIGHT: Final = 400
MOST_HEIGHT: Final = 620
MARGIN: Final = 46
MOST_DOTS: Final = 700
"""Above this many people a mark stands for the people of one place; below, each person has a dot."""
CELL: Final = 15.0
LABEL_SIZE: Final = 30.0
"""Size of the letters for which labels are kept apart: that of a telephone. A wide screen draws them smaller."""

COLOURS: Final = ("#1d5a48", "#39467d", "#98281b", "#7a4b00", "#6a2f7c", "#0b5a73", "#5f5600", "#4d4d4d")
DASHES: Final = ("", "9 5", "2 5", "14 4 2 4", "5 5", "1 7", "18 6", "9 3 2 3 2 3")
SHAPES: Final = ("circle", "square", "triangle", "diamond", "cross", "pentagon", "star", "half")


class GroupLabel(msgspec.Struct, frozen=True):
    """A group as the drawing names it: its place in `Placements.group`, its letter, and the words of its label (« A · 150 »).

    Of a group too small to be shown (`is_small`) nothing is drawn that could be counted.
    """

    index: int
    letter: str
    words: str
    is_small: bool = False


class MapText(msgspec.Struct, frozen=True):
    """What the drawing says in words: a title that states the finding, and what one sees."""

    title: str
    description: str


class Drawing(msgspec.Struct, frozen=True):
    """A finished drawing. `drawn` counts the people in it by group; `per_mark` is the most people one mark stands for."""

    svg: str
    drawn: dict[int, int]
    is_dense: bool
    per_mark: int


class _Frame(msgspec.Struct, frozen=True):
    """How opinion space lands on the drawing: x and y scaled alike, y upwards."""

    left: float
    top: float
    scale: float
    offset_x: float
    offset_y: float
    height: float

    def place(self, x: Points, y: Points) -> Points:
        """Points of the drawing, (n, 2)."""
        return np.column_stack(
            ((x - self.left) * self.scale + self.offset_x, (self.top - y) * self.scale + self.offset_y)
        )


def draw_map(
    x: Points,
    y: Points,
    group: NDArray[np.int16],
    groups: Sequence[GroupLabel],
    text: MapText,
    *,
    name: str = "opinion-map",
    mark: int | None = None,
    mark_words: str = "",
    most_dots: int = MOST_DOTS,
    least_a_mark: int = 0,
) -> Drawing:
    """The map of people at (x, y), each of whom is drawn once; `group` −1 is somebody who is not on the map.

    Shapes: three arrays of the same length. `mark` is the row of one person to show (« vous »). `name` prefixes the ids.
    Above `most_dots` people the extreme half percent on each side is drawn on the edge, and one mark stands for several people.
    With `least_a_mark` nobody can be told apart or counted: a group is the ellipse that holds most of it; above `most_dots`
    people a mark, in one of three sizes, stands for at least so many people, and below there are none.
    """
    on_map = group >= 0
    rows = np.flatnonzero(on_map)
    people, of = np.column_stack((x[rows], y[rows])).astype(np.float64), group[rows].astype(np.int64)
    is_dense = len(people) > most_dots
    shown = [one.index for one in groups if not one.is_small and np.any(of == one.index)]
    areas = {index: _ellipse(people[of == index]) for index in shown} if least_a_mark else {}
    frame = _frame(np.concatenate(list(areas.values())), is_dense=False) if areas else _frame(people, is_dense=is_dense)
    places = frame.place(people[:, 0], people[:, 1])
    if is_dense:
        places[:, 0] = np.clip(places[:, 0], MARGIN, WIDTH - MARGIN)
        places[:, 1] = np.clip(places[:, 1], MARGIN, frame.height - MARGIN)
    outlines = {}
    for g in groups:
        here = places[of == g.index]
        if g.index in areas:
            outlines[g.index] = frame.place(areas[g.index][:, 0], areas[g.index][:, 1])
        elif g.is_small:
            outlines[g.index] = here[:0] if least_a_mark else _ring_of_few(here)
        else:
            outlines[g.index] = _outline(here, is_dense=is_dense)
    countable = ~np.isin(of, [g.index for g in groups if g.is_small])
    signs, whose = places[countable], of[countable]
    if least_a_mark and not is_dense:
        signs, whose = signs[:0], whose[:0]  # of few people marks would say where single ones stand, or nothing
    marks, drawn, per_mark = _density(signs, whose, least_a_mark) if is_dense else _dots(signs, whose)
    seen = places[:0] if least_a_mark else places  # where labels stand tells nothing of people who are not drawn
    crowd = seen if mark is None else np.concatenate((seen, np.repeat(places[rows == mark], max(1, len(seen)), axis=0)))
    labels = _place_labels(groups, outlines, crowd, frame.height)
    parts = [
        _opening(name, frame.height),
        f'<title id="{name}-title">{escape(text.title)}</title><desc id="{name}-words">{escape(text.description)}</desc>',
        *(_outline_svg(index, outline) for index, outline in outlines.items() if len(outline)),
        *marks,
        *_leader_lines(labels, outlines),
        *_label_svg(labels),
    ]
    if mark is not None and on_map[mark]:
        parts.append(_mark_svg(frame.place(x[[mark]], y[[mark]])[0], mark_words, frame.height))
    parts.append("</svg>")
    return Drawing("".join(parts), drawn, is_dense, per_mark)


def _opening(name: str, height: float) -> str:
    named = f'aria-labelledby="{name}-title {name}-words"'
    return f'<svg class="opinion-map" viewBox="0 0 {WIDTH} {height:g}" role="img" {named} xmlns="http://www.w3.org/2000/svg">'


def swatch(index: int) -> str:
    """The shape of a group beside its name, as a small picture that says nothing to a screen reader."""
    return (
        f'<svg class="opinion-swatch" viewBox="0 0 20 20" width="20" height="20" aria-hidden="true" focusable="false">'
        f'<path class="people group-{index % len(COLOURS)}" fill="{COLOURS[index % len(COLOURS)]}" '
        f'd="{_shape(index, 10, 10, 7.5)}"/></svg>'
    )


def _frame(people: Points, *, is_dense: bool) -> _Frame:
    if not len(people):
        return _Frame(0, 0, 1, MARGIN, MARGIN, LEAST_HEIGHT)
    low, high = people.min(axis=0), people.max(axis=0)
    if is_dense:
        low, high = np.quantile(people, 0.005, axis=0), np.quantile(people, 0.995, axis=0)
    wide, tall = np.maximum(high - low, 1e-9)
    inside = WIDTH - 2 * MARGIN
    scale = inside / wide if wide > 1e-9 else inside / max(tall, 1e-9)
    if tall * scale > MOST_HEIGHT - 2 * MARGIN:
        scale = (MOST_HEIGHT - 2 * MARGIN) / tall
    if max(wide, tall) <= 1e-9:  # everybody votes alike: one place
        scale = 1.0
    height = min(MOST_HEIGHT, max(LEAST_HEIGHT, round(tall * scale + 2 * MARGIN)))
    return _Frame(
        float(low[0]),
        float(high[1]),
        float(scale),
        float((WIDTH - wide * scale) / 2),
        float((height - tall * scale) / 2),
        float(height),
    )


# ---------- marks


def _shape(index: int, x: float, y: float, r: float) -> str:
    """One closed path around a place; areas are about alike for a radius `r`."""
    kind = SHAPES[index % len(SHAPES)]
    if kind == "circle":
        return f"M{x - r:.1f} {y:.1f}a{r:.1f} {r:.1f} 0 1 0 {2 * r:.1f} 0a{r:.1f} {r:.1f} 0 1 0 {-2 * r:.1f} 0z"
    if kind == "half":
        return f"M{x - 1.2 * r:.1f} {y + 0.6 * r:.1f}a{1.2 * r:.1f} {1.2 * r:.1f} 0 0 1 {2.4 * r:.1f} 0z"
    if kind == "cross":
        a, b = 0.45 * r, 1.15 * r
        corners: tuple[tuple[float, float], ...] = (
            (-a, -b),
            (a, -b),
            (a, -a),
            (b, -a),
            (b, a),
            (a, a),
            (a, b),
            (-a, b),
            (-a, a),
            (-b, a),
            (-b, -a),
            (-a, -a),
        )
    else:
        sides, turn, reach = {
            "square": (4, np.pi / 4, 1.25),
            "triangle": (3, -np.pi / 2, 1.45),
            "diamond": (4, 0.0, 1.3),
            "pentagon": (5, -np.pi / 2, 1.15),
            "star": (10, -np.pi / 2, 1.5),
        }[kind]
        angles = turn + 2 * np.pi * np.arange(sides) / sides
        reaches = np.where(np.arange(sides) % 2 == 0, reach, 0.6) if kind == "star" else np.full(sides, reach)
        corners = tuple(zip(r * reaches * np.cos(angles), r * reaches * np.sin(angles), strict=True))
    return "M" + "L".join(f"{x + dx:.1f} {y + dy:.1f}" for dx, dy in corners) + "z"


def _marks(index: int, shapes: Iterable[str]) -> str:
    colour = COLOURS[index % len(COLOURS)]
    return (
        f'<path class="people group-{index % len(COLOURS)}" fill="{colour}" stroke="#fffdf9" stroke-width="1" '
        f'd="{"".join(shapes)}"/>'
    )


def _dots(places: Points, of: NDArray[np.int64]) -> tuple[list[str], dict[int, int], int]:
    marks, drawn = [], {}
    radius = 5.4 if len(places) <= 150 else 4.4
    for index in np.unique(of):
        here = places[of == index]
        drawn[int(index)] = len(here)
        marks.append(_marks(int(index), (_shape(int(index), px, py, radius) for px, py in here)))
    return marks, drawn, 1


def _ellipse(people: Points) -> Points:
    """Forty points around the middle of some people, two standard deviations away, at least a little: (40, 2)."""
    sizes, axes = np.linalg.eigh(np.cov(people.T) if len(people) > 1 else np.zeros((2, 2)))
    reach = 2 * np.sqrt(np.maximum(sizes, 0.0025))
    angles = 2 * np.pi * np.arange(40) / 40
    found: Points = (
        people.mean(axis=0) + np.column_stack((reach[0] * np.cos(angles), reach[1] * np.sin(angles))) @ axes.T
    )
    return found


def _ring_of_few(places: Points) -> Points:
    """A ring of one size around the middle of few people: it says where they stand, not how many."""
    if not len(places):
        return places
    angles = 2 * np.pi * np.arange(12) / 12
    ring: Points = places.mean(axis=0) + 22.0 * np.column_stack((np.cos(angles), np.sin(angles)))
    return ring


def _density(places: Points, of: NDArray[np.int64], least: int = 0) -> tuple[list[str], dict[int, int], int]:
    """One mark a cell and group, whose area grows with the people there (radius as the square root).

    With `least`, cells with fewer people have none, and radii come in three steps.
    """
    if not len(places):
        return [], {}, 1
    columns = np.floor(places[:, 0] / CELL).astype(np.int64)
    lines = np.floor(places[:, 1] / CELL).astype(np.int64)
    keys, counts = np.unique(np.column_stack((of, columns, lines)), axis=0, return_counts=True)
    most = int(counts.max())
    marks: dict[int, list[str]] = {}
    drawn: dict[int, int] = {}
    taken: dict[tuple[int, int], int] = {}
    for (index, column, line), count in zip(keys.tolist(), counts.tolist(), strict=True):
        if count < least:
            continue
        shift = taken.get((column, line), 0)  # two groups in one cell stand side by side
        taken[column, line] = shift + 1
        share = (count / most) ** 0.5
        radius = max(1.1, 0.5 * CELL * (max(1, round(3 * share)) / 3 if least else share))
        marks.setdefault(index, []).append(
            _shape(index, (column + 0.5) * CELL + 3 * shift, (line + 0.5) * CELL + 3 * shift, radius)
        )
        drawn[index] = drawn.get(index, 0) + count
    return [_marks(index, shapes) for index, shapes in marks.items()], drawn, most


# ---------- outlines


def _outline(places: Points, *, is_dense: bool) -> Points:
    """The convex outline around a group, a little outside its people; of a dense map, around its 95 % nearest the middle."""
    if not len(places):
        return places
    if is_dense:
        away = np.hypot(*(places - np.median(places, axis=0)).T)
        places = places[away <= np.quantile(away, 0.95)]
        places = np.unique(np.round(places / 4) * 4, axis=0)
    angles = 2 * np.pi * np.arange(12) / 12
    ring = 13.0 * np.column_stack((np.cos(angles), np.sin(angles)))
    return _convex(_convex(places)[:, None, :] + ring[None, :, :])


def _convex(points: Points) -> Points:
    """Convex hull by the monotone chain (Andrew 1979), counted once around."""
    ordered = np.unique(points.reshape(-1, 2), axis=0)
    if len(ordered) < 3:
        return ordered

    def half(rows: Points) -> list[Points]:
        kept: list[Points] = []
        for row in rows:
            while len(kept) >= 2:
                (ax, ay), (bx, by) = kept[-2], kept[-1]
                if (bx - ax) * (row[1] - ay) - (by - ay) * (row[0] - ax) > 0:
                    break
                kept.pop()
            kept.append(row)
        return kept

    lower, upper = half(ordered), half(ordered[::-1])
    return np.array(lower[:-1] + upper[:-1])


def _outline_svg(index: int, outline: Points) -> str:
    kind = index % len(COLOURS)
    dashes = f' stroke-dasharray="{DASHES[kind]}"' if DASHES[kind] else ""
    points = " ".join(f"{px:.1f},{py:.1f}" for px, py in outline)
    return (
        f'<polygon class="outline group-{kind}" points="{points}" fill="{COLOURS[kind]}" fill-opacity="0.08" '
        f'stroke="{COLOURS[kind]}" stroke-width="2.5" stroke-linejoin="round"{dashes}/>'
    )


# ---------- labels


class Label(msgspec.Struct, frozen=True):
    """A label in its place: centre, half its width and height, and the point of its group that it names."""

    group: GroupLabel
    x: float
    y: float
    half_width: float
    half_height: float
    to_x: float
    to_y: float

    def overlaps(self, other: Label) -> bool:
        """Whether two labels would touch."""
        return (
            abs(self.x - other.x) < self.half_width + other.half_width + 4
            and abs(self.y - other.y) < self.half_height + other.half_height + 4
        )


def _place_labels(
    groups: Sequence[GroupLabel], outlines: dict[int, Points], places: Points, height: float
) -> list[Label]:
    """Each group's label where it hides fewest people, never on another label, never outside: the largest group chooses first."""
    placed: list[Label] = []
    for group in sorted(groups, key=lambda one: -len(outlines[one.index])):
        outline = outlines[group.index]
        if not len(outline):
            continue
        options = sorted(
            _options(group, outline, height), key=lambda option: _cost(option, outline, places, outlines, group.index)
        )
        free = [option for option in options if not any(option.overlaps(other) for other in placed)]
        if free:
            placed.append(free[0])
    return sorted(placed, key=lambda label: label.group.index)


def _options(group: GroupLabel, outline: Points, height: float) -> list[Label]:
    half_width, half_height = 0.31 * LABEL_SIZE * len(group.words) + 12, 0.72 * LABEL_SIZE
    middle = outline.mean(axis=0)
    reach = np.hypot(*(outline - middle).T).max()
    options = []
    for share in (0.0, 0.6, 0.9, 1.15, 1.4, 1.8, 2.4, 3.2):
        for angle in np.linspace(0, 2 * np.pi, 24, endpoint=False):
            along = np.array((np.cos(angle), np.sin(angle)))
            away = share * (reach + np.array((half_width, half_height)))
            x, y = middle + along * away
            x = float(np.clip(x, half_width + 4, WIDTH - half_width - 4))
            y = float(np.clip(y, half_height + 4, height - half_height - 4))
            nearest = outline[np.argmin(np.hypot(outline[:, 0] - x, outline[:, 1] - y))]
            options.append(Label(group, x, y, half_width, half_height, float(nearest[0]), float(nearest[1])))
    return options


def _cost(option: Label, outline: Points, places: Points, outlines: dict[int, Points], own: int) -> float:
    hidden = np.sum(
        (np.abs(places[:, 0] - option.x) < option.half_width) & (np.abs(places[:, 1] - option.y) < option.half_height)
    )
    middle = outline.mean(axis=0)
    distance = float(np.hypot(option.x - middle[0], option.y - middle[1]))
    strangers = 0.0
    for index, other in outlines.items():
        if index != own and len(other):
            low, high = other.min(axis=0), other.max(axis=0)
            strangers += 40.0 * (low[0] < option.x < high[0] and low[1] < option.y < high[1])
    return 12.0 * float(hidden) / max(1.0, len(places) / 60) + strangers + 0.35 * distance


def _leader_lines(labels: Sequence[Label], outlines: dict[int, Points]) -> list[str]:
    """From a label outside its group to the group's edge."""
    lines = []
    for label in labels:
        if _is_inside(label, outlines[label.group.index]):
            continue
        if abs(label.to_x - label.x) > label.half_width or abs(label.to_y - label.y) > label.half_height:
            kind = label.group.index % len(COLOURS)
            lines.append(
                f'<path class="leader group-{kind}" d="M{label.x:.1f} {label.y:.1f}L{label.to_x:.1f} {label.to_y:.1f}" '
                f'stroke="{COLOURS[kind]}" stroke-width="2" fill="none"/>'
            )
    return lines


def _is_inside(label: Label, outline: Points) -> bool:
    """Whether a label's middle lies inside a convex outline: on the same side of each of its edges."""
    if len(outline) < 3:
        return False
    edge = np.roll(outline, -1, axis=0) - outline
    to_label = np.array((label.x, label.y)) - outline
    turns = edge[:, 0] * to_label[:, 1] - edge[:, 1] * to_label[:, 0]
    return bool(np.all(turns >= 0) or np.all(turns <= 0))


def _label_svg(labels: Sequence[Label]) -> list[str]:
    drawn = []
    for label in labels:
        kind = label.group.index % len(COLOURS)
        half = label.half_width / LABEL_SIZE
        drawn.append(
            f'<g class="label group-{kind}" transform="translate({label.x:.1f} {label.y:.1f})" font-size="{LABEL_SIZE:g}">'
            f'<rect x="{-half:.2f}em" y="-0.72em" width="{2 * half:.2f}em" height="1.44em" rx="0.3em" fill="#fffdf9" '
            f'stroke="{COLOURS[kind]}" stroke-width="2"/>'
            f'<text y="0.35em" text-anchor="middle" font-weight="700" fill="{COLOURS[kind]}">'
            f"{escape(label.group.words)}</text></g>"
        )
    return drawn


def _mark_svg(place: Points, words: str, height: float) -> str:
    x, y = float(np.clip(place[0], 20, WIDTH - 20)), float(np.clip(place[1], 20, height - 20))
    end = "end" if x > WIDTH * 0.6 else "start"
    return (
        f'<g class="mine" font-size="{LABEL_SIZE:g}">'
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="13" fill="none" stroke="#1f2420" stroke-width="4"/>'
        f'<text x="{x + (-20 if end == "end" else 20):.1f}" y="{y:.1f}" dy="0.35em" text-anchor="{end}" font-weight="700" '
        f'fill="#1f2420" stroke="#fffdf9" stroke-width="6" paint-order="stroke">{escape(words)}</text></g>'
    )
