"""Which answer holds: a refusal always wins, and adding one never permits anything."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colloque.kernel.vocabulary import ActKind, ChoiceAnswer
from colloque.patients.core.choices import (
    CAUTION,
    StandingChoice,
    choice_that_holds,
    holding,
    overruled_by,
    standing_choice,
)

PROJECTS = [UUID(int=n) for n in (1, 2, 3)]
KINDS = [ActKind.WEIGHT, ActKind.FALL_RISK, ActKind.COMPANION]
GIVEN = [answer for answer in ChoiceAnswer if answer is not ChoiceAnswer.UNKNOWN]

choice = st.builds(
    StandingChoice,
    answer=st.sampled_from(GIVEN),
    act_kind=st.none() | st.sampled_from(KINDS),
    project=st.none() | st.sampled_from(PROJECTS),
)
choices = st.lists(choice, max_size=8)
kind, project = st.sampled_from(KINDS), st.sampled_from(PROJECTS)


def test_nothing_said_is_unknown() -> None:
    assert choice_that_holds([], ActKind.WEIGHT, PROJECTS[0]) is ChoiceAnswer.UNKNOWN


def test_the_project_speaks_before_the_kind_and_the_kind_before_all() -> None:
    everything = standing_choice("ask-each-time")
    of_kind = standing_choice("yes", "weight")
    of_project = standing_choice("with-human", "", PROJECTS[0])
    both = [everything, of_kind, of_project]
    assert choice_that_holds(both, ActKind.WEIGHT, PROJECTS[0]) is ChoiceAnswer.WITH_HUMAN
    assert choice_that_holds(both, ActKind.WEIGHT, PROJECTS[1]) is ChoiceAnswer.YES
    assert choice_that_holds(both, ActKind.COMPANION, PROJECTS[1]) is ChoiceAnswer.ASK_EACH_TIME


@pytest.mark.principle("B5")
@given(choices, kind, project)
def test_an_applicable_no_always_wins(given_choices: list[StandingChoice], k: ActKind, p: UUID) -> None:
    has_no = any(c.answer is ChoiceAnswer.NO and c.speaks_of(k, p) for c in given_choices)
    assert (choice_that_holds(given_choices, k, p) is ChoiceAnswer.NO) == has_no


@pytest.mark.principle("B5")
@given(choices, st.none() | kind, st.none() | project, kind, project)
def test_adding_a_no_never_permits(
    before: list[StandingChoice], no_kind: ActKind | None, no_project: UUID | None, k: ActKind, p: UUID
) -> None:
    refusal = StandingChoice(ChoiceAnswer.NO, no_kind, no_project)
    old, new = choice_that_holds(before, k, p), choice_that_holds([*before, refusal], k, p)
    assert new in (old, ChoiceAnswer.NO), f"{old} became {new}"


@given(choices, kind, project, st.randoms())
def test_the_order_in_which_answers_are_read_does_not_matter(
    given_choices: list[StandingChoice], k: ActKind, p: UUID, random: object
) -> None:
    shuffled = list(given_choices)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert choice_that_holds(shuffled, k, p) is choice_that_holds(given_choices, k, p)


@given(choices, kind, project)
def test_what_holds_was_said_and_speaks_of_the_act(given_choices: list[StandingChoice], k: ActKind, p: UUID) -> None:
    decides = holding(given_choices, k, p)
    applicable = [c for c in given_choices if c.speaks_of(k, p)]
    assert (decides in applicable) if applicable else decides is None
    if decides is not None and decides.answer is not ChoiceAnswer.NO:
        rivals = [c for c in applicable if c.reach == decides.reach]
        assert CAUTION[decides.answer] == max(CAUTION[c.answer] for c in rivals)


@given(choices, choice)
def test_a_person_is_told_of_each_refusal_that_stays_stronger(
    others: list[StandingChoice], fresh: StandingChoice
) -> None:
    place = (fresh.act_kind, fresh.project)
    standing = [c for c in others if (c.act_kind, c.project) != place]
    told = overruled_by(standing, fresh)
    for k in KINDS if fresh.act_kind is None else [fresh.act_kind]:
        for p in PROJECTS if fresh.project is None else [fresh.project]:
            holds = choice_that_holds([*standing, fresh], k, p)
            if told:
                assert holds is ChoiceAnswer.NO
            elif fresh.act_kind is not None and fresh.project is not None:
                assert holds is fresh.answer


def test_a_word_outside_the_vocabulary_is_not_a_choice() -> None:
    with pytest.raises(ValueError, match="maybe"):
        standing_choice("maybe")
