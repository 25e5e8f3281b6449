"""The judge of the engine: Cedar itself, one rule at a time, from the text, with the schema and every fact.

Nothing is shared with the engine: neither slices, nor kept handles, nor its way of writing facts for Cedar.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import cedarpy
import msgspec

from colloque.charter.core.constitution import CANNOT_DECIDE, DEFAULT_DENY
from colloque.charter.core.facts import Facts
from colloque.charter.core.rules import Rule
from colloque.charter.core.schema import schema_text
from colloque.kernel.vocabulary import ACT_TRAITS, Requirement, VerdictKind

TYPES = {
    "status": "ProjectStatus",
    "track": "Track",
    "autonomy": "Autonomy",
    "acts": "Action",
    "situations": "Situation",
    "choice": "Choice",
    "profession": "Profession",
}


@lru_cache(maxsize=1)
def _schema() -> cedarpy.Schema:
    return cedarpy.Schema.from_str(schema_text())


def _typed(name: str, value: Any) -> Any:
    if name not in TYPES:
        return value
    if isinstance(value, list):
        return [{"type": TYPES[name], "id": one} for one in value]
    return {"type": TYPES[name], "id": value}


def _known(part: Any, *, without: Sequence[str] = ()) -> dict[str, Any]:
    fields = msgspec.to_builtins({name: getattr(part, name) for name in part.__struct_fields__})
    return {k: _typed(k, v) for k, v in fields.items() if v is not None and k not in without}


def request(facts: Facts) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The request and the entities as an outsider would write them."""
    traits = ACT_TRAITS[facts.act_kind]
    context: dict[str, Any] = {
        record: _known(getattr(facts, record))
        for record in ("carer", "moment", "presence", "own_assessment", "explicit_yes", "exchange")
    }
    context["establishment"] = {"outage": facts.establishment.outage}
    context["act"] = {"human_value": traits.human_value, "hardship": traits.hardship}
    asked = {
        "principal": {"type": "AiSystem", "id": str(facts.project.id)},
        "action": {"type": "Action", "id": facts.act_kind.value},
        "resource": {"type": "Person", "id": str(facts.person.id)},
        "context": context,
    }
    entities = [
        {"uid": asked["principal"], "attrs": _known(facts.project, without=("id",)), "parents": []},
        {"uid": asked["resource"], "attrs": _known(facts.person, without=("id",)), "parents": []},
    ]
    return asked, entities


def judged(rules: Sequence[Rule], facts: Facts) -> tuple[VerdictKind, tuple[str, ...], frozenset[Requirement]]:
    """Kind of verdict, deciding rules in the order of the text, and what is asked."""
    asked, entities = request(facts)
    speaking: list[Rule] = []
    for rule in rules:
        text = rule.cedar + ("" if rule.effect == "permit" else "\npermit (principal, action, resource);")
        result = cedarpy.is_authorized(asked, text, entities, _schema())
        if result.diagnostics.errors:
            return VerdictKind.REFUSED, (CANNOT_DECIDE,), frozenset()
        if result.allowed is (rule.effect == "permit"):
            speaking.append(rule)
    closing = tuple(rule.id for rule in speaking if rule.effect == "forbid" and rule.asks is None)
    if closing:
        return VerdictKind.REFUSED, closing, frozenset()
    permits = tuple(rule.id for rule in speaking if rule.effect == "permit")
    if not permits:
        return VerdictKind.REFUSED, (DEFAULT_DENY,), frozenset()
    asking = tuple(rule for rule in speaking if rule.asks is not None)
    if asking:
        wanted = frozenset(rule.asks for rule in asking if rule.asks is not None)
        return VerdictKind.ASKS, tuple(rule.id for rule in asking), wanted
    return VerdictKind.PERMITTED, permits, frozenset()
