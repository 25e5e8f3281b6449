"""The charter in the REST API: the version in force, public; what another would do, for those who prepare rules."""

from __future__ import annotations

from datetime import datetime
from time import monotonic
from typing import Any, cast

import msgspec
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from ninja import Field, Router, Schema

from colloque.charter.access import require_preparing
from colloque.charter.core.difference import difference
from colloque.charter.core.engine import Charter
from colloque.charter.core.history import Change
from colloque.charter.core.problems import InvalidCharterError
from colloque.charter.core.rules import LONGEST_TEXT
from colloque.charter.queries import charter_page
from colloque.charter.queries.in_force import charter_in_force
from colloque.charter.queries.pages import RuleLine
from colloque.kernel.errors import InvalidInputError
from colloque.kernel.vocabulary import Requirement
from colloque.people.access import Request, Viewer
from colloque.people.api import PUBLIC, problems, signed_in
from colloque.people.language import page_language

MOST_ACTS = 5_000
MOST_RULES = 150
SECONDS = 8.0
TIMEOUT_MS = 300
WORKED_OUT = problems(400, 401, 403, 404, 422, 503)


class RuleOut(Schema):
    """One rule in words and in Cedar. `asks` is what lifts it; `is_constitution`: no establishment can remove it."""

    id: str
    title: str
    explanation: str
    origin: str
    asks: Requirement | None
    is_closing: bool
    is_constitution: bool
    since: datetime | None
    cedar: str


class CharterOut(Schema):
    """The charter in force; without an adopted version (`number` 0) the constitution alone, which permits nothing."""

    establishment: str
    number: int
    adopted_at: datetime | None
    adopted_by: str
    preamble: str
    rules: list[RuleOut]


router = Router(tags=["charter"])


@router.get(
    "/establishments/{slug:slug}/charter",
    response={200: CharterOut, **PUBLIC},
    summary="The charter in force",
)
def charter(request: HttpRequest, slug: str) -> CharterOut:  # noqa: ARG001 - ninja hands it over
    """Each rule with its words, its origin and its Cedar text, the constitution first."""
    page = charter_page(slug, page_language())
    version, sections = page.version, page.sections
    own = (*sections.closed, *sections.asking, *sections.permitted)
    return CharterOut(
        establishment=page.establishment.name,
        number=version.number if version else 0,
        adopted_at=version.adopted_at if version else None,
        adopted_by=version.adopted_by if version else "",
        preamble=version.preamble if version else "",
        rules=[_told(rule) for rule in (*page.foundation, *own)],
    )


def _told(rule: RuleLine) -> RuleOut:
    return RuleOut(
        id=rule.id,
        title=rule.title,
        explanation=rule.explanation,
        origin=rule.origin,
        asks=rule.asks,
        is_closing=rule.is_closing,
        is_constitution=rule.is_constitution,
        since=rule.since,
        cedar=rule.cedar,
    )


class CharterIn(Schema):
    """The establishment's rules in Cedar."""

    cedar: str = Field(max_length=LONGEST_TEXT)


class DiffIn(CharterIn):
    """Two charters; without `before`, the one in force."""

    before: str | None = Field(default=None, max_length=LONGEST_TEXT)


class SimulateIn(DiffIn):
    """Two charters and the facts of acts, as docs/guides/acts-table.md has them in JSON; further columns by name."""

    acts: list[dict[str, Any]] = Field(max_length=MOST_ACTS)
    unit: list[str | None] | None = Field(default=None, max_length=MOST_ACTS)
    sex: list[str | None] | None = Field(default=None, max_length=MOST_ACTS)
    month: list[str | None] | None = Field(default=None, max_length=MOST_ACTS)


class WorkedOut(Schema):
    """What was found: `words` for people, `result` for programs (the values of `charter/core`, as JSON)."""

    words: list[str]
    result: dict[str, Any]


@router.post(
    "/charter/analyse",
    auth=signed_in,
    response={200: WorkedOut, **WORKED_OUT},
    summary="Rules of a charter that do nothing, or contradict",
)
def analyse(request: HttpRequest, body: CharterIn) -> WorkedOut:
    """Proved on every act that could be. What could not be answered in time is `unknown`, never a no."""
    from colloque.charter.core import analysis
    from colloque.charter.core.told import analysis_told

    preparing(request)
    charter = _compiled(body.cedar, 1)
    _few_enough(charter)
    told = analysis.analyse(charter, timeout_ms=TIMEOUT_MS, has_time=_clock())
    return WorkedOut(words=list(analysis_told(told, charter, page_language())), result=msgspec.to_builtins(told))


@router.post(
    "/charter/diff",
    auth=signed_in,
    response={200: WorkedOut, **WORKED_OUT},
    summary="What changes from one charter to another",
)
def diff(request: HttpRequest, body: DiffIn) -> WorkedOut:
    """Rules added, changed and removed, and whether any act that could be gets another verdict, with such an act."""
    from colloque.charter.core import analysis
    from colloque.charter.core.told import comparison_told, differences_told

    viewer = preparing(request)
    before, after = _before(viewer, body.before), _compiled(body.cedar, 2)
    _few_enough(before, after)
    found = difference(before.rules, after.rules, page_language())
    told = analysis.compare(before, after, timeout_ms=TIMEOUT_MS, has_time=_clock())
    rules = {change.value: [one.rule.id for one in found if one.change is change] for change in Change}
    return WorkedOut(
        words=[*differences_told(found, page_language()), *comparison_told(told, after, page_language())],
        result={**rules, "effect": msgspec.to_builtins(told)},
    )


@router.post(
    "/charter/simulate",
    auth=signed_in,
    response={200: WorkedOut, **WORKED_OUT},
    summary="A charter replayed on acts that are sent",
)
def simulate(request: HttpRequest, body: SimulateIn) -> WorkedOut:
    """On the acts of the body only: those of the house are replayed on the page of a proposal. Small counts are hidden."""
    from colloque.charter.core.acts_table import facts_table
    from colloque.charter.core.replay import replay
    from colloque.charter.core.told import finding_told, summary_told

    viewer = preparing(request)
    before, after = _before(viewer, body.before), _compiled(body.cedar, 2)
    columns = {name: held for name in ("unit", "sex", "month") if (held := getattr(body, name)) is not None}
    report = replay(before, after, facts_table(body.acts, columns))
    words = [
        summary_told(report, page_language()),
        *(finding_told(found, page_language()) for found in report.findings),
    ]
    return WorkedOut(words=words, result=msgspec.to_builtins(report))


def preparing(request: HttpRequest) -> Viewer:
    """The viewer, where they may prepare a rule. Raises as `charter.access.require_preparing`."""
    viewer = cast(Request, request).viewer
    require_preparing(viewer, timezone.now())
    return viewer


def _compiled(cedar: str, number: int) -> Charter:
    """The charter of a text. Raises `InvalidInputError` with everything to correct, in the reader's language."""
    try:
        cedar.encode()
        return Charter.compile(number, cedar)
    except UnicodeEncodeError as error:
        raise InvalidInputError(
            gettext("Ce texte contient des caractères illisibles. Recopiez-le."), path="cedar"
        ) from error
    except InvalidCharterError as error:
        raise compiled_problems(error) from error


def compiled_problems(error: InvalidCharterError) -> InvalidInputError:
    """Everything to correct in a text, line by line, in the reader's language."""
    ligne = gettext("ligne")
    told = "\n".join(f"{ligne} {problem.line} : {problem.words(page_language())}" for problem in error.problems[:20])
    return InvalidInputError(told, code=error.code, path="cedar")


def _before(viewer: Viewer, cedar: str | None) -> Charter:
    return charter_in_force(viewer.house.id) if cedar is None else _compiled(cedar, 1)


def _few_enough(*charters: Charter) -> None:
    if any(len(charter.rules) > MOST_RULES for charter in charters):
        raise InvalidInputError(
            gettext("Trop de règles pour répondre en ligne. Prenez la commande « colloque charter »."),
            code="too-many-rules",
            path="cedar",
        )


def _clock() -> Any:
    """Whether there is time left, for the solver."""
    until = monotonic() + SECONDS
    return lambda: monotonic() < until
