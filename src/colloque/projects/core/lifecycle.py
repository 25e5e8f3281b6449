"""Where a project stands and how it moves: draft → live ⇄ suspended."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from colloque.kernel.errors import ConflictError
from colloque.kernel.vocabulary import ProjectStatus, Role


class Move(StrEnum):
    """What can be done to a project's status."""

    MAKE_LIVE = "make-live"
    SUSPEND = "suspend"
    LIFT = "lift"


TRANSITIONS: dict[tuple[ProjectStatus, Move], ProjectStatus] = {
    (ProjectStatus.DRAFT, Move.MAKE_LIVE): ProjectStatus.LIVE,
    (ProjectStatus.LIVE, Move.SUSPEND): ProjectStatus.SUSPENDED,
    (ProjectStatus.SUSPENDED, Move.LIFT): ProjectStatus.LIVE,
}

ALLOWED_ROLES: dict[Move, frozenset[Role]] = {
    Move.MAKE_LIVE: frozenset({Role.DIRECTOR}),
    Move.SUSPEND: frozenset({Role.DIRECTOR, Role.PROJECT_LEAD, Role.ETHICS_MEMBER, Role.DATA_PROTECTION_OFFICER}),
    Move.LIFT: frozenset({Role.DIRECTOR}),
}
"""Many may stop an AI, few may start one. A project lead moves only the projects they lead."""


def after(status: ProjectStatus, move: Move) -> ProjectStatus:
    """The status a move leads to. Raises `ConflictError` where the table has no such move."""
    try:
        return TRANSITIONS[status, move]
    except KeyError:
        raise ConflictError(f"A project that is {status} cannot {move}.", code="no-such-move") from None


class Requirement(StrEnum):
    """What a project must have before it may be live."""

    LEAD = "lead"
    ENDPOINT = "endpoint"
    SERVICES = "services"
    INTENTION = "intention"
    INTENDED_USE = "intended-use"
    MODEL_CARD = "model-card"
    CONSULTATION = "consultation"
    TRUST = "trust"


class LiveFacts(msgspec.Struct, frozen=True):
    """What is already there of a project that wants to go live."""

    has_lead: bool
    has_endpoint: bool
    has_services: bool
    has_intention: bool
    has_intended_use: bool
    has_model_card: bool
    was_consulted: bool
    is_trusted: bool


def missing_for_live(facts: LiveFacts) -> tuple[Requirement, ...]:
    """What is still missing, in the order in which people are asked for it; empty when the project may be live."""
    held = {
        Requirement.LEAD: facts.has_lead,
        Requirement.INTENTION: facts.has_intention,
        Requirement.ENDPOINT: facts.has_endpoint,
        Requirement.SERVICES: facts.has_services,
        Requirement.INTENDED_USE: facts.has_intended_use,
        Requirement.MODEL_CARD: facts.has_model_card,
        Requirement.CONSULTATION: facts.was_consulted,
        Requirement.TRUST: facts.is_trusted,
    }
    return tuple(requirement for requirement, is_held in held.items() if not is_held)
