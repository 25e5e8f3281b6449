"""A charter compiled: facts in, verdict out, in some tens of microseconds.

Cedar's answer is exact and fails open in one place: a policy that errs is skipped. Here any error refuses. For each kind of
act the rules that can speak of it are kept parsed apart, with only the facts they read; a rule that cannot speak of an act,
and a fact that no rule reads, change nothing (Cedar, "policy slicing"). Parsed entities are kept by value: the person
carries no identifier here, so persons alike to these rules share one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any
from uuid import UUID

import cedarpy
import msgspec

from colloque.charter.core.conditions import LARGEST_FACT
from colloque.charter.core.facts import Facts, ProjectFacts
from colloque.charter.core.problems import InvalidCharterError, Problem
from colloque.charter.core.rules import Rule, read_rules
from colloque.charter.core.schema import CONTEXT, RESOURCE, groups_of
from colloque.charter.core.verdict import Verdict
from colloque.kernel.errors import NotFoundError
from colloque.kernel.vocabulary import ACT_TRAITS, ActKind, Profession, Requirement, VerdictKind

DEFAULT_DENY = "default-deny"
CANNOT_DECIDE = "cannot-decide"
BUILT_IN: Mapping[str, Mapping[str, str]] = {
    DEFAULT_DENY: {
        "fr": "Aucune règle de la charte ne permet cet acte. Ce qui n’a pas été décidé ensemble reste fermé.",
        "en": "No rule of the charter permits this act. What was not decided together stays closed.",
    },
    CANNOT_DECIDE: {
        "fr": "La charte n’a pas pu être appliquée. Dans le doute, l’IA n’intervient pas et les soins continuent.",
        "en": "The charter could not be applied. In doubt, AI takes no part and care goes on.",
    },
}

ASKED_IN_ORDER = (
    Requirement.EXPLICIT_YES,
    Requirement.HUMAN_PRESENCE,
    Requirement.EXCHANGE_PLANNED,
    Requirement.OWN_ASSESSMENT,
)
KEPT_ENTITIES = 4096
_encode = msgspec.json.Encoder().encode
PERSON_UID = {"type": "Person", "id": "the-person"}


@cache
def packaged(name: str) -> str:
    """A text that ships with the software: `constitution`, `starter` or `options`."""
    return files("colloque.charter.core").joinpath(f"{name}.cedar").read_text(encoding="utf-8")


@cache
def constitution() -> tuple[Rule, ...]:
    """The rules no establishment can remove."""
    rules, problems = read_rules(packaged("constitution"), reserved=BUILT_IN, is_constitution=True)
    if problems:
        raise InvalidCharterError(problems)
    return rules


@cache
def reserved_ids() -> frozenset[str]:
    """Ids an establishment's rule may not bear."""
    return frozenset(BUILT_IN) | {rule.id for rule in constitution()}


def check(cedar: str) -> tuple[Problem, ...]:
    """Everything to correct before this text can be an establishment's charter."""
    return read_rules(cedar, reserved=reserved_ids())[1]


def _entity(kind: str, identifier: str) -> dict[str, Any]:
    return {"__entity": {"type": kind, "id": identifier}}


def _policy_set(rules: Sequence[Rule]) -> cedarpy.PolicySet:
    policies = {rule.id: {**rule.policy, "annotations": {}} for rule in rules}
    return cedarpy.PolicySet.from_json_str(
        json.dumps({"templates": {}, "staticPolicies": policies, "templateLinks": []})
    )


def project_entity(project: ProjectFacts) -> dict[str, Any]:
    """The AI system as Cedar reads it."""
    return {
        "uid": {"type": "AiSystem", "id": str(project.id)},
        "attrs": {
            "status": _entity("ProjectStatus", project.status),
            "track": _entity("Track", project.track),
            "autonomy": _entity("Autonomy", project.autonomy),
            "acts": [_entity("Action", kind) for kind in sorted(project.acts)],
        },
        "parents": [],
    }


def person_entity(known: Mapping[str, Any]) -> dict[str, Any]:
    """The person as Cedar reads them, without any identifier. Raises `ValueError` for numbers no fact can have."""
    attrs: dict[str, Any] = {}
    for name, value in known.items():
        if value is None:
            continue
        if name == "choice":
            attrs[name] = _entity("Choice", value)
        elif name == "situations":
            attrs[name] = [_entity("Situation", situation) for situation in sorted(value)]
        elif 0 <= value <= LARGEST_FACT:
            attrs[name] = value
        else:
            raise ValueError(name)
    return {"uid": PERSON_UID, "attrs": attrs, "parents": []}


def action_entities(kind: ActKind) -> list[dict[str, Any]]:
    """The kind of act and the groups it stands in."""
    groups = [{"type": "Action", "id": group} for group in groups_of(kind)]
    return [
        {"uid": {"type": "Action", "id": kind.value}, "attrs": {}, "parents": groups},
        *({"uid": group, "attrs": {}, "parents": []} for group in groups),
    ]


def _plain(value: Any) -> Any:
    if type(value) is UUID:
        return str(value)
    if type(value) is Profession:
        return _entity("Profession", value)
    return value


def context_of(facts: Facts, records: Mapping[str, Sequence[str]] | None = None) -> dict[str, Any]:
    """The circumstances as Cedar reads them: of each record, the known attributes."""
    wanted = {record: tuple(fields) for record, fields in CONTEXT.items()} if records is None else records
    context: dict[str, Any] = {}
    for record, names in wanted.items():
        source = ACT_TRAITS[facts.act_kind] if record == "act" else getattr(facts, record)
        context[record] = {name: _plain(value) for name in names if (value := getattr(source, name)) is not None}
    return context


class _Slice:
    """The rules that can speak of one kind of act, parsed, with the facts they read."""

    def __init__(self, kind: ActKind, rules: Sequence[Rule]) -> None:
        self.rules: Mapping[str, Rule] = {rule.id: rule for rule in rules if kind in rule.acts}
        self._order = {rule_id: place for place, rule_id in enumerate(self.rules)}
        self._policies = _policy_set(tuple(self.rules.values()))
        permits = [rule for rule in self.rules.values() if rule.effect == "permit"]
        self._permits = _policy_set(permits)
        self._is_open = any(rule.is_unconditional for rule in permits)
        read = frozenset(path for rule in self.rules.values() for path in rule.reads)
        self._records = {
            record: names
            for record, fields in CONTEXT.items()
            if (names := tuple(name for name in fields if ("context", record, name) in read))
        }
        self._person = tuple(name for name in RESOURCE if ("resource", name) in read)
        self._action = {"type": "Action", "id": kind.value}
        self._kind = kind
        self._place = lru_cache(maxsize=256)(self._place_of)
        self._entities = lru_cache(maxsize=KEPT_ENTITIES)(self._entities_of)

    def _place_of(self, project: ProjectFacts) -> cedarpy.Entities:
        return cedarpy.Entities.from_json_str(json.dumps([project_entity(project), *action_entities(self._kind)]))

    def _entities_of(self, project: ProjectFacts, values: tuple[Any, ...]) -> cedarpy.Entities:
        person = person_entity(dict(zip(self._person, values, strict=True)))
        return self._place(project).with_added_json_str(json.dumps([person]))

    def _ask(self, policies: cedarpy.PolicySet, facts: Facts) -> cedarpy.AuthzResult:
        person = facts.person
        request = {
            "principal": {"type": "AiSystem", "id": str(facts.project.id)},
            "action": self._action,
            "resource": PERSON_UID,
            "context": _encode(context_of(facts, self._records)).decode(),
        }
        values = tuple(getattr(person, name) for name in self._person)
        return cedarpy.is_authorized(request, policies, self._entities(facts.project, values))

    def decide(self, facts: Facts, charter: int) -> Verdict:
        """The verdict on one act of this kind. Raises `ValueError` and `TypeError` for facts that are not facts."""
        result = self._ask(self._policies, facts)
        diagnostics = result.diagnostics
        if diagnostics.errors:
            return _cannot_decide(charter, diagnostics.errors, self.rules)
        reasons = tuple(sorted(diagnostics.reasons, key=self._order.__getitem__))
        if result.decision is cedarpy.Decision.Allow:
            return Verdict(VerdictKind.PERMITTED, reasons, charter)
        closing = tuple(rule_id for rule_id in reasons if self.rules[rule_id].asks is None)
        if closing:
            return Verdict(VerdictKind.REFUSED, closing, charter)
        if not reasons or not (self._is_open or self._is_permitted_once_provided(facts)):
            return Verdict(VerdictKind.REFUSED, (DEFAULT_DENY,), charter)
        wanted = {self.rules[rule_id].asks for rule_id in reasons}
        asks = tuple(requirement for requirement in ASKED_IN_ORDER if requirement in wanted)
        return Verdict(VerdictKind.ASKS, reasons, charter, asks)

    def _is_permitted_once_provided(self, facts: Facts) -> bool:
        return self._ask(self._permits, facts).allowed


def _cannot_decide(charter: int, errors: Sequence[str], rules: Mapping[str, Rule]) -> Verdict:
    erring = tuple(rule_id for rule_id in rules if any(f"`{rule_id}`" in error for error in errors))
    return Verdict(VerdictKind.REFUSED, (CANNOT_DECIDE,), charter, errors=erring or ("evaluation",))


class Charter:
    """The constitution and an establishment's rules, compiled. Immutable; safe to share between threads."""

    def __init__(self, number: int, rules: Sequence[Rule]) -> None:
        self.number = number
        self.rules: tuple[Rule, ...] = tuple(rules)
        self._by_id = {rule.id: rule for rule in self.rules}
        self._slices = {kind: _Slice(kind, self.rules) for kind in ActKind}

    @classmethod
    def compile(cls, number: int, cedar: str) -> Charter:
        """The charter whose own rules are this text, beneath them the constitution.

        Raises `InvalidCharterError`, an `InvalidInputError` whose `problems` say what to correct and where.
        """
        own, problems = read_rules(cedar, reserved=reserved_ids())
        if problems:
            raise InvalidCharterError(problems)
        return cls(number, (*constitution(), *own))

    def decide(self, facts: Facts) -> Verdict:
        """The verdict on one act: permitted, asks or refused, with the rules that decided.

        A closing rule beats an asking one; what can be asked for is asked only where a rule permits the act once it is
        given; without a permit the act is refused. Whatever goes wrong refuses: a fact of another type, an error in a rule.
        """
        try:
            return self._slices[facts.act_kind].decide(facts, self.number)
        except Exception:  # noqa: BLE001 - fail closed: no failure of ours may open the way to an AI
            return Verdict(VerdictKind.REFUSED, (CANNOT_DECIDE,), self.number, errors=("evaluation",))

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
