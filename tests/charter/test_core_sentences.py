"""The sentences drafts make, in French that people speak and in English."""

from __future__ import annotations

import re
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings

from colloque.charter.core.builder import from_cedar
from colloque.charter.core.constitution import establishment_rules, packaged
from colloque.charter.core.draft import Bounds, Condition, Draft, Effect, flaws
from colloque.charter.core.lexicon import ACTS, CHOICES, EVENTS, PROFESSIONS, PROVIDED, REACHES, STATES, TRACKS
from colloque.charter.core.schema import ACTIONS
from colloque.charter.core.sentences import listed, sentence, that
from colloque.kernel.vocabulary import Autonomy, ChoiceAnswer, Profession, Requirement, Situation, Track
from tests.charter.drafts import drafts


def told(effect: Effect, answers: dict[str, Any]) -> tuple[str, str]:
    draft = Draft("one", effect, **answers)
    return sentence(draft, "fr"), sentence(draft, "en")


def some(*values: object) -> frozenset[object]:
    return frozenset(values)


@pytest.mark.parametrize(
    ("answers", "fr", "en"),
    [
        ({}, "Aucune IA n’intervient, quel que soit l’acte.", "No AI takes part, whatever the act."),
        (
            {"acts": ("anaesthesia",)},
            "Aucune IA n’intervient pour une anesthésie.",
            "No AI takes part in anaesthesia.",
        ),
        (
            {"acts": ("companion", "emotional-support", "feeding-aid"), "hours": (20, 8)},
            "Entre 20 h et 8 h, aucune IA n’intervient pour la compagnie d’un robot, le soutien moral ou l’aide au repas.",
            (
                "Between 20:00 and 8:00, no AI takes part in keeping company with a robot, emotional support "
                "or helping with meals."
            ),
        ),
        (
            {"situations": some(Situation.PALLIATIVE_CARE, Situation.END_OF_LIFE)},
            (
                "Aucune IA n’intervient, quel que soit l’acte, quand la personne est en soins palliatifs ou en fin de vie. "
                "Si l’on ne connaît pas sa situation, on fait comme si elle était concernée."
            ),
            (
                "No AI takes part, whatever the act, when the person is in palliative care or at the end of life. "
                "If their situation is not known, we act as if the person were concerned."
            ),
        ),
        (
            {"ages": Bounds(under=1)},
            (
                "Aucune IA n’intervient, quel que soit l’acte, quand la personne a moins d’un an. "
                "Si l’on ne connaît pas son âge, on fait comme si elle était concernée."
            ),
            (
                "No AI takes part, whatever the act, when the person is under 1. "
                "If their age is not known, we act as if the person were concerned."
            ),
        ),
        (
            {"weekdays": some(6, 7), "choices": some(ChoiceAnswer.UNKNOWN)},
            (
                "Le samedi ou le dimanche, aucune IA n’intervient, quel que soit l’acte, quand la personne n’a pas encore "
                "répondu."
            ),
            "On Saturday or Sunday, no AI takes part, whatever the act, when the person has not answered yet.",
        ),
        (
            {"weekdays": some(1, 2, 3, 4, 5), "autonomies": some(Autonomy.INFORMS, Autonomy.SUGGESTS)},
            "Du lundi au vendredi, aucune IA qui informe ou propose n’intervient, quel que soit l’acte.",
            "From Monday to Friday, no AI that informs or suggests takes part, whatever the act.",
        ),
        (
            {"conditions": some(Condition.HUMAN_PRESENCE), "professions": some(Profession.DOCTOR, Profession.MIDWIFE)},
            (
                "Aucune IA n’intervient, quel que soit l’acte, sauf si un professionnel est présent et l’a confirmé avec son "
                "nom, ou si c’est un médecin ou une sage-femme qui en répond."
            ),
            (
                "No AI takes part, whatever the act, unless a professional is present and has confirmed it by name, "
                "or unless it is a doctor or a midwife who answers for it."
            ),
        ),
        (
            {
                "conditions": some(Condition.OWN_ASSESSMENT, Condition.EXPLICIT_YES),
                "needs_all": True,
                "track": Track.BEDSIDE,
            },
            (
                "Aucune IA au chevet n’intervient, quel que soit l’acte, sauf si le soignant a d’abord noté son propre avis "
                "et si la personne dit oui à cet acte."
            ),
            (
                "No bedside AI takes part, whatever the act, unless at the same time the carer has first noted their own "
                "opinion and the person says yes to this act."
            ),
        ),
        (
            {"machine_minutes": Bounds(since=1), "human_minutes": Bounds(under=30)},
            (
                "Aucune IA n’intervient, quel que soit l’acte, quand la personne a passé moins de 30 minutes avec des "
                "humains aujourd’hui et qu’elle a passé au moins une minute avec une machine aujourd’hui. "
                "Si l’on ne connaît pas ces durées, on fait comme si elle était concernée."
            ),
            (
                "No AI takes part, whatever the act, when the person has spent less than 30 minutes with humans today and "
                "the person has spent at least one minute with a machine today. If these times are not known, we act as if "
                "the person were concerned."
            ),
        ),
        (
            {"hardship": 5, "human_value": 3, "hours": (0, 6)},
            (
                "Entre minuit et 6 h, aucune IA n’intervient, quel que soit l’acte, quand la valeur humaine de l’acte est "
                "d’au moins 3 sur 5 et que la pénibilité de l’acte est de 5 sur 5."
            ),
            (
                "Between midnight and 6:00, no AI takes part, whatever the act, when the act’s human value is at least 3 out "
                "of 5 and the act’s hardship is 5 out of 5."
            ),
        ),
        (
            {"other_situations": some(Situation.EMERGENCY)},
            (
                "Aucune IA n’intervient, quel que soit l’acte, sauf si la personne est en situation d’urgence. "
                "Si l’on ne connaît pas sa situation, on ne fait pas d’exception."
            ),
            (
                "No AI takes part, whatever the act, unless the person is in an emergency. "
                "If their situation is not known, no exception is made."
            ),
        ),
    ],
)
def test_what_is_refused(answers: dict[str, Any], fr: str, en: str) -> None:
    assert told(Effect.REFUSES, answers) == (fr, en)


@pytest.mark.parametrize(
    ("answers", "fr", "en"),
    [
        (
            {
                "acts": ("teleconsultation",),
                "ages": Bounds(under=18, since=75),
                "asks": Requirement.HUMAN_PRESENCE,
            },
            (
                "Quand la personne a moins de 18 ans ou a 75 ans et plus, une IA n’intervient pour une téléconsultation que si "
                "un professionnel est présent et l’a confirmé avec son nom. Sinon, l’IA attend. "
                "Si l’on ne connaît pas son âge, on fait comme si elle était concernée."
            ),
            (
                "When the person is under 18 or is 75 and over, AI takes part in a remote consultation only if a professional "
                "is present and has confirmed it by name. Otherwise AI waits. "
                "If their age is not known, we act as if the person were concerned."
            ),
        ),
        (
            {
                "ages": Bounds(since=56),
                "choices": frozenset(ChoiceAnswer) - {ChoiceAnswer.YES},
                "asks": Requirement.EXPLICIT_YES,
            },
            (
                "Quand la personne a plus de 55 ans, une IA n’intervient que si la personne dit oui à cet acte, "
                "ou si la personne a déjà dit oui. Sinon, l’IA attend. "
                "Si l’on ne connaît pas son âge, on fait comme si elle était concernée."
            ),
            (
                "When the person is over 55, AI takes part only if the person says yes to this act, "
                "or if the person has already said yes. Otherwise AI waits. "
                "If their age is not known, we act as if the person were concerned."
            ),
        ),
        (
            {"asks": Requirement.OWN_ASSESSMENT},
            (
                "Quel que soit l’acte, une IA n’intervient que si le soignant a d’abord noté son propre avis. "
                "Sinon, l’IA attend."
            ),
            "Whatever the act, AI takes part only if the carer has first noted their own opinion. Otherwise AI waits.",
        ),
    ],
)
def test_what_is_asked(answers: dict[str, Any], fr: str, en: str) -> None:
    assert told(Effect.ASKS, answers) == (fr, en)


@pytest.mark.parametrize(
    ("answers", "fr", "en"),
    [
        ({}, "L’IA peut intervenir pour tous les actes.", "AI may take part in every act."),
        (
            {"acts": ("diagnosis",), "autonomies": some(Autonomy.SUGGESTS), "ages": Bounds(under=55, since=18)},
            (
                "Une IA qui propose peut intervenir pour l’aide au diagnostic quand la personne a entre 18 et 54 ans. "
                "Si l’on ne connaît pas son âge, on fait comme si elle n’était pas concernée."
            ),
            (
                "AI that suggests may take part in helping with diagnosis when the person is between 18 and 54. "
                "If their age is not known, we act as if the person were not concerned."
            ),
        ),
        (
            {
                "acts": ("weight",),
                "conditions": some(Condition.ON_DUTY, Condition.EXCHANGE_PLANNED),
                "other_situations": some(Situation.BIRTH),
            },
            (
                "L’IA peut intervenir pour le suivi du poids, seulement si un moment pour en parler est prévu, ou si le "
                "professionnel qui en répond est en service, sauf si la personne vit une naissance. "
                "Si l’on ne connaît pas sa situation, la règle ne permet rien."
            ),
            (
                "AI may take part in following weight, only if a time to talk about it is planned, or if the professional who "
                "answers for it is on duty, unless the person is living through a birth. "
                "If their situation is not known, the rule permits nothing."
            ),
        ),
    ],
)
def test_what_is_permitted(answers: dict[str, Any], fr: str, en: str) -> None:
    assert told(Effect.PERMITS, answers) == (fr, en)


def test_each_rule_of_the_charter_to_start_from_makes_a_sentence_of_its_own() -> None:
    rules = establishment_rules(packaged("starter"))[0]
    found = [from_cedar(rule) for rule in rules]
    for language in ("fr", "en"):
        said = [sentence(draft, language) for draft in found if draft is not None]
        assert len(set(said)) == len(rules)


@settings(max_examples=300, deadline=None)
@given(drafts())
def test_every_sentence_is_whole_and_elided(draft: Draft) -> None:
    for language in ("fr", "en"):
        said = sentence(draft, language)
        assert said[0].isupper()
        assert said.endswith(".")
        assert "  " not in said
        assert ",," not in said
        assert " ," not in said
    assert not re.search(r"\b(que|de|si) (il|ils|elle|on|un an)\b", sentence(draft, "fr").replace("si elle", "")), said
    assert "’ " not in sentence(draft, "fr")


@settings(max_examples=200, deadline=None)
@given(drafts())
def test_every_answer_is_heard(draft: Draft) -> None:
    """Taking any answer back changes the sentence: nothing a draft decides is left unsaid."""
    nothing = Draft("one", draft.effect)
    for name in set(draft.__struct_fields__) - {"id", "effect", "words", "origin", "asks"}:
        other = msgspec.structs.replace(draft, **{name: getattr(nothing, name)})
        if other != draft and not flaws(other):
            for language in ("fr", "en"):
                assert sentence(other, language) != sentence(draft, language), name


def test_every_word_of_the_vocabulary_has_its_phrase() -> None:
    assert set(ACTS) == ACTIONS
    assert set(STATES) | set(EVENTS) == set(Situation)
    assert set(CHOICES) == set(ChoiceAnswer)
    assert set(REACHES) == set(Autonomy)
    assert set(TRACKS) == set(Track)
    assert set(PROFESSIONS) == set(Profession)
    assert set(PROVIDED) == set(Condition)


def test_lists_and_elisions() -> None:
    assert listed([], "ou") == ""
    assert listed(["a"], "ou") == "a"
    assert listed(["a", "b"], "et") == "a et b"
    assert listed(["a", "b", "c"], "ou") == "a, b ou c"
    assert that("elle vient") == "qu’elle vient"
    assert that("la personne vient") == "que la personne vient"
    assert that("un soignant vient") == "qu’un soignant vient"
    assert that("onze personnes viennent") == "que onze personnes viennent"
