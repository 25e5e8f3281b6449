"""What may be told of a consultation while people vote: rounded figures, each of which several people moved.

Whoever looks at the map before and after somebody votes must not learn how they voted. So figures are told in releases: one
follows another only when at least `least` people have given or changed an answer since, and the figures of one statement
change only when at least `least` people have answered that statement since they last changed. They are rounded (`Shares`), so
that the exact ones told after the closing take nothing back from the last release. It does not protect from somebody who
takes part several times and knows all new answers but one: see ADR 0015.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec

from colloque.consultations.core.opinion.values import OpinionMap
from colloque.consultations.core.reading import Line, Reading, Shares, hidden_of, in_order, read_map


class LiveLine(msgspec.Struct, frozen=True):
    """The figures of one statement as they are told, and since when: groups by letter, those not shown left out."""

    since: datetime
    everyone: Shares | None
    by_group: dict[str, Shares]
    leans: int = 0
    gap: tuple[str, str] | None = None


class Released(msgspec.Struct, frozen=True):
    """The figures told of a consultation that is open, by statement number."""

    lines: dict[int, LiveLine]

    @property
    def since(self) -> dict[int, datetime]:
        """Since when the figures of each statement are told."""
        return {number: line.since for number, line in self.lines.items()}


def released(
    opinion_map: OpinionMap, least: int, at: datetime, before: Released | None, answered: Mapping[int, int]
) -> Released:
    """The next release: new figures where at least `least` people answered since the ones before, else those before.

    `answered`: by statement, how many people gave or changed their answer since `before.since`.
    """
    letters = [group.label for group in opinion_map.groups]
    kept = before.lines if before is not None else {}

    def line(told: Line) -> LiveLine:
        held = kept.get(told.number)
        if held is not None and answered.get(told.number, 0) < least:
            return held
        shares = {letter: shares for letter, shares in zip(letters, told.by_group, strict=True) if shares is not None}
        gap = (letters[told.gap[0]], letters[told.gap[1]]) if told.gap is not None else None
        return LiveLine(at, told.everyone, shares, told.leans, gap)

    reading = read_map(opinion_map, least, is_rounded=True)
    return Released({number: line(told) for number, told in reading.lines.items()})


def read_released(opinion_map: OpinionMap, told: Released, least: int) -> Reading:
    """What a release says, with its groups in the order of the map; a group whose letter is gone from the map is not told."""
    letters = [group.label for group in opinion_map.groups]
    places = {letter: place for place, letter in enumerate(letters)}
    lines = {}
    for number, held in told.lines.items():
        gap = (places[held.gap[0]], places[held.gap[1]]) if held.gap and set(held.gap) <= set(letters) else None
        by_group = tuple(held.by_group.get(letter) for letter in letters)
        lines[number] = Line(number, held.everyone, by_group, held.leans, gap)
    return in_order(opinion_map, lines, hidden_of(opinion_map, least))


def rounded_size(size: int) -> int:
    """A size told while people vote: the multiple of five that is not more."""
    return size - size % 5
