"""Who may do what with a charter: the committee by its seats, others by their roles."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from colloque.charter.models import Argument, CommitteeSeat, RuleProposal
from colloque.kernel.vocabulary import Role
from colloque.people.access import Viewer, current_memberships, nothing_here
from colloque.people.models import Account, Establishment

DECIDING_ROLES = (Role.DIRECTOR, Role.ADMINISTRATOR)
"""Who signs what the committee gave its opinion on."""

MODERATING_ROLES = (Role.FACILITATOR, Role.ETHICS_MEMBER)
"""Who may hide an argument, with a public reason."""

SEATING_ROLES = (Role.DIRECTOR,)
PREPARING_ROLES = (Role.DIRECTOR, Role.ADMINISTRATOR, Role.FACILITATOR, Role.ETHICS_MEMBER)
"""Who, beside the committee, may propose a rule, have it replayed and put it to the vote."""


def seats_at(establishment_id: UUID, at: datetime) -> QuerySet[CommitteeSeat]:
    """The seats of a house that count at a moment."""
    return CommitteeSeat.objects.filter(
        Q(valid_until__isnull=True) | Q(valid_until__gt=at), establishment=establishment_id, valid_from__lte=at
    )


def seat_of(account: Account, establishment: Establishment, at: datetime) -> CommitteeSeat | None:
    """The seat somebody holds now, while they still belong to the house."""
    if not _belongs(account, establishment, at):
        return None
    return seats_at(establishment.id, at).filter(account=account).first()


def is_of_the_committee(viewer: Viewer, at: datetime) -> bool:
    """Whether the viewer holds a seat here now."""
    return seat_in(viewer, at) is not None


def seat_in(viewer: Viewer, at: datetime) -> CommitteeSeat | None:
    """The viewer's seat in the house they are in, if any."""
    if viewer.signed_in is None or viewer.establishment is None:
        return None
    return seats_at(viewer.establishment.id, at).filter(account=viewer.signed_in).first()


def may_prepare(viewer: Viewer, at: datetime) -> bool:
    """Whether the viewer may propose a rule, have it replayed and put it to the vote."""
    return viewer.has(*PREPARING_ROLES) or is_of_the_committee(viewer, at)


def require_preparing(viewer: Viewer, at: datetime) -> None:
    """Let nobody through who may not prepare a rule here. Raises as `people.access.require`."""
    _ = viewer.house
    if not may_prepare(viewer, at):
        raise nothing_here()


def require_member(account: Account, establishment: Establishment, at: datetime) -> None:
    """Raises `NotFoundError` for whoever does not belong to the house."""
    if not _belongs(account, establishment, at):
        raise nothing_here()


def require_may_prepare(account: Account, establishment: Establishment, at: datetime) -> None:
    """Raises `NotFoundError` for whoever may not prepare a rule in the house."""
    roles = current_memberships(at).filter(account=account, establishment=establishment)
    if not roles.filter(role__in=PREPARING_ROLES).exists() and seat_of(account, establishment, at) is None:
        raise nothing_here()


def proposal_here(viewer: Viewer, proposal_id: UUID) -> RuleProposal:
    """A proposal of the house the viewer is in. Raises as `Viewer.house`, and `NotFoundError`."""
    found = RuleProposal.objects.filter(pk=proposal_id, establishment=viewer.house).select_related("establishment")
    proposal = found.first()
    if proposal is None:
        raise nothing_here()
    return proposal


def argument_here(viewer: Viewer, argument_id: UUID) -> Argument:
    """An argument of the house the viewer is in. Raises as `Viewer.house`, and `NotFoundError`."""
    found = Argument.objects.filter(pk=argument_id, proposal__establishment=viewer.house)
    argument = found.select_related("proposal__establishment").first()
    if argument is None:
        raise nothing_here()
    return argument


def public_proposal(proposal_id: UUID) -> RuleProposal:
    """A proposal, for anybody: what is debated is public. Raises `NotFoundError`."""
    proposal = RuleProposal.objects.filter(pk=proposal_id).select_related("establishment").first()
    if proposal is None:
        raise nothing_here()
    return proposal


def _belongs(account: Account, establishment: Establishment, at: datetime) -> bool:
    return current_memberships(at).filter(account=account, establishment=establishment).exists()


def seat_here(viewer: Viewer, seat_id: UUID) -> CommitteeSeat:
    """A seat of the house the viewer is in. Raises as `Viewer.house`, and `NotFoundError`."""
    seat = CommitteeSeat.objects.filter(pk=seat_id, establishment=viewer.house).select_related("establishment").first()
    if seat is None:
        raise nothing_here()
    return seat
