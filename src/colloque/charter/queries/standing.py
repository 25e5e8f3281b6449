"""Where a proposal stands: what it waits for, what was voted so far, and whether a seat may still vote."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from django.db.models import Prefetch, QuerySet

from colloque.charter.access import seats_at
from colloque.charter.core.proposals import (
    OPEN_STATES,
    BallotValue,
    College,
    Opinion,
    ProposalState,
    Seat,
    Tally,
    Voice,
    tally,
)
from colloque.charter.core.rules import split_words
from colloque.charter.models import (
    CharterVersion,
    CommitteeSeat,
    ReplayRecord,
    RuleProposal,
    VoteRound,
)


class Standing(StrEnum):
    """Where a proposal stands, more finely than its state: what it waits for."""

    TO_REPLAY = "to-replay"
    TO_VOTE = "to-vote"
    VOICES = "voices"
    VOTING = "voting"
    NO_QUORUM = "no-quorum"
    OUTDATED = "outdated"
    TO_DECIDE = "to-decide"
    ADOPTED = "adopted"
    SCHEDULED = "scheduled"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Status:
    """A proposal's standing. `since` is when it began; `missing` the voices a quorum still lacks; `closes_at` the vote's end."""

    standing: Standing
    since: datetime
    missing: int = 0
    closes_at: datetime | None = None
    opinion: Opinion | None = None
    day: date | None = None


def with_votes(found: QuerySet[RuleProposal]) -> QuerySet[RuleProposal]:
    """The same proposals with all that says where each stands, read at once."""
    rounds = VoteRound.objects.order_by("-number").prefetch_related("ballots__seat")
    return found.select_related("version").prefetch_related(
        Prefetch("rounds", queryset=rounds),
        Prefetch("replays", queryset=ReplayRecord.objects.defer("report").order_by("-at")),
        "authors",
    )


def title_of(proposal: RuleProposal, language: str) -> str:
    """What a proposal is called: the first sentence of its words; nothing for a whole charter without words."""
    words = proposal.words_en if language == "en" else proposal.words_fr
    return split_words(words)[0]


def _electorate(proposal: RuleProposal, vote: VoteRound) -> list[Seat]:
    return [Seat(s.id, s.account_id, College(s.college)) for s in seats_at(proposal.establishment_id, vote.opened_at)]


def counted(proposal: RuleProposal, vote: VoteRound) -> Tally:
    """The voices of a round."""
    voices = [Voice(b.seat_id, BallotValue(b.value)) for b in vote.ballots.all()]
    return tally(_electorate(proposal, vote), voices, {author.id for author in proposal.authors.all()})


def status_of(proposal: RuleProposal, base: CharterVersion | None, at: datetime) -> Status:
    """Where a proposal stands at a moment; `base` is the charter in force then."""
    state = ProposalState(proposal.state)
    if state is ProposalState.ADOPTED and proposal.decided_at is not None:
        later = proposal.version is not None and (proposal.version.applies_from or at) > at
        standing = Standing.SCHEDULED if later else Standing.ADOPTED
        return Status(standing, proposal.decided_at, day=proposal.adopted_from)
    if state not in OPEN_STATES:
        return Status(Standing(state.value), proposal.decided_at or proposal.proposed_at)
    base_id = base.pk if base is not None else None
    vote = next(iter(proposal.rounds.all()), None)
    if vote is None:
        replay = next((one for one in proposal.replays.all() if one.base_id == base_id), None)
        if replay is None and base is not None:
            return Status(Standing.TO_REPLAY, proposal.proposed_at)
        return Status(Standing.TO_VOTE, replay.at if replay is not None else proposal.proposed_at)
    if vote.base_id != base_id:
        return Status(Standing.OUTDATED, base.adopted_at if base and base.adopted_at else vote.opened_at)
    so_far = counted(proposal, vote)
    if at < vote.closes_at and so_far.cast < so_far.seats:
        standing = Standing.VOICES if so_far.missing else Standing.VOTING
        return Status(standing, vote.opened_at, so_far.missing, vote.closes_at)
    ended = min(vote.closes_at, at)
    if so_far.opinion is Opinion.NO_QUORUM:
        return Status(Standing.NO_QUORUM, ended, so_far.missing, vote.closes_at)
    return Status(Standing.TO_DECIDE, ended, closes_at=vote.closes_at, opinion=so_far.opinion)


def own_ballot(row: RuleProposal, seat: CommitteeSeat | None) -> BallotValue | None:
    """What a seat has voted in the latest round."""
    vote = next(iter(row.rounds.all()), None)
    if seat is None or vote is None:
        return None
    return next((BallotValue(b.value) for b in vote.ballots.all() if b.seat_id == seat.id), None)


def may_vote_now(row: RuleProposal, seat: CommitteeSeat, status: Status) -> bool:
    """Whether a seat has a voice in the vote that is open, which is so only where it was held at its opening."""
    vote = next(iter(row.rounds.all()), None)
    is_open = status.standing in (Standing.VOICES, Standing.VOTING)
    return vote is not None and is_open and seat.valid_from <= vote.opened_at
