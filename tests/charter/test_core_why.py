"""What counted in a verdict, and what would have changed it: found by search, true by a second decision."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from colloque.charter.core.because import Audience
from colloque.charter.core.builder import to_cedar
from colloque.charter.core.constitution import constitution, packaged
from colloque.charter.core.draft import Draft
from colloque.charter.core.engine import Charter
from colloque.charter.core.facts import Facts
from colloque.charter.core.rules import read_rules
from colloque.charter.core.why import MOST_AT_ONCE, MOST_WAYS, Why, openings, why
from colloque.kernel.vocabulary import ActKind, ChoiceAnswer, ProjectStatus, Situation, VerdictKind
from tests.charter.acts import act
from tests.charter.drafts import drafts
from tests.charter.strategies import facts

STARTER = Charter.compile(1, packaged("starter"))
audiences = st.sampled_from(Audience)


def pulled(known: Facts, levers: tuple) -> Facts:  # type: ignore[type-arg]
    for lever in levers:
        known = lever.pulled(known)
    return known


def told(known: Facts, language: str = "fr", audience: Audience = Audience.PERSON, charter: Charter = STARTER) -> Why:
    return why(charter, charter.decide(known), known, language, audience)


def check(charter: Charter, known: Facts, audience: Audience) -> None:
    verdict = charter.decide(known)
    assume(not verdict.is_permitted)
    found = openings(charter, known, verdict, audience)
    assert len(found) <= MOST_WAYS
    for levers in found:
        assert 1 <= len(levers) <= MOST_AT_ONCE
        assert charter.decide(pulled(known, levers)).is_permitted, levers
        for size in range(len(levers)):
            for fewer in combinations(levers, size):
                assert not charter.decide(pulled(known, fewer)).is_permitted, (levers, fewer)


@settings(max_examples=200, deadline=None)
@given(facts(), audiences)
def test_each_way_opens_and_nothing_of_it_is_in_excess(known: Facts, audience: Audience) -> None:
    check(STARTER, known, audience)


@settings(max_examples=150, deadline=None)
@given(drafts(), drafts(), facts(), audiences)
def test_so_it_is_under_rules_nobody_has_written_yet(
    one: Draft, other: Draft, known: Facts, audience: Audience
) -> None:
    (first,), _ = read_rules(to_cedar(one))
    (second,), _ = read_rules(to_cedar(other).replace('@id("drawn")', '@id("second")'))
    check(Charter(1, [*constitution(), *STARTER.rules[len(constitution()) :], first, second]), known, audience)


@settings(max_examples=200, deadline=None)
@given(facts(), audiences, st.sampled_from(["fr", "en"]))
def test_whatever_the_verdict_it_is_told_in_whole_sentences(known: Facts, audience: Audience, language: str) -> None:
    found = told(known, language, audience)
    for way in found.ways:
        assert way.words.endswith(".")
    verdict = STARTER.decide(known)
    if verdict.kind is not VerdictKind.PERMITTED:
        assert found.ways or found.closing
    assert {counted.rule for counted in found.counted} <= set(verdict.rules)


@settings(max_examples=200, deadline=None)
@given(facts(), st.sampled_from([Audience.PERSON, Audience.CLOSE]), st.sampled_from(["fr", "en"]))
def test_no_situation_is_named_to_the_person_nor_anybody_to_anyone(
    known: Facts, audience: Audience, language: str
) -> None:
    found = told(known, language, audience)
    words = " ".join(
        [*(fact for counted in found.counted for fact in counted.facts), *(way.words for way in found.ways)]
    )
    for named in (
        "palliati",
        "fin de vie",
        "end of life",
        "polyhandicap",
        "disabilit",
        "isolé",
        "isolated",
        "naissance",
    ):
        assert named not in words
    for somebody in (known.carer.id, known.presence.attested_by, known.person.id):
        assert somebody is None or str(somebody) not in words


def test_a_no_is_the_persons_own_and_nobody_is_shown_a_way_around_it() -> None:
    known = act(person__choice=ChoiceAnswer.NO)
    assert told(known).ways == ()
    assert told(known).closing.startswith("Vous avez dit non. Vous seul pouvez changer votre réponse")
    assert told(known, audience=Audience.CARER).closing == (
        "La personne a dit non. Elle seule peut changer sa réponse, et n’a pas à le faire."
    )


def test_a_carer_is_not_led_to_talk_somebody_out_of_their_wish() -> None:
    known = act(person__choice=ChoiceAnswer.WITH_HUMAN, presence__human_present=None)
    assert [way.words for way in told(known, audience=Audience.CARER).ways] == [
        "L’IA pourrait aider si un professionnel confirmait, avec son nom, qu’il est présent."
    ]


def test_what_waits_says_what_it_waits_for() -> None:
    known = act(person__choice=ChoiceAnswer.UNKNOWN, own_assessment__made=False)
    found = told(known, "en", Audience.CARER)
    assert found.ways[0].words == (
        "AI could help if the carer first noted their own opinion, and if the person said yes to this act."
    )
    assert found.counted[1].facts == ("their answer: not given yet", "their yes to this act, not given yet")


def test_time_opens_what_time_closes() -> None:
    late = act(ActKind.COMPANION, moment__hour=21)
    assert [way.words for way in told(late).ways] == ["L’IA pourrait aider si l’acte avait lieu à 8 h."]
    alone = act(ActKind.COMPANION, person__human_minutes_today=10)
    assert [way.words for way in told(alone).ways] == [
        "L’IA pourrait aider si vous aviez passé au moins 30 minutes avec des humains ce jour-là."
    ]


@pytest.mark.parametrize(
    "known", [act(ActKind.ANAESTHESIA), act(person__situations=frozenset({Situation.END_OF_LIFE}))]
)
def test_what_is_closed_says_that_only_the_charter_could_change_it(known: Facts) -> None:
    assert told(known).ways == ()
    assert "Seule la charte" in told(known).closing


def test_what_was_permitted_says_what_would_have_stopped_it() -> None:
    assert [way.words for way in told(act()).ways] == [
        "Votre non l’aurait arrêtée. Il peut arrêter la prochaine, dès maintenant.",
        "Sans l’avis du soignant, noté d’abord, elle aurait attendu.",
    ]


def test_an_act_nothing_permits_says_what_is_missing_for_a_permission() -> None:
    rule = (
        '@id("night") @fr("La nuit.") @en("At night.") @origin("essai") permit (principal, action, resource)'
        " when { context.moment.hour < 6 };"
    )
    charter = Charter.compile(1, rule)
    assert [way.words for way in told(act(), charter=charter).ways] == [
        "L’IA pourrait aider si l’acte avait lieu à 0 h."
    ]


def test_a_project_that_is_suspended_is_in_the_hands_of_the_house() -> None:
    known = act(project__status=ProjectStatus.SUSPENDED)
    assert [way.words for way in told(known).ways] == ["L’IA pourrait aider si ce projet était en service."]
