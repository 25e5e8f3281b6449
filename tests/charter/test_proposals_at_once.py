"""Two people at once on the same charter, with real commits: one wins, the other is told, and the ledger has it once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from colloque.charter import actions
from colloque.charter.core.proposals import BallotValue
from colloque.charter.models import Ballot, CharterVersion, RuleProposal
from colloque.charter.queries.in_force import versions_in_force
from colloque.kernel.vocabulary import Role
from colloque.ledger.models import Entry
from colloque.people.models import Account
from tests.acts.test_at_the_same_time import at_once
from tests.charter.committee import DAY, SCALES, Committee, adopted, committee, day_of, proposed, replayed, voted
from tests.charter.test_proposals import STARTER, SUGAR
from tests.people.houses import NOW, member, two_houses

pytestmark = pytest.mark.django_db(transaction=True)

YES = BallotValue.YES
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def founded(transactional_db: None) -> Committee:
    house = committee(two_houses().tilleuls)
    adopted(house, STARTER, at=NOW - 10 * DAY)
    return house


def _adopting(house: Committee, proposal: RuleProposal, by: Account) -> Callable[[], object]:
    day = day_of(house.house, LATER)
    return lambda: actions.adopt(proposal, adopted_from=day, review_on=day + DAY, by=by, at=LATER).number


def _entries(kind: str) -> int:
    return sum(f'"kind":"{kind}"'.encode() in bytes(leaf) for leaf in Entry.objects.values_list("leaf", flat=True))


def test_of_two_who_sign_the_same_proposal_one_adopts_it(founded: Committee) -> None:
    other = member("administratrice@tilleuls.example.org", founded.house, Role.ADMINISTRATOR)
    proposal = voted(founded, proposed(founded, SCALES), YES, YES, YES)
    results = at_once(_adopting(founded, proposal, founded.director), _adopting(founded, proposal, other))
    assert sorted(map(str, results)) == ["2", "proposal-adopted"]
    assert CharterVersion.objects.count() == 2
    assert _entries("rule.adopted") == 2, "the founding and this one"


@pytest.mark.principle("B11")
def test_of_two_proposals_signed_at_once_the_second_must_be_replayed_and_voted_again(founded: Committee) -> None:
    one = voted(founded, proposed(founded, SCALES), YES, YES, YES)
    two = voted(founded, proposed(founded, SUGAR), YES, YES, YES)
    results = at_once(_adopting(founded, one, founded.director), _adopting(founded, two, founded.director))
    assert sorted(map(str, results)) == ["2", "charter-changed"]
    in_force = versions_in_force(founded.house.id, LATER)[0]
    assert ("no-scales" in in_force.cedar) is not ("no-sugar" in in_force.cedar), "one of the two, never half of each"
    loser = two if results[0] == 2 else one
    voted(founded, loser, YES, YES, YES, at=LATER)
    assert _adopting(founded, loser, founded.director)() == 3


def test_a_seat_that_votes_twice_at_once_has_one_voice(founded: Committee) -> None:
    proposal = proposed(founded, SCALES)
    replayed(founded, proposal)
    actions.open_vote(proposal, closes_at=NOW + DAY, by=founded.nurse, at=NOW)

    def voting(value: BallotValue) -> Callable[[], object]:
        return lambda: actions.cast_ballot(proposal, value, by=founded.nurse, at=LATER).value

    results = at_once(voting(YES), voting(BallotValue.NO))
    assert sorted(map(str, results)) == ["no", "yes"]
    assert Ballot.objects.filter(round__proposal=proposal).count() == 1


def test_withdrawn_or_adopted_but_never_both(founded: Committee) -> None:
    proposal = voted(founded, proposed(founded, SCALES), YES, YES, YES)
    results = at_once(
        _adopting(founded, proposal, founded.director),
        lambda: actions.withdraw(proposal, by=founded.thinker, at=LATER).state,
    )
    proposal.refresh_from_db()
    expected = {"adopted": ["2", "proposal-adopted"], "withdrawn": ["proposal-withdrawn", "withdrawn"]}
    assert sorted(map(str, results)) == expected[proposal.state]


def test_a_vote_is_opened_once(founded: Committee) -> None:
    proposal = proposed(founded, SCALES)
    replayed(founded, proposal)

    def opening(by: Account) -> Callable[[], object]:
        return lambda: actions.open_vote(proposal, closes_at=NOW + DAY, by=by, at=NOW).number

    results = at_once(opening(founded.nurse), opening(founded.resident))
    assert sorted(map(str, results)) == ["1", "vote-open"]
