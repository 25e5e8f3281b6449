"""The engine against Cedar itself, and what holds for every charter that can be adopted."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from colloque.charter.core.constitution import CANNOT_DECIDE, DEFAULT_DENY, packaged
from colloque.charter.core.engine import Charter
from colloque.charter.core.facts import Facts, OwnAssessmentFacts, PresenceFacts
from colloque.charter.core.rules import Rule, read_rules
from colloque.kernel.vocabulary import ActKind, ChoiceAnswer, Requirement, VerdictKind
from tests.charter.acts import NOTHING_MISSING, SOMEBODY_PRESENT, act
from tests.charter.judge import judged
from tests.charter.strategies import facts, pointed_facts, pointed_rules, rule_texts

SLOW = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
STARTER = Charter.compile(1, packaged("starter"))
STARTER_ANEW = Charter.compile(1, packaged("starter"), keeps=False)
PERMIT_ALL = '@id("all") @fr("Oui.") @en("Yes.") @origin("essai") permit (principal, action, resource);\n'


def _verdict(charter: Charter, these: Facts) -> tuple[VerdictKind, tuple[str, ...], frozenset[Requirement]]:
    verdict = charter.decide(these)
    return verdict.kind, verdict.rules, frozenset(verdict.asks)


@settings(max_examples=100, deadline=None, suppress_health_check=SLOW)
@given(facts())
def test_slices_decide_as_cedar_does_on_the_whole_starter(these: Facts) -> None:
    expected = judged(STARTER.rules, these)
    event(expected[0].value)
    assert _verdict(STARTER, these) == expected


@settings(max_examples=40, deadline=None, suppress_health_check=SLOW)
@given(st.data())
def test_slices_decide_as_cedar_does_on_any_charter(data: st.DataObject) -> None:
    texts = [data.draw(rule_texts(f"drawn-{n}")) for n in range(3)]
    own = [text for text in texts if not read_rules(text)[1]]
    assume(own)
    charter = Charter.compile(1, "\n".join(own) + (PERMIT_ALL if data.draw(st.integers(0, 3)) else ""))
    for these in data.draw(st.lists(facts(), min_size=1, max_size=3)):
        expected = judged(charter.rules, these)
        event(expected[0].value)
        assert _verdict(charter, these) == expected


def _with_one_fact_unknown(these: Facts) -> Iterator[tuple[str, Facts]]:
    for part in ("person", "carer", "presence", "exchange", "explicit_yes", "own_assessment"):
        value = getattr(these, part)
        for name in value.__struct_fields__:
            held = getattr(value, name)
            if part == "person" and name in {"id", "choice"}:
                continue
            unknown = False if name in {"given", "made"} else None
            if held != unknown:
                smaller = msgspec.structs.replace(value, **{name: unknown})
                yield f"{part}.{name}", msgspec.structs.replace(these, **{part: smaller})


def _never_opens(charter: Charter, these: Facts) -> None:
    before = charter.decide(these)
    for name, fewer in _with_one_fact_unknown(these):
        after = charter.decide(fewer)
        assert before.is_permitted or not after.is_permitted, (
            f"not knowing {name} opened the way: {before} then {after}"
        )


@settings(max_examples=120, deadline=None, suppress_health_check=SLOW)
@given(facts())
def test_what_is_not_known_never_opens_the_way_with_the_starter(these: Facts) -> None:
    event(STARTER.decide(these).kind.value)
    _never_opens(STARTER, these)


@settings(max_examples=100, deadline=None, suppress_health_check=SLOW)
@given(st.data())
def test_what_is_not_known_never_opens_the_way_whatever_was_adopted(data: st.DataObject) -> None:
    """Kept by the check at adoption: a rule that an unknown fact would silence is not accepted."""
    texts = [data.draw(rule_texts(f"drawn-{n}")) for n in range(4)]
    own = [text for text in texts if not read_rules(text)[1]]
    assume(own)
    charter = Charter.compile(1, "\n".join(own) + (PERMIT_ALL if data.draw(st.integers(0, 3)) else ""))
    for these in data.draw(st.lists(facts(), min_size=1, max_size=5)):
        event(charter.decide(these).kind.value)
        _never_opens(charter, these)


@settings(max_examples=150, deadline=None, suppress_health_check=SLOW)
@given(pointed_rules(), st.lists(pointed_facts, min_size=1, max_size=8))
def test_facts_that_may_be_unknown(text: str, many: list[Facts]) -> None:
    """The two properties above where they are hardest: short rules on facts that may be unknown."""
    assume(not read_rules(text)[1])
    charter = Charter.compile(1, text + (PERMIT_ALL if "forbid (" in text else ""))
    for these in many:
        assert _verdict(charter, these) == judged(charter.rules, these)
        _never_opens(charter, these)


@settings(max_examples=120, deadline=None)
@given(
    st.sampled_from(ActKind),
    st.sampled_from([answer for answer in ChoiceAnswer if answer is not ChoiceAnswer.NO]),
    st.none() | st.integers(0, 110),
    st.booleans(),
    st.booleans(),
)
def test_providing_what_is_asked_is_enough(
    kind: ActKind, answer: ChoiceAnswer, age: int | None, alone: bool, assessed: bool
) -> None:
    """An act that asks is permitted once everything asked for is there: nobody is asked in vain, or twice."""
    presence = PresenceFacts() if alone else SOMEBODY_PRESENT
    these = act(
        kind, person__choice=answer, person__age=age, presence=presence, own_assessment=OwnAssessmentFacts(assessed)
    )
    verdict = STARTER_ANEW.decide(these)
    event(verdict.kind.value)
    for requirement in verdict.asks:
        these = _provide(these, requirement)
    assert STARTER_ANEW.decide(these).is_permitted is (verdict.kind is not VerdictKind.REFUSED)


def _provide(these: Facts, requirement: Requirement) -> Facts:
    somebody = these.carer.id
    changed: dict[Requirement, tuple[str, dict[str, Any]]] = {
        Requirement.HUMAN_PRESENCE: ("presence", {"human_present": True, "attested_by": somebody}),
        Requirement.EXPLICIT_YES: ("explicit_yes", {"given": True, "heard_by": somebody}),
        Requirement.OWN_ASSESSMENT: ("own_assessment", {"made": True}),
        Requirement.EXCHANGE_PLANNED: ("exchange", {"planned": True}),
    }
    part, fields = changed[requirement]
    return msgspec.structs.replace(these, **{part: msgspec.structs.replace(getattr(these, part), **fields)})


@settings(max_examples=100, deadline=None, suppress_health_check=SLOW)
@given(facts(), facts())
def test_verdicts_kept_are_those_decided_anew(first: Facts, second: Facts) -> None:
    kept = Charter(1, STARTER_ANEW.rules)
    for these in (first, second, first):
        assert kept.decide(these) == STARTER_ANEW.decide(these)


def test_threads_share_a_charter() -> None:
    charter = Charter.compile(1, packaged("starter"))
    many = [act(kind, person__age=age) for kind in ActKind for age in (10, 45, 80)] * 5
    expected = [STARTER_ANEW.decide(these) for these in many]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(charter.decide, many)) == expected


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param({"person__age": "eighty"}, id="a word for an age"),
        pytest.param({"person__age": 2**70}, id="an age beyond integers"),
        pytest.param({"person__age": -1}, id="a negative age"),
        pytest.param({"person__situations": ["minor"]}, id="a list for a set"),
        pytest.param({"person__choice": "maybe"}, id="an answer nobody may give"),
        pytest.param({"presence__human_present": "yes"}, id="a word for a presence"),
        pytest.param({"project": None}, id="no project"),
        pytest.param({"moment__hour": None}, id="no hour"),
    ],
)
def test_facts_that_are_not_facts_refuse(broken: dict[str, Any]) -> None:
    these = act(ActKind.TELECONSULTATION, **broken)
    verdict = STARTER.decide(these)
    if broken != {"moment__hour": None}:  # no rule on teleconsultation reads the hour
        assert verdict.kind is not VerdictKind.PERMITTED
        assert CANNOT_DECIDE in verdict.rules
        assert verdict.errors
        assert "eighty" not in repr(verdict), "what is wrong with a fact is not repeated"
    else:
        assert STARTER.decide(act(ActKind.COMPANION, **broken)).rules == (CANNOT_DECIDE,)


def test_a_rule_that_errs_refuses_where_cedar_would_skip_it() -> None:
    """Cedar skips a forbid that errs. The rule here cannot be adopted; were it there all the same, the act is refused."""
    text = PERMIT_ALL + (
        '@id("errs") @fr("Des mots.") @en("Words.") @origin("essai") '
        "forbid (principal, action, resource) when { resource.age > 200 };"
    )
    permit, _ = read_rules(PERMIT_ALL)
    sound, _ = read_rules(
        '@id("errs") @fr("Des mots.") @en("Words.") @origin("essai") forbid (principal, action, resource) '
        "unless { resource has age && resource.age <= 200 };"
    )
    assert [problem.code for problem in read_rules(text)[1]] == ["unguarded"]
    reading_age = {
        "kind": "when",
        "body": {">": {"left": {".": {"left": {"Var": "resource"}, "attr": "age"}}, "right": {"Value": 200}}},
    }
    errs: Rule = msgspec.structs.replace(sound[0], policy={**sound[0].policy, "conditions": [reading_age]})
    charter = Charter(1, (*permit, errs))
    assert charter.decide(act()).is_permitted
    verdict = charter.decide(act(person__age=None))
    assert (verdict.kind, verdict.rules, verdict.errors) == (VerdictKind.REFUSED, (CANNOT_DECIDE,), ("errs",))


def test_nothing_is_asked_for_an_act_that_would_be_refused_anyway() -> None:
    asking = (
        '@id("asks") @fr("Des mots.") @en("Words.") @origin("essai") @asks("own-assessment") '
        "forbid (principal, action, resource) unless { context.own_assessment.made };"
    )
    permit = (
        '@id("by-day") @fr("Des mots.") @en("Words.") @origin("essai") permit (principal, action, resource) '
        "when { context.moment.hour < 12 };"
    )
    waiting = act(own_assessment__made=False)
    assert Charter.compile(1, asking).decide(waiting).rules == (DEFAULT_DENY,)
    by_day = Charter.compile(1, asking + permit)
    assert by_day.decide(waiting).kind is VerdictKind.ASKS
    afternoon = msgspec.structs.replace(waiting, moment=msgspec.structs.replace(NOTHING_MISSING.moment, hour=15))
    assert by_day.decide(afternoon).rules == (DEFAULT_DENY,)
