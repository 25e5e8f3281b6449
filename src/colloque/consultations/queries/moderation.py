"""What waits to be read, what was decided and why, and signs of abuse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from colloque.consultations.core.likeness import Likeness, near, repeated
from colloque.consultations.core.moderation import HIDES_TEXT, ModerationDecision
from colloque.consultations.core.state import ConsultationState, StatementState
from colloque.consultations.models import Consultation, ModerationEntry, Signal, Statement
from colloque.people.models import Establishment

SHOWN_AT_ONCE = 50
LOG_SHOWN = 500


@dataclass(frozen=True)
class Twin:
    """A published statement that seems to say the same, or the contrary."""

    statement: Statement
    likeness: Likeness

    @property
    def percent(self) -> int:
        """How near, in hundredths."""
        return round(100 * self.likeness.share)


@dataclass(frozen=True)
class ToRead:
    """A statement that waits, with what it seems to hold and what it seems to repeat."""

    statement: Statement
    twins: Sequence[Twin]


def waiting_count(consultation: Consultation) -> int:
    """How many statements wait to be read."""
    return consultation.statements.filter(state=StatementState.WAITING).count()


def waiting_in(establishment: Establishment) -> list[tuple[Consultation, int, datetime]]:
    """The open consultations of a house where statements wait: how many, and since when the oldest."""
    found: dict[object, tuple[Consultation, int, datetime]] = {}
    waiting = Statement.objects.filter(
        consultation__establishment=establishment,
        consultation__state=ConsultationState.OPEN,
        state=StatementState.WAITING,
    )
    for statement in waiting.select_related("consultation").order_by("-submitted_at"):
        count = found.get(statement.consultation_id, (statement.consultation, 0, statement.submitted_at))[1]
        found[statement.consultation_id] = (statement.consultation, count + 1, statement.submitted_at)
    return list(found.values())


def to_read(consultation: Consultation) -> list[ToRead]:
    """What waits, the longest first; at most fifty at once."""
    waiting = consultation.statements.filter(state=StatementState.WAITING).order_by("submitted_at", "number")
    published = _published(consultation)
    return [ToRead(one, _twins(one, published)) for one in waiting[:SHOWN_AT_ONCE]]


def reread(statement: Statement) -> ToRead:
    """One statement with what it seems to repeat."""
    return ToRead(statement, _twins(statement, _published(statement.consultation)))


def pairs(consultation: Consultation, most: int = 20) -> list[tuple[Statement, Twin]]:
    """Published statements that seem to repeat one another, nearest first: proposals to unite them."""
    published = _published(consultation)
    found = repeated(((number, one.text) for number, one in published.items()), most=most)
    return [(published[number], Twin(published[like.number], like)) for number, like in found]


def _published(consultation: Consultation) -> dict[int, Statement]:
    found = consultation.statements.filter(state=StatementState.PUBLISHED).order_by("number")
    return {one.number: one for one in found}


def _twins(statement: Statement, published: dict[int, Statement]) -> list[Twin]:
    others = [(number, one.text) for number, one in published.items() if one.pk != statement.pk]
    return [Twin(published[like.number], like) for like in near(statement.text, others)]


@dataclass(frozen=True)
class LogLine:
    """One decision as everybody reads it. `text` is empty where the reason keeps the words from being shown.

    `by_rule`: nobody read it, the rule of open moderation showed it.
    """

    number: int
    decision: ModerationDecision
    reason: str
    words: str
    text: str
    into: Statement | None
    at: datetime
    by_rule: bool


def moderation_log(consultation: Consultation) -> list[LogLine]:
    """Every decision of moderation, the latest first; at most 500."""
    entries = (
        ModerationEntry.objects.filter(consultation=consultation)
        .select_related("statement", "merged_into")
        .order_by("-id")[:LOG_SHOWN]
    )
    rejected = {StatementState.REJECTED.value}
    hidden = set(
        ModerationEntry.objects.filter(
            consultation=consultation, reason__in=HIDES_TEXT, statement__state__in=rejected
        ).values_list("statement_id", flat=True)
    )
    return [
        LogLine(
            number=entry.statement.number,
            decision=ModerationDecision(entry.decision),
            reason=entry.reason,
            words=entry.words,
            text="" if entry.statement_id in hidden else entry.statement.text,
            into=entry.merged_into,
            at=entry.at,
            by_rule=entry.by_id is None,
        )
        for entry in entries
    ]


def signals(consultation: Consultation) -> list[Signal]:
    """Signs of coordinated voting, the latest first. They are shown; nothing is removed because of them."""
    return list(consultation.signals.order_by("-seen_at")[:SHOWN_AT_ONCE])
