"""The life of a rule: who may vote on it, when enough of them have, and what may follow.

A proposal is discussed, simulated, voted by the charter committee, then adopted, declined or withdrawn. The committee's
opinion binds nobody by itself: whoever signs the decision may depart from it, in writing. Without a quorum there is no
opinion, and nothing can be adopted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import timedelta
from enum import StrEnum
from uuid import UUID

import msgspec

from colloque.charter.core.constitution import constitution
from colloque.charter.core.rules import Rule
from colloque.kernel.vocabulary import ActKind


class ProposalKind(StrEnum):
    """What a proposal would do to the charter; `whole` gives all of a charter's own rules at once, as a house's first."""

    NEW = "new"
    CHANGE = "change"
    REPEAL = "repeal"
    WHOLE = "whole"


class ProposalState(StrEnum):
    """Where a proposal stands. The last three are ends."""

    DISCUSSED = "discussed"
    VOTING = "voting"
    ADOPTED = "adopted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


OPEN_STATES = frozenset({ProposalState.DISCUSSED, ProposalState.VOTING})


class OriginKind(StrEnum):
    """Where a proposal comes from."""

    CONSULTATION = "consultation"
    LAW = "law"
    ETHICS_OPINION = "ethics-opinion"
    INCIDENT = "incident"
    OTHER = "other"


class Side(StrEnum):
    """What an argument speaks for."""

    FOR = "for"
    AGAINST = "against"


class College(StrEnum):
    """Whom a seat of the committee speaks for."""

    PATIENTS = "patients"
    CARERS = "carers"
    OUTSIDE_THINKER = "outside-thinker"
    DIRECTION = "direction"


REQUIRED_COLLEGES = (College.PATIENTS, College.CARERS, College.OUTSIDE_THINKER)
FEWEST_BALLOTS = 3
"""Fewer voices than this are no committee, whatever the number of seats."""


SHORTEST_VOTE = timedelta(days=1)
"""A vote is open for a day and a night at least, so that whoever sleeps or works the other shift is heard."""


class BallotValue(StrEnum):
    """A voice. An abstention counts as taking part, and weighs on neither side."""

    YES = "yes"
    NO = "no"
    ABSTAIN = "abstain"


class Opinion(StrEnum):
    """What the committee's voices say together."""

    NO_QUORUM = "no-quorum"
    FAVOURABLE = "favourable"
    UNFAVOURABLE = "unfavourable"
    DIVIDED = "divided"
    AUTHORS_ALONE = "authors-alone"


class Step(StrEnum):
    """What can be done with a proposal."""

    ARGUE = "argue"
    SIMULATE = "simulate"
    OPEN_VOTE = "open-vote"
    VOTE = "vote"
    ADOPT = "adopt"
    DECLINE = "decline"
    WITHDRAW = "withdraw"


_S = ProposalState
TRANSITIONS: dict[tuple[ProposalState, Step], ProposalState] = {
    (_S.DISCUSSED, Step.ARGUE): _S.DISCUSSED,
    (_S.VOTING, Step.ARGUE): _S.VOTING,
    (_S.DISCUSSED, Step.SIMULATE): _S.DISCUSSED,
    (_S.VOTING, Step.SIMULATE): _S.VOTING,
    (_S.DISCUSSED, Step.OPEN_VOTE): _S.VOTING,
    (_S.VOTING, Step.OPEN_VOTE): _S.VOTING,
    (_S.VOTING, Step.VOTE): _S.VOTING,
    (_S.VOTING, Step.ADOPT): _S.ADOPTED,
    (_S.VOTING, Step.DECLINE): _S.DECLINED,
    (_S.DISCUSSED, Step.WITHDRAW): _S.WITHDRAWN,
    (_S.VOTING, Step.WITHDRAW): _S.WITHDRAWN,
}
"""Where each step leads. A vote may open again only once one ended without a quorum, or on a charter that has changed."""


def after(state: ProposalState, step: Step) -> ProposalState | None:
    """The state a step leads to, or nothing where it cannot be taken."""
    return TRANSITIONS.get((state, step))


class Seat(msgspec.Struct, frozen=True):
    """A seat as it stood when the vote opened."""

    id: UUID
    holder: UUID
    college: College


class Voice(msgspec.Struct, frozen=True):
    """The last ballot of a seat."""

    seat: UUID
    value: BallotValue


class Tally(msgspec.Struct, frozen=True):
    """Voices counted. `needed` is how many make a quorum; `missing` how many more it takes at the least.

    `absent` are the required colleges of which nobody has voted.
    """

    seats: int
    yes: int
    no: int
    abstain: int
    needed: int
    missing: int
    absent: tuple[College, ...]
    opinion: Opinion

    @property
    def cast(self) -> int:
        """Seats that have voted."""
        return self.yes + self.no + self.abstain


def colleges_without_seat(seats: Iterable[Seat]) -> tuple[College, ...]:
    """The required colleges that nobody speaks for: as long as there is one, no vote can open."""
    present = {seat.college for seat in seats}
    return tuple(college for college in REQUIRED_COLLEGES if college not in present)


def direction_outnumbers(seats: Iterable[Seat]) -> bool:
    """Whether the direction holds more seats than some college that a quorum asks for."""
    held = Counter(seat.college for seat in seats)
    return any(held[College.DIRECTION] > held[college] for college in REQUIRED_COLLEGES)


def ballots_needed(seats: int) -> int:
    """More than half of the seats, and never fewer than `FEWEST_BALLOTS`."""
    return max(seats // 2 + 1, FEWEST_BALLOTS)


def tally(seats: Sequence[Seat], voices: Iterable[Voice], authors: Collection[UUID]) -> Tally:
    """The voices of the seats that had the vote; others, and second voices of a seat, do not count.

    An opinion takes a quorum: enough ballots, among them one of each required college. It is favourable where more say yes
    than no and one of those is not an author: nobody adopts alone what they wrote. As many yes as no is no agreement.
    """
    by_id = {seat.id: seat for seat in seats}
    counted = {voice.seat: voice.value for voice in voices if voice.seat in by_id}
    values = Counter(counted.values())
    yes, no = values[BallotValue.YES], values[BallotValue.NO]
    heard = {by_id[seat].college for seat in counted}
    absent = tuple(college for college in REQUIRED_COLLEGES if college not in heard)
    needed = ballots_needed(len(by_id))
    missing = max(needed - len(counted), len(absent), 0)
    others = any(v is BallotValue.YES and by_id[seat].holder not in authors for seat, v in counted.items())
    if missing:
        opinion = Opinion.NO_QUORUM
    elif yes > no:
        opinion = Opinion.FAVOURABLE if others else Opinion.AUTHORS_ALONE
    else:
        opinion = Opinion.UNFAVOURABLE if no > yes else Opinion.DIVIDED
    return Tally(len(by_id), yes, no, values[BallotValue.ABSTAIN], needed, missing, absent, opinion)


def departs(step: Step, opinion: Opinion) -> bool:
    """Whether a decision goes another way than the committee's opinion, and so needs a signed reason."""
    return opinion is not (Opinion.FAVOURABLE if step is Step.ADOPT else Opinion.UNFAVOURABLE)


def may_be_adopted(opinion: Opinion) -> bool:
    """Whether anything can be adopted on such a vote, with or without a reason: never without a quorum."""
    return opinion is not Opinion.NO_QUORUM


def may_sign(signer: UUID, authors: Collection[UUID]) -> bool:
    """Whether somebody may sign the adoption: not what they wrote themselves."""
    return signer not in authors


def amended(cedar: str, rules: Sequence[Rule], kind: ProposalKind, rule_id: str, rule_cedar: str) -> str:
    """A charter's text once a proposal is carried into it; `rules` are those of `cedar`, read from it.

    Raises `KeyError` where the rule to change or repeal is not in the text, or the new one already is.
    """
    if kind is ProposalKind.WHOLE:
        return rule_cedar
    held = {rule.id: rule for rule in rules}
    if (rule_id in held) is (kind is ProposalKind.NEW):
        raise KeyError(rule_id)
    if kind is ProposalKind.NEW:
        return f"{cedar.rstrip()}\n\n{rule_cedar.strip()}\n".lstrip("\n")
    rule = held[rule_id]
    line_start = sum(len(line) + 1 for line in cedar.split("\n")[: rule.line - 1])
    begin = cedar.index(rule.cedar, line_start)
    end = begin + len(rule.cedar)
    if kind is ProposalKind.CHANGE:
        return cedar[:begin] + rule_cedar.strip() + cedar[end:]
    return f"{cedar[:begin].rstrip()}\n\n{cedar[end:].lstrip()}".strip() + "\n"


def changes_only(before: Sequence[Rule], after: Sequence[Rule], kind: ProposalKind, rule_id: str, cedar: str) -> bool:
    """Whether the rules after a proposal are those before it, save the one of this id: now `cedar`, or gone once repealed.

    A text can be laid out so that a change swallows the rule beside it, or a repeal takes a comment away and not the rule.
    """
    expected = {rule.id: rule.cedar for rule in before if rule.id != rule_id}
    if kind is not ProposalKind.REPEAL:
        expected[rule_id] = cedar
    return expected == {rule.id: rule.cedar for rule in after}


def closed_by_the_constitution() -> frozenset[ActKind]:
    """Kinds of act that the constitution closes whatever the facts: no permission reaches them."""
    closing = (rule for rule in constitution() if rule.effect == "forbid" and rule.asks is None)
    return frozenset(kind for rule in closing if rule.is_unconditional for kind in rule.acts)


def lifts_the_constitution(rule: Rule) -> bool:
    """Whether a rule would only permit what the constitution closes for good."""
    return rule.effect == "permit" and rule.acts <= closed_by_the_constitution()
