"""Verdicts in process: how long the charter takes to decide one act.

Forty rules: the constitution, the starter charter, and five more that speak of every act. Each act is decided anew
(`keeps=False`); what a running installation gains by keeping verdicts on the same facts is a figure apart. The alternative
is the plain way with the same library: text and entities parsed at each call, all rules evaluated.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from random import Random
from time import perf_counter
from typing import Any
from uuid import UUID

import cedarpy

from benchmarks.report import Goal, Report, percentile, run
from colloque.charter.core.constitution import packaged
from colloque.charter.core.engine import Charter
from colloque.charter.core.facts import (
    CarerFacts,
    EstablishmentFacts,
    ExplicitYesFacts,
    Facts,
    MomentFacts,
    OwnAssessmentFacts,
    PersonFacts,
    PresenceFacts,
    ProjectFacts,
)
from colloque.charter.core.schema import CONTEXT, ENUMERATIONS, PRINCIPAL, RESOURCE, Attribute, groups_of
from colloque.kernel.vocabulary import (
    ACT_TRAITS,
    ActKind,
    Autonomy,
    ChoiceAnswer,
    Profession,
    ProjectStatus,
    Situation,
    Track,
)

RULES = 40
WORDS = '@fr("Une règle de plus. Elle sert à mesurer.") @en("One more rule. It serves to measure.") @origin("mesure")'
ONE_MORE = (
    '@id("more-{n}") {words} forbid (principal, action, resource) '
    "unless {{ resource has age && resource.age < {limit} && context.moment.hour < {hour} }};\n"
)


def more_rules(count: int) -> str:
    """Rules that speak of every act and refuse none of those measured."""
    return "".join(ONE_MORE.format(n=n, words=WORDS, limit=150 + n, hour=24 + n) for n in range(count))


def acts(count: int) -> list[Facts]:
    """Acts as a day brings them, each different; the same from one run to the next."""
    draw = Random(20261123)
    projects = [
        ProjectFacts(UUID(int=n), ProjectStatus.LIVE, Track.BEDSIDE, autonomy, frozenset(ActKind))
        for n, autonomy in enumerate(Autonomy)
    ]
    carers = [CarerFacts(UUID(int=100 + n), draw.choice(list(Profession)), True, True) for n in range(20)]
    made = []
    for n in range(count):
        carer = draw.choice(carers)
        situations = frozenset(draw.sample(list(Situation), draw.choice((0, 0, 0, 1, 2))))
        made.append(
            Facts(
                project=draw.choice(projects),
                act_kind=draw.choice(list(ActKind)),
                person=PersonFacts(
                    UUID(int=1000 + n),
                    draw.randint(0, 105),
                    situations,
                    draw.choice(list(ChoiceAnswer)),
                    draw.randint(0, 600),
                    draw.randint(0, 90),
                ),
                carer=carer,
                moment=MomentFacts(draw.randint(0, 23), draw.randint(1, 7)),
                establishment=EstablishmentFacts(UUID(int=9)),
                presence=draw.choice((PresenceFacts(), PresenceFacts(True, carer.id))),
                own_assessment=OwnAssessmentFacts(draw.random() < 0.7),
                explicit_yes=ExplicitYesFacts(draw.random() < 0.3),
            )
        )
    return made


def _times(decide: Callable[[Facts], object], many: Sequence[Facts]) -> list[float]:
    taken = []
    for facts in many:
        begun = perf_counter()
        decide(facts)
        taken.append((perf_counter() - begun) * 1e6)
    return sorted(taken)


def _typed(attribute: Attribute, value: Any) -> Any:
    kind = attribute.type.removeprefix("Set<").removesuffix(">")
    if isinstance(value, frozenset):
        return [{"__entity": {"type": kind, "id": one}} for one in sorted(value)]
    if kind in ENUMERATIONS:
        return {"__entity": {"type": kind, "id": value}}
    return str(value) if isinstance(value, UUID) else value


def _known(attributes: Mapping[str, Attribute], source: object) -> dict[str, Any]:
    found = ((name, attribute, getattr(source, name)) for name, attribute in attributes.items())
    return {name: _typed(attribute, value) for name, attribute, value in found if value is not None}


def plain_way(charter: Charter) -> Callable[[Facts], bool]:
    """Cedar without anything kept: all the text and all the entities, parsed at each call."""
    text = "\n".join(rule.cedar for rule in charter.rules)

    def decide(facts: Facts) -> bool:
        principal = {"type": "AiSystem", "id": str(facts.project.id)}
        resource = {"type": "Person", "id": str(facts.person.id)}
        kind = {"type": "Action", "id": facts.act_kind.value}
        groups = [{"type": "Action", "id": group} for group in groups_of(facts.act_kind)]
        entities: list[dict[str, Any]] = [
            {"uid": principal, "attrs": _known(PRINCIPAL, facts.project), "parents": []},
            {"uid": resource, "attrs": _known(RESOURCE, facts.person), "parents": []},
            {"uid": kind, "attrs": {}, "parents": groups},
        ]
        context = {
            record: _known(fields, ACT_TRAITS[facts.act_kind] if record == "act" else getattr(facts, record))
            for record, fields in CONTEXT.items()
        }
        request = {"principal": principal, "action": kind, "resource": resource, "context": context}
        return bool(cedarpy.is_authorized(request, text, entities).allowed)

    return decide


def measure(quick: bool) -> Report:
    """Decide some thousands of acts."""
    many = acts(1_500 if quick else 10_000)
    warm, measured = many[: len(many) // 5], many[len(many) // 5 :]
    own = packaged("starter") + more_rules(RULES - len(Charter.compile(1, packaged("starter")).rules))
    anew = Charter.compile(1, own, keeps=False)
    keeping = Charter.compile(1, own)
    worst = Charter.compile(1, packaged("starter") + more_rules(RULES), keeps=False)
    plain = plain_way(anew)
    assert len(anew.rules) == RULES
    for charter in (anew, worst):
        _times(charter.decide, warm)
    _times(keeping.decide, measured)
    ours = _times(anew.decide, measured)
    kept = _times(keeping.decide, measured)
    whole = _times(worst.decide, measured[: len(measured) // 4])
    parsing = _times(plain, measured[: 150 if quick else 600])
    assert all(anew.decide(facts).is_permitted is plain(facts) for facts in measured[:100]), "both ways must agree"
    p50 = percentile(ours, 0.5)
    return Report(
        "decide",
        {
            "p50_us": p50,
            "p99_us": percentile(ours, 0.99),
            "per_s": len(ours) / sum(ours) * 1e6,
            "all_speak_p50_us": percentile(whole, 0.5),
            "kept_p50_us": percentile(kept, 0.5),
            "kept_per_s": len(kept) / sum(kept) * 1e6,
            "parsing_p50_us": percentile(parsing, 0.5),
        },
        {"parsing": percentile(parsing, 0.5) / p50},
        {"p50_us": Goal(at_most=150)},
        {
            "p50_us": f"a verdict decided anew, {RULES} rules, median",
            "p99_us": "a verdict decided anew, one in a hundred takes longer",
            "per_s": "verdicts decided anew per second, one thread",
            "all_speak_p50_us": f"when {RULES} rules more speak of every act",
            "kept_p50_us": "a verdict on facts already decided",
            "kept_per_s": "verdicts on facts already decided per second, one thread",
            "parsing_p50_us": "cedarpy, text and entities parsed at each call",
            "parsing": "slower: cedarpy, text and entities parsed at each call",
        },
    )


if __name__ == "__main__":
    run("decide", measure)
