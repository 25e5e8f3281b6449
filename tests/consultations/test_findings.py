"""The line in which a result says what was found."""

from __future__ import annotations

import numpy as np
import pytest
from django.utils import translation

from colloque.consultations.core.opinion.engine import compute_map
from colloque.consultations.core.opinion.values import MapSettings, OpinionMap, VoteTable
from colloque.consultations.core.reading import read_map
from colloque.consultations.findings import headline

LEAST = 5


def camps(*sizes: int) -> OpinionMap:
    """As many groups as sizes; each agrees with three statements of its own, against the others; all agree with the last."""
    people = sum(sizes)
    of = np.repeat(np.arange(len(sizes)), sizes)
    values = np.where(of[:, None] == np.repeat(np.arange(len(sizes)), 3)[None, :], 1, -1)
    values = np.hstack([values, np.ones((people, 1), int)])
    who, what = (each.ravel() for each in np.indices(values.shape))
    table = VoteTable.from_votes(who.astype(np.int32), what.astype(np.int32), values.ravel().astype(np.int8))
    found, _ = compute_map(table, (), MapSettings(k=len(sizes)))
    assert sorted(group.size for group in found.groups) == sorted(sizes)
    return found


@pytest.mark.parametrize(
    ("sizes", "fr", "en"),
    [
        ((9, 8), "2 façons de voir, ", "2 ways of seeing, "),
        ((12, 9, 2), "2 façons de voir et quelques avis à part, ", "2 ways of seeing and a few views apart, "),
        ((14, 3), "1 façon de voir et quelques avis à part, ", "1 way of seeing and a few views apart, "),
        ((4, 3), "Des avis épars, ", "Scattered views, "),
    ],
)
def test_a_handful_is_no_way_of_seeing_and_is_not_left_out(sizes: tuple[int, ...], fr: str, en: str) -> None:
    found = camps(*sizes)
    for language, words in (("fr", fr), ("en", en)):
        with translation.override(language):
            assert headline(found, read_map(found, LEAST), LEAST).startswith(words)
