"""The result of a consultation, as the map page and the report show it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import msgspec
from django.db.models import QuerySet
from django.utils.safestring import SafeString, mark_safe

from colloque.consultations.core.living import Released, read_released, rounded_size
from colloque.consultations.core.opinion.values import Direction, Group, OpinionMap, Placements, Representative
from colloque.consultations.core.reading import Line, Reading, Shares, read_map
from colloque.consultations.core.state import BecameKind, ConsultationState, StatementState
from colloque.consultations.findings import caption, headline, map_text
from colloque.consultations.models import Consultation, MapVersion, Outcome, Participant, Statement
from colloque.consultations.queries.codes import GroupTakingPart, channels, participation, taking_part
from colloque.consultations.queries.outcomes import BecameTold, links_of
from colloque.people.language import page_language


@dataclass(frozen=True)
class Cell:
    """What one opinion group thinks of a statement; `shares` None where it is not shown."""

    index: int
    label: str
    shares: Shares | None


@dataclass(frozen=True)
class Told:
    """A statement with its votes, in the reader's language, and the house's reply once there is one."""

    statement: Statement
    text: str
    language: str
    line: Line
    cells: Sequence[Cell]
    outcome: Outcome | None = None
    direction: Direction = "agree"
    became: Sequence[BecameTold] = ()

    @property
    def shown_cells(self) -> Sequence[Cell]:
        """The groups whose votes are shown."""
        return [cell for cell in self.cells if cell.shares]

    @property
    def hidden_cells(self) -> Sequence[Cell]:
        """The groups with too few answers to be shown."""
        return [cell for cell in self.cells if not cell.shares]

    @property
    def is_rule(self) -> bool:
        """Whether it was proposed as a rule."""
        return any(one.kind is BecameKind.CHARTER_PROPOSAL for one in self.became)


@dataclass(frozen=True)
class GroupTold:
    """An opinion group: its size (the multiple of five below, while people vote; 0 of a group too small to be shown), and the
    statements that say what sets it apart; none where its votes are not shown.
    """

    index: int
    label: str
    size: int
    is_hidden: bool
    is_small: bool
    statements: Sequence[Told]


@dataclass(frozen=True)
class MinorityTold:
    """A few people inside a group who vote alike, and what sets them apart."""

    within: str
    size: int
    statements: Sequence[Told]


@dataclass(frozen=True)
class ResultPage:
    """What the map page shows; `drawing` is empty while there is nothing to draw. `missing`: people of known groups not heard.

    While people vote its figures are those of the last release (`core/living.py`): rounded, and each moved by several people.
    """

    consultation: Consultation
    title: str
    caption: str
    drawing: SafeString
    is_dense: bool
    opinion_map: OpinionMap | None
    version: MapVersion | None
    groups: Sequence[GroupTold]
    minorities: Sequence[MinorityTold]
    agreed: Sequence[Told]
    refused: Sequence[Told]
    divides: Sequence[Told]
    every: Sequence[Told]
    participation: Sequence[GroupTakingPart]
    channels: Sequence[str]
    people: int
    missing: int
    statements: int
    is_on_map: bool

    @property
    def is_open(self) -> bool:
        """Whether people still vote."""
        return self.consultation.state == ConsultationState.OPEN

    @property
    def shown(self) -> int:
        """The number of the map shown; 0 before the first."""
        return self.version.number if self.version is not None else 0

    @property
    def answered(self) -> Sequence[Told]:
        """The outcomes that have their reply."""
        return [one for one in self.outcomes if one.outcome is not None]

    @property
    def outcomes(self) -> Sequence[Told]:
        """What unites, then what divides most: what calls for a reply."""
        return outcomes_among(self)


def latest_map(consultation: Consultation) -> MapVersion | None:
    """The last map that was computed."""
    return consultation.maps.order_by("-number").first()


def map_number(consultation: Consultation) -> int:
    """The number of the last map that everybody may see; 0 before the first."""
    return _told_maps(consultation).values_list("number", flat=True).first() or 0


def _told_maps(consultation: Consultation) -> QuerySet[MapVersion]:
    """The maps everybody may see, the latest first: while people vote, those with figures to tell."""
    maps = consultation.maps.order_by("-number")
    return maps.filter(told__isnull=False) if consultation.state == ConsultationState.OPEN else maps


@lru_cache(maxsize=16)
def _map_of(key: int) -> tuple[OpinionMap, Placements | None]:
    """A stored map never changes, so that reading it once is enough."""
    version = MapVersion.objects.get(pk=key)
    placed = Placements.from_bytes(bytes(version.placements)) if version.placements else None
    return msgspec.convert(version.result, OpinionMap, strict=False), placed


def text_of(statement: Statement, language: str) -> tuple[str, str]:
    """The statement as somebody who reads `language` reads it, and the language it is in."""
    if language == "en" and statement.text_en:
        return statement.text_en, "en"
    return statement.text, statement.language


@lru_cache(maxsize=64)
def _drawn(
    key: int,
    title: str,
    least: int,
    mark: int | None,
    mark_words: str,
    language: str,  # noqa: ARG001
    *,
    is_open: bool,
) -> tuple[str, bool]:
    """The drawing of a stored map in one language (part of what is remembered); while people vote, of areas and not of people."""
    from colloque.consultations.core import map_svg

    opinion_map, placed = _map_of(key)
    if placed is None or not opinion_map.people_on_map or opinion_map.people_on_map < least:
        return "", False
    labels = []
    for place, group in enumerate(opinion_map.groups):
        size = f"{rounded_size(group.size)}+" if is_open else str(group.size)
        is_small = group.size < least
        words = f"{group.label} · < {least}" if is_small else f"{group.label} · {size}"
        labels.append(map_svg.GroupLabel(place, group.label, words, is_small))
    row = None
    if mark is not None:
        found = (placed.people == mark).nonzero()[0]
        row = int(found[0]) if len(found) else None
    is_dense = opinion_map.people_on_map > map_svg.MOST_DOTS
    text = map_text(opinion_map, title, least, is_open=is_open, is_dense=is_dense)
    drawing = map_svg.draw_map(
        placed.x,
        placed.y,
        placed.group,
        labels,
        text,
        mark=None if is_dense else row,
        mark_words=mark_words,
        least_a_mark=least if is_open else 0,
    )
    return drawing.svg, is_dense


def drawing_for_print(version: MapVersion, title: str, least: int) -> str:
    """The drawing alone, for a printed report; empty where there is none."""
    return _drawn(version.pk, title, least, None, "", page_language(), is_open=False)[0]


def result_page(consultation: Consultation, mine: Participant | None = None, mark_words: str = "") -> ResultPage:
    """What came out so far, or in the end. `mine` is the participant who looks, whose own place is then shown."""
    least = consultation.min_group_shown
    version = _shown_map(consultation, least)
    people = taking_part(consultation).count()
    statements = {
        one.number: one for one in consultation.statements.filter(state=StatementState.PUBLISHED).order_by("number")
    }
    took_part, missing = participation(consultation)
    is_open = consultation.state == ConsultationState.OPEN
    if version is None:
        return ResultPage(
            consultation, headline(None, None, least), "", mark_safe(""), False, None, None,
            (), (), (), (), (), (), took_part, channels(consultation), people, missing, len(statements), False,
        )  # fmt: skip
    opinion_map, placed = _map_of(version.pk)
    reading = _reading(version, opinion_map, least) if is_open else read_map(opinion_map, least)
    language = page_language()
    texts = {number: text_of(one, language)[0] for number, one in statements.items()}
    title = headline(opinion_map, reading, least)
    seen = caption(opinion_map, reading, texts)
    mark = mine.number if mine is not None else None
    drawing, is_dense = _drawn(version.pk, seen, least, mark, mark_words, language, is_open=is_open)
    telling = _Telling(
        opinion_map,
        reading,
        statements,
        latest_outcomes(consultation),
        links_of(consultation),
        language,
        least,
        is_open,
    )
    return ResultPage(
        consultation=consultation,
        title=title,
        caption=seen,
        drawing=mark_safe(drawing),  # noqa: S308 - drawn by us, words escaped
        is_dense=is_dense,
        opinion_map=opinion_map,
        version=version,
        groups=[telling.group(place, group) for place, group in enumerate(opinion_map.groups)],
        minorities=[
            MinorityTold(one.within, telling.size(one.size), telling.representing(one.representative))
            for one in opinion_map.minorities
            if one.size >= least
        ],
        agreed=telling.lines(reading.agreed),
        refused=telling.lines(reading.refused, "disagree"),
        divides=telling.lines(reading.divides),
        every=telling.lines(tuple(statements)),
        participation=took_part,
        channels=channels(consultation),
        people=people,
        missing=missing,
        statements=len(statements),
        is_on_map=bool(mine is not None and placed is not None and (placed.people == mine.number).any()),
    )


def _shown_map(consultation: Consultation, least: int) -> MapVersion | None:
    """The newest map that is told; none while fewer than `least` people have voted: figures for all would tell their votes."""
    version = _told_maps(consultation).first()
    return version if version is not None and _map_of(version.pk)[0].people >= least else None


def _reading(version: MapVersion, opinion_map: OpinionMap, least: int) -> Reading:
    """The figures of a map that are told while people vote."""
    return read_released(opinion_map, msgspec.convert(version.told, Released, strict=False, str_keys=True), least)


def outcomes_among(page: ResultPage) -> list[Told]:
    """The statements that call for a reply, in the order of the page."""
    if page.version is None:
        return []
    wanted = outcome_numbers(page.version, page.consultation.min_group_shown)
    known = {one.statement.number: one for one in (*page.divides, *page.refused, *page.agreed)}
    return [known[number] for number in wanted if number in known]


def outcome_numbers(version: MapVersion, least: int) -> tuple[int, ...]:
    """Numbers of the statements that a stored map makes an outcome of."""
    return read_map(_map_of(version.pk)[0], least).outcomes


def latest_outcomes(consultation: Consultation) -> Mapping[int, Outcome]:
    """The reply that holds, by statement number."""
    rows = (
        Outcome.objects.filter(consultation=consultation).select_related("statement", "signed_by").order_by("at", "id")
    )
    return {row.statement.number: row for row in rows}


@dataclass(frozen=True)
class _Telling:
    """Makes lines of the page from numbers."""

    opinion_map: OpinionMap
    reading: Reading
    statements: Mapping[int, Statement]
    outcomes: Mapping[int, Outcome]
    became: Mapping[int, Sequence[BecameTold]]
    language: str
    least: int
    is_open: bool

    def size(self, people: int) -> int:
        """How many people may be told of so many."""
        return rounded_size(people) if self.is_open else people

    def line(self, number: int, direction: Direction = "agree") -> Told:
        """One statement."""
        statement, line = self.statements[number], self.reading.lines[number]
        text, language = text_of(statement, self.language)
        cells = [
            Cell(place, group.label, shares)
            for place, (group, shares) in enumerate(zip(self.opinion_map.groups, line.by_group, strict=True))
        ]
        return Told(
            statement, text, language, line, cells, self.outcomes.get(number), direction, self.became.get(number, ())
        )

    def lines(self, numbers: Sequence[int], direction: Direction = "agree") -> list[Told]:
        """Several, those that still stand."""
        return [self.line(number, direction) for number in numbers if self._is_known(number)]

    def _is_known(self, number: int) -> bool:
        return number in self.statements and number in self.reading.lines

    def representing(self, representative: Sequence[Representative]) -> list[Told]:
        """Statements that set some people apart, with the way they lean."""
        return [self.line(one.statement, one.direction) for one in representative if self._is_known(one.statement)]

    def group(self, place: int, group: Group) -> GroupTold:
        """One opinion group."""
        is_hidden = place in self.reading.hidden
        told = [] if is_hidden else self.representing(group.representative)
        is_small = group.size < self.least
        return GroupTold(place, group.label, 0 if is_small else self.size(group.size), is_hidden, is_small, told)
