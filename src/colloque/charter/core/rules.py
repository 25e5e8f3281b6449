"""One rule of a charter: what it decides, in Cedar for the machine and in words for everyone."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

import cedarpy
import msgspec

from colloque.charter.core.conditions import (
    LIFTED_BY,
    Expression,
    Reading,
    dotted,
    entity_findings,
    is_lifted,
    lets_unknown_pass,
    read,
)
from colloque.charter.core.naming import likely_annotation, likely_requirement, likely_type
from colloque.charter.core.problems import Problem
from colloque.charter.core.schema import ATTRIBUTES, FALSE_UNTIL_RECORDED, Path, kinds_of, schema
from colloque.charter.core.source import Place, Statement, deepest_bracket, occurrences, place_at, place_of, statements
from colloque.kernel.vocabulary import ActKind, Requirement

LANGUAGES = ("fr", "en")
ANNOTATIONS = ("id", "fr", "en", "origin", "origin_en", "asks")
ID = re.compile(r"[a-z][a-z0-9-]{0,59}\Z")
LONGEST_WORDS = 600
LONGEST_RULE = 4_000
DEEPEST_BRACKETS = 24
DEEPEST_JSON = 100
LONGEST_TEXT = 200_000
MOST_STUMBLES = 60


def split_words(words: str) -> tuple[str, str]:
    """Words as a title, their first sentence without its full stop, and an explanation, the rest."""
    title, _, explanation = words.partition(". ")
    return title.removesuffix("."), explanation


class Rule(msgspec.Struct, frozen=True):
    """One rule. `words` is keyed by language; the first sentence serves as a title.

    `acts` are the kinds of act it can speak of; `reads` the facts it mentions, `weighs` those whose value matters to it
    and not only their being known; `policy` its form in Cedar's JSON.
    """

    id: str
    effect: str
    words: Mapping[str, str]
    origin: Mapping[str, str]
    asks: Requirement | None
    acts: frozenset[ActKind]
    reads: frozenset[Path]
    weighs: frozenset[Path]
    cedar: str
    line: int
    policy: Mapping[str, Any]
    is_constitution: bool = False

    def title(self, language: str) -> str:
        """The first sentence of the words, without its full stop."""
        return split_words(self.words[language])[0]

    def explanation(self, language: str) -> str:
        """The words after the first sentence."""
        return split_words(self.words[language])[1]

    @property
    def is_unconditional(self) -> bool:
        """Whether it holds for each act of its kinds, whatever the facts."""
        scopes = (self.policy["principal"], self.policy["resource"])
        return not self.policy["conditions"] and all(scope == {"op": "All"} for scope in scopes)


def _depth(json_value: Any) -> int:
    deepest, layer = 0, [json_value]
    while layer:
        layer = [
            inner
            for outer in layer
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
        deepest += 1
    return deepest


def _parse_error(text: str) -> str:
    try:
        cedarpy.policies_to_json_str(text)
    except (RecursionError, ValueError) as error:
        return str(error)
    return ""


def _place_of_error(statement: Statement, told: str) -> Place:
    """Where Cedar stumbled: it names what it did not expect, so the first place is meant before which nothing was wrong."""
    needle = re.search(r"`([^`]+)`", told) or re.search(r"'([^']+)'", told) or re.search(r": (\S+)\Z", told)
    if needle is None:
        return place_of(statement)
    for place in islice(occurrences(statement.text, needle.group(1)), MOST_STUMBLES):
        if "unexpected" not in told or _parse_error(statement.text[:place]) == "unexpected end of input":
            return place_at(statement, place)
    return place_of(statement, needle.group(1))


class _Draft:
    """A statement on its way to being a rule, collecting what is wrong with it."""

    def __init__(self, statement: Statement) -> None:
        self.statement = statement
        self.policy: dict[str, Any] = {}
        self.problems: list[Problem] = []
        self.id = ""

    def report(self, code: str, value: str = "", meant: str = "", *needles: str) -> None:
        self.report_at(place_of(self.statement, *needles), code, value, meant)

    def report_at(self, place: Place, code: str, value: str = "", meant: str = "") -> None:
        self.problems.append(Problem(code, place.line, self.id, value, meant, place.column))

    def parse(self) -> bool:
        text = self.statement.text
        if not self.statement.ended:
            self.report("unfinished")
            return False
        if len(text) > LONGEST_RULE:
            self.report("too-long", f"{LONGEST_RULE}")
            return False
        if deepest_bracket(text) > DEEPEST_BRACKETS:
            self.report("too-deep")
            return False
        try:
            whole = json.loads(cedarpy.policies_to_json_str(text))
        except RecursionError:
            self.report("too-deep")
            return False
        except ValueError as error:
            told = str(error)
            self.report_at(_place_of_error(self.statement, told), "cannot-parse", told)
            return False
        if whole["templates"]:
            self.report("template", "", "", "?principal", "?resource")
            return False
        (self.policy,) = whole["staticPolicies"].values()
        if _depth(self.policy["conditions"]) > DEEPEST_JSON:
            self.report("too-deep")
            return False
        return True

    def annotations(self) -> dict[str, str]:
        given = {name: value or "" for name, value in self.policy.get("annotations", {}).items()}
        self.id = given.get("id", "")
        if not self.id:
            self.report("id-missing")
        elif not ID.match(self.id):
            self.report("id-malformed", self.id, "", "@id")
        for language in LANGUAGES:
            if not given.get(language, "").strip():
                self.report("words-missing", language, "", f"@{language}")
            elif len(given[language]) > LONGEST_WORDS:
                self.report("words-too-long", language, "", f"@{language}")
        if not given.get("origin", "").strip():
            self.report("origin-missing", "", "", "@origin")
        for name in given:
            if name not in ANNOTATIONS:
                self.report("unknown-annotation", name, likely_annotation(name, ANNOTATIONS), f"@{name}")
        return given

    def scope(self) -> frozenset[ActKind]:
        for variable in ("principal", "resource"):
            self._entities(self.policy[variable])
            if self.policy[variable]["op"] == "is" or "entity_type" in self.policy[variable]:
                self._type(str(self.policy[variable]["entity_type"]))
        names = self._entities(self.policy["action"])
        if self.policy["action"]["op"] == "All":
            return frozenset(ActKind)
        return frozenset(kind for name in names for kind in kinds_of(name))

    def _type(self, name: str) -> None:
        if name not in {"AiSystem", "Person"}:
            self.report("unknown-type", name, likely_type(name, ("AiSystem", "Person")), name)

    def _entities(self, scope: Mapping[str, Any]) -> list[str]:
        named = [*scope.get("entities", ()), *([scope["entity"]] if "entity" in scope else ())]
        if isinstance(scope.get("in"), Mapping):
            named.append(scope["in"]["entity"])
        for entity in named:
            for finding in entity_findings(entity["type"], entity["id"]):
                self.report(finding.code, finding.value, finding.likely, finding.needle)
        return [str(entity["id"]) for entity in named]

    def conditions(self) -> tuple[Reading, list[Expression]]:
        clauses: list[Expression] = self.policy["conditions"]
        reading = read(clauses)
        for finding in reading.findings:
            self.report(finding.code, finding.value, finding.likely, finding.needle)
        for path in sorted(lets_unknown_pass(self.policy["effect"], reading)):
            word = "when" if self.policy["effect"] == "permit" else "unless"
            if path in FALSE_UNTIL_RECORDED:
                self.report("silence-lets-pass", dotted(path), f"{word} {{ {dotted(path)} }}", path[-1])
            else:
                known = f"{word} {{ {dotted(path[:-1])} has {path[-1]} && … }}"
                self.report("unknown-lets-pass", dotted(path), known, f"has {path[-1]}", path[-1])
        return reading, clauses

    def asks(self, annotations: Mapping[str, str], clauses: list[Expression]) -> Requirement | None:
        if "asks" not in annotations:
            return None
        known = [requirement.value for requirement in Requirement]
        if annotations["asks"] not in known:
            meant = likely_requirement(annotations["asks"]) or ", ".join(known)
            self.report("unknown-requirement", annotations["asks"], meant, "@asks")
            return None
        requirement = Requirement(annotations["asks"])
        if self.policy["effect"] == "permit":
            self.report("asks-on-permit", "", "", "@asks")
        elif not is_lifted(clauses, requirement):
            self.report("asks-in-vain", requirement.value, LIFTED_BY[requirement], "@asks")
        return requirement

    def validate(self) -> None:
        """Cedar's own strict validation, for whatever the checks above do not name better."""
        for error in cedarpy.validate_policies(self.statement.text, schema()).errors:
            told = re.sub(r"^for policy `[^`]*`, ", "", error.error)
            optional = re.search(r"access to optional attribute `([^`]+)`", told)
            if optional:
                name = optional.group(1).split(".")[-1]
                path = next((p for p in ATTRIBUTES if p[-1] == name), (name,))
                guard = f"{dotted(path[:-1])} has {name} &&"
                self.report("unguarded", dotted(path), guard, dotted(path), name)
            else:
                needle = re.search(r"`([^`]+)`", told)
                self.report("not-valid", told, "", needle.group(1) if needle else "")

    def finish(self, *, is_constitution: bool) -> Rule | None:
        if not self.parse():
            return None
        given = self.annotations()
        acts = self.scope()
        reading, clauses = self.conditions()
        asks = self.asks(given, clauses)
        if not self.problems:
            self.validate()
        if self.problems:
            return None
        return Rule(
            id=self.id,
            effect=self.policy["effect"],
            words={language: given[language].strip() for language in LANGUAGES},
            origin={"fr": given["origin"].strip(), "en": given.get("origin_en", given["origin"]).strip()},
            asks=asks,
            acts=acts,
            reads=reading.reads,
            weighs=reading.weighs,
            cedar=self.statement.text,
            line=self.statement.line,
            policy=self.policy,
            is_constitution=is_constitution,
        )


def read_rules(
    text: str, *, reserved: Iterable[str] = (), is_constitution: bool = False
) -> tuple[tuple[Rule, ...], tuple[Problem, ...]]:
    """The rules of a text and everything to correct in it; `reserved` ids may not be used."""
    if len(text) > LONGEST_TEXT:
        return (), (Problem("too-long", 1, value=f"{LONGEST_TEXT}"),)
    taken = frozenset(reserved)
    rules: list[Rule] = []
    problems: list[Problem] = []
    seen: set[str] = set()
    for statement in statements(text):
        draft = _Draft(statement)
        rule = draft.finish(is_constitution=is_constitution)
        if draft.id in taken:
            draft.report("id-reserved", draft.id, "", "@id")
        elif draft.id and draft.id in seen:
            draft.report("id-twice", draft.id, "", "@id")
        seen.add(draft.id)
        problems.extend(draft.problems)
        if rule is not None and not draft.problems:
            rules.append(rule)
    return tuple(rules), tuple(problems)
