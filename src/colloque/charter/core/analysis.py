"""What a charter does to every act that could be, before any act exists: answers proved, or a concrete case.

The rules' formulas are handed to an SMT solver (Z3: L. de Moura and N. Bjørner, TACAS 2008). A case it finds is put to
`Charter.decide`, and told only if the charter answers as the solver said. What the solver cannot answer in the time it is
given, and what a rule without a formula leaves open, is said to be unknown, never taken for a no.

Acts that could be: facts as `Facts` has them, an age up to 120, minutes up to a day, hours and days of the week.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any
from uuid import UUID

import msgspec

from colloque.charter.core.cases import A_CARER, ORDINARY, facts_of
from colloque.charter.core.compiled import CompiledRule, NotCompilableError, compile_rule
from colloque.charter.core.conditions import LARGEST_FACT
from colloque.charter.core.constitution import DEFAULT_DENY
from colloque.charter.core.engine import Charter
from colloque.charter.core.facts import Facts
from colloque.charter.core.formulas import (
    ACT,
    ACTS,
    ELEMENTS,
    FALSE,
    LARGEST,
    SMALLEST,
    Formula,
    Formulas,
    Term,
)
from colloque.charter.core.rules import Rule
from colloque.charter.core.schema import ATTRIBUTES, ENUMERATIONS, Path
from colloque.kernel.vocabulary import ActKind, Requirement, VerdictKind

TIMEOUT_MS = 2_000
MOST: Mapping[Path, int] = {
    ("resource", "age"): 120,
    ("resource", "human_minutes_today"): 1_440,
    ("resource", "robot_minutes_today"): 1_440,
    ("context", "moment", "hour"): 23,
    ("context", "moment", "weekday"): 7,
}
LEAST: Mapping[Path, int] = {("context", "moment", "weekday"): 1}


class Answer(StrEnum):
    """Whether there is such a case."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Example(msgspec.Struct, frozen=True):
    """Whether an act's verdict may become this kind; with `yes`, such an act, confirmed by deciding it."""

    becomes: VerdictKind
    answer: Answer
    facts: Facts | None = None
    before: VerdictKind | None = None
    before_rules: tuple[str, ...] = ()
    after_rules: tuple[str, ...] = ()


class Trouble(StrEnum):
    """What may be wrong with a rule among others."""

    DEAD = "dead"
    """No act that could be satisfies it."""
    SHADOWED = "shadowed"
    """Without it, every verdict would be the same; `by` is a rule that applies wherever it does, if there is one alone;
    `default-deny` where no rule permits any of its acts."""
    CONTRADICTED = "contradicted"
    """It permits only acts that `by` (or the other rules together) refuse."""
    CLOSES_EVERYTHING = "closes-everything"
    """With it, no act at all can be permitted; without it, some can."""
    UNKNOWN = "unknown"
    """The solver could not answer in its time, or the rule has no formula; `question` is what was asked."""


class Found(msgspec.Struct, frozen=True):
    """One thing found about a rule."""

    trouble: Trouble
    rule: str
    by: str = ""
    question: str = ""


class Analysis(msgspec.Struct, frozen=True):
    """What was found in one charter. `never_permitted` are the kinds of act no facts can make it permit."""

    found: tuple[Found, ...]
    never_permitted: tuple[ActKind, ...]
    not_compiled: tuple[str, ...] = ()
    v: int = 1


class Comparison(msgspec.Struct, frozen=True):
    """For each kind of verdict, whether some act could newly get it."""

    examples: tuple[Example, ...]
    not_compiled: tuple[str, ...] = ()
    v: int = 1

    def example(self, kind: VerdictKind) -> Example:
        """The answer for one kind of verdict."""
        return next(example for example in self.examples if example.becomes is kind)


class _World:
    """Formulas as the solver sees them, and what every act that could be satisfies."""

    def __init__(self, timeout_ms: int, has_time: Callable[[], bool]) -> None:
        import z3

        self.z3 = z3
        self.has_time = has_time
        self.formulas = Formulas(facts_are_whole=True)
        self.solver = z3.Solver()
        self.solver.set("timeout", timeout_ms)
        self._values: dict[Formula, Any] = {}
        self._texts: dict[str, int] = {}
        self.act = z3.Int("act")
        self.solver.add(self.act >= 0, self.act < len(ActKind))
        self.numbers: dict[Path, Any] = {}
        self.words: dict[Path, Any] = {}
        self.flags: dict[Path, Any] = {}
        self.known: dict[Path, Any] = {}
        self.sets: dict[tuple[Path, str], Any] = {}
        self.texts: dict[Path, Any] = {}
        for path, (kind, optional) in ATTRIBUTES.items():
            self._declare(path, kind)
            if optional:
                self.known[path] = z3.Bool("known " + ".".join(path))
        for path in (("principal", "id"), ("resource", "id")):
            self.texts[path] = z3.Int(".".join(path))
            self.solver.add(self.texts[path] >= 0)

    def _declare(self, path: Path, kind: str) -> None:
        z3, name = self.z3, ".".join(path)
        if path[:2] == ("context", "act"):
            return
        if kind in ENUMERATIONS:
            self.words[path] = z3.Int(name)
            self.solver.add(self.words[path] >= 0, self.words[path] < len(ENUMERATIONS[kind]))
        elif path in ELEMENTS:
            for word in ELEMENTS[path]:
                self.sets[path, str(word)] = z3.Bool(f"{name} {word}")
        elif kind == "Bool":
            self.flags[path] = z3.Bool(name)
        elif kind == "Long":
            self.numbers[path] = z3.Int(name)
            number = self.numbers[path]
            self.solver.add(number >= LEAST.get(path, 0), number <= MOST.get(path, LARGEST_FACT))
        else:
            self.texts[path] = z3.Int(name)
            self.solver.add(self.texts[path] >= 0)

    def text(self, written: str) -> int:
        """The number that stands for a text written in a rule."""
        return self._texts.setdefault(written, len(self._texts) + 1)

    def written(self, number: int) -> str | None:
        """The text a number stands for, if a rule writes it."""
        return next((text for text, known in self._texts.items() if known == number), None)

    def term(self, term: Term) -> Any:
        """A whole number as the solver has it, without a bound."""
        operator, *parts = term
        if operator == "const":
            return self.z3.IntVal(parts[0])
        if operator == "field":
            return self.numbers[parts[0]]
        values = [self.term(part) for part in parts]
        if operator == "neg":
            return -values[0]
        return {"+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b}[operator](*values)

    def value(self, formula: Formula) -> Any:
        """A formula as the solver has it."""
        if formula not in self._values:
            self._values[formula] = self._value(*self.formulas.nodes[formula])
        return self._values[formula]

    def _value(self, operator: str, *operands: Any) -> Any:  # noqa: C901
        z3 = self.z3
        if operator in {"true", "false"}:
            return z3.BoolVal(operator == "true")
        if operator == "not":
            return z3.Not(self.value(operands[0]))
        if operator in {"and", "or"}:
            joint = z3.And if operator == "and" else z3.Or
            return joint(*(self.value(part) for part in sorted(operands[0])))
        if operator == "declared":
            return z3.Or(*(z3.And(self.act == n, self.sets[ACTS, str(kind)]) for n, kind in enumerate(ActKind)))
        path = operands[0]
        if operator == "known":
            return self.known[path]
        if operator == "flag":
            return self.flags[path]
        if operator == "member":
            every = list(ActKind) if path == ACT else list(ENUMERATIONS[ATTRIBUTES[path].type])
            held = self.act if path == ACT else self.words[path]
            return z3.Or(*(held == n for n, word in enumerate(every) if word in operands[1]))
        if operator == "holds":
            return self.sets[path, operands[1]]
        if operator == "below":
            return self.numbers[path] < operands[1]
        if operator == "equals":
            return self.numbers[path] == operands[1]
        if operator == "is":
            return self.texts[path] == self.text(operands[1])
        if operator == "same":
            return self.texts[path] == self.texts[operands[1]]
        if operator == "like":
            return z3.Bool(f"like {'.'.join(path)} {operands[1]}")
        if operator == "overflows":
            value = self.term(operands[0])
            return z3.Or(value > LARGEST, value < SMALLEST)
        left, right = self.term(operands[1]), self.term(operands[2])
        return left == right if operands[0] == "==" else left < right

    def ask(self, *wanted: Any) -> tuple[Answer, Any]:
        """Whether some act satisfies all this, and the model of one that is as ordinary as it can be."""
        z3 = self.z3
        if not self.has_time():
            return Answer.UNKNOWN, None
        answer = self.solver.check(*wanted)
        if answer == z3.unsat:
            return Answer.NO, None
        if answer != z3.sat:
            return Answer.UNKNOWN, None
        held, model = list(wanted), self.solver.model()
        for preference in self._preferences():
            if not self.has_time():
                break
            if self.solver.check(*held, preference) == z3.sat:
                held.append(preference)
                model = self.solver.model()
        return Answer.YES, model

    def is_never(self, *wanted: Any) -> Answer:
        """`yes` where no act can satisfy all this."""
        if not self.has_time():
            return Answer.UNKNOWN
        answer = self.solver.check(*wanted)
        if answer == self.z3.unsat:
            return Answer.YES
        return Answer.NO if answer == self.z3.sat else Answer.UNKNOWN

    def _preferences(self) -> Iterator[Any]:
        """What makes a case ordinary: everything known, nothing special; so that what is told of it is what matters."""
        for path, known in self.known.items():
            yield known if ORDINARY[path] is not None else self.z3.Not(known)
        for path, number in self.numbers.items():
            yield number == ORDINARY[path]
        for path, word in self.words.items():
            yield word == list(ENUMERATIONS[ATTRIBUTES[path].type]).index(ORDINARY[path])
        for path, flag in self.flags.items():
            yield flag if ORDINARY[path] else self.z3.Not(flag)
        for (path, word), holds in self.sets.items():
            yield holds if word in ORDINARY[path] else self.z3.Not(holds)
        carer = self.texts["context", "carer", "id"]
        for path in (("context", "presence", "attested_by"), ("context", "explicit_yes", "heard_by")):
            yield self.texts[path] == carer

    def facts(self, model: Any) -> Facts:
        """The act of a model."""

        def boolean(variable: Any) -> bool:
            return bool(self.z3.is_true(model.eval(variable, model_completion=True)))

        def number(variable: Any) -> int:
            return int(model.eval(variable, model_completion=True).as_long())

        found: dict[Path, Any] = {}
        for path, (kind, _) in ATTRIBUTES.items():
            if path[:2] == ("context", "act"):
                continue
            if path in self.known and not boolean(self.known[path]):
                found[path] = None
            elif kind in ENUMERATIONS:
                found[path] = list(ENUMERATIONS[kind])[number(self.words[path])]
            elif path in ELEMENTS:
                found[path] = frozenset(word for word in ELEMENTS[path] if boolean(self.sets[path, str(word)]))
            elif kind == "Bool":
                found[path] = boolean(self.flags[path])
            elif kind == "Long":
                found[path] = number(self.numbers[path])
            else:
                found[path] = self._identity(number(self.texts[path]))
        project = self._identity(number(self.texts["principal", "id"]))
        return facts_of(list(ActKind)[number(self.act)], found, project)

    def _identity(self, number: int) -> UUID:
        written = self.written(number)
        try:
            return UUID(written) if written else UUID(int=A_CARER.int + number)
        except ValueError:
            return UUID(int=A_CARER.int + number)


class _Posed:
    """A charter put to the solver: its rules, and the formulas of each kind of verdict."""

    def __init__(self, charter: Charter, world: _World, name: str) -> None:
        self.charter, self.world = charter, world
        self.not_compiled: list[str] = []
        self.holds: dict[str, Any] = {}
        errs: list[Any] = []
        for rule in charter.rules:
            try:
                compiled: CompiledRule | None = compile_rule(rule.policy, world.formulas)
            except NotCompilableError:
                compiled = None
            if compiled is None:
                self.not_compiled.append(rule.id)
                self.holds[rule.id] = world.z3.Bool(f"holds {name} {rule.id}")
                errs.append(world.z3.Bool(f"errs {name} {rule.id}"))
            else:
                self.holds[rule.id] = world.value(compiled.holds)
                if compiled.errs != FALSE:
                    errs.append(world.value(compiled.errs))
        self.errs = world.z3.Or(*errs)
        self.permits = self._some([rule for rule in charter.rules if rule.effect == "permit"])

    def _some(self, rules: Sequence[Rule]) -> Any:
        return self.world.z3.Or(*(self.holds[rule.id] for rule in rules))

    def verdicts(self, without: str = "") -> Mapping[VerdictKind, Any]:
        """Where the verdict is of each kind, perhaps without one of the rules."""
        z3 = self.world.z3
        rules = [rule for rule in self.charter.rules if rule.id != without]
        closing = self._some([rule for rule in rules if rule.effect == "forbid" and rule.asks is None])
        asking = self._some([rule for rule in rules if rule.asks is not None])
        permits = self._some([rule for rule in rules if rule.effect == "permit"])
        is_open = z3.And(permits, z3.Not(closing), z3.Not(self.errs))
        return {
            VerdictKind.PERMITTED: z3.And(is_open, z3.Not(asking)),
            VerdictKind.ASKS: z3.And(is_open, asking),
            VerdictKind.REFUSED: z3.Not(is_open),
        }

    def asked(self, requirement: Requirement, without: str = "") -> Any:
        """Where this is asked for."""
        rules = [r for r in self.charter.rules if r.asks is requirement and r.id != without]
        return self.world.z3.And(self.verdicts(without)[VerdictKind.ASKS], self._some(rules))


def always() -> bool:
    """There is time without end."""
    return True


def compare(
    before: Charter, after: Charter, *, timeout_ms: int = TIMEOUT_MS, has_time: Callable[[], bool] = always
) -> Comparison:
    """For each kind of verdict, whether there is an act that gets it from `after` and did not from `before`.

    `timeout_ms` is for each question; once `has_time` says no, what is left is unknown.
    """
    world = _World(timeout_ms, has_time)
    then, now = _Posed(before, world, "before"), _Posed(after, world, "after")
    examples = []
    for kind in VerdictKind:
        answer, model = world.ask(now.verdicts()[kind], world.z3.Not(then.verdicts()[kind]))
        if model is None:
            examples.append(Example(kind, answer))
            continue
        facts = world.facts(model)
        old, new = before.decide(facts), after.decide(facts)
        if new.kind is kind and old.kind is not kind:
            examples.append(Example(kind, Answer.YES, facts, old.kind, old.rules, new.rules))
        else:
            examples.append(Example(kind, Answer.UNKNOWN))
    return Comparison(tuple(examples), tuple(dict.fromkeys((*then.not_compiled, *now.not_compiled))))


def analyse(
    charter: Charter,
    *,
    of: Collection[str] | None = None,
    timeout_ms: int = TIMEOUT_MS,
    has_time: Callable[[], bool] = always,
) -> Analysis:
    """What no act could ever make of each of the establishment's rules. The constitution's are taken as they are.

    `of` names the rules to look at, all of them by default. `timeout_ms` is for each question; once `has_time` says no, what
    is left is unknown.
    """
    world = _World(timeout_ms, has_time)
    posed = _Posed(charter, world, "charter")
    verdicts = posed.verdicts()
    found: list[Found] = []
    for rule in charter.rules:
        if rule.is_constitution or (of is not None and rule.id not in of):
            continue
        if rule.id in posed.not_compiled:
            found.append(Found(Trouble.UNKNOWN, rule.id, question="formula"))
            continue
        found.extend(_trouble(rule, posed, verdicts))
    never = tuple(
        kind
        for n, kind in enumerate(ActKind)
        if world.is_never(world.z3.Or(verdicts[VerdictKind.PERMITTED], verdicts[VerdictKind.ASKS]), world.act == n)
        is Answer.YES
    )
    return Analysis(tuple(found), never, tuple(posed.not_compiled))


def _trouble(rule: Rule, posed: _Posed, verdicts: Mapping[VerdictKind, Any]) -> Iterator[Found]:
    world, z3 = posed.world, posed.world.z3
    holds = posed.holds[rule.id]
    is_dead = world.is_never(holds)
    if is_dead is not Answer.NO:
        yield Found(Trouble.DEAD if is_dead is Answer.YES else Trouble.UNKNOWN, rule.id, question="dead")
        return
    if rule.effect == "permit":
        contradicted = world.is_never(holds, z3.Not(verdicts[VerdictKind.REFUSED]))
        if contradicted is not Answer.NO:
            trouble = Trouble.CONTRADICTED if contradicted is Answer.YES else Trouble.UNKNOWN
            closing = [other for other in posed.charter.rules if other.effect == "forbid" and other.asks is None]
            yield Found(trouble, rule.id, by=_covering(rule, closing, posed), question="contradicted")
            return
    without = posed.verdicts(rule.id)
    may_go_on = z3.Not(verdicts[VerdictKind.REFUSED])
    if rule.effect == "forbid" and world.is_never(may_go_on) is Answer.YES:
        if world.is_never(z3.Not(without[VerdictKind.REFUSED])) is Answer.NO:
            yield Found(Trouble.CLOSES_EVERYTHING, rule.id)
        return
    differs = z3.Or(
        *(z3.Xor(verdicts[kind], without[kind]) for kind in VerdictKind),
        *(z3.Xor(posed.asked(asks), posed.asked(asks, rule.id)) for asks in Requirement if rule.asks is asks),
    )
    is_shadowed = world.is_never(differs)
    if is_shadowed is not Answer.NO:
        alike = [
            other
            for other in posed.charter.rules
            if other.id != rule.id and other.effect == rule.effect and other.asks in {None, rule.asks}
        ]
        trouble = Trouble.SHADOWED if is_shadowed is Answer.YES else Trouble.UNKNOWN
        by = _covering(rule, alike, posed)
        if not by and rule.effect == "forbid" and world.is_never(holds, posed.permits) is Answer.YES:
            by = DEFAULT_DENY
        yield Found(trouble, rule.id, by=by, question="shadowed")


def _covering(rule: Rule, others: Sequence[Rule], posed: _Posed) -> str:
    """A rule that applies wherever this one does."""
    z3 = posed.world.z3
    for other in others:
        if posed.world.is_never(posed.holds[rule.id], z3.Not(posed.holds[other.id])) is Answer.YES:
            return other.id
    return ""
