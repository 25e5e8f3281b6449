"""What the builder writes it reads back; what it writes decides as its sentence says."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings

from colloque.charter.core.builder import from_cedar, to_cedar
from colloque.charter.core.constitution import constitution, establishment_rules, packaged
from colloque.charter.core.draft import Bounds, Condition, Draft, Effect, Flaw, flaws
from colloque.charter.core.engine import Charter
from colloque.charter.core.facts import Facts
from colloque.charter.core.rules import Rule, read_rules
from colloque.kernel.vocabulary import ActKind, ChoiceAnswer, Profession, Requirement, Situation, VerdictKind
from tests.charter.acts import act
from tests.charter.drafts import ORIGIN, WORDS, applies, drafts
from tests.charter.strategies import facts, rule_texts

(EVERYTHING_PERMITTED,) = read_rules(
    '@id("open") @fr("Ouvert.") @en("Open.") @origin("essai") permit (principal, action, resource);'
)[0]


def rule_of(draft: Draft) -> Rule:
    rules, problems = establishment_rules(to_cedar(draft))
    assert not problems, (to_cedar(draft), [problem.words("en") for problem in problems])
    return rules[0]


def touched(rule: Rule, known: Facts) -> bool:
    verdict = Charter(1, [EVERYTHING_PERMITTED, rule] if rule.effect == "forbid" else [rule]).decide(known)
    expected = VerdictKind.REFUSED if rule.asks is None else VerdictKind.ASKS
    if rule.effect == "permit":
        return verdict.kind is VerdictKind.PERMITTED
    assert verdict.kind in {VerdictKind.PERMITTED, expected}
    return verdict.kind is expected


@settings(max_examples=300, deadline=None)
@given(drafts())
def test_what_the_builder_writes_it_reads_back(draft: Draft) -> None:
    assert from_cedar(rule_of(draft)) == draft, to_cedar(draft)


@settings(max_examples=300, deadline=None)
@given(drafts(), facts(), facts())
def test_what_the_builder_writes_decides_as_it_says(draft: Draft, known: Facts, other: Facts) -> None:
    rule = rule_of(draft)
    for one in (known, other):
        assert touched(rule, one) is applies(draft, one), to_cedar(draft)


@settings(max_examples=400, deadline=None)
@given(rule_texts(), facts())
def test_a_rule_written_by_hand_is_shown_only_where_the_draft_decides_alike(text: str, known: Facts) -> None:
    rules, _ = read_rules(text)
    draft = from_cedar(rules[0]) if rules else None
    if draft is not None:
        assert touched(rules[0], known) is applies(draft, known), rules[0].cedar


def test_every_rule_of_the_charter_to_start_from_can_be_shown() -> None:
    for text in ("starter", "options"):
        rules, _ = establishment_rules(packaged(text))
        assert [rule.id for rule in rules if from_cedar(rule) is None] == []


def test_of_the_constitution_what_speaks_of_projects_and_carers_is_left_as_text() -> None:
    left = {rule.id for rule in constitution() if from_cedar(rule) is None}
    assert left == {"project-live", "act-declared", "human-answerable", "carer-trained", "ai-outage"}


@pytest.mark.parametrize("text", ["starter", "options"])
def test_a_rule_read_and_written_again_decides_the_same(text: str) -> None:
    for rule in establishment_rules(packaged(text))[0]:
        draft = from_cedar(rule)
        assert draft is not None
        again = rule_of(draft)
        for known in (
            act(ActKind.COMPANION, moment__hour=21),
            act(ActKind.TELECONSULTATION, person__age=80, presence__attested_by=None),
            act(person__age=None, person__situations=None, person__choice=ChoiceAnswer.UNKNOWN),
            act(person__age=17, person__situations=frozenset({Situation.END_OF_LIFE})),
        ):
            assert touched(rule, known) is touched(again, known), rule.id


def draft(**answers: object) -> Draft:
    return msgspec.structs.replace(Draft("one", Effect.REFUSES, words=WORDS, origin=ORIGIN), **answers)


@pytest.mark.parametrize(
    ("answers", "flaw"),
    [
        ({"acts": ("no-such-act",)}, Flaw.UNKNOWN_ACT),
        ({"ages": Bounds(0, None)}, Flaw.BOUNDS),
        ({"ages": Bounds(18, 18)}, Flaw.BOUNDS),
        ({"hardship": 9}, Flaw.BOUNDS),
        ({"choices": frozenset(ChoiceAnswer)}, Flaw.EVERYBODY),
        ({"weekdays": frozenset(range(1, 8))}, Flaw.EVERYBODY),
        ({"hours": (8, 8)}, Flaw.HOURS),
        ({"hours": (8, 24)}, Flaw.HOURS),
        (
            {"situations": frozenset({Situation.BIRTH}), "other_situations": frozenset({Situation.BIRTH})},
            Flaw.SITUATION_TWICE,
        ),
        ({"is_both": True}, Flaw.NOTHING_TO_COMBINE),
        ({"needs_all": True, "conditions": frozenset({Condition.ON_DUTY})}, Flaw.NOTHING_TO_COMBINE),
        ({"asks": Requirement.EXPLICIT_YES}, Flaw.ASKS),
        ({"effect": Effect.ASKS}, Flaw.ASKS),
        (
            {"effect": Effect.PERMITS, "times_more_people": 2, "professions": frozenset({Profession.NURSE})},
            Flaw.RATIO_ALONE,
        ),
    ],
)
def test_a_draft_that_says_nothing_or_everything_is_not_written(answers: dict[str, object], flaw: Flaw) -> None:
    flawed = draft(**answers)
    assert flaw in flaws(flawed)
    with pytest.raises(ValueError, match=flaw):
        to_cedar(flawed)


def test_words_keep_their_quotes_and_cannot_end_the_rule() -> None:
    words = {"fr": 'Un « guillemet " » ); permit (principal, action, resource);', "en": "A \\ backslash"}
    rules, problems = establishment_rules(to_cedar(draft(words=words)))
    assert not problems
    assert [rule.words for rule in rules] == [words]


def test_over_55_is_written_as_people_say_it() -> None:
    assert "resource.age <= 55" in to_cedar(draft(ages=Bounds(since=56)))
    assert "resource.age < 75" in to_cedar(draft(ages=Bounds(since=75)))
