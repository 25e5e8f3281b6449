"""Two versions of a charter, or two forms of a rule, side by side in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from colloque.charter.core.constitution import establishment_rules
from colloque.charter.core.difference import RuleDifference, Shift, difference
from colloque.charter.core.rules import Rule
from colloque.charter.models import CharterVersion
from colloque.people.access import nothing_here
from colloque.people.models import Establishment


@dataclass(frozen=True)
class DifferenceLine:
    """What became of one rule, in the reader's language."""

    id: str
    change: str
    title: str
    explanation: str
    was: str
    shifts: tuple[Shift, ...]
    is_text: bool
    has_new_words: bool
    has_new_origin: bool
    sentence_before: str
    sentence_after: str
    cedar_before: str
    cedar_after: str


@dataclass(frozen=True)
class ComparePage:
    """Two versions side by side; `others` are the versions to choose from."""

    establishment: Establishment
    before: int
    after: int
    lines: tuple[DifferenceLine, ...]
    others: tuple[int, ...]


def _line(one: RuleDifference, language: str) -> DifferenceLine:
    was = one.before.words[language] if one.before is not None and one.has_new_words else ""
    return DifferenceLine(
        id=one.rule.id,
        change=one.change.value,
        title=one.rule.title(language),
        explanation=one.rule.explanation(language),
        was=was,
        shifts=one.shifts,
        is_text=one.is_text,
        has_new_words=one.has_new_words,
        has_new_origin=one.has_new_origin,
        sentence_before=one.sentence_before,
        sentence_after=one.sentence_after,
        cedar_before=one.before.cedar if one.before is not None else "",
        cedar_after=one.after.cedar if one.after is not None else "",
    )


def difference_lines(before: Sequence[Rule], after: Sequence[Rule], language: str) -> tuple[DifferenceLine, ...]:
    """From one set of rules to another, in the reader's language."""
    return tuple(_line(one, language) for one in difference(before, after, language))


def compare_page(slug: str, before: int, after: int, language: str) -> ComparePage:
    """Two versions of a house's charter. Raises `NotFoundError` where it has not both."""
    establishment = Establishment.objects.filter(slug=slug).first()
    if establishment is None:
        raise nothing_here()
    adopted = CharterVersion.objects.filter(establishment=establishment, adopted_at__isnull=False)
    texts = dict(adopted.values_list("number", "cedar"))
    if before not in texts or after not in texts:
        raise nothing_here()
    rules = [establishment_rules(texts[number])[0] for number in (before, after)]
    return ComparePage(
        establishment, before, after, difference_lines(rules[0], rules[1], language), tuple(sorted(texts))
    )
