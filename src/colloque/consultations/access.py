"""Who may see, animate and take part in a consultation."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from colloque.consultations.core.groups import Anonymity
from colloque.consultations.core.state import ConsultationState
from colloque.consultations.core.tickets import ticket_digest
from colloque.consultations.models import Consultation, Idea, Participant, Statement
from colloque.kernel.vocabulary import Role
from colloque.ledger.queries import installation_keys
from colloque.people.access import Viewer, nothing_here, require, require_role
from colloque.people.models import Account, Establishment, Membership

FACILITATING: Final = (Role.FACILITATOR, Role.DIRECTOR, Role.ETHICS_MEMBER)
"""Who prepares, opens and moderates consultations."""

ATTACHING: Final = (Role.DIRECTOR, Role.PROJECT_LEAD)
"""Who says that a statement is behind a project."""


def public_consultation(consultation_id: UUID) -> Consultation:
    """A consultation that was opened, for whoever has its address. Raises `NotFoundError` for a draft too."""
    found = Consultation.objects.select_related("establishment").filter(pk=consultation_id)
    consultation = found.exclude(state=ConsultationState.DRAFT).first()
    if consultation is None:
        raise nothing_here()
    return consultation


def announced_consultation(slug: str, number: int) -> Consultation:
    """An opened consultation by its house and number, where it is announced. Raises `NotFoundError`."""
    found = Consultation.objects.filter(establishment__slug=slug, number=number, is_listed=True)
    consultation = found.exclude(state=ConsultationState.DRAFT).first()
    if consultation is None:
        raise nothing_here()
    return consultation


def facilitated_consultation(viewer: Viewer, consultation_id: UUID) -> Consultation:
    """A consultation of the house that the viewer animates, draft or not. Raises as `require`, and `NotFoundError`."""
    require(viewer, *FACILITATING)
    found = Consultation.objects.select_related("establishment").filter(pk=consultation_id, establishment=viewer.house)
    consultation = found.first()
    if consultation is None:
        raise nothing_here()
    return consultation


def facilitated_statement(viewer: Viewer, consultation_id: UUID, statement_id: UUID) -> Statement:
    """A statement of a consultation that the viewer animates. Raises as `facilitated_consultation`."""
    consultation = facilitated_consultation(viewer, consultation_id)
    statement = Statement.objects.filter(pk=statement_id, consultation=consultation).first()
    if statement is None:
        raise nothing_here()
    statement.consultation = consultation
    return statement


def facilitated_idea(viewer: Viewer, idea_id: UUID) -> Idea:
    """An idea of the house in which the viewer animates consultations. Raises as `require`, and `NotFoundError`."""
    require(viewer, *FACILITATING)
    idea = Idea.objects.select_related("establishment").filter(pk=idea_id, establishment=viewer.house).first()
    if idea is None:
        raise nothing_here()
    return idea


def is_open(consultation: Consultation, at: datetime) -> bool:
    """Whether people take part at this moment: it was opened, and neither closed nor past its last day."""
    return consultation.state == ConsultationState.OPEN and (
        consultation.closes_at is None or at < consultation.closes_at
    )


def require_facilitating(account: Account, establishment: Establishment, at: datetime) -> Membership:
    """Let through whoever animates consultations in this house. Raises `NotFoundError`."""
    return require_role(account, establishment, *FACILITATING, at=at)


def may_facilitate(viewer: Viewer, consultation: Consultation) -> bool:
    """Whether the viewer animates this consultation, for a link on a public page."""
    here = viewer.establishment
    return here is not None and here.id == consultation.establishment_id and viewer.has(*FACILITATING)


def may_attach(viewer: Viewer, consultation: Consultation) -> bool:
    """Whether the viewer leads projects in the house of this consultation, for a link on a public page."""
    here = viewer.establishment
    return here is not None and here.id == consultation.establishment_id and viewer.has(*ATTACHING)


def account_digest(consultation_id: UUID, account: Account) -> bytes:
    """The blind index that finds an account's participation again; only the key outside the database makes it."""
    return installation_keys().keyring.blind_index(str(account.id), about=f"participant/{consultation_id}")


def participant_of(consultation: Consultation, ticket: str | None, viewer: Viewer) -> Participant | None:
    """The participant who comes with this cookie, or signed in; where an account is asked for, only the account counts."""
    found = Participant.objects.filter(consultation=consultation)
    if consultation.anonymity == Anonymity.SIGNED_IN:
        if viewer.signed_in is None:
            return None
        return found.filter(account_digest=account_digest(consultation.id, viewer.signed_in)).first()
    if not ticket:
        return None
    return found.filter(token_digest=ticket_digest(ticket)).first()
