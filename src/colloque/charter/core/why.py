"""Why a verdict is what it is: what counted in each rule that decided, and what would have changed it.

What would have changed it is found by search: each deciding rule is put as clauses, each clause says which facts keep it true,
and each of these that somebody can provide or change is tried, alone and together. Nothing is told that was not decided anew
by the charter itself, and nothing of it can be left out.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from itertools import combinations

import msgspec

from colloque.charter.core.because import Audience, counted_told, otherwise_told
from colloque.charter.core.clauses import FACTS, RATIO, Clause, NotPlainError, clauses_of, fact, is_true
from colloque.charter.core.constitution import BUILT_IN, DEFAULT_DENY
from colloque.charter.core.engine import Charter
from colloque.charter.core.facts import Facts, OwnAssessmentFacts, PresenceFacts
from colloque.charter.core.levers import Hand, Lever, lever_for
from colloque.charter.core.lexicon import Named
from colloque.charter.core.rules import Rule
from colloque.charter.core.verdict import Verdict
from colloque.kernel.vocabulary import ActKind, ChoiceAnswer, VerdictKind

MOST_AT_ONCE = 4
MOST_WAYS = 3
MOST_TRIED = 300


class Counted(msgspec.Struct, frozen=True):
    """What counted in one rule that decided; `facts` in words, empty where the rule cannot be told so."""

    rule: str
    facts: tuple[str, ...]


class Way(msgspec.Struct, frozen=True):
    """Something that would have changed the verdict: all of `levers`, and a sentence that says so."""

    levers: tuple[Lever, ...]
    words: str


class Why(msgspec.Struct, frozen=True):
    """A verdict explained further. `ways` are what would have changed it; `closing` says what is in nobody's hands here."""

    counted: tuple[Counted, ...]
    ways: tuple[Way, ...]
    closing: str


def why(charter: Charter, verdict: Verdict, facts: Facts, language: str, audience: Audience) -> Why:
    """What counted and what would have changed it, in `fr` or `en`.

    `charter` is the version that gave the verdict on these facts. Raises `NotFoundError` for another charter.
    """
    counted = tuple(
        Counted(rule_id, _counted(charter, rule_id, facts, language, audience))
        for rule_id in verdict.rules
        if rule_id not in BUILT_IN
    )
    if verdict.kind is VerdictKind.PERMITTED:
        return Why(counted, _closings(charter, facts, language, audience), "")
    ways = tuple(
        Way(levers, _opens(levers, language, audience)) for levers in openings(charter, facts, verdict, audience)
    )
    return Why(counted, ways, _closing(facts, ways, language, audience))


def _clauses(rule: Rule) -> tuple[Clause, ...]:
    try:
        return clauses_of(rule.policy)
    except NotPlainError:
        return ()


def _counted(charter: Charter, rule_id: str, facts: Facts, language: str, audience: Audience) -> tuple[str, ...]:
    rule = charter.rule(rule_id)
    names = ["act"] if rule.acts != frozenset(ActKind) else []
    for clause in _clauses(rule):
        names += [name for name, values in clause.items() if is_true(name, values, facts) and name not in names]
    if None in (facts.person.human_minutes_today, facts.person.robot_minutes_today):
        names = [name for name in names if not name.startswith(RATIO)]
    return tuple(counted_told(name, facts, audience)(language) for name in names)


# ---- What would have opened the way


def openings(charter: Charter, facts: Facts, verdict: Verdict, audience: Audience) -> tuple[tuple[Lever, ...], ...]:
    """Levers that together turn the verdict into a permission, none of them in excess; at most `MOST_WAYS` such groups.

    Each is decided anew, and so is each part of it. A refusal somebody gave is not among what others may pull.
    """
    if facts.person.choice is ChoiceAnswer.NO:
        return ()
    tried: dict[frozenset[Lever], Verdict] = {frozenset(): verdict}
    found: list[frozenset[Lever]] = []
    waiting: deque[frozenset[Lever]] = deque([frozenset()])
    while waiting and len(found) < MOST_WAYS and len(tried) < MOST_TRIED:
        pulled = waiting.popleft()
        if len(pulled) >= MOST_AT_ONCE:
            continue
        state = _pulled(facts, pulled)
        for lever in _levers(charter, tried[pulled], state, audience):
            more = pulled | {lever}
            if (
                _fact_of(lever) in {_fact_of(one) for one in pulled}
                or more in tried
                or any(way <= more for way in found)
            ):
                continue
            tried[more] = charter.decide(_pulled(facts, more))
            if tried[more].is_permitted:
                found.append(_fewest(charter, facts, more))
            else:
                waiting.append(more)
    alike = {frozenset(_fact_of(lever) for lever in way): way for way in reversed(found)}
    ways = [tuple(sorted(way, key=_place)) for way in reversed(alike.values())]
    ways.sort(key=lambda way: (any(lever.name == "choice" for lever in way), len(way)))
    return tuple(ways[:MOST_WAYS])


def _fact_of(lever: Lever) -> str:
    return "human-minutes" if lever.name.startswith(RATIO) else lever.name


def _place(lever: Lever) -> tuple[int, str]:
    names = list(FACTS)
    return (names.index(lever.name) if lever.name in names else len(names), lever.name)


def _pulled(facts: Facts, levers: frozenset[Lever]) -> Facts:
    for lever in sorted(levers, key=_place):
        facts = lever.pulled(facts)
    return facts


def _fewest(charter: Charter, facts: Facts, levers: frozenset[Lever]) -> frozenset[Lever]:
    for size in range(1, len(levers)):
        for some in combinations(sorted(levers, key=_place), size):
            if charter.decide(_pulled(facts, frozenset(some))).is_permitted:
                return frozenset(some)
    return levers


def _levers(charter: Charter, verdict: Verdict, facts: Facts, audience: Audience) -> Iterator[Lever]:
    for name, unwanted in _in_the_way(charter, verdict, facts):
        lever = lever_for(name, unwanted, facts)
        if lever is None or (lever.name == "choice" and not _may_pull_choice(facts, audience)):
            continue
        yield lever


def _may_pull_choice(facts: Facts, audience: Audience) -> bool:
    return audience is Audience.PERSON or facts.person.choice is ChoiceAnswer.UNKNOWN


def _in_the_way(charter: Charter, verdict: Verdict, facts: Facts) -> Iterator[tuple[str, int]]:
    """Each fact, with the values that keep a deciding rule as it is."""
    for rule_id in verdict.rules:
        if rule_id == DEFAULT_DENY:
            yield from _missing(charter, facts)
        elif rule_id not in BUILT_IN:
            for clause in _clauses(charter.rule(rule_id)):
                yield from clause.items()


def _missing(charter: Charter, facts: Facts) -> Iterator[tuple[str, int]]:
    """What keeps the permits of this act from applying."""
    for rule in charter.rules:
        if rule.effect == "permit" and facts.act_kind in rule.acts:
            for clause in _clauses(rule):
                for name, values in clause.items():
                    if not is_true(name, values, facts):
                        yield name, fact(name).everything & ~values


def _opens(levers: Sequence[Lever], language: str, audience: Audience) -> str:
    told = [otherwise_told(lever, audience)(language) for lever in levers]
    if language == "fr":
        return f"L’IA pourrait aider si {', et si '.join(told)}."
    return f"AI could help if {', and if '.join(told)}."


def _closing(facts: Facts, ways: tuple[Way, ...], language: str, audience: Audience) -> str:
    if facts.person.choice is ChoiceAnswer.NO:
        told = Named(
            "La personne a dit non. Elle seule peut changer sa réponse, et n’a pas à le faire.",
            "The person said no. They alone can change their answer, and need not.",
        )
        if audience is Audience.PERSON:
            told = Named(
                "Vous avez dit non. Vous seul pouvez changer votre réponse, quand vous voulez, et rien ne vous y oblige.",
                "You said no. You alone can change your answer, whenever you like, and nothing obliges you to.",
            )
        return told(language)
    if ways:
        return ""
    return Named(
        "Rien de ce que l’on peut faire ici ne changerait la réponse. Seule la charte le peut, si elle est débattue.",
        "Nothing that can be done here would change the answer. Only the charter can, if it is debated.",
    )(language)


# ---- What would have closed it


def _closings(charter: Charter, facts: Facts, language: str, audience: Audience) -> tuple[Way, ...]:
    """What keeps a permitted act open: the person's no, and whatever was provided and is needed."""
    no = Named("Le non de la personne l’aurait arrêtée.", "The person’s no would have stopped it.")
    if audience is Audience.PERSON:
        no = Named(
            "Votre non l’aurait arrêtée. Il peut arrêter la prochaine, dès maintenant.",
            "Your no would have stopped it. It can stop the next one, from now on.",
        )
    replace = msgspec.structs.replace
    others = (
        (
            Lever("choice", ChoiceAnswer.NO, Hand.PERSON),
            replace(facts, person=replace(facts.person, choice=ChoiceAnswer.NO)),
            no,
        ),
        (
            Lever("presence", None, Hand.CARER),
            replace(facts, presence=PresenceFacts()),
            Named(
                "Sans une présence confirmée, elle aurait attendu.",
                "Without a presence confirmed, it would have waited.",
            ),
        ),
        (
            Lever("own-assessment", None, Hand.CARER),
            replace(facts, own_assessment=OwnAssessmentFacts()),
            Named(
                "Sans l’avis du soignant, noté d’abord, elle aurait attendu.",
                "Without the carer’s own opinion, noted first, it would have waited.",
            ),
        ),
    )
    return tuple(
        Way((lever,), words(language))
        for lever, changed, words in others
        if changed != facts and not charter.decide(changed).is_permitted
    )
