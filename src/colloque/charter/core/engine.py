"""A charter compiled: facts in, verdict out, in some tens of microseconds.

Cedar's answer is exact and fails open in one place: a policy that errs is skipped. Here any error refuses. For each kind of
act the rules that can speak of it are kept parsed apart, with only the facts they read: a rule that cannot speak of an act,
and a fact that no rule reads, change nothing. What was decided on the same facts is kept: a verdict depends on nothing else,
and the person carries no identifier here, so persons alike to these rules share it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import Any

import cedarpy
import msgspec

from colloque.charter.core.conditions import dotted
from colloque.charter.core.constitution import (
    BUILT_IN,
    CANNOT_DECIDE,
    DEFAULT_DENY,
    constitution,
    establishment_rules,
)
from colloque.charter.core.entities import (
    THE_PERSON,
    action_entities,
    fact_path,
    plain_value,
    project_entity,
)
from colloque.charter.core.facts import Facts, ProjectFacts
from colloque.charter.core.lowering import lowered
from colloque.charter.core.problems import InvalidCharterError
from colloque.charter.core.rules import Rule
from colloque.charter.core.schema import ATTRIBUTES, Path
from colloque.charter.core.verdict import Verdict
from colloque.kernel.errors import NotFoundError
from colloque.kernel.vocabulary import ACT_TRAITS, ActKind, Requirement, VerdictKind

ASKED_IN_ORDER = (
    Requirement.EXPLICIT_YES,
    Requirement.HUMAN_PRESENCE,
    Requirement.EXCHANGE_PLANNED,
    Requirement.OWN_ASSESSMENT,
)
KEPT_VERDICTS = 8192
KEPT_PROJECTS = 256
KNOWN = "known"  # stands for an identifier that rules only ask to be known

_encode = msgspec.json.Encoder().encode


def _policy_set(rules: Sequence[Rule]) -> cedarpy.PolicySet:
    policies = {rule.id: lowered(rule.policy) for rule in rules}
    return cedarpy.PolicySet.from_json_str(
        json.dumps({"templates": {}, "staticPolicies": policies, "templateLinks": []})
    )


def _is_only_tested(path: Path, weighed: frozenset[Path]) -> bool:
    return path not in weighed and ATTRIBUTES[path].type == "String"


class _Slice:
    """The rules that can speak of one kind of act, parsed, with the facts they read."""

    def __init__(self, charter: int, kind: ActKind, rules: Sequence[Rule], *, keeps: bool) -> None:
        self.rules: Mapping[str, Rule] = {rule.id: rule for rule in rules if kind in rule.acts}
        self._charter = charter
        self._kind = kind
        self._action = {"type": "Action", "id": kind.value}
        self._order = {rule_id: place for place, rule_id in enumerate(self.rules)}
        self._policies = _policy_set(tuple(self.rules.values()))
        permits = [rule for rule in self.rules.values() if rule.effect == "permit"]
        self._permits = _policy_set(permits)
        self._is_open = any(rule.is_unconditional for rule in permits)
        self._plan()
        self._place = lru_cache(maxsize=KEPT_PROJECTS)(self._place_of)
        self._verdict = lru_cache(maxsize=KEPT_VERDICTS if keeps else 0)(self._verdict_of)

    def _plan(self) -> None:
        """Settle which facts are read, in an order fixed once; `_fetch` takes them out of `Facts` in one go."""
        weighed = frozenset(path for rule in self.rules.values() for path in rule.weighs)
        read = [path for path in ATTRIBUTES if any(path in rule.reads for rule in self.rules.values())]
        known = [path for path in read if path[0] != "principal" and path[:2] != ("context", "act")]
        self._names = tuple(dotted(path) for path in known)
        self._attributes = tuple(ATTRIBUTES[path] for path in known)
        self._only_tested = tuple(place for place, path in enumerate(known) if _is_only_tested(path, weighed))
        self._fetch = attrgetter("project", "act_kind", *(fact_path(path) for path in known))
        traits = ACT_TRAITS[self._kind]
        self._traits = {dotted(path): getattr(traits, path[2]) for path in read if path[:2] == ("context", "act")}

    def _place_of(self, project: ProjectFacts) -> cedarpy.Entities:
        return cedarpy.Entities.from_json_str(json.dumps([project_entity(project), *action_entities(self._kind)]))

    def _ask(self, policies: cedarpy.PolicySet, project: ProjectFacts, values: tuple[Any, ...]) -> cedarpy.AuthzResult:
        context = {
            name: plain_value(attribute, value)
            for name, attribute, value in zip(self._names, self._attributes, values, strict=True)
            if value is not None
        }
        request = {
            "principal": {"type": "AiSystem", "id": str(project.id)},
            "action": self._action,
            "resource": THE_PERSON,
            "context": _encode({**context, **self._traits}).decode(),
        }
        return cedarpy.is_authorized(request, policies, self._place(project))

    def decide(self, facts: Facts) -> Verdict:
        """The verdict on one act of this kind. Raises whatever facts that are not facts raise."""
        project, _, *values = self._fetch(facts)
        for place in self._only_tested:
            if values[place] is not None:
                values[place] = KNOWN
        return self._verdict(project, tuple(values))

    def _verdict_of(self, project: ProjectFacts, values: tuple[Any, ...]) -> Verdict:
        result = self._ask(self._policies, project, values)
        diagnostics = result.diagnostics
        if diagnostics.errors:
            return self._cannot_decide(diagnostics.errors)
        reasons = tuple(sorted(diagnostics.reasons, key=self._order.__getitem__))
        if result.decision is cedarpy.Decision.Allow:
            return Verdict(VerdictKind.PERMITTED, reasons, self._charter)
        closing = tuple(rule_id for rule_id in reasons if self.rules[rule_id].asks is None)
        if closing:
            return Verdict(VerdictKind.REFUSED, closing, self._charter)
        if not reasons or not (self._is_open or self._ask(self._permits, project, values).allowed):
            return Verdict(VerdictKind.REFUSED, (DEFAULT_DENY,), self._charter)
        wanted = {self.rules[rule_id].asks for rule_id in reasons}
        asks = tuple(requirement for requirement in ASKED_IN_ORDER if requirement in wanted)
        return Verdict(VerdictKind.ASKS, reasons, self._charter, asks)

    def _cannot_decide(self, errors: Sequence[str]) -> Verdict:
        erring = tuple(rule_id for rule_id in self.rules if any(f"`{rule_id}`" in error for error in errors))
        return Verdict(VerdictKind.REFUSED, (CANNOT_DECIDE,), self._charter, errors=erring or ("evaluation",))


class Charter:
    """The constitution and an establishment's rules, compiled. Never changes; safe to share between threads."""

    def __init__(self, number: int, rules: Sequence[Rule], *, keeps: bool = True) -> None:
        self.number = number
        self.rules: tuple[Rule, ...] = tuple(rules)
        self._by_id = {rule.id: rule for rule in self.rules}
        self._keeps = keeps
        self._slices: dict[ActKind, _Slice] = {}

    @classmethod
    def compile(cls, number: int, cedar: str, *, keeps: bool = True) -> Charter:
        """The charter whose own rules are this text, beneath them the constitution.

        Raises `InvalidCharterError`, an `InvalidInputError` whose `problems` say what to correct and where.
        `keeps=False` evaluates each act anew, even on facts already decided.
        """
        own, problems = establishment_rules(cedar)
        if problems:
            raise InvalidCharterError(problems)
        return cls(number, (*constitution(), *own), keeps=keeps)

    def decide(self, facts: Facts) -> Verdict:
        """The verdict on one act: permitted, asks or refused, with the rules that decided.

        A closing rule beats an asking one; what can be asked for is asked only where a rule permits the act once it is
        given; without a permit the act is refused. Whatever goes wrong refuses: a fact of another type, an error in a rule.
        """
        try:
            return (self._slices.get(facts.act_kind) or self._slice(facts.act_kind)).decide(facts)
        except Exception:  # noqa: BLE001 - fail closed: no failure of ours may open the way to an AI
            return Verdict(VerdictKind.REFUSED, (CANNOT_DECIDE,), self.number, errors=("evaluation",))

    def _slice(self, kind: ActKind) -> _Slice:
        """Made at the first act of its kind; two threads may both make it, and keep the same one."""
        return self._slices.setdefault(kind, _Slice(self.number, ActKind(kind), self.rules, keeps=self._keeps))

    def rule(self, rule_id: str) -> Rule:
        """The rule of this id. Raises `NotFoundError`."""
        try:
            return self._by_id[rule_id]
        except KeyError:
            raise NotFoundError("This charter has no such rule.") from None

    def words(self, rule_id: str, language: str) -> str:
        """What a rule says, in `fr` or `en`, for a person. Raises `NotFoundError` for an id this charter does not know."""
        words = BUILT_IN.get(rule_id) or self.rule(rule_id).words
        return words.get(language) or words["en"]
