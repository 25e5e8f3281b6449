"""What statements became: links to what stands in rooms above, and back from there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse

from colloque.consultations.core.state import BecameKind, ConsultationState, StatementState
from colloque.consultations.models import Consultation, OutcomeLink, Statement
from colloque.people.language import is_english
from colloque.people.models import Establishment

_PAGES: Final = {BecameKind.CHARTER_PROPOSAL: "charter:proposal", BecameKind.PROJECT: "projects:public-by-id"}


@dataclass(frozen=True)
class BecameTold:
    """What a statement became, and where that is read; rooms above are known by the names of their addresses only."""

    kind: BecameKind
    url: str


@dataclass(frozen=True)
class Said:
    """A statement as something else refers to it: its words in the reader's language, where it was said, and its page."""

    id: UUID
    number: int
    text: str
    language: str
    consultation: str
    url: str


def links_of(consultation: Consultation) -> Mapping[int, Sequence[BecameTold]]:
    """What the statements of a consultation became, by their number, the first first; one line a thing."""
    found: dict[int, dict[UUID, BecameTold]] = defaultdict(dict)
    rows = consultation.outcome_links.order_by("at", "kind", "part").values_list("statement__number", "kind", "thing")
    for number, kind, thing in rows:
        told = BecameKind(kind)
        found[number][thing] = BecameTold(told, reverse(_PAGES[told], args=[thing]))
    return {number: list(told.values()) for number, told in found.items()}


def said_behind(establishment: Establishment, kind: BecameKind, thing: UUID) -> list[Said]:
    """The published statements behind a thing of this house, in the order in which they were linked."""
    return _told(OutcomeLink.objects.filter(consultation__establishment=establishment, kind=kind, thing=thing))


def said_behind_rule(establishment: Establishment, rule_id: str) -> list[Said]:
    """The published statements behind one rule of a whole charter that this house was proposed."""
    links = OutcomeLink.objects.filter(consultation__establishment=establishment, part=rule_id)
    return _told(links.filter(kind=BecameKind.CHARTER_PROPOSAL))


def statement_to_link(establishment: Establishment, statement_id: UUID) -> Said | None:
    """A published statement of a consultation that this house has opened; nothing for any other."""
    found = Statement.objects.select_related("consultation").filter(
        pk=statement_id, consultation__establishment=establishment, state=StatementState.PUBLISHED
    )
    statement = found.exclude(consultation__state=ConsultationState.DRAFT).first()
    return _said(statement) if statement is not None else None


def _told(links: QuerySet[OutcomeLink]) -> list[Said]:
    rows = links.filter(statement__state=StatementState.PUBLISHED).order_by("at", "statement__number")
    found = {row.statement_id: row.statement for row in rows.select_related("statement__consultation")}
    return [_said(statement) for statement in found.values()]


def _said(statement: Statement) -> Said:
    english = is_english()
    about, text = statement.consultation, statement.text_en if english else ""
    page = reverse("consultations:statements", args=[about.id])
    return Said(
        statement.id,
        statement.number,
        text or statement.text,
        "en" if text else statement.language,
        (about.title_en if english else "") or about.title,
        f"{page}#statement-{statement.number}",
    )
