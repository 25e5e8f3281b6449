"""A verdict told to whoever reads it: what happened, which rules decided, and what was not known."""

from __future__ import annotations

from collections.abc import Mapping
from operator import attrgetter

import msgspec

from colloque.charter.core.constitution import BUILT_IN
from colloque.charter.core.engine import Charter
from colloque.charter.core.entities import fact_path
from colloque.charter.core.facts import Facts
from colloque.charter.core.rules import split_words
from colloque.charter.core.schema import Path
from colloque.charter.core.verdict import Verdict
from colloque.kernel.vocabulary import Requirement, VerdictKind

HEADLINES: Mapping[VerdictKind, Mapping[str, str]] = {
    VerdictKind.PERMITTED: {
        "fr": "La charte permet à l’IA d’aider pour cet acte.",
        "en": "The charter lets AI help with this act.",
    },
    VerdictKind.ASKS: {
        "fr": "L’IA attend. Elle n’a encore rien reçu.",
        "en": "AI waits. It has received nothing yet.",
    },
    VerdictKind.REFUSED: {
        "fr": "L’IA n’est pas intervenue. Elle n’a rien reçu.",
        "en": "AI took no part. It received nothing.",
    },
}
WANTED: Mapping[Requirement, Mapping[str, str]] = {
    Requirement.EXPLICIT_YES: {
        "fr": "Il faut d’abord le oui de la personne pour cet acte.",
        "en": "The person’s yes to this act is needed first.",
    },
    Requirement.HUMAN_PRESENCE: {
        "fr": "Il faut d’abord qu’un professionnel confirme, avec son nom, qu’il est présent.",
        "en": "A professional must first confirm, by name, that they are present.",
    },
    Requirement.OWN_ASSESSMENT: {
        "fr": "Il faut d’abord que le soignant note son propre avis.",
        "en": "The carer must first note their own opinion.",
    },
    Requirement.EXCHANGE_PLANNED: {
        "fr": "Il faut d’abord prévoir un moment pour en parler.",
        "en": "A time to talk about it must first be planned.",
    },
}
UNKNOWN: Mapping[Path, Mapping[str, str]] = {
    ("resource", "age"): {"fr": "l’âge de la personne", "en": "the person’s age"},
    ("resource", "situations"): {
        "fr": "ce que la personne traverse en ce moment",
        "en": "what the person is going through at present",
    },
    ("resource", "human_minutes_today"): {
        "fr": "le temps passé avec des humains aujourd’hui",
        "en": "the time spent with humans today",
    },
    ("resource", "robot_minutes_today"): {
        "fr": "le temps passé avec une machine aujourd’hui",
        "en": "the time spent with a machine today",
    },
    ("context", "carer", "attested"): {
        "fr": "si le professionnel est formé à l’IA",
        "en": "whether the professional is trained in AI",
    },
}
IN_DOUBT: Mapping[str, str] = {
    "fr": "Nous ne savons pas : {facts}. Dans le doute, cette règle s’applique.",
    "en": "We do not know: {facts}. In doubt, this rule applies.",
}


class Reason(msgspec.Struct, frozen=True):
    """One rule that decided. `doubt` is empty unless something the rule needs was unknown."""

    rule: str
    title: str
    explanation: str
    origin: str
    doubt: str
    is_constitution: bool

    @property
    def words(self) -> str:
        """Title and explanation, as sentences."""
        return f"{self.title}. {self.explanation}".strip()


class Explanation(msgspec.Struct, frozen=True):
    """A verdict in words: a headline, the rules that decided, and what is still wanted."""

    headline: str
    reasons: tuple[Reason, ...]
    wanted: tuple[str, ...]

    @property
    def sentences(self) -> tuple[str, ...]:
        """Everything in reading order."""
        told = [self.headline]
        for reason in self.reasons:
            told.extend(part for part in (reason.words, reason.doubt) if part)
        return (*told, *self.wanted)


def _doubt(charter: Charter, rule_id: str, facts: Facts | None, language: str) -> str:
    if facts is None or rule_id in BUILT_IN:
        return ""
    reads = charter.rule(rule_id).reads
    missing = [
        words[language]
        for path, words in UNKNOWN.items()
        if path in reads and attrgetter(fact_path(path))(facts) is None
    ]
    return IN_DOUBT[language].format(facts=", ".join(missing)) if missing else ""


def _reason(charter: Charter, rule_id: str, doubt: str, language: str) -> Reason:
    title, explanation = split_words(charter.words(rule_id, language))
    if rule_id in BUILT_IN:
        return Reason(rule_id, title, explanation, "", doubt, is_constitution=True)
    rule = charter.rule(rule_id)
    return Reason(rule_id, title, explanation, rule.origin[language], doubt, rule.is_constitution)


def explain(charter: Charter, verdict: Verdict, language: str, facts: Facts | None = None) -> Explanation:
    """The verdict in words, in `fr` or `en`, for the person concerned.

    `charter` is the version that gave the verdict. With the facts it was given on, a rule that applied because something
    was not known says so, rather than telling people what they may not be living. Raises `NotFoundError` for another charter.
    """
    refused_or_asks = verdict.kind is not VerdictKind.PERMITTED
    return Explanation(
        HEADLINES[verdict.kind][language],
        tuple(
            _reason(charter, rule_id, _doubt(charter, rule_id, facts, language) if refused_or_asks else "", language)
            for rule_id in verdict.rules
        ),
        tuple(WANTED[requirement][language] for requirement in verdict.asks),
    )
