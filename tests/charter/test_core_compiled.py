"""Rules as formulas: Cedar's semantics, errors included, held against Cedar itself."""

from __future__ import annotations

import json
from uuid import UUID

import cedarpy
import pytest

from colloque.charter.core.acts_table import facts_table
from colloque.charter.core.compiled import NotCompilableError, compile_rule
from colloque.charter.core.constitution import packaged
from colloque.charter.core.engine import Charter
from colloque.charter.core.evaluation import evaluate
from colloque.charter.core.formulas import FALSE, Formulas
from colloque.kernel.vocabulary import Situation
from tests.charter.acts import act
from tests.charter.against_cedar import Cedar, as_rule, compare, random_acts

TWO = frozenset({Situation.MINOR, Situation.ISOLATED})
ACTS = [
    act(person__id=UUID(int=81), project__id=UUID(int=81)),
    act(person__id=UUID(int=82), project__id=UUID(int=81), person__age=None),
    act(person__id=UUID(int=83), project__id=UUID(int=81), person__age=100_000, person__situations=TWO),
    act(person__id=UUID(int=84), project__id=UUID(int=81), carer__id=None, presence__attested_by=None),
    *random_acts(40, 11),
]
CEDAR = Cedar(ACTS)


def _policy(condition: str) -> dict[str, object]:
    text = f"permit (principal, action, resource) when {{ {condition} }};"
    (policy,) = json.loads(cedarpy.policies_to_json_str(text))["staticPolicies"].values()
    return dict(policy)


@pytest.mark.timeout(300)
def test_a_thousand_random_rules_on_a_thousand_random_acts() -> None:
    """Decision, reasons and errors as Cedar gives them. Longer runs: `python -m tests.charter.against_cedar`."""
    met = compare(rules=1_000, acts=1_000, seed=20_261_123)
    assert met["held"] > 10_000
    assert met["erred"] > 10_000
    assert met["allowed"] > 1_000
    assert met["by Cedar itself"] < 20


@pytest.mark.parametrize(
    "condition",
    [
        "resource.age > 17",
        "resource has age && resource.age > 17",
        "resource has age || resource.age > 17",
        "false && resource.age > 17",
        "true || 1",
        "true && 1",
        "1 && true",
        "!(1)",
        "if resource has age then resource.age >= 18 else true",
        "if 1 then true else false",
        "(if resource has age then resource.age else principal) == 45",
        "(if resource has age then resource.age else principal) > 40",
        "resource.age * 9223372036854775807 > 0",
        "resource.age + 9223372036854775807 > 0",
        "-(-9223372036854775808) > 0",
        "(resource.age * 4611686018427387904) * 0 == 0",
        "9223372036854775807 + 1 == 0",
        "resource.age - 1 < 0 - resource.age",
        'resource.age == "45"',
        'resource.choice < Choice::"no"',
        'resource.choice == "no"',
        "principal == resource",
        "principal != 1",
        'action in [Action::"robot", 1]',
        'action in [Action::"robot", Action::"diagnosis"]',
        'action in "robot"',
        'Action::"companion" in Action::"robot"',
        'Action::"weaving" in Action::"robot"',
        'resource.choice in [Choice::"yes"]',
        "action in principal.acts",
        "principal.acts.contains(action)",
        "principal.acts.containsAny([action])",
        "resource.situations.isEmpty()",
        'resource.situations == [Situation::"isolated", Situation::"minor", Situation::"minor"]',
        'resource.situations.containsAll([Situation::"minor"])',
        "resource.situations.containsAll(resource.situations)",
        "resource.situations.containsAny(principal.acts)",
        "resource.age.contains(1)",
        "[1, resource.age].contains(45)",
        "[[1], [2, 1]].contains([1, 2])",
        "1.isEmpty()",
        'context.carer.id like "00000000-*7"',
        'context.carer.id like "*"',
        'context.carer has id && context.carer.id like "0*0*0*7"',
        'resource.age like "4*"',
        '"a*b" like "a\\*b"',
        '"ab" like "a\\*b"',
        "context.carer.id == context.presence.attested_by",
        "context.presence == context.presence",
        'context.own_assessment == {"made": true}',
        'context.carer == {"attested": true}',
        "{a: resource.age}.a == 45",
        "{a: 1}.b == 45",
        "context has presence && context.presence has human_present",
        "context has nothing",
        "resource.age has years",
        'Choice::"no" has words',
        'Choice::"no".words == 1',
        "context.act.human_value + context.act.hardship == 7",
        "principal is AiSystem",
        "resource.age is Person",
        'action is Action in Action::"physical"',
        "principal is Person in 1",
        "context.moment.hour <= 10 && context.moment.hour >= 10",
        "context.moment.hour",
    ],
)
def test_each_operator_as_cedar_has_it(condition: str) -> None:
    rule = as_rule(1, _policy(condition))
    verdicts = evaluate(Charter(1, [rule]), facts_table(ACTS))
    assert not verdicts.by_cedar
    for row, judged in enumerate(CEDAR.judge([rule])):
        held, errs = verdicts.by_rule(row)
        assert (frozenset(held), frozenset(errs)) == (judged.reasons, judged.errors), ACTS[row]


@pytest.mark.parametrize(
    ("condition", "reason", "words"),
    [
        ('ip("10.0.0.1").isIpv4()', "operator", "isIpv4"),
        ('decimal("1.0").lessThan(decimal("2.0"))', "operator", "lessThan"),
        ('resource.hasTag("vip")', "operator", "hasTag"),
        ('AiSystem::"another".status == ProjectStatus::"live"', "entity", 'AiSystem::"another"'),
    ],
)
def test_what_has_no_form_is_decided_by_cedar_and_said(condition: str, reason: str, words: str) -> None:
    with pytest.raises(NotCompilableError) as caught:
        compile_rule(_policy(condition), Formulas())
    assert caught.value.reason == reason
    assert words in caught.value.words("fr")
    rule = as_rule(1, _policy(condition))
    verdicts = evaluate(Charter(1, [rule]), facts_table(ACTS))
    assert list(verdicts.by_cedar) == ["r1"]
    for row, judged in enumerate(CEDAR.judge([rule])):
        assert verdicts.by_rule(row) == (tuple(judged.reasons), tuple(judged.errors))


def test_a_rule_deeper_than_can_be_compiled_is_decided_by_cedar() -> None:
    body: dict[str, object] = {"has": {"left": {"Var": "resource"}, "attr": "age"}}
    for _ in range(200):
        body = {"!": {"arg": body}}
    policy = {**_policy("true"), "conditions": [{"kind": "when", "body": body}]}
    with pytest.raises(NotCompilableError, match="deep"):
        compile_rule(policy, Formulas())


def test_a_rule_that_tells_too_many_cases_apart_is_said_to() -> None:
    total = " + ".join(f"(if context.moment.hour < {n} then {3**n} else 0)" for n in range(1, 14))
    with pytest.raises(NotCompilableError, match="cases"):
        compile_rule(_policy(f"{total} > 5"), Formulas())


def test_no_rule_that_a_charter_accepts_errs_on_facts_that_are_facts() -> None:
    """What Cedar's validator and our own checks promise, proved on the formulas of the texts that ship."""
    for name in ("constitution", "starter", "options"):
        formulas = Formulas(facts_are_whole=True)
        for rule in Charter.compile(1, packaged(name) if name != "constitution" else "").rules:
            assert compile_rule(rule.policy, formulas).errs == FALSE, rule.id
