"""The committee's vote: opened on a replay of today's charter, closed by its date."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext

from colloque.charter.access import require_may_prepare, seat_of, seats_at
from colloque.charter.actions.proposing import LONGEST_WORDS, held_for, record_step
from colloque.charter.actions.texts import digest, text_with
from colloque.charter.core.proposals import (
    SHORTEST_VOTE,
    BallotValue,
    College,
    Opinion,
    ProposalKind,
    ProposalState,
    Seat,
    Step,
    Tally,
    Voice,
    after,
    colleges_without_seat,
    direction_outnumbers,
    tally,
)
from colloque.charter.models import Ballot, CharterVersion, ReplayRecord, RuleProposal, VoteRound
from colloque.charter.queries.in_force import versions_in_force
from colloque.kernel.errors import ConflictError, InvalidInputError
from colloque.people.access import nothing_here
from colloque.people.models import Account, Establishment


@transaction.atomic
def open_vote(proposal: RuleProposal, *, closes_at: datetime, by: Account, at: datetime) -> VoteRound:
    """Put a proposal to the committee's vote, until `closes_at`. By the committee, or those who prepare its work.

    The seats that count now are those that have the vote. Raises `NotFoundError` for anybody else, `InvalidInputError` for a
    date gone by or sooner than `SHORTEST_VOTE`, and `ConflictError`: where the direction holds more seats than another college,
    without a replay on the charter in force (except a house's first charter, which has no past), while a college has no seat,
    while a vote is open, once one gave an opinion on this charter, once decided.
    """
    require_may_prepare(by, proposal.establishment, at)
    Establishment.objects.select_for_update().get(pk=proposal.establishment_id)
    held = held_for(proposal, Step.OPEN_VOTE)
    if closes_at <= at:
        raise InvalidInputError(
            gettext("Le vote doit finir plus tard qu’il ne commence."), code="dates", path="closes_at"
        )
    if closes_at < at + SHORTEST_VOTE:
        raise InvalidInputError(
            gettext(
                "Un vote dure au moins un jour et une nuit, pour que chacun ait le temps de voter. Choisissez plus tard."
            ),
            code="vote-too-short",
            path="closes_at",
        )
    seats = electorate(held.establishment_id, at)
    lacking = colleges_without_seat(seats)
    if lacking:
        raise ConflictError(
            gettext(
                "Le comité n’est pas au complet : il y faut des patients, des soignants et un penseur extérieur au soin."
            ),
            code="committee-incomplete",
        )
    if direction_outnumbers(seats):
        raise ConflictError(
            gettext("La direction a plus de sièges qu’un autre collège. Rééquilibrez le comité avant de voter."),
            code="direction-outnumbers",
        )
    base = versions_in_force(held.establishment_id, at).first()
    last = held.rounds.order_by("-number").first()
    if last is not None:
        _may_vote_again(held, last, base, at)
    text = text_with(held, base)
    replay = _replay_on(held, base, digest(text))
    if replay is None and not (held.kind == ProposalKind.WHOLE and base is None):
        raise ConflictError(
            gettext(
                "Rejouez d’abord cette proposition sur la charte d’aujourd’hui : on vote en sachant qui elle toucherait."
            ),
            code="not-simulated",
        )
    vote = VoteRound.objects.create(
        proposal=held,
        number=last.number + 1 if last else 1,
        base=base,
        replay=replay,
        opened_by=by,
        opened_at=at,
        closes_at=closes_at,
    )
    held.state = after(ProposalState(held.state), Step.OPEN_VOTE) or held.state
    held.save(update_fields=["state"])
    record_step(
        "rule.vote-opened",
        held,
        by,
        {
            "round": str(vote.id),
            "on_version": base.number if base else 0,
            "replay": str(replay.id) if replay else None,
            "closes_at": closes_at.isoformat(),
            "seats": {college.value: sum(s.college is college for s in seats) for college in College},
        },
    )
    return vote


def _may_vote_again(proposal: RuleProposal, last: VoteRound, base: CharterVersion | None, at: datetime) -> None:
    if last.base_id != (base.pk if base else None):
        return
    if last.closes_at > at:
        raise ConflictError(gettext("Le vote est déjà ouvert."), code="vote-open")
    if tally_of(last, proposal).opinion is not Opinion.NO_QUORUM:
        raise ConflictError(gettext("Le comité a donné son avis. Il reste à décider."), code="opinion-given")


def _replay_on(proposal: RuleProposal, base: CharterVersion | None, sha256: str) -> ReplayRecord | None:
    return proposal.replays.filter(base=base, cedar_sha256=sha256).order_by("-at").first()


@transaction.atomic
def cast_ballot(proposal: RuleProposal, value: BallotValue, *, by: Account, at: datetime, words: str = "") -> Ballot:
    """One seat's voice; it may be changed until the vote closes.

    Raises `NotFoundError` for whoever held no seat when the vote opened or holds it no more, `InvalidInputError` for words too
    long, `ConflictError` where no vote is open: it has closed, has not opened, or the charter has changed since.
    """
    seat = seat_of(by, proposal.establishment, at)
    if seat is None:
        raise nothing_here()
    held = held_for(proposal, Step.VOTE)
    vote = held.rounds.select_related("base").order_by("-number")[0]
    if seat.valid_from > vote.opened_at:
        raise ConflictError(
            gettext("Ce vote s’est ouvert avant votre arrivée au comité. Vous voterez au prochain."),
            code="seated-after",
        )
    if at >= vote.closes_at:
        raise ConflictError(gettext("Le vote est clos. Votre voix n’a pas été comptée."), code="vote-closed")
    current = versions_in_force(held.establishment_id, at).first()
    if vote.base_id != (current.pk if current else None):
        raise charter_changed()
    if len(words.strip()) > LONGEST_WORDS:
        raise InvalidInputError(
            gettext("Ce texte est trop long : au plus %(most)d signes.") % {"most": LONGEST_WORDS},
            code="words-too-long",
            path="words",
        )
    ballot, _ = Ballot.objects.update_or_create(
        round=vote, seat=seat, defaults={"value": value, "words": words.strip(), "at": at}
    )
    record_step("rule.voted", held, by, {"round": str(vote.id), "seat": str(seat.id), "value": value.value})
    return ballot


def charter_changed() -> ConflictError:
    """The error of a vote held on a charter that is no longer the one in force."""
    return ConflictError(
        gettext("La charte a changé depuis ce vote. Rejouez la proposition, puis votez de nouveau."),
        code="charter-changed",
    )


def electorate(establishment_id: object, at: datetime) -> list[Seat]:
    """The seats that have the vote in a round opened at a moment."""
    return [
        Seat(id=seat.id, holder=seat.account_id, college=College(seat.college))
        for seat in seats_at(establishment_id, at)  # type: ignore[arg-type]
    ]


def tally_of(vote: VoteRound, proposal: RuleProposal) -> Tally:
    """The voices of a round counted."""
    voices = [Voice(seat=ballot.seat_id, value=BallotValue(ballot.value)) for ballot in vote.ballots.all()]
    return tally(
        electorate(proposal.establishment_id, vote.opened_at),
        voices,
        set(proposal.authors.values_list("id", flat=True)),
    )
