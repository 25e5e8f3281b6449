"""The rules that decided an act, in words, with the way to the charter where they stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.urls import NoReverseMatch, reverse

from colloque.charter.core.constitution import BUILT_IN
from colloque.charter.queries import charter_of
from colloque.kernel.errors import NotFoundError
from colloque.people.language import page_language


@dataclass(frozen=True)
class RuleWords:
    """One rule as people read it. `url` is empty for what no charter page shows; `explanation` may be empty."""

    id: str
    title: str
    explanation: str
    origin: str
    url: str
    is_constitution: bool
    is_closed: bool
    is_asking: bool
    reads_situations: bool = False


def rules_in_words(version: UUID | None, rule_ids: Sequence[str], slug: str) -> tuple[RuleWords, ...]:
    """The rules of a charter version in the language of the page, in the order given; an id it does not know is left out."""
    charter, language = charter_of(version), page_language()
    told = []
    for rule_id in rule_ids:
        if rule_id in BUILT_IN:
            title, _dot, rest = charter.words(rule_id, language).partition(". ")
            told.append(RuleWords(rule_id, title.removesuffix("."), rest, "", "", True, True, False))
            continue
        try:
            rule = charter.rule(rule_id)
        except NotFoundError:
            continue
        told.append(
            RuleWords(
                id=rule_id,
                title=rule.title(language),
                explanation=rule.explanation(language),
                origin=rule.origin.get(language) or rule.origin.get("fr", ""),
                url=_url(slug, rule_id),
                is_constitution=rule.is_constitution,
                is_closed=rule.effect == "forbid" and rule.asks is None,
                is_asking=rule.asks is not None,
                reads_situations=("resource", "situations") in rule.reads,
            )
        )
    return tuple(told)


def charter_number(version: UUID | None) -> int:
    """The number of a charter version; 0 for the constitution alone."""
    return charter_of(version).number


def _url(slug: str, rule_id: str) -> str:
    try:
        return reverse("charter:rule", args=[slug, rule_id])
    except NoReverseMatch:
        return ""
