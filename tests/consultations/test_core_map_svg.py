"""The drawing: well-formed, each person once, labels apart, nothing said by colour alone."""

from __future__ import annotations

import re
from itertools import combinations
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from colloque.consultations.core import map_svg
from colloque.consultations.core.map_svg import DASHES, SHAPES, GroupLabel, MapText, draw_map, swatch

SVG = "{http://www.w3.org/2000/svg}"
TEXT = MapText("Deux façons de voir <ensemble> & « à part »", "Ce qu’on voit.")


def people(n: int, k: int, seed: int = 1) -> tuple[map_svg.Points, map_svg.Points, np.ndarray]:
    random = np.random.default_rng(seed)
    group = random.integers(0, k, n).astype(np.int16)
    angle = np.linspace(0, 2 * np.pi, k, endpoint=False)
    x = 2.2 * np.cos(angle)[group] + 0.6 * random.normal(size=n)
    y = 2.2 * np.sin(angle)[group] + 0.6 * random.normal(size=n)
    return x, y, group


def labels(group: np.ndarray, k: int) -> list[GroupLabel]:
    return [GroupLabel(i, chr(65 + i), f"{chr(65 + i)} · {int(np.sum(group == i))}") for i in range(k)]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 120), st.integers(1, 9), st.integers(0, 50), st.booleans(), st.integers(0, 10**6))
def test_each_person_on_the_map_is_drawn_once(n: int, k: int, off: int, is_dense: bool, seed: int) -> None:
    x, y, group = people(n, k, seed)
    group[: min(off, n)] = -1
    drawing = draw_map(x, y, group, labels(group, k), TEXT, most_dots=20 if is_dense else 1000)
    assert drawing.drawn == {int(i): int(np.sum(group == i)) for i in np.unique(group) if i >= 0}
    tree = ET.fromstring(drawing.svg)
    if not drawing.is_dense:
        marks = sum(
            path.get("d", "").count("z")
            for path in tree.iter(f"{SVG}path")
            if path.get("class", "").startswith("people")
        )
        assert marks == int(np.sum(group >= 0)), "one closed shape a person"
    assert "nan" not in drawing.svg


@pytest.mark.parametrize("n", [0, 1, 2, 3])
def test_few_people_and_people_in_one_place_are_drawn(n: int) -> None:
    alike = np.zeros(n)
    drawing = draw_map(alike, alike, np.zeros(n, np.int16), [GroupLabel(0, "A", "A")], TEXT)
    assert drawing.drawn == ({0: n} if n else {})
    ET.fromstring(drawing.svg)


def test_the_drawing_has_a_title_and_words_and_no_style() -> None:
    x, y, group = people(80, 3)
    svg = draw_map(x, y, group, labels(group, 3), TEXT, name="carte").svg
    tree = ET.fromstring(svg)
    assert tree.get("role") == "img"
    named = (tree.get("aria-labelledby") or "").split()
    assert [tree.find(f"{SVG}title").get("id"), tree.find(f"{SVG}desc").get("id")] == named  # type: ignore[union-attr]
    assert tree.findtext(f"{SVG}title") == TEXT.title
    assert "style" not in svg, "the page's policy refuses inline style"
    assert "<script" not in svg


@pytest.mark.parametrize("k", [2, 3, 5, 8, 12])
@pytest.mark.parametrize("seed", range(6))
def test_labels_never_touch_and_stay_inside(k: int, seed: int) -> None:
    x, y, group = people(60 * k, k, seed)
    frame = map_svg._frame(np.column_stack((x, y)), is_dense=False)
    places = frame.place(x, y)
    outlines = {i: map_svg._outline(places[group == i], is_dense=False) for i in range(k)}
    placed = map_svg._place_labels(labels(group, k), outlines, places, frame.height)
    assert len(placed) == k, "each group has its label"
    for one, other in combinations(placed, 2):
        assert not one.overlaps(other)
    for label in placed:
        assert label.half_width <= label.x <= map_svg.WIDTH - label.half_width
        assert label.half_height <= label.y <= frame.height - label.half_height


def test_groups_differ_without_colour() -> None:
    assert len(set(SHAPES)) == len(set(DASHES)) == 8
    grey = {re.sub(r' fill="[^"]*"| class="[^"]*"', "", swatch(index)) for index in range(8)}
    assert len(grey) == 8, "without its colour each sign still has a shape of its own"


def test_three_hundred_thousand_people_make_a_light_drawing() -> None:
    x, y, group = people(300_000, 4)
    drawing = draw_map(x, y, group, labels(group, 4), TEXT)
    assert sum(drawing.drawn.values()) == 300_000
    assert drawing.is_dense
    assert len(drawing.svg) < 250_000, "it goes over a telephone's network"


def test_my_own_place_is_marked_only_where_i_am_on_the_map() -> None:
    x, y, group = people(40, 2)
    group[3] = -1
    assert "vous" in draw_map(x, y, group, labels(group, 2), TEXT, mark=5, mark_words="vous").svg
    assert "vous" not in draw_map(x, y, group, labels(group, 2), TEXT, mark=3, mark_words="vous").svg
