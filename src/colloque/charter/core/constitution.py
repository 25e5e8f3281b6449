"""The texts that ship with the software: the constitution beneath every charter, a charter to start from, and options."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.resources import files

from colloque.charter.core.problems import InvalidCharterError, Problem
from colloque.charter.core.rules import Rule, read_rules

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
TEXTS = ("constitution", "starter", "options")


@cache
def packaged(name: str) -> str:
    """One of `TEXTS`, in Cedar."""
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


@lru_cache(maxsize=32)
def establishment_rules(cedar: str) -> tuple[tuple[Rule, ...], tuple[Problem, ...]]:
    """An establishment's own rules, and everything to correct before the text can be its charter."""
    return read_rules(cedar, reserved=reserved_ids())
