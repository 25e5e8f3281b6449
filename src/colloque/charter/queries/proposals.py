"""Proposals as pages show them: where each stands in words, what was argued, what was voted, and what awaits whom."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Prefetch, QuerySet

from colloque.charter.access import DECIDING_ROLES, MODERATING_ROLES, PREPARING_ROLES, seat_in, seats_at
from colloque.charter.core.constitution import establishment_rules
from colloque.charter.core.proposals import (
    OPEN_STATES,
    BallotValue,
    College,
    Opinion,
    OriginKind,
    ProposalKind,
    ProposalState,
    Seat,
    Side,
    Step,
    Tally,
    Voice,
    colleges_without_seat,
    tally,
)
from colloque.charter.core.rules import Rule, split_words
from colloque.charter.models import (
    Argument,
    Ballot,
    CharterVersion,
    CommitteeSeat,
    Departure,
    ReplayRecord,
    RuleProposal,
    RuleReview,
    VoteRound,
)
from colloque.charter.queries.builder import said_in_consultation
from colloque.charter.queries.compare import DifferenceLine, difference_lines
from colloque.charter.queries.in_force import versions_in_force
from colloque.people.access import Viewer, current_memberships
from colloque.people.models import Establishment


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
    """One proposal, whole. `before` and `after` are the rule's words and Cedar; empty where there is none."""

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
    statement_url: str
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


@dataclass(frozen=True)
class SeatLine:
    """A seat and who holds it."""

    id: UUID
    name: str
    college: College
    since: datetime
    until: datetime | None


@dataclass(frozen=True)
class CommitteePage:
    """Who sits, who sat, and which colleges nobody speaks for."""

    house: Establishment
    seats: tuple[SeatLine, ...]
    past: tuple[SeatLine, ...]
    lacking: tuple[College, ...]


@dataclass(frozen=True)
class Awaiting:
    """Something of the charter that waits for the viewer: `vote`, `decide` or `review`."""

    what: str
    proposal: UUID
    title: str
    since: datetime


def title_of(proposal: RuleProposal, language: str) -> str:
    """What a proposal is called: the first sentence of its words; nothing for a whole charter without words."""
    words = proposal.words_en if language == "en" else proposal.words_fr
    return split_words(words)[0]


def _with_votes(found: QuerySet[RuleProposal]) -> QuerySet[RuleProposal]:
    rounds = VoteRound.objects.order_by("-number").prefetch_related("ballots__seat")
    return found.select_related("version").prefetch_related(
        Prefetch("rounds", queryset=rounds),
        Prefetch("replays", queryset=ReplayRecord.objects.defer("report").order_by("-at")),
        "authors",
    )


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


def proposals_page(viewer: Viewer, at: datetime, language: str) -> ProposalsPage:
    """The proposals of the viewer's house. Raises as `Viewer.house`."""
    house = viewer.house
    base = versions_in_force(house.id, at).first()
    seat = seat_in(viewer, at)
    rows = list(_with_votes(RuleProposal.objects.filter(establishment=house)).order_by("-proposed_at"))
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
    rows = _with_votes(RuleProposal.objects.filter(establishment=house, state__in=OPEN_STATES)).order_by("-proposed_at")
    return tuple(_line(row, base, None, at, language) for row in rows)


def _line(
    row: RuleProposal, base: CharterVersion | None, seat: CommitteeSeat | None, at: datetime, language: str
) -> ProposalLine:
    status = status_of(row, base, at)
    ballot = _own_ballot(row, seat)
    may_vote = seat is not None and _may_vote(row, seat, status)
    return ProposalLine(row.id, ProposalKind(row.kind), title_of(row, language), status, ballot is not None, may_vote)


def _own_ballot(row: RuleProposal, seat: CommitteeSeat | None) -> BallotValue | None:
    vote = next(iter(row.rounds.all()), None)
    if seat is None or vote is None:
        return None
    return next((BallotValue(b.value) for b in vote.ballots.all() if b.seat_id == seat.id), None)


def _may_vote(row: RuleProposal, seat: CommitteeSeat, status: Status) -> bool:
    vote = next(iter(row.rounds.all()), None)
    is_open = status.standing in (Standing.VOICES, Standing.VOTING)
    return vote is not None and is_open and seat.valid_from <= vote.opened_at


@dataclass(frozen=True)
class Debate:
    """A proposal that made, changed or repealed a rule, in numbers anybody may read."""

    line: ProposalLine
    arguments_for: int
    arguments_against: int
    counted: Tally | None
    departs: bool


def debates_of(house: Establishment, rule_id: str, at: datetime, language: str) -> tuple[Debate, ...]:
    """What was debated about a rule, the latest first. Votes still open are not counted."""
    base = versions_in_force(house.id, at).first()
    rows = _with_votes(RuleProposal.objects.filter(establishment=house, rule_id=rule_id)).order_by("-proposed_at")
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


def people_to_seat(house: Establishment, at: datetime) -> list[tuple[str, str]]:
    """The people of a house who hold no seat now: id and name with roles' words left to the page."""
    seated = seats_at(house.id, at).values_list("account_id", flat=True)
    found = (
        current_memberships(at)
        .filter(establishment=house)
        .exclude(account__in=seated)
        .values_list("account_id", "account__given_name", "account__family_name")
        .order_by("account__family_name", "account__given_name")
        .distinct()
    )
    return [(str(account), f"{given} {family}".strip()) for account, given, family in found]


def proposal_page(proposal: RuleProposal, viewer: Viewer, at: datetime, language: str) -> ProposalPage:
    """One proposal for whoever reads it; names are shown to the house only."""
    row = _with_votes(RuleProposal.objects.filter(pk=proposal.pk).select_related("establishment")).get()
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
    said = said_in_consultation(house, row.statement) if row.statement is not None else None
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
        statement_url=said.url if said is not None else "",
        status=status,
        authors=tuple(author.full_name for author in row.authors.all()) if is_inside else (),
        arguments_for=tuple(one for one in arguments if one.side is Side.FOR),
        arguments_against=tuple(one for one in arguments if one.side is Side.AGAINST),
        replay=_replay(row, base, language),
        rounds=rounds,
        departure=Departure.objects.filter(proposal=row).select_related("by").first(),
        reviews=tuple(row.reviews.select_related("by").order_by("at")),
        events=tuple(_events(row)),
        steps=_steps(row, viewer, seat, status, is_inside=is_inside),
        is_inside=is_inside,
        is_open=row.state in OPEN_STATES,
        wrote_it=viewer.signed_in in row.authors.all(),
        own_ballot=_own_ballot(row, seat),
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
    explained = tuple((BallotValue(b.value), b.words) for b in ballots if b.words)
    return RoundLine(vote.number, vote.opened_at, vote.closes_at, is_closed, so_far, explained)


def _replay(row: RuleProposal, base: CharterVersion | None, language: str) -> ReplayLine | None:
    last = next(iter(row.replays.all()), None)
    if last is None:
        return None
    is_current = row.state in OPEN_STATES and last.base_id == (base.pk if base is not None else None)
    said = last.report.get("sentence", {}) if isinstance(last.report, dict) else {}
    return ReplayLine(last.id, last.acts, last.since, last.until, last.at, is_current, str(said.get(language, "")))


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
    if seat is not None and _may_vote(row, seat, status):
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


def committee_page(house: Establishment, at: datetime) -> CommitteePage:
    """Who sits in a house's committee."""
    rows = CommitteeSeat.objects.filter(establishment=house).select_related("account").order_by("college", "valid_from")
    now = [row for row in rows if row.valid_from <= at and (row.valid_until is None or row.valid_until > at)]
    past = [row for row in rows if row.valid_until is not None and row.valid_until <= at]
    seats = [Seat(row.id, row.account_id, College(row.college)) for row in now]
    return CommitteePage(house, tuple(map(_seat, now)), tuple(map(_seat, past)), colleges_without_seat(seats))


def _seat(row: CommitteeSeat) -> SeatLine:
    return SeatLine(row.id, row.account.full_name, College(row.college), row.valid_from, row.valid_until)


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
    for row in _with_votes(voting).order_by("proposed_at"):
        status, title = status_of(row, base, at), title_of(row, language)
        if seat is not None and _may_vote(row, seat, status) and _own_ballot(row, seat) is None:
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
