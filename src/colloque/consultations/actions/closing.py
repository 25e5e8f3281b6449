"""Ending a consultation: counting, the final map, the house's reasoned replies, and what statements became."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext

from colloque.consultations.access import require_facilitating
from colloque.consultations.actions.held import hold
from colloque.consultations.actions.mapping import map_now
from colloque.consultations.actions.voting import count_votes
from colloque.consultations.core.state import (
    BecameKind,
    ConsultationMove,
    ConsultationState,
    OutcomeAnswer,
    consultation_after,
)
from colloque.consultations.core.tally import Tally
from colloque.consultations.models import Consultation, MapVersion, Outcome, OutcomeLink, Statement
from colloque.consultations.queries.map import latest_map, latest_outcomes, outcome_numbers
from colloque.kernel.canonical import canonical_json
from colloque.kernel.errors import ConflictError, InvalidInputError
from colloque.kernel.vocabulary import Role
from colloque.ledger.actions import record
from colloque.people.access import nothing_here, require_role
from colloque.people.models import Account, Establishment

ANSWERING: Final = (Role.DIRECTOR, Role.ETHICS_MEMBER)
"""Who signs the house's replies."""
LEAST_REASON: Final = 20


@dataclass(frozen=True)
class Closed:
    """What closing gave: the consultation, its tally, and its final map."""

    consultation: Consultation
    tally: Tally
    map: MapVersion


@transaction.atomic
def close_consultation(consultation: Consultation, *, by: Account, at: datetime) -> Closed:
    """End the votes, count them into the ledger, and compute the final map, whose digest goes there too.

    Raises `NotFoundError` for whoever does not animate here, `ConflictError` where it is not open.
    """
    held = hold(consultation)
    require_facilitating(by, held.establishment, at)
    held.state = consultation_after(ConsultationState(held.state), ConsultationMove.CLOSE)
    held.closed_at = at
    held.save(update_fields=["state", "closed_at"])
    counted = count_votes(held)
    final = map_now(held, at=at)
    record(
        "consultation.mapped",
        subject=held.establishment_id,
        payload={
            "consultation": str(held.id),
            "map": final.number,
            "engine": final.engine,
            "seed": final.seed,
            "sha256": sha256(canonical_json(final.result)).hexdigest(),
            "by": str(by.id),
        },
    )
    return Closed(held, counted, final)


@transaction.atomic
def reply(
    statement: Statement, answer: OutcomeAnswer, reasons: str, *, by: Account, at: datetime, reasons_en: str = ""
) -> Outcome:
    """The house's signed reply to an outcome: adopted, amended or declined, and why. A later reply takes its place; both stay.

    Raises `NotFoundError` for whoever may not sign or a statement that is no outcome, `ConflictError` before the closing,
    `InvalidInputError` (path `reasons`) without a reason.
    """
    held = hold(statement.consultation)
    require_role(by, held.establishment, *ANSWERING, at=at)
    if held.state not in {ConsultationState.CLOSED, ConsultationState.ANSWERED}:
        raise ConflictError(gettext("On répond quand la consultation est terminée."), code="not-closed")
    if statement.number not in wanted_replies(held):
        raise nothing_here()
    words = reasons.strip()
    if len(words) < LEAST_REASON:
        raise InvalidInputError(
            gettext("Dites pourquoi, en une phrase au moins : ceux qui ont voté liront cette réponse."),
            code="no-reason",
            path="reasons",
        )
    before = latest_outcomes(held).get(statement.number)
    outcome = Outcome.objects.create(
        consultation=held,
        statement=statement,
        answer=answer,
        reasons=words,
        reasons_en=reasons_en.strip(),
        signed_by=by,
        at=_after(before, at),
    )
    record(
        "consultation.replied",
        subject=held.establishment_id,
        payload={
            "consultation": str(held.id),
            "statement": statement.number,
            "answer": answer.value,
            "reasons": words,
            "by": str(by.id),
        },
    )
    return outcome


def _after(before: Outcome | None, at: datetime) -> datetime:
    """The moment, or just after the reply before it: the latest one holds, and two never stand at the same moment."""
    return at if before is None else max(at, before.at + timedelta(microseconds=1))


def wanted_replies(consultation: Consultation) -> tuple[int, ...]:
    """Numbers of the statements to which the house owes a reply."""
    version = latest_map(consultation)
    return outcome_numbers(version, consultation.min_group_shown) if version is not None else ()


@transaction.atomic
def answer_consultation(consultation: Consultation, *, by: Account, at: datetime) -> Consultation:
    """Say that the house has answered. Raises `ConflictError` while an outcome has no reply, `NotFoundError` as `reply`."""
    held = hold(consultation)
    require_role(by, held.establishment, *ANSWERING, at=at)
    state = consultation_after(ConsultationState(held.state), ConsultationMove.ANSWER)
    given = latest_outcomes(held)
    left = [number for number in wanted_replies(held) if number not in given]
    if left:
        raise ConflictError(
            gettext("Il reste des affirmations sans réponse (n° %(numbers)s). Répondez à chacune, puis terminez.")
            % {"numbers": ", ".join(map(str, left))},
            code="replies-left",
        )
    held.state, held.answered_at = state, at
    held.save(update_fields=["state", "answered_at"])
    record(
        "consultation.answered",
        subject=held.establishment_id,
        payload={
            "consultation": str(held.id),
            "answers": {str(number): given[number].answer for number in wanted_replies(held)},
            "by": str(by.id),
        },
    )
    return held


@transaction.atomic
def note_became(
    establishment: Establishment,
    statement_id: UUID,
    kind: BecameKind,
    thing: UUID,
    *,
    by: Account,
    at: datetime,
    part: str = "",
) -> OutcomeLink | None:
    """Remember what a statement became, or is behind, so that its page leads there, whether or not the house has replied yet.

    Called by the room in which it became something, after its own check of who may do that. `part` names a rule of a whole
    charter, or says that the statement asks for trust. Said twice, it is kept once; nothing is for a statement of another house,
    or of a consultation still prepared.
    """
    found = Statement.objects.select_related("consultation").filter(
        pk=statement_id, consultation__establishment=establishment
    )
    statement = found.exclude(consultation__state=ConsultationState.DRAFT).first()
    if statement is None:
        return None
    held = hold(statement.consultation)
    link, is_new = OutcomeLink.objects.get_or_create(
        statement=statement, kind=kind, thing=thing, part=part, defaults={"consultation": held, "by": by, "at": at}
    )
    if is_new:
        record(
            "consultation.outcome-linked",
            subject=held.establishment_id,
            payload={
                "consultation": str(held.id),
                "statement": statement.number,
                "kind": kind.value,
                "to": str(thing),
                **({"part": part} if part else {}),
                "by": str(by.id),
            },
        )
    return link
