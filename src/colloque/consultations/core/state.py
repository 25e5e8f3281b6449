"""Where consultations, statements and ideas stand, and how they move."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from colloque.kernel.errors import ConflictError


class ConsultationState(StrEnum):
    """Draft → open → closed → answered. A closed consultation never opens again: its tally is in the ledger."""

    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"
    ANSWERED = "answered"


class ConsultationMove(StrEnum):
    """What can be done to a consultation's state."""

    OPEN = "open"
    CLOSE = "close"
    ANSWER = "answer"


CONSULTATION_MOVES: Final[dict[tuple[ConsultationState, ConsultationMove], ConsultationState]] = {
    (ConsultationState.DRAFT, ConsultationMove.OPEN): ConsultationState.OPEN,
    (ConsultationState.OPEN, ConsultationMove.CLOSE): ConsultationState.CLOSED,
    (ConsultationState.CLOSED, ConsultationMove.ANSWER): ConsultationState.ANSWERED,
}


def consultation_after(state: ConsultationState, move: ConsultationMove) -> ConsultationState:
    """The state a move leads to. Raises `ConflictError` where the table has no such move."""
    try:
        return CONSULTATION_MOVES[state, move]
    except KeyError:
        raise ConflictError(f"A consultation that is {state} cannot {move}.", code="no-such-move") from None


class StatementState(StrEnum):
    """Only a published statement is voted on. A decision of moderation can be taken back, and that too is in the log."""

    WAITING = "waiting"
    PUBLISHED = "published"
    REJECTED = "rejected"
    MERGED = "merged"


STATEMENT_MOVES: Final[dict[StatementState, frozenset[StatementState]]] = {
    StatementState.WAITING: frozenset({StatementState.PUBLISHED, StatementState.REJECTED, StatementState.MERGED}),
    StatementState.PUBLISHED: frozenset({StatementState.REJECTED, StatementState.MERGED}),
    StatementState.REJECTED: frozenset({StatementState.PUBLISHED}),
    StatementState.MERGED: frozenset({StatementState.PUBLISHED}),
}


def statement_after(state: StatementState, wanted: StatementState) -> StatementState:
    """The state wanted, where it can be reached. Raises `ConflictError` where the table has no such move."""
    if wanted not in STATEMENT_MOVES[state]:
        raise ConflictError(f"A statement that is {state} cannot become {wanted}.", code="no-such-move")
    return wanted


class IdeaState(StrEnum):
    """An idea is read before it is public; a public one may be answered, and what it became is said on it."""

    WAITING = "waiting"
    PUBLISHED = "published"
    SET_ASIDE = "set-aside"


class IdeaWish(StrEnum):
    """What somebody who has an idea wishes of AI."""

    HELP = "help"
    STAY_OUT = "stay-out"


class BecameKind(StrEnum):
    """What an idea or the outcome of a statement became."""

    STATEMENT = "statement"
    CONSULTATION = "consultation"
    CHARTER_PROPOSAL = "charter-proposal"
    PROJECT = "project"


class OutcomeAnswer(StrEnum):
    """The reasoned reply of the establishment to a statement."""

    ADOPTED = "adopted"
    AMENDED = "amended"
    DECLINED = "declined"
