"""What keeps a vote and its replays fair: time to vote, no college drowned, questions that are counted."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone

from colloque.charter import actions
from colloque.charter.actions import proposing
from colloque.charter.core.proposals import BallotValue, College, ProposalKind, Seat, Side, direction_outnumbers
from colloque.charter.models import CommitteeSeat, HiddenArgument
from colloque.kernel.errors import ConflictError, InvalidInputError
from colloque.kernel.vocabulary import Role
from tests.charter.committee import DAY, SCALES, Committee, adopted, committee, proposed, replayed, voted
from tests.charter.test_proposals import STARTER, _code, _kinds
from tests.people.houses import NOW, member, two_houses

pytestmark = pytest.mark.django_db


@pytest.fixture
def founded() -> Committee:
    made = committee(two_houses().tilleuls)
    adopted(made, STARTER, at=NOW - 10 * DAY)
    return made


@pytest.mark.principle("E4")
def test_nobody_opens_and_closes_a_vote_while_others_sleep(founded: Committee) -> None:
    proposal = proposed(founded, SCALES)
    replayed(founded, proposal)
    with pytest.raises(InvalidInputError) as short:
        actions.open_vote(proposal, closes_at=NOW + timedelta(hours=23), by=founded.nurse, at=NOW)
    assert _code(short) == "vote-too-short"
    assert not proposal.rounds.exists()
    actions.open_vote(proposal, closes_at=NOW + timedelta(hours=24), by=founded.nurse, at=NOW)


@pytest.mark.principle("E4")
def test_the_direction_holds_no_more_seats_than_another_college(founded: Committee) -> None:
    first, second = (member(f"dir{n}@tilleuls.example.org", founded.house, Role.DIRECTOR) for n in range(2))
    actions.give_seat(founded.house, first, College.DIRECTION, by=founded.director, at=NOW)
    with pytest.raises(ConflictError) as refused:
        actions.give_seat(founded.house, second, College.DIRECTION, by=founded.director, at=NOW)
    assert _code(refused) == "direction-outnumbers"
    CommitteeSeat.objects.create(
        establishment=founded.house, account=second, college=College.DIRECTION, given_by=first, valid_from=NOW
    )
    proposal = proposed(founded, SCALES)
    replayed(founded, proposal)
    with pytest.raises(ConflictError) as unbalanced:
        actions.open_vote(proposal, closes_at=NOW + DAY, by=founded.nurse, at=NOW)
    assert _code(unbalanced) == "direction-outnumbers"
    assert not direction_outnumbers([])
    assert direction_outnumbers([Seat(first.id, first.id, College.DIRECTION)])


def test_replays_of_one_author_in_a_day_and_of_one_house_at_once_are_bounded(
    founded: Committee, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proposing, "MOST_A_DAY", 2)
    asked = [
        proposed(founded, SCALES.replace("no-scales", f"no-scales-{n}").replace("weight", kind))
        for n, kind in enumerate(("weight", "glucose", "cognition"))
    ]
    for proposal in asked[:2]:
        assert actions.begin_run(proposal, total=1, by=founded.nurse, at=NOW)
        replayed(founded, proposal)
        actions.end_run(proposal)
    with pytest.raises(ConflictError) as enough:
        actions.begin_run(asked[2], total=1, by=founded.nurse, at=NOW)
    assert _code(enough) == "replays-enough"
    assert actions.begin_run(asked[0], total=1, by=founded.nurse, at=NOW), "the same question again tells nothing more"
    assert actions.begin_run(asked[1], total=1, by=founded.thinker, at=NOW)
    with pytest.raises(ConflictError) as busy:
        actions.begin_run(asked[2], total=1, by=founded.thinker, at=NOW)
    assert _code(busy) == "replays-running"
    for proposal in asked[:2]:
        actions.end_run(proposal)
    assert actions.begin_run(asked[2], total=1, by=founded.nurse, at=NOW + timedelta(hours=25))


def test_an_adopted_proposal_says_what_the_charter_says_and_the_builder_comes_first(
    founded: Committee, client: Client
) -> None:
    proposal = proposed(founded, STARTER + SCALES, kind=ProposalKind.WHOLE)
    assert "Ce que la charte dirait" in client.get(f"/charter/proposals/{proposal.id}/").content.decode()
    voted(founded, proposal, *(BallotValue.YES,) * 3)
    actions.adopt(proposal, adopted_from=NOW.date(), review_on=(NOW + 300 * DAY).date(), by=founded.director, at=NOW)
    page = client.get(f"/charter/proposals/{proposal.id}/").content.decode()
    assert "Ce que la charte dit depuis le" in page
    assert "Ce que la charte dirait" not in page
    client.force_login(founded.thinker)
    text = client.get("/charter/proposals/").content.decode()
    builder, disclosed, exact = (
        text.index(words) for words in ("Proposer une règle", "Pour les juristes et les informaticiens", "en Cedar</a>")
    )
    assert builder < disclosed < exact


@pytest.mark.principle("B10")
def test_an_argument_is_hidden_with_a_public_reason_and_stays_known(founded: Committee, client: Client) -> None:
    proposal = proposed(founded, SCALES, by=founded.nurse, at=timezone.now())
    argument = actions.argue(proposal, Side.AGAINST, "Mme Zorglub est paresseuse.", by=founded.nurse, at=NOW)
    page = f"/charter/proposals/{proposal.id}/"
    assert "Zorglub" in client.get(page).content.decode()
    client.force_login(founded.nurse)
    hide = f"/charter/arguments/{argument.id}/hide/"
    assert client.get(hide).status_code == client.post(hide, {"reason": "x"}).status_code == 404
    client.force_login(founded.thinker)
    assert client.post(hide, {"reason": " "}).status_code == 422
    assert client.post(hide, {"reason": "Cet argument nomme quelqu’un."}).status_code == 302
    assert client.post(hide, {"reason": "Encore."}).status_code == 409
    client.logout()
    text = client.get(page).content.decode()
    assert "Zorglub" not in text
    assert "Cet argument nomme quelqu’un." in text
    assert "rule.argument-hidden" in _kinds()
    with pytest.raises(DatabaseError), transaction.atomic():
        HiddenArgument.objects.update(reason="autre")


@pytest.mark.principle("E4")
def test_words_of_ballots_are_not_told_in_the_order_of_votes(founded: Committee, client: Client) -> None:
    proposal = proposed(founded, SCALES)
    voted(founded, proposal)
    said = {"yes": "Milieu.", "no": "Zèbre.", "abstain": "Abricot."}
    for account, (value, words) in zip(reversed(founded.members), said.items(), strict=True):
        actions.cast_ballot(proposal, BallotValue(value), by=account, at=NOW, words=words)
    client.force_login(founded.director)
    page = client.get(f"/charter/proposals/{proposal.id}/").content.decode()
    told = sorted(said.values(), key=page.index)
    by_value = [said[value] for value in sorted(said)]
    assert told == by_value, "whoever remembers who voted first could tell who said what"
