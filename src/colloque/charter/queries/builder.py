"""What the builder starts from: a rule in force."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import timezone

from colloque.charter.core.builder import from_cedar
from colloque.charter.core.constitution import establishment_rules, reserved_ids
from colloque.charter.core.draft import Draft
from colloque.charter.core.rules import Rule
from colloque.charter.queries.in_force import versions_in_force
from colloque.people.access import nothing_here
from colloque.people.language import page_language
from colloque.people.models import Establishment


@dataclass(frozen=True)
class RuleToChange:
    """A rule in force, with the draft that shows it; without one it is shown as text with its words."""

    id: str
    title: str
    explanation: str
    cedar: str
    draft: Draft | None


def _rules(establishment: Establishment) -> tuple[Rule, ...]:
    current = versions_in_force(establishment.id, timezone.now()).first()
    return establishment_rules(current.cedar)[0] if current is not None else ()


def rule_ids(establishment: Establishment) -> frozenset[str]:
    """The names no new rule of this house may take."""
    return reserved_ids() | {rule.id for rule in _rules(establishment)}


def rule_to_change(establishment: Establishment, rule_id: str) -> RuleToChange:
    """One of the house's own rules in force. Raises `NotFoundError`."""
    language = page_language()
    for rule in _rules(establishment):
        if rule.id == rule_id:
            return RuleToChange(rule.id, rule.title(language), rule.explanation(language), rule.cedar, from_cedar(rule))
    raise nothing_here()
