"""Proposals in lines: what a house debates, what it decided, and what was debated about one rule."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from colloque.charter.access import PREPARING_ROLES, seat_in, seats_at
from colloque.charter.core.proposals import (
    OPEN_STATES,
    College,
    ProposalKind,
    Seat,
    Side,
    Tally,
    colleges_without_seat,
)
from colloque.charter.models import (
    CharterVersion,
    CommitteeSeat,
    RuleProposal,
)
from colloque.charter.queries.in_force import versions_in_force
from colloque.charter.queries.standing import (
    Status,
    counted,
    may_vote_now,
    own_ballot,
    status_of,
    title_of,
    with_votes,
)
from colloque.people.access import Viewer
from colloque.people.models import Establishment


@dataclass(frozen=True)
class ProposalLine:
    """A proposal in one line."""

    id: UUID
    kind: ProposalKind
    title: str
    status: Status
    has_voted: bool
    may_vote: bool


@dataclass(frozen=True)
class ProposalsPage:
    """What is debated in a house, and what was decided. `lacking` are the colleges nobody speaks for."""

    house: Establishment
    open: tuple[ProposalLine, ...]
    ended: tuple[ProposalLine, ...]
    may_prepare: bool
    seat: College | None
    lacking: tuple[College, ...]
    seats: int


@dataclass(frozen=True)
class Debate:
    """A proposal that made, changed or repealed a rule, in numbers anybody may read."""

    line: ProposalLine
    arguments_for: int
    arguments_against: int
    counted: Tally | None
    departs: bool


def proposals_page(viewer: Viewer, at: datetime, language: str) -> ProposalsPage:
    """The proposals of the viewer's house. Raises as `Viewer.house`."""
    house = viewer.house
    base = versions_in_force(house.id, at).first()
    seat = seat_in(viewer, at)
    rows = list(with_votes(RuleProposal.objects.filter(establishment=house)).order_by("-proposed_at"))
    lines = [(row, _line(row, base, seat, at, language)) for row in rows]
    seats = [Seat(s.id, s.account_id, College(s.college)) for s in seats_at(house.id, at)]
    return ProposalsPage(
        house=house,
        open=tuple(line for row, line in lines if row.state in OPEN_STATES),
        ended=tuple(line for row, line in lines if row.state not in OPEN_STATES),
        may_prepare=viewer.has(*PREPARING_ROLES) or seat is not None,
        seat=College(seat.college) if seat is not None else None,
        lacking=colleges_without_seat(seats),
        seats=len(seats),
    )


def public_lines(house: Establishment, at: datetime, language: str) -> tuple[ProposalLine, ...]:
    """What is debated in a house, for anybody."""
    base = versions_in_force(house.id, at).first()
    rows = with_votes(RuleProposal.objects.filter(establishment=house, state__in=OPEN_STATES)).order_by("-proposed_at")
    return tuple(_line(row, base, None, at, language) for row in rows)


def _line(
    row: RuleProposal, base: CharterVersion | None, seat: CommitteeSeat | None, at: datetime, language: str
) -> ProposalLine:
    status = status_of(row, base, at)
    ballot = own_ballot(row, seat)
    may_vote = seat is not None and may_vote_now(row, seat, status)
    return ProposalLine(row.id, ProposalKind(row.kind), title_of(row, language), status, ballot is not None, may_vote)


def debates_of(house: Establishment, rule_id: str, at: datetime, language: str) -> tuple[Debate, ...]:
    """What was debated about a rule, the latest first. Votes still open are not counted."""
    base = versions_in_force(house.id, at).first()
    rows = with_votes(RuleProposal.objects.filter(establishment=house, rule_id=rule_id)).order_by("-proposed_at")
    found = []
    for row in rows.select_related("departure").prefetch_related("arguments"):
        sides = [argument.side for argument in row.arguments.all()]
        vote = next(iter(row.rounds.all()), None)
        is_over = vote is not None and row.state not in OPEN_STATES
        found.append(
            Debate(
                _line(row, base, None, at, language),
                sides.count(Side.FOR),
                sides.count(Side.AGAINST),
                counted(row, vote) if vote is not None and is_over else None,
                hasattr(row, "departure"),
            )
        )
    return tuple(found)
