"""Formulas against Cedar: random rules, most of them badly typed, on random acts with unknown facts.

A longer run than the one in the tests: `python -m tests.charter.against_cedar --rules 20000 --acts 2000 --seed 7`.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Callable, Sequence
from random import Random
from time import perf_counter
from typing import Any, NamedTuple
from uuid import UUID

import cedarpy
import msgspec

from colloque.charter.core.acts_table import facts_table
from colloque.charter.core.engine import Charter
from colloque.charter.core.evaluation import Verdicts, evaluate
from colloque.charter.core.facts import (
    CarerFacts,
    EstablishmentFacts,
    ExchangeFacts,
    ExplicitYesFacts,
    Facts,
    MomentFacts,
    OwnAssessmentFacts,
    PersonFacts,
    PresenceFacts,
    ProjectFacts,
)
from colloque.charter.core.rules import Rule
from colloque.charter.core.schema import ACTIONS, ATTRIBUTES, ENUMERATIONS, RECORDS, schema_text
from colloque.kernel.vocabulary import ActKind, Autonomy, ChoiceAnswer, Profession, ProjectStatus, Situation, Track
from tests.charter.judge import request

RULES_IN_A_SET = 50
IDS = [UUID(int=n) for n in range(1, 5)]
NUMBERS = (0, 1, 2, 3, 5, 18, 30, 55, 60, 75, 120, 255, 256, 1440, 32768, 65535, 100_000, -1, -129, 2**31, 2**62)
EXTREMES = (2**63 - 1, -(2**63), 2**53, 3_037_000_500)


class Outcome(NamedTuple):
    """What Cedar says of one act: allowed or not, the policies that determined it, those that erred."""

    allowed: bool
    reasons: frozenset[str]
    errors: frozenset[str]


def random_acts(count: int, seed: int) -> list[Facts]:
    """Acts in which anything may be unknown; each of its own person."""
    draw = Random(seed)
    maybe = (None, True, False)

    def some(values: Sequence[Any], most: int) -> frozenset[Any]:
        return frozenset(draw.sample(list(values), draw.randint(0, most)))

    projects = [
        ProjectFacts(n, draw.choice(list(ProjectStatus)), draw.choice(list(Track)), a, some(list(ActKind), 20))
        for n, a in zip(IDS, Autonomy, strict=True)
    ]
    number: Callable[[], int | None] = lambda: draw.choice([None, draw.randint(0, 120), abs(draw.choice(NUMBERS[:17]))])  # noqa: E731
    return [
        Facts(
            project=draw.choice(projects),
            act_kind=draw.choice(list(ActKind)),
            person=PersonFacts(
                UUID(int=1000 + n),
                number(),
                draw.choice([None, some(list(Situation), 3), some(list(Situation), 10)]),
                draw.choice(list(ChoiceAnswer)),
                number(),
                number(),
            ),
            carer=CarerFacts(
                draw.choice([None, *IDS]),
                draw.choice([None, *Profession]),
                draw.choice(maybe),
                draw.choice(maybe),
            ),
            moment=MomentFacts(draw.randint(0, 23), draw.randint(1, 7)),
            establishment=EstablishmentFacts(UUID(int=9), draw.random() < 0.2),
            presence=PresenceFacts(draw.choice(maybe), draw.choice([None, *IDS])),
            own_assessment=OwnAssessmentFacts(draw.random() < 0.5),
            exchange=ExchangeFacts(draw.choice(maybe)),
            explicit_yes=ExplicitYesFacts(draw.random() < 0.5, draw.choice([None, *IDS])),
        )
        for n in range(count)
    ]


class RuleMaker:
    """Writes random Cedar. Most expressions are of the type they should be, some are of any other."""

    def __init__(self, seed: int) -> None:
        self._draw = Random(seed)
        self._paths = {
            kind: [p for p, a in ATTRIBUTES.items() if a.type == kind] for kind in {a.type for a in ATTRIBUTES.values()}
        }

    def _pick(self, *values: str) -> str:
        return self._draw.choice(values)

    def expression(self, kind: str, depth: int) -> str:
        """An expression of a type (`Bool`, `Long`, `String`, `Entity`, `Set`, `Record`), or of another by mistake."""
        if self._draw.random() < 0.04:
            kind = self._pick("Bool", "Long", "String", "Entity", "Set", "Record")
        if depth > 0 and self._draw.random() < 0.1:
            branches = [self.expression(kind, depth - 1) for _ in range(2)]
            return f"(if {self.expression('Bool', depth - 1)} then {branches[0]} else {branches[1]})"
        write: Callable[[int], str] = getattr(self, f"_{kind.lower()}")
        return write(depth)

    def _read(self, kind: str) -> str:
        return ".".join(self._draw.choice(self._paths[kind]))

    def _bool(self, depth: int) -> str:
        e, pick = self.expression, self._draw.choice
        if depth <= 0:
            return pick([self._read("Bool"), self._known(), self._known(), "true", "false"])
        d = depth - 1
        forms: list[Callable[[], str]] = [
            lambda: f"({e('Bool', d)} && {e('Bool', d)})",
            lambda: f"({e('Bool', d)} || {e('Bool', d)})",
            self._guarded,
            self._guarded,
            lambda: f"(!{e('Bool', d)})",
            lambda: f"({e('Long', d)} {pick(['<', '<=', '>', '>=', '==', '!='])} {e('Long', d)})",
            lambda: f"({e('Entity', d)} {pick(['==', '!=', 'in'])} {e('Entity', d)})",
            lambda: f"({e('Entity', d)} in {e('Set', d)})",
            lambda: f"({e('Set', d)}).{pick(['contains'])}({e('Entity', d)})",
            lambda: f"({e('Set', d)}).{pick(['containsAll', 'containsAny'])}({e('Set', d)})",
            lambda: f"({e('Set', d)} == {e('Set', d)})",
            lambda: f"({e('Set', d)}).isEmpty()",
            lambda: f"({e('String', d)} {pick(['==', '!='])} {e('String', d)})",
            lambda: (
                f'({e("String", d)} like "{pick(["*", "*-*", "*2", "0*1", "00000000-0000-0000-0000-00000000000*", ""])}")'
            ),
            lambda: f"({e('Record', d)} == {e('Record', d)})",
            lambda: f"({e('Entity', d)} is {pick(['AiSystem', 'Person', 'Action', 'Choice', 'Nothing'])})",
            lambda: f"({e('Entity', d)} is {pick(['AiSystem', 'Action'])} in {e('Entity', d)})",
            lambda: (
                f"({e(pick(['Record', 'Entity']), d)} has {pick(['age', 'presence', 'id', 'acts', 'choice', 'x'])})"
            ),
            lambda: f"({e(pick(['Record', 'Entity']), d)}.{pick(['made', 'given', 'outage', 'age', 'x'])})",
            self._known,
        ]
        return pick(forms)()

    def _guarded(self) -> str:
        """A fact read behind `has`, as the rules of a charter do."""
        path = self._draw.choice([p for p, a in ATTRIBUTES.items() if a.optional and a.type == "Long"])
        owner, name = ".".join(path[:-1]), path[-1]
        test = f"{owner}.{name} {self._draw.choice(['<', '<=', '==', '>', '>='])} {self._draw.choice(NUMBERS[:12])}"
        joint = self._draw.choice([f"{owner} has {name} && {test}", f"!({owner} has {name}) || {test}"])
        return f"({joint})"

    def _known(self) -> str:
        path = self._draw.choice([*ATTRIBUTES, *RECORDS])
        return f"({'.'.join(path[:-1])} has {path[-1]})"

    def _long(self, depth: int) -> str:
        if depth <= 0 or self._draw.random() < 0.4:
            number = self._draw.choice(EXTREMES if self._draw.random() < 0.1 else NUMBERS)
            return self._pick(self._read("Long"), self._read("Long"), f"({number})")
        a, b = self.expression("Long", depth - 1), self.expression("Long", depth - 1)
        return self._pick(f"({a} + {b})", f"({a} - {b})", f"({a} * {b})", f"(-({a}))")

    def _string(self, depth: int) -> str:
        return self._pick(self._read("String"), self._read("String"), f'"{self._draw.choice(IDS)}"', '"a*b"')

    def _entity(self, depth: int) -> str:
        name = self._draw.choice(sorted(ENUMERATIONS))
        word = self._draw.choice(list(ENUMERATIONS[name]))
        return self._draw.choice(
            [
                "principal",
                "action",
                "action",
                "resource",
                f'{name}::"{word}"',
                f'{name}::"{word}"',
                self._read(self._draw.choice(["Autonomy", "Choice", "Profession", "ProjectStatus", "Track"])),
                f'Action::"{self._draw.choice(sorted(ACTIONS))}"',
                f'Choice::"{self._draw.choice(list(ChoiceAnswer))}"',
                f'AiSystem::"{self._draw.choice(IDS)}"' if self._draw.random() < 0.4 else "action",
            ]
        )

    def _set(self, depth: int) -> str:
        inner = self._draw.choice(["Entity", "Entity", "Long"])
        size = self._draw.choice([0, 1, 2, 2, 3])
        literal = ", ".join(self.expression(inner, min(depth - 1, 1)) for _ in range(size))
        name = self._draw.choice(["Situation", "Action"])
        words = list(Situation) if name == "Situation" else sorted(ACTIONS)
        plain = ", ".join(f'{name}::"{word}"' for word in self._draw.sample(words, self._draw.randint(0, 3)))
        return self._pick("resource.situations", "principal.acts", f"[{literal}]", f"[{plain}]", f"[{plain}]")

    def _record(self, depth: int) -> str:
        if depth > 0 and self._draw.random() < 0.2:
            return f"{{made: {self.expression('Bool', depth - 1)}, x: {self.expression('Long', depth - 1)}}}"
        return self._pick("context", *(".".join(path) for path in sorted(RECORDS)))

    def scope(self) -> str:
        """The head of a rule."""
        one = self._draw.choice(IDS)
        principal = self._pick(
            *["principal"] * 8, f'principal == AiSystem::"{one}"', f'principal in AiSystem::"{one}"', "principal is AiSystem",
            "principal is Person", f'principal is AiSystem in AiSystem::"{one}"',
        )  # fmt: skip
        names = [f'Action::"{name}"' for name in self._draw.sample(sorted(ACTIONS), 3)]
        action = self._pick(
            *["action"] * 6, f"action == {names[0]}", f"action in {names[0]}", f"action in [{', '.join(names)}]"
        )
        resource = self._pick(*["resource"] * 8, "resource is Person", f'resource == Person::"{UUID(int=1001)}"')
        return f"({principal}, {action}, {resource})"

    def policy(self, depth: int = 4) -> dict[str, Any]:
        """One rule in Cedar's JSON form."""
        effect = "forbid" if self._draw.random() < 0.03 else "permit"
        clauses = [
            f"{self._pick('when', 'unless')} {{ {self.expression('Bool', self._draw.randint(1, depth))} }}"
            for _ in range(self._draw.choice([0, 1, 1, 1, 2, 3]))
        ]
        whole = json.loads(cedarpy.policies_to_json_str(f"{effect} {self.scope()} {' '.join(clauses)};"))
        (found,) = whole["staticPolicies"].values()
        return found  # type: ignore[no-any-return]


def as_rule(number: int, policy: dict[str, Any]) -> Rule:
    """A policy as a rule, unchecked: no charter would accept most of them."""
    everything = frozenset(ATTRIBUTES)
    return Rule(
        id=f"r{number}",
        effect=policy["effect"],
        words={},
        origin={},
        asks=None,
        acts=frozenset(ActKind),
        reads=everything,
        weighs=everything,
        cedar="",
        line=1,
        policy=policy,
    )


class Cedar:
    """Cedar on many acts: entities parsed once, one batch for each set of rules."""

    def __init__(self, many: Sequence[Facts]) -> None:
        asked = [request(these) for these in many]
        schema = cedarpy.Schema.from_str(schema_text())
        entities = {json.dumps(entity["uid"]): entity for _, found in asked for entity in found}
        self._entities = cedarpy.Entities.from_json_str(json.dumps(list(entities.values())), schema)
        self._schema = schema
        self._requests = [requested for requested, _ in asked]

    def judge(self, rules: Sequence[Rule]) -> list[Outcome]:
        """What Cedar says of each act under these rules."""
        told = {"templates": {}, "staticPolicies": {r.id: r.policy for r in rules}, "templateLinks": []}
        policies = cedarpy.PolicySet.from_json_str(json.dumps(told))
        results = cedarpy.is_authorized_batch(self._requests, policies, self._entities, self._schema)
        return [
            Outcome(
                result.allowed,
                frozenset(result.diagnostics.reasons),
                frozenset(error.split("`")[1] for error in result.diagnostics.errors),
            )
            for result in results
        ]


def as_cedar(verdicts: Verdicts, row: int) -> Outcome:
    """What Cedar makes of the rules that are satisfied and those that err: a forbid beats a permit, errors are skipped."""
    held, errs = verdicts.by_rule(row)
    effects = {rule.id: rule.effect for rule in verdicts.charter.rules}
    forbids = frozenset(rule_id for rule_id in held if effects[rule_id] == "forbid")
    reasons = forbids or frozenset(held)
    return Outcome(bool(held) and not forbids, reasons, frozenset(errs))


def _one_by_one(rules: Sequence[Rule], verdicts: Verdicts, many: Sequence[Facts]) -> None:
    """Rules without a form as formulas: some read another AI system, of which nothing is known to an act."""
    for row in range(0, len(many) if rules else 0, 50):
        asked, entities = request(many[row])
        for rule in rules:
            told = {
                "templates": {},
                "staticPolicies": {rule.id: {**rule.policy, "effect": "permit"}},
                "templateLinks": [],
            }
            policies = cedarpy.PolicySet.from_json_str(json.dumps(told))
            result = cedarpy.is_authorized(asked, policies, entities, schema_text())
            held, errs = verdicts.by_rule(row)
            assert (result.allowed, bool(result.diagnostics.errors)) == (rule.id in held, rule.id in errs), told


def compare(rules: int, acts: int, seed: int) -> Counter[str]:
    """Hold as many rules against Cedar on as many acts; counts of what was met. Raises `AssertionError` at a difference."""
    many = random_acts(acts, seed)
    cedar, table, maker = Cedar(many), facts_table(many), RuleMaker(seed)
    met: Counter[str] = Counter()
    for first in range(0, rules, RULES_IN_A_SET):
        these = [as_rule(n, maker.policy()) for n in range(first, min(rules, first + RULES_IN_A_SET))]
        verdicts = evaluate(Charter(1, these), table, rows_at_once=1 << 12)
        met["by Cedar itself"] += len(verdicts.by_cedar)
        _one_by_one([rule for rule in these if rule.id in verdicts.by_cedar], verdicts, many)
        these = [rule for rule in these if rule.id not in verdicts.by_cedar]
        verdicts = evaluate(Charter(1, these), table, verdicts, rows_at_once=1 << 12)
        # All rules as permits: every rule that holds is then a reason, not only the forbids. Then as they are.
        permits = [msgspec.structs.replace(rule, policy={**rule.policy, "effect": "permit"}) for rule in these]
        for row, (all_held, judged) in enumerate(zip(cedar.judge(permits), cedar.judge(these), strict=True)):
            held, errs = verdicts.by_rule(row)
            facts = msgspec.json.encode(many[row]).decode()
            wrong = (all_held.reasons ^ frozenset(held)) | (all_held.errors ^ frozenset(errs))
            assert not wrong, [json.dumps(rule.policy) for rule in these if rule.id in wrong] + [facts]
            assert as_cedar(verdicts, row) == judged, facts
            met["held"] += len(held)
            met["erred"] += len(errs)
            met["allowed"] += judged.allowed
        met["rules"] += len(these)
    met["acts"] = acts
    return met


def main() -> None:
    """Compare as many as asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.charter.against_cedar")
    parser.add_argument("--rules", type=int, default=10_000)
    parser.add_argument("--acts", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    begun = perf_counter()
    met = compare(options.rules, options.acts, options.seed)
    print(dict(met), f"no difference, {perf_counter() - begun:.0f} s")


if __name__ == "__main__":
    main()
