"""One proposal, whole: its words, what was argued, replayed, voted and decided, and what its reader can do with it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from uuid import UUID

from colloque.charter.access import DECIDING_ROLES, MODERATING_ROLES, PREPARING_ROLES, seat_in
from colloque.charter.core.constitution import establishment_rules
from colloque.charter.core.proposals import (
    OPEN_STATES,
    BallotValue,
    OriginKind,
    ProposalKind,
    ProposalState,
    Side,
    Step,
    Tally,
)
from colloque.charter.core.rules import Rule, split_words
from colloque.charter.models import (
    Argument,
    Ballot,
    CharterVersion,
    CommitteeSeat,
    Departure,
    RuleProposal,
    RuleReview,
    VoteRound,
)
from colloque.charter.queries.compare import DifferenceLine, difference_lines
from colloque.charter.queries.in_force import versions_in_force
from colloque.charter.queries.replays import sentence_of
from colloque.charter.queries.standing import (
    Standing,
    Status,
    counted,
    may_vote_now,
    own_ballot,
    status_of,
    with_votes,
)
from colloque.consultations.core.state import BecameKind
from colloque.consultations.queries.outcomes import Said, said_behind
from colloque.people.access import Viewer
from colloque.people.models import Establishment


@dataclass(frozen=True)
class ArgumentLine:
    """An argument; `by` is empty where the reader is not of the house, `words` where it is hidden, for the reason told."""

    id: UUID
    side: Side
    words: str
    by: str
    signed_as: str
    at: datetime
    hidden_because: str
    may_hide: bool


@dataclass(frozen=True)
class RoundLine:
    """A vote. Numbers only once it has closed; before, how many have voted."""

    number: int
    opened_at: datetime
    closes_at: datetime
    is_closed: bool
    counted: Tally
    explained: tuple[tuple[BallotValue, str], ...]


@dataclass(frozen=True)
class ReplayLine:
    """What the last replay covers. `is_current`: it is of this proposal on the charter in force."""

    id: UUID
    acts: int
    since: datetime
    until: datetime
    at: datetime
    is_current: bool
    sentence: str


@dataclass(frozen=True)
class Event:
    """One moment of a proposal's life, by a word the template knows."""

    what: str
    at: datetime
    number: int = 0


@dataclass(frozen=True)
class ProposalPage:
    """One proposal, whole.

    `before` is the rule as it stands without it; `said` are the statements it rests on, one consultation after the other.
    """

    record: RuleProposal
    house: Establishment
    kind: ProposalKind
    title: str
    explanation: str
    rule: Rule | None
    before: Rule | None
    difference: tuple[DifferenceLine, ...]
    origin_kind: OriginKind
    origin: str
    said: tuple[Said, ...]
    status: Status
    authors: tuple[str, ...]
    arguments_for: tuple[ArgumentLine, ...]
    arguments_against: tuple[ArgumentLine, ...]
    replay: ReplayLine | None
    rounds: tuple[RoundLine, ...]
    departure: Departure | None
    reviews: tuple[RuleReview, ...]
    events: tuple[Event, ...]
    steps: frozenset[str]
    is_inside: bool
    is_open: bool
    wrote_it: bool
    own_ballot: BallotValue | None


def proposal_page(proposal: RuleProposal, viewer: Viewer, at: datetime, language: str) -> ProposalPage:
    """One proposal for whoever reads it; names are shown to the house only."""
    row = with_votes(RuleProposal.objects.filter(pk=proposal.pk).select_related("establishment")).get()
    house = row.establishment
    base = versions_in_force(house.id, at).first()
    is_inside = viewer.establishment is not None and viewer.establishment.id == house.id and bool(viewer.memberships)
    seat = seat_in(viewer, at) if is_inside else None
    status = status_of(row, base, at)
    kind = ProposalKind(row.kind)
    rule = _one(row.cedar) if kind in (ProposalKind.NEW, ProposalKind.CHANGE) else None
    words = row.words_en if language == "en" else row.words_fr
    arguments = _arguments(row, is_inside=is_inside, may_hide=is_inside and viewer.has(*MODERATING_ROLES))
    rounds = tuple(_round(row, vote, at, is_inside=is_inside) for vote in row.rounds.all())
    before = _before(row, base)
    return ProposalPage(
        record=row,
        house=house,
        kind=kind,
        title=split_words(words)[0],
        explanation=split_words(words)[1] if kind is not ProposalKind.WHOLE else "",
        rule=rule,
        before=before,
        difference=_difference(row, kind, rule, before, base, language),
        origin_kind=OriginKind(row.origin_kind),
        origin=row.origin_en if language == "en" else row.origin_fr,
        said=tuple(sorted(said_behind(house, BecameKind.CHARTER_PROPOSAL, row.id), key=attrgetter("consultation"))),
        status=status,
        authors=tuple(author.full_name for author in row.authors.all()) if is_inside else (),
        arguments_for=tuple(one for one in arguments if one.side is Side.FOR),
        arguments_against=tuple(one for one in arguments if one.side is Side.AGAINST),
        replay=_replay(row, base),
        rounds=rounds,
        departure=Departure.objects.filter(proposal=row).select_related("by").first(),
        reviews=tuple(row.reviews.select_related("by").order_by("at")),
        events=tuple(_events(row)),
        steps=_steps(row, viewer, seat, status, is_inside=is_inside),
        is_inside=is_inside,
        is_open=row.state in OPEN_STATES,
        wrote_it=viewer.signed_in in row.authors.all(),
        own_ballot=own_ballot(row, seat),
    )


def _one(cedar: str) -> Rule | None:
    return next(iter(establishment_rules(cedar)[0]), None)


def _difference(
    row: RuleProposal,
    kind: ProposalKind,
    rule: Rule | None,
    before: Rule | None,
    base: CharterVersion | None,
    language: str,
) -> tuple[DifferenceLine, ...]:
    """What a change of one rule changes in it; what a whole charter changes in the one in force, while it is debated."""
    if kind is ProposalKind.CHANGE and rule is not None and before is not None:
        return difference_lines([before], [rule], language)
    if kind is ProposalKind.WHOLE and base is not None and row.state in OPEN_STATES:
        return difference_lines(establishment_rules(base.cedar)[0], establishment_rules(row.cedar)[0], language)
    return ()


def _before(row: RuleProposal, base: CharterVersion | None) -> Rule | None:
    """The rule as it stands without the proposal: today, or just before the version it made."""
    if row.version is not None:
        base = (
            CharterVersion.objects.filter(
                establishment=row.establishment_id, number__lt=row.version.number, adopted_at__isnull=False
            )
            .order_by("-number")
            .first()
        )
    rules = establishment_rules(base.cedar)[0] if base is not None and row.rule_id else ()
    return next((rule for rule in rules if rule.id == row.rule_id), None)


def _arguments(row: RuleProposal, *, is_inside: bool, may_hide: bool) -> list[ArgumentLine]:
    found = Argument.objects.filter(proposal=row).select_related("by", "hidden").order_by("at")
    return [_argument(one, is_inside=is_inside, may_hide=may_hide) for one in found]


def _argument(row: Argument, *, is_inside: bool, may_hide: bool) -> ArgumentLine:
    hidden = getattr(row, "hidden", None)
    return ArgumentLine(
        row.id,
        Side(row.side),
        row.words if hidden is None else "",
        row.by.full_name if is_inside else "",
        row.signed_as,
        row.at,
        hidden.reason if hidden is not None else "",
        may_hide and hidden is None,
    )


def _round(row: RuleProposal, vote: VoteRound, at: datetime, *, is_inside: bool) -> RoundLine:
    so_far = counted(row, vote)
    is_closed = vote.closes_at <= at or so_far.cast == so_far.seats or row.state not in OPEN_STATES
    ballots: Iterable[Ballot] = vote.ballots.all() if is_inside and is_closed else ()
    explained = tuple(sorted((BallotValue(b.value), b.words) for b in ballots if b.words))  # no order tells who
    return RoundLine(vote.number, vote.opened_at, vote.closes_at, is_closed, so_far, explained)


def _replay(row: RuleProposal, base: CharterVersion | None) -> ReplayLine | None:
    last = next(iter(row.replays.all()), None)
    if last is None:
        return None
    is_current = row.state in OPEN_STATES and last.base_id == (base.pk if base is not None else None)
    return ReplayLine(last.id, last.acts, last.since, last.until, last.at, is_current, sentence_of(last))


def _events(row: RuleProposal) -> Iterable[Event]:
    found = [Event("proposed", row.proposed_at)]
    found += [Event("simulated", replay.at) for replay in row.replays.all()]
    found += [Event("vote-opened", vote.opened_at, vote.number) for vote in row.rounds.all()]
    if row.decided_at is not None:
        found.append(Event(row.state, row.decided_at))
    found += [Event("reviewed", review.at) for review in row.reviews.all()]
    return sorted(found, key=lambda event: event.at)


def _steps(
    row: RuleProposal, viewer: Viewer, seat: CommitteeSeat | None, status: Status, *, is_inside: bool
) -> frozenset[str]:
    """What this reader can do with the proposal now, by the words of `Step` and `review`, `replay-read`."""
    steps: set[str] = set()
    is_open = row.state in OPEN_STATES
    may_prepare = is_inside and (viewer.has(*PREPARING_ROLES) or seat is not None)
    if is_inside and is_open:
        steps.add(Step.ARGUE.value)
    if may_prepare and is_open:
        steps.add(Step.SIMULATE.value)
        if status.standing in (Standing.TO_VOTE, Standing.NO_QUORUM) or (
            status.standing is Standing.OUTDATED and _is_replayed(row)
        ):
            steps.add(Step.OPEN_VOTE.value)
    if seat is not None and may_vote_now(row, seat, status):
        steps.add(Step.VOTE.value)
    decides = is_inside and viewer.has(*DECIDING_ROLES)
    if decides and status.standing in (Standing.TO_DECIDE, Standing.NO_QUORUM):
        steps.add(Step.DECLINE.value)
        if status.standing is Standing.TO_DECIDE and viewer.signed_in not in row.authors.all():
            steps.add(Step.ADOPT.value)
    if is_inside and is_open and viewer.signed_in in row.authors.all():
        steps.add(Step.WITHDRAW.value)
    if decides and row.state == ProposalState.ADOPTED:
        steps.add("review")
    return frozenset(steps)


def _is_replayed(row: RuleProposal) -> bool:
    last, vote = next(iter(row.replays.all()), None), next(iter(row.rounds.all()), None)
    return last is not None and vote is not None and last.at > vote.opened_at
