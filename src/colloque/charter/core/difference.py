"""Two rules, or two sets of rules, side by side: what was added, removed and changed, question by question."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import msgspec

from colloque.charter.core.builder import from_cedar
from colloque.charter.core.draft import Condition, Draft, Effect
from colloque.charter.core.history import Change, changes
from colloque.charter.core.lexicon import PROVIDED, Named
from colloque.charter.core.rules import Rule
from colloque.charter.core.sentences import (
    acts_told,
    ages_told,
    choices_told,
    level_told,
    listed,
    minutes_told,
    moments_told,
    sentence,
    situations_told,
    systems_told,
    things_told,
)

_EFFECTS = {
    Effect.REFUSES: Named("elle ferme", "it closes"),
    Effect.ASKS: Named("elle pose une condition", "it sets a condition"),
    Effect.PERMITS: Named("elle permet", "it permits"),
}


class Answer(NamedTuple):
    """One question of a draft and its answer in words; empty where the draft says nothing."""

    question: str
    words: str


class Shift(NamedTuple):
    """One answer that changed; a side is empty where that rule says nothing there."""

    question: str
    before: str
    after: str


class RuleDifference(msgspec.Struct, frozen=True):
    """What became of one rule; `rule` is as it stands after, or as it stood before it was removed.

    `shifts` are empty where nothing but words or origin changed, or where questions cannot show the rule (`is_text`): then
    the two texts are to be read side by side. The sentences are empty for a rule shown as text.
    """

    change: Change
    rule: Rule
    before: Rule | None
    after: Rule | None
    shifts: tuple[Shift, ...] = ()
    is_text: bool = False
    has_new_words: bool = False
    has_new_origin: bool = False
    sentence_before: str = ""
    sentence_after: str = ""


def _person(predicates: Sequence[str], language: str) -> str:
    subject = "la personne" if language == "fr" else "the person"
    return f"{subject} {listed(list(predicates), 'ou' if language == 'fr' else 'or')}" if predicates else ""


def _minutes(draft: Draft, language: str) -> str:
    told = [_person(part, language) for part in minutes_told(draft, language)]
    return listed(told, "et" if language == "fr" else "and")


def _levels(draft: Draft, language: str) -> str:
    named = (
        (draft.human_value, Named("valeur humaine ", "human value ")),
        (draft.hardship, Named("pénibilité ", "hardship ")),
    )
    told = [what(language) + level_told(level, language) for level, what in named if level is not None]
    return listed(told, "et" if language == "fr" else "and")


def _people(draft: Draft, language: str) -> str:
    ages = ages_told(draft.ages, language) if draft.ages else []
    situations = situations_told(draft.situations, language)
    if draft.is_both:
        joint = " et " if language == "fr" else " and "
        return joint.join(_person(part, language) for part in (ages, situations))
    return _person([*ages, *situations], language)


def _systems(draft: Draft, language: str) -> str:
    told = systems_told(draft, language)
    return "" if told in {"IA", "AI"} else told


def _things(draft: Draft, language: str) -> str:
    told = things_told(draft, language)
    every = "et" if language == "fr" else "and"
    some = "ou" if language == "fr" else "or"
    return f" ; {every if draft.needs_all else some} ".join(told) if len(told) > 1 else "".join(told)


_QUESTIONS: tuple[tuple[Named, Callable[[Draft, str], str]], ...] = (
    (Named("Ce qu’elle fait", "What it does"), lambda d, la: _EFFECTS[d.effect](la)),
    (
        Named("Ce qu’elle demande d’abord", "What it asks for first"),
        lambda d, la: PROVIDED[Condition(d.asks.value)](la) if d.asks else "",
    ),
    (
        Named("Les actes", "The acts"),
        lambda d, la: acts_told(d.acts, la) or ("tous les actes" if la == "fr" else "every act"),
    ),
    (Named("Les personnes", "The people"), _people),
    (Named("Leur réponse", "Their answer"), lambda d, la: _person(choices_told(d.choices, la), la)),
    (Named("Le temps passé", "Time spent"), _minutes),
    (Named("Les moments", "The moments"), moments_told),
    (Named("Quelles IA", "Which AI"), _systems),
    (Named("La valeur de l’acte", "The value of the act"), _levels),
    (Named("Ce qui la lève, ou qu’il lui faut", "What lifts it, or what it needs"), _things),
    (
        Named("Les personnes laissées de côté", "People left aside"),
        lambda d, la: _person(situations_told(d.other_situations, la), la),
    ),
)


def answers(draft: Draft, language: str) -> tuple[Answer, ...]:
    """Each question with its answer in `fr` or `en`, in the order in which people are asked."""
    return tuple(Answer(question(language), told(draft, language)) for question, told in _QUESTIONS)


def shifts(before: Draft, after: Draft, language: str) -> tuple[Shift, ...]:
    """The answers that differ between two drafts."""
    pairs = zip(answers(before, language), answers(after, language), strict=True)
    return tuple(Shift(old.question, old.words, new.words) for old, new in pairs if old.words != new.words)


def _told(draft: Draft | None, language: str) -> str:
    return sentence(draft, language) if draft is not None else ""


def compared(before: Rule, after: Rule, language: str) -> RuleDifference:
    """One rule in two forms."""
    old, new = from_cedar(before), from_cedar(after)
    found = shifts(old, new, language) if old is not None and new is not None else ()
    is_same_rule = (before.policy["conditions"], before.policy["action"], before.effect, before.asks) == (
        after.policy["conditions"], after.policy["action"], after.effect, after.asks,
    )  # fmt: skip
    return RuleDifference(
        Change.CHANGED,
        after,
        before,
        after,
        shifts=found,
        is_text=not found and not is_same_rule and (old is None or new is None),
        has_new_words=before.words != after.words,
        has_new_origin=before.origin != after.origin,
        sentence_before=_told(old, language),
        sentence_after=_told(new, language),
    )


def difference(before: Sequence[Rule], after: Sequence[Rule], language: str) -> tuple[RuleDifference, ...]:
    """What the second set changes, adds and removes, in that order, in `fr` or `en`; nothing where both say the same."""
    found = changes(before, after)
    return (
        *(compared(old, new, language) for old, new in found.changed),
        *(
            RuleDifference(Change.ADDED, rule, None, rule, sentence_after=_told(from_cedar(rule), language))
            for rule in found.added
        ),
        *(
            RuleDifference(Change.REMOVED, rule, rule, None, sentence_before=_told(from_cedar(rule), language))
            for rule in found.removed
        ),
    )
