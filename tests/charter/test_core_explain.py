"""A verdict told to the person concerned."""

from __future__ import annotations

import pytest

from colloque.charter.core.constitution import packaged
from colloque.charter.core.engine import Charter
from colloque.charter.core.explain import UNKNOWN, explain
from colloque.charter.core.schema import ATTRIBUTES
from colloque.kernel.vocabulary import ActKind, ChoiceAnswer, Requirement, Situation
from tests.charter.acts import act

STARTER = Charter.compile(1, packaged("starter"))


def test_a_refusal_is_told_by_the_rule_itself() -> None:
    facts = act(person__choice=ChoiceAnswer.NO)
    told = explain(STARTER, STARTER.decide(facts), "fr", facts)
    assert told.headline == "L’IA n’est pas intervenue. Elle n’a rien reçu."
    assert told.sentences[1].startswith("Le non de la personne passe avant tout. ")
    assert told.reasons[0].is_constitution
    assert "L. 1111-4" in told.reasons[0].origin
    assert not told.wanted


def test_what_is_asked_is_told() -> None:
    facts = act(person__choice=ChoiceAnswer.UNKNOWN, own_assessment__made=False)
    told = explain(STARTER, STARTER.decide(facts), "en", facts)
    assert told.headline == "AI waits. It has received nothing yet."
    assert told.wanted == (
        "The person’s yes to this act is needed first.",
        "The carer must first note their own opinion.",
    )


def test_nobody_is_told_they_are_dying_because_something_is_unknown() -> None:
    unknown = act(person__situations=None)
    told = explain(STARTER, STARTER.decide(unknown), "fr", unknown)
    assert all(
        reason.doubt
        == "Nous ne savons pas : ce que la personne traverse en ce moment. Dans le doute, cette règle s’applique."
        for reason in told.reasons
    )
    known = act(person__situations=frozenset({Situation.END_OF_LIFE}))
    told = explain(STARTER, STARTER.decide(known), "fr", known)
    assert [reason.doubt for reason in told.reasons] == [""]


def test_permission_and_default_are_told() -> None:
    permitted = explain(STARTER, STARTER.decide(act()), "fr", act())
    assert permitted.reasons[0].rule == "diagnosis-allowed"
    nothing = Charter.compile(0, "")
    assert explain(nothing, nothing.decide(act()), "en").reasons[0].title == "No rule of the charter permits this act"


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("kind", ActKind)
def test_every_verdict_has_words(kind: ActKind, language: str) -> None:
    for facts in (act(kind), act(kind, person__choice=ChoiceAnswer.UNKNOWN), act(kind, project=None)):
        verdict = STARTER.decide(facts)
        told = explain(STARTER, verdict, language, None if facts.project is None else facts)
        assert len(told.reasons) == len(verdict.rules) > 0
        assert len(told.wanted) == len(verdict.asks)
        assert all(told.sentences)


def test_every_requirement_and_unknown_fact_is_of_this_world() -> None:
    assert set(UNKNOWN) <= set(ATTRIBUTES)
    assert all(ATTRIBUTES[path].optional for path in UNKNOWN)
    assert len(Requirement) == 4
