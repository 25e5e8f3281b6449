"""What the builder starts from: a rule in force, or what people said in a consultation."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext

from colloque.charter.core.builder import from_cedar
from colloque.charter.core.constitution import establishment_rules, reserved_ids
from colloque.charter.core.draft import Draft
from colloque.charter.core.rules import Rule
from colloque.charter.queries.in_force import versions_in_force
from colloque.consultations.core.state import ConsultationState, StatementState
from colloque.consultations.models import Statement
from colloque.people.access import nothing_here
from colloque.people.models import Establishment


@dataclass(frozen=True)
class RuleToChange:
    """A rule in force, with the draft that shows it; without one it is shown as text with its words."""

    id: str
    title: str
    explanation: str
    cedar: str
    draft: Draft | None


@dataclass(frozen=True)
class SaidInConsultation:
    """A published statement, the consultation it was said in as words for a rule's origin, and where both are read."""

    id: UUID
    words: str
    consultation: str
    url: str

    @property
    def origin(self) -> str:
        """Where the rule comes from, for its annotation."""
        return gettext("Consultation « %(title)s »") % {"title": self.consultation}


def _rules(establishment: Establishment) -> tuple[Rule, ...]:
    current = versions_in_force(establishment.id, timezone.now()).first()
    return establishment_rules(current.cedar)[0] if current is not None else ()


def rule_ids(establishment: Establishment) -> frozenset[str]:
    """The names no new rule of this house may take."""
    return reserved_ids() | {rule.id for rule in _rules(establishment)}


def rule_to_change(establishment: Establishment, rule_id: str) -> RuleToChange:
    """One of the house's own rules in force. Raises `NotFoundError`."""
    language = "en" if (get_language() or "fr").startswith("en") else "fr"
    for rule in _rules(establishment):
        if rule.id == rule_id:
            return RuleToChange(rule.id, rule.title(language), rule.explanation(language), rule.cedar, from_cedar(rule))
    raise nothing_here()


def said_in_consultation(establishment: Establishment, statement_id: UUID) -> SaidInConsultation | None:
    """A published statement of a consultation that this house has opened; nothing for any other."""
    found = (
        Statement.objects.filter(
            id=statement_id, consultation__establishment=establishment, state=StatementState.PUBLISHED.value
        )
        .exclude(consultation__state=ConsultationState.DRAFT.value)
        .select_related("consultation")
        .first()
    )
    if found is None:
        return None
    page = reverse("consultations:statements", args=[found.consultation_id])
    return SaidInConsultation(found.id, found.text, found.consultation.title, f"{page}#statement-{found.number}")
