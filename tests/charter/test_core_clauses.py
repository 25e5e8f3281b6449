"""A rule's clauses say exactly when Cedar applies the rule."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from colloque.charter.core.clauses import MOST_CLAUSES, NotPlainError, clauses_of, holds
from colloque.charter.core.constitution import TEXTS, constitution, establishment_rules, packaged
from colloque.charter.core.engine import Charter
from colloque.charter.core.facts import Facts
from colloque.charter.core.rules import Rule, read_rules
from colloque.kernel.vocabulary import VerdictKind
from tests.charter.acts import act
from tests.charter.strategies import facts, rule_texts

OPEN = (
    '@id("open") @fr("Ouvert.") @en("Open.") @origin("essai") permit (principal, action, resource);'
    '@id("shut") @fr("Fermé.") @en("Shut.") @origin("essai") forbid (principal, action, resource);'
)
PERMIT, FORBID = read_rules(OPEN)[0]


def applies(rule: Rule, known: Facts) -> bool:
    """Whether Cedar applies the rule to the act: seen by what it changes beside a rule that permits everything."""
    if rule.effect == "permit":
        return Charter(1, [rule]).decide(known).kind is VerdictKind.PERMITTED
    return Charter(1, [PERMIT, rule]).decide(known).kind is not VerdictKind.PERMITTED


def says(rule: Rule, known: Facts) -> bool:
    return known.act_kind in rule.acts and all(holds(clause, known) for clause in clauses_of(rule.policy))


@settings(max_examples=600, deadline=None)
@given(rule_texts(), facts())
def test_the_clauses_hold_where_cedar_applies_the_rule(text: str, known: Facts) -> None:
    rules, _ = read_rules(text)
    if not rules:
        return
    try:
        said = says(rules[0], known)
    except NotPlainError:
        return
    assert said is applies(rules[0], known), rules[0].cedar


@pytest.mark.parametrize("text", TEXTS)
def test_every_rule_that_ships_has_its_clauses(text: str) -> None:
    rules = constitution() if text == "constitution" else establishment_rules(packaged(text))[0]
    for rule in rules:
        for known in (act(), act(person__age=None), act(person__situations=None, presence__attested_by=None)):
            assert says(rule, known) is applies(rule, known), rule.id


def condition(text: str) -> Rule:
    rules, problems = read_rules(
        f'@id("drawn") @fr("Des mots.") @en("Words.") @origin("essai") forbid (principal, action, resource) {text};'
    )
    assert rules, problems
    return rules[0]


def test_two_facts_compared_are_not_guessed_at() -> None:
    rule = condition(
        "unless { context.presence has attested_by && context.carer has id"
        " && context.presence.attested_by == context.carer.id }"
    )
    with pytest.raises(NotPlainError):
        clauses_of(rule.policy)


def test_numbers_beyond_those_told_apart_are_not_guessed_at() -> None:
    with pytest.raises(NotPlainError):
        clauses_of(condition("unless { resource has age && resource.age < 200 }").policy)


def test_a_condition_with_too_many_clauses_is_left_as_text() -> None:
    pairs = " || ".join(f"(context.moment.hour == {h} && resource.choice == Choice::\"no\" && "
                        f"context.moment.weekday == {h})" for h in range(1, 8))  # fmt: skip
    try:
        found = clauses_of(condition(f"when {{ {pairs} }}").policy)
    except NotPlainError:
        return
    assert len(found) <= MOST_CLAUSES


def test_two_bounds_of_one_fact_become_one_clause() -> None:
    rule = condition(
        "when { context.moment.hour >= 8 && context.moment.hour < 20 } unless { context.moment.hour == 9 }"
    )
    ((name, values),) = clauses_of(rule.policy)[0].items()
    assert name == "hour"
    assert bin(values).count("1") == 11
