"""The life of a rule in the database: each step, who may take it, what is refused, and what the ledger keeps."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction

from colloque.charter import actions
from colloque.charter.core.constitution import packaged
from colloque.charter.core.problems import InvalidCharterError
from colloque.charter.core.proposals import BallotValue, College, OriginKind, ProposalKind, ProposalState, Side
from colloque.charter.models import Argument, CharterVersion, CommitteeSeat, Departure, RuleProposal
from colloque.charter.queries import charter_in_force
from colloque.charter.queries.in_force import id_in_force
from colloque.kernel.errors import ConflictError, InvalidInputError, NotAllowedError, NotFoundError
from colloque.kernel.vocabulary import ActKind, Role
from colloque.ledger.models import Entry
from colloque.people.models import Establishment
from tests.charter.acts import act
from tests.charter.committee import DAY, SCALES, Committee, adopted, committee, day_of, proposed, replayed, voted
from tests.people.houses import NOW, member, two_houses

pytestmark = pytest.mark.django_db

STARTER = packaged("starter")
YES, NO, ABSTAIN = BallotValue.YES, BallotValue.NO, BallotValue.ABSTAIN
SUGAR = SCALES.replace("no-scales", "no-sugar").replace("weight", "glucose")


@pytest.fixture
def house() -> Committee:
    return committee(two_houses().tilleuls)


@pytest.fixture
def founded(house: Committee) -> Committee:
    adopted(house, STARTER, at=NOW - 10 * DAY, preamble="Débattue en mars.")
    return house


def _sign(house: Committee, proposal: RuleProposal, *, days: int = 0, **more: object) -> CharterVersion:
    today = day_of(house.house, NOW)
    given = {"adopted_from": today + days * DAY, "review_on": today + 400 * DAY, "by": house.director, **more}
    return actions.adopt(proposal, at=NOW + timedelta(minutes=5), **given)  # type: ignore[arg-type]


def _code(error: pytest.ExceptionInfo[Exception]) -> str:
    return str(getattr(error.value, "code", ""))


def _kinds() -> list[str]:
    return [
        bytes(leaf).decode().split('"kind":"')[1].split('"')[0] for leaf in Entry.objects.values_list("leaf", flat=True)
    ]


@pytest.mark.principle("B10")
def test_a_rule_from_a_proposal_to_the_next_act(founded: Committee) -> None:
    before = Entry.objects.count()
    assert charter_in_force(founded.house.id).decide(act(ActKind.WEIGHT)).is_permitted
    proposal = proposed(founded, SCALES, origin=OriginKind.CONSULTATION, statement=uuid4())
    actions.argue(proposal, Side.FOR, "La balance n’écoute pas.", by=founded.resident, at=NOW)
    actions.argue(proposal, Side.AGAINST, "Elle nous alerte.", by=founded.nurse, at=NOW)
    voted(founded, proposal, YES, YES, NO)
    assert charter_in_force(founded.house.id).decide(act(ActKind.WEIGHT)).is_permitted, (
        "a vote decides nothing by itself"
    )
    version = _sign(founded, proposal)
    verdict = charter_in_force(founded.house.id).decide(act(ActKind.WEIGHT))
    assert (verdict.rules, verdict.charter) == (("no-scales",), 2)
    assert version.preamble == "Débattue en mars."
    proposal.refresh_from_db()
    assert (proposal.state, proposal.version, proposal.words_en) == (
        ProposalState.ADOPTED,
        version,
        "No scales. We look at the person.",
    )
    assert [a.signed_as for a in Argument.objects.order_by("side")] == ["carers", "patients"]
    assert _kinds()[before:] == [
        "rule.proposed",
        "rule.argued",
        "rule.argued",
        "rule.simulated",
        "rule.vote-opened",
        "rule.voted",
        "rule.voted",
        "rule.voted",
        "charter.adopted",
        "rule.adopted",
    ]


def test_the_first_charter_of_a_house_takes_the_same_committee(house: Committee) -> None:
    proposal = proposed(house, STARTER, kind=ProposalKind.WHOLE)
    with pytest.raises(ConflictError) as refused:
        _sign(house, proposal)
    assert _code(refused) == "proposal-discussed", "a director alone founds nothing"
    voted(house, proposal, YES, YES)
    with pytest.raises(ConflictError) as refused:
        actions.adopt(
            proposal,
            adopted_from=day_of(house.house, NOW) + 3 * DAY,
            review_on=day_of(house.house, NOW) + 9 * DAY,
            by=house.director,
            at=NOW + 2 * DAY,
        )
    assert _code(refused) == "no-quorum"
    actions.open_vote(proposal, closes_at=NOW + 9 * DAY, by=house.nurse, at=NOW + 3 * DAY)
    for account in house.members:
        actions.cast_ballot(proposal, YES, by=account, at=NOW + 4 * DAY)
    day = day_of(house.house, NOW + 4 * DAY)
    version = actions.adopt(proposal, adopted_from=day, review_on=day + DAY, by=house.director, at=NOW + 4 * DAY)
    assert (version.number, version.cedar) == (1, STARTER)


@pytest.mark.principle("B11")
def test_nothing_is_voted_before_it_was_replayed_on_the_charter_of_today(founded: Committee) -> None:
    proposal, other = proposed(founded, SCALES), proposed(founded, SUGAR)
    with pytest.raises(ConflictError) as refused:
        actions.open_vote(proposal, closes_at=NOW + DAY, by=founded.nurse, at=NOW)
    assert _code(refused) == "not-simulated"
    replayed(founded, proposal)
    _sign(founded, voted(founded, other, YES, YES, YES))
    with pytest.raises(ConflictError) as refused:
        actions.open_vote(proposal, closes_at=NOW + 2 * DAY, by=founded.nurse, at=NOW + timedelta(hours=1))
    assert _code(refused) == "not-simulated", "the replay was on a charter that is no longer in force"


def test_a_vote_held_on_an_older_charter_counts_for_nothing(founded: Committee) -> None:
    proposal, other = proposed(founded, SCALES), proposed(founded, SUGAR)
    voted(founded, proposal, YES, YES)
    _sign(founded, voted(founded, other, YES, YES, YES))
    late = NOW + timedelta(hours=1)
    with pytest.raises(ConflictError) as refused:
        actions.cast_ballot(proposal, YES, by=founded.thinker, at=late)
    assert _code(refused) == "charter-changed"
    today = day_of(founded.house, NOW)
    with pytest.raises(ConflictError) as refused:
        actions.adopt(
            proposal, adopted_from=today + 2 * DAY, review_on=today + 9 * DAY, by=founded.director, at=NOW + 2 * DAY
        )
    assert _code(refused) == "no-quorum"
    voted(founded, proposal, YES, YES, YES, at=late)
    day = day_of(founded.house, late)
    version = actions.adopt(proposal, adopted_from=day, review_on=day + DAY, by=founded.director, at=late)
    assert [rule.id for rule in charter_in_force(founded.house.id).rules][-2:] == ["no-sugar", "no-scales"]
    assert version.number == 3
    assert proposal.rounds.count() == 2


def test_a_date_to_come_takes_effect_on_that_day_with_nobody_present(founded: Committee) -> None:
    version = _sign(founded, voted(founded, proposed(founded, SCALES), YES, YES, YES), days=30)
    assert version.applies_from is not None
    house, moment = founded.house.id, version.applies_from
    assert moment.isoformat() == "2026-04-01T00:00:00+02:00", "midnight in the house"
    first = id_in_force(house, moment - timedelta(seconds=1))
    assert first != version.pk
    assert id_in_force(house, moment) == version.pk
    sooner = _sign(founded, voted(founded, proposed(founded, SUGAR), YES, YES, YES), days=0)
    assert id_in_force(house, moment - timedelta(seconds=1)) == sooner.pk
    then = charter_in_force(house, moment)
    assert [rule.id for rule in then.rules][-2:] == ["no-scales", "no-sugar"], (
        "what comes later carries what came sooner"
    )
    assert then.number == 4


def test_what_is_scheduled_is_not_undone_by_what_is_decided_meanwhile(founded: Committee) -> None:
    change = SCALES.replace("On regarde", "Nous regardons")
    _sign(founded, voted(founded, proposed(founded, SCALES), YES, YES, YES), days=30)
    with pytest.raises(ConflictError) as refused:
        _sign(founded, voted(founded, proposed(founded, SUGAR), YES, YES, YES), days=60)
    assert _code(refused) == "version-scheduled"
    with pytest.raises(ConflictError) as refused:
        _sign(founded, voted(founded, proposed(founded, change), YES, YES, YES), days=3)
    assert _code(refused) == "rule-scheduled"


def test_a_rule_is_changed_then_repealed_and_its_words_stay(founded: Committee) -> None:
    _sign(founded, voted(founded, proposed(founded, SCALES), YES, YES, YES))
    changed = proposed(founded, SCALES.replace("On regarde", "Nous regardons"), kind=ProposalKind.CHANGE, at=NOW + DAY)
    voted(founded, changed, YES, YES, YES, at=NOW + DAY)
    day = day_of(founded.house, NOW) + DAY
    actions.adopt(changed, adopted_from=day, review_on=day + DAY, by=founded.director, at=NOW + DAY)
    repeal = proposed(founded, "", kind=ProposalKind.REPEAL, rule_id="no-scales", at=NOW + DAY)
    assert "Nous regardons" in repeal.words_fr
    voted(founded, repeal, YES, YES, YES, at=NOW + DAY)
    version = actions.adopt(repeal, adopted_from=day, review_on=day + DAY, by=founded.director, at=NOW + DAY)
    assert version.cedar == STARTER


@pytest.mark.parametrize(
    ("kind", "cedar", "rule_id", "code"),
    [
        (ProposalKind.NEW, SCALES.replace("no-scales", "robot-never-alone"), "", "rule-exists"),
        (ProposalKind.CHANGE, SCALES, "", "rule-unknown"),
        (ProposalKind.REPEAL, "", "no-scales", "rule-unknown"),
        (ProposalKind.NEW, SCALES + SUGAR, "", "several-rules"),
        (ProposalKind.NEW, "// rien", "", "charter-empty"),
        (ProposalKind.NEW, SCALES.replace("weight", "wieght"), "", "invalid-charter"),
        (ProposalKind.NEW, SCALES.replace("no-scales", "fundamental-ethics"), "", "invalid-charter"),
        (ProposalKind.CHANGE, SCALES.replace("no-scales", "fundamental-ethics"), "", "invalid-charter"),
        (ProposalKind.REPEAL, "", "fundamental-ethics", "rule-unknown"),
        (
            ProposalKind.NEW,
            SCALES.replace("forbid", "permit").replace("weight", "treatment-limitation"),
            "",
            "lifts-the-constitution",
        ),
        (ProposalKind.NEW, SCALES.replace('@en("No scales. We look at the person.")\n', ""), "", "invalid-charter"),
        (ProposalKind.WHOLE, STARTER, "", "charter-unchanged"),
    ],
)
def test_what_cannot_be_a_proposal_is_refused_with_its_reason(
    founded: Committee, kind: ProposalKind, cedar: str, rule_id: str, code: str
) -> None:
    held = "robot-never-alone"
    if code == "rule-exists":
        cedar = SCALES.replace("no-scales", charter_in_force(founded.house.id).rules[-1].id)
    with pytest.raises((ConflictError, InvalidInputError, InvalidCharterError)) as refused:
        proposed(founded, cedar, kind=kind, rule_id=rule_id)
    assert _code(refused) == code, (held, refused.value)
    assert not RuleProposal.objects.exclude(kind=ProposalKind.WHOLE).exists()


def test_ten_thousand_rules_are_told_to_be_too_many(founded: Committee) -> None:
    many = "".join(SCALES.replace("no-scales", f"no-scales-{n}") for n in range(10_000))
    with pytest.raises(InvalidCharterError) as refused:
        proposed(founded, many, kind=ProposalKind.WHOLE)
    assert refused.value.problems[0].code == "too-long"


@pytest.mark.principle("E4")
def test_without_a_quorum_or_a_college_nothing_is_adopted(founded: Committee) -> None:
    proposal = voted(founded, proposed(founded, SCALES), YES, YES)
    with pytest.raises(ConflictError) as refused:
        _sign(founded, proposal)
    assert _code(refused) == "vote-open", "the vote runs until its date while somebody may still vote"
    today = day_of(founded.house, NOW)
    with pytest.raises(ConflictError) as refused:
        actions.adopt(
            proposal,
            adopted_from=today + 2 * DAY,
            review_on=today + 9 * DAY,
            by=founded.director,
            at=NOW + 2 * DAY,
            reason="Je le veux.",
        )
    assert _code(refused) == "no-quorum", "no reason stands in for a quorum"
    assert charter_in_force(founded.house.id).number == 1


def test_a_committee_without_a_college_cannot_vote(founded: Committee) -> None:
    proposal = proposed(founded, SCALES)
    replayed(founded, proposal)
    seat = CommitteeSeat.objects.get(account=founded.thinker)
    actions.end_seat(seat, by=founded.director, at=NOW)
    with pytest.raises(ConflictError) as refused:
        actions.open_vote(proposal, closes_at=NOW + 2 * DAY, by=founded.nurse, at=NOW + timedelta(minutes=1))
    assert _code(refused) == "committee-incomplete"


def test_nobody_adopts_what_they_wrote(founded: Committee) -> None:
    written = proposed(founded, SCALES, by=founded.director)
    voted(founded, written, YES, YES, YES)
    with pytest.raises(NotAllowedError) as refused:
        _sign(founded, written)
    assert _code(refused) == "own-rule"
    other = member("autre@tilleuls.example.org", founded.house, Role.ADMINISTRATOR)
    assert _sign(founded, written, by=other).adopted_by == other
    alone = voted(founded, proposed(founded, SUGAR), ABSTAIN, ABSTAIN, YES)
    with pytest.raises(InvalidInputError) as missing:
        _sign(founded, alone)
    assert _code(missing) == "reason-missing", "only its author said yes: that is no favourable opinion"


def test_departing_from_the_committee_takes_a_signed_reason(founded: Committee) -> None:
    against = voted(founded, proposed(founded, SCALES), NO, NO, YES)
    with pytest.raises(InvalidInputError) as refused:
        _sign(founded, against, reason="   ")
    assert _code(refused) == "reason-missing"
    _sign(founded, against, reason="L’incident de mardi ne laisse pas le choix.")
    departure = Departure.objects.get()
    assert (departure.opinion, departure.decision, departure.by) == ("unfavourable", "adopt", founded.director)
    assert "rule.departed" in _kinds()
    favourable = voted(founded, proposed(founded, SUGAR), YES, YES, YES)
    with pytest.raises(InvalidInputError):
        actions.decline(favourable, by=founded.director, at=NOW + timedelta(minutes=9))
    actions.decline(favourable, by=founded.director, at=NOW + timedelta(minutes=9), reason="Nous en reparlons en mai.")
    favourable.refresh_from_db()
    assert favourable.state == ProposalState.DECLINED
    with pytest.raises(DatabaseError), transaction.atomic():
        Departure.objects.update(reason="autre chose")


def test_a_late_ballot_is_refused_and_an_early_one_may_change(founded: Committee) -> None:
    proposal = voted(founded, proposed(founded, SCALES), YES)
    actions.cast_ballot(proposal, NO, by=founded.resident, at=NOW + timedelta(hours=2))
    assert proposal.rounds.get().ballots.get().value == "no"
    with pytest.raises(ConflictError) as refused:
        actions.cast_ballot(proposal, YES, by=founded.nurse, at=NOW + DAY)
    assert _code(refused) == "vote-closed"


def test_whoever_came_after_the_opening_votes_next_time_and_whoever_left_votes_no_more(founded: Committee) -> None:
    proposal = voted(founded, proposed(founded, SCALES), YES)
    later = NOW + timedelta(hours=1)
    new = member("nouvelle@tilleuls.example.org", founded.house, Role.CARER)
    actions.give_seat(founded.house, new, College.CARERS, by=founded.director, at=later)
    with pytest.raises(ConflictError) as refused:
        actions.cast_ballot(proposal, YES, by=new, at=later + timedelta(minutes=1))
    assert _code(refused) == "seated-after"
    actions.end_seat(CommitteeSeat.objects.get(account=founded.nurse), by=founded.director, at=later)
    with pytest.raises(NotFoundError):
        actions.cast_ballot(proposal, YES, by=founded.nurse, at=later + timedelta(minutes=1))


def test_seats_are_for_those_they_are_named_after(house: Committee) -> None:
    nurse = member("soignante@tilleuls.example.org", house.house, Role.CARER)
    for college, code in (
        (College.PATIENTS, "not-of-the-college"),
        (College.OUTSIDE_THINKER, "not-of-the-college"),
        (College.DIRECTION, "not-of-the-college"),
    ):
        with pytest.raises(InvalidInputError) as refused:
            actions.give_seat(house.house, nurse, college, by=house.director, at=NOW)
        assert _code(refused) == code
    member("", house.house, Role.ETHICS_MEMBER, account=nurse)
    with pytest.raises(InvalidInputError) as refused:
        actions.give_seat(house.house, nurse, College.OUTSIDE_THINKER, by=house.director, at=NOW)
    assert _code(refused) == "not-from-outside", "whoever gives care does not think from outside care"
    actions.give_seat(house.house, nurse, College.CARERS, by=house.director, at=NOW)
    with pytest.raises(ConflictError):
        actions.give_seat(house.house, nurse, College.CARERS, by=house.director, at=NOW)


def test_what_one_is_not_named_for_does_not_exist(founded: Committee) -> None:
    carer = member("soignante@tilleuls.example.org", founded.house, Role.CARER)
    stranger = committee(Establishment.objects.exclude(pk=founded.house.pk).get())
    proposal = proposed(founded, SCALES)
    replayed(founded, proposal)
    for attempt in (
        lambda: proposed(founded, SUGAR, by=carer),
        lambda: proposed(founded, SUGAR, by=stranger.thinker),
        lambda: actions.argue(proposal, Side.FOR, "Oui.", by=stranger.nurse, at=NOW),
        lambda: actions.open_vote(proposal, closes_at=NOW + DAY, by=carer, at=NOW),
        lambda: actions.give_seat(founded.house, carer, College.CARERS, by=founded.nurse, at=NOW),
        lambda: actions.withdraw(proposal, by=founded.director, at=NOW),
    ):
        with pytest.raises(NotFoundError):
            attempt()
    voted(founded, proposal, YES, YES, YES)
    for by in (carer, founded.nurse, stranger.director):
        with pytest.raises(NotFoundError):
            actions.cast_ballot(proposal, YES, by=by, at=NOW) if by is not founded.nurse else _sign(
                founded, proposal, by=by
            )
    actions.withdraw(proposal, by=founded.thinker, at=NOW)
    with pytest.raises(ConflictError) as refused:
        _sign(founded, proposal)
    assert _code(refused) == "proposal-withdrawn"


def test_dates_gone_by_are_refused(founded: Committee) -> None:
    proposal = voted(founded, proposed(founded, SCALES), YES, YES, YES)
    for more in ({"days": -1}, {"review_on": day_of(founded.house, NOW)}):
        with pytest.raises(InvalidInputError) as refused:
            _sign(founded, proposal, **more)
        assert _code(refused) == "dates"


def test_a_review_keeps_the_rule_until_the_next(founded: Committee) -> None:
    proposal = proposed(founded, SCALES)
    with pytest.raises(ConflictError):
        actions.review(
            proposal, "Rien à dire.", next_review_on=day_of(founded.house, NOW) + DAY, by=founded.director, at=NOW
        )
    _sign(founded, voted(founded, proposal, YES, YES, YES))
    later = NOW + 400 * DAY
    actions.review(
        proposal,
        "Personne ne s’en plaint.",
        next_review_on=day_of(founded.house, later) + DAY,
        by=founded.director,
        at=later,
    )
    proposal.refresh_from_db()
    assert proposal.review_on == day_of(founded.house, later) + DAY
