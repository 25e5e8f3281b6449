"""A kept replay in words: its finding first, then by whom, by what, and single cases for those who may read them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from colloque.charter.access import public_proposal
from colloque.charter.core.analysis import Answer, Comparison, Example, Found
from colloque.charter.core.cases import case_told
from colloque.charter.core.replay import Finding, ReplayReport, Tally
from colloque.charter.core.told import trouble_told
from colloque.charter.models import RuleProposal
from colloque.charter.queries import kept_replay, may_read_cases, proposal_page, running_replay
from colloque.charter.queries.proposal_page import ProposalPage
from colloque.charter.queries.replays import Kept, Running
from colloque.charter.queries.wording import words_of_rules
from colloque.kernel.vocabulary import ActKind, Situation, VerdictKind
from colloque.people.access import Viewer
from colloque.projects.models import Project

PLOT_WIDTH = 600


@dataclass(frozen=True)
class Segment:
    """One part of a bar: where it begins and how wide it is, of `PLOT_WIDTH`; its acts, and their share in percent."""

    kind: VerdictKind
    x: float
    width: float
    acts: int
    share: int


@dataclass(frozen=True)
class Line:
    """One value of a dimension in words; a number is None where it is hidden. `rate` is the share newly touched."""

    label: str
    acts: int | None
    newly_refused: int | None
    newly_asking: int | None
    newly_permitted: int | None
    rate: int | None


@dataclass(frozen=True)
class Table:
    """The lines of a dimension. `title` states what is sorted; lines of situations overlap."""

    dimension: str
    lines: tuple[Line, ...]
    overlaps: bool


@dataclass(frozen=True)
class FindingLine:
    """A group on which the proposal weighs far more; `is_word`: the group is a word of the vocabulary."""

    group: str
    told: str
    is_word: bool


@dataclass(frozen=True)
class RuleCount:
    """How often a rule decided before and after; None where hidden."""

    title: str
    status: str
    before: int | None
    after: int | None


@dataclass(frozen=True)
class CaseLine:
    """One act whose answer changes, told without what would name the person."""

    number: int
    act_kind: ActKind
    unit: str
    age: str
    situations: tuple[Situation, ...]
    hour: int | None
    before: VerdictKind
    after: VerdictKind
    why: tuple[str, ...]


@dataclass(frozen=True)
class Possible:
    """Whether some act that could be would newly get this verdict: yes with a case in words, no, or unknown."""

    becomes: VerdictKind
    answer: Answer
    case: tuple[str, ...]


@dataclass(frozen=True)
class Shown:
    """A kept replay, ready to be read. `changes`: some act would have been answered otherwise."""

    kept: Kept
    changes: bool
    report: ReplayReport
    bars: tuple[tuple[str, tuple[Segment, ...]], ...]
    tables: tuple[Table, ...]
    findings: tuple[FindingLine, ...]
    rules: tuple[RuleCount, ...]
    cases: tuple[CaseLine, ...]
    possible: tuple[Possible, ...]
    troubles: tuple[str, ...]


@dataclass(frozen=True)
class ReplayPage:
    """The replay of a proposal: what was kept, or how far it has come."""

    proposal: ProposalPage
    shown: Shown | None
    running: Running | None
    may_run: bool
    reads_cases: bool


def replay_page(proposal_id: UUID, viewer: Viewer, at: datetime, language: str) -> ReplayPage:
    """The replay of a proposal, for anybody; single cases only for those who may read them. Raises `NotFoundError`."""
    record = public_proposal(proposal_id)
    page = proposal_page(record, viewer, at, language)
    kept = kept_replay(record, at)
    reads_cases = page.is_inside and may_read_cases(viewer, at)
    return ReplayPage(
        proposal=page,
        shown=_shown(record, kept, language, reads_cases=reads_cases)
        if kept is not None and "replay" in kept.report
        else None,
        running=running_replay(record),
        may_run="simulate" in page.steps,
        reads_cases=reads_cases,
    )


def _shown(record: RuleProposal, kept: Kept, language: str, *, reads_cases: bool) -> Shown:
    report = msgspec.convert(kept.report["replay"], ReplayReport)
    words = words_of_rules(record, kept.base, language)
    projects = {
        str(key): name
        for key, name in Project.objects.filter(establishment=record.establishment_id).values_list("id", "name")
    }
    cases = tuple(
        CaseLine(
            number,
            ActKind(case.act_kind),
            case.unit,
            band_words(case.age_band),
            tuple(Situation(one) for one in case.situations),
            case.hour,
            case.before,
            case.after,
            tuple(words.get(rule, rule) for rule in case.after_rules),
        )
        for number, case in enumerate(report.cases, start=1)
    )
    return Shown(
        kept=kept,
        changes=any(count != 0 for count in (report.newly_refused, report.newly_asking, report.newly_permitted)),
        report=report,
        bars=tuple(_bars(report)),
        tables=tuple(_table(table, projects) for table in report.tables),
        findings=tuple(_finding(one, projects) for one in report.findings),
        rules=tuple(
            RuleCount(words.get(line.rule, line.rule), line.status, line.before, line.after)
            for line in report.rules
            if line.status not in ("kept", "built-in") or line.before != line.after
        ),
        cases=cases if reads_cases else (),
        possible=tuple(
            Possible(one.becomes, one.answer, case_told(one.facts, language) if one.facts is not None else ())
            for one in _examples(kept)
        ),
        troubles=tuple(
            trouble_told(one, lambda rule: words.get(rule, rule), language)
            for one in msgspec.convert(kept.report.get("troubles", []), tuple[Found, ...])
        ),
    )


def _examples(kept: Kept) -> tuple[Example, ...]:
    held = kept.report.get("possible")
    return msgspec.convert(held, Comparison).examples if held is not None else ()


def _bars(report: ReplayReport) -> list[tuple[str, tuple[Segment, ...]]]:
    bars = [(_("Avant"), _segments(report.before, report.acts))]
    if report.after is not None:
        bars.append((_("Après"), _segments(report.after, report.acts)))
    return bars


def _segments(tally: Tally, acts: int) -> tuple[Segment, ...]:
    segments, x = [], 0.0
    for kind, count in (
        (VerdictKind.PERMITTED, tally.permitted),
        (VerdictKind.ASKS, tally.asks),
        (VerdictKind.REFUSED, tally.refused),
    ):
        width = round(PLOT_WIDTH * count / acts, 1) if acts else 0.0
        segments.append(Segment(kind, round(x, 1), width, count, round(100 * count / acts) if acts else 0))
        x += width
    return tuple(segments)


def _table(table: Any, projects: dict[str, str]) -> Table:
    lines = []
    for line in table.lines:
        touched = [line.newly_refused, line.newly_asking, line.newly_permitted]
        rate = None
        if line.acts and all(count is not None for count in touched):
            rate = round(100 * sum(touched) / line.acts)
        label = value_words(table.dimension, line.value, projects)
        lines.append(Line(label, line.acts, touched[0], touched[1], touched[2], rate))
    return Table(table.dimension, tuple(lines), table.overlaps)


def value_words(dimension: str, value: str, projects: dict[str, str]) -> str:
    """A value of a dimension as people read it; a word of the vocabulary is left to the page's labels."""
    if value == "unknown":
        return _("Inconnu")
    if value == "none":
        return _("Aucune situation déclarée")
    if dimension == "age_band":
        return band_words(value)
    if dimension == "sex":
        return {"female": _("Femmes"), "male": _("Hommes")}.get(value, _("Autre"))
    if dimension == "project":
        return projects.get(value, value)
    if dimension == "month":
        return date_format(date.fromisoformat(f"{value}-01"), "F Y")
    if dimension == "hour":
        return _("%(hour)s h") % {"hour": value}
    return value


def band_words(band: str) -> str:
    """An age band in words."""
    if band == "unknown":
        return _("Âge inconnu")
    if band.endswith("+"):
        return _("%(age)s ans et plus") % {"age": band[:-1]}
    low, _dash, high = band.partition("-")
    if low == "0" and high != "17":
        return _("Moins de %(age)s ans") % {"age": int(high) + 1}
    return _("De %(low)s à %(high)s ans") % {"low": low, "high": high}


def _finding(one: Finding, projects: dict[str, str]) -> FindingLine:
    what = {
        "newly_refused": _("actes arrêtés"),
        "newly_asking": _("actes soumis à une condition de plus"),
        "newly_permitted": _("actes ouverts"),
    }[one.effect]
    weight = one.weight
    told = _(
        "%(touched)s %(what)s sur %(acts)s (%(rate)s %%), contre %(others)s sur %(other_acts)s (%(other_rate)s %%) "
        "chez tous les autres. Cela ne vient pas du hasard."
    ) % {
        "what": what,
        "touched": weight.touched,
        "acts": weight.acts,
        "rate": round(100 * one.rate),
        "others": weight.other_touched,
        "other_acts": weight.other_acts,
        "other_rate": round(100 * one.other_rate),
    }
    return FindingLine(value_words(one.dimension, one.value, projects), told, one.dimension == "situation")
