"""The life of a rule as pure rules: voices, quorum and composition, what a proposal makes of a text."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colloque.charter.actions.texts import check_against
from colloque.charter.core.constitution import establishment_rules, packaged
from colloque.charter.core.proposals import (
    OPEN_STATES,
    REQUIRED_COLLEGES,
    TRANSITIONS,
    BallotValue,
    College,
    Opinion,
    ProposalKind,
    ProposalState,
    Seat,
    Step,
    Voice,
    after,
    amended,
    ballots_needed,
    changes_only,
    closed_by_the_constitution,
    colleges_without_seat,
    departs,
    lifts_the_constitution,
    may_be_adopted,
    may_sign,
    tally,
)
from colloque.charter.core.rules import read_rules
from colloque.charter.models import CharterVersion
from colloque.kernel.errors import ConflictError
from colloque.kernel.vocabulary import ActKind

STARTER = packaged("starter")
SCALES = (
    '@id("no-scales")\n@fr("Pas de balance.")\n@en("No scales.")\n@origin("essai")\n'
    'forbid (principal, action == Action::"weight", resource);'
)


def _seats(*colleges: College) -> list[Seat]:
    return [Seat(UUID(int=n), UUID(int=1000 + n), college) for n, college in enumerate(colleges)]


@st.composite
def votes(draw: st.DrawFn) -> tuple[list[Seat], list[Voice], set[UUID]]:
    seats = _seats(*draw(st.lists(st.sampled_from(College), max_size=12)))
    known = [seat.id for seat in seats] or [UUID(int=0)]
    ids = st.one_of(st.sampled_from(known), st.integers(500, 510).map(lambda n: UUID(int=n)))
    voices = draw(st.lists(st.builds(Voice, seat=ids, value=st.sampled_from(BallotValue)), max_size=20))
    authors = draw(st.sets(st.sampled_from([seat.holder for seat in seats] or [UUID(int=0)])))
    return seats, voices, authors


@given(votes())
def test_an_opinion_takes_a_quorum_of_seats_and_a_voice_of_each_college(
    made: tuple[list[Seat], list[Voice], set[UUID]],
) -> None:
    seats, voices, authors = made
    counted = tally(seats, voices, authors)
    last = {v.seat: v.value for v in voices if v.seat in {s.id for s in seats}}
    assert counted.cast == len(last), "one voice a seat, none from outside"
    heard = {s.college for s in seats if s.id in last}
    has_quorum = len(last) * 2 > len(seats) and len(last) >= 3 and heard >= set(REQUIRED_COLLEGES)
    assert (counted.opinion is not Opinion.NO_QUORUM) == has_quorum
    assert (counted.missing == 0) == has_quorum, "what is missing for a quorum is nothing exactly where there is one"
    if counted.opinion is Opinion.FAVOURABLE:
        assert counted.yes > counted.no
        assert any(last.get(s.id) is BallotValue.YES and s.holder not in authors for s in seats), (
            "nobody adopts alone what they wrote"
        )
    if counted.opinion is Opinion.DIVIDED:
        assert counted.yes == counted.no, "a tie is no agreement"
    assert may_be_adopted(counted.opinion) == has_quorum


@given(votes())
def test_one_more_no_never_makes_an_opinion_more_favourable(made: tuple[list[Seat], list[Voice], set[UUID]]) -> None:
    seats, voices, authors = made
    before = tally(seats, voices, authors)
    for seat in seats:
        later = tally(seats, [*voices, Voice(seat.id, BallotValue.NO)], authors)
        if before.missing == 0:
            assert later.opinion is not Opinion.FAVOURABLE or before.opinion is Opinion.FAVOURABLE
        assert later.missing <= before.missing


def test_an_abstention_takes_part_and_weighs_on_neither_side() -> None:
    seats = _seats(*REQUIRED_COLLEGES, College.DIRECTION)
    yes, no, abstain = BallotValue.YES, BallotValue.NO, BallotValue.ABSTAIN

    def opinion(*values: BallotValue) -> Opinion:
        return tally(seats, [Voice(s.id, v) for s, v in zip(seats, values, strict=False)], ()).opinion

    assert opinion(yes, abstain, abstain) is Opinion.FAVOURABLE
    assert opinion(yes, no, abstain) is Opinion.DIVIDED
    assert opinion(abstain, abstain, abstain) is Opinion.DIVIDED
    assert opinion(no, no, yes) is Opinion.UNFAVOURABLE
    assert opinion(yes, yes) is Opinion.NO_QUORUM
    without_patients = [Voice(s.id, yes) for s in seats[1:]]
    counted = tally(seats, without_patients, ())
    assert (counted.opinion, counted.absent, counted.missing) == (Opinion.NO_QUORUM, (College.PATIENTS,), 1)


def test_who_wrote_a_rule_cannot_carry_it_alone_nor_sign_it() -> None:
    seats = _seats(*REQUIRED_COLLEGES)
    voices = [Voice(seats[0].id, BallotValue.YES), *(Voice(s.id, BallotValue.ABSTAIN) for s in seats[1:])]
    assert tally(seats, voices, {seats[0].holder}).opinion is Opinion.AUTHORS_ALONE
    assert tally(seats, voices, {seats[1].holder}).opinion is Opinion.FAVOURABLE
    assert not may_sign(seats[0].holder, {seats[0].holder})
    assert may_sign(seats[1].holder, {seats[0].holder})


@pytest.mark.parametrize(("seats", "needed"), [(0, 3), (3, 3), (4, 3), (5, 3), (6, 4), (9, 5), (10, 6)])
def test_more_than_half_and_never_fewer_than_three(seats: int, needed: int) -> None:
    assert ballots_needed(seats) == needed


def test_a_committee_lacks_the_colleges_nobody_speaks_for() -> None:
    assert colleges_without_seat(_seats(College.DIRECTION, College.CARERS)) == (
        College.PATIENTS,
        College.OUTSIDE_THINKER,
    )
    assert colleges_without_seat(_seats(*REQUIRED_COLLEGES)) == ()


def test_what_ended_stays_ended_and_only_a_vote_leads_to_an_adoption() -> None:
    for state in frozenset(ProposalState) - OPEN_STATES:
        assert all(after(state, step) is None for step in Step), state
    assert {before for (before, step) in TRANSITIONS if step in (Step.ADOPT, Step.DECLINE)} == {ProposalState.VOTING}
    assert after(ProposalState.DISCUSSED, Step.ADOPT) is None


def test_going_another_way_than_the_committee_needs_a_reason() -> None:
    for opinion in Opinion:
        assert departs(Step.ADOPT, opinion) == (opinion is not Opinion.FAVOURABLE)
        assert departs(Step.DECLINE, opinion) == (opinion is not Opinion.UNFAVOURABLE)


def test_a_proposal_changes_only_its_rule() -> None:
    rules = establishment_rules(STARTER)[0]
    longer = amended(STARTER, rules, ProposalKind.NEW, "no-scales", SCALES)
    with_scales = establishment_rules(longer)[0]
    assert [r.id for r in with_scales] == [*(r.id for r in rules), "no-scales"]
    for rule in rules:
        shorter = establishment_rules(amended(STARTER, rules, ProposalKind.REPEAL, rule.id, ""))[0]
        assert [r.cedar for r in shorter] == [r.cedar for r in rules if r.id != rule.id]
        new = SCALES.replace("no-scales", rule.id)
        changed = establishment_rules(amended(STARTER, rules, ProposalKind.CHANGE, rule.id, new))[0]
        assert [r.cedar for r in changed] == [new if r.id == rule.id else r.cedar for r in rules]
    back = amended(longer, with_scales, ProposalKind.REPEAL, "no-scales", "")
    assert [r.cedar for r in establishment_rules(back)[0]] == [r.cedar for r in rules]


def test_a_rule_told_again_in_a_comment_is_not_the_rule() -> None:
    one_line = SCALES.replace("\n", " ")
    text = f"// {one_line}\n{one_line}\n"
    rules = establishment_rules(text)[0]
    assert amended(text, rules, ProposalKind.REPEAL, "no-scales", "").strip() == f"// {one_line}"


@pytest.mark.parametrize(
    ("kind", "rule_id"),
    [(ProposalKind.NEW, "robot-never-alone"), (ProposalKind.CHANGE, "no-scales"), (ProposalKind.REPEAL, "no-scales")],
)
def test_a_text_without_the_rule_cannot_lose_it_nor_gain_it_twice(kind: ProposalKind, rule_id: str) -> None:
    rules = establishment_rules(STARTER)[0]
    known = {rule.id for rule in rules}
    target = rule_id if kind is not ProposalKind.NEW else min(known)
    with pytest.raises(KeyError):
        amended(STARTER, rules, kind, target, SCALES)


@pytest.mark.principle("A12")
def test_no_permission_reaches_what_the_constitution_closes() -> None:
    assert ActKind.TREATMENT_LIMITATION in closed_by_the_constitution()
    words = '@id("limits")\n@fr("Oui.")\n@en("Yes.")\n@origin("x")\n'
    (lifting,) = read_rules(words + 'permit (principal, action == Action::"treatment-limitation", resource);')[0]
    assert lifts_the_constitution(lifting)
    assert not any(lifts_the_constitution(rule) for rule in establishment_rules(STARTER)[0])


def _one_line(rule_id: str) -> str:
    return f'@id("{rule_id}") @fr("Mots.") @en("Words.") @origin("essai") forbid (principal, action, resource);'


def test_a_change_that_swallows_the_rule_beside_it_is_seen() -> None:
    text = f"{_one_line('some')} {_one_line('other')}\n"
    rules = establishment_rules(text)[0]
    after_it = establishment_rules(amended(text, rules, ProposalKind.CHANGE, "some", f"{_one_line('some')} // so"))[0]
    assert [rule.id for rule in after_it] == ["some"]
    assert not changes_only(rules, after_it, ProposalKind.CHANGE, "some", _one_line("some"))
    assert changes_only(rules, rules, ProposalKind.CHANGE, "some", _one_line("some"))
    assert changes_only(rules, rules[1:], ProposalKind.REPEAL, "some", "")
    assert not changes_only(rules, rules, ProposalKind.REPEAL, "some", ""), "a repeal that left the rule"


@pytest.mark.parametrize("sign", ["\u2028", "\x85", "\x0c"])
def test_a_repeal_takes_the_rule_away_and_not_a_comment_that_repeats_it(sign: str) -> None:
    text = f"// {sign}\n// {_one_line('some')}\n{_one_line('some')}\n{_one_line('other')}\n"
    rules = establishment_rules(text)[0]
    left = establishment_rules(amended(text, rules, ProposalKind.REPEAL, "some", ""))[0]
    assert [rule.id for rule in left] == ["other"]


def test_such_a_change_is_refused() -> None:
    held = CharterVersion(cedar=f"{_one_line('some')} {_one_line('other')}\n")
    with pytest.raises(ConflictError) as refused:
        check_against(held, ProposalKind.CHANGE, "some", f"{_one_line('some').replace('Mots', 'Autres')} // so")
    assert refused.value.code == "touches-other-rules"
    check_against(held, ProposalKind.CHANGE, "some", _one_line("some").replace("Mots", "Autres"))


def test_no_rule_hides_behind_a_carriage_return() -> None:
    hidden = f"// nothing here\r{_one_line('hidden')}\n{_one_line('seen')}\n"
    assert [rule.id for rule in establishment_rules(hidden)[0]] == ["hidden", "seen"]
    within = _one_line("seen").replace("forbid", "// nothing\rpermit (principal, action, resource);\nforbid")
    rules, problems = establishment_rules(within)
    assert problems, f"two rules in one: {rules}"
