"""A concrete case: an act that could be, and how it is told to a person."""

from __future__ import annotations

from collections.abc import Mapping
from operator import attrgetter
from typing import Any
from uuid import UUID

from colloque.charter.core.acts_table import COLUMNS
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
from colloque.charter.core.lexicon import ACTS, CHOICES, DAYS, EVENTS, PROFESSIONS, REACHES, STATES, Named
from colloque.charter.core.schema import Path
from colloque.kernel.vocabulary import ActKind, Autonomy, ChoiceAnswer, Profession, ProjectStatus, Track

A_CARER = UUID(int=1 << 64)
ORDINARY: Mapping[Path, Any] = {
    ("principal", "status"): ProjectStatus.LIVE,
    ("principal", "track"): Track.BEDSIDE,
    ("principal", "autonomy"): Autonomy.SUGGESTS,
    ("principal", "acts"): frozenset(ActKind),
    ("resource", "age"): 45,
    ("resource", "situations"): frozenset(),
    ("resource", "choice"): ChoiceAnswer.YES,
    ("resource", "human_minutes_today"): 120,
    ("resource", "robot_minutes_today"): 0,
    ("context", "carer", "id"): A_CARER,
    ("context", "carer", "profession"): Profession.NURSE,
    ("context", "carer", "attested"): True,
    ("context", "carer", "on_duty"): True,
    ("context", "moment", "hour"): 10,
    ("context", "moment", "weekday"): 2,
    ("context", "presence", "human_present"): True,
    ("context", "presence", "attested_by"): A_CARER,
    ("context", "own_assessment", "made"): True,
    ("context", "explicit_yes", "given"): True,
    ("context", "explicit_yes", "heard_by"): A_CARER,
    ("context", "exchange", "planned"): True,
    ("context", "establishment", "outage"): False,
}
"""An act to which nothing special applies: what a case has in common with it need not be told."""


def facts_of(kind: ActKind, values: Mapping[Path, Any], project: UUID) -> Facts:
    """The facts of an act from the value of each path, `None` where unknown."""

    def part(*owner: str) -> dict[str, Any]:
        return {path[-1]: value for path, value in values.items() if path[:-1] == owner}

    return Facts(
        project=ProjectFacts(project, **part("principal")),
        act_kind=kind,
        person=PersonFacts(UUID(int=2), **part("resource")),
        carer=CarerFacts(**part("context", "carer")),
        moment=MomentFacts(**part("context", "moment")),
        establishment=EstablishmentFacts(UUID(int=3), **part("context", "establishment")),
        presence=PresenceFacts(**part("context", "presence")),
        own_assessment=OwnAssessmentFacts(**part("context", "own_assessment")),
        exchange=ExchangeFacts(**part("context", "exchange")),
        explicit_yes=ExplicitYesFacts(**part("context", "explicit_yes")),
    )


SAID: Mapping[Path, tuple[Named, Named, Named]] = {
    ("context", "carer", "id"): (
        Named("", ""),
        Named("", ""),
        Named("personne ne répond de l’acte", "nobody answers for the act"),
    ),
    ("context", "carer", "attested"): (
        Named("le professionnel est formé", "the professional is trained"),
        Named("le professionnel n’est pas formé", "the professional is not trained"),
        Named("on ne sait pas si le professionnel est formé", "nobody knows whether the professional is trained"),
    ),
    ("context", "carer", "on_duty"): (
        Named("le professionnel est en service", "the professional is on duty"),
        Named("le professionnel n’est pas en service", "the professional is not on duty"),
        Named("on ne sait pas si le professionnel est en service", "nobody knows whether the professional is on duty"),
    ),
    ("context", "presence", "human_present"): (
        Named("un professionnel est présent", "a professional is present"),
        Named("aucun professionnel n’est présent", "no professional is present"),
        Named("on ne sait pas si un professionnel est présent", "nobody knows whether a professional is present"),
    ),
    ("context", "presence", "attested_by"): (
        Named("", ""),
        Named("", ""),
        Named("personne n’a confirmé cette présence avec son nom", "nobody has confirmed that presence by name"),
    ),
    ("context", "own_assessment", "made"): (
        Named("le soignant a noté son propre avis", "the carer has noted their own opinion"),
        Named("le soignant n’a pas noté son propre avis", "the carer has not noted their own opinion"),
        Named("", ""),
    ),
    ("context", "explicit_yes", "given"): (
        Named("la personne dit oui à cet acte", "the person says yes to this act"),
        Named("la personne n’a pas dit oui à cet acte", "the person has not said yes to this act"),
        Named("", ""),
    ),
    ("context", "explicit_yes", "heard_by"): (
        Named("", ""),
        Named("", ""),
        Named("personne n’a entendu ce oui", "nobody has heard that yes"),
    ),
    ("context", "exchange", "planned"): (
        Named("un moment pour en parler est prévu", "a time to talk about it is planned"),
        Named("aucun moment pour en parler n’est prévu", "no time to talk about it is planned"),
        Named("on ne sait pas si un échange est prévu", "nobody knows whether an exchange is planned"),
    ),
    ("context", "establishment", "outage"): (
        Named("l’IA est arrêtée dans l’établissement", "AI is switched off in the establishment"),
        Named("l’IA n’est pas arrêtée dans l’établissement", "AI is not switched off in the establishment"),
        Named("", ""),
    ),
}
STATUSES: Mapping[ProjectStatus, Named] = {
    ProjectStatus.DRAFT: Named("le projet n’a pas commencé", "the project has not begun"),
    ProjectStatus.LIVE: Named("le projet est en service", "the project is in service"),
    ProjectStatus.SUSPENDED: Named("le projet est suspendu", "the project is suspended"),
}
NOT_KNOWN: Mapping[Path, Named] = {
    ("resource", "age"): Named("on ne connaît pas l’âge de la personne", "the person’s age is not known"),
    ("resource", "situations"): Named(
        "on ne sait pas ce que la personne traverse", "what the person is going through is not known"
    ),
    ("resource", "human_minutes_today"): Named(
        "on ne connaît pas le temps passé avec des humains aujourd’hui", "the time spent with humans today is not known"
    ),
    ("resource", "robot_minutes_today"): Named(
        "on ne connaît pas le temps passé avec une machine aujourd’hui",
        "the time spent with a machine today is not known",
    ),
    ("context", "carer", "profession"): Named(
        "on ne connaît pas le métier du professionnel", "the professional’s profession is not known"
    ),
}


def _told(path: Path, value: Any, language: str) -> list[str]:
    if path in SAID:
        yes, no, unknown = SAID[path]
        words = (unknown if value is None else no if value is False else yes)(language)
        return [words] if words else []
    if value is None:
        return [NOT_KNOWN[path](language)]
    if path == ("resource", "age"):
        return [Named(f"la personne a {value} ans", f"the person is {value} years old")(language)]
    if path == ("resource", "situations"):
        states = [
            Named("la personne est ", "the person is ")(language) + STATES[s](language) for s in STATES if s in value
        ]
        events = [Named("la personne ", "the person ")(language) + EVENTS[s](language) for s in EVENTS if s in value]
        return states + events
    if path == ("resource", "choice"):
        return [Named("la personne ", "the person ")(language) + CHOICES[value](language)]
    if path[-1] in {"human_minutes_today", "robot_minutes_today"}:
        fr, en = ("des humains", "humans") if path[-1].startswith("human") else ("une machine", "a machine")
        return [Named(f"{value} min avec {fr} aujourd’hui", f"{value} minutes with {en} today")(language)]
    if path == ("context", "moment", "hour"):
        return [Named(f"il est {value} h", f"it is {value}:00")(language)]
    if path == ("context", "moment", "weekday"):
        return [Named("c’est un ", "it is a ")(language) + DAYS[value - 1](language)]
    if path == ("context", "carer", "profession"):
        return [Named("le professionnel est ", "the professional is ")(language) + PROFESSIONS[value](language)]
    if path == ("principal", "autonomy"):
        return [Named("l’IA ", "the AI ")(language) + REACHES[value](language)]
    if path == ("principal", "status"):
        return [STATUSES[value](language)]
    return []


def case_told(
    facts: Facts, language: str, always: frozenset[Path] = frozenset({("resource", "age")})
) -> tuple[str, ...]:
    """A case in words, in `fr` or `en`: the act, then whatever is not ordinary about it, and the facts in `always`."""
    phrases = [ACTS[facts.act_kind](language)]
    for path, ordinary in ORDINARY.items():
        value = attrgetter(COLUMNS[path])(facts)
        if path == ("principal", "acts"):
            if facts.act_kind not in value:
                phrases.append(
                    Named("le projet n’a pas annoncé cet acte", "the project did not announce this act")(language)
                )
        elif path in always or value != ordinary:
            phrases.extend(_told(path, value, language))
    return tuple(dict.fromkeys(phrases))
