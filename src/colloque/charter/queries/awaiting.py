"""What of the charter waits for somebody: a voice, a decision, a review that is due."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from colloque.charter.access import DECIDING_ROLES, seat_in
from colloque.charter.core.proposals import (
    ProposalKind,
    ProposalState,
)
from colloque.charter.models import (
    RuleProposal,
)
from colloque.charter.queries.in_force import versions_in_force
from colloque.charter.queries.standing import (
    Standing,
    may_vote_now,
    own_ballot,
    status_of,
    title_of,
    with_votes,
)
from colloque.people.access import Viewer
from colloque.people.models import Establishment


@dataclass(frozen=True)
class Awaiting:
    """Something of the charter that waits for the viewer: `vote`, `decide` or `review`."""

    what: str
    proposal: UUID
    title: str
    since: datetime


def awaiting(viewer: Viewer, at: datetime, language: str) -> tuple[Awaiting, ...]:
    """What of the charter waits for the viewer: a voice, a decision, a review that is due."""
    house = viewer.establishment
    if house is None or viewer.signed_in is None:
        return ()
    seat, decides = seat_in(viewer, at), viewer.has(*DECIDING_ROLES)
    if seat is None and not decides:
        return ()
    base = versions_in_force(house.id, at).first()
    found: list[Awaiting] = []
    voting = RuleProposal.objects.filter(establishment=house, state=ProposalState.VOTING)
    for row in with_votes(voting).order_by("proposed_at"):
        status, title = status_of(row, base, at), title_of(row, language)
        if seat is not None and may_vote_now(row, seat, status) and own_ballot(row, seat) is None:
            found.append(Awaiting("vote", row.id, title, status.since))
        if decides and status.standing is Standing.TO_DECIDE:
            found.append(Awaiting("decide", row.id, title, status.since))
    if decides:
        found += [Awaiting("review", row.id, title_of(row, language), due) for row, due in _to_review(house, at)]
    return tuple(found)


def _to_review(house: Establishment, at: datetime) -> Iterable[tuple[RuleProposal, datetime]]:
    """Adopted rules whose day of review has come, as long as no later adopted proposal speaks of them."""
    zone = ZoneInfo(house.timezone)
    adopted = RuleProposal.objects.filter(establishment=house, state=ProposalState.ADOPTED).order_by("-decided_at")
    seen: set[str] = set()
    for row in adopted:
        if row.rule_id in seen:
            continue
        seen.add(row.rule_id)
        is_due = row.review_on is not None and row.review_on <= at.astimezone(zone).date()
        if is_due and row.kind != ProposalKind.REPEAL and row.review_on is not None:
            yield row, datetime(row.review_on.year, row.review_on.month, row.review_on.day, tzinfo=zone)
