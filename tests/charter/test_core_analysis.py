"""Counter-examples and idle rules: what the solver says is what the charter does."""

from __future__ import annotations

import json

import cedarpy
import msgspec
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from colloque.charter.core.analysis import Answer, Found, Trouble, analyse, compare
from colloque.charter.core.cases import ORDINARY, case_told, facts_of
from colloque.charter.core.constitution import DEFAULT_DENY, packaged
from colloque.charter.core.engine import Charter
from colloque.charter.core.facts import Facts
from colloque.charter.core.rules import read_rules
from colloque.kernel.vocabulary import ActKind, VerdictKind
from tests.charter.acts import CARER
from tests.charter.against_cedar import as_rule
from tests.charter.strategies import facts, rule_texts

SLOW = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
STARTER = packaged("starter")
WORDS = '@fr("Des mots.") @en("Words.") @origin("essai")'
NOT_OVER_55 = (
    f'@id("not-over-55") {WORDS} forbid (principal, action, resource) '
    "unless { resource has age && resource.age <= 55 };\n"
)
YES_OVER_55 = (
    f'@id("yes-over-55") {WORDS} @asks("explicit-yes") forbid (principal, action, resource) '
    "unless { context.explicit_yes.given || (resource has age && resource.age <= 55) };\n"
)
BEFORE = Charter.compile(1, STARTER)


def _found(more: str) -> dict[str, Found]:
    return {found.rule: found for found in analyse(Charter.compile(2, STARTER + more)).found}


def test_a_refusal_on_age_newly_refuses_and_never_permits() -> None:
    after = Charter.compile(2, STARTER + NOT_OVER_55)
    told = compare(BEFORE, after)
    refused = told.example(VerdictKind.REFUSED)
    assert refused.answer is Answer.YES
    assert refused.facts is not None
    assert after.decide(refused.facts).rules == refused.after_rules == ("not-over-55",)
    assert BEFORE.decide(refused.facts).kind is refused.before is not VerdictKind.REFUSED
    assert refused.facts.person.age is None or refused.facts.person.age > 55
    for kind in (VerdictKind.PERMITTED, VerdictKind.ASKS):
        assert told.example(kind).answer is Answer.NO
    assert compare(after, BEFORE).example(VerdictKind.PERMITTED).answer is Answer.YES


def test_an_opt_in_on_age_newly_asks_and_never_refuses() -> None:
    told = compare(BEFORE, Charter.compile(2, STARTER + YES_OVER_55))
    assert told.example(VerdictKind.ASKS).answer is Answer.YES
    assert told.example(VerdictKind.REFUSED).answer is Answer.NO
    assert told.example(VerdictKind.PERMITTED).answer is Answer.NO


def test_the_same_charter_changes_nothing() -> None:
    assert {example.answer for example in compare(BEFORE, BEFORE).examples} == {Answer.NO}


@settings(max_examples=25, deadline=None, suppress_health_check=SLOW)
@given(st.data())
def test_no_act_contradicts_a_no_and_every_yes_is_confirmed(data: st.DataObject) -> None:
    texts = [data.draw(rule_texts(f"drawn-{n}")) for n in range(2)]
    assume(all(not read_rules(text)[1] for text in texts))
    after = Charter.compile(2, STARTER + texts[0])
    told = compare(BEFORE, after)
    for example in told.examples:
        if example.answer is Answer.YES:
            assert example.facts is not None
            assert after.decide(example.facts).kind is example.becomes is not BEFORE.decide(example.facts).kind
    for these in data.draw(st.lists(facts(), min_size=1, max_size=6)):
        then, now = BEFORE.decide(these).kind, after.decide(these).kind
        if then is not now:
            assert told.example(now).answer is not Answer.NO, these


def test_a_dead_rule() -> None:
    dead = f'@id("dead") {WORDS} forbid (principal, action, resource) unless {{ resource has age && resource.age < 0 || true }};'
    assert _found(dead)["dead"].trouble is Trouble.DEAD


def test_a_rule_that_another_shadows() -> None:
    more = (
        f'@id("again") {WORDS} forbid (principal, action == Action::"companion", resource) '
        "unless { context.moment.hour >= 7 && context.moment.hour < 20 };"
    )
    found = _found(more)["again"]
    assert (found.trouble, found.by) == (Trouble.SHADOWED, "machine-hours")
    assert _found("")["anaesthesia-closed"].by == DEFAULT_DENY


def test_a_permit_that_a_refusal_contradicts() -> None:
    found = _found(f'@id("washing") {WORDS} permit (principal, action == Action::"intimate-care", resource);')
    assert (found["washing"].trouble, found["washing"].by) == (Trouble.CONTRADICTED, "intimate-acts-closed")


def test_a_rule_that_refuses_everything() -> None:
    found = _found(f'@id("nothing") {WORDS} forbid (principal, action, resource);')
    assert found["nothing"].trouble is Trouble.CLOSES_EVERYTHING
    assert found["relation-allowed"].by == "nothing"


def test_the_starter_has_no_idle_rule_but_acts_nothing_permits() -> None:
    told = analyse(BEFORE)
    assert {(found.trouble, found.by) for found in told.found} == {(Trouble.SHADOWED, DEFAULT_DENY)}
    assert set(told.never_permitted) == {
        ActKind.ANAESTHESIA,
        ActKind.INTIMATE_CARE,
        ActKind.TREATMENT_LIMITATION,
        ActKind.RESULT_ANNOUNCEMENT,
        ActKind.OVERALL_HEALTH_JUDGEMENT,
    }


HARD = (
    "permit (principal, action, resource) when { resource.human_minutes_today > 0 && resource.robot_minutes_today > 0"
    " && resource.human_minutes_today * resource.human_minutes_today * resource.human_minutes_today"
    " + resource.robot_minutes_today * resource.robot_minutes_today * resource.robot_minutes_today"
    " == resource.age * resource.age * resource.age };"
)
"""No whole numbers do that (Euler, 1770), and no solver finds it out by trying some."""


def test_what_cannot_be_answered_in_time_is_unknown() -> None:
    (policy,) = json.loads(cedarpy.policies_to_json_str(HARD))["staticPolicies"].values()
    hard = msgspec.structs.replace(as_rule(1, policy), id="hard")
    charter = Charter(2, (*BEFORE.rules, hard))
    found = {found.rule: found for found in analyse(charter, timeout_ms=1).found}
    assert (found["hard"].trouble, found["hard"].question) == (Trouble.UNKNOWN, "dead")


def test_a_rule_without_a_formula_is_said_to_be_unknown() -> None:
    text = 'forbid (principal, action, resource) when { ip("10.0.0.1").isIpv4() };'
    (policy,) = json.loads(cedarpy.policies_to_json_str(text))["staticPolicies"].values()
    charter = Charter(2, (*BEFORE.rules, as_rule(1, policy)))
    told = analyse(charter)
    assert told.not_compiled == ("r1",)
    assert Found(Trouble.UNKNOWN, "r1", question="formula") in told.found
    refused = compare(BEFORE, charter).example(VerdictKind.REFUSED)
    assert refused.answer is Answer.UNKNOWN or refused.after_rules == ("r1",)


def test_a_case_is_told_by_what_is_not_ordinary() -> None:
    plain = facts_of(ActKind.TELECONSULTATION, ORDINARY, CARER)
    assert case_told(plain, "fr") == ("une téléconsultation", "la personne a 45 ans")
    odd = facts_of(
        ActKind.COMPANION,
        {**ORDINARY, ("resource", "age"): None, ("context", "moment", "hour"): 22, ("context", "carer", "id"): None},
        CARER,
    )
    assert case_told(odd, "en") == (
        "keeping company with a robot",
        "the person’s age is not known",
        "nobody answers for the act",
        "it is 22:00",
    )


@settings(max_examples=60, deadline=None)
@given(facts(), st.sampled_from(["fr", "en"]))
def test_any_case_can_be_told(these: Facts, language: str) -> None:
    told = case_told(these, language)
    assert all(told)
    assert "None" not in " ".join(told)
