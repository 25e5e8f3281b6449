"""The charter in the REST API: the version in force, public."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest
from django.utils.translation import get_language
from ninja import Router, Schema

from colloque.charter.queries import charter_page
from colloque.charter.queries.pages import RuleLine
from colloque.kernel.vocabulary import Requirement
from colloque.people.api import PUBLIC


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
    page = charter_page(slug, (get_language() or "fr")[:2])
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
