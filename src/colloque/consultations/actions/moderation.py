"""Moderation: publish, turn away with a reason, unite; each decision is a line of the log that everybody reads."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext

from colloque.consultations.access import is_open, require_facilitating
from colloque.consultations.actions.held import hold
from colloque.consultations.core.moderation import LONGEST_STATEMENT, PROTECTS, ModerationDecision, ModerationReason
from colloque.consultations.core.state import ConsultationState, StatementState, statement_after
from colloque.consultations.core.words import cleaned
from colloque.consultations.models import Consultation, ModerationEntry, Statement
from colloque.kernel.errors import ConflictError, InvalidInputError
from colloque.ledger.actions import record
from colloque.people.access import nothing_here
from colloque.people.models import Account

STATE_OF = {
    ModerationDecision.PUBLISHED: StatementState.PUBLISHED,
    ModerationDecision.REJECTED: StatementState.REJECTED,
    ModerationDecision.MERGED: StatementState.MERGED,
}


@transaction.atomic
def publish_statement(statement: Statement, *, by: Account, at: datetime, words: str = "") -> Statement:
    """Let people vote on a statement. Raises `ConflictError` where it was decided meanwhile, or was erased."""
    return _decide(statement, ModerationDecision.PUBLISHED, by=by, at=at, words=words)


@transaction.atomic
def reject_statement(
    statement: Statement, reason: ModerationReason, *, by: Account, at: datetime, words: str = ""
) -> Statement:
    """Turn a statement away, for a reason everybody reads. What designates a person is erased, here and for good.

    Votes on it are kept and count no more. Raises `ConflictError` where it was decided meanwhile.
    """
    return _decide(statement, ModerationDecision.REJECTED, by=by, at=at, words=words, reason=reason)


@transaction.atomic
def merge_statement(statement: Statement, number: int, *, by: Account, at: datetime, words: str = "") -> Statement:
    """Unite a statement with a published one that says the same, by its number.

    Raises `InvalidInputError` (path `into`) where that one is not published or is itself, `ConflictError` as above.
    """
    into = Statement.objects.filter(
        consultation=statement.consultation_id, number=number, state=StatementState.PUBLISHED
    ).exclude(pk=statement.pk)
    other = into.first()
    if other is None:
        raise InvalidInputError(gettext("Choisissez une affirmation publiée, autre que celle-ci."), path="into")
    return _decide(
        statement,
        ModerationDecision.MERGED,
        by=by,
        at=at,
        words=words,
        reason=ModerationReason.DUPLICATE,
        into=other,
    )


def _decide(
    statement: Statement,
    decision: ModerationDecision,
    *,
    by: Account,
    at: datetime,
    words: str,
    reason: ModerationReason | None = None,
    into: Statement | None = None,
) -> Statement:
    consultation = hold(statement.consultation)
    require_facilitating(by, consultation.establishment, at)
    if consultation.state != ConsultationState.OPEN:
        raise ConflictError(gettext("Cette consultation n’est pas ouverte : ses affirmations ne changent plus."))
    if not is_open(consultation, at) and reason not in PROTECTS:
        raise ConflictError(
            gettext(
                "Les votes sont terminés. On n’écarte plus une affirmation que si elle désigne ou insulte quelqu’un : "
                "choisissez cette raison, ou terminez la consultation."
            ),
            code="votes-over",
        )
    held = _held(consultation, statement)
    before = StatementState(held.state)
    if before is STATE_OF[decision]:
        raise ConflictError(gettext("Quelqu’un a déjà pris cette décision. Rien n’a changé."), code="already-decided")
    held.state = statement_after(before, STATE_OF[decision])
    if decision is ModerationDecision.PUBLISHED and not held.text:
        raise ConflictError(gettext("Le texte de cette affirmation a été effacé : on ne peut plus la publier."))
    held.merged_into = into
    if decision is ModerationDecision.PUBLISHED and held.published_at is None:
        held.published_at = at
    if reason is ModerationReason.PERSONAL_DATA:
        held.text = held.text_en = held.easy = held.easy_en = ""
    held.save()
    ModerationEntry.objects.create(
        consultation=consultation,
        statement=held,
        decision=decision,
        reason=reason or "",
        words=cleaned(words)[:500],
        merged_into=into,
        by=by,
        at=at,
    )
    record(
        f"statement.{decision}",
        subject=consultation.establishment_id,
        payload={
            "consultation": str(consultation.id),
            "statement": held.number,
            "by": str(by.id),
            **({"reason": reason.value} if reason else {}),
            **({"into": into.number} if into else {}),
        },
    )
    return held


@transaction.atomic
def say_otherwise(
    statement: Statement, *, easy: str, easy_en: str, text_en: str, by: Account, at: datetime
) -> Statement:
    """Say a statement in easy words and in English, beside its own words, which do not change.

    Raises `InvalidInputError` for words longer than a statement.
    """
    consultation = hold(statement.consultation)
    require_facilitating(by, consultation.establishment, at)
    if consultation.state not in {ConsultationState.DRAFT, ConsultationState.OPEN}:
        raise ConflictError(gettext("Cette consultation est terminée : ses mots ne changent plus."))
    held = _held(consultation, statement)
    said = {"easy": cleaned(easy), "easy_en": cleaned(easy_en), "text_en": cleaned(text_en)}
    for name, words in said.items():
        if len(words) > LONGEST_STATEMENT:
            raise InvalidInputError(gettext("C’est trop long : 280 signes au plus."), path=name)
        setattr(held, name, words)
    held.save(update_fields=list(said))
    record(
        "statement.said-otherwise",
        subject=consultation.establishment_id,
        payload={"consultation": str(consultation.id), "statement": held.number, "by": str(by.id), **said},
    )
    return held


def _held(consultation: Consultation, statement: Statement) -> Statement:
    held = Statement.objects.select_for_update(of=("self",)).filter(pk=statement.pk, consultation=consultation).first()
    if held is None:
        raise nothing_here()
    return held
